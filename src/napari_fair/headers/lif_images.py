"""One image of a Leica document: its dimensions and what its hardware settings say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from napari_fair.headers.lens_names import record_lens_name
from napari_fair.headers.lif_channels import record_channels
from napari_fair.headers.ome_channels import record_word
from napari_fair.headers.ome_words import DETECTOR_TYPES, IMMERSIONS
from napari_fair.headers.sheet import Findings, Sheet, as_integer, as_number
from napari_fair.model import Trust

Element = Any

_PLACE = "LIF XML: "
_EPOCH = datetime(1601, 1, 1)
_MAX_TILES = 10_000
_AXES = {1: "X", 2: "Y", 3: "Z", 4: "T", 5: "\u03bb", 9: "\u03bb", 10: "tile"}
"""Leica's numbers: 5 is the emission's wavelength, 9 the excitation's."""
_IMMERSIONS = {"DRY": "Air", "OIL": "Oil", "WATER": "Water", "GLYC": "Glycerol", "IMM": "Multi"}
_SETTINGS = ("ATLConfocalSettingDefinition", "ATLCameraSettingDefinition")


@dataclass(frozen=True, slots=True)
class LifImage:
    """A name (collections first, then the image's own) and its ``Image`` element."""

    name: str
    element: Element


@dataclass(frozen=True, slots=True)
class _Dimension:
    axis: str
    count: int
    length: float | None
    unit: str
    stride: int

    @property
    def step(self) -> float | None:
        """Distance of neighbours: `length` reaches from the first to the last."""
        if self.length is None or self.count < 2 or not self.length:
            return None
        return abs(self.length) / (self.count - 1)


def record_image(image: LifImage, findings: Findings) -> None:
    """Record an image; tiles that were not merged are images of their own."""
    dimensions = list(_dimensions(image.element))
    tiles = 1
    for dimension in dimensions:
        if dimension.axis == "tile":
            tiles *= dimension.count
    first = findings.sheet()
    _record_sizes(first, image, dimensions)
    _record_facts(first, image)
    places = list(image.element.iter("Tile"))[:_MAX_TILES]
    for tile in range(min(tiles, _MAX_TILES)):
        sheet = first if tile == 0 else findings.sheet()
        if tile:
            sheet.facts = dict(first.facts)
        if tiles > 1 and tile < len(places):
            _record_tile(sheet, places[tile], tile)


def _record_tile(sheet: Sheet, place: Element, tile: int) -> None:
    for axis in "XY":
        written = place.get(f"Pos{axis}")
        if as_number(written) is not None:
            path, where = f"image.stage_{axis.lower()}", f"{_PLACE}Tile[{tile}]/@Pos{axis}"
            sheet.quantity(path, written, "m", where)


def _dimensions(element: Element) -> Iterator[_Dimension]:
    for held in element.iterfind("ImageDescription/Dimensions/DimensionDescription"):
        count = as_integer(held.get("NumberOfElements"))
        if count is None or count < 1:
            continue
        yield _Dimension(
            _AXES.get(as_integer(held.get("DimID")) or 0, ""),
            count,
            as_number(held.get("Length")),
            held.get("Unit", ""),
            as_integer(held.get("BytesInc")) or 0,
        )


def _record_sizes(sheet: Sheet, image: LifImage, dimensions: list[_Dimension]) -> None:
    where = f"{_PLACE}DimensionDescription"
    channels = image.element.findall("ImageDescription/Channels/ChannelDescription")
    sizes = {"z": 1, "t": 1, "c": max(1, len(channels))}
    plane, stack = _split(dimensions)
    for axis, dimension in zip("xy", plane, strict=False):
        sheet.size(f"image.size_{axis}", dimension.count, f"{where} {dimension.axis}")
        _record_step(sheet, f"image.physical_size_{axis}", dimension, where)
    if len(plane) == 1:
        sheet.size("image.size_y", 1, where)
    for dimension in stack:
        along = {"Y": "z", "Z": "z", "T": "t", "\u03bb": "c"}.get(dimension.axis, "t")
        sizes[along] *= dimension.count
        if along == "z":
            _record_step(sheet, "image.physical_size_z", dimension, where)
        elif dimension.axis == "T":
            _record_step(sheet, "image.time_increment", dimension, where)
    for axis, size in sizes.items():
        sheet.size(f"image.size_{axis}", size, where)
    if len(plane) == 2 and plane[1].axis != "Y":
        sheet.doubt(f"The height of this image runs along {plane[1].axis}, as the file says", ".")
    _record_type(sheet, channels)


def _split(dimensions: list[_Dimension]) -> tuple[list[_Dimension], list[_Dimension]]:
    """Return what makes a plane (X and the axis scanned next, which may be Z or T) and the rest."""
    named = [d for d in dimensions if d.axis != "tile"]
    width = next((d for d in named if d.axis == "X"), None)
    others = [d for d in named if d is not width]
    if width is None:
        return named[:2], named[2:]
    return [width, *others[:1]], others[1:]


def _record_step(sheet: Sheet, path: str, dimension: _Dimension, where: str) -> None:
    step = dimension.step
    seconds = "time_increment" in path
    if step is None or (dimension.unit == "s") != seconds:
        return
    place = f"{where} {dimension.axis}: Length / (NumberOfElements - 1)"
    # Leica's units are those of the SI; without one nothing is known.
    if dimension.unit:
        trust = Trust.DERIVED if seconds else Trust.STATED
        sheet.quantity(path, step, dimension.unit, place, trust=trust)


def _record_type(sheet: Sheet, channels: list[Element]) -> None:
    if not channels:
        return
    bits, kind = as_integer(channels[0].get("Resolution")), channels[0].get("DataType")
    name = ""
    if bits is not None and 1 <= bits <= 64:
        width = next(width for width in (8, 16, 32, 64) if bits <= width)
        name = f"float{width}" if kind == "1" and width >= 16 else f"uint{width}"
    if name:
        sheet.state("image.dtype", name, f"{_PLACE}ChannelDescription/@Resolution, @DataType")


def _record_facts(sheet: Sheet, image: LifImage) -> None:
    sheet.text("image.name", image.name, f"{_PLACE}Element/@Name")
    description = image.element.get("TextDescription") or image.element.findtext("TextDescription")
    sheet.text("image.description", description, f"{_PLACE}Image/@TextDescription")
    _record_date(sheet, image.element)
    settings = next(image.element.iter(*_SETTINGS), None)
    if settings is not None:
        _record_microscope(sheet, settings)
        _record_lens(sheet, settings)
        _record_stage(sheet, settings)
        _record_detectors(sheet, settings)
        _record_lasers(sheet, settings)
    else:
        _record_old_lens(sheet, image.element)
    record_channels(sheet, image.element, settings)


def _record_date(sheet: Sheet, element: Element) -> None:
    """Record the first plane's time: 100 ns since 1601, without a statement on the time zone."""
    stamps = element.find("TimeStampList")
    if stamps is None:
        return
    first = stamps.find("TimeStamp")
    if first is not None:
        high, low = as_integer(first.get("HighInteger")), as_integer(first.get("LowInteger"))
        ticks = 0 if high is None or low is None else (high << 32) + low
    else:
        words = (stamps.text or "")[:64].split()
        try:
            ticks = int(words[0], 16) if words else 0
        except ValueError:
            return
    if ticks <= 0 or ticks >= 1 << 62:
        return
    try:
        date = _EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return
    written = date.isoformat(timespec="milliseconds")
    sheet.date("image.acquisition_date", written, f"{_PLACE}TimeStampList")


def _record_microscope(sheet: Sheet, settings: Element) -> None:
    where = f"{_PLACE}{settings.tag}"
    hardware = settings.getparent()
    system = None if hardware is None else hardware.get("SystemTypeName")
    if hardware is not None:
        place = f"{_PLACE}Attachment/@Software"
        sheet.text("image.software", hardware.get("Software"), place)
    if settings.get("MicroscopeModel"):
        sheet.text("microscope.model", settings.get("MicroscopeModel"), f"{where}/@MicroscopeModel")
    else:
        sheet.text("microscope.model", system, f"{_PLACE}Attachment/@SystemTypeName")
    inverse = {"1": "Inverted", "0": "Upright"}.get(settings.get("IsInverseMicroscopeModel", ""))
    if inverse:
        place = f"{where}/@IsInverseMicroscopeModel"
        sheet.text("microscope.type", inverse, place, trust=Trust.DERIVED)


def _record_lens(sheet: Sheet, settings: Element) -> None:
    where = f"{_PLACE}{settings.tag}"
    sheet.text("objective.model", settings.get("ObjectiveName"), f"{where}/@ObjectiveName")
    for name, field in {
        "Magnification": "nominal_magnification",
        "NumericalAperture": "lens_na",
    }.items():
        if as_number(settings.get(name)):
            sheet.number(f"objective.{field}", settings.get(name), f"{where}/@{name}")
    _record_immersion(sheet, settings.get("Immersion", ""), f"{where}/@Immersion")
    record_lens_name(sheet, settings.get("ObjectiveName", ""), f"{where}/@ObjectiveName")


def _record_immersion(sheet: Sheet, written: str, where: str) -> None:
    word = _IMMERSIONS.get(written.strip().upper())
    if word:
        original = "" if word == written else written
        sheet.state("objective.immersion", word, where, original=original)
    else:
        record_word(sheet, "objective.immersion", written, IMMERSIONS, where)


def _record_old_lens(sheet: Sheet, element: Element) -> None:
    """Read the records of LAS AF before 2012: one attribute each."""
    wanted = {"Objective": "", "NumericalAperture": ""}
    for record in element.iter("FilterSettingRecord"):
        if record.get("ClassName") == "CTurret" and record.get("Attribute") in wanted:
            wanted[record.get("Attribute")] = record.get("Variant", "").strip()
    where = f"{_PLACE}FilterSettingRecord[@Attribute='Objective']"
    sheet.text("objective.model", wanted["Objective"], where)
    if as_number(wanted["NumericalAperture"]):
        place = where.replace("'Objective'", "'NumericalAperture'")
        sheet.number("objective.lens_na", wanted["NumericalAperture"], place)
    record_lens_name(sheet, wanted["Objective"], where)


def _record_stage(sheet: Sheet, settings: Element) -> None:
    for axis in "XY":
        written = settings.get(f"StagePos{axis}")
        if as_number(written):
            where = f"{_PLACE}{settings.tag}/@StagePos{axis}"
            sheet.quantity(f"image.stage_{axis.lower()}", written, "m", where)


def _record_detectors(sheet: Sheet, settings: Element) -> None:
    active = [d for d in settings.iter("Detector") if d.get("IsActive") == "1"][:100]
    for index, detector in enumerate(active):
        path, where = f"detector.{index}", f"{_PLACE}Detector[@Name={detector.get('Name')!r}]"
        sheet.text(f"{path}.model", detector.get("Name"), f"{where}/@Name")
        written = detector.get("Type")
        record_word(sheet, f"{path}.type", written, DETECTOR_TYPES, f"{where}/@Type")
        if as_number(detector.get("Gain")) is not None:
            place = f"{where}/@Gain"
            sheet.number(f"{path}.gain", detector.get("Gain"), place, positive=False)


def _record_lasers(sheet: Sheet, settings: Element) -> None:
    lines: dict[str, None] = {}
    for line in settings.iter("LaserLineSetting"):
        if as_number(line.get("IntensityDev")) and as_number(line.get("LaserLine")):
            lines[line.get("LaserLine")] = None
    for index, line in enumerate(list(lines)[:100]):
        where = f"{_PLACE}LaserLineSetting[@LaserLine={line!r}]"
        sheet.text(f"light_source.{index}.type", "Laser", where)
        sheet.quantity(f"light_source.{index}.wavelength", line, "nm", where)
