"""Which images of a folder have stopped growing, by looking again and again.

Operating systems tell of new files, but not on network drives, which is where microscopes save;
and nothing tells when a file is complete. So the folder is listed twice a second: a file or store
that has not changed for a while is taken to be complete, and looked at again when it changes later.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from napari_fair.files import FairError
from napari_fair.headers.folders import is_image, set_of
from napari_fair.headers.ome_zarr import is_store
from napari_fair.sidecar import METADATA_FILE

Signature = tuple[int, int, int]
"""How many files, how many bytes, and the time of the last change (ns); any change of it counts."""

_TEMPORARY = (".lock", ".part", ".tmp", ".crdownload", ".omexml", "~")
_MOST_DEPTH = 32
_SHARE_OF_TIME = 5
"""A store is not looked through for more than a fifth of the time."""


@dataclass(slots=True)
class _Seen:
    signature: Signature
    since: float
    look_after: float = 0.0


class Arrivals:
    """The images of a folder as they come.

    Parameters
    ----------
    folder
        Where to look.
    settle
        Seconds without a change after which a file is taken to be complete.
    recursive
        Whether to look into subfolders; not into those with a crate of their own.
    clock
        Seconds that only go forward; times of files are compared with each other alone, since the
        clocks of a network drive and of this computer differ.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settle: float,
        recursive: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._settle, self._recursive = folder, settle, recursive
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._growing: set[str] = set()
        self._left_out: set[str] = set()

    @property
    def waiting(self) -> int:
        """How many files and stores are still growing, or have just come."""
        return len(self._growing)

    def scan(self) -> list[Path]:
        """Return the images that have stopped growing since the last time, each once.

        Raises
        ------
        OSError
            If the folder cannot be listed; nothing is forgotten then.
        """
        now = self._clock()
        found = dict(self._listed(str(self._folder), 0, now))
        for path in self._seen.keys() - found.keys():
            del self._seen[path]
            self._growing.discard(path)
        for path, signature in found.items():
            seen = self._seen.get(path)
            if seen is None:
                self._seen[path] = _Seen(signature, now)
                self._growing.add(path)
            elif seen.signature != signature:
                seen.signature, seen.since = signature, now
                self._growing.add(path)
        return self._settled(now)

    def again(self, path: Path, seconds: float) -> None:
        """Bring an image again after a while, even if it does not change."""
        seen = self._seen.get(str(path))
        if seen is not None:
            seen.since = self._clock() + seconds - self._settle
            self._growing.add(str(path))

    def leave_out(self, paths: Iterable[Path]) -> None:
        """Do not look at files any more: sidecars that were written here."""
        for path in map(str, paths):
            self._left_out.add(path)
            self._growing.discard(path)

    def changed_at(self, path: Path) -> int:
        """Return the time of an image's last change in nanoseconds, as the drive has it."""
        seen = self._seen.get(str(path))
        return seen.signature[2] if seen is not None else 0

    def _settled(self, now: float) -> list[Path]:
        still = {p for p in self._growing if now - self._seen[p].since < self._settle}
        sources: dict[Path, None] = {}
        for path in sorted(self._growing - still):
            if path not in self._growing:
                continue  # it came with another file of its set
            self._growing.discard(path)
            with suppress(OSError, FairError):
                first = self._source(Path(path), still)
                if first is not None:
                    sources[first] = None
        return list(sources)

    def _source(self, path: Path, still: set[str]) -> Path | None:
        """Return the source that a file belongs to, None while its set grows or it is no image."""
        if path.is_dir():
            return path
        if not is_image(path):
            return None if os.access(path, os.R_OK) else path  # reading it says what is wrong
        first, others = set_of(path, _Present(self._seen))
        if first is None:
            return None
        members = {str(member) for member in (first, *others)}
        if members & still:
            self._growing.add(str(path))
            return None
        self._growing -= members
        return first

    # ---- listing ----

    def _listed(self, folder: str, depth: int, now: float) -> Iterator[tuple[str, Signature]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith(".") or name == METADATA_FILE or name.endswith(_TEMPORARY):
                    continue
                if entry.path not in self._left_out:
                    with suppress(FileNotFoundError, PermissionError):
                        yield from self._entry(entry, depth, now)

    def _entry(
        self, entry: os.DirEntry[str], depth: int, now: float
    ) -> Iterator[tuple[str, Signature]]:
        path = entry.path
        if entry.is_symlink():
            return
        if entry.is_file():
            # Windows keeps what a listing says of an open file as it was when it was opened
            about = os.stat(path) if os.name == "nt" else entry.stat()
            yield path, (1, about.st_size, about.st_mtime_ns)
        elif entry.is_dir():
            if path in self._seen or is_store(Path(path)):
                yield path, self._store(path, now)
            elif self._recursive and depth < _MOST_DEPTH and _may_enter(Path(path)):
                yield from self._listed(path, depth + 1, now)

    def _store(self, path: str, now: float) -> Signature:
        seen = self._seen.get(path)
        if seen is not None and now < seen.look_after:
            return seen.signature
        begun = time.perf_counter()
        signature = _total(path)
        if seen is not None:
            seen.look_after = now + _SHARE_OF_TIME * (time.perf_counter() - begun)
        return signature


class _Present(Container[Path]):
    """The files that there are; paths are made of them only where one is asked for."""

    def __init__(self, seen: Container[str]) -> None:
        self._seen = seen

    def __contains__(self, path: object) -> bool:
        return str(path) in self._seen


def _may_enter(path: Path) -> bool:
    hidden = path.name.lower().endswith((".crate", ".oif.files"))
    return not hidden and not (path / METADATA_FILE).exists()


def _total(store: str) -> Signature:
    """Return how many files a store has, their bytes and their last change."""
    files = size = latest = 0
    folders = [store]
    while folders:
        with suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                    continue
                with suppress(FileNotFoundError):
                    about = entry.stat(follow_symlinks=False)
                    files, size = files + 1, size + about.st_size
                    latest = max(latest, about.st_mtime_ns)
    return files, size, latest
