"""What has been told of a running acquisition, on disk: a crash loses a quarter of a second.

A spool is a file of lines in the user's state directory, held by a lock that goes with its process.
It is removed when the record is saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import orjson
from filelock import BaseFileLock, FileLock, Timeout
from platformdirs import user_state_path

from napari_fair.live.frames import Frame
from napari_fair.live.setup import Setup
from napari_fair.model import Plane


def spool_folder() -> Path:
    """Return the folder of the spools of this user, which may not exist."""
    return user_state_path("napari-fair", appauthor=False) / "live"


class Spool:
    """Writes down one acquisition while it runs.

    Attributes
    ----------
    problem
        Why it cannot be written, for people; empty when it can.
    """

    def __init__(self, folder: Path, setup: Setup) -> None:
        self.problem = ""
        self._stream: IO[bytes] | None = None
        self._lock: BaseFileLock | None = None
        self._path = spool_folder() / f"{uuid4().hex}.jsonl"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(_lock_path(self._path), timeout=0)
            self._lock.acquire()
            self._stream = self._path.open("ab", buffering=0)
        except (OSError, Timeout) as error:
            self.problem = f"What is acquired is not kept against a crash: {error}"
        self.write([{"folder": str(folder), "setup": setup.to_plain()}])

    def write(self, lines: Iterable[dict[str, Any]]) -> None:
        """Write lines; what cannot be written is said once in `problem`."""
        data = b"".join(orjson.dumps(line) + b"\n" for line in lines)
        try:
            if self._stream is not None and data:
                self._stream.write(data)
        except OSError as error:
            self.problem = f"What is acquired is not kept against a crash: {error}"

    def write_frames(self, frames: Iterable[tuple[Frame, Any]]) -> None:
        """Write frames, each with the states of its channel's devices."""
        self.write(
            {"frame": [frame.place, tuple(frame.plane), frame.camera], "states": states or []}
            for frame, states in frames
        )

    def remove(self) -> None:
        """Forget the acquisition: it is saved, or not wanted."""
        self.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
            _lock_path(self._path).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file and leave it for the next run."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        if self._lock is not None:
            self._lock.release()


@dataclass
class Interrupted:
    """An acquisition whose program ended before its record was saved."""

    setup: Setup
    folder: Path
    path: Path | None = None
    frames: list[tuple[Frame, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    _file: Path = Path()

    def discard(self) -> None:
        """Forget it."""
        self._file.unlink(missing_ok=True)
        _lock_path(self._file).unlink(missing_ok=True)


def interrupted(folder: Path) -> Iterator[Interrupted]:
    """Yield the acquisitions into a folder whose program is no longer there."""
    for path in sorted(spool_folder().glob("*.jsonl")):
        lock = FileLock(_lock_path(path), timeout=0)
        try:
            lock.acquire()
        except (Timeout, OSError):
            continue
        try:
            found = _read(path)
        finally:
            lock.release()
        if found is not None and found.folder == folder:
            yield found


def _read(path: Path) -> Interrupted | None:
    found: Interrupted | None = None
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return None
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            held = orjson.loads(line)
            if "setup" in held:
                setup = Setup.of_plain(held["setup"])
                found = Interrupted(setup, Path(held["folder"]), _file=path)
            elif found is not None:
                _take(found, held)
    return found


def _take(found: Interrupted, held: dict[str, Any]) -> None:
    if "frame" in held:
        place, plane, camera = held["frame"]
        frame = Frame((int(place[0]), int(place[1])), Plane(*plane), str(camera))
        found.frames.append((frame, held["states"]))
    elif "path" in held:
        found.path = Path(held["path"])
    elif "note" in held:
        found.notes.append(held)


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")
