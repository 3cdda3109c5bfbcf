"""What data is, wherever it is kept: checksums of values and of files, made in the background."""

from __future__ import annotations

import hashlib
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from napari_fair.files import Cancelled, FairError, manifest_digest, sha256_file

Cancel = Callable[[], bool]
Progress = Callable[[int, int], None]

_ARRAY, _SEQUENCE, _TABLE = (
    f"napari-fair {word} 1\0".encode() for word in ("array", "list", "table")
)
_SLAB = 1 << 24
"""Bytes that are read at a time, where the data allows."""


@dataclass(frozen=True)
class Identity:
    """Checksums and form of data; its attributes are those of `DataRef` of the same names."""

    content_sha256: str = ""
    sha256: str = ""
    size: int | None = None
    shape: tuple[int, ...] = ()
    dtype: str = ""


def identity_of(
    value: object, *, progress: Progress | None = None, cancelled: Cancel | None = None
) -> Identity:
    """Return the identity of an array, a list or table of arrays, or a file or store.

    Values are hashed by type, shape and elements in C order, little-endian: the same numbers have
    the same checksum as a numpy array, a dask array of any chunks, or read from a file. Of a
    pyramid (a list of arrays that shrink) the full resolution is meant.

    Parameters
    ----------
    value
        A path (`str` or `Path`), anything with ``shape`` and ``dtype``, a list of such things, a
        mapping of names to columns, or a data frame.
    progress
        Called with bytes done and bytes in all.
    cancelled
        Asked before each part.

    Raises
    ------
    FairError
        If it cannot be hashed, or a file cannot be read.
    Cancelled
        If `cancelled` said so.
    """
    if isinstance(value, (str, Path)):
        return _of_path(Path(value), progress, cancelled)
    value = form_of(value)
    shape, dtype, size = describe(value)
    digest = _digest(value, _Walk(size or 0, progress, cancelled))
    return Identity(digest, size=size, shape=shape, dtype=dtype)


def describe(value: object) -> tuple[tuple[int, ...], str, int | None]:
    """Return shape, dtype and bytes of data without reading it."""
    value = form_of(value)
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return (), "", None
    sizes = tuple(int(size) for size in shape)
    count = 1
    for size in sizes:
        count *= size
    return sizes, str(dtype), count * int(getattr(dtype, "itemsize", 0))


def form_of(value: Any) -> Any:
    """Return the array that stands for a layer or a pyramid; anything else as it is."""
    if is_layer(value):
        value = value.data
    shapes = [getattr(level, "shape", None) for level in value] if _is_sequence(value) else []
    if len(shapes) > 1 and all(shapes) and _shrinks(shapes):
        return value[0]
    return value


def is_layer(value: object) -> bool:
    """Whether a value is a napari layer, judged without napari."""
    named = all(hasattr(value, name) for name in ("data", "metadata", "scale", "name"))
    return named and (hasattr(value, "unique_id") or not hasattr(value, "dtype"))


def _is_sequence(value: object) -> bool:
    named = type(value).__name__ == "MultiScaleData"
    return named or isinstance(value, (list, tuple))


def _shrinks(shapes: list[Any]) -> bool:
    return all(
        len(a) == len(b) > 1 and a != b and all(x >= y for x, y in zip(a, b, strict=True))
        for a, b in pairwise(shapes)
    )


def _of_path(path: Path, progress: Progress | None, cancelled: Cancel | None) -> Identity:
    if path.is_dir():
        manifest = manifest_digest(path, cancelled=cancelled)
        return Identity(sha256=manifest.sha256, size=manifest.size)
    digest = sha256_file(path, progress=progress, cancelled=cancelled)
    return Identity(sha256=digest.sha256, size=digest.size)


# ---- values ----------------------------------------------------------------------------------


class _Walk:
    """Counts what was hashed and heeds a wish to stop."""

    def __init__(self, total: int, progress: Progress | None, cancelled: Cancel | None) -> None:
        self._done, self._total = 0, total
        self._progress, self._cancelled = progress, cancelled

    def heed(self, size: int = 0) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled
        self._done += size
        if self._progress is not None and size:
            self._progress(self._done, self._total)


def _digest(value: Any, walk: _Walk) -> str:
    walk.heed()
    if hasattr(value, "to_dict") and hasattr(value, "columns"):  # a data frame
        value = {str(name): value[name].to_numpy() for name in value.columns}
    if isinstance(value, dict):
        digest = hashlib.sha256(_TABLE)
        for name, column in value.items():
            digest.update(str(name).encode("utf-8", "replace") + b"\0")
            digest.update(_digest(column, walk).encode())
        return digest.hexdigest()
    if _is_sequence(value) and not _is_plain(value):
        digest = hashlib.sha256(_SEQUENCE)
        for item in value:
            digest.update(_digest(item, walk).encode())
        return digest.hexdigest()
    return _digest_array(value, walk)


def _is_plain(value: Any) -> bool:
    return bool(value) and all(isinstance(item, bool | int | float | str) for item in value)


def _digest_array(value: Any, walk: _Walk) -> str:
    import numpy as np

    if not hasattr(value, "dtype") or not hasattr(value, "shape"):
        value = np.asarray(value)
    kind = np.dtype(value.dtype)
    if kind.hasobject:
        value = np.asarray(value, dtype=str)
        kind = value.dtype
    if kind.kind == "U":  # the longest text decides the width, which says nothing
        value = np.char.encode(np.asarray(value), "utf-8")
        kind = np.dtype("S")
    shape = ",".join(str(int(size)) for size in value.shape)
    digest = hashlib.sha256(_ARRAY + f"{kind.newbyteorder('<').str};{shape};".encode())
    for part in _parts(value, walk):
        plain = np.ascontiguousarray(part)
        if plain.dtype.kind == "S":
            for text in plain.ravel().tolist():
                digest.update(text + b"\0")
            continue
        plain = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
        digest.update(plain.reshape(-1).view(np.uint8).data)
        walk.heed(plain.nbytes)
    return digest.hexdigest()


def _parts(value: Any, walk: _Walk) -> Iterator[Any]:
    """Yield an array's elements in C order, in parts that fit into memory."""
    import numpy as np

    size = int(np.prod(value.shape, dtype=object)) * value.dtype.itemsize if value.shape else 0
    if not value.shape or size <= _SLAB or not len(value):
        yield np.asarray(value)
        return
    row = size // value.shape[0]
    if row > _SLAB and len(value.shape) > 1:
        for index in range(value.shape[0]):
            walk.heed()
            yield from _parts(value[index], walk)
        return
    step = max(1, _SLAB // max(row, 1))
    for start in range(0, value.shape[0], step):
        walk.heed()
        yield np.asarray(value[start : start + step])


# ---- in the background -----------------------------------------------------------------------

Done = Callable[[Identity | None], None]


class Checksums:
    """Makes checksums one after the other in a thread of its own.

    Data is held weakly until its turn comes: what is gone by then has no checksum, and nothing is
    kept alive for it. `done` is called in that thread, with None when there is no identity.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[], object], Done]] = deque()
        self._lock = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = self._busy = False

    def submit(self, value: object, done: Done) -> None:
        """Ask for the identity of data."""
        with self._lock:
            if self._closed:
                raise RuntimeError("no checksums are made any more")
            self._waiting.append((_weakly(value), done))
            if self._thread is None:
                name = "napari-fair checksums"
                self._thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._thread.start()
            self._lock.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all that was asked for is done; False when that took longer."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._waiting and not self._busy, timeout)

    def close(self) -> None:
        """Stop, in the middle of what is being read; what waits gets no checksum."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            self._lock.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=10)

    def _work(self) -> None:
        while True:
            with self._lock:
                self._busy = False
                self._lock.notify_all()
                self._lock.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                held, done = self._waiting.popleft()
                self._busy = True
            self._make(held, done)
            del held, done

    def _make(self, held: Callable[[], object], done: Done) -> None:
        value, found = held(), None
        try:
            if value is not None:
                found = identity_of(value, cancelled=lambda: self._closed)
        except Cancelled:
            return
        except (FairError, OSError, ValueError, TypeError, MemoryError, RuntimeError):
            found = None
        value = None
        done(found)


def _weakly(value: object) -> Callable[[], object]:
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value
