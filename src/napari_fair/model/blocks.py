"""Blocks that images share: classes whose attributes are fields, and the values they take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, cast, get_args

from pydantic import AfterValidator, TypeAdapter
from pydantic import Field as PydanticField

from napari_fair.model.declaration import Field, Kind, Level
from napari_fair.model.recorded import Frozen, Recorded
from napari_fair.model.terms import Organization, Term
from napari_fair.model.units import Quantity


def _no_lone_surrogates(text: str) -> str:
    text.encode("utf-8")
    return text


def _iso_date(text: str) -> str:
    date.fromisoformat(text)
    return text


def _iso_datetime(text: str) -> str:
    datetime.fromisoformat(text)
    return text


_CleanText = Annotated[str, AfterValidator(_no_lone_surrogates)]

Text = Annotated[_CleanText, Kind.TEXT]
LongText = Annotated[_CleanText, Kind.LONG_TEXT]
Texts = Annotated[tuple[_CleanText, ...], Kind.TEXTS]
Integer = Annotated[int, Kind.INTEGER]
Number = Annotated[float, Kind.NUMBER]
Measure = Annotated[Quantity, Kind.QUANTITY]
IsoDate = Annotated[str, AfterValidator(_iso_date), Kind.DATE]
IsoDateTime = Annotated[str, AfterValidator(_iso_datetime), Kind.DATETIME]
OneTerm = Annotated[Term, Kind.TERM]
Terms = Annotated[tuple[Term, ...], Kind.TERMS]
People = Annotated[tuple[str, ...], Kind.PEOPLE]
"""Ids of `Person` blocks, in the order of authorship."""
OneOrganization = Annotated[Organization, Kind.ORGANIZATION]
Address = Annotated[_CleanText, Kind.ADDRESS]
"""A web address or DOI."""
Choice = Annotated[_CleanText, Kind.CHOICE]
"""One of the words that the field declares."""
Choices = Annotated[tuple[_CleanText, ...], Kind.CHOICES]
InstrumentId = Annotated[str, Kind.INSTRUMENT]
"""Id of an `Instrument` block."""


class KeyValue(Frozen):
    """A free pair that no field asks for, below a namespace of whoever needs it."""

    namespace: str = ""
    key: str
    value: str


class Block(Frozen):
    """A named part of the record that images can share.

    Attributes
    ----------
    label
        What people call it.
    pairs
        Free key-value pairs; a key may stand several times.
    """

    id: str
    label: str = ""
    pairs: tuple[KeyValue, ...] = ()

    def recorded(self) -> Iterator[tuple[str, Recorded[Any]]]:
        """Yield attribute name and value of the fields that hold something."""
        for name in declared(type(self)):
            value = getattr(self, name)
            if value is not None:
                yield name, value


def declare(
    label: str,
    *,
    why: str,
    level: Level = Level.EXPERT,
    example: str = "",
    rembi: str = "",
    vocabulary: str = "",
    unit: str = "",
    ome: str = "",
    crate: str = "",
    choices: tuple[str, ...] = (),
    applies: str = "",
) -> Any:
    """Declare a field of a block; see `Field` for the meaning of each argument."""
    extra = {
        "level": level.value,
        "example": example,
        "rembi": rembi,
        "vocabulary": vocabulary,
        "unit": unit,
        "ome": ome,
        "crate": crate,
        "choices": choices,
        "applies": applies,
    }
    return PydanticField(
        default=None,
        title=label,
        description=why,
        json_schema_extra=cast("dict[str, Any]", extra),
    )


def _kind(annotation: Any) -> Kind | None:
    """Find the kind inside ``Recorded[...] | None``."""
    for part in get_args(annotation):
        metadata = getattr(part, "__pydantic_generic_metadata__", {})
        for argument in metadata.get("args", ()):
            for note in get_args(argument)[1:]:
                if isinstance(note, Kind):
                    return note
    return None


@cache
def declared(block: type[Block]) -> dict[str, Kind]:
    """Return the declared attributes of a block class with their kinds, in order."""
    kinds = {name: _kind(info.annotation) for name, info in block.model_fields.items()}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def declarations(name: str, block: type[Block]) -> list[Field]:
    """Return the field declarations of a block class."""
    fields = []
    for attribute, kind in declared(block).items():
        info = block.model_fields[attribute]
        extra = cast("dict[str, Any]", info.json_schema_extra)
        fields.append(
            Field(
                block=name,
                attribute=attribute,
                label=info.title or attribute,
                kind=kind,
                level=Level(extra["level"]),
                why=info.description or "",
                **{key: extra[key] for key in extra if key != "level"},
            )
        )
    return fields


_TYPES: dict[Kind, Any] = {
    Kind.TEXT: Text,
    Kind.LONG_TEXT: LongText,
    Kind.TEXTS: Texts,
    Kind.INTEGER: Integer,
    Kind.NUMBER: Number,
    Kind.QUANTITY: Measure,
    Kind.DATE: IsoDate,
    Kind.DATETIME: IsoDateTime,
    Kind.TERM: OneTerm,
    Kind.TERMS: Terms,
    Kind.PEOPLE: People,
    Kind.ORGANIZATION: OneOrganization,
    Kind.INSTRUMENT: InstrumentId,
    Kind.ADDRESS: Address,
    Kind.CHOICE: Choice,
    Kind.CHOICES: Choices,
}


@cache
def value_type(kind: Kind) -> TypeAdapter[Any]:
    """Return the validator for values of one kind."""
    return TypeAdapter(recorded_type(kind))


@cache
def recorded_type(kind: Kind) -> Any:
    """Return the class of recorded values of one kind."""
    recorded: Any = Recorded
    return recorded[_TYPES[kind]]
