"""What surrounds an OME-XML image: who took it, in which well, in what air."""

from __future__ import annotations

from dataclasses import dataclass

from napari_fair.headers.ome_document import Element, OmeDocument, child, elements
from napari_fair.headers.sheet import Sheet, as_integer, as_number
from napari_fair.model.units import convert

_LETTERS = 26
_LARGEST_PLATE = 200


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Experimenters by their ``ID``, and wells by the ``ID`` of the images in them."""

    experimenters: dict[str, Element]
    wells: dict[str, tuple[str, str]]

    @classmethod
    def of(cls, document: OmeDocument) -> Surroundings:
        """Look them up once for all images of a document."""
        wells: dict[str, tuple[str, str]] = {}
        for plate in elements(document.root, "Plate", deep=True):
            for number, well in enumerate(elements(plate, "Well")):
                name = _well_name(well)
                for sample in elements(well, "WellSample"):
                    reference = child(sample, "ImageRef")
                    if name and reference is not None:
                        place = f"OME-XML: Plate/Well[{number}]/@Row, @Column"
                        wells.setdefault(reference.get("ID", ""), (name, place))
        return cls(document.by_id("Experimenter"), wells)

    def record(self, sheet: Sheet, image: Element, place: str) -> None:
        """Record them for one image."""
        reference = child(image, "ExperimenterRef")
        person = None
        if reference is not None:
            person = self.experimenters.get(reference.get("ID", ""))
        if person is not None:
            parts = [_held(person, name) for name in ("FirstName", "LastName")]
            name = " ".join(filter(None, parts)) or _held(person, "UserName")
            sheet.text("image.operator", name, "OME-XML: Experimenter")
        well, where = self.wells.get(image.get("ID", ""), ("", ""))
        sheet.text("image.well", well, where)
        _record_stage_label(sheet, child(image, "StageLabel"), place)
        _record_environment(sheet, child(image, "ImagingEnvironment"), place)


def _held(person: Element, name: str) -> str:
    """Return an attribute's text, or that of the child element it was before 2009-09."""
    inner = child(person, name)
    return (person.get(name) or (inner.text if inner is not None else "") or "").strip()


def _record_stage_label(sheet: Sheet, label: Element | None, place: str) -> None:
    """Record a stage label's position in a unit of length, if the planes state none."""
    for axis in "XYZ":
        path = f"image.stage_{axis.lower()}"
        if label is None or axis not in label.attrib or path in sheet.facts:
            continue
        unit = label.get(f"{axis}Unit", "")
        if convert(1.0, unit, "m") is not None:
            sheet.quantity(path, label.get(axis), unit, f"{place}/StageLabel/@{axis}")


def _well_name(well: Element) -> str:
    """Return a well's usual name, rows as letters (0, 2 is A03); empty without numbers."""
    row, column = as_integer(well.get("Row")), as_integer(well.get("Column"))
    if row is None or column is None:
        return ""
    if not 0 <= row < _LARGEST_PLATE or not 0 <= column < _LARGEST_PLATE:
        return ""
    first = chr(ord("A") + row // _LETTERS - 1) if row >= _LETTERS else ""
    return f"{first}{chr(ord('A') + row % _LETTERS)}{column + 1:02d}"


def _record_environment(sheet: Sheet, held: Element | None, place: str) -> None:
    if held is None:
        return
    where = f"{place}/ImagingEnvironment/@"
    if "Temperature" in held.attrib:
        unit = held.get("TemperatureUnit")
        written = held.get("Temperature")
        path = "environment.temperature"
        sheet.quantity(path, written, unit, f"{where}Temperature", default="\u00b0C")
    for name, field in (("CO2Percent", "co2"), ("Humidity", "humidity")):
        fraction = as_number(held.get(name))
        if fraction is not None and 0 < fraction <= 1:  # OME's PercentFraction
            percent = float(f"{fraction * 100:.8g}")
            sheet.quantity(f"environment.{field}", percent, "%", f"{where}{name}")
