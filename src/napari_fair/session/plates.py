"""Plates of 6 to 1536 wells: which image is of which well, and painting conditions onto wells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from napari_fair.model import Dataset, Origin, Trust, resolve
from napari_fair.session.file_names import proposed
from napari_fair.session.readings import Reading, Row
from napari_fair.session.table import Table

WELL = "image.well"
CONDITION_FIELDS = (
    "biosample.biological_entity",
    "biosample.intrinsic_variables",
    "biosample.extrinsic_variables",
    "specimen.experimental_status",
)
"""What a well can take: sample, genetic background, treatment, and whether it is a control."""

_WELL = re.compile(r"(?i)(?:well)?\s*([a-z]|a[a-f])[\s:_-]*(\d{1,2})")


@dataclass(frozen=True)
class Layout:
    """A plate's rows and columns (ANSI/SLAS 4 for 96 wells and more).

    Wells are named by a letter for the row and a number for the column: ``A01``, ``AF48``.
    """

    rows: int
    columns: int

    @property
    def size(self) -> int:
        """The number of wells."""
        return self.rows * self.columns

    def well(self, row: int, column: int) -> str:
        """Return the name of a well, counted from 0."""
        return f"{row_name(row)}{column + 1:02}"

    def place(self, well: str) -> tuple[int, int] | None:
        """Return row and column of a well, counted from 0; None if the plate has no such well."""
        place = place_of(well)
        inside = place is not None and place[0] < self.rows and place[1] < self.columns
        return place if inside else None


LAYOUTS = tuple(
    Layout(rows, columns)
    for rows, columns in ((2, 3), (3, 4), (4, 6), (6, 8), (8, 12), (16, 24), (32, 48))
)
"""Plates of 6, 12, 24, 48, 96, 384 and 1536 wells."""


def row_name(row: int) -> str:
    """Return the letters of a row: A to Z, then AA to AF."""
    return chr(ord("A") + row) if row < 26 else f"A{chr(ord('A') + row - 26)}"


def place_of(well: str) -> tuple[int, int] | None:
    """Return row and column, counted from 0, of a well however it is written; None for no well."""
    match = _WELL.fullmatch(well.strip())
    if match is None or not 1 <= int(match[2]) <= 48:
        return None
    letters = match[1].upper()
    row = ord(letters[-1]) - ord("A") + (26 if len(letters) == 2 else 0)
    return row, int(match[2]) - 1


def well_name(well: str) -> str:
    """Return a well's name in its plain form: ``b3`` as ``B03``; others as they are."""
    place = place_of(well)
    return well if place is None else f"{row_name(place[0])}{place[1] + 1:02}"


def layout_for(wells: Sequence[str]) -> Layout:
    """Return the smallest layout with room for wells, but 96 wells where any would do."""
    fitting = [layout for layout in LAYOUTS if all(layout.place(well) for well in wells)]
    if not fitting:
        return LAYOUTS[-1]
    return next((layout for layout in fitting if layout.size >= 96), fitting[-1])


@dataclass(frozen=True)
class InWell:
    """An image in a well.

    Attributes
    ----------
    plate
        What tells plates apart in the names; empty where there is one.
    guessed
        Whether the well was read off the file's name and is not in the record.
    """

    row: Row
    plate: str
    well: str
    guessed: bool


def images_in_wells(dataset: Dataset, rows: Sequence[Row]) -> list[InWell]:
    """Return the images whose well is known: from the record, or else from their names."""
    columns = proposed([source.path for source, _ in rows])
    named = next((column.values for column in columns if column.kind == "well"), None)
    plates = next((column.values for column in columns if column.kind == "plate"), None)
    found: list[InWell] = []
    for number, (source, image) in enumerate(rows):
        held = resolve(dataset, source, image, WELL)
        said = str(held.value) if held is not None and held.recorded.given else ""
        well = said or (named[number] if named is not None else "")
        if place_of(well) is not None:
            plate = plates[number] if plates is not None else ""
            found.append(InWell((source, image), plate, well_name(well), not said))
    return found


@dataclass(frozen=True)
class Condition:
    """What a well holds, as texts of `CONDITION_FIELDS`; empty texts are not said."""

    texts: tuple[str, ...]

    @property
    def blank(self) -> bool:
        """Whether it says nothing."""
        return not any(self.texts)


Conditions = dict[tuple[str, str], Condition]
"""By plate and well."""


def conditions_of(dataset: Dataset, images: Sequence[InWell]) -> Conditions:
    """Return what is said of the images of each plate and well themselves, where it is the same."""
    found: Conditions = {}
    differing: set[tuple[str, str]] = set()
    table = Table(dataset, CONDITION_FIELDS).with_rows([each.row for each in images])
    for number, each in enumerate(images):
        cells = [table.cell(number, column) for column in range(len(CONDITION_FIELDS))]
        said = Condition(tuple(cell.text if cell.level == "image" else "" for cell in cells))
        key = (each.plate, each.well)
        if found.setdefault(key, said) != said:
            differing.add(key)
    return {k: said for k, said in found.items() if k not in differing and not said.blank}


def painted(
    images: Sequence[InWell], conditions: Mapping[tuple[str, str], Condition | None]
) -> list[Reading]:
    """Return what images get when wells are painted; None or a blank text lets them inherit again.

    An image whose well was only known from its name gets that, too: painting its well confirms it.

    Parameters
    ----------
    conditions
        By plate and well; images of other wells are left alone.
    """
    found: list[Reading] = []
    for each in images:
        key = (each.plate, each.well)
        if key not in conditions:
            continue
        source, image = each.row
        condition = conditions[key] or Condition(("",) * len(CONDITION_FIELDS))
        where = f"plate {each.plate}, well {each.well}" if each.plate else f"well {each.well}"
        found += [
            Reading(image=image.id, path=path, text=text, origin=Origin.TABLE.value, where=where)
            for path, text in zip(CONDITION_FIELDS, condition.texts, strict=True)
        ]
        if each.guessed and not condition.blank:
            found.append(
                Reading(
                    image=image.id,
                    path=WELL,
                    text=each.well,
                    origin=Origin.FILE_NAME.value,
                    where=source.path,
                    trust=Trust.GUESSED,
                )
            )
    return found
