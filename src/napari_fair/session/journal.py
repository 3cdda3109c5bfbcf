"""Edits on disk before they are shown as kept, so that a crash loses at most the one in flight."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import orjson
from filelock import BaseFileLock, FileLock, Timeout
from platformdirs import user_state_path

from napari_fair.files import shown

Edit = dict[str, Any]


@dataclass(frozen=True)
class Draft:
    """Unsaved edits that an earlier run left behind.

    Attributes
    ----------
    edits
        How many.
    when
        Time of the last one, ISO 8601 with offset.
    crate
        Checksum of the crate that they started from; empty when there was none.
    dataset
        Id of the record that they are about.
    """

    edits: int
    when: str
    crate: str
    dataset: str
    _paths: tuple[Path, ...] = field(repr=False, default=())

    def replay(self) -> Iterator[Edit]:
        """Yield the edits in the order they were made."""
        for path in self._paths:
            yield from _edits(path)

    def discard(self) -> None:
        """Forget the edits for good."""
        for path in self._paths:
            path.unlink(missing_ok=True)
            _lock_path(path).unlink(missing_ok=True)


class Journal:
    """The edits of one session on one folder, in the user's state directory.

    Parameters
    ----------
    folder
        The folder whose record is edited.
    crate
        Checksum of the crate that the edits start from.
    """

    def __init__(self, folder: Path, crate: str) -> None:
        self._key = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]
        self._folder, self._crate = folder, crate
        self._path: Path | None = None
        self._lock: BaseFileLock | None = None
        self._one = Lock()  # drafts are told from other threads
        self.problem = ""
        """Why edits are not on disk, for people; empty when they are."""

    def append(self, *edits: Edit) -> None:
        """Write edits to disk; they are safe when this returns, unless there is a `problem`."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        try:
            with self._one:
                if self._path is None:
                    self._path = self._begin()
                _append(self._path, *({**edit, "at": now} for edit in edits))
        except OSError as error:
            self.problem = (
                f"{shown(_place())} cannot be written ({error.strerror}): save often, a crash "
                "would lose what is not saved."
            )

    def restart(self, crate: str) -> Callable[[], None]:
        """Begin anew after the edits were saved in a crate with this checksum.

        Returns
        -------
        callable
            Forgets the saved edits; to be called when those made since are in the journal again.
        """
        path, lock = self._path, self._lock
        self._path, self._lock, self._crate = None, None, crate
        return partial(_forget, path, lock)

    def close(self) -> None:
        """Forget the edits and let go of the file."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.release()
        self._path = None

    def release(self) -> None:
        """Let go of the file and leave the edits for the next run."""
        if self._lock is not None and self._path is not None:
            self._lock.release()
            _lock_path(self._path).unlink(missing_ok=True)
        self._lock = None

    def draft(self) -> Draft | None:
        """Return what earlier runs that ended early left of edits on this folder."""
        paths: list[Path] = []
        with suppress(OSError):
            found = sorted(_place().glob(f"{self._key}-*.jsonl"), key=_written_at)
            paths = [path for path in found if path != self._path and _orphan(path)]
        edits = [edit for path in paths for edit in _edits(path) if edit["do"] != "add"]
        if not edits:
            return None
        start, last = next(line for path in paths for line in _lines(path)), edits[-1]
        return Draft(
            edits=len(edits),
            when=str(last.get("at", "")),
            crate=str(start.get("crate", "")),
            dataset=str(last.get("dataset", "")),
            _paths=tuple(paths),
        )

    def _begin(self) -> Path:
        place = _place()
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{self._key}-{uuid4().hex}.jsonl"
        self._lock = FileLock(_lock_path(path), thread_local=False)
        self._lock.acquire()
        _append(path, {"folder": str(self._folder), "crate": self._crate})
        return path


def _forget(path: Path | None, lock: BaseFileLock | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)
        if lock is not None:
            lock.release()
        _lock_path(path).unlink(missing_ok=True)


def _place() -> Path:
    return user_state_path("napari-fair", appauthor=False) / "journal"


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


def _append(path: Path, *lines: Edit) -> None:
    with path.open("ab") as stream:
        stream.writelines(orjson.dumps(line) + b"\n" for line in lines)
        stream.flush()
        os.fsync(stream.fileno())


def _lines(path: Path) -> list[Edit]:
    """Return a journal's lines; one that a crash cut off is left out."""
    found: list[Edit] = []
    with suppress(OSError):
        for line in path.read_bytes().splitlines():
            with suppress(orjson.JSONDecodeError):
                read = orjson.loads(line)
                if isinstance(read, dict):
                    found.append(read)
    return found


def _edits(path: Path) -> list[Edit]:
    return [line for line in _lines(path) if isinstance(line.get("do"), str)]


def _written_at(path: Path) -> int:
    """Return when a journal was last written, to do the edits again in their order."""
    return path.stat().st_mtime_ns


def _orphan(path: Path) -> bool:
    """Whether no running session holds a journal."""
    lock = FileLock(_lock_path(path))
    try:
        with lock.acquire(timeout=0):
            return True
    except Timeout:
        return False
