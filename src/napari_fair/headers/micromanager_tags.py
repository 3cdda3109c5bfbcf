"""What Micro-Manager keeps inside its TIFF stacks beside OME-XML or ImageJ's description.

The acquisition's summary stands as JSON in the file's head, behind the numbers 54773648 (index map)
and 2355492; each page has its plane's JSON in tag 51123 (Micro-Manager's image file stack, 1.4
and 2.0).
"""

from __future__ import annotations

import struct

from napari_fair.headers.micromanager import (
    parsed,
    record_channel_names,
    record_plane,
    record_summary,
)
from napari_fair.headers.sheet import Sheet
from napari_fair.headers.tiff_structure import Directory, TiffStructure

_PLANE = 51123
_MAP_MARK, _SUMMARY_MARK = 54773648, 2355492
_MAX_TEXT = 4 << 20
_SIZES = ("image.size_z", "image.size_c", "image.size_t")


def is_micromanager(first: Directory) -> bool:
    """Whether a page is one of Micro-Manager's."""
    return _PLANE in first.tags


def record_embedded(sheet: Sheet, tiff: TiffStructure, first: Directory) -> None:
    """Add what these say and nothing else in the file does."""
    sizes = {path: sheet.facts[path] for path in _SIZES if path in sheet.facts}
    found = Sheet(sheet.index, sheet.warnings, dict(sizes))
    record_plane(found, parsed(tiff.raw(first, _PLANE, _MAX_TEXT)), 0, f"TIFF tag {_PLANE}")
    summary = parsed(_summary(tiff))
    where = "Micro-Manager: summary metadata"
    record_summary(found, summary, where)
    channels = sizes.get("image.size_c")
    if channels is not None and channels.value:
        record_channel_names(found, summary, list(range(min(channels.value, 100))), where)
    for path, recorded in found.facts.items():
        sheet.facts.setdefault(path, recorded)


def _summary(tiff: TiffStructure) -> bytes:
    head = tiff.bytes_at(8, 32)
    if len(head) < 32:
        return b""
    numbers = struct.unpack(f"{tiff.order}8I", head)
    if numbers[0] != _MAP_MARK or numbers[6] != _SUMMARY_MARK:
        return b""
    return tiff.bytes_at(40, min(numbers[7], _MAX_TEXT))
