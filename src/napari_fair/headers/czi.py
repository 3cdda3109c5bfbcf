"""ZEISS CZI: segments (ZISRAW) with a directory of pixel blocks and one XML document.

Only the file header, the directory, the XML and the list of time stamps are read. Numbers are
little-endian; a segment begins with its name (16 bytes), its room and its used length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from napari_fair.files import DamagedDocument, parse_xml
from napari_fair.headers.czi_blocks import (
    INSIDE,
    BlockImage,
    BlockSummary,
    summarise_directory,
    summarise_segments,
)
from napari_fair.headers.czi_document import CziDocument
from napari_fair.headers.sheet import Findings, Sheet
from napari_fair.headers.window import Window, window

_SEGMENT = 32
_FIRST_SEGMENT = 544
_MAX_XML = 64 << 20
_MAX_DIRECTORY = 128 << 20
_MAX_SEGMENTS = 20_000
_MAX_SECONDS = 0.7
_MAX_STAMPS = 100_000
_DIRECTORY, _METADATA = b"ZISRAWDIRECTORY", b"ZISRAWMETADATA"
_BLOCK, _ATTACHMENTS = b"ZISRAWSUBBLOCK", b"ZISRAWATTDIR"
_WHERE = "CZI: subblock directory"

# number in the format: (samples, numpy's name)
_PIXEL_TYPES = {
    0: (1, "uint8"),
    1: (1, "uint16"),
    2: (1, "float32"),
    3: (3, "uint8"),
    4: (3, "uint16"),
    8: (3, "float32"),
    9: (4, "uint8"),
    10: (1, "complex64"),
    11: (3, "complex64"),
    12: (1, "uint32"),
    13: (1, "float64"),
}


_EXTRAS = {b"Label": "label", b"SlidePreview": "slide preview", b"Prescan": "prescan"}
_MAX_ATTACHMENTS = 1000


@dataclass(frozen=True, slots=True)
class _Parts:
    blocks: BlockSummary
    xml: bytes
    stamps: tuple[float, ...] = ()
    extras: tuple[tuple[str, BlockSummary], ...] = ()


def read_czi(path: Path, findings: Findings) -> None:
    """Read a CZI file; each scene (view, block ...) is an image, its tiles are not."""
    findings.format = "Zeiss CZI"
    with window(path) as file:
        parts = _parts(path, file, findings)
    document = _document(path, parts, findings)
    if not parts.blocks.images:
        _record_from_document(document, findings)
        return
    for key in sorted(parts.blocks.images):
        image = parts.blocks.images[key]
        sheet = findings.sheet()
        _record_sizes(sheet, image)
        document.record(sheet, scene=key[0])
        if findings.levels:
            _record_levels(sheet, image, findings)
    for name, blocks in parts.extras:
        _record_extra(name, blocks, findings)


def _parts(path: Path, file: Window, findings: Findings) -> _Parts:
    pointers = file.unpack("<iqqiq", 80)
    if pointers is None:
        findings.damage(f"{path.name!r} is cut off inside its first segment.")
        return _Parts(BlockSummary(), b"")
    part, directory, metadata, _, attachments = pointers
    if part > 0:
        findings.warnings.add(f"{path.name!r} is part {part + 1} of an image in several files.")
    blocks = _directory(file, directory)
    xml = _xml(file, metadata)
    if blocks is None or not xml:
        scanned = _Scan(file)
        blocks = blocks or summarise_segments(scanned.blocks())
        xml = xml or scanned.xml
        findings.damage(
            f"{path.name!r} is cut off or damaged: its directory or its metadata is missing."
        )
    elif attachments >= file.size or not _is_inside(file, blocks.furthest):
        findings.damage(f"{path.name!r} is cut off: a part of it lies beyond its end.")
    elif not blocks.complete:
        findings.damage(f"The directory of {path.name!r} is damaged; sizes may be too small.")
    held = dict(reversed(list(_attachments(file, attachments))))
    stamps = _stamp_list(file, held[b"TimeStamps"]) if b"TimeStamps" in held else ()
    return _Parts(blocks, xml, stamps, tuple(_extras(file, held)))


def _segment(file: Window, offset: int, name: bytes) -> int:
    """Return the used length of a segment, 0 when there is none of that name."""
    head = file.unpack("<16sqq", offset)
    if head is None or not head[0].startswith(name):
        return 0
    return int(max(0, min(head[2] or head[1], file.size - offset)))


def _is_inside(file: Window, offset: int) -> bool:
    """Whether the segment of a pixel block ends inside the file."""
    head = file.unpack("<16sqq", offset)
    return offset == 0 or (head is not None and offset + _SEGMENT + head[1] <= file.size)


def _directory(file: Window, offset: int) -> BlockSummary | None:
    used = _segment(file, offset, _DIRECTORY)
    count = file.unpack("<i", offset + _SEGMENT)
    if not used or count is None or count[0] < 0:
        return None
    data = file.read(offset + _SEGMENT + 128, min(used, _MAX_DIRECTORY))
    return summarise_directory(data, count[0])


def _xml(file: Window, offset: int) -> bytes:
    if not _segment(file, offset, _METADATA):
        return b""
    length = file.unpack("<i", offset + _SEGMENT)
    if length is None:
        return b""
    return file.read(offset + _SEGMENT + 256, min(length[0], _MAX_XML))


class _Scan:
    """Walks from segment to segment, as is needed when a file was cut off."""

    def __init__(self, file: Window) -> None:
        self._file = file
        self.xml = b""

    def blocks(self) -> Iterator[bytes]:
        """Yield what each subblock says of itself; finds the XML on the way."""
        offset, stop = _FIRST_SEGMENT, monotonic() + _MAX_SECONDS
        for _ in range(_MAX_SEGMENTS):
            head = self._file.unpack("<16sqq", offset)
            if head is None or not head[0].startswith(b"ZISRAW") or monotonic() > stop:
                return
            if head[0].startswith(_METADATA):
                self.xml = _xml(self._file, offset)
            elif head[0].startswith(_BLOCK):
                yield self._file.read(offset + _SEGMENT + 16, 32 + 20 * 32)
            if head[1] <= 0:
                return
            offset += _SEGMENT + head[1]


def _attachments(file: Window, offset: int) -> Iterator[tuple[bytes, int]]:
    """Yield name and place of each attachment."""
    count = file.unpack("<i", offset + _SEGMENT)
    if not _segment(file, offset, _ATTACHMENTS) or count is None:
        return
    entries = file.read(offset + _SEGMENT + 256, 128 * max(0, min(count[0], _MAX_ATTACHMENTS)))
    for at in range(0, len(entries) - 127, 128):
        stamps = entries[at + 40 : at + 48].startswith(b"CZTIMS")
        name = b"TimeStamps" if stamps else entries[at + 48 : at + 128].split(b"\0", 1)[0]
        yield name, struct.unpack_from("<q", entries, at + 12)[0]


def _extras(file: Window, held: dict[bytes, int]) -> Iterator[tuple[str, BlockSummary]]:
    """Yield the pictures of a slide: attachments that are whole CZI files themselves."""
    for name, shown in _EXTRAS.items():
        head = file.unpack("<16sqq", held[name]) if name in held else None
        if head is None or not head[0].startswith(b"ZISRAWATTACH"):
            continue
        inner = Window(file.stream, file.size, held[name] + _SEGMENT + 256)
        pointers = inner.unpack("<iqqiq", 80)
        if inner.read(0, 10) == b"ZISRAWFILE" and pointers is not None:
            blocks = _directory(inner, pointers[1])
            if blocks is not None and blocks.images:
                yield shown, blocks


def _stamp_list(file: Window, offset: int) -> tuple[float, ...]:
    # segment head, then 256 bytes that describe the attachment, then its own bytes
    head = file.unpack("<ii", offset + _SEGMENT + 256)
    if head is None or not 0 < head[1] <= _MAX_STAMPS:
        return ()
    data = file.read(offset + _SEGMENT + 256 + 8, head[1] * 8)
    return struct.unpack(f"<{len(data) // 8}d", data[: len(data) // 8 * 8])


def _document(path: Path, parts: _Parts, findings: Findings) -> CziDocument:
    if not parts.xml.strip(b"\0 \r\n\t"):
        return CziDocument(None, parts.stamps)
    try:
        parsed = parse_xml(parts.xml, name=path.name)
    except DamagedDocument as error:
        findings.damage(str(error))
        return CziDocument(None, parts.stamps)
    if parsed.damaged:
        findings.damage(f"The XML in {path.name!r} is damaged. {' '.join(parsed.notes)}")
    return CziDocument(parsed.root, parts.stamps)


def _record_sizes(sheet: Sheet, image: BlockImage) -> None:
    smallest = min(image.extents)
    width, height = image.extents[smallest].size
    samples, dtype = _PIXEL_TYPES.get(image.pixel_type, (1, ""))
    sheet.size("image.size_x", width, _WHERE)
    sheet.size("image.size_y", height, _WHERE)
    for axis in "ZCT":
        inner = next(name for name, outer in INSIDE.items() if outer == axis)
        where = f"{_WHERE}, {axis} x {inner}" if image.planes[inner] else _WHERE
        number = image.size_along(axis) * (samples if axis == "C" else 1)
        sheet.size(f"image.size_{axis.lower()}", number, where)
    if dtype:
        sheet.state("image.dtype", dtype, f"{_WHERE}: pixel type {image.pixel_type}")
    if samples > 1:
        for channel in sorted(image.planes["C"] or {0}):
            sheet.size(f"channel.{channel}.samples_per_pixel", samples, _WHERE)


def _record_extra(name: str, blocks: BlockSummary, findings: Findings) -> None:
    sheet = findings.sheet()
    _record_sizes(sheet, blocks.images[min(blocks.images)])
    sheet.state("image.name", name, "CZI: attachments")


def _record_levels(whole: Sheet, image: BlockImage, findings: Findings) -> None:
    for number, factor in enumerate(sorted(image.extents)[1:], start=1):
        sheet = findings.sheet()
        sheet.facts = dict(whole.facts)
        width, height = image.extents[factor].size
        sheet.size("image.size_x", width // factor, _WHERE)
        sheet.size("image.size_y", height // factor, _WHERE)
        for axis in "xy":
            sheet.facts.pop(f"image.physical_size_{axis}", None)
        sheet.state("image.name", f"Resolution level {number}", _WHERE)


def _record_from_document(document: CziDocument, findings: Findings) -> None:
    if document.root is None:
        return
    sheet = findings.sheet()
    document.record_sizes(sheet)
    document.record(sheet, scene=0)
