"""PNG and JPEG: width, height, samples and depth, and what a camera noted (Exif)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from napari_fair.headers.exif import record_exif
from napari_fair.headers.sheet import Findings, Sheet
from napari_fair.headers.window import Window, window

_PNG_SAMPLES = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
# Start-of-frame markers; C4, C8 and CC are something else (ITU T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset(range(0xD0, 0xD8)) | {0x01}
_END, _SCAN, _APPLICATION_1 = 0xD9, 0xDA, 0xE1
_EXIF = b"Exif\0\0"
_MOST_MARKERS = 10_000
_MAX_EXIF = 1 << 20
_TAIL = 1 << 16


def read_png(path: Path, findings: Findings) -> None:
    """Read a PNG's IHDR (its first chunk, W3C PNG 11.2.2) and its eXIf chunk."""
    findings.format = "PNG"
    with window(path) as file:
        head = file.read(0, 33)
        if len(head) < 26 or head[12:16] != b"IHDR":
            findings.damage(f"{path.name!r} is damaged: its first chunk is not a PNG header.")
            return
        width, height, bits, color = struct.unpack(">IIBB", head[16:26])
        if color not in _PNG_SAMPLES:
            findings.damage(f"{path.name!r} is damaged: PNG has no colour type {color}.")
            return
        kind = 16 if bits == 16 else 8
        sheet = _record(findings, width, height, _PNG_SAMPLES[color], kind, "PNG: IHDR")
        ended = False
        for name, offset, length in _chunks(file):
            if name == b"eXIf":
                record_exif(sheet, file.read(offset, min(length, _MAX_EXIF)))
            ended = name == b"IEND"
    if not ended:
        findings.damage(f"{path.name!r} is cut off or damaged: its last chunk is missing.")


def _chunks(file: Window) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, place and length of each chunk."""
    offset = 8
    for _ in range(_MOST_MARKERS):
        head = file.unpack(">I4s", offset)
        if head is None:
            return
        yield head[1], offset + 8, head[0]
        if head[1] == b"IEND":
            return
        offset += 12 + head[0]
    # A picture in that many pieces is odd, but not cut off.
    yield b"IEND", offset, 0


def read_jpeg(path: Path, findings: Findings) -> None:
    """Read a JPEG's start of frame and its Exif."""
    findings.format = "JPEG"
    with window(path) as file:
        frame, exif = b"", b""
        for marker, offset, length in _segments(file):
            if marker in _FRAMES:
                frame = file.read(offset, min(length, 64))
                break
            if marker == _APPLICATION_1 and not exif:
                data = file.read(offset, length)
                exif = data[len(_EXIF) :] if data.startswith(_EXIF) else b""
        tail = file.read(max(0, file.size - _TAIL), _TAIL)
    if len(frame) < 6:
        findings.damage(f"{path.name!r} is damaged: it has no start of frame.")
        return
    bits, height, width, samples = struct.unpack(">BHHB", frame[:6])
    kind = 8 if bits <= 8 else 16
    sheet = _record(findings, width, height, samples, kind, "JPEG: start of frame")
    record_exif(sheet, exif)
    if b"\xff\xd9" not in tail:
        findings.damage(f"{path.name!r} is cut off: its end is missing.")


def _segments(file: Window) -> Iterator[tuple[int, int, int]]:
    """Yield marker, place and length of the segments before the pixels."""
    offset = 2
    for _ in range(_MOST_MARKERS):
        head = file.unpack(">BB", offset)
        if head is None or head[0] != 0xFF:
            return
        offset += 1 if head[1] == 0xFF else 2
        if head[1] == 0xFF or head[1] in _ALONE:
            continue
        length = file.unpack(">H", offset)
        if length is None or head[1] in (_END, _SCAN):
            return
        yield head[1], offset + 2, max(0, length[0] - 2)
        offset += max(2, length[0])


def _record(
    findings: Findings, width: int, height: int, samples: int, bits: int, where: str
) -> Sheet:
    sheet = findings.sheet()
    sheet.size("image.size_x", width, where)
    sheet.size("image.size_y", height, where)
    sheet.size("image.size_c", samples, where)
    for axis in "zt":
        sheet.size(f"image.size_{axis}", 1, where)
    sheet.state("image.dtype", f"uint{bits}", where)
    return sheet
