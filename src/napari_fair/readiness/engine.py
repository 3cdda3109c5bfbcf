"""Go through the rules for every image of a record; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from napari_fair.model import (
    Dataset,
    Field,
    Image,
    ImageSource,
    Recorded,
    linked_block,
    resolve,
    resolve_all,
)
from napari_fair.readiness.judgement import Judgement, judge
from napari_fair.readiness.report import Report, Result, Status
from napari_fair.readiness.rules import Condition, Rule, RuleSet, rule_set

_BY_URGENCY = (
    Status.MISSING,
    Status.PARTLY,
    Status.NOT_CHECKED,
    Status.PASSED,
    Status.NOT_APPLICABLE,
)
_FINE = (Status.PASSED, Status.NOT_APPLICABLE)
_NO_IMAGE = Judgement(Status.NOT_CHECKED, "there is no image in the record", "Add an image.")
_UNDECIDED = Judgement(
    Status.PARTLY,
    "two or more values wait for a decision",
    "Decide which of the listed values is right.",
)


def check(dataset: Dataset, *, rules: str = "essentials") -> Report:
    """Check a record against a rule set.

    Parameters
    ----------
    dataset
        The record; it is only read.
    rules
        The rule set's name, see `rule_sets`.

    Returns
    -------
    Report
        One result a rule. A rule is passed only when every image meets it; what is inherited
        counts for each image that inherits it.

    Raises
    ------
    FairError
        If there is no such rule set.
    """
    chosen = rule_set(rules)
    checker = _Checker(dataset, chosen)
    results = tuple(_result(rule, checker.judged(rule), checker.places) for rule in chosen.rules)
    return Report(chosen.name, chosen.title, chosen.version, results)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Images, by number, of which the same was found: a judgement for each field of the rule."""

    found: tuple[Judgement, ...]
    status: Status
    places: list[int]


class _Checker:
    """Judges fields for images, each stored value once."""

    def __init__(self, dataset: Dataset, rules: RuleSet) -> None:
        self._dataset = dataset
        self._placeholders = rules.placeholders | {""}
        self._undecided = {(conflict.subject, conflict.path) for conflict in dataset.conflicts}
        self._known: dict[tuple[object, ...], Judgement] = {}
        self.places = [(source, image) for source in dataset.sources for image in source.images]

    def judged(self, rule: Rule) -> list[_Judged]:
        """Judge the fields of a rule for every image; those of which the same holds together."""
        columns = [self._column(field, rule.conditions.get(field.name)) for field in rule.fields]
        alike: dict[tuple[int, ...], _Judged] = {}
        for place, found in enumerate(zip(*columns, strict=True)):
            key = tuple(map(id, found))
            group = alike.get(key)
            if group is None:
                group = alike[key] = _Judged(found, _combined({j.status for j in found}), [])
            group.places.append(place)
        return list(alike.values())

    def _column(self, field: Field, condition: Condition | None) -> Iterator[Judgement]:
        """Judge one field for every image, or for a record without any."""
        if not self.places:
            held = resolve(self._dataset, None, None, field.name)
            judged = self._judge(field, held.recorded if held else None)
            yield _NO_IMAGE if field.per_image else judged
        values = resolve_all(self._dataset, self.places, field.name)
        unmet = self._unmet(condition) if condition else repeat(None)
        for place, recorded, reason in zip(self.places, values, unmet, strict=False):
            if reason is not None and (recorded is None or not recorded.given):
                yield reason
            elif self._undecided and self._is_undecided(field, *place):
                yield _UNDECIDED
            else:
                yield self._judge(field, recorded)

    def _judge(self, field: Field, recorded: Recorded[Any] | None) -> Judgement:
        """Judge a value, once wherever the same was said in the same way."""
        key: tuple[object, ...] = (field.name,)
        if recorded is not None:
            said = (recorded.value, recorded.state, recorded.trust, recorded.origin)
            key = (field.name, *said)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = judge(self._dataset, field, recorded, self._placeholders)
        return found

    def _unmet(self, condition: Condition) -> Iterator[Judgement | None]:
        """Yield for every image why a field is not asked for, None where it is."""
        what = condition.field.split(".")[1]
        unknown = f"{what} is unknown, which decides if it applies"
        undecidable = Judgement(Status.NOT_CHECKED, unknown)
        inapplicable = Judgement(Status.NOT_APPLICABLE, condition.otherwise)
        for recorded in resolve_all(self._dataset, self.places, condition.field):
            if recorded is None or recorded.value is None:
                yield undecidable
            else:
                yield None if recorded.value > condition.above else inapplicable

    def _is_undecided(self, field: Field, source: ImageSource, image: Image) -> bool:
        block = linked_block(self._dataset, source, image, field.block)
        holders = [part.id for part in (source, image, block) if part is not None]
        return any((holder, field.name) in self._undecided for holder in holders)


def _result(rule: Rule, groups: list[_Judged], places: list[tuple[ImageSource, Image]]) -> Result:
    status = _combined({group.status for group in groups})
    worst = [_most_urgent(column) for column in zip(*(g.found for g in groups), strict=True)]
    first = 0 if status in _FINE else worst.index(_most_urgent(worst))
    name = rule.fields[first].name
    lacking = sorted(n for group in groups if group.status not in _FINE for n in group.places)
    return Result(
        rule=rule.id,
        title=rule.title,
        status=status,
        evidence=_evidence_for(rule, groups) if status in _FINE else _lack(rule, first, groups),
        action="" if status in _FINE else worst[first].action or rule.actions[name],
        field=name,
        images=tuple(places[n][1].id for n in lacking if places),
    )


def _combined(statuses: set[Status]) -> Status:
    """Combine what holds for parts: met only when every part that applies is met."""
    kinds = statuses - {Status.NOT_APPLICABLE}
    if not kinds:
        return Status.NOT_APPLICABLE
    if len(kinds) == 1:
        return next(iter(kinds))
    return Status.MISSING if kinds == {Status.MISSING, Status.NOT_CHECKED} else Status.PARTLY


def _most_urgent(judgements: Iterable[Judgement]) -> Judgement:
    return min(judgements, key=lambda judgement: _BY_URGENCY.index(judgement.status))


def _lack(rule: Rule, first: int, groups: list[_Judged]) -> str:
    """Say what is wrong with the field that is worst off, and on how many images all is well."""
    said = _most_urgent(group.found[first] for group in groups).evidence
    if len(rule.fields) > 1:
        said = f"{rule.fields[first].label}: {said}"
    fine = _number([group for group in groups if group.status in _FINE])
    return f"on {fine} of {_number(groups)} images; otherwise {said}" if fine else said


def _number(groups: list[_Judged]) -> int:
    return sum(len(group.places) for group in groups)


def _evidence_for(rule: Rule, groups: list[_Judged]) -> str:
    """Say what meets the rule, once when it is the same on all images."""
    said = {_values(rule, group) for group in groups}
    if len(said) == 1:
        return said.pop()
    doubtful = _number([g for g in groups if any(judgement.doubt for judgement in g.found)])
    doubt = f", guessed or inferred on {doubtful}" if doubtful else ""
    return f"{len(said)} different values on {_number(groups)} images{doubt}"


def _values(rule: Rule, group: _Judged) -> str:
    if len(rule.fields) == 1:
        return group.found[0].evidence
    told = list(zip(rule.fields, group.found, strict=True))
    given = [pair for pair in told if pair[1].status is Status.PASSED]
    return ", ".join(f"{field.label} {judgement.evidence}" for field, judgement in given or told)
