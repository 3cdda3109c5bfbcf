"""The directories (IFDs) of a TIFF file, read with bounds on time and memory.

TIFF 6.0 and BigTIFF. Headers only: a hostile file can neither make this loop nor fill the memory.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic
from typing import Any, BinaryIO

MAX_TEXT_BYTES = 200 << 20
MAX_VALUES = 1 << 16
MAX_ENTRIES = 4096
MAX_DIRECTORIES = 200_000
MAX_SECONDS = 1.0

# type number: struct character, bytes of one value, numbers in one value
_TYPES: dict[int, tuple[str, int, int]] = {
    1: ("B", 1, 1),
    2: ("s", 1, 1),
    3: ("H", 2, 1),
    4: ("I", 4, 1),
    5: ("I", 8, 2),
    6: ("b", 1, 1),
    7: ("s", 1, 1),
    8: ("h", 2, 1),
    9: ("i", 4, 1),
    10: ("i", 8, 2),
    11: ("f", 4, 1),
    12: ("d", 8, 1),
    13: ("I", 4, 1),
    16: ("Q", 8, 1),
    17: ("q", 8, 1),
    18: ("Q", 8, 1),
}


class NotTiff(ValueError):
    """The bytes are no TIFF, or there is no directory to read."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One entry of a directory; `data` holds its value when that fits, else `offset` its place."""

    type: int
    count: int
    data: bytes
    offset: int


@dataclass(frozen=True)
class Directory:
    """One IFD: its entries as stored, its place in the file and that of the next one (0: none)."""

    entries: bytes
    order: str
    big: bool
    offset: int
    next: int

    @cached_property
    def tags(self) -> dict[int, Tag]:
        """Its tags by number; the first of each counts."""
        room, layout, pointer = (8, "HHQ8s", "Q") if self.big else (4, "HHI4s", "I")
        width = struct.calcsize("=" + layout)
        whole = self.entries[: len(self.entries) // width * width]
        tags: dict[int, Tag] = {}
        for code, type_, count, held in struct.iter_unpack(self.order + layout, whole):
            length = count * _TYPES.get(type_, ("", 1, 1))[1]
            if length <= room:
                tag = Tag(type_, count, held[:length], 0)
            else:
                tag = Tag(type_, count, b"", struct.unpack(self.order + pointer, held)[0])
            tags.setdefault(code, tag)
        return tags

    def stored(self, codes: Container[int]) -> list[tuple[int, bytes]]:
        """Return place and bytes of some tags' entries; pages alike have them in one place."""
        width = 20 if self.big else 12
        starts = range(0, len(self.entries) - width + 1, width)
        found = ((at, self.entries[at : at + width]) for at in starts)
        unpack = struct.Struct(self.order + "H").unpack_from
        return [(at, entry) for at, entry in found if unpack(entry)[0] in codes]


@dataclass
class TiffStructure:
    """An open TIFF file.

    Attributes
    ----------
    stream
        The file, open for reading bytes.
    size
        Its length in bytes.
    problems
        What was found wrong, one sentence each.
    notes
        What was left out on purpose, one sentence each.
    """

    stream: BinaryIO
    size: int
    order: str = "<"
    big: bool = False
    first_offset: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, stream: BinaryIO, size: int) -> TiffStructure:
        """Read the header.

        Raises
        ------
        NotTiff
            If it is none.
        """
        head = stream.read(16)
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        if order is None or len(head) < 8:
            raise NotTiff("The file does not begin as a TIFF file does.")
        version = struct.unpack(order + "H", head[2:4])[0]
        if version == 42:
            return cls(stream, size, order, False, struct.unpack(order + "I", head[4:8])[0])
        if version == 43 and len(head) == 16:
            return cls(stream, size, order, True, struct.unpack(order + "Q", head[8:16])[0])
        raise NotTiff("The file does not begin as a TIFF file does.")

    def directory(self, offset: int) -> Directory | None:
        """Return the directory at a place in the file, or None when there is none to be read."""
        counted, pointer, entry = (8, 8, 20) if self.big else (2, 4, 12)
        if not 0 < offset < self.size:
            self._missing(offset)
            return None
        block = self._bytes(offset, counted + 64 * entry + pointer)
        if len(block) < counted:
            self._missing(offset)
            return None
        number = self._unpack("Q" if self.big else "H", block, 0)
        if number > MAX_ENTRIES:
            self._missing(offset)
            return None
        wanted = counted + number * entry + pointer
        if wanted > len(block):
            block = self._bytes(offset, wanted)
        if len(block) < wanted:
            self.problems.append("A directory of the TIFF file is cut off.")
        entries = block[counted : min(len(block), wanted - pointer)]
        following = self._unpack("Q" if self.big else "I", block, wanted - pointer)
        if len(entries) < entry:
            return None
        return Directory(entries, self.order, self.big, offset, following)

    def directories(self) -> Iterator[Directory]:
        """Yield the main directories; stops, with a sentence in `problems`, at circles and gaps."""
        seen: set[int] = set()
        offset, stop = self.first_offset, monotonic() + MAX_SECONDS
        while offset:
            if offset in seen:
                self.problems.append("The directories of the TIFF file run in a circle.")
                return
            if len(seen) >= MAX_DIRECTORIES or monotonic() > stop:
                self.notes.append(f"Only the first {len(seen)} pages were counted.")
                return
            seen.add(offset)
            directory = self.directory(offset)
            if directory is None:
                return
            yield directory
            offset = directory.next

    def values(self, directory: Directory, code: int, most: int = MAX_VALUES) -> tuple[Any, ...]:
        """Return the numbers of a tag, of rationals two each; `most` values at most."""
        tag = directory.tags.get(code)
        if tag is None or tag.type not in _TYPES:
            return ()
        character, width, parts = _TYPES[tag.type]
        if character == "s":
            return tuple(self.raw(directory, code, most))
        data = self._data(tag, min(tag.count, most) * width)
        count = len(data) // width * parts
        return struct.unpack(f"{self.order}{count}{character}", data[: count * width // parts])

    def value(self, directory: Directory, code: int, default: int = 0) -> int:
        """Return the first integer of a tag."""
        values = self.values(directory, code, 1)
        return int(values[0]) if values else default

    def ratio(self, directory: Directory, code: int) -> float | None:
        """Return the first rational of a tag, None when there is none or it is no number."""
        tag, values = directory.tags.get(code), self.values(directory, code, 1)
        if tag is None or not values:
            return None
        if tag.type in (5, 10):
            return values[0] / values[1] if len(values) == 2 and values[1] else None
        return float(values[0])

    def raw(self, directory: Directory, code: int, most: int = MAX_TEXT_BYTES) -> bytes:
        """Return the bytes of a tag, at most `most`."""
        tag = directory.tags.get(code)
        if tag is None or tag.type not in _TYPES:
            return b""
        return self._data(tag, min(tag.count * _TYPES[tag.type][1], most))

    def text(self, directory: Directory, code: int, most: int = 1 << 20) -> str:
        """Return a text tag up to its NUL, UTF-8 or else Latin-1."""
        data = self.raw(directory, code, most).split(b"\0", 1)[0]
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("latin-1")

    def bytes_at(self, offset: int, length: int) -> bytes:
        """Return at most `length` bytes from a place in the file."""
        return self._bytes(offset, length)

    def _data(self, tag: Tag, length: int) -> bytes:
        if tag.offset == 0:
            return tag.data[:length]
        data = self._bytes(tag.offset, length)
        if len(data) < length:
            self.problems.append("A value of the TIFF file lies beyond its end.")
        return data

    def _bytes(self, offset: int, length: int) -> bytes:
        if not 0 <= offset < self.size or length <= 0:
            return b""
        self.stream.seek(offset)
        return self.stream.read(min(length, self.size - offset))

    def _unpack(self, character: str, block: bytes, at: int) -> int:
        if at < 0 or at + struct.calcsize("=" + character) > len(block):
            return 0
        return int(struct.unpack_from(self.order + character, block, at)[0])

    def _missing(self, offset: int) -> None:
        self.problems.append(f"There is no readable directory at byte {offset} of the TIFF file.")
