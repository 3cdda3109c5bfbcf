"""Slide scanners' kinds of TIFF: Aperio SVS, Hamamatsu NDPI, Philips."""

from __future__ import annotations

import re

from napari_fair.headers.sheet import Findings, Sheet, as_number
from napari_fair.headers.tiff_levels import record_copy
from napari_fair.headers.tiff_pages import Page, page_of
from napari_fair.headers.tiff_plain import record_page, record_resolution, record_stack
from napari_fair.headers.tiff_structure import Directory, TiffStructure
from napari_fair.model import Trust

_DESCRIPTION = "TIFF tag 270 ImageDescription"
_APERIO_EXTRAS = {1: "label", 9: "macro"}
_TILE_WIDTH = 322
_LENS = 65421
_NDPI_EXTRAS = {-1: "macro", -2: "map"}
_SPACING = re.compile(
    r'Name="DICOM_PIXEL_SPACING"[^>]*>\s*(?:&quot;|")\s*([\d.eE+-]+)\s*(?:&quot;|")\s*'
    r'(?:&quot;|")\s*([\d.eE+-]+)'
)
_PHILIPS = re.compile(r'Name="(DICOM_[A-Z_]+)"[^>]*>\s*(?:&quot;|")?([^<"&]{1,200})')
_PHILIPS_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?", re.ASCII)


def read_svs(tiff: TiffStructure, description: str, findings: Findings) -> None:
    """Read Aperio SVS: the first page, then label and macro; the rest are smaller copies."""
    findings.format = "Aperio SVS"
    copies = 0
    for number, directory in enumerate(tiff.directories()):
        page = page_of(tiff, directory)
        if number == 0:
            sheet = _record_slide(findings, page)
            _record_aperio(sheet, description)
        elif findings.levels and _TILE_WIDTH in directory.tags:
            copies += 1
            record_copy(findings.sheet(), findings.sheets[0], tiff, directory, copies)
        elif page.subfile in _APERIO_EXTRAS and _TILE_WIDTH not in directory.tags:
            sheet = _record_slide(findings, page)
            name = _APERIO_EXTRAS[page.subfile]
            sheet.state("image.name", name, "TIFF tag 254 NewSubfileType", trust=Trust.DERIVED)


def read_ndpi(tiff: TiffStructure, findings: Findings) -> None:
    """Read Hamamatsu NDPI: the first page, macro and map; a page says by its lens what it is."""
    findings.format = "Hamamatsu NDPI"
    copies = 0
    for number, directory in enumerate(tiff.directories()):
        lens = tiff.values(directory, _LENS, 1)
        power = as_number(lens[0]) if lens else None
        if number == 0:
            sheet = _record_slide(findings, page_of(tiff, directory))
            record_resolution(sheet, tiff, directory)
            if power is not None and power > 0:
                where = f"TIFF tag {_LENS} SourceLens"
                sheet.number("objective.nominal_magnification", power, where)
            date = tiff.text(directory, 306, 64)
            sheet.date("image.acquisition_date", date, "TIFF tag 306 DateTime")
            sheet.text("microscope.manufacturer", tiff.text(directory, 271, 200), "TIFF tag 271")
            sheet.text("microscope.model", tiff.text(directory, 272, 200), "TIFF tag 272")
        elif findings.levels and power is not None and power > 0:
            copies += 1
            record_copy(findings.sheet(), findings.sheets[0], tiff, directory, copies)
        elif power in _NDPI_EXTRAS:
            sheet = _record_slide(findings, page_of(tiff, directory))
            name = _NDPI_EXTRAS[int(power)]
            sheet.state("image.name", name, f"TIFF tag {_LENS} SourceLens", trust=Trust.DERIVED)


def read_philips(tiff: TiffStructure, description: str, findings: Findings) -> None:
    """Read Philips' TIFF: the first page, label and macro; spacing is in millimetres, Y first."""
    findings.format = "Philips TIFF"
    for number, directory in enumerate(tiff.directories()):
        text = tiff.text(directory, 270, 64).strip().lower()
        if number == 0:
            sheet = _record_slide(findings, page_of(tiff, directory))
            _record_philips(sheet, description)
        elif text.startswith(("label", "macro")):
            sheet = _record_slide(findings, page_of(tiff, directory))
            sheet.text("image.name", text[:5], _DESCRIPTION)


def _record_slide(findings: Findings, page: Page) -> Sheet:
    sheet = findings.sheet()
    record_page(sheet, page)
    record_stack(sheet, {"c": page.samples}, "TIFF tag 277 SamplesPerPixel")
    return sheet


def _record_aperio(sheet: Sheet, description: str) -> None:
    pairs = (part.partition("=") for part in description.split("|")[1:])
    held = {key.strip(): value.strip() for key, _, value in pairs}
    if as_number(held.get("MPP")) is not None:
        for axis in "xy":
            where = f"{_DESCRIPTION}: MPP"
            sheet.quantity(f"image.physical_size_{axis}", held["MPP"], "\u00b5m", where)
    if as_number(held.get("AppMag")) is not None:
        where = f"{_DESCRIPTION}: AppMag"
        sheet.number("objective.nominal_magnification", held["AppMag"], where)
    _record_aperio_date(sheet, held)


def _record_aperio_date(sheet: Sheet, held: dict[str, str]) -> None:
    written = f"{held.get('Date', '')} {held.get('Time', '')}".strip()
    match = re.fullmatch(r"(\d\d)/(\d\d)/(\d\d|\d{4}) (\d\d:\d\d:\d\d)", written)
    if match is None:
        return
    month, day, year, clock = match.groups()
    century = "20" if len(year) == 2 else ""
    zone = re.fullmatch(r"GMT([+-]\d\d):?(\d\d)", held.get("Time Zone", ""))
    shift = f"{zone[1]}:{zone[2]}" if zone else ""
    iso = f"{century}{year}-{month}-{day}T{clock}{shift}"
    sheet.date("image.acquisition_date", iso, f"{_DESCRIPTION}: Date, Time", original=written)


def _record_philips(sheet: Sheet, description: str) -> None:
    spacing = _SPACING.search(description)
    if spacing:
        for axis, number in zip("yx", spacing.groups(), strict=True):
            where = f"{_DESCRIPTION}: DICOM_PIXEL_SPACING"
            sheet.quantity(f"image.physical_size_{axis}", number, "mm", where)
    held: dict[str, str] = {}
    for name, value in _PHILIPS.findall(description):
        held.setdefault(name, value.strip())
    where = f"{_DESCRIPTION}: DICOM_ACQUISITION_DATETIME"
    date = _PHILIPS_DATE.fullmatch(held.get("DICOM_ACQUISITION_DATETIME", ""))
    if date:
        year, month, day, hour, minute, second, _ = date.groups()
        iso = f"{year}-{month}-{day}T{hour}:{minute}:{second}"
        sheet.date("image.acquisition_date", iso, where, original=date[0])
    for name, field in (
        ("DICOM_MANUFACTURER", "manufacturer"),
        ("DICOM_MANUFACTURERS_MODEL_NAME", "model"),
    ):
        sheet.text(f"microscope.{field}", held.get(name), f"{_DESCRIPTION}: {name}")


def is_ndpi(first: Directory) -> bool:
    """Whether a page is one of Hamamatsu's."""
    return _LENS in first.tags and 65420 in first.tags
