"""PNG and JPEG: width, height, samples and depth from the first bytes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from napari_fair.headers.sheet import Findings

_PNG_SAMPLES = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
# Start-of-frame markers; C4, C8 and CC are something else (ITU T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset(range(0xD0, 0xD8)) | {0x01}
_MOST_MARKERS = 10_000


def read_png(path: Path, findings: Findings) -> None:
    """Read a PNG's IHDR (its first chunk, W3C PNG 11.2.2)."""
    findings.format = "PNG"
    with path.open("rb") as stream:
        head = stream.read(33)
    if len(head) < 26 or head[12:16] != b"IHDR":
        findings.damage(f"{path.name!r} is damaged: its first chunk is not a PNG header.")
        return
    width, height, bits, color = struct.unpack(">IIBB", head[16:26])
    if color not in _PNG_SAMPLES:
        findings.damage(f"{path.name!r} is damaged: PNG has no colour type {color}.")
        return
    _record(findings, width, height, _PNG_SAMPLES[color], 16 if bits == 16 else 8, "PNG: IHDR")


def read_jpeg(path: Path, findings: Findings) -> None:
    """Read a JPEG's start of frame."""
    findings.format = "JPEG"
    with path.open("rb") as stream:
        frame = _start_of_frame(stream)
    if len(frame) < 6:
        findings.damage(f"{path.name!r} is damaged: it has no start of frame.")
        return
    bits, height, width, samples = struct.unpack(">BHHB", frame[:6])
    _record(findings, width, height, samples, 8 if bits <= 8 else 16, "JPEG: start of frame")


def _start_of_frame(stream: BinaryIO) -> bytes:
    stream.seek(2)
    for _ in range(_MOST_MARKERS):
        byte = stream.read(1)
        while byte == b"\xff":
            byte = stream.read(1)
        if not byte:
            return b""
        marker = byte[0]
        if marker in _ALONE:
            continue
        head = stream.read(2)
        if len(head) < 2 or marker in (0xD9, 0xDA):
            return b""
        length = struct.unpack(">H", head)[0]
        if marker in _FRAMES:
            return stream.read(max(0, length - 2))
        stream.seek(max(0, length - 2), 1)
        if stream.read(1) != b"\xff":
            return b""
    return b""


def _record(
    findings: Findings, width: int, height: int, samples: int, bits: int, where: str
) -> None:
    sheet = findings.sheet()
    sheet.size("image.size_x", width, where)
    sheet.size("image.size_y", height, where)
    sheet.size("image.size_c", samples, where)
    for axis in "zt":
        sheet.size(f"image.size_{axis}", 1, where)
    sheet.state("image.dtype", f"uint{bits}", where)
