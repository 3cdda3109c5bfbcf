"""Rule sets: one rule for each field of a level, and a file for what is special about some."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from napari_fair.files import FairError
from napari_fair.model import Field, Level, field, fields_at

_FOLDER = Path(__file__).parent / "rules"


@dataclass(frozen=True)
class Condition:
    """When a field is asked for at all: when the number in another field is above a limit.

    Attributes
    ----------
    field
        The field that holds the number.
    above
        The limit.
    otherwise
        Why it does not apply, in words.
    """

    field: str
    above: int
    otherwise: str


@dataclass(frozen=True)
class Rule:
    """What is asked of a record: one field, or several that people think of as one.

    Attributes
    ----------
    id, title
        The rule's name in files, and for people.
    fields
        What has to be there.
    conditions
        When a field is asked for, by its name; without one it always is.
    actions
        What to do about a field, by its name.
    """

    id: str
    title: str
    fields: tuple[Field, ...]
    conditions: Mapping[str, Condition]
    actions: Mapping[str, str]


@dataclass(frozen=True)
class RuleSet:
    """The rules of one target.

    Attributes
    ----------
    name, title, version, source
        Name of the file, name for people, version of the rules, and who asks for this.
    placeholders
        Texts that are no answer, in lower case.
    """

    name: str
    title: str
    version: str
    source: str
    rules: tuple[Rule, ...]
    placeholders: frozenset[str]


def rule_sets() -> list[str]:
    """Return the names of the rule sets."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


@cache
def rule_set(name: str) -> RuleSet:
    """Return a rule set by name.

    Raises
    ------
    FairError
        If there is none of this name.
    """
    if name not in rule_sets():
        raise FairError(
            f"There is no rule set {name!r}; choose one of these: {', '.join(rule_sets())}."
        )
    said = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return RuleSet(
        name=name,
        title=said["title"],
        version=said["version"],
        source=said["source"],
        rules=tuple(_rules(said)),
        placeholders=frozenset(said.get("placeholders", ())),
    )


def _rules(said: dict[str, Any]) -> list[Rule]:
    """Return a rule for each field of the level; a group stands where its first field stood."""
    groups = {name: group for group in said.get("group", ()) for name in group["fields"]}
    rules: dict[str, Rule] = {}
    for declared in fields_at(Level(said["level"])):
        group = groups.get(declared.name)
        id = group["id"] if group else declared.name
        if id not in rules:
            rules[id] = _group(group, said) if group else _single(declared, said)
    return list(rules.values())


def _single(declared: Field, said: dict[str, Any]) -> Rule:
    return _rule(declared.name, declared.label, (declared,), said, "")


def _group(group: dict[str, Any], said: dict[str, Any]) -> Rule:
    members = tuple(field(name) for name in group["fields"])
    return _rule(group["id"], group["title"], members, said, group["action"])


def _rule(
    id: str, title: str, members: tuple[Field, ...], said: dict[str, Any], action: str
) -> Rule:
    conditions, actions = said.get("condition", {}), said.get("action", {})
    return Rule(
        id=id,
        title=title,
        fields=members,
        conditions={
            m.name: Condition(**conditions[m.name]) for m in members if m.name in conditions
        },
        actions={m.name: actions.get(m.name) or action or _default_action(m) for m in members},
    )


def _default_action(declared: Field) -> str:
    example = f", e.g. {declared.example}" if declared.example else ""
    return f"Enter {declared.label}{example}."
