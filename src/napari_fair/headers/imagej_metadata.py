"""ImageJ's own tags: text of the image, labels of the planes, colours of the channels."""

from __future__ import annotations

import re
import struct

from napari_fair.headers.sheet import Sheet
from napari_fair.headers.tiff_structure import Directory, TiffStructure
from napari_fair.model import Trust

_COUNTS, _DATA = 50838, 50839
_WHERE = "TIFF tag 50839 IJMetadata"
_MAX_BYTES = 32 << 20
_MAX_ENTRIES = 100
_MAX_PIECES = 1 << 16
_LONGEST_NOTE = 2000
_LUT = 768
_PAIR = re.compile(r"\s?[\w#|\[\](). -]{1,200} = ")
# "c:1/3 z:2/5 t:1/2 - DAPI": Bio-Formats' way of labelling planes
_PLANE_NUMBERS = re.compile(r"^(?:[czt]:\d+/\d+\s*)+(?:-\s*)?")


def pieces(tiff: TiffStructure, first: Directory) -> dict[str, list[bytes]]:
    """Return the pieces of the tag by their four letters."""
    counts = tiff.values(first, _COUNTS, _MAX_PIECES)
    data = tiff.raw(first, _DATA, _MAX_BYTES) if counts else b""
    if not data or data[:4] not in (b"IJIJ", b"JIJI"):
        return {}
    found: dict[str, list[bytes]] = {}
    head, number, at = int(counts[0]), 1, int(counts[0])
    for place in range(4, min(head, 4 + 8 * _MAX_ENTRIES, len(data)) - 7, 8):
        kind = data[place : place + 4]
        name = (kind if data[:4] == b"IJIJ" else kind[::-1]).decode("latin-1")
        (count,) = struct.unpack_from(f"{tiff.order}I", data, place + 4)
        lengths = [int(length) for length in counts[number : number + min(count, _MAX_PIECES)]]
        number += len(lengths)
        held = []
        for length in lengths:
            held.append(data[at : at + length])
            at += length
        found.setdefault(name, held)
    return found


def record_pieces(sheet: Sheet, held: dict[str, list[bytes]], order: str) -> None:
    """Record notes of a person, names and colours of channels."""
    encoding = "utf-16-le" if order == "<" else "utf-16-be"
    channels = sheet.facts.get("image.size_c")
    count = channels.value if channels is not None and channels.value else 1
    info = b"".join(held.get("info", [])[:1]).decode(encoding, "replace").strip()
    if info and len(info) <= _LONGEST_NOTE and not info.startswith("{") and not _is_listing(info):
        sheet.text("image.description", info, f"{_WHERE} info")
    labels = [label.decode(encoding, "replace").strip() for label in held.get("labl", ())]
    _record_names(sheet, labels, count)
    luts = held.get("luts", [])
    if 1 < len(luts) == count:
        for index, lut in enumerate(luts):
            if len(lut) == _LUT:
                color = f"#{lut[255]:02x}{lut[511]:02x}{lut[767]:02x}"
                sheet.state(f"channel.{index}.color", color, f"{_WHERE} luts")


def _is_listing(info: str) -> bool:
    """Whether a text is what importers leave (Bio-Formats: `` SizeC = 2``), not a person's."""
    lines = [line for line in info.splitlines() if line.strip()]
    pairs = sum(bool(_PAIR.match(line)) for line in lines)
    return pairs > len(lines) / 2


def _record_names(sheet: Sheet, labels: list[str], channels: int) -> None:
    """Take a channel's label for its name when all its planes share it and no other has it.

    Planes run through the channels first (ImageJ's hyperstacks are XYCZT).
    """
    planes = 1
    for axis in "czt":
        size = sheet.facts.get(f"image.size_{axis}")
        planes *= size.value if size is not None and size.value else 1
    if channels < 2 or len(labels) != planes:
        return
    names = [
        {_PLANE_NUMBERS.sub("", label).strip() for label in labels[channel::channels]}
        for channel in range(channels)
    ]
    shared = [found.pop() if len(found) == 1 else "" for found in names]
    if all(shared) and len(set(shared)) == channels:
        for channel, name in enumerate(shared):
            path, where = f"channel.{channel}.name", f"{_WHERE} labels"
            sheet.text(path, name, where, trust=Trust.DERIVED)
