"""NDTiff sets of Micro-Manager and Pycro-Manager: TIFF stacks with ``NDTiff.index`` beside them.

The index lists for each plane its axes (JSON), its file, and where pixels and metadata lie
(NDTiffStorage, version 3).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from napari_fair.headers.micromanager import (
    parsed,
    record_plane,
    record_summary,
)
from napari_fair.headers.sheet import Findings, Sheet
from napari_fair.headers.tiff_pages import page_of
from napari_fair.headers.tiff_plain import record_page, record_resolution
from napari_fair.headers.tiff_structure import Directory, TiffStructure

NDTIFF = "NDTiff"
INDEX_FILE = "NDTiff.index"
_MAX_INDEX = 64 << 20
_MAX_PLANES = 500_000
_MAX_IMAGES = 10_000
_MAX_NAME = 1 << 14
_MAX_METADATA = 4 << 20
_SUMMARY_MARK = 2355492
_WHERE = f"{INDEX_FILE}: axes"
_AXES = {"z": "z", "channel": "c", "time": "t"}
_MANY_CHANNELS = 64

Axes = tuple[tuple[str, int | str], ...]


@dataclass(frozen=True, slots=True)
class IndexedPlane:
    """One plane: its axes, its file, where its pixels (0: compressed) and its metadata lie."""

    axes: dict[str, int | str]
    file: str
    metadata: tuple[int, int]
    pixels: int = 0


def index_beside(path: Path) -> list[IndexedPlane]:
    """Return the planes of the index beside a file, none when it is not one of the set's."""
    place = path.with_name(INDEX_FILE)
    try:
        if not place.is_file() or place.stat().st_size > _MAX_INDEX:
            return []
        data = place.read_bytes()
    except OSError:
        return []
    if path.name.encode() not in data:
        return []
    planes = _planes(data)
    return planes if any(plane.file == path.name for plane in planes) else []


def _planes(data: bytes) -> list[IndexedPlane]:
    found: dict[tuple[str, Axes], IndexedPlane] = {}
    at = 0
    while at < len(data) and len(found) < _MAX_PLANES:
        axes, at = _text(data, at)
        name, at = _text(data, at)
        if at < 0 or at + 32 > len(data):
            break
        numbers = struct.unpack_from("<8I", data, at)
        at += 32
        held = {
            str(axis): place
            for axis, place in parsed(axes).items()
            if isinstance(place, int | str) and not isinstance(place, bool)
        }
        key = ("", tuple(sorted(held.items())))
        pixels = 0 if numbers[4] else numbers[0]
        found[key] = IndexedPlane(held, name, (numbers[5], numbers[6]), pixels)
    return list(found.values())


def _text(data: bytes, at: int) -> tuple[str, int]:
    if at < 0 or at + 4 > len(data):
        return "", -1
    (length,) = struct.unpack_from("<I", data, at)
    if length > _MAX_NAME or at + 4 + length > len(data):
        return "", -1
    return data[at + 4 : at + 4 + length].decode("utf-8", "replace"), at + 4 + length


def set_files(path: Path, planes: list[IndexedPlane]) -> list[Path]:
    """Return the stacks of a set that are there, in the order of the index."""
    names = dict.fromkeys(plane.file for plane in planes)
    safe = (name for name in names if name and Path(name).name == name)
    return [place for name in safe if (place := path.with_name(name)).is_file()]


def read_ndtiff(
    path: Path,
    tiff: TiffStructure,
    first: Directory,
    planes: list[IndexedPlane],
    findings: Findings,
) -> None:
    """Read a set; each combination of the axes that are not Z, C or T is an image."""
    findings.format = NDTIFF
    files = set_files(path, planes)
    index = path.with_name(INDEX_FILE)
    findings.files = [*(str(place.absolute()) for place in files), str(index.absolute())]
    missing = {plane.file for plane in planes} - {place.name for place in files}
    if missing:
        findings.damage(f"{len(missing)} of the set's files are not there.")
    summary = parsed(_summary(tiff))
    for other, group in sorted_groups(planes)[:_MAX_IMAGES]:
        sheet = findings.sheet()
        record_page(sheet, page_of(tiff, first))
        _record_axes(sheet, group, page_of(tiff, first).samples)
        record_resolution(sheet, tiff, first)
        if other:
            name = ", ".join(
                str(place) if isinstance(place, str) else f"{axis} {place}" for axis, place in other
            )
            sheet.text("image.name", name, _WHERE)
        record_summary(sheet, summary, "NDTiff: summary metadata")
        _record_planes(sheet, path, tiff, group)


def sorted_groups(planes: list[IndexedPlane]) -> list[tuple[Axes, list[IndexedPlane]]]:
    """Return the planes of each image: each combination of the axes that are not Z, C or T."""
    groups: dict[Axes, list[IndexedPlane]] = {}
    for plane in planes:
        other = tuple(sorted((a, v) for a, v in plane.axes.items() if a not in _AXES))
        groups.setdefault(other, []).append(plane)
    return [(other, groups[other]) for other in sorted(groups, key=_in_order)]


def _in_order(axes: Axes) -> list[tuple[str, bool, int, str]]:
    """Positions count 2 before 10; names come after numbers."""
    return [(a, isinstance(v, str), v if isinstance(v, int) else 0, str(v)) for a, v in axes]


def _summary(tiff: TiffStructure) -> bytes:
    head = tiff.bytes_at(20, 8)
    if len(head) < 8:
        return b""
    mark, length = struct.unpack(f"{tiff.order}2I", head)
    return tiff.bytes_at(28, min(length, _MAX_METADATA)) if mark == _SUMMARY_MARK else b""


def _record_axes(sheet: Sheet, planes: list[IndexedPlane], samples: int) -> None:
    for axis, short in _AXES.items():
        size = len({plane.axes[axis] for plane in planes if axis in plane.axes}) or 1
        sheet.size(f"image.size_{short}", size * (samples if short == "c" else 1), _WHERE)


def _record_planes(
    sheet: Sheet, path: Path, tiff: TiffStructure, planes: list[IndexedPlane]
) -> None:
    """Record names of channels, and what their first planes say in this file."""
    firsts: dict[int | str, IndexedPlane] = {}
    for plane in planes:
        firsts.setdefault(plane.axes.get("channel", 0), plane)
    for number, (channel, plane) in enumerate(list(firsts.items())[:_MANY_CHANNELS]):
        if isinstance(channel, str):
            sheet.text(f"channel.{number}.name", channel, _WHERE)
        if plane.file == path.name:
            offset, length = plane.metadata
            data = tiff.bytes_at(offset, min(length, _MAX_METADATA))
            record_plane(sheet, parsed(data), number, "NDTiff: plane metadata")
