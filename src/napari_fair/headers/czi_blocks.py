"""The directory of a CZI's subblocks: which images there are and how large they are.

ZISRAW (CZI) file format, section "SubBlockDirectory segment": an entry names, for every dimension,
where the block starts, how far it reaches and how many pixels are stored of that.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod
from time import monotonic

SEPARATE = "SBV"
"""Dimensions whose values make images of their own: scene, block, view. Mosaic tiles (M) are parts
of one image."""
INSIDE = {"R": "Z", "I": "C", "H": "T"}
"""Dimensions that multiply the planes along another one, as OME's modulo annotations have it:
rotations (Z), directions of illumination (C), phases (T)."""

_STACKED = "ZCTRIH"
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
        if left < self.left:
            self.left = left
        if top < self.top:
            self.top = top
        if right > self.right:
            self.right = right
        if bottom > self.bottom:
            self.bottom = bottom

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
        The indices seen along Z, C, T and the dimensions `INSIDE` them.
    extents
        The box around the blocks, by how many pixels one stored pixel stands for (1: full).
    """

    pixel_type: int
    planes: dict[str, set[int]] = field(default_factory=lambda: {name: set() for name in _STACKED})
    extents: dict[int, Extent] = field(default_factory=dict)

    def size_along(self, axis: str) -> int:
        """Return how many planes there are along an axis, at least 1."""
        parts = (len(self.planes[name]) for name in _STACKED if INSIDE.get(name, name) == axis)
        return prod(max(1, part) for part in parts)


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
        numbers = _layout(count).unpack_from(data, at + 32)
        order = _order(numbers[::4])
        if order.x >= 0 and order.y >= 0:
            self._place(pixel_type, numbers, order)
        if place > self.furthest:
            self.furthest = place
        return int(end)

    def _place(self, pixel_type: int, numbers: tuple[int, ...], order: _Order) -> None:
        left, width, stored = numbers[order.x : order.x + 3]
        top, height, stored_height = numbers[order.y : order.y + 3]
        if width < 1 or height < 1:
            return
        key = tuple([numbers[at] if at >= 0 else 0 for at in order.separate])
        image = self.images.get(key)
        if image is None:
            image = self.images[key] = BlockImage(pixel_type)
        factor = 1
        if stored != width or stored_height != height:
            factor = _factor(width, stored, height, stored_height)
        extent = image.extents.get(factor)
        if extent is None:
            image.extents[factor] = Extent(left, top, left + width, top + height)
        else:
            extent.include(left, top, left + width, top + height)
        if factor == 1:
            for name, at in order.planes:
                start, size = numbers[at : at + 2] if at >= 0 else (0, 1)
                if size <= 1:
                    image.planes[name].add(start)
                else:
                    image.planes[name].update(range(start, start + min(size, _MOST_AT_ONCE)))


@dataclass(frozen=True, slots=True)
class _Order:
    """Where the starts of the dimensions stand among an entry's numbers, -1 for none."""

    x: int
    y: int
    separate: tuple[int, ...]
    planes: tuple[tuple[str, int], ...]


@lru_cache(maxsize=64)
def _layout(count: int) -> struct.Struct:
    return struct.Struct("<" + _DIMENSION * count)


@lru_cache(maxsize=64)
def _order(names: tuple[bytes, ...]) -> _Order:
    known = {name.rstrip(b"\0 ").decode("latin-1"): at for at, name in enumerate(names)}
    places = {name: 4 * at + 1 for name, at in known.items()}
    return _Order(
        places.get("X", -1),
        places.get("Y", -1),
        tuple(places.get(name, -1) for name in SEPARATE),
        tuple((n, places.get(n, -1)) for n in _STACKED if n in places or n not in INSIDE),
    )


def _factor(width: int, stored: int, height: int, stored_height: int) -> int:
    """Return how many pixels of the full resolution a stored one stands for, along one side."""
    factors = [1]
    if stored > 0:
        factors.append(round(width / stored))
    if stored_height > 0:
        factors.append(round(height / stored_height))
    return max(factors)


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
