"""Channels of a Leica image: dyes, colours, exposure, excitation."""

from __future__ import annotations

from typing import Any

from napari_fair.headers.ome_channels import record_word
from napari_fair.headers.ome_words import CONTRAST_METHODS
from napari_fair.headers.sheet import Sheet, as_number
from napari_fair.model import Trust

Element = Any

_PLACE = "LIF XML: "
_COLORS = {
    "red": "#ff0000",
    "green": "#00ff00",
    "blue": "#0000ff",
    "cyan": "#00ffff",
    "magenta": "#ff00ff",
    "yellow": "#ffff00",
    "gray": "#ffffff",
}
_CONTRASTS = {
    "FLUO": "Fluorescence",
    "BF": "Brightfield",
    "TL-BF": "Brightfield",
    "PH": "Phase",
    "TL-PH": "Phase",
    "DIC": "DIC",
    "TL-DIC": "DIC",
    "DF": "Darkfield",
}
_LIBRARY = "Leica/"
_MOST_CHANNELS = 1000


def record_channels(sheet: Sheet, image: Element, settings: Element | None) -> None:
    """Record what is known of each channel; without settings, its colour."""
    channels = image.findall("ImageDescription/Channels/ChannelDescription")[:_MOST_CHANNELS]
    confocal = settings is not None and settings.tag.startswith("ATLConfocal")
    dyes = _dyes(image, channels)
    cameras = list(image.iter("WideFieldChannelInfo"))[:_MOST_CHANNELS]
    for index, channel in enumerate(channels):
        path, where = f"channel.{index}", f"{_PLACE}ChannelDescription[{index}]"
        if dyes[index]:
            _record_dye(sheet, path, dyes[index])
        lut = channel.get("LUTName", "")
        if lut.lower() in _COLORS:
            place = f"{where}/@LUTName"
            sheet.state(f"{path}.color", _COLORS[lut.lower()], place, original=lut)
        if confocal and settings is not None:
            _record_mode(sheet, path, settings)
        elif len(cameras) == len(channels):
            _record_camera_channel(sheet, path, cameras[index])
    if confocal and settings is not None and len(channels) == 1:
        _record_excitation(sheet, settings)


def _dyes(image: Element, channels: list[Element]) -> list[str]:
    """Return each channel's dye, empty where it cannot be told.

    Newer files state it in the channel. In older ones there is a channel for each detector that
    was switched on, in their order; where the numbers differ, none is assigned.
    """
    stated = [_property(channel, "DyeName") for channel in channels]
    if any(stated):
        return stated
    definitions = _sequence(image)
    found = [dye for definition in definitions for dye in _dyes_of(definition)]
    return found if len(found) == len(channels) else [""] * len(channels)


def _sequence(image: Element) -> list[Element]:
    """Return the settings of each sequential scan, or those of the only one."""
    block = next(image.iter("LDM_Block_Sequential_List"), None)
    inside = [] if block is None else list(block.iter("ATLConfocalSettingDefinition"))
    return inside or list(image.iter("ATLConfocalSettingDefinition"))[:1]


def _dyes_of(definition: Element) -> list[str]:
    bands = {band.get("Channel"): band.get("DyeName", "") for band in definition.iter("MultiBand")}
    active = (d for d in definition.iter("Detector") if d.get("IsActive") == "1")
    return [bands.get(detector.get("Channel"), "") for detector in active]


def _property(channel: Element, key: str) -> str:
    for held in channel.iterfind("ChannelProperty"):
        if (held.findtext("Key") or "").strip() == key:
            return (held.findtext("Value") or "").strip()
    return ""


def _record_dye(sheet: Sheet, path: str, dye: str) -> None:
    where = f"{_PLACE}MultiBand/@DyeName"
    sheet.text(f"{path}.name", dye, where, trust=Trust.DERIVED)
    name = dye.removeprefix(_LIBRARY)
    original = "" if name == dye else dye
    sheet.text(f"{path}.fluor", name, where, trust=Trust.DERIVED, original=original)


def _record_mode(sheet: Sheet, path: str, settings: Element) -> None:
    where = f"{_PLACE}{settings.tag}"
    sted = settings.get("IsSTEDActive") == "1"
    mode = "STED" if sted else "LaserScanningConfocalMicroscopy"
    sheet.text(f"{path}.acquisition_mode", mode, where, trust=Trust.DERIVED)
    if as_number(settings.get("Pinhole")):
        pinhole = settings.get("Pinhole")
        sheet.quantity(f"{path}.pinhole_size", pinhole, "m", f"{where}/@Pinhole")


def _record_excitation(sheet: Sheet, settings: Element) -> None:
    lines = {
        line.get("LaserLine")
        for line in settings.iter("LaserLineSetting")
        if as_number(line.get("IntensityDev")) and as_number(line.get("LaserLine"))
    }
    if len(lines) == 1:
        where = f"{_PLACE}LaserLineSetting/@LaserLine"
        path = "channel.0.excitation_wavelength"
        sheet.quantity(path, lines.pop(), "nm", where, trust=Trust.DERIVED)


def _record_camera_channel(sheet: Sheet, path: str, info: Element) -> None:
    where = f"{_PLACE}WideFieldChannelInfo"
    for name in ("UserDefName", "DyeName", "FluoCubeName"):
        if f"{path}.name" not in sheet.facts:
            sheet.text(f"{path}.name", info.get(name), f"{where}/@{name}")
    exposure = (info.get("ExposureTime") or "").removesuffix("s").strip()
    if as_number(exposure):
        sheet.quantity(f"{path}.exposure_time", exposure, "s", f"{where}/@ExposureTime")
    for name in ("Excitation", "Emission"):
        written = info.get(f"{name}Wavelength")
        if as_number(written):
            field = f"{path}.{name.lower()}_wavelength"
            sheet.quantity(field, written, "nm", f"{where}/@{name}Wavelength")
    method = (info.get("ContrastingMethodName") or "").strip()
    if method:
        word = _CONTRASTS.get(method.upper())
        place = f"{where}/@ContrastingMethodName"
        if word:
            sheet.state(f"{path}.contrast_method", word, place, original=method)
        else:
            record_word(sheet, f"{path}.contrast_method", method, CONTRAST_METHODS, place)
