"""The directory of a CZI's subblocks: which images there are and how large they are.

ZISRAW (CZI) file format, section "SubBlockDirectory segment": an entry names, for every dimension,
where the block starts, how far it reaches and how many pixels are stored of that.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

SEPARATE = "SBVRIH"
"""Dimensions whose values make images of their own: scene, block, view, rotation, illumination,
phase. Mosaic tiles (M) are parts of one image."""

_MAX_SECONDS = 1.0
_MAX_DIMENSIONS = 32
_MOST_AT_ONCE = 10_000
_ENTRY = struct.Struct("<2siq8xB5xi")
_DIMENSION = "4sii4xi"


@dataclass(slots=True)
class Extent:
    """The box around the blocks of one resolution, in pixels of the full resolution."""

    left: int
    top: int
    right: int
    bottom: int

    def include(self, left: int, top: int, right: int, bottom: int) -> None:
        """Grow to hold another block."""
        self.left, self.top = min(self.left, left), min(self.top, top)
        self.right, self.bottom = max(self.right, right), max(self.bottom, bottom)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top


@dataclass(slots=True)
class BlockImage:
    """What the blocks of one image (scene, view ...) have in common.

    Attributes
    ----------
    pixel_type
        ZEISS' number of the pixel type.
    planes
        The indices seen along Z, C and T.
    extents
        The box around the blocks, by how many pixels one stored pixel stands for (1: full).
    """

    pixel_type: int
    planes: dict[str, set[int]] = field(
        default_factory=lambda: {"Z": set(), "C": set(), "T": set()}
    )
    extents: dict[int, Extent] = field(default_factory=dict)

    def size_along(self, axis: str) -> int:
        """Return how many planes there are along an axis, at least 1."""
        return max(1, len(self.planes[axis]))


@dataclass
class BlockSummary:
    """All blocks of a file, summed up by image.

    Attributes
    ----------
    images
        By the starts along the dimensions of `SEPARATE`.
    complete
        Whether all entries could be read.
    furthest
        Where the last block begins in the file.
    """

    images: dict[tuple[int, ...], BlockImage] = field(default_factory=dict)
    complete: bool = True
    furthest: int = 0

    def add(self, data: bytes, at: int) -> int:
        """Take in the entry at a place in `data`; return the place behind it, -1 when damaged."""
        if at + 32 > len(data):
            return -1
        schema, pixel_type, place, _, count = _ENTRY.unpack_from(data, at)
        end = at + 32 + 20 * count
        if schema != b"DV" or not 0 < count <= _MAX_DIMENSIONS or end > len(data):
            return -1
        numbers = struct.unpack_from("<" + _DIMENSION * count, data, at + 32)
        dimensions = {
            name.rstrip(b"\0 "): (start, size, stored)
            for name, start, size, stored in zip(*[iter(numbers)] * 4, strict=True)
        }
        self._place(pixel_type, dimensions)
        self.furthest = max(self.furthest, place)
        return int(end)

    def _place(self, pixel_type: int, dimensions: dict[bytes, tuple[int, int, int]]) -> None:
        if b"X" not in dimensions or b"Y" not in dimensions:
            return
        left, width, stored = dimensions[b"X"]
        top, height, stored_height = dimensions[b"Y"]
        if width < 1 or height < 1:
            return
        key = tuple(dimensions.get(_BYTES[name], _NOWHERE)[0] for name in SEPARATE)
        image = self.images.setdefault(key, BlockImage(pixel_type))
        factor = round(width / stored) if stored > 0 else 1
        if stored_height > 0 and width < stored * 2:
            factor = max(factor, round(height / stored_height))
        box = (left, top, left + width, top + height)
        extent = image.extents.get(factor)
        if extent is None:
            image.extents[factor] = Extent(*box)
        else:
            extent.include(*box)
        if factor <= 1:
            _add_planes(image, dimensions)


_BYTES = {name: name.encode() for name in SEPARATE}
_NOWHERE = (0, 1, 1)


def _add_planes(image: BlockImage, dimensions: dict[bytes, tuple[int, int, int]]) -> None:
    for name, seen in image.planes.items():
        start, size, _ = dimensions.get(name.encode(), _NOWHERE)
        if size <= 1:
            seen.add(start)
        else:
            seen.update(range(start, start + min(size, _MOST_AT_ONCE)))


def summarise_directory(data: bytes, count: int) -> BlockSummary:
    """Sum up the entries of a directory; stops after a second."""
    summary, at, stop = BlockSummary(), 0, monotonic() + _MAX_SECONDS
    for number in range(count):
        at = summary.add(data, at)
        if at < 0 or (number % 1000 == 999 and monotonic() > stop):
            summary.complete = False
            break
    return summary


def summarise_segments(blocks: Iterator[bytes]) -> BlockSummary:
    """Sum up the entries that the blocks of a file without a directory carry themselves."""
    summary = BlockSummary(complete=False)
    for data in blocks:
        summary.add(data, 0)
    return summary
