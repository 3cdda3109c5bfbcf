"""All images of a folder as rows, fields as columns, and their text form for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass

from napari_fair.files import DamagedDocument
from napari_fair.model import Dataset, Image, ImageSource, Term, fields, resolve, split_path
from napari_fair.session.image_pairs import is_pair, key_of, pair_text
from napari_fair.session.spreadsheets import dump_rows, parse_rows
from napari_fair.session.texts import text_of

IMAGE = "image"
INDEX = "index"
Row = tuple[ImageSource, Image]


@dataclass(frozen=True)
class Cell:
    """One value of the table.

    Attributes
    ----------
    level
        What holds it: ``image`` when it is this image's own, else what it is inherited from;
        empty when nobody said anything.
    free
        Whether it is free text where a term is wanted.
    """

    text: str
    level: str = ""
    missing: bool = False
    free: bool = False


@dataclass(frozen=True)
class Change:
    """A cell that a pasted or read table would change."""

    image: str
    path: str
    before: str
    after: str


class Table:
    """The images of a record as rows; cells are worked out when they are asked for.

    Parameters
    ----------
    dataset
        The record.
    columns
        Paths of fields, and of free pairs (see `napari_fair.session.image_pairs`).
    """

    def __init__(self, dataset: Dataset, columns: Sequence[str]) -> None:
        self.dataset, self.columns = dataset, tuple(columns)
        self.rows: Sequence[Row] = [
            (source, image) for source in dataset.sources for image in source.images
        ]

    def of(self, dataset: Dataset) -> tuple[Table, list[int] | None]:
        """Return the table, of all images, after an edit, and the numbers of rows that changed.

        Rows of sources that are the same objects are kept, which makes an edit of one among ten
        thousand images quick. None for the numbers: any row may have changed.
        """
        before, after = self.dataset.sources, dataset.sources
        rows, first = list(self.rows), 0
        changed: list[int] = []
        if len(before) != len(after):
            return Table(dataset, self.columns), None
        for old, new in zip(before, after, strict=True):
            count = len(old.images)
            if old is not new:
                if not _same_images(old, new):
                    return Table(dataset, self.columns), None
                rows[first : first + count] = [(new, image) for image in new.images]
                changed += range(first, first + count)
            first += count
        table = self._with(dataset, rows)
        return table, changed if same_besides_sources(self.dataset, dataset) else None

    def arranged(self, numbers: Sequence[int]) -> Table:
        """Return a table with only some rows, in this order."""
        return self._with(self.dataset, [self.rows[number] for number in numbers])

    def with_rows(self, rows: Sequence[Row]) -> Table:
        """Return a table of these images of the record."""
        return self._with(self.dataset, rows)

    def _with(self, dataset: Dataset, rows: Sequence[Row]) -> Table:
        table = copy(self)
        table.dataset, table.rows = dataset, rows
        return table

    def cell(self, row: int, column: int) -> Cell:
        """Return what stands in a cell."""
        source, image = self.rows[row]
        return self._cell(source, image, self.columns[column])

    def _cell(self, source: ImageSource, image: Image, path: str) -> Cell:
        if is_pair(path):
            said = pair_text(image, key_of(path))
            return Cell(said, "image" if said else "", missing=not said)
        held = resolve(self.dataset, source, image, path)
        if held is None:
            return Cell("", missing=True)
        declared = fields()[split_path(path)[0]]
        text = text_of(self.dataset, declared, held.recorded)
        free = bool(declared.vocabulary) and _is_free(held.value)
        return Cell(text, held.level, missing=not held.recorded.given, free=free)

    def with_gaps(self) -> list[int]:
        """Return the rows in which a column has no value."""
        columns = range(len(self.columns))
        return [
            row
            for row in range(len(self.rows))
            if any(self.cell(row, column).missing for column in columns)
        ]

    def order(self, column: int, *, descending: bool = False) -> list[int]:
        """Return the rows sorted by a column, numbers by value and gaps last."""
        texts = [(self.cell(row, column).text, row) for row in range(len(self.rows))]
        given = sorted((entry for entry in texts if entry[0]), key=_sort_key, reverse=descending)
        return [row for _, row in given] + [row for text, row in texts if not text]

    # ---- text for spreadsheets ----

    def texts(self) -> list[list[str]]:
        """Return the table as rows of texts: first a line of names, then a line an image.

        A line begins with the source and the image's index in it; then come the columns.
        """
        lines = [[IMAGE, INDEX, *self.columns]]
        for source, image in self.rows:
            said = [self._cell(source, image, path).text for path in self.columns]
            lines.append([source.path, str(image.index), *said])
        return lines

    def dump(self, *, delimiter: str = "\t") -> str:
        """Return the table as CSV or TSV; `changes` takes it back."""
        return dump_rows(self.texts(), delimiter=delimiter)

    def changes(self, text: str, *, delimiter: str = "\t") -> list[Change]:
        """Return what a table in text form would change, see `changes_of`."""
        return self.changes_of(parse_rows(text, delimiter=delimiter))

    def changes_of(self, lines: Sequence[Sequence[str]]) -> list[Change]:
        """Return what a table, as `texts` gives it, would change.

        Raises
        ------
        DamagedDocument
            If its first line names no fields, or a line names no image of the record.
        """
        if not lines or list(lines[0][:2]) != [IMAGE, INDEX]:
            raise DamagedDocument(
                f"The table must begin with a line that names '{IMAGE}', '{INDEX}' and fields."
            )
        paths = lines[0][2:]
        unknown = [p for p in paths if split_path(p)[0] not in fields() and not is_pair(p)]
        if unknown:
            raise DamagedDocument(f"The table has a column {unknown[0]!r} that is no field.")
        known = {(source.path, str(image.index)): (source, image) for source, image in self.rows}
        return [
            change
            for line in lines[1:]
            if any(line)
            for change in self._of_line(line, paths, known)
        ]

    def _of_line(
        self, line: Sequence[str], paths: Sequence[str], known: dict[tuple[str, str], Row]
    ) -> Iterator[Change]:
        found = known.get((line[0], line[1] if len(line) > 1 else ""))
        if found is None:
            raise DamagedDocument(f"The table names {line[0]!r}, which is no image of this folder.")
        for path, stated in zip(paths, line[2:], strict=False):
            before = self._cell(*found, path).text
            if before != stated:
                yield Change(found[1].id, path, before, stated)


def _same_images(one: ImageSource, other: ImageSource) -> bool:
    mine, yours = one.images, other.images
    if len(mine) == 1 == len(yours):  # as nearly always
        return mine[0].id == yours[0].id
    return [image.id for image in mine] == [image.id for image in yours]


def same_besides_sources(one: Dataset, other: Dataset) -> bool:
    """Whether nothing that images share is another object."""
    shared = (name for name in Dataset.model_fields if name != "sources")
    return all(getattr(one, name) is getattr(other, name) for name in shared)


def filled_down(table: Table, rows: Sequence[int], columns: Sequence[int]) -> list[Change]:
    """Return the changes that copy the first of some rows to the others."""
    if not rows:
        return []
    return [
        Change(table.rows[row][1].id, table.columns[column], table.cell(row, column).text, text)
        for column in columns
        if (text := table.cell(rows[0], column).text) is not None
        for row in rows[1:]
        if table.cell(row, column).text != text
    ]


def cleared(table: Table, rows: Sequence[int], columns: Sequence[int]) -> list[Change]:
    """Return the changes that let cells inherit again which are an image's own."""
    own = [(r, c) for r in rows for c in columns if table.cell(r, c).level == "image"]
    return [
        Change(table.rows[r][1].id, table.columns[c], table.cell(r, c).text, "") for r, c in own
    ]


def pasted(table: Table, row: int, column: int, text: str) -> list[Change]:
    """Return the changes of pasting a block of cells, as spreadsheets copy it, at a cell."""
    return [
        Change(table.rows[r][1].id, table.columns[c], table.cell(r, c).text, stated)
        for r, line in enumerate(parse_rows(text, delimiter="\t"), row)
        for c, stated in enumerate(line, column)
        if r < len(table.rows) and c < len(table.columns) and table.cell(r, c).text != stated
    ]


def replaced(table: Table, find: str, by: str, columns: Iterable[int]) -> list[Change]:
    """Return the changes of replacing a text wherever it occurs in some columns."""
    chosen = list(columns)
    return [
        Change(table.rows[row][1].id, table.columns[column], text, text.replace(find, by))
        for row in range(len(table.rows))
        for column in chosen
        if find and find in (text := table.cell(row, column).text)
    ]


def _is_free(value: object) -> bool:
    terms = value if isinstance(value, tuple) else (value,)
    return any(isinstance(term, Term) and not term.iri for term in terms)


def _sort_key(entry: tuple[str, int]) -> tuple[int, float, str, int]:
    text, row = entry
    number = text.split(" ")[0]
    try:
        return 0, float(number), text, row
    except ValueError:
        return 1, 0.0, text.casefold(), row
