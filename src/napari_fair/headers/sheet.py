"""Where the readers write what they find: facts that hold, and sentences on what does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import isfinite
from typing import Any

from napari_fair.headers.sentences import Warnings
from napari_fair.model import FACTS, Fact, Header, ImageHeader, Kind, Quantity, Trust, split_path
from napari_fair.model.units import canonical_unit, convert

UNTIL_ENTERED = "; it counts as unknown until you enter it."
_LARGEST_SIZE = 2**31 - 1
_LARGEST_TEXT = 100_000

# (smallest, largest) that is believed, in the field's unit
_BELIEVED: dict[str, tuple[float, float]] = {
    "physical_size": (1e-6, 1e6),
    "time_increment": (1e-9, 1e9),
    "wavelength": (1e-3, 1e7),
    "exposure_time": (1e-12, 1e7),
    "working_distance": (1e-3, 1e7),
}
_SIGNED = ("image.stage_", "environment.temperature")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_LOOSE_DATE = re.compile(
    r"(\d{4})[-/:](\d\d)[-/:](\d\d)(?:[T ]+(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?)?"
)


@dataclass
class Sheet:
    """The facts of one image while they are gathered.

    Attributes
    ----------
    index
        The image's number inside its source, from 0.
    warnings
        Where to say what does not hold.
    facts
        By path, in the order found.
    others
        What other places in the file say about some of these facts, where they differ.
    """

    index: int
    warnings: Warnings
    facts: dict[str, Fact] = field(default_factory=dict)
    others: dict[str, Fact] = field(default_factory=dict)

    def state(
        self,
        path: str,
        value: Any,
        where: str,
        *,
        trust: Trust = Trust.STATED,
        original: str = "",
    ) -> bool:
        """Record a value if the field accepts it; a value that it does not accept is a warning."""
        if not _HOLDS[FACTS[split_path(path)[0]].kind](value):
            self._refuse(where, value, ", which is not a value that can be kept")
            return False
        self.facts[path] = Fact(
            value=value, where=_clean(where), trust=trust, original=_clean(original)
        )
        return True

    def text(self, path: str, value: str | None, where: str, **marks: Any) -> None:
        """Record a text; blank ones are no values."""
        stripped = _clean(value or "").strip()
        if stripped:
            self.state(path, stripped, where, **marks)

    def size(self, path: str, value: Any, where: str, **marks: Any) -> bool:
        """Record a number of pixels, planes, channels or samples, at least 1."""
        number = as_integer(value)
        if number is None or not 1 <= number <= _LARGEST_SIZE:
            self._refuse(where, value, ", which is not a size")
            return False
        return self.state(path, number, where, **marks)

    def number(self, path: str, value: Any, where: str, *, positive: bool = True) -> None:
        """Record a number without a unit, e.g. a magnification."""
        number = as_number(value)
        if number is None or (positive and number <= 0):
            self._refuse(where, value, ", which is not a possible value")
            return
        self.state(path, number, where)

    def quantity(
        self,
        path: str,
        value: Any,
        unit: str | None,
        where: str,
        *,
        default: str = "",
        trust: Trust = Trust.STATED,
    ) -> None:
        """Record a number with a unit, in the field's canonical unit.

        Zero, negative and absurd values are unknown (but for positions and temperatures), and so
        is a size of exactly 1 whose unit is only the format's default: it is what software writes
        when nobody calibrated it.

        Parameters
        ----------
        unit
            The unit in the file's words, None when the file states none.
        default
            What the format's specification says no unit means.
        """
        number = as_number(value)
        if number is None or (number <= 0 and not path.startswith(_SIGNED)):
            self._refuse(where, value, ", which is not a possible value")
            return
        if unit is None and number == 1 and "physical_size" in path:
            self._refuse(where, value, " and has no unit, as if nobody had calibrated it")
            return
        self._convert(path, number, f"{value}", unit, default, where, trust)

    def _convert(
        self,
        path: str,
        number: float,
        written: str,
        unit: str | None,
        default: str,
        where: str,
        trust: Trust,
    ) -> None:
        canonical = FACTS[split_path(path)[0]].unit
        words = default if unit is None else unit
        if canonical_unit(words) is None:
            self._refuse(where, written, f" and has the unit {words!r}, which says nothing")
            return
        converted = convert(number, words, canonical)
        if converted is None or not _believed(path, converted):
            self._refuse(where, f"{written} {words}", ", which is not a possible value")
            return
        original = "" if words == canonical else f"{written} {words}".strip()
        quantity = Quantity(value=converted, unit=canonical)
        self.state(path, quantity, where, trust=trust, original=original)

    def date(self, path: str, value: str | None, where: str, **marks: Any) -> None:
        """Record a date and time as ISO 8601; one without a time zone stays without."""
        written = (value or "").strip()
        if not written:
            return
        iso = iso_datetime(written)
        if iso is None:
            self._refuse(where, written, ", which is not a date")
            return
        marks.setdefault("original", "" if iso == written else written)
        self.state(path, iso, where, **marks)

    def dtype(self, value: str | None, names: dict[str, str], where: str) -> None:
        """Record the pixel type by numpy's name."""
        written = (value or "").strip()
        name = names.get(written.lower())
        if name is None:
            self._refuse(where, written, ", which is not a known pixel type")
            return
        self.state("image.dtype", name, where, original="" if name == written else written)

    def derived(self, paths: Iterable[str]) -> None:
        """Mark facts as worked out from what the file says, not stated by it."""
        for path in paths:
            self.facts[path] = replace(self.facts[path], trust=Trust.DERIVED)

    def doubt(self, fault: str, end: str = ".") -> None:
        """Say what is wrong with this image; images with the same fault share the sentence."""
        self.warnings.about(self.index, fault, end)

    def _refuse(self, where: str, value: Any, why: str) -> None:
        self.doubt(f"{where} is {str(value)[:60]!r}{why}", UNTIL_ENTERED)

    def done(self) -> ImageHeader:
        """Return the image's header."""
        others = {path: other for path, other in self.others.items() if path in self.facts}
        return ImageHeader(index=self.index, facts=self.facts, others=others)


@dataclass
class Findings:
    """What a reader found in a file, before it becomes a `Header`.

    Attributes
    ----------
    levels
        Whether the smaller copies of a pyramid are asked for, as images after the full one.
    """

    levels: bool = False
    format: str = ""
    sheets: list[Sheet] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    store: bool = False
    warnings: Warnings = field(default_factory=Warnings)
    ome_xml: bytes | None = None

    def sheet(self) -> Sheet:
        """Begin the next image."""
        sheet = Sheet(len(self.sheets), self.warnings)
        self.sheets.append(sheet)
        return sheet

    def damage(self, sentence: str) -> None:
        """Mark the source as damaged and say why."""
        self.warnings.damage(sentence)

    def header(self, path: str, files: Sequence[str]) -> Header:
        """Return the header; `files` is what the source consists of when the reader named none."""
        return Header(
            path=path,
            format=self.format,
            images=tuple(sheet.done() for sheet in self.sheets),
            files=tuple(self.files or files),
            store=self.store,
            warnings=self.warnings.all(len(self.sheets)),
            damaged=self.warnings.damaged,
            ome_xml=self.ome_xml,
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != "" and value == _clean(value)


def _is_moment(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


# whether a value can be kept in a field of a kind, as `recorded_facts` will want it
_HOLDS: dict[Kind, Callable[[Any], bool]] = {
    **dict.fromkeys((Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE), _is_text),
    Kind.INTEGER: lambda value: type(value) is int,
    Kind.NUMBER: lambda value: type(value) is float and isfinite(value),
    Kind.QUANTITY: lambda value: isinstance(value, Quantity),
    Kind.DATETIME: _is_moment,
}


def as_number(value: Any) -> float | None:
    """Return a finite float, or None."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def as_integer(value: Any) -> int | None:
    """Return an integer, also of `"3.0"`, or None."""
    number = as_number(value)
    if number is None or number != int(number):
        return None
    return int(number)


def iso_datetime(written: str) -> str | None:
    """Return a date and time as ISO 8601, or None; no time zone is ever added."""
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return _mended_date(written)
    return written if _ISO.fullmatch(written) else _mended_date(written)


def _mended_date(written: str) -> str | None:
    match = _LOOSE_DATE.fullmatch(written)
    if match is None:
        return None
    year, month, day, clock, zone = match.groups()
    if zone and zone != "Z" and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    iso = f"{year}-{month}-{day}" + (f"T{clock}{zone or ''}" if clock else "")
    try:
        datetime.fromisoformat(iso)
    except ValueError:
        return None
    return iso


def _believed(path: str, value: float) -> bool:
    for part, (smallest, largest) in _BELIEVED.items():
        if part in path:
            return smallest <= value <= largest
    return isfinite(value)


def _clean(text: str) -> str:
    return text[:_LARGEST_TEXT].encode("utf-8", "replace").decode()
