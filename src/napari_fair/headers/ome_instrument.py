"""Objective, stand, detectors and light sources of an OME-XML image."""

from __future__ import annotations

from napari_fair.headers.ome_channels import (
    detector_settings,
    light_source_settings,
    record_word,
)
from napari_fair.headers.ome_document import Element, OmeDocument, child, elements, local_name
from napari_fair.headers.ome_words import BINNINGS, DETECTOR_TYPES, IMMERSIONS, MICROSCOPE_TYPES
from napari_fair.headers.sheet import Sheet, as_number

_LIGHT_SOURCES = ("Laser", "Arc", "Filament", "LightEmittingDiode", "GenericExcitationSource")


def record_instrument(
    sheet: Sheet,
    document: OmeDocument,
    image: Element,
    instruments: dict[str, Element],
    place: str,
) -> None:
    """Record the instrument that an image refers to; with one in the document, that one."""
    instrument = _instrument(sheet, image, instruments, place)
    if instrument is None:
        return
    before = set(sheet.facts)
    where = f"OME-XML: Instrument[{list(instruments.values()).index(instrument)}]"
    microscope = child(instrument, "Microscope")
    if microscope is not None:
        _record_maker(sheet, "microscope", microscope, f"{where}/Microscope")
        written = microscope.get("Type")
        place_ = f"{where}/Microscope/@Type"
        record_word(sheet, "microscope.type", written, MICROSCOPE_TYPES, place_)
    _record_objective(sheet, document, image, instrument, where, place)
    _record_detectors(sheet, image, instrument, where, place)
    _record_light_sources(sheet, image, instrument, where, place)
    if child(image, "InstrumentRef") is None:
        # The image does not say that it was taken with the only instrument described.
        sheet.derived(set(sheet.facts) - before)


def _instrument(
    sheet: Sheet, image: Element, instruments: dict[str, Element], place: str
) -> Element | None:
    reference = child(image, "InstrumentRef")
    if reference is not None:
        identifier = reference.get("ID", "")
        if identifier in instruments:
            return instruments[identifier]
        sheet.doubt(f"{place}/InstrumentRef names {identifier[:60]!r}, which is not described")
    return next(iter(instruments.values())) if len(instruments) == 1 else None


def _record_maker(sheet: Sheet, path: str, element: Element, where: str) -> None:
    for attribute in ("Manufacturer", "Model"):
        sheet.text(f"{path}.{attribute.lower()}", element.get(attribute), f"{where}/@{attribute}")


def _record_objective(
    sheet: Sheet,
    document: OmeDocument,
    image: Element,
    instrument: Element,
    where: str,
    place: str,
) -> None:
    known = list(elements(instrument, "Objective"))
    settings = child(image, "ObjectiveSettings", "ObjectiveRef")
    chosen, before = None, set(sheet.facts)
    if settings is not None:
        identifier = settings.get("ID", "")
        chosen = document.by_id("Objective").get(identifier)
        if chosen is None:
            sheet.doubt(
                f"{place}/{local_name(settings)} names {identifier[:60]!r}, which is not described"
            )
    elif len(known) == 1:
        chosen = known[0]
    if chosen is None:
        return
    inside = chosen in known
    where = f"{where}/Objective[{known.index(chosen)}]" if inside else "OME-XML: Objective"
    _record_maker(sheet, "objective", chosen, where)
    _record_optics(sheet, chosen, where)
    if settings is None:
        sheet.derived(set(sheet.facts) - before)


def _record_optics(sheet: Sheet, objective: Element, where: str) -> None:
    names = {"NominalMagnification": "nominal_magnification", "LensNA": "lens_na"}
    for name, attribute in {**names, "Magnification": "nominal_magnification"}.items():
        written, place = _held(objective, name)
        if written and as_number(written) != 0:
            sheet.number(f"objective.{attribute}", written, f"{where}/{place}")
    written, place = _held(objective, "Immersion")
    record_word(sheet, "objective.immersion", written, IMMERSIONS, f"{where}/{place}")
    written, place = _held(objective, "WorkingDistance")
    if written and as_number(written) != 0:
        unit = objective.get("WorkingDistanceUnit")
        path = "objective.working_distance"
        sheet.quantity(path, written, unit, f"{where}/{place}", default="\u00b5m")


def _held(element: Element, name: str) -> tuple[str, str]:
    """Return an attribute's text, or that of the child element it was before 2009-09."""
    if name in element.attrib:
        return element.get(name), f"@{name}"
    inner = child(element, name)
    return ("" if inner is None else (inner.text or "").strip()), name


def _record_detectors(
    sheet: Sheet, image: Element, instrument: Element, where: str, place: str
) -> None:
    settings = detector_settings(image)
    used = {setting.get("ID", ""): (setting, at) for setting, at in reversed(settings)}
    for index, detector in enumerate(elements(instrument, "Detector")):
        path, here = f"detector.{index}", f"{where}/Detector[{index}]"
        _record_maker(sheet, path, detector, here)
        record_word(sheet, f"{path}.type", detector.get("Type"), DETECTOR_TYPES, f"{here}/@Type")
        setting, at = used.pop(detector.get("ID", ""), (None, ""))
        if setting is not None:
            _record_setting(sheet, path, setting, f"{place}/{at}/{local_name(setting)}")
    for identifier in used:
        sheet.doubt(f"{place} uses detector {identifier[:60]!r}, which is not described")


def _record_setting(sheet: Sheet, path: str, setting: Element, where: str) -> None:
    if "Gain" in setting.attrib:
        sheet.number(f"{path}.gain", setting.get("Gain"), f"{where}/@Gain", positive=False)
    record_word(sheet, f"{path}.binning", setting.get("Binning"), BINNINGS, f"{where}/@Binning")


def _record_light_sources(
    sheet: Sheet, image: Element, instrument: Element, where: str, place: str
) -> None:
    used = {s.get("ID", ""): (s, at) for s, at in reversed(light_source_settings(image))}
    sources = elements(instrument, "LightSource", *_LIGHT_SOURCES)
    for index, source in enumerate(sources):
        path, here = f"light_source.{index}", f"{where}/{local_name(source)}[{index}]"
        inner = source if local_name(source) != "LightSource" else child(source, *_LIGHT_SOURCES)
        _record_maker(sheet, path, source, here)
        if inner is not None:
            sheet.text(f"{path}.type", local_name(inner), here)
            _record_wavelength(sheet, path, inner, here)
        _record_power(sheet, path, source, here)
        setting, at = used.get(source.get("ID", ""), (None, ""))
        if setting is not None and f"{path}.wavelength" not in sheet.facts:
            _record_wavelength(sheet, path, setting, f"{place}/{at}/{local_name(setting)}")


def _record_wavelength(sheet: Sheet, path: str, element: Element, where: str) -> None:
    if "Wavelength" in element.attrib:
        unit, place = element.get("WavelengthUnit"), f"{where}/@Wavelength"
        written = element.get("Wavelength")
        sheet.quantity(f"{path}.wavelength", written, unit, place, default="nm")


def _record_power(sheet: Sheet, path: str, source: Element, where: str) -> None:
    written = as_number(source.get("Power"))
    if written is not None and written > 0:
        text = f"{source.get('Power')} {source.get('PowerUnit', 'mW')}"
        sheet.text(f"{path}.power", text, f"{where}/@Power")
