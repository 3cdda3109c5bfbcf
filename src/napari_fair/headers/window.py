"""A file as a window: what lies beyond its end is simply not there."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO


@dataclass(frozen=True, slots=True)
class Window:
    """Bytes of an open file, read by place; a place outside gives no bytes, never an error.

    Attributes
    ----------
    stream
        The open file.
    size
        Its length in bytes.
    start
        Where the window begins: the file's place 0, but for a file inside another one.
    """

    stream: BinaryIO
    size: int
    start: int = 0

    def read(self, offset: int, length: int) -> bytes:
        """Return at most `length` bytes from a place."""
        place = offset + self.start
        if offset < 0 or not 0 <= place < self.size or length <= 0:
            return b""
        self.stream.seek(place)
        return self.stream.read(min(length, self.size - place))

    def unpack(self, layout: str, offset: int) -> tuple[Any, ...] | None:
        """Return the numbers of a `struct` layout at a place, None where the file ends before."""
        wanted = struct.calcsize(layout)
        data = self.read(offset, wanted)
        return struct.unpack(layout, data) if len(data) == wanted else None


@contextmanager
def window(path: Path) -> Iterator[Window]:
    """Open a file as a window."""
    with path.open("rb") as stream:
        yield Window(stream, path.stat().st_size)
