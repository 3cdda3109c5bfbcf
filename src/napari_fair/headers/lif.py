"""Leica LIF, LOF and XLIF: one XML document that describes all images.

A LIF or LOF file is a row of blocks: ``0x70``, a length, ``0x2A``, a number of UTF-16 characters,
the characters. The first block of a LIF is the document; in a LOF it follows the pixels.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from napari_fair.files import DamagedDocument, UnsafePath, confine, parse_xml
from napari_fair.headers.lif_images import LifImage, record_image
from napari_fair.headers.sheet import Findings
from napari_fair.headers.window import Window, window

Element = Any

_BLOCK, _MARK = 0x70, 0x2A
_MAX_XML = 64 << 20
_MAX_IMAGES = 20_000
_MAX_DEPTH = 64
_MAX_FILES = 10_000
_MAX_SECONDS = 0.3


def read_lif(path: Path, findings: Findings) -> None:
    """Read a LIF or a LOF file."""
    with window(path) as file:
        text, behind = _text_block(file, 0)
        findings.format = "Leica LIF"
        if text.startswith("LMS_Object_File".encode("utf-16-le")):
            findings.format = "Leica LOF"
            # two versions and the length of the pixels, each behind a mark
            head = file.unpack("<BiBiBq", behind)
            length = head[5] if head is not None and head[5] >= 0 else file.size
            text, behind = _text_block(file, behind + 19 + length)
        root = _read_document(path, text, findings)
        if (
            root is not None
            and findings.format == "Leica LIF"
            and not _is_whole(file, behind, root)
        ):
            findings.damage(f"{path.name!r} is cut off or damaged: pixels are missing.")
        elif behind > file.size or (findings.format == "Leica LOF" and not text):
            findings.damage(f"{path.name!r} is cut off inside its description.")


def _is_whole(file: Window, offset: int, root: Element) -> bool:
    """Walk over the blocks of pixels behind the document."""
    length = "q" if root.get("Version", "2") != "1" else "i"
    head = f"<iiB{length}Bi"
    room, stop = struct.calcsize(head), monotonic() + _MAX_SECONDS
    for _ in range(_MAX_IMAGES):
        if offset >= file.size or monotonic() > stop:
            return offset == file.size or monotonic() > stop
        block = file.unpack(head, offset)
        if block is None or block[0] != _BLOCK or block[2] != _MARK or block[3] < 0:
            return False
        offset += room + max(0, block[5]) * 2 + block[3]
    return True


def read_xlif(path: Path, findings: Findings) -> None:
    """Read an XLIF document; the pixels lie in other files."""
    findings.format = "Leica XLIF"
    with window(path) as file:
        text = file.read(0, _MAX_XML)
    root = _read_document(path, text, findings)
    if root is None:
        return
    if not findings.sheets:
        findings.warnings.add(
            f"{path.name!r} describes no image itself; choose the .xlif or .lof files it refers to."
        )
        return
    findings.files = [str(path.absolute()), *_pixel_files(root, path)]


def _text_block(file: Window, offset: int) -> tuple[bytes, int]:
    head = file.unpack("<iiBi", offset)
    if head is None or head[0] != _BLOCK or head[2] != _MARK or head[3] <= 0:
        return b"", offset
    length = min(head[3] * 2, _MAX_XML)
    return file.read(offset + 13, length), offset + 13 + head[3] * 2


def _read_document(path: Path, text: bytes, findings: Findings) -> Element | None:
    if not text:
        findings.damage(f"{path.name!r} is damaged: its description is missing.")
        return None
    try:
        parsed = parse_xml(text, name=path.name)
    except DamagedDocument as error:
        findings.damage(str(error))
        return None
    if parsed.damaged:
        findings.damage(f"The description in {path.name!r} is damaged. {' '.join(parsed.notes)}")
    for number, image in enumerate(_images(parsed.root)):
        if len(findings.sheets) >= _MAX_IMAGES:
            findings.warnings.add(f"Only the first {number} images were read.")
            break
        record_image(image, findings)
    return parsed.root


def _images(root: Element) -> Iterator[LifImage]:
    """Yield the images in order; elements inside an image (bleach points ...) are none."""
    for element in root.iter("Element"):
        image = element.find("Data/Image")
        if image is None:
            continue
        names = [element.get("Name", "")]
        parent = element.getparent()
        for _ in range(_MAX_DEPTH):
            if parent is None or parent.tag == "Image":
                break
            if parent.tag == "Element":
                names.append(parent.get("Name", ""))
            parent = parent.getparent()
        if parent is None:
            # The outermost element is the file itself.
            inner = names[:-1] if len(names) > 1 else names
            yield LifImage("/".join(name for name in reversed(inner) if name), image)


def _pixel_files(root: Element, path: Path) -> list[str]:
    found: dict[str, None] = {}
    for element in root.iter("Frame", "Block"):
        name = element.get("File", "").replace("\\", "/")
        if not name or len(found) >= _MAX_FILES:
            continue
        try:
            place = confine(path.parent, name)
        except (UnsafePath, ValueError):
            continue
        if place.is_file():
            found[str(place)] = None
    return list(found)
