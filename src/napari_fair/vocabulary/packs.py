"""Packs of terms: TSV files that say where their terms come from and who may use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

from napari_fair.model import Term
from napari_fair.vocabulary.identifiers import iri_of

_SHIPPED = Path(__file__).parent / "packs"
_HEAD = "# "
_NAMES = ("friendly", "synonyms")
_PLAIN = frozenset({"id", "iri", "label", "related", *_NAMES})


@dataclass(frozen=True, slots=True)
class Entry:
    """One term of a pack.

    Attributes
    ----------
    id, iri, label
        Short form of the identifier, the IRI, and the vocabulary's own name.
    names
        Other names that mean exactly this term, the everyday one first.
    related
        Words that lead here in a search but may also mean something else.
    extra
        What else the pack says, by column.
    """

    id: str
    iri: str
    label: str
    names: tuple[str, ...]
    related: tuple[str, ...]
    extra: Mapping[str, str]

    @property
    def term(self) -> Term:
        """The term as a record holds it."""
        return Term(label=self.label, iri=self.iri)


@dataclass(frozen=True)
class Pack:
    """A set of terms with its origin.

    Attributes
    ----------
    name
        The file's name without its ending.
    fields
        The kinds of fields that it serves, e.g. ``organism``.
    source, version, licence, attribution
        Where ids and labels come from, which state of it, its licence (SPDX) and whom to name.
    """

    name: str
    title: str
    fields: tuple[str, ...]
    source: str
    version: str
    licence: str
    attribution: str
    path: Path

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The terms, most common first; read from the file once."""
        return _entries(self.path)


@cache
def packs() -> tuple[Pack, ...]:
    """Return the packs that come with the package; their terms are read when first asked for."""
    return tuple(_pack(path) for path in sorted(_SHIPPED.glob("*.tsv")))


def vocabularies() -> tuple[str, ...]:
    """Return the kinds of fields that some pack serves."""
    return tuple(sorted({field for pack in packs() for field in pack.fields}))


def serving(vocabulary: str) -> Iterator[Pack]:
    """Yield the packs that serve a kind of field."""
    return (pack for pack in packs() if vocabulary in pack.fields)


def _pack(path: Path) -> Pack:
    with path.open(encoding="utf-8") as lines:
        head = list(takewhile(lambda line: line.startswith(_HEAD), lines))
    said = dict(line.removeprefix(_HEAD).rstrip("\n").split(": ", 1) for line in head)
    return Pack(
        name=path.stem,
        title=said["title"],
        fields=tuple(said["fields"].split("|")),
        source=said["source"],
        version=said["version"],
        licence=said["licence"],
        attribution=said["attribution"],
        path=path,
    )


@cache
def _entries(path: Path) -> tuple[Entry, ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    columns, *rows = [line.split("\t") for line in lines if not line.startswith(_HEAD)]
    return tuple(_entry(dict(zip(columns, row, strict=True))) for row in rows)


def _entry(cells: dict[str, str]) -> Entry:
    names = [name for column in _NAMES for name in _split(cells.get(column, ""))]
    return Entry(
        id=cells["id"],
        iri=cells.get("iri") or iri_of(cells["id"]),
        label=cells["label"],
        names=tuple(names),
        related=_split(cells.get("related", "")),
        extra={column: text for column, text in cells.items() if column not in _PLAIN},
    )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)
