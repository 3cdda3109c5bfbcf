"""Exif: the small TIFF inside pictures of cameras."""

from __future__ import annotations

import re
from io import BytesIO

from napari_fair.headers.sheet import Sheet
from napari_fair.headers.tiff_structure import Directory, NotTiff, TiffStructure
from napari_fair.model import Trust

_EXIF_DIRECTORY = 34665
_MAKE, _MODEL, _DATE = 271, 272, 306
_TAKEN, _TAKEN_PART, _TAKEN_ZONE, _EXPOSURE = 36867, 37521, 36881, 33434
_STAMP = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)", re.ASCII)


def record_exif(sheet: Sheet, data: bytes) -> None:
    """Record camera, date and exposure; its resolution is a printer's, never a pixel size."""
    try:
        tiff = TiffStructure.open(BytesIO(data), len(data))
    except NotTiff:
        return
    first = tiff.directory(tiff.first_offset)
    if first is None:
        return
    sheet.text("detector.0.manufacturer", tiff.text(first, _MAKE, 200), "Exif 271 Make")
    sheet.text("detector.0.model", tiff.text(first, _MODEL, 200), "Exif 272 Model")
    sheet.text("image.software", tiff.text(first, 305, 200), "Exif 305 Software")
    inner = tiff.directory(tiff.value(first, _EXIF_DIRECTORY))
    if inner is not None and inner.offset != first.offset:
        _record_taken(sheet, tiff, inner)
    match = _STAMP.fullmatch(tiff.text(first, _DATE, 64).strip())
    if match and "image.acquisition_date" not in sheet.facts:
        # When the file was last written, which is not always when the picture was taken.
        iso = f"{match[1]}-{match[2]}-{match[3]}T{match[4]}"
        sheet.date("image.acquisition_date", iso, "Exif 306 DateTime", trust=Trust.GUESSED)


def _record_taken(sheet: Sheet, tiff: TiffStructure, inner: Directory) -> None:
    written = tiff.text(inner, _TAKEN, 64).strip()
    match = _STAMP.fullmatch(written)
    if match:
        part = tiff.text(inner, _TAKEN_PART, 16).strip()
        zone = tiff.text(inner, _TAKEN_ZONE, 16).strip()
        iso = f"{match[1]}-{match[2]}-{match[3]}T{match[4]}"
        iso += f".{part[:6]}" if part.isascii() and part.isdigit() else ""
        iso += zone if re.fullmatch(r"[+-]\d\d:\d\d", zone) else ""
        where = "Exif 36867 DateTimeOriginal"
        sheet.date("image.acquisition_date", iso, where, original=written)
    exposure = tiff.ratio(inner, _EXPOSURE)
    if exposure is not None and exposure > 0:
        seconds = float(f"{exposure:.8g}")
        path = "channel.0.exposure_time"
        sheet.quantity(path, seconds, "s", "Exif 33434 ExposureTime")
