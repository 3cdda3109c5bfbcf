"""Micro-Manager: the JSON it keeps of planes and acquisitions, and folders with metadata.txt."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from napari_fair.headers.lens_names import record_lens_name
from napari_fair.headers.ome_channels import record_word
from napari_fair.headers.ome_words import BINNINGS
from napari_fair.headers.sheet import Findings, Sheet, as_integer, as_number

Properties = Mapping[str, Any]

METADATA_FILE = "metadata.txt"
PLANES = "Micro-Manager TIFF"
"""The format of a folder of single planes."""
_MAX_BYTES = 64 << 20
_MAX_PLANES = 200_000
_LOOSE_DATE = re.compile(r"(\d{4}[-/]\d\d[-/]\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(?: ([+-]\d{4}))?")
# What the axes are called in the file's JSON, in 2.0 and in 1.4.
_COORDINATES = {
    "z": ("z", "SliceIndex"),
    "c": ("channel", "ChannelIndex"),
    "t": ("time", "FrameIndex"),
}
_POSITIONS = ("position", "PositionIndex")
_LENS_LABEL = re.compile(r"(?:objective|nosepiece|obj)[\w \-]*-label", re.IGNORECASE)


def parsed(text: str | bytes) -> Properties:
    """Return a JSON object, empty when it is none; an unfinished document is closed."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    text = text.strip().strip("\0")
    for ending in ("", "}", "\n}"):
        try:
            found = json.loads(text.rstrip(",") + ending)
        except (ValueError, RecursionError):
            continue
        return found if isinstance(found, dict) else {}
    return {}


def value_of(held: Properties, *names: str) -> Any:
    """Return the first property of some names; 2.0 wraps each in ``PropVal``."""
    for name in names:
        found = held.get(name)
        if isinstance(found, dict):
            found = found.get("PropVal")
        if found is not None:
            return found
    return None


def text_of(held: Properties, *names: str) -> str:
    """Return the first text property of some names."""
    found = value_of(held, *names)
    return found if isinstance(found, str) else ""


def record_summary(sheet: Sheet, summary: Properties, where: str) -> None:
    """Record what the acquisition's summary says."""
    for name in ("StartTime", "DateAndTime", "Time"):
        record_time(sheet, text_of(summary, name), f"{where} {name}")
    interval = as_number(value_of(summary, "Interval_ms", "WaitInterval"))
    times = sheet.facts.get("image.size_t")
    if interval and interval > 0 and times is not None and (times.value or 1) > 1:
        sheet.quantity("image.time_increment", interval, "ms", f"{where} Interval_ms")
    depth = sheet.facts.get("image.size_z")
    step = as_number(value_of(summary, "z-step_um"))
    if step and depth is not None and (depth.value or 1) > 1:
        sheet.quantity("image.physical_size_z", abs(step), "\u00b5m", f"{where} z-step_um")
    sheet.text("image.operator", text_of(summary, "UserName"), f"{where} UserName")
    version = text_of(summary, "MicroManagerVersion")
    if version:
        place = f"{where} MicroManagerVersion"
        sheet.text("image.software", f"Micro-Manager {version}", place, original=version)
    comments = value_of(summary, "Comments")
    if isinstance(comments, str):
        sheet.text("image.description", comments, f"{where} Comments")


def record_time(sheet: Sheet, written: str, where: str) -> None:
    """Record a date in Micro-Manager's forms, with the zone when there is one."""
    match = _LOOSE_DATE.fullmatch(written.strip())
    if match is None or "image.acquisition_date" in sheet.facts:
        return
    zone = f"{match[3][:3]}:{match[3][3:]}" if match[3] else ""
    iso = f"{match[1].replace('/', '-')}T{match[2]}{zone}"
    sheet.date("image.acquisition_date", iso, where, original=written)


def record_plane(sheet: Sheet, plane: Properties, channel: int, where: str) -> None:
    """Record what a plane of a channel says; the first one also says where the stage was."""
    exposure = as_number(value_of(plane, "Exposure-ms", "Exposure"))
    if exposure and exposure > 0:
        path = f"channel.{channel}.exposure_time"
        sheet.quantity(path, exposure, "ms", f"{where} Exposure")
    if channel:
        return
    for axis in "xyz":
        upper = axis.upper()
        number = as_number(value_of(plane, f"{upper}PositionUm", f"{upper}PositionUM"))
        if number is not None:
            path, place = f"image.stage_{axis}", f"{where} {upper}PositionUm"
            sheet.quantity(path, number, "\u00b5m", place)
    size = as_number(value_of(plane, "PixelSizeUm", "PixelSize_um"))
    if size and size > 0 and size != 1 and "image.physical_size_x" not in sheet.facts:
        for axis in "xy":
            sheet.quantity(f"image.physical_size_{axis}", size, "\u00b5m", f"{where} PixelSizeUm")
    _record_devices(sheet, plane, where)


def _record_devices(sheet: Sheet, plane: Properties, where: str) -> None:
    camera = text_of(plane, "Camera", "Core-Camera")
    sheet.text("detector.0.model", camera, f"{where} Camera")
    binning = value_of(plane, f"{camera}-Binning", "Binning")
    number = as_integer(binning)
    written = f"{number}x{number}" if number else str(binning or "")
    record_word(sheet, "detector.0.binning", written, BINNINGS, f"{where} Binning")
    gain = as_number(value_of(plane, f"{camera}-Gain"))
    if camera and gain:
        sheet.number("detector.0.gain", gain, f"{where} {camera}-Gain", positive=False)
    for name in plane:
        if _LENS_LABEL.fullmatch(name):
            lens = text_of(plane, name)
            sheet.text("objective.model", lens, f"{where} {name}")
            record_lens_name(sheet, lens, f"{where} {name}")
            return


def folder_metadata(path: Path) -> Properties:
    """Return the metadata.txt beside a file if it describes that file."""
    beside = path.with_name(METADATA_FILE)
    try:
        if not beside.is_file() or beside.stat().st_size > _MAX_BYTES:
            return {}
        data = beside.read_bytes()
    except OSError:
        return {}
    if json.dumps(path.name).encode() not in data and path.name.encode() not in data:
        return {}
    return parsed(data)


def planes_of(held: Properties) -> dict[str, dict[str, int]]:
    """Return the coordinates (z, c, t, position) of each file that metadata.txt names."""
    found: dict[str, dict[str, int]] = {}
    for key, coordinates in held.items():
        if not isinstance(coordinates, dict) or len(found) >= _MAX_PLANES:
            continue
        if key.startswith("Coords-"):
            name = key.removeprefix("Coords-").rpartition("/")[2]
        elif key.startswith("FrameKey"):
            name = str(coordinates.get("FileName", ""))
        else:
            continue
        numbers = {axis: as_integer(value_of(coordinates, *n)) for axis, n in _COORDINATES.items()}
        numbers["p"] = as_integer(value_of(coordinates, *_POSITIONS))
        if name and all(number is None or 0 <= number < _MAX_PLANES for number in numbers.values()):
            found[name] = {axis: number or 0 for axis, number in numbers.items()}
    return found


def set_beside(path: Path) -> list[Path]:
    """Return the files of the set that a file belongs to, in order; empty when it is alone."""
    planes = planes_of(folder_metadata(path))
    if path.name not in planes:
        return []
    names = sorted(planes, key=lambda name: (*_order(planes[name]), name))
    safe = (name for name in names if Path(name).name == name)
    return [place for name in safe if (place := path.with_name(name)).is_file()]


def _order(at: dict[str, int]) -> tuple[int, ...]:
    return at["p"], at["t"], at["z"], at["c"]


def record_folder(path: Path, sheet: Sheet, findings: Findings) -> bool:
    """Record a set of single planes by the metadata.txt beside them; False when there is none.

    Each position is an image; they share what the first page says.
    """
    held = folder_metadata(path)
    planes = planes_of(held)
    if path.name not in planes:
        return False
    files = set_beside(path)
    findings.format = PLANES
    metadata = path.with_name(METADATA_FILE)
    findings.files = [*(str(place.absolute()) for place in files), str(metadata.absolute())]
    pages = dict(sheet.facts)
    positions = sorted({planes[place.name]["p"] for place in files})
    for number, position in enumerate(positions):
        image = sheet if number == 0 else findings.sheet()
        image.facts = dict(pages)
        names = [place.name for place in files if planes[place.name]["p"] == position]
        _record_position(image, held, planes, names)
        if len(positions) > 1:
            image.text("image.name", f"position {position}", f"{METADATA_FILE}: Coords")
    return True


def _record_position(
    sheet: Sheet, held: Properties, planes: dict[str, dict[str, int]], names: list[str]
) -> None:
    for axis in "zct":
        size = len({planes[name][axis] for name in names})
        sheet.size(f"image.size_{axis}", size, f"{METADATA_FILE}: Coords")
    channels = sorted({planes[name]["c"] for name in names})
    summary = held.get("Summary")
    if isinstance(summary, dict):
        record_summary(sheet, summary, f"{METADATA_FILE}: Summary")
        record_channel_names(sheet, summary, channels, f"{METADATA_FILE}: Summary")
    seen: set[int] = set()
    for name in names:
        channel = planes[name]["c"]
        plane = _metadata_of(held, name)
        if isinstance(plane, dict) and channel not in seen:
            seen.add(channel)
            record_plane(sheet, plane, channels.index(channel), f"{METADATA_FILE}: Metadata")


def _metadata_of(held: Properties, name: str) -> Any:
    if f"Metadata-{name}" in held:
        return held[f"Metadata-{name}"]
    frames = (held[key] for key in held if key.startswith("FrameKey"))
    return next((f for f in frames if isinstance(f, dict) and f.get("FileName") == name), None)


def record_channel_names(
    sheet: Sheet, summary: Properties, channels: list[int], where: str
) -> None:
    """Record the names of channels, given by their numbers in the summary."""
    names = summary.get("ChNames")
    if not isinstance(names, list):
        return
    for index, channel in enumerate(channels):
        if channel < len(names) and isinstance(names[channel], str):
            sheet.text(f"channel.{index}.name", names[channel], f"{where} ChNames")
