"""MetaMorph: STK (one page, many planes), and the XML that newer versions write into any TIFF."""

from __future__ import annotations

import re
import struct
from datetime import datetime, timedelta
from typing import Any

from napari_fair.files import DamagedDocument, parse_xml
from napari_fair.headers.lens_names import record_lens_name
from napari_fair.headers.ome_channels import record_word
from napari_fair.headers.ome_words import BINNINGS
from napari_fair.headers.sheet import Findings, Sheet, as_integer, as_number
from napari_fair.headers.tiff_pages import page_of
from napari_fair.headers.tiff_plain import record_date, record_page, record_stack
from napari_fair.headers.tiff_structure import Directory, TiffStructure
from napari_fair.headers.time_points import record_even_step
from napari_fair.model import Trust
from napari_fair.model.units import canonical_unit

_UIC1, _UIC2, _UIC3 = 33628, 33629, 33630
_STK = "TIFF tag 33629 UIC2Tag"
_TAGS = "TIFF tag 33628 UIC1Tag"
_CALIBRATED, _X, _Y, _UNITS, _CREATED = 3, 4, 5, 6, 16
_MAX_PLANES = 100_000
_MAX_TAGS = 1000
_PLANE_BYTES = 24
_JULIAN_UNIX_EPOCH = 2440588
_UNIX_EPOCH = datetime(1970, 1, 1)
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)", re.ASCII)
_EXPOSURE = re.compile(r"Exposure:\s*([\d.]+)\s*(ms|s|sec|msec)\b", re.IGNORECASE)
_BINNING = re.compile(r"Binning:\s*(\d)\s*[xX]\s*(\d)\b")
_NOTES = "TIFF tag 270 ImageDescription"
_EVEN = 0.01


def is_metamorph(description: str) -> bool:
    """Whether a TIFF's description is MetaMorph's XML."""
    return description.startswith("<MetaData>") and "<PlaneInfo>" in description[:200_000]


def read_stk(tiff: TiffStructure, first: Directory, findings: Findings) -> None:
    """Read MetaMorph STK: one page, and in UIC2 six numbers for each plane, Z distance first."""
    findings.format = "MetaMorph STK"
    sheet = findings.sheet()
    page = page_of(tiff, first)
    record_page(sheet, page)
    planes = max(1, first.tags[_UIC2].count)
    if tiff.size < planes:
        findings.damage(f"{_STK} says more planes than the file can hold.")
        return
    numbers = _plane_numbers(tiff, first, planes)
    distances = [_ratio(*numbers[at : at + 2]) for at in range(0, len(numbers) - 5, 6)]
    along = "z" if any(distances[1:]) else "t"
    sizes = {"c": page.samples, along: planes}
    trust = Trust.DERIVED if along == "z" else Trust.GUESSED
    record_stack(sheet, sizes, _STK, trust=trust if planes > 1 else Trust.STATED)
    held = _uic1(tiff, first)
    unit = _record_calibration(sheet, tiff, held)
    if along == "z":
        _record_distance(sheet, distances[1:], unit)
    else:
        _record_times(sheet, numbers)
    _record_created(sheet, numbers)
    _record_waves(sheet, tiff, first, planes)
    description = tiff.text(first, 270)
    if is_metamorph(description):
        record_description(sheet, description)
    else:
        _record_notes(sheet, description)
    if "image.acquisition_date" not in sheet.facts:
        record_date(sheet, tiff, first)


def _record_notes(sheet: Sheet, description: str) -> None:
    """Record exposure and binning from the text that older versions write for each plane."""
    exposure, binning = _EXPOSURE.search(description), _BINNING.search(description)
    if exposure and as_number(exposure[1]) and _is_grey(sheet):
        path = "channel.0.exposure_time"
        sheet.quantity(path, exposure[1], exposure[2].lower(), f"{_NOTES}: Exposure")
    if binning:
        written = f"{binning[1]}x{binning[2]}"
        record_word(sheet, "detector.0.binning", written, BINNINGS, f"{_NOTES}: Binning")


def record_description(sheet: Sheet, description: str) -> None:
    """Record the properties of the first plane from MetaMorph's XML."""
    try:
        root = parse_xml(description.encode("utf-8", "replace"), name="description").root
    except DamagedDocument:
        sheet.warnings.damage(f"{_NOTES} holds MetaMorph's XML, which is damaged.")
        return
    plane = root.find("PlaneInfo")
    if plane is None:
        return
    held = {p.get("id", ""): p.get("value", "") for p in plane.iterfind("prop")}
    held |= {p.get("id", ""): p.get("value", "") for p in plane.iterfind("custom-prop")}
    _record_properties(sheet, held)


def _record_properties(sheet: Sheet, held: dict[str, str]) -> None:
    unit = held.get("spatial-calibration-units", "")
    if held.get("spatial-calibration-state", "on") == "on" and canonical_unit(unit):
        for axis in "xy":
            size = held.get(f"spatial-calibration-{axis}")
            if as_number(size):
                where = f"{_NOTES}: spatial-calibration-{axis}"
                sheet.quantity(f"image.physical_size_{axis}", size, unit, where)
    match = _DATE.fullmatch(held.get("acquisition-time-local", ""))
    if match:
        iso = f"{match[1]}-{match[2]}-{match[3]}T{match[4]}"
        sheet.date("image.acquisition_date", iso, f"{_NOTES}: acquisition-time-local")
    for axis in "xy":
        if as_number(held.get(f"stage-position-{axis}")):
            where = f"{_NOTES}: stage-position-{axis}"
            number = held[f"stage-position-{axis}"]
            sheet.quantity(f"image.stage_{axis}", number, "\u00b5m", where)
    if as_number(held.get("z-position")):
        sheet.quantity("image.stage_z", held["z-position"], "\u00b5m", f"{_NOTES}: z-position")
    _record_channel(sheet, held)


def _is_grey(sheet: Sheet) -> bool:
    channels = sheet.facts.get("image.size_c")
    return channels is not None and channels.value == 1


def _record_channel(sheet: Sheet, held: dict[str, str]) -> None:
    if _is_grey(sheet):
        sheet.text("channel.0.name", held.get("_IllumSetting_"), f"{_NOTES}: _IllumSetting_")
        wave = as_number(held.get("wavelength"))
        if wave and wave > 1:
            path = "channel.0.emission_wavelength"
            sheet.quantity(path, wave, "nm", f"{_NOTES}: wavelength")
        exposure = _EXPOSURE.search(held.get("Description", "")) or _EXPOSURE.search(
            f"Exposure: {held.get('Exposure Time', '')}"
        )
        if exposure and as_number(exposure[1]):
            path = "channel.0.exposure_time"
            sheet.quantity(path, exposure[1], exposure[2].lower(), f"{_NOTES}: Exposure")
    lens = held.get("_MagSetting_", "")
    sheet.text("objective.model", lens, f"{_NOTES}: _MagSetting_")
    if as_number(held.get("_MagNA_")):
        sheet.number("objective.lens_na", held["_MagNA_"], f"{_NOTES}: _MagNA_")
    record_lens_name(sheet, lens, f"{_NOTES}: _MagSetting_")
    binning = [held.get(f"camera-binning-{axis}", "") for axis in "xy"]
    if all(part.isdigit() for part in binning):
        where = f"{_NOTES}: camera-binning-x, -y"
        record_word(sheet, "detector.0.binning", "x".join(binning), BINNINGS, where)


def _plane_numbers(tiff: TiffStructure, first: Directory, planes: int) -> tuple[int, ...]:
    tag = first.tags[_UIC2]
    if not tag.offset:
        return ()
    data = tiff.bytes_at(tag.offset, min(planes, _MAX_PLANES) * _PLANE_BYTES)
    return struct.unpack(f"{tiff.order}{len(data) // 4}I", data[: len(data) // 4 * 4])


def _ratio(top: int, bottom: int) -> float:
    return top / bottom if bottom else 0.0


def _uic1(tiff: TiffStructure, first: Directory) -> dict[int, int]:
    """Return the values (most of them places) of UIC1 by their number."""
    tag = first.tags.get(_UIC1)
    if tag is None or not tag.offset:
        return {}
    data = tiff.bytes_at(tag.offset, 8 * min(tag.count, _MAX_TAGS))
    numbers = struct.unpack(f"{tiff.order}{len(data) // 4}I", data[: len(data) // 4 * 4])
    return dict(zip(numbers[::2], numbers[1::2], strict=False))


def _record_calibration(sheet: Sheet, tiff: TiffStructure, held: dict[int, int]) -> str:
    """Record the pixel size and return its unit, empty when the image is not calibrated."""
    length = tiff.bytes_at(held.get(_UNITS, 0), 4)
    size = struct.unpack(f"{tiff.order}I", length)[0] if len(length) == 4 else 0
    text = tiff.bytes_at(held.get(_UNITS, 0) + 4, min(size, 64)) if _UNITS in held else b""
    unit = text.split(b"\0", 1)[0].decode("latin-1").strip()
    if not held.get(_CALIBRATED) or canonical_unit(unit) is None:
        return ""
    for axis, code in (("x", _X), ("y", _Y)):
        data = tiff.bytes_at(held.get(code, 0), 8) if code in held else b""
        if len(data) == 8:
            number = _ratio(*struct.unpack(f"{tiff.order}2I", data))
            if number:
                where = f"{_TAGS}: {axis.upper()}Calibration"
                sheet.quantity(f"image.physical_size_{axis}", number, unit, where)
    return unit


def _record_distance(sheet: Sheet, distances: list[float], unit: str) -> None:
    mean = sum(distances) / len(distances)
    if mean > 0 and all(abs(distance - mean) <= _EVEN * mean for distance in distances):
        where = f"{_STK}: Z distance"
        number = float(f"{mean:.10g}")
        # The structure has no unit of its own; MetaMorph uses that of the plane.
        path, trust = "image.physical_size_z", Trust.DERIVED
        sheet.quantity(path, number, unit or "\u00b5m", where, trust=trust)


def _moment(numbers: tuple[int, ...]) -> datetime | None:
    """Return the date of a plane: Julian day, then milliseconds since midnight, local time."""
    if len(numbers) < 4 or not 0 <= numbers[3] < 86_400_000:
        return None
    try:
        day = _UNIX_EPOCH + timedelta(days=numbers[2] - _JULIAN_UNIX_EPOCH)
    except OverflowError:
        return None
    moment = day + timedelta(milliseconds=numbers[3])
    return moment if 1980 <= moment.year < 2100 else None


def _record_created(sheet: Sheet, numbers: tuple[int, ...]) -> None:
    moment = _moment(numbers[:6])
    if moment is not None:
        written = moment.isoformat(timespec="milliseconds")
        sheet.date("image.acquisition_date", written, f"{_STK}: creation date and time")


def _record_times(sheet: Sheet, numbers: tuple[int, ...]) -> None:
    moments = [_moment(numbers[at : at + 6]) for at in range(0, len(numbers) - 5, 6)]
    known = [moment for moment in moments if moment is not None]
    if len(known) == len(moments) > 1:
        seconds = [(moment - known[0]).total_seconds() for moment in known]
        record_even_step(sheet, seconds, f"{_STK}: creation times")


def _record_waves(sheet: Sheet, tiff: TiffStructure, first: Directory, planes: int) -> None:
    tag: Any = first.tags.get(_UIC3)
    if tag is None or not tag.offset:
        return
    data = tiff.bytes_at(tag.offset, 8 * min(planes, _MAX_PLANES))
    numbers = struct.unpack(f"{tiff.order}{len(data) // 4}I", data[: len(data) // 4 * 4])
    waves = {_ratio(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=False)}
    channels = sheet.facts.get("image.size_c")
    if len(waves) == 1 and channels is not None and as_integer(channels.value) == 1:
        wave = waves.pop()
        if wave > 1:
            where = "TIFF tag 33630 UIC3Tag"
            sheet.quantity("channel.0.emission_wavelength", wave, "nm", where)
