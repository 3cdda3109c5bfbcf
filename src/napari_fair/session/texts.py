"""The one text form of values that forms, the terminal, presets and tables share.

Lists are separated by ``;``, terms are given by label, id or friendly name, quantities with their
unit, people as ``Name <ORCID> <e-mail> @ Institution <ROR>``. The words ``unknown`` and
``not applicable`` stand for these states.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import Any

from pydantic import ValidationError

from napari_fair.files import FairError
from napari_fair.model import (
    CREDIT_ROLES,
    Dataset,
    Field,
    Instrument,
    Kind,
    Organization,
    Person,
    Quantity,
    Recorded,
    State,
    Term,
    derived_id,
    organization_text,
    person_id,
    person_text,
    value_type,
)
from napari_fair.model.units import UNKNOWN_UNITS, canonical_unit, convert
from napari_fair.vocabulary import find, iri_of
from napari_fair.vocabulary.identifiers import short_id

STATE_WORDS = {
    "unknown": State.UNKNOWN,
    "not applicable": State.NOT_APPLICABLE,
    "n/a": State.NOT_APPLICABLE,
}
_SQUARE = re.compile(r"\[([^\[\]]*)\]")
DOI = re.compile(r"^(?:doi:|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)$", re.IGNORECASE)
_ANGLED = re.compile(r"<([^<>]*)>")
QUANTITY = re.compile(r"^([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*(.*)$")
ORCID = re.compile(r"^(?:https?://orcid\.org/)?(\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx])/?$")
ROR = re.compile(r"^(?:https?://)?(?:ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}\d{2})/?$")
EMAIL = re.compile(r"^(?:mailto:)?[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")


_UNIT = re.compile(r"[^\W\d_]{1,30}(?: [^\W\d_]{1,30})?")
"""One unit by name: pint would also calculate what a text says, for hours."""
_NO_LENGTH = UNKNOWN_UNITS | {"dot", "pel", "css_pixel", "point", "points", "pica", "picas"}
"""Units that pint gives a length on paper: a pixel of an image has none."""
_FAHRENHEIT = re.compile(r"^(°\s?F|℉|F|fahrenheit)$", re.IGNORECASE)
_LARGEST_INTEGER = 2**53
"""What every program that reads JSON can hold."""


class InvalidValue(FairError):
    """A text that is no value of its field; the message says what would be.

    Attributes
    ----------
    wanted
        What is wrong with the text, without the field's name; empty for other reasons.
    """

    wanted = ""


class Parsing:
    """Texts into values of one record; new people and instruments join it.

    Attributes
    ----------
    dataset
        The record with what the texts added.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def recorded(self, field: Field, text: str, *, origin: str, where: str) -> Recorded[Any] | None:
        """Return what a text records for a field; None when it is blank.

        Raises
        ------
        InvalidValue
            If the text is no value of the field.
        """
        text = text.strip()
        if not text:
            return None
        state = STATE_WORDS.get(text.casefold())
        if state is not None:
            return Recorded(state=state, origin=origin, where=where)
        try:
            said = {"value": self._value(field, text), "origin": origin, "where": where}
            recorded: Recorded[Any] = value_type(field.kind).validate_python(said)
        except (ValidationError, UnicodeEncodeError) as problem:
            raise _invalid(field, text, "it holds characters that cannot be stored") from problem
        return recorded

    def _value(self, field: Field, text: str) -> Any:
        readers: dict[Kind, Callable[[Field, str], Any]] = {
            Kind.TEXT: _named,
            Kind.TEXTS: lambda _, t: tuple(parts(t)),
            Kind.INTEGER: _integer,
            Kind.NUMBER: _number,
            Kind.QUANTITY: _quantity,
            Kind.DATE: _date,
            Kind.DATETIME: _datetime,
            Kind.TERM: term,
            Kind.TERMS: lambda f, t: tuple(term(f, part) for part in parts(t)),
            Kind.PEOPLE: self._people,
            Kind.ORGANIZATION: lambda f, t: _organization(f, t),
            Kind.INSTRUMENT: self._instrument,
            Kind.ADDRESS: _address,
            Kind.CHOICE: _choice,
            Kind.CHOICES: lambda f, t: tuple(_choice(f, part) for part in parts(t)),
        }
        read = readers.get(field.kind)
        return text if read is None else read(field, text)

    def _people(self, field: Field, text: str) -> tuple[str, ...]:
        people = [self._person(field, part) for part in parts(text)]
        return tuple(dict.fromkeys(person.id for person in people))

    def _person(self, field: Field, text: str) -> Person:
        written = read_person(field, text)
        known = next((p for p in self.dataset.people if _same_person(p, written)), None)
        person = written if known is None else _completed(known, written)
        others = tuple(p for p in self.dataset.people if p.id != person.id)
        if known is None:
            everybody = (*others, person)
        else:
            everybody = tuple(person if p.id == person.id else p for p in self.dataset.people)
        self.dataset = self.dataset.model_copy(update={"people": everybody})
        return person

    def _instrument(self, _: Field, text: str) -> str:
        for known in self.dataset.instruments:
            if known.label.casefold() == text.casefold():
                return known.id
        id = derived_id(self.dataset.id, "instrument", text)
        while any(known.id == id for known in self.dataset.instruments):  # one that was renamed
            id = derived_id(id)
        instrument = Instrument(id=id, label=text)
        instruments = (*self.dataset.instruments, instrument)
        self.dataset = self.dataset.model_copy(update={"instruments": instruments})
        return instrument.id


def text_of(dataset: Dataset, field: Field, recorded: Recorded[Any] | None) -> str:
    """Return the text form of a value, empty when there is none."""
    if recorded is None or recorded.state is State.EMPTY:
        return ""
    if not recorded.given:
        return recorded.state.value
    value: Any = recorded.value
    match field.kind:
        case Kind.TEXTS | Kind.CHOICES:
            return "; ".join(value)
        case Kind.NUMBER:
            return f"{value:.12g}"
        case Kind.QUANTITY:
            return f"{value.value:.12g} {value.unit}"
        case Kind.TERM:
            return term_text(value, field.vocabulary)
        case Kind.TERMS:
            return "; ".join(term_text(each, field.vocabulary) for each in value)
        case Kind.PEOPLE:
            found = (dataset.person(id) for id in value)
            return "; ".join(person_text(person) for person in found if person is not None)
        case Kind.ORGANIZATION:
            return organization_text(value)
        case Kind.INSTRUMENT:
            instrument = dataset.instrument(value)
            return instrument.label if instrument is not None else ""
        case _:
            return str(value)


def parts(text: str) -> list[str]:
    """Split a list's text form; a ``;`` inside angle brackets does not separate."""
    found = re.findall(r"(?:<[^<>]*>|[^;])+", text)
    return [part.strip() for part in found if part.strip()]


# ---- terms ----------------------------------------------------------------------------------


def term(field: Field, text: str) -> Term:
    """Return the term that a text names, or the text itself as not yet a term."""
    known = find(text, field.vocabulary)
    if known is not None:
        return known
    address = _ANGLED.search(text)
    if address is not None and text.endswith(">"):
        return Term(label=text[: address.start()].strip() or address[1], iri=address[1])
    address_of_id = iri_of(text, field.vocabulary)
    if not address_of_id and re.match(r"^https?://\S+$", text):
        address_of_id = text
    return Term(label=text, iri=address_of_id)


def _named(field: Field, text: str) -> str:
    """Return a text as it is, or for an identifier of the field's vocabulary what it names."""
    known = find(text, field.vocabulary) if field.vocabulary else None
    return known.label if known is not None and short_id(text, field.vocabulary) else text


def term_text(value: Term, vocabulary: str) -> str:
    """Return a term's label, with its address when the label alone would not find it again."""
    if not value.iri or value.iri == value.label or find(value.label, vocabulary) == value:
        return value.label
    return f"{value.label} <{value.iri}>"


def term_id(value: Any, vocabulary: str) -> str:
    """Return the short ids of one or several terms, e.g. ``NCBITaxon:9606``."""
    terms = value if isinstance(value, tuple) else (value,)
    iris = [t.iri for t in terms if isinstance(t, Term) and t.iri]
    return "; ".join(short_id(iri, vocabulary) or iri for iri in iris)


# ---- people and institutions ----------------------------------------------------------------


def read_person(field: Field, text: str) -> Person:
    """Return the person that a text form describes."""
    who, _, institution = text.partition(" @ ")
    roles = _roles(field, who)
    who = _SQUARE.sub("", who)
    name = _ANGLED.sub("", who).strip()
    if not name:
        raise _invalid(field, text, "a person needs a name, e.g. Josiah Carberry <ORCID>")
    orcid = email = ""
    for part in (found.strip() for found in _ANGLED.findall(who)):
        if ORCID.match(part):
            orcid = _checked_orcid(field, part)
        elif EMAIL.match(part):
            email = part.removeprefix("mailto:")
        else:
            raise _invalid(field, part, "it is neither an ORCID iD nor an e-mail address")
    affiliation = _organization(field, institution.strip()) if institution.strip() else None
    return Person(
        id=person_id(name, orcid),
        name=name,
        orcid=orcid,
        email=email,
        affiliation=affiliation,
        roles=roles,
    )


def _roles(field: Field, text: str) -> tuple[str, ...]:
    """Return the CRediT roles in square brackets, by their name or address part."""
    found = [part.strip() for group in _SQUARE.findall(text) for part in group.split(",")]
    roles = ["-".join(re.findall(r"[a-z]+", role.casefold())) for role in found if role]
    for role in roles:
        if role not in CREDIT_ROLES:
            raise _invalid(field, role, f"CRediT roles are {', '.join(CREDIT_ROLES)}")
    return tuple(dict.fromkeys(roles))


def orcid_is_valid(digits: str) -> bool:
    """Check an ORCID iD's last character (ISO 7064 mod 11-2); hyphens are ignored."""
    total = 0
    characters = digits.replace("-", "").upper()
    for character in characters[:-1]:
        total = (total + int(character)) * 2
    check = (12 - total % 11) % 11
    return len(characters) == 16 and characters[-1] == ("X" if check == 10 else str(check))


def _checked_orcid(field: Field, text: str) -> str:
    match = ORCID.match(text)
    digits = match[1].replace("-", "").upper() if match else ""
    if not orcid_is_valid(digits):
        raise _invalid(field, text, "its check digit is wrong: compare it with the ORCID page")
    return "-".join(digits[i : i + 4] for i in range(0, 16, 4))


def _organization(field: Field, text: str) -> Organization:
    addresses = _ANGLED.findall(text)
    name = _ANGLED.sub("", text).strip()
    if not name:
        raise _invalid(field, text, "an institution needs a name")
    if not addresses:
        return Organization(name=name)
    match = ROR.match(addresses[0].strip())
    if match is None:
        raise _invalid(
            field, addresses[0], "it is no ROR address such as https://ror.org/05gq02987"
        )
    if not ror_is_valid(match[1]):
        wanted = "its check digits are wrong: compare it with the page of the institution"
        raise _invalid(field, addresses[0], wanted)
    return Organization(name=name, ror=f"https://ror.org/{match[1]}")


_ROR_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def ror_is_valid(id: str) -> bool:
    """Check the last two digits of a ROR id such as ``05gq02987`` (ISO 7064 mod 97-10)."""
    number = 0
    for character in id[1:7]:
        number = number * 32 + _ROR_DIGITS.index(character)
    return id[7:] == f"{98 - number * 100 % 97:02}"


def _same_person(known: Person, written: Person) -> bool:
    if known.orcid and written.orcid:
        return known.orcid == written.orcid
    return known.name.casefold() == written.name.casefold()


def _completed(known: Person, written: Person) -> Person:
    """Return a known person with what a text adds or corrects; what it leaves out stays."""
    stated = {
        name: value
        for name in ("name", "orcid", "email", "affiliation", "roles")
        if (value := getattr(written, name))
    }
    return known.model_copy(update=stated)


# ---- addresses and choices -------------------------------------------------------------------


def _address(field: Field, text: str) -> str:
    doi = DOI.match(text)
    if doi is not None:
        return f"https://doi.org/{doi[1]}"
    if not re.match(r"^https?://[^\s/]+\.[^\s]+$", text):
        raise _invalid(field, text, "it needs a web address or a DOI")
    return text


def _choice(field: Field, text: str) -> str:
    wanted = text.casefold().replace(" ", "_")
    for choice in field.choices:
        if choice.casefold().replace(" ", "_") == wanted:
            return choice
    raise _invalid(field, text, f"choose one of {', '.join(field.choices)}")


# ---- numbers and dates ----------------------------------------------------------------------


def _integer(field: Field, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise _invalid(field, text, "it needs a whole number") from None
    if abs(number) > _LARGEST_INTEGER:
        raise _invalid(field, text, "it is too large")
    return number


def _number(field: Field, text: str) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise _invalid(field, text, "it needs a number") from None
    if not isfinite(number):
        raise _invalid(field, text, "it needs a number")
    return number


def _quantity(field: Field, text: str) -> Quantity:
    match = QUANTITY.match(text)
    if match is None:
        raise _invalid(field, text, f"it needs a number and a unit, e.g. 0.1 {field.unit}")
    number, unit = _number(field, match[1]), match[2].strip()
    if not unit:
        raise _invalid(field, text, f"it needs a unit too, e.g. {abs(number):g} {field.unit}")
    converted = converted_to(number, unit, field.unit)
    if converted is None:
        raise _invalid(field, text, f"{unit!r} does not convert to {field.unit}")
    if not isfinite(converted):
        raise _invalid(field, text, f"it is too large in {field.unit}")
    if field.attribute.startswith(("stage", "temperature")):
        return Quantity(value=converted, unit=field.unit)
    if field.block == "environment" and converted < 0:
        raise _invalid(field, text, "it cannot be less than zero")
    if field.block != "environment" and converted <= 0:
        raise _invalid(field, text, "it must be more than zero")
    return Quantity(value=converted, unit=field.unit)


def converted_to(number: float, unit: str, to: str) -> float | None:
    """Convert a quantity; spellings that files use first, then all that pint knows."""
    if canonical_unit(unit) is not None:
        return convert(number, unit, to)
    unit = _FAHRENHEIT.sub("degF", unit)
    if unit.lower() in _NO_LENGTH or not _UNIT.fullmatch(unit):
        return None
    import pint

    try:
        quantity = pint.Quantity(number, unit).to(to)
    except (pint.PintError, ValueError, AttributeError, TypeError):
        return None
    return float(f"{quantity.magnitude:.12g}")


def _date(field: Field, text: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _invalid(field, text, "it needs a date as year-month-day, e.g. 2026-11-23") from None


def _datetime(field: Field, text: str) -> str:
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        wanted = "it needs a date and time, e.g. 2026-11-20T14:03:00+01:00"
        raise _invalid(field, text, wanted) from None
    return text if len(text) == 10 else moment.isoformat()


def _invalid(field: Field, text: str, wanted: str) -> InvalidValue:
    problem = InvalidValue(f"{field.label}: {text!r} was not taken, {wanted}.")
    problem.wanted = wanted
    return problem
