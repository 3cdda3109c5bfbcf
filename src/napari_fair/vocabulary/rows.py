"""The lines of a pack: one term each, cells separated by tabs, names by ``|``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LABEL, NAME, RELATED = 0, 1, 2
_NAMES = ("friendly", "synonyms")
_PLAIN = frozenset({"id", "iri", "label", "related", "prior", *_NAMES})
COMMON, RARE = 255, 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a pack.

    Attributes
    ----------
    id, iri, label
        As in `Entry`; `iri` is empty where it follows from the id.
    names, related
        As in `Entry`.
    extra
        What else the line says, by column.
    prior
        How common the term is among those of its pack, 0 to 255.
    """

    id: str
    label: str
    iri: str = ""
    names: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    prior: int = RARE

    def named(self) -> Iterator[tuple[int, str]]:
        """Yield all names with their kinds, the label first."""
        yield LABEL, self.label
        yield from ((NAME, name) for name in self.names)
        if full := self.extra.get("name", ""):
            yield NAME, full
        yield from ((RELATED, name) for name in self.related)

    def line(self) -> str:
        """Return the row as it is kept in an index; `from_line` reads it."""
        cells = [self.id, self.iri, self.label, "|".join(self.names), "|".join(self.related)]
        return "\t".join([*cells, *(f"{name}={text}" for name, text in self.extra.items())])

    @staticmethod
    def from_line(line: str) -> Row:
        """Return the row that `line` wrote."""
        id, iri, label, names, related, *extra = line.split("\t")
        return Row(
            id=id,
            iri=iri,
            label=label,
            names=split(names),
            related=split(related),
            extra=dict(cell.split("=", 1) for cell in extra),
        )


def row_of_cells(cells: Mapping[str, str], prior: int) -> Row:
    """Return the row for the cells of a table with named columns."""
    return Row(
        id=cells["id"],
        label=cells["label"],
        iri=cells.get("iri", ""),
        names=tuple(name for column in _NAMES for name in split(cells.get(column, ""))),
        related=split(cells.get("related", "")),
        extra={column: text for column, text in cells.items() if column not in _PLAIN},
        prior=int(cells["prior"]) if cells.get("prior", "").isdecimal() else prior,
    )


def rows_of_table(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> list[Row]:
    """Return the rows of a table that is ordered from common to rare."""
    step = (COMMON - RARE) / max(len(lines), 1)
    return [
        row_of_cells(dict(zip(columns, line, strict=True)), round(COMMON - step * place))
        for place, line in enumerate(lines)
    ]


def split(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell that holds several names."""
    return tuple(part for part in cell.split("|") if part)
