"""Width, height, channels and pixel type of an ND2, without the package that reads the rest.

The file ends with the place of its chunk map (names and places); the chunk ``ImageAttributesLV!``
holds named numbers: type, length of the name, name in UTF-16, value.
"""

from __future__ import annotations

import struct

from napari_fair.headers.sheet import Findings
from napari_fair.headers.window import Window

_SIGNATURE = b"ND2 CHUNK MAP SIGNATURE 0000001!"
_CHUNK = b"ImageAttributesLV!"
_UNSIGNED = 3
_MAX_MAP = 16 << 20
_MAX_CHUNK = 1 << 16
_WHERE = "ND2: ImageAttributes"


def record_attributes(file: Window, findings: Findings) -> None:
    """Add an image with what its attributes say, if they can be found."""
    data = _attributes(file)
    width, height = _number(data, "uiWidth"), _number(data, "uiHeight")
    if not width or not height:
        return
    sheet = findings.sheet()
    sheet.size("image.size_x", width, _WHERE)
    sheet.size("image.size_y", height, _WHERE)
    components = _number(data, "uiComp")
    if components:
        sheet.size("image.size_c", components, _WHERE)
    # A row may be padded, never by as much as a whole pixel type.
    room = _number(data, "uiWidthBytes") // (width * (components or 1))
    name = {1: "uint8", 2: "uint16", 4: "float32"}.get(room)
    if name:
        sheet.state("image.dtype", name, _WHERE)


def _attributes(file: Window) -> bytes:
    tail = file.read(file.size - 40, 40)
    if not tail.startswith(_SIGNATURE):
        return b""
    (place,) = struct.unpack_from("<Q", tail, 32)
    listed = file.read(place, min(_MAX_MAP, file.size - place))
    at = listed.find(_CHUNK) + len(_CHUNK)
    if at < len(_CHUNK) or at + 16 > len(listed):
        return b""
    return file.read(struct.unpack_from("<Q", listed, at)[0], _MAX_CHUNK)


def _number(data: bytes, name: str) -> int:
    """Return a named number, 0 when there is none."""
    key = bytes((_UNSIGNED, len(name) + 1)) + f"{name}\0".encode("utf-16-le")
    at = data.find(key) + len(key)
    if at < len(key) or at + 4 > len(data):
        return 0
    return int(struct.unpack_from("<I", data, at)[0])
