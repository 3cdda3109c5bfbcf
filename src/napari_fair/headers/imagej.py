"""ImageJ and Fiji TIFF: ``key=value`` lines as description, calibration in the resolution tags."""

from __future__ import annotations

import re
from itertools import islice

from napari_fair.headers.imagej_metadata import pieces, record_pieces
from napari_fair.headers.resolution import stated_resolution
from napari_fair.headers.sheet import UNTIL_ENTERED, Findings, Sheet, as_integer, as_number
from napari_fair.headers.tiff_pages import Page, page_of
from napari_fair.headers.tiff_plain import record_date, record_page, record_resolution, record_stack
from napari_fair.headers.tiff_structure import Directory, TiffStructure
from napari_fair.model import Trust
from napari_fair.model.units import UNKNOWN_UNITS, canonical_unit

_INCH = "in"
_FINEST_PRINT = 10 / 25_400
"""Inches: no printer's dots are closer than 10 \u00b5m."""
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})")
_COUNTED_PAGES = 2000


def read_imagej(
    tiff: TiffStructure, first: Directory, description: str, findings: Findings
) -> bool:
    """Read an ImageJ stack; False when the pages are not the stack that the description says."""
    held = _pairs(description)
    page, second = page_of(tiff, first), tiff.directory(first.next) if first.next else None
    if second is not None and page_of(tiff, second).shape != page.shape:
        findings.warnings.add(
            "The ImageJ description says one stack but the pages differ in size; each size is an "
            "image of its own."
        )
        return False
    findings.format = "ImageJ TIFF"
    sheet = findings.sheet()
    record_page(sheet, page)
    _record_stack(sheet, held, page, tiff, first)
    _record_calibration(sheet, held, tiff, first)
    _record_time(sheet, held)
    record_date(sheet, tiff, first)
    if held.get("ImageJ"):
        sheet.text("image.software", f"ImageJ {held['ImageJ']}", "ImageJ: ImageJ")
    record_pieces(sheet, pieces(tiff, first), tiff.order)
    return True


def _pairs(description: str) -> dict[str, str]:
    # characters beyond ASCII are written as in Java: \\u00B5m
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), description)
    lines = (line.partition("=") for line in plain.splitlines())
    return {key.strip(): value.strip() for key, _, value in lines if key.strip()}


def _record_stack(
    sheet: Sheet, held: dict[str, str], page: Page, tiff: TiffStructure, first: Directory
) -> None:
    names = {"c": "channels", "z": "slices", "t": "frames"}
    stated = {axis: _count(held, name) for axis, name in names.items()}
    images, trust = _count(held, "images"), Trust.STATED
    pages = _pages(tiff, images) if first.next else images
    planes = stated["z"] * stated["c"] * stated["t"]
    if pages % planes == 0 and "frames" not in held and (planes > 1 or images == pages):
        stated["t"] = pages // planes
    elif pages != planes and (first.next or "images" in held):
        sheet.warnings.add(
            f"ImageJ: there are {pages} pages but channels, slices and frames make {planes}; "
            "check the sizes."
        )
        stated, trust = {"c": 1, "z": 1, "t": pages}, Trust.GUESSED
    if not first.next and images > 1:
        _check_contiguous(sheet, page, images, tiff, first)
    stated["c"] *= page.samples
    where = "ImageJ: " + ", ".join(name for name in ("images", *names.values()) if name in held)
    if sum(count > 1 for count in stated.values()) > 1:
        # planes of a hyperstack lie in this order whatever the description says
        sheet.text("image.dimension_order", "XYCZT", "ImageJ: hyperstack", trust=Trust.DERIVED)
    where = where if where != "ImageJ: " and trust == Trust.STATED else "TIFF pages"
    record_stack(sheet, stated, where, trust=trust)


def _pages(tiff: TiffStructure, images: int) -> int:
    """Return how many pages there are; as many as stated when they are damaged or very many."""
    before = len(tiff.problems)
    counted = sum(1 for _ in islice(tiff.directories(), _COUNTED_PAGES))
    return images if counted == _COUNTED_PAGES or len(tiff.problems) > before else counted


def _count(held: dict[str, str], name: str) -> int:
    number = as_integer(held.get(name, 1))
    return number if number and number > 0 else 1


def _check_contiguous(
    sheet: Sheet, page: Page, images: int, tiff: TiffStructure, first: Directory
) -> None:
    """ImageJ writes stacks over 4 GB as one page with the other planes right behind it."""
    bits = sum(int(b) for b in tiff.values(first, 258, 16)) or 8
    needed = page.width * page.height * bits // 8 * images
    start = tiff.values(first, 273, 1)
    if tiff.value(first, 259, 1) == 1 and start and int(start[0]) + needed > tiff.size:
        sheet.warnings.add(
            f"ImageJ: images is {images} but the file holds fewer; it may be cut off."
        )


def _record_calibration(
    sheet: Sheet, held: dict[str, str], tiff: TiffStructure, first: Directory
) -> None:
    unit = held.get("unit", "")
    for axis, code, name in (("x", 282, "XResolution"), ("y", 283, "YResolution")):
        ratio = tiff.ratio(first, code)
        if ratio is None or ratio == 0:
            continue
        words = held.get("yunit", unit) if axis == "y" else unit
        _record_axis(sheet, axis, 1 / ratio, words, f"TIFF tag {code} {name}, ImageJ: unit")
    if not unit and stated_resolution(tiff, first, 282) is not None:
        record_resolution(sheet, tiff, first)
    if "spacing" in held:
        words = held.get("zunit", unit)
        _record_axis(sheet, "z", as_number(held["spacing"]), words, "ImageJ: spacing")


def _record_axis(sheet: Sheet, axis: str, size: float | None, unit: str, where: str) -> None:
    canonical = canonical_unit(unit)
    printed = canonical == _INCH and (size is None or size >= _FINEST_PRINT)
    if canonical is None or printed:
        _warn_of_unit(sheet, axis, size, unit, where)
        return
    if size is not None and axis == "z":
        size = abs(size)  # ImageJ writes the direction of the stack as the sign
    sheet.quantity(f"image.physical_size_{axis}", size, unit, where)


def _warn_of_unit(sheet: Sheet, axis: str, size: float | None, unit: str, where: str) -> None:
    if not unit.strip() and size in (None, 1.0):
        return
    if unit.lower() in UNKNOWN_UNITS and size == 1.0:
        return
    said = f"the unit {unit!r}" if unit.strip() else "no unit"
    if canonical_unit(unit) == _INCH:
        said = "inches, as for printers"
    sheet.doubt(f"{where} has {said}: the pixel size along {axis.upper()}", UNTIL_ENTERED)


def _record_time(sheet: Sheet, held: dict[str, str]) -> None:
    if "finterval" in held:
        # ImageJ counts frame intervals in seconds unless it names a unit (tunit in Fiji).
        default = held.get("finterval") == "1" and held.get("fps") == "1"
        trust = Trust.GUESSED if default else Trust.STATED
        sheet.quantity(
            "image.time_increment",
            held["finterval"],
            held.get("tunit", "s"),
            "ImageJ: finterval",
            trust=trust,
        )
