"""Channels of an OME-XML image, ``Channel`` since 2009-09 and ``LogicalChannel`` before."""

from __future__ import annotations

from napari_fair.headers.ome_document import Element, child, elements
from napari_fair.headers.ome_words import (
    ACQUISITION_MODES,
    CONTRAST_METHODS,
    ILLUMINATION_TYPES,
    ome_word,
)
from napari_fair.headers.sheet import Sheet, as_integer

_WORDS = {
    "AcquisitionMode": ("acquisition_mode", ACQUISITION_MODES),
    "Mode": ("acquisition_mode", ACQUISITION_MODES),
    "ContrastMethod": ("contrast_method", CONTRAST_METHODS),
    "IlluminationType": ("illumination_type", ILLUMINATION_TYPES),
}
_WAVELENGTHS = {
    "ExcitationWavelength": "excitation_wavelength",
    "ExWave": "excitation_wavelength",
    "EmissionWavelength": "emission_wavelength",
    "EmWave": "emission_wavelength",
}


def record_channels(sheet: Sheet, image: Element, pixels: Element, place: str) -> None:
    """Record what the channels of an image say about themselves."""
    current = list(elements(pixels, "Channel"))
    if current:
        for index, channel in enumerate(current):
            _record(sheet, index, channel, f"{place}/Pixels/Channel[{index}]")
        return
    for index, channel in enumerate(elements(image, "LogicalChannel", "ChannelInfo")):
        _record(sheet, index, channel, f"{place}/LogicalChannel[{index}]")


def _record(sheet: Sheet, index: int, channel: Element, place: str) -> None:
    path = f"channel.{index}"
    sheet.text(f"{path}.name", channel.get("Name"), f"{place}/@Name")
    sheet.text(f"{path}.fluor", channel.get("Fluor"), f"{place}/@Fluor")
    for attribute, name in _WAVELENGTHS.items():
        if attribute in channel.attrib:
            unit, where = channel.get(f"{attribute}Unit"), f"{place}/@{attribute}"
            sheet.quantity(f"{path}.{name}", channel.get(attribute), unit, where, default="nm")
    for attribute, (name, words) in _WORDS.items():
        record_word(sheet, f"{path}.{name}", channel.get(attribute), words, f"{place}/@{attribute}")
    if "SamplesPerPixel" in channel.attrib:
        where = f"{place}/@SamplesPerPixel"
        sheet.size(f"{path}.samples_per_pixel", channel.get("SamplesPerPixel"), where)
    if "PinholeSize" in channel.attrib:
        unit, where = channel.get("PinholeSizeUnit"), f"{place}/@PinholeSize"
        written = channel.get("PinholeSize")
        sheet.quantity(f"{path}.pinhole_size", written, unit, where, default="\u00b5m")
    _record_color(sheet, f"{path}.color", channel, place)


def _record_color(sheet: Sheet, path: str, channel: Element, place: str) -> None:
    written = channel.get("Color")
    if written is None:
        return
    number = as_integer(written)
    if number is None or not -(2**31) <= number < 2**32:
        sheet.doubt(f"{place}/@Color is {written[:20]!r}, which is no colour")
        return
    # OME packs red, green, blue, alpha into a signed 32-bit integer, red highest.
    color = f"#{(number & 0xFFFFFFFF) >> 8:06x}"
    sheet.state(path, color, f"{place}/@Color", original=written)


def record_word(
    sheet: Sheet, path: str, written: str | None, words: frozenset[str], where: str
) -> None:
    """Record one of OME's words; others become ``Other`` and keep what was written."""
    written = (written or "").strip()
    if written:
        word = ome_word(written, words)
        sheet.state(path, word, where, original="" if word == written else written)


def detector_settings(image: Element) -> list[tuple[Element, str]]:
    """Return the detector settings of all channels with their places."""
    return _settings(image, "DetectorSettings", "DetectorRef")


def light_source_settings(image: Element) -> list[tuple[Element, str]]:
    """Return the light source settings of all channels with their places."""
    return _settings(image, "LightSourceSettings", "LightSourceRef")


def _settings(image: Element, *names: str) -> list[tuple[Element, str]]:
    found = []
    pixels = child(image, "Pixels")
    parents = [] if pixels is None else list(elements(pixels, "Channel"))
    kind = "Pixels/Channel" if parents else "LogicalChannel"
    for index, channel in enumerate(parents or elements(image, "LogicalChannel", "ChannelInfo")):
        found += [(s, f"{kind}[{index}]") for s in elements(channel, *names)]
    return found
