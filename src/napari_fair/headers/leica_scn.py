"""Leica SCN: a BigTIFF whose XML tells which page is which image, resolution, channel and plane.

Lengths of a ``view`` are nanometres (schema of 2010/10).
"""

from __future__ import annotations

from typing import Any

from napari_fair.files import DamagedDocument, parse_xml
from napari_fair.headers.ome_document import child, elements
from napari_fair.headers.sheet import Findings, Sheet, as_integer, as_number
from napari_fair.headers.tiff_pages import page_of
from napari_fair.headers.tiff_plain import record_page, record_stack
from napari_fair.headers.tiff_structure import Directory, TiffStructure
from napari_fair.model import Trust

Element = Any

_SPACE = "www.leica-microsystems.com/scn/"
_WHERE = "SCN XML: image"
_MOST_IMAGES = 1000
_MOST_CHANNELS = 100


def is_scn(description: str) -> bool:
    """Whether a TIFF's description is Leica's XML."""
    return description.lstrip().startswith("<") and _SPACE in description[:2000]


def read_scn(tiff: TiffStructure, description: str, findings: Findings) -> bool:
    """Read an SCN file; False when its XML cannot be used."""
    findings.format = "Leica SCN"
    try:
        parsed = parse_xml(description.encode("utf-8", "replace"), name="description")
    except DamagedDocument as error:
        findings.damage(str(error))
        return False
    if parsed.damaged:
        findings.damage("The XML of the SCN file is damaged; what could be read of it was read.")
    pages = list(tiff.directories())
    for image in list(elements(parsed.root, "image", deep=True))[:_MOST_IMAGES]:
        _record(image, tiff, pages, findings)
    return bool(findings.sheets)


def _record(
    image: Element, tiff: TiffStructure, pages: list[Directory], findings: Findings
) -> None:
    pixels = child(image, "pixels")
    listed = [] if pixels is None else list(elements(pixels, "dimension"))
    for level in sorted({_number(held, "r") for held in listed}):
        if level and not findings.levels:
            return
        planes = [held for held in listed if _number(held, "r") == level]
        page = _number(planes[0], "ifd")
        if page >= len(pages):
            findings.damage(f"The XML of the SCN file names page {page}, which is not there.")
            return
        shown = page_of(tiff, pages[page])
        sheet = findings.sheet()
        record_page(sheet, shown)
        sizes = {axis: len({_number(held, axis) for held in planes}) for axis in "zc"}
        record_stack(
            sheet, {**sizes, "c": sizes["c"] * shown.samples}, f"{_WHERE}/pixels/dimension"
        )
        if level:
            sheet.state("image.name", f"Resolution level {level}", f"{_WHERE}/pixels/dimension/@r")
        else:
            _record_facts(sheet, image, shown.width, shown.height)


def _number(held: Element, name: str) -> int:
    return max(0, as_integer(held.get(name, "0")) or 0)


def _record_facts(sheet: Sheet, image: Element, width: int, height: int) -> None:
    sheet.text("image.name", image.get("name"), f"{_WHERE}/@name")
    date = child(image, "creationDate")
    sheet.date("image.acquisition_date", _text(date), f"{_WHERE}/creationDate")
    device = child(image, "device")
    if device is not None:
        sheet.text("microscope.model", device.get("model"), f"{_WHERE}/device/@model")
    view = child(image, "view")
    for axis, pixels in (("x", width), ("y", height)):
        name = f"size{axis.upper()}"
        length = None if view is None else as_number(view.get(name))
        if length and pixels:
            where, step = f"{_WHERE}/view/@{name}", float(f"{length / pixels:.10g}")
            path = f"image.physical_size_{axis}"
            sheet.quantity(path, step, "nm", where, trust=Trust.DERIVED)
    _record_settings(sheet, child(image, "scanSettings"))


def _record_settings(sheet: Sheet, settings: Element | None) -> None:
    where = f"{_WHERE}/scanSettings"
    for parent, name, field in (
        ("objectiveSettings", "objective", "nominal_magnification"),
        ("illuminationSettings", "numericalAperture", "lens_na"),
    ):
        written = _text(child(child(settings, parent), name))
        if as_number(written):
            sheet.number(f"objective.{field}", written, f"{where}/{parent}/{name}")
    channels = child(settings, "channelSettings")
    listed = [] if channels is None else list(elements(channels, "channel"))[:_MOST_CHANNELS]
    for index, channel in enumerate(listed):
        place = f"{where}/channelSettings/channel[{index}]/@name"
        sheet.text(f"channel.{index}.name", channel.get("name"), place)


def _text(element: Element | None) -> str:
    return "" if element is None else (element.text or "").strip()
