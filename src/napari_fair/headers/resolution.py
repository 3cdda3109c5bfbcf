"""TIFF's resolution tags: a pixel size, or what a printer should do."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from napari_fair.headers.tiff_structure import Directory, TiffStructure

_INCH, _CENTIMETRE = 2, 3
_FINEST_PRINT = 2540
_NAMES = {282: "TIFF tag 282 XResolution", 283: "TIFF tag 283 YResolution"}
_DOTS_PER_INCH = (72, 75, 96, 100, 120, 144, 150, 200, 240, 300, 360, 400, 600, 1200, 2400)


@dataclass(frozen=True, slots=True)
class Resolution:
    """A resolution in pixels per centimetre.

    Attributes
    ----------
    micrometres
        The pixel size that follows from it.
    where
        The tag.
    printer
        Whether it is a whole number of dots per inch that printers and screens use.
    default
        Whether it is exactly 1 µm: Micro-Manager's NDTiff has that without a calibration.
    """

    micrometres: float
    where: str
    printer: bool
    default: bool


def stated_resolution(tiff: TiffStructure, directory: Directory, code: int) -> Resolution | None:
    """Return what a resolution tag says in centimetres, or in inches finer than any printer's.

    ``ResolutionUnit`` none names no length, and inches mean a printer (TIFF 6.0, section 8, is
    about page layout) unless there are more than 2540 dots in one, so both give None.
    """
    ratio = tiff.ratio(directory, code)
    if ratio is None or not isfinite(ratio) or ratio <= 0:
        return None
    unit = tiff.value(directory, 296, _INCH)
    if unit == _INCH and ratio > _FINEST_PRINT:
        ratio /= 2.54
    elif unit != _CENTIMETRE:
        return None
    inches = ratio * 2.54
    printer = any(abs(inches - dots) < 0.01 * dots / 72 for dots in _DOTS_PER_INCH)
    size = float(f"{1e4 / ratio:.12g}")
    return Resolution(size, _NAMES[code], printer, default=size == 1)
