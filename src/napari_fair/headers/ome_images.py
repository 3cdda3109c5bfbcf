"""From an OME-XML document to the facts of its images, field by field, never all or nothing."""

from __future__ import annotations

from collections import Counter

from napari_fair.headers.ome_channels import record_channels
from napari_fair.headers.ome_document import Element, OmeDocument, child, elements
from napari_fair.headers.ome_instrument import record_instrument
from napari_fair.headers.ome_surroundings import Surroundings
from napari_fair.headers.ome_words import DIMENSION_ORDERS, PIXEL_TYPES
from napari_fair.headers.sheet import Findings, Sheet, as_number

_MICROMETRE = "\u00b5m"
_DATES = ("AcquisitionDate", "AcquiredDate", "CreationDate")


def record_images(document: OmeDocument, findings: Findings) -> None:
    """Add a sheet for every ``Image`` of the document."""
    if document.damaged:
        findings.damage("The OME-XML is damaged; what could be read of it was read.")
    for note in document.notes:
        findings.warnings.add(f"OME-XML: {note}")
    _warn_of_ids(document, findings)
    instruments = document.by_id("Instrument")
    surroundings = Surroundings.of(document)
    for index, image in enumerate(document.images):
        sheet = findings.sheet()
        place = f"OME-XML: Image[{index}]"
        pixels = _pixels(image)
        _record_image(sheet, image, place)
        if pixels is None:
            sheet.doubt(f"{place} says nothing about its pixels", "; its sizes are unknown.")
        else:
            _record_pixels(sheet, image, pixels, place)
            record_channels(sheet, image, pixels, place)
            document.planes[index].record(sheet, f"{place}/Pixels")
        record_instrument(sheet, document, image, instruments, place)
        surroundings.record(sheet, image, place)


def _pixels(image: Element) -> Element | None:
    """Return the ``Pixels``; before 2009-09 an image could have several and named one."""
    found = list(elements(image, "Pixels"))
    chosen = image.get("AcquiredPixels") or image.get("DefaultPixels")
    return next((p for p in found if chosen and p.get("ID") == chosen), next(iter(found), None))


def _record_image(sheet: Sheet, image: Element, place: str) -> None:
    sheet.text("image.name", image.get("Name"), f"{place}/@Name")
    description = child(image, "Description")
    if description is not None:
        sheet.text("image.description", description.text, f"{place}/Description")
    for name in _DATES:
        element = child(image, name)
        if element is not None:
            sheet.date("image.acquisition_date", element.text, f"{place}/{name}")
            return


def _record_pixels(sheet: Sheet, image: Element, pixels: Element, place: str) -> None:
    for axis in "XYZCT":
        where = f"{place}/Pixels/@Size{axis}"
        sheet.size(f"image.size_{axis.lower()}", pixels.get(f"Size{axis}"), where)
    name = "Type" if "Type" in pixels.attrib else "PixelType"
    written = pixels.get(name) or image.get("PixelType")
    sheet.dtype(written, PIXEL_TYPES, f"{place}/Pixels/@{name}")
    order = pixels.get("DimensionOrder")
    if order in DIMENSION_ORDERS:
        sheet.state("image.dimension_order", order, f"{place}/Pixels/@DimensionOrder")
    elif order is not None:
        sheet.doubt(f"{place}/Pixels/@DimensionOrder is {order[:20]!r}, which OME lacks")
    _record_calibration(sheet, image, pixels, place)


def _record_calibration(sheet: Sheet, image: Element, pixels: Element, place: str) -> None:
    stated: list[tuple[str, str, str | None, str]] = []
    for axis in "XYZ":
        path, name = f"image.physical_size_{axis.lower()}", f"PhysicalSize{axis}"
        if name in pixels.attrib:
            unit, where = pixels.get(f"{name}Unit"), f"{place}/Pixels/@{name}"
            stated.append((path, pixels.get(name), unit, where))
        elif f"PixelSize{axis}" in image.attrib:  # until 2007
            where = f"{place}/@PixelSize{axis}"
            stated.append((path, image.get(f"PixelSize{axis}"), None, where))
    # Where one size is not 1, somebody calibrated, and 1 is the schema's 1 \u00b5m.
    calibrated = any(as_number(written) not in (1, 0, None) for _, written, _, _ in stated)
    for path, written, unit, where in stated:
        unit = _MICROMETRE if unit is None and calibrated else unit
        sheet.quantity(path, written, unit, where, default=_MICROMETRE)
    step = pixels.get("TimeIncrement") or image.get("TimeIncrement")
    if step is not None:
        unit, where = pixels.get("TimeIncrementUnit"), f"{place}/Pixels/@TimeIncrement"
        sheet.quantity("image.time_increment", step, unit, where, default="s")


def _warn_of_ids(document: OmeDocument, findings: Findings) -> None:
    ids = Counter(image.get("ID", "") for image in document.images)
    for identifier, times in ids.items():
        if times > 1 and identifier:
            findings.warnings.add(
                f"The OME-XML calls {times} images {identifier[:60]!r}; they are told apart by "
                "their order, references to that ID may mean any of them."
            )
