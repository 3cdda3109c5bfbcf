"""The record as pairs of key and text, one list a component, and back again.

A key is the field's label; `` (channel 2)`` follows where there are several, counted from 1. A
list repeats its key. After a term's label comes its address under ``<label> Term IRI``; after a
value that is not plainly stated, ``<label> (trust)`` says ``guessed`` or ``derived``. Where there
is no value on purpose, ``<label> (state)`` says ``unknown``, ``not applicable`` or ``empty``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from napari_fair.model import (
    Kind,
    Organization,
    Origin,
    Quantity,
    Recorded,
    State,
    Term,
    Trust,
    field,
    fields,
    join_path,
    organization_text,
    person_text,
    split_path,
    value_type,
)
from napari_fair.sidecar.ome_words import number

if TYPE_CHECKING:
    from napari_fair.model import Dataset, Field

Pairs = list[tuple[str, str]]

_IRI, _STATE, _TRUST = " Term IRI", " (state)", " (trust)"
_NUMBERED = re.compile(r"(?P<label>.+) \((?P<block>[a-z ]+) (?P<number>[1-9]\d{0,6})\)")
_ORGANIZATION = re.compile(r"(?P<name>.*?)(?: <(?P<ror>https?://[^<>]+)>)?", re.DOTALL)


def key(path: str) -> str:
    """Return the key of a field: its label, with a number where there are several."""
    name, index = split_path(path)
    declared = field(name)
    if index is None:
        return declared.label
    return f"{declared.label} ({declared.block.replace('_', ' ')} {index + 1})"


def pairs_of(dataset: Dataset, path: str, recorded: Recorded[Any]) -> Pairs:
    """Return the pairs that say a value, or why there is none."""
    label, kind = key(path), field(split_path(path)[0]).kind
    if not recorded.given:
        return [(label + _STATE, recorded.state.value)]
    pairs = list(_WRITERS[kind](dataset, label, recorded.value))
    if pairs and recorded.trust is not Trust.STATED:
        pairs.append((label + _TRUST, recorded.trust.value))
    return pairs


def instrument_text(dataset: Dataset, id: str) -> str:
    """Return what people call an instrument, empty when it has no name."""
    instrument = dataset.instrument(id)
    if instrument is None:
        return ""
    if instrument.label:
        return instrument.label
    named = (instrument.manufacturer, instrument.model)
    return " ".join(part.value for part in named if part is not None and part.value)


def _terms(label: str, terms: Iterable[Term]) -> Iterator[tuple[str, str]]:
    for term in terms:
        yield label, term.label
        if term.iri:
            yield label + _IRI, term.iri


def _people(dataset: Dataset, label: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    for id in ids:
        person = dataset.person(id)
        if person is not None:
            yield label, person_text(person)


def _instrument(dataset: Dataset, label: str, id: str) -> Iterator[tuple[str, str]]:
    if text := instrument_text(dataset, id):
        yield label, text


_Writer = Callable[["Dataset", str, Any], Iterable[tuple[str, str]]]


def _plain(dataset: Dataset, label: str, value: Any) -> Pairs:
    return [(label, str(value))]


_WRITERS: dict[Kind, _Writer] = {
    Kind.TEXT: _plain,
    Kind.LONG_TEXT: _plain,
    Kind.ADDRESS: _plain,
    Kind.CHOICE: _plain,
    Kind.DATE: _plain,
    Kind.DATETIME: _plain,
    Kind.INTEGER: _plain,
    Kind.TEXTS: lambda _, label, texts: [(label, text) for text in texts],
    Kind.CHOICES: lambda _, label, texts: [(label, text) for text in texts],
    Kind.NUMBER: lambda _, label, value: [(label, number(value))],
    Kind.QUANTITY: lambda _, label, value: [(label, f"{number(value.value)} {value.unit}")],
    Kind.TERM: lambda _, label, value: _terms(label, [value]),
    Kind.TERMS: lambda _, label, value: _terms(label, value),
    Kind.PEOPLE: _people,
    Kind.ORGANIZATION: lambda _, label, value: [(label, organization_text(value))],
    Kind.INSTRUMENT: _instrument,
}

_AS_TEXT = frozenset({Kind.PEOPLE, Kind.INSTRUMENT})


def values_from(
    component: str, pairs: Iterable[tuple[str, str]], where: str
) -> tuple[dict[str, Recorded[Any]], dict[str, str]]:
    """Return values by path, and text forms of what needs shared blocks, from a component's pairs.

    Parameters
    ----------
    component
        The component's name, e.g. ``biosample``.
    pairs
        Its keys and texts in order. Keys and texts that mean nothing are left out.
    where
        The sidecar, for the origin of the values.
    """
    said: dict[str, _Said] = {}
    for label, text in pairs:
        found = _path_and_suffix(component, label)
        if found is not None:
            said.setdefault(found[0], _Said()).take(found[1], text)
    values: dict[str, Recorded[Any]] = {}
    texts: dict[str, str] = {}
    for path, what in said.items():
        kind = field(split_path(path)[0]).kind
        if kind in _AS_TEXT and what.texts:
            texts[path] = "; ".join(text for text, _ in what.texts)
            continue
        recorded = _recorded(kind, what, where)
        if recorded is not None:
            values[path] = recorded
    return values, texts


class _Said:
    """What the pairs of one field say."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []
        self.state = State.GIVEN
        self.trust = Trust.STATED

    def take(self, suffix: str, text: str) -> None:
        if suffix == "":
            self.texts.append((text, ""))
        elif suffix == _IRI and self.texts:
            self.texts[-1] = (self.texts[-1][0], text)
        elif suffix == _STATE and text in set(State):
            self.state = State(text)
        elif suffix == _TRUST and text in set(Trust):
            self.trust = Trust(text)


def _path_and_suffix(component: str, label: str) -> tuple[str, str] | None:
    for suffix in (_IRI, _STATE, _TRUST, ""):
        if label.endswith(suffix):
            path = _path(component, label.removesuffix(suffix) if suffix else label)
            if path is not None:
                return path, suffix
    return None


def _path(component: str, label: str) -> str | None:
    declared = _by_label(component, label)
    if declared is not None and not declared.repeated:
        return declared.name
    found = _NUMBERED.fullmatch(label)
    declared = _by_label(component, found["label"]) if found else None
    if found is None or declared is None or not declared.repeated:
        return None
    return join_path(declared.name, int(found["number"]) - 1)


def _by_label(component: str, label: str) -> Field | None:
    return next((f for f in fields().values() if (f.block, f.label) == (component, label)), None)


def _recorded(kind: Kind, said: _Said, where: str) -> Recorded[Any] | None:
    about = {"origin": Origin.SIDECAR.value, "where": where, "trust": said.trust}
    if not said.texts and said.state is State.GIVEN:
        return None
    try:
        content = _content(kind, said)
        recorded: Recorded[Any] = value_type(kind).validate_python({**content, **about})
    except ValidationError:
        return None
    return recorded


def _content(kind: Kind, said: _Said) -> dict[str, Any]:
    if not said.texts:
        return {"state": said.state}
    return {"value": _READERS[kind](said.texts) if kind in _READERS else said.texts[0][0]}


def _quantity(texts: list[tuple[str, str]]) -> Quantity | None:
    value, _, unit = texts[0][0].partition(" ")
    try:
        return Quantity(value=float(value), unit=unit)
    except ValueError:
        return None


def _organization(texts: list[tuple[str, str]]) -> Organization | None:
    found = _ORGANIZATION.fullmatch(texts[0][0])
    return Organization(name=found["name"], ror=found["ror"] or "") if found else None


_READERS: dict[Kind, Callable[[list[tuple[str, str]]], Any]] = {
    Kind.TEXTS: lambda texts: tuple(text for text, _ in texts),
    Kind.CHOICES: lambda texts: tuple(text for text, _ in texts),
    Kind.QUANTITY: _quantity,
    Kind.TERM: lambda texts: Term(label=texts[0][0], iri=texts[0][1]),
    Kind.TERMS: lambda texts: tuple(Term(label=text, iri=iri) for text, iri in texts),
    Kind.ORGANIZATION: _organization,
}
