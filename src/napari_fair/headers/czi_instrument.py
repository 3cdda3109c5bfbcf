"""Parts of the instrument in the XML of a CZI."""

from __future__ import annotations

from typing import Any

from napari_fair.headers.ome_channels import record_word
from napari_fair.headers.ome_words import BINNINGS, IMMERSIONS
from napari_fair.headers.sheet import Sheet, as_number

Element = Any

PLACE = "CZI XML: "


def place_in_image(element: str) -> str:
    """Return how a place inside the Image element is written."""
    return f"{PLACE}Information/Image/{element}"


def text_in(element: Element | None) -> str:
    """Return an element's text, empty when there is none."""
    return "" if element is None else (element.text or "").strip()


def record_maker(
    sheet: Sheet, path: str, element: Element, where: str, *, model: bool = True
) -> None:
    """Record who made a part, and its model."""
    maker = text_in(element.find("Manufacturer/Manufacturer"))
    sheet.text(f"{path}.manufacturer", maker, f"{where}/Manufacturer/Manufacturer")
    if not model:
        return
    written = text_in(element.find("Manufacturer/Model"))
    if written:
        sheet.text(f"{path}.model", written, f"{where}/Manufacturer/Model")
    else:
        sheet.text(f"{path}.model", element.get("Name"), f"{where}/@Name")


def record_lens(sheet: Sheet, objective: Element) -> None:
    """Record what an objective is."""
    where = f"{PLACE}Information/Instrument/Objectives/Objective[@Id={objective.get('Id')!r}]"
    record_maker(sheet, "objective", objective, where)
    for name, field in {
        "NominalMagnification": "nominal_magnification",
        "LensNA": "lens_na",
    }.items():
        written = text_in(objective.find(name))
        if as_number(written):
            sheet.number(f"objective.{field}", written, f"{where}/{name}")
    written = text_in(objective.find("Immersion"))
    record_word(sheet, "objective.immersion", written, IMMERSIONS, f"{where}/Immersion")
    written = text_in(objective.find("WorkingDistance"))
    if as_number(written):
        place = f"{where}/WorkingDistance"
        sheet.quantity("objective.working_distance", written, "\u00b5m", place)


def record_detector_setting(sheet: Sheet, path: str, setting: Element) -> None:
    """Record gain and binning."""
    where = place_in_image("Dimensions/Channels/Channel/DetectorSettings")
    for name in ("Gain", "EMGain"):
        written = text_in(setting.find(name))
        if as_number(written) is not None:
            sheet.number(f"{path}.gain", written, f"{where}/{name}", positive=False)
            break
    binning = text_in(setting.find("Binning")).replace(",", "x").replace(" ", "")
    record_word(sheet, f"{path}.binning", binning, BINNINGS, f"{where}/Binning")


def record_light(
    sheet: Sheet, path: str, source: Element, setting: Element | None, where: str
) -> None:
    """Record a light source with the wavelength it was used at."""
    kind = source.find("LightSourceType")
    inner = next((e for e in kind if isinstance(e.tag, str)), None) if kind is not None else None
    wavelength = ""
    if inner is not None:
        sheet.text(f"{path}.type", inner.tag, f"{where}/LightSourceType")
        wavelength = text_in(inner.find("Wavelength"))
    place = f"{where}/LightSourceType/Wavelength"
    if not as_number(wavelength) and setting is not None:
        wavelength = text_in(setting.find("Wavelength"))
        place = place_in_image("Dimensions/Channels/Channel/LightSourcesSettings")
    if as_number(wavelength):
        sheet.quantity(f"{path}.wavelength", wavelength, "nm", place)
    power = text_in(source.find("Power"))
    if as_number(power):
        sheet.text(f"{path}.power", f"{power} mW", f"{where}/Power")
