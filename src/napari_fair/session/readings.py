"""Values read off names or plates, for many images at once: checked, then taken as one edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from napari_fair.model import (
    Dataset,
    Image,
    ImageSource,
    Kind,
    Origin,
    Recorded,
    Trust,
    field,
    resolve,
    split_path,
)
from napari_fair.model.recorded import Frozen
from napari_fair.session.edits import declared_field, put_many
from napari_fair.session.file_names import NameColumn
from napari_fair.session.image_pairs import FROM_NAMES, is_guess, is_pair, key_of, put_pairs
from napari_fair.session.texts import InvalidValue, Parsing

if TYPE_CHECKING:
    from napari_fair.session.preset_locks import PresetLocks

Row = tuple[ImageSource, Image]
_LISTS = (Kind.TEXTS, Kind.TERMS, Kind.CHOICES)


class Reading(Frozen):
    """A value of one image, in its text form; a blank one lets the image inherit again.

    Attributes
    ----------
    path
        Of a field or of a free pair, which keeps its text and whether it is a guess.
    origin, where, trust, original
        See `napari_fair.model.Recorded`.
    """

    image: str
    path: str
    text: str
    origin: str
    where: str = ""
    trust: Trust = Trust.STATED
    original: str = ""


class TakeReadings(Frozen):
    """Give images values that were read off something."""

    do: Literal["take readings"] = "take readings"
    readings: tuple[Reading, ...]

    def done(self, dataset: Dataset) -> Dataset:
        """Return the record after it; raises `InvalidValue` if a text is no value."""
        parsing = Parsing(dataset)
        values: dict[str, dict[str, Recorded[Any] | None]] = {}
        pairs: dict[str, dict[str, tuple[str, str]]] = {}
        for reading in self.readings:
            if is_pair(reading.path):
                told = FROM_NAMES if reading.trust is Trust.GUESSED else ""
                pairs.setdefault(reading.image, {})[reading.path] = (reading.text, told)
                continue
            said = _recorded(parsing, reading)
            values.setdefault(reading.image, {})[reading.path] = said
        return put_pairs(put_many(parsing.dataset, values), pairs)

    def images(self, dataset: Dataset) -> Iterable[str]:
        """Return the images that get values."""
        return {reading.image for reading in self.readings}


def _recorded(parsing: Parsing, reading: Reading) -> Recorded[Any] | None:
    said = parsing.recorded(
        declared_field(reading.path), reading.text, origin=reading.origin, where=reading.where
    )
    if said is None:
        return None
    return said.model_copy(update={"trust": reading.trust, "original": reading.original})


def off_names(
    dataset: Dataset, rows: Sequence[Row], columns: Sequence[tuple[NameColumn, str]]
) -> tuple[list[Reading], int]:
    """Return what columns of names say of images, and how many values stay as they are.

    What a person said of an image, and what its file states, is never replaced by a guess.
    Columns that go to one field are joined: a dose follows its treatment.

    Parameters
    ----------
    rows
        The images, in the order of the columns' values.
    """
    found: list[Reading] = []
    kept = 0
    for number, (source, image) in enumerate(rows):
        for path in dict.fromkeys(path for _, path in columns):
            reading = _off_name(source, image, path, number, columns)
            if reading is None:
                continue
            if _is_said(dataset, source, image, path):
                kept += 1
            else:
                found.append(reading)
    return found, kept


def _off_name(
    source: ImageSource,
    image: Image,
    path: str,
    number: int,
    columns: Sequence[tuple[NameColumn, str]],
) -> Reading | None:
    said = [column for column, target in columns if target == path and column.values[number]]
    if not said:
        return None
    texts = ", ".join(column.texts[number] for column in said)
    text = _joined(path, [(column.kind, column.values[number]) for column in said])
    where = f"{texts} in {source.path}"
    original = texts if texts != text else ""
    return Reading(
        image=image.id,
        path=path,
        text=text,
        origin=Origin.FILE_NAME.value,
        where=where,
        trust=Trust.GUESSED,
        original=original,
    )


def _joined(path: str, parts: Sequence[tuple[str, str]]) -> str:
    """Join what columns say of one field; where it takes a single value the first one holds."""
    if not is_pair(path) and field(split_path(path)[0]).kind not in _LISTS:
        return parts[0][1]
    joined: list[str] = []
    before = ""
    for kind, text in parts:
        if kind == "concentration" and before == "treatment":
            joined[-1] = f"{joined[-1]} {text}"
        else:
            joined.append(text)
        before = kind
    return "; ".join(joined)


def _is_said(dataset: Dataset, source: ImageSource, image: Image, path: str) -> bool:
    """Whether a person, or the file itself, said something that a guess must not replace."""
    if is_pair(path):
        return not is_guess(image, key_of(path))
    held = resolve(dataset, source, image, path)
    if held is None or held.level not in ("image", "source", "file"):
        return False
    return held.recorded.trust is not Trust.GUESSED


def checked(
    dataset: Dataset, readings: Iterable[Reading], locks: PresetLocks | None = None
) -> tuple[list[Reading], list[str]]:
    """Return the readings whose texts are values of their fields, and sentences about the rest.

    Parameters
    ----------
    locks
        What presets lock: such values are not replaced.
    """
    parsing = Parsing(dataset)
    good: list[Reading] = []
    problems: dict[str, None] = {}
    for reading in readings:
        if is_pair(reading.path):
            good.append(reading)
            continue
        try:
            said = _recorded(parsing, reading)
        except InvalidValue as problem:
            problems[str(problem)] = None
            continue
        refusal = locks.refusal(dataset, reading.path, reading.image, said) if locks else ""
        if refusal:
            problems[refusal] = None
        else:
            good.append(reading)
    return good, list(problems)
