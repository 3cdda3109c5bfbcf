"""Packs of terms, each with where its terms come from and who may use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from napari_fair.model import Term
from napari_fair.vocabulary.identifiers import iri_of
from napari_fair.vocabulary.rows import Row, rows_of_table

if TYPE_CHECKING:
    from napari_fair.vocabulary.tables import Tables

_SHIPPED = Path(__file__).parent / "packs"
_ENDINGS = frozenset({".tsv", ".pack"})
_HEAD = "# "
_SAID = ("title", "source", "version", "licence", "attribution")


@dataclass(frozen=True, slots=True)
class Entry:
    """One term of a pack.

    Attributes
    ----------
    id, iri, label
        Short form of the identifier, the IRI, and the vocabulary's own name. A dye that no
        vocabulary has carries its name as id and no IRI.
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
    path
        A table (``.tsv``) or an index (``.pack``) of the package, or the folder of an added pack.
    added
        When somebody added it (ISO 8601); empty for packs of the package.
    """

    name: str
    title: str
    fields: tuple[str, ...]
    source: str
    version: str
    licence: str
    attribution: str
    path: Path
    added: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The terms, most common first. Millions of them take gigabytes: see `search`."""
        return _entries(self.path)

    @property
    def count(self) -> int:
        """How many terms there are."""
        return len(self.tables.rows)

    @property
    def tables(self) -> Tables:
        """The index, loaded when first asked for."""
        with _LOADING:
            return _tables(self.path)


_LOADING = RLock()
"""Two threads that ask for the same index wait for one loading."""


@cache
def packs() -> tuple[Pack, ...]:
    """Return the packs of the package and the added ones; their terms are read when needed."""
    from napari_fair.vocabulary.added import added_packs

    files = sorted(path for path in _SHIPPED.iterdir() if path.suffix in _ENDINGS)
    return (*(_shipped(path) for path in files), *added_packs())


def shipped_names() -> frozenset[str]:
    """Return the names of the packs that come with the package."""
    return frozenset(path.stem for path in _SHIPPED.iterdir() if path.suffix in _ENDINGS)


def vocabularies() -> tuple[str, ...]:
    """Return the kinds of fields that some pack serves."""
    return tuple(sorted({field for pack in packs() for field in pack.fields}))


def serving(vocabulary: str) -> Iterator[Pack]:
    """Yield the packs that serve a kind of field, those of the package first."""
    return (pack for pack in packs() if vocabulary in pack.fields)


def entry_at(pack: Pack, row: int) -> Entry:
    """Return one entry of a pack."""
    return entry_of(Row.from_line(pack.tables.rows.at(row).decode()))


def entry_of(row: Row) -> Entry:
    """Return the entry that a row stands for."""
    iri = row.iri or iri_of(row.id)
    return Entry(row.id, iri, row.label, row.names, row.related, row.extra)


def pack_of(path: Path, said: Mapping[str, object]) -> Pack:
    """Return the pack at a path for what its head says; raise ``KeyError`` when it says less."""
    return Pack(
        name=str(said.get("name", path.stem)),
        fields=tuple(str(said["fields"]).split("|")),
        path=path,
        added=str(said.get("added", "")),
        **{name: str(said[name]) for name in _SAID},
    )


def head_of_table(path: Path) -> dict[str, str]:
    """Return what the first lines of a table say, ``# name: text`` each."""
    with path.open(encoding="utf-8") as lines:
        head = list(takewhile(lambda line: line.startswith(_HEAD), lines))
    pairs = [line.removeprefix(_HEAD).rstrip("\r\n").partition(": ") for line in head]
    return {name.strip(): text.strip() for name, _, text in pairs}


def rows_of_file(path: Path) -> list[Row]:
    """Return the rows of a table of the package."""
    lines = path.read_text(encoding="utf-8").splitlines()
    columns, *cells = [line.split("\t") for line in lines if not line.startswith(_HEAD)]
    return rows_of_table(columns, cells)


def forget_packs() -> None:
    """Look for packs anew, because one was added or replaced."""
    from napari_fair.vocabulary import index

    with _LOADING:
        for cached in (packs, _tables, _entries):
            cached.cache_clear()
        index.forget()


def _shipped(path: Path) -> Pack:
    if path.suffix == ".tsv":
        return pack_of(path, head_of_table(path))
    from napari_fair.vocabulary.store import read_head

    return pack_of(path, read_head(path))


@cache
def _tables(path: Path) -> Tables:
    from napari_fair.vocabulary.store import read_file, read_folder
    from napari_fair.vocabulary.tables import build

    if path.suffix == ".tsv":
        return build(rows_of_file(path))
    return read_folder(path) if path.is_dir() else read_file(path)


@cache
def _entries(path: Path) -> tuple[Entry, ...]:
    if path.suffix == ".tsv":
        return tuple(entry_of(row) for row in rows_of_file(path))
    rows = _tables(path).rows
    return tuple(entry_of(Row.from_line(rows.at(n).decode())) for n in range(len(rows)))
