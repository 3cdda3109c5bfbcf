"""The XML of a CZI: calibration, channels, instrument.

Its elements follow OME's of the same names where there are such. Lengths under ``Scaling`` are
metres, exposures nanoseconds, time stamps seconds, stage positions and working distances µm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from napari_fair.headers.czi_instrument import (
    PLACE,
    place_in_image,
    record_detector_setting,
    record_lens,
    record_light,
    record_maker,
    text_in,
)
from napari_fair.headers.ome_channels import record_word
from napari_fair.headers.ome_words import (
    ACQUISITION_MODES,
    CONTRAST_METHODS,
    DETECTOR_TYPES,
    ILLUMINATION_TYPES,
    IMMERSIONS,
    MICROSCOPE_TYPES,
)
from napari_fair.headers.sheet import Sheet, as_number
from napari_fair.headers.time_points import record_even_step
from napari_fair.model import Trust

Element = Any

PLACEHOLDER = re.compile(r"Dye\s*\d*")  # what ZEN calls a channel's dye when nobody chose one
_WELL = re.compile(r"[A-Z]{1,2}\d{1,2}")
_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{6})")
_WORDS = {
    "AcquisitionMode": ("acquisition_mode", ACQUISITION_MODES),
    "ContrastMethod": ("contrast_method", CONTRAST_METHODS),
    "IlluminationType": ("illumination_type", ILLUMINATION_TYPES),
}
_PIXEL_TYPES = {
    "gray8": "uint8",
    "gray16": "uint16",
    "gray32": "uint32",
    "gray32float": "float32",
    "bgr24": "uint8",
    "bgr48": "uint16",
    "bgra32": "uint8",
}
_MOST_CHANNELS = 1000


@dataclass(frozen=True, slots=True)
class CziDocument:
    """The XML document and the time stamps beside it; `root` is None when there is none."""

    root: Element
    stamps: tuple[float, ...] = ()

    def record(self, sheet: Sheet, scene: int) -> None:
        """Record what holds for one scene."""
        if self.root is None:
            return
        self._record_scaling(sheet)
        self._record_image(sheet)
        self._record_scene(sheet, scene)
        self._record_channels(sheet)
        self._record_objective(sheet)
        self._record_microscope(sheet)
        self._record_detectors(sheet)
        self._record_light_sources(sheet)

    def record_sizes(self, sheet: Sheet) -> None:
        """Record the sizes that the document names, for want of a directory."""
        for axis in "XYZCT":
            written = self._text(f"Information/Image/Size{axis}")
            if written or axis in "ZCT":
                sheet.size(
                    f"image.size_{axis.lower()}", written or 1, place_in_image(f"Size{axis}")
                )
        written = self._text("Information/Image/PixelType")
        if written.lower() in _PIXEL_TYPES:
            sheet.dtype(written, _PIXEL_TYPES, place_in_image("PixelType"))

    def _find(self, path: str) -> Element | None:
        for base in ("Metadata/", "ImageDocument/Metadata/", ""):
            found = self.root.find(base + path)
            if found is not None:
                return found
        return None

    def _all(self, path: str) -> list[Element]:
        for base in ("Metadata/", "ImageDocument/Metadata/", ""):
            found = self.root.findall(base + path)
            if found:
                return list(found)
        return []

    def _text(self, path: str) -> str:
        return text_in(self._find(path))

    def _record_scaling(self, sheet: Sheet) -> None:
        for distance in self._all("Scaling/Items/Distance"):
            axis, written = distance.get("Id", ""), text_in(distance.find("Value"))
            if axis not in ("X", "Y", "Z") or not as_number(written):
                continue  # ZEISS' libraries write 0 when nobody calibrated it
            where = f"{PLACE}Scaling/Items/Distance[@Id='{axis}']"
            sheet.quantity(f"image.physical_size_{axis.lower()}", written, "m", where)

    def _record_image(self, sheet: Sheet) -> None:
        date = self._text("Information/Image/AcquisitionDateAndTime")
        if not date.startswith("0001"):
            where = place_in_image("AcquisitionDateAndTime")
            sheet.date("image.acquisition_date", _microseconds(date), where)
        for name in ("Description", "Comment"):
            where = f"{PLACE}Information/Document/{name}"
            if "image.description" not in sheet.facts:
                text = self._text(f"Information/Document/{name}")
                sheet.text("image.description", text, where)
        self._record_people(sheet)
        self._record_time(sheet)

    def _record_people(self, sheet: Sheet) -> None:
        for place in ("Information/User/DisplayName", "Information/Document/UserName"):
            if "image.operator" not in sheet.facts:
                sheet.text("image.operator", self._text(place), f"{PLACE}{place}")
        parts = [self._text(f"Information/Application/{name}") for name in ("Name", "Version")]
        sheet.text("image.software", " ".join(filter(None, parts)), f"{PLACE}Application")

    def _record_time(self, sheet: Sheet) -> None:
        size = sheet.facts.get("image.size_t")
        if size is None or size.value is None or size.value < 2:
            return
        base = "Information/Image/Dimensions/T/Positions"
        step = self._text(f"{base}/Interval/Increment")
        if as_number(step):
            where = f"{PLACE}{base}/Interval/Increment"
            return sheet.quantity("image.time_increment", step, "s", where)
        offsets = [as_number(part) for part in self._text(f"{base}/List/Offsets").split()[:100_000]]
        if offsets and None not in offsets:
            times = [time for time in offsets if time is not None]
            return record_even_step(sheet, times, f"{PLACE}{base}/List/Offsets")
        record_even_step(sheet, self.stamps[: size.value], "CZI: attachment TimeStamps")
        return None

    def _record_scene(self, sheet: Sheet, scene: int) -> None:
        for found in self._all("Information/Image/Dimensions/S/Scenes/Scene"):
            if found.get("Index") == str(scene):
                break
        else:
            return
        where = f"{PLACE}Scene[@Index='{scene}']"
        sheet.text("image.name", found.get("Name"), f"{where}/@Name")
        shape = found.find("Shape")
        well = text_in(found.find("ArrayName")) or ("" if shape is None else shape.get("Name", ""))
        if _WELL.fullmatch(well):
            sheet.text("image.well", well, f"{where}/ArrayName, Shape/@Name")
        position = found.find("Positions/Position")
        if position is not None:
            for axis in "XYZ":
                if as_number(position.get(axis)) is not None:
                    path = f"image.stage_{axis.lower()}"
                    place = f"{where}/Positions/Position/@{axis}"
                    sheet.quantity(path, position.get(axis), "\u00b5m", place)
            return
        centre = text_in(found.find("CenterPosition")).split(",")
        if len(centre) == 2 and all(as_number(part) is not None for part in centre):
            for axis, part in zip("xy", centre, strict=True):
                sheet.quantity(f"image.stage_{axis}", part, "\u00b5m", f"{where}/CenterPosition")

    def _channels(self) -> list[Element]:
        return self._all("Information/Image/Dimensions/Channels/Channel")[:_MOST_CHANNELS]

    def _record_channels(self, sheet: Sheet) -> None:
        shown = self._all("DisplaySetting/Channels/Channel")[:_MOST_CHANNELS]
        by_id = {channel.get("Id"): channel for channel in shown}
        channels = self._channels()
        for index, channel in enumerate(channels or shown):
            display = by_id.get(channel.get("Id"))
            if display is None and index < len(shown):
                display = shown[index]
            if channels:
                _record_channel(sheet, index, channel)
            if display is not None:
                _record_display(sheet, index, display)

    def _record_objective(self, sheet: Sheet) -> None:
        known = self._all("Information/Instrument/Objectives/Objective")
        reference = self._find("Information/Image/ObjectiveSettings/ObjectiveRef")
        wanted = None if reference is None else reference.get("Id")
        chosen = next((o for o in known if wanted and o.get("Id") == wanted), None)
        stated = chosen is not None
        if chosen is None and len(known) == 1:
            chosen = known[0]
        before = set(sheet.facts)
        if chosen is not None:
            record_lens(sheet, chosen)
        medium = self._text("Information/Image/ObjectiveSettings/Medium")
        if medium and "objective.immersion" not in sheet.facts:
            where = place_in_image("ObjectiveSettings/Medium")
            record_word(sheet, "objective.immersion", medium, IMMERSIONS, where)
        if "objective.model" not in sheet.facts:
            where = f"{PLACE}Scaling/AutoScaling/ObjectiveName"
            name = self._text("Scaling/AutoScaling/ObjectiveName")
            sheet.text("objective.model", name, where, trust=Trust.DERIVED)
        if not stated:
            # The image does not say that it was taken with the only objective described.
            sheet.derived(set(sheet.facts) - before)

    def _record_microscope(self, sheet: Sheet) -> None:
        found = self._find("Information/Instrument/Microscopes/Microscope")
        if found is None:
            return
        where = f"{PLACE}Information/Instrument/Microscopes/Microscope"
        names = ((found.get("Name"), "@Name"), (text_in(found.find("System")), "System"))
        model, place = next(((n, p) for n, p in names if n), ("", ""))
        sheet.text("microscope.model", model, f"{where}/{place}")
        record_maker(sheet, "microscope", found, where, model=False)
        written = text_in(found.find("Type"))
        record_word(sheet, "microscope.type", written, MICROSCOPE_TYPES, f"{where}/Type")

    def _record_detectors(self, sheet: Sheet) -> None:
        settings: dict[str, Element] = {}
        for setting in _inside(self._channels(), "DetectorSettings"):
            for detector in setting.findall("Detector"):
                settings.setdefault(detector.get("Id", ""), setting)
        detectors = self._all("Information/Instrument/Detectors/Detector")[:_MOST_CHANNELS]
        for index, detector in enumerate(detectors):
            path = f"detector.{index}"
            where = f"{PLACE}Information/Instrument/Detectors/Detector[{index}]"
            record_maker(sheet, path, detector, where)
            kind = text_in(detector.find("Type"))
            record_word(sheet, f"{path}.type", kind, DETECTOR_TYPES, f"{where}/Type")
            setting = settings.get(detector.get("Id", ""))
            if setting is not None:
                record_detector_setting(sheet, path, setting)

    def _record_light_sources(self, sheet: Sheet) -> None:
        settings: dict[str, Element] = {}
        for setting in _inside(self._channels(), "LightSourcesSettings/LightSourceSettings"):
            for source in setting.findall("LightSource"):
                settings.setdefault(source.get("Id", ""), setting)
        sources = self._all("Information/Instrument/LightSources/LightSource")[:_MOST_CHANNELS]
        for index, source in enumerate(sources):
            path = f"light_source.{index}"
            where = f"{PLACE}Information/Instrument/LightSources/LightSource[{index}]"
            record_maker(sheet, path, source, where)
            record_light(sheet, path, source, settings.get(source.get("Id", "")), where)


def _inside(channels: list[Element], path: str) -> Iterator[Element]:
    for channel in channels:
        yield from channel.findall(path)


def _microseconds(written: str) -> str:
    """Cut .NET's ten millionths of a second, which ISO readers do not take."""
    return re.sub(r"(\.\d{6})\d+", r"\1", written)


def _record_channel(sheet: Sheet, index: int, channel: Element) -> None:
    path, where = f"channel.{index}", place_in_image(f"Dimensions/Channels/Channel[{index}]")
    sheet.text(f"{path}.name", channel.get("Name"), f"{where}/@Name")
    sheet.text(f"{path}.fluor", text_in(channel.find("Fluor")), f"{where}/Fluor")
    for name in ("Excitation", "Emission"):
        written = text_in(channel.find(f"{name}Wavelength"))
        if as_number(written):
            field = f"{path}.{name.lower()}_wavelength"
            sheet.quantity(field, written, "nm", f"{where}/{name}Wavelength")
    exposure = text_in(channel.find("ExposureTime"))
    if as_number(exposure):
        sheet.quantity(f"{path}.exposure_time", exposure, "ns", f"{where}/ExposureTime")
    pinhole = text_in(channel.find("PinholeSize"))
    if as_number(pinhole):
        sheet.quantity(f"{path}.pinhole_size", pinhole, "\u00b5m", f"{where}/PinholeSize")
    for name, (field, words) in _WORDS.items():
        record_word(sheet, f"{path}.{field}", text_in(channel.find(name)), words, f"{where}/{name}")
    peak = text_in(channel.find("IlluminationWavelength/SinglePeak"))
    if f"{path}.excitation_wavelength" not in sheet.facts and as_number(peak):
        place = f"{where}/IlluminationWavelength/SinglePeak"
        sheet.quantity(f"{path}.excitation_wavelength", peak, "nm", place)
    _record_color(sheet, path, channel, where)


def _record_display(sheet: Sheet, index: int, display: Element) -> None:
    path, where = f"channel.{index}", f"{PLACE}DisplaySetting/Channels/Channel[{index}]"
    if f"{path}.name" not in sheet.facts:
        sheet.text(f"{path}.name", display.get("Name"), f"{where}/@Name")
    dye = text_in(display.find("DyeName"))
    if f"{path}.fluor" not in sheet.facts and not PLACEHOLDER.fullmatch(dye):
        sheet.text(f"{path}.fluor", dye, f"{where}/DyeName")
    for name in ("Excitation", "Emission"):
        field, peak = f"{path}.{name.lower()}_wavelength", text_in(display.find(f"DyeMax{name}"))
        if field not in sheet.facts and as_number(peak):
            # The peak of the dye that the display setting names, from ZEN's list of dyes.
            place = f"{where}/DyeMax{name}"
            sheet.quantity(field, peak, "nm", place, trust=Trust.DERIVED)
    if f"{path}.color" not in sheet.facts:
        _record_color(sheet, path, display, where)


def _record_color(sheet: Sheet, path: str, element: Element, where: str) -> None:
    written = text_in(element.find("Color"))
    match = _COLOR.fullmatch(written)
    if match:
        color = f"#{match[1].lower()}"
        original = "" if color == written else written
        sheet.state(f"{path}.color", color, f"{where}/Color", original=original)
