"""Compound files (OLE2, [MS-CFB]): streams inside a file, read with bounds."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from napari_fair.headers.window import Window

_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_LAST_REGULAR = 0xFFFFFFFA
_NONE = 0xFFFFFFFF
_MAX_ENTRIES = 200_000
_MAX_STREAM = 64 << 20
_STORAGE, _STREAM, _ROOT = 1, 2, 5


class NotCompound(ValueError):
    """The bytes are no compound file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the directory: a stream's first sector and length."""

    name: str
    kind: int
    start: int
    size: int


@dataclass
class CompoundFile:
    """Streams by name; those inside storages are found by their own names, too."""

    file: Window
    sector: int
    small_sector: int
    cutoff: int
    table: tuple[int, ...]
    entries: list[Entry] = field(default_factory=list)
    small_table: tuple[int, ...] = ()
    damaged: bool = False

    @classmethod
    def open(cls, file: Window) -> CompoundFile:
        """Read the sector table and the directory.

        Raises
        ------
        NotCompound
            If there is no sound header.
        """
        head = file.read(0, 512)
        if len(head) < 512 or not head.startswith(_SIGNATURE):
            raise NotCompound("it has no header of a compound file")
        shift, small_shift = struct.unpack_from("<HH", head, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise NotCompound("its sectors have an impossible size")
        directory, cutoff, small, first_more = struct.unpack_from("<I4xII4xI", head, 48)
        found = cls(file, 1 << shift, 64, cutoff, ())
        found.table = found._sector_table(head, first_more)
        used = (n for n in range(len(found.table) - 1, -1, -1) if found.table[n] != _NONE)
        found.damaged = (next(used, 0) + 1) * found.sector >= file.size
        found.entries = found._directory(directory)
        data = found._chain(small, _MAX_STREAM)
        found.small_table = struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
        return found

    def read(self, name: str, most: int = _MAX_STREAM) -> bytes:
        """Return the first bytes of the stream of this name, none when there is none."""
        for entry in self.entries:
            if entry.kind == _STREAM and entry.name == name:
                length = min(entry.size, most)
                small = entry.size < self.cutoff
                read = self._small if small else self._chain
                data = read(entry.start, length)[:length]
                self.damaged |= len(data) < length
                return data
        return b""

    def _sector_table(self, head: bytes, first_more: int) -> tuple[int, ...]:
        """Return the next sector of each sector; its own sectors are listed in the header."""
        listed = list(struct.unpack_from("<109I", head, 76))
        most = self.file.size // self.sector + 1
        per_sector = self.sector // 4
        seen: set[int] = set()
        while first_more < _LAST_REGULAR and first_more not in seen and len(listed) < most:
            seen.add(first_more)
            data = self._sector(first_more)
            numbers = struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
            listed += numbers[: per_sector - 1]
            first_more = numbers[-1] if len(numbers) == per_sector else _NONE
        table: list[int] = []
        for number in listed:
            if number >= _LAST_REGULAR or len(table) > most:
                continue
            data = self._sector(number)
            table += struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
        return tuple(table)

    def _sector(self, number: int) -> bytes:
        return self.file.read((number + 1) * self.sector, self.sector)

    def _chain(self, number: int, most: int) -> bytes:
        """Return the bytes of a chain of sectors; one that comes back to itself is damaged."""
        parts: list[bytes] = []
        seen: set[int] = set()
        while number < len(self.table) and len(parts) * self.sector < most:
            if number in seen:
                self.damaged = True
                break
            seen.add(number)
            parts.append(self._sector(number))
            number = self.table[number]
        return b"".join(parts)

    def _directory(self, start: int) -> list[Entry]:
        data = self._chain(start, 128 * _MAX_ENTRIES)
        found = []
        for at in range(0, len(data) - 127, 128):
            length, kind = struct.unpack_from("<HB", data, at + 64)
            name = data[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            first, size = struct.unpack_from("<II", data, at + 116)
            if kind in (_STORAGE, _STREAM, _ROOT):
                found.append(Entry(name, kind, first, size))
        return found

    def _small(self, number: int, length: int) -> bytes:
        root = next((entry for entry in self.entries if entry.kind == _ROOT), None)
        if root is None:
            return b""
        container = self._chain(root.start, min(root.size, _MAX_STREAM))
        parts: list[bytes] = []
        for _ in range(length // self.small_sector + 1):
            if number >= len(self.small_table):
                break
            parts.append(container[number * 64 : number * 64 + 64])
            number = self.small_table[number]
        return b"".join(parts)[:length]
