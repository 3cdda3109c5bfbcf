"""MRC and CCP4 maps: a header of 1024 bytes (MRC2014); lengths are ångströms."""

from __future__ import annotations

import struct
from pathlib import Path

from napari_fair.headers.sheet import Findings
from napari_fair.headers.window import window

_HEADER = 1024
_WHERE = "MRC header"
_MODES = {
    0: ("int8", 1),
    1: ("int16", 2),
    2: ("float32", 4),
    4: ("complex64", 8),
    6: ("uint16", 2),
    12: ("float16", 2),
}
_LARGEST_MODE = 101


def read_mrc(path: Path, findings: Findings) -> None:
    """Read an MRC file; sections are taken as planes along Z."""
    findings.format = "MRC"
    with window(path) as file:
        data, size = file.read(0, _HEADER), file.size
    if len(data) < _HEADER:
        findings.damage(f"{path.name!r} is cut off inside its header.")
        return
    order = "<" if 0 <= struct.unpack_from("<i", data, 12)[0] <= _LARGEST_MODE else ">"
    width, height, depth, mode = struct.unpack_from(f"{order}4i", data, 0)
    sampling = struct.unpack_from(f"{order}3i", data, 28)
    lengths = struct.unpack_from(f"{order}3f", data, 40)
    (extended,) = struct.unpack_from(f"{order}i", data, 92)
    sheet = findings.sheet()
    for axis, number in zip("xyz", (width, height, depth), strict=True):
        sheet.size(f"image.size_{axis}", number, _WHERE)
    for axis in "ct":
        sheet.size(f"image.size_{axis}", 1, _WHERE)
    for axis, intervals, length in zip("xyz", sampling, lengths, strict=True):
        # A cell as long as it has intervals is what programs write without a calibration.
        if intervals > 0 and length > 0 and length != intervals:
            step = float(f"{length / intervals:.7g}")
            sheet.quantity(f"image.physical_size_{axis}", step, "\u00c5", f"{_WHERE}: CELLA / M")
    name, room = _MODES.get(mode, ("", 0))
    if name:
        sheet.state("image.dtype", name, f"{_WHERE}: MODE")
    if _HEADER + max(0, extended) + width * height * depth * room > size:
        findings.damage(f"{path.name!r} is cut off: pixels lie beyond its end.")
