"""Judge one value of one field: is it an answer, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from napari_fair.model import (
    Dataset,
    Field,
    Kind,
    Origin,
    Person,
    Quantity,
    Recorded,
    State,
    Term,
    Trust,
)
from napari_fair.readiness.report import Status
from napari_fair.vocabulary import check_pair

_LONGEST = 60


@dataclass(frozen=True)
class Judgement:
    """The status of one field for one image, the evidence, and an action if there is a special one.

    `doubt` tells that the value was guessed or inferred, so that evidence can say so.
    """

    status: Status
    evidence: str
    action: str = ""
    doubt: str = ""


NOTHING = Judgement(Status.MISSING, "nothing is recorded")
_STATES = {
    State.EMPTY: Judgement(Status.MISSING, "left empty"),
    State.UNKNOWN: Judgement(Status.MISSING, "recorded as unknown"),
    State.NOT_APPLICABLE: Judgement(Status.NOT_APPLICABLE, "recorded as not applicable"),
}


def judge(
    dataset: Dataset, field: Field, recorded: Recorded[Any] | None, placeholders: frozenset[str]
) -> Judgement:
    """Judge the value in force for a field.

    Parameters
    ----------
    dataset
        The record, for the people and instruments that values point to.
    field
        The field's declaration.
    recorded
        The value in force.
    placeholders
        Texts that are no answer, in lower case; the empty text is one of them.
    """
    if recorded is None:
        return NOTHING
    if not recorded.given:
        return _STATES[recorded.state]
    value: Any = recorded.value
    if isinstance(value, str) and value.strip().casefold() in placeholders:
        return Judgement(Status.MISSING, f"{value.strip()!r} is not an answer")
    doubt = _doubt(recorded)
    if field.kind is Kind.PEOPLE:
        return _people(dataset, value, doubt)
    if field.kind is Kind.INSTRUMENT:
        return _instrument(dataset, value, doubt)
    if field.kind in (Kind.TERM, Kind.TERMS):
        return _terms(value if isinstance(value, tuple) else (value,), doubt)
    if field.kind in (Kind.TEXTS, Kind.CHOICES):
        return _texts(value, placeholders, doubt)
    return Judgement(Status.PASSED, shown(value) + doubt, doubt=doubt)


def _doubt(recorded: Recorded[Any]) -> str:
    if recorded.trust is Trust.GUESSED:
        return " (guessed: please confirm)"
    if recorded.origin == Origin.INFERRED:
        return " (inferred)"
    return ""


def _people(dataset: Dataset, ids: tuple[str, ...], doubt: str) -> Judgement:
    people = [person for id in ids if (person := dataset.person(id)) and person.name.strip()]
    if not people:
        return Judgement(Status.MISSING, "no author has a name")
    evidence = f"{len(people)} with a name, {_with_orcid(people)} with an ORCID iD{doubt}"
    if len(people) < len(ids):
        return Judgement(Status.PARTLY, f"{evidence}, of {len(ids)}", doubt=doubt)
    return Judgement(Status.PASSED, evidence, doubt=doubt)


def _with_orcid(people: list[Person]) -> str:
    number = sum(bool(person.orcid) for person in people)
    return str(number) if number else "none"


def _instrument(dataset: Dataset, id: str, doubt: str) -> Judgement:
    instrument = dataset.instrument(id)
    if instrument is None:
        return Judgement(Status.MISSING, "it points to an instrument that is not in the record")
    given = [value for _, recorded in instrument.recorded() if (value := recorded.value)]
    name = instrument.label.strip() or " ".join(map(str, given))
    if not name:
        return Judgement(Status.PARTLY, "the instrument has no name")
    return Judgement(Status.PASSED, shown(name) + doubt, doubt=doubt)


def _terms(terms: tuple[Term, ...], doubt: str) -> Judgement:
    free = [term.label for term in terms if not term.iri]
    if free:
        words = ", ".join(map(shown, free))
        action = f"Choose the term that {words} stands for."
        return Judgement(Status.PARTLY, f"{words} is not yet a term{doubt}", action, doubt)
    wrong = [sentence for term in terms if (sentence := check_pair(term))]
    if wrong:
        return Judgement(Status.PARTLY, wrong[0] + doubt, "Choose the term that was meant.", doubt)
    labels = ", ".join(term.label for term in terms)
    return Judgement(Status.PASSED, shown(labels) + doubt, doubt=doubt)


def _texts(texts: tuple[str, ...], placeholders: frozenset[str], doubt: str) -> Judgement:
    answers = [text for text in texts if text.strip().casefold() not in placeholders]
    if not answers:
        return Judgement(Status.MISSING, f"{'; '.join(texts)!r} is not an answer")
    return Judgement(Status.PASSED, shown("; ".join(answers)) + doubt, doubt=doubt)


def shown(value: Any) -> str:
    """Return a value as it can stand in a sentence: on one line, short, with its unit."""
    if isinstance(value, Quantity):
        return f"{value.value:g} {value.unit}"
    text = " ".join(str(value).split())
    return f"'{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}'"
