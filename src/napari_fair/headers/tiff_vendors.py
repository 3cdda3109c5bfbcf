"""Makers' kinds of TIFF: Zeiss LSM, MetaMorph STK, Aperio SVS."""

from __future__ import annotations

import re
import struct

from napari_fair.headers.sheet import Findings, Sheet, as_number
from napari_fair.headers.tiff_pages import Page, page_of
from napari_fair.headers.tiff_plain import record_date, record_page, record_stack
from napari_fair.headers.tiff_structure import Directory, TiffStructure
from napari_fair.model import Trust

_LSM = "TIFF tag 34412 CZ_LSMINFO"
_STK = "TIFF tag 33629 UIC2Tag"
_APERIO = "TIFF tag 270 ImageDescription"
_APERIO_EXTRAS = {1: "label", 9: "macro"}
_TILE_WIDTH = 322


def read_lsm(tiff: TiffStructure, first: Directory, findings: Findings) -> None:
    """Read Zeiss LSM; lengths in the structure are metres, times seconds."""
    findings.format = "Zeiss LSM"
    sheet = findings.sheet()
    page = page_of(tiff, first)
    record_page(sheet, page)
    data = tiff.raw(first, 34412, 256)
    if len(data) < 64:
        findings.damage(f"{_LSM} is cut off; sizes along Z, C and T are unknown.")
        return
    _, _, depth, channels, times = struct.unpack_from(f"{tiff.order}5i", data, 8)
    record_stack(sheet, {"z": depth, "c": channels, "t": times}, _LSM)
    for axis, size in zip("xyz", struct.unpack_from(f"{tiff.order}3d", data, 40), strict=True):
        if size != 0 and (axis != "z" or depth > 1):
            sheet.quantity(f"image.physical_size_{axis}", size, "m", f"{_LSM}: VoxelSize")
    if len(data) >= 120 and times > 1:
        (interval,) = struct.unpack_from(f"{tiff.order}d", data, 112)
        if interval != 0:
            sheet.quantity("image.time_increment", interval, "s", f"{_LSM}: TimeInterval")


def read_stk(tiff: TiffStructure, first: Directory, findings: Findings) -> None:
    """Read MetaMorph STK: one page, and in UIC2 six numbers for each plane, Z distance first."""
    findings.format = "MetaMorph STK"
    sheet = findings.sheet()
    page = page_of(tiff, first)
    record_page(sheet, page)
    planes = max(1, first.tags[33629].count)
    if tiff.size < planes:
        findings.damage(f"{_STK} says more planes than the file can hold.")
        return
    along = "z" if _moves_in_z(tiff, first, planes) else "t"
    sizes = {"c": page.samples, along: planes}
    trust = Trust.DERIVED if along == "z" else Trust.GUESSED
    record_stack(sheet, sizes, _STK, trust=trust if planes > 1 else Trust.STATED)
    record_date(sheet, tiff, first)


def _moves_in_z(tiff: TiffStructure, first: Directory, planes: int) -> bool:
    tag = first.tags[33629]
    if not tag.offset:
        return False
    data = tiff.bytes_at(tag.offset, min(planes, 1000) * 24)
    numbers = struct.unpack(f"{tiff.order}{len(data) // 4}I", data[: len(data) // 4 * 4])
    return any(distance for distance in numbers[6::6])


def read_svs(tiff: TiffStructure, description: str, findings: Findings) -> None:
    """Read Aperio SVS: the first page, then label and macro; the rest are smaller copies."""
    findings.format = "Aperio SVS"
    for number, directory in enumerate(tiff.directories()):
        page = page_of(tiff, directory)
        if number == 0:
            sheet = _record_slide(findings, page)
            _record_aperio(sheet, description)
        elif page.subfile in _APERIO_EXTRAS and _TILE_WIDTH not in directory.tags:
            sheet = _record_slide(findings, page)
            name = _APERIO_EXTRAS[page.subfile]
            sheet.state("image.name", name, "TIFF tag 254 NewSubfileType", trust=Trust.DERIVED)


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
            where = f"{_APERIO}: MPP"
            sheet.quantity(f"image.physical_size_{axis}", held["MPP"], "\u00b5m", where)
    if as_number(held.get("AppMag")) is not None:
        where = f"{_APERIO}: AppMag"
        sheet.number("objective.nominal_magnification", held["AppMag"], where)
    written = f"{held.get('Date', '')} {held.get('Time', '')}".strip()
    match = re.fullmatch(r"(\d\d)/(\d\d)/(\d\d|\d{4}) (\d\d:\d\d:\d\d)", written)
    if match:
        month, day, year, clock = match.groups()
        century = "20" if len(year) == 2 else ""
        iso = f"{century}{year}-{month}-{day}T{clock}"
        where = f"{_APERIO}: Date, Time"
        sheet.date("image.acquisition_date", iso, where)
