"""Takes images that arrived into the record of a watched folder: sidecars at once, crate soon."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from napari_fair.files import Cancelled, FairError, manifest_digest, relative_posix, sha256_file
from napari_fair.live.beginning import begin_record
from napari_fair.model import Header, ImageSource, SourceFile
from napari_fair.session import Preset, SaveReport, open_folder
from napari_fair.session.batches import add_headers
from napari_fair.session.edits import with_sources
from napari_fair.sidecar import METADATA_FILE, CrateLines

_AT_MOST_EVERY = 1.0
_HASHED_AT_ONCE = 2**20
"""Bytes; the checksum of a small file costs less than to write its sidecar a second time."""
_MOST_AT_ONCE, _SECONDS_AT_ONCE = 200, 2.0
_SHARE_OF_TIME = 4
"""A crate of many images takes long to write: no more than a fifth of the time goes into it."""


class Intake:
    """The record of a watched folder; it belongs to the thread that made it.

    Parameters
    ----------
    folder
        The watched folder.
    preset
        What the record holds from the start.
    clock
        Seconds that only go forward.
    """

    def __init__(
        self,
        folder: Path,
        preset: Preset | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = open_folder(folder)
        self._clock = clock
        self._taken: set[str] = {source.id for source in self._session.sources()}
        self._as_is: set[str] = set()
        self._lines = CrateLines()
        self._unsaved: set[str] = set()
        self._next_save = 0.0
        self._stopped = False
        self._hashing: Future[dict[_Unhashed, SourceFile | None]] | None = None
        self._not_hashed: set[tuple[str, str]] = set()
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checksums")
        self.problems: list[str] = list(self._session.notes)
        before = self._session.dataset
        if preset is not None:
            self.problems += begin_record(self._session, preset)
        if self._session.dataset is before:  # nothing that their sidecars do not say yet
            self._as_is |= {s.id for s in before.sources if s.sidecar is not None}

    def knows(self, path: Path, changed: int) -> bool:
        """Whether an image is in the crate as it is: an earlier run took it.

        Parameters
        ----------
        changed
            The image's last change, in nanoseconds of the drive's clock.
        """
        source = self._at(path)
        if source is None or source.sidecar is None:
            return False
        try:
            crate = self._session.crate_folder
            saved = (crate / METADATA_FILE).stat().st_mtime_ns
            if not (crate / source.sidecar.path).is_file() or changed >= saved:
                return False
            return source.store or all(
                (self._session.folder / file.path).stat().st_size == file.size
                for file in source.files
            )
        except OSError:
            return False

    def _at(self, path: Path) -> ImageSource | None:
        """Return the source that a file or store stands for."""
        sources = self._session.sources()
        try:
            name = path.relative_to(self._session.folder).as_posix()
        except ValueError:
            return None
        at = bisect_left(sources, name, key=lambda source: source.path)
        return sources[at] if at < len(sources) and sources[at].path == name else None

    def take(self, headers: Iterable[Header]) -> list[ImageSource]:
        """Take images into the record and write their sidecars.

        A known image that grew is read anew; its checksum is taken again.
        """
        session = self._session
        told, problems = add_headers(session, headers)
        self.problems += problems
        self._forget_checksums(told.keys() & self._taken)
        job = replace(session.save_job(told), checksum_limit=_HASHED_AT_ONCE)
        report = job.write_sidecars(told)
        session.adopt(with_sources(session.dataset, report.sources))
        self.problems += report.notes
        self._taken |= told.keys()
        self._as_is |= {source.id for source in report.sources if source.sidecar is not None}
        self._unsaved |= told.keys()
        return [source for source in session.sources() if source.id in told]

    def _forget_checksums(self, grown: Set[str]) -> None:
        anew = [
            source.model_copy(
                update={"files": tuple(SourceFile(path=f.path) for f in source.files)}
            )
            for source in (self._session.sources() if grown else ())
            if source.id in grown
        ]
        self._session.adopt(with_sources(self._session.dataset, anew))

    def sidecars(self) -> Iterable[Path]:
        """Return the sidecars that the record knows: they are no images that arrive."""
        return self.sidecars_of(self._session.sources())

    def sidecars_of(self, sources: Iterable[ImageSource]) -> Iterable[Path]:
        """Return the sidecars of some sources."""
        crate = self._session.crate_folder
        return (crate / source.sidecar.path for source in sources if source.sidecar is not None)

    # ---- the crate ----

    @property
    def unsaved(self) -> int:
        """How many images are not in the crate on disk yet."""
        return len(self._unsaved)

    def save_if_due(self, *, now: bool = False) -> SaveReport | None:
        """Write the crate if there is something to write, at most once a second.

        Raises
        ------
        FairError
            If it cannot be written; it is tried again.
        """
        if not self._unsaved or (self._clock() < self._next_save and not now):
            return None
        begun = self._clock()
        job = self._session.save_job(self._taken)
        job = replace(job, checksum_limit=0, as_is=frozenset(self._as_is), lines=self._lines)
        try:
            report = job.run()
        finally:
            spent = self._clock() - begun
            self._next_save = self._clock() + max(_AT_MOST_EVERY, _SHARE_OF_TIME * spent)
        self._session.finish(report)
        self._unsaved.clear()
        self._taken = {source.id for source in self._session.sources()}
        return report

    # ---- checksums, when there is time ----

    def hash_next(self) -> bool:
        """Take up checksums that are ready and begin the next; False when none is missing."""
        if self._hashing is not None:
            if not self._hashing.done():
                return True
            done, self._hashing = self._hashing, None
            self._adopt(done.result())
        pending = self._pending()
        if pending:
            self._hashing = self._threads.submit(_digests, pending, lambda: self._stopped)
        return bool(pending)

    def _pending(self) -> list[_Unhashed]:
        missing = (
            _Unhashed(source.id, file, self._session.folder / file.path, source.store)
            for source in self._session.sources()
            for file in source.files
            if not file.sha256 and (source.id, file.path) not in self._not_hashed
        )
        return list(islice(missing, _MOST_AT_ONCE))

    def _adopt(self, hashed: dict[_Unhashed, SourceFile | None]) -> None:
        """Put checksums into the record, but for files that have changed meanwhile."""
        known = {source.id: source for source in self._session.sources()}
        changed: dict[str, ImageSource] = {}
        for one, digest in hashed.items():
            source = changed.get(one.source, known.get(one.source))
            if digest is None:
                self._not_hashed.add((one.source, one.file.path))
            elif source is not None and one.file in source.files:
                files = tuple(digest if file == one.file else file for file in source.files)
                changed[source.id] = source.model_copy(update={"files": files})
        self._session.adopt(with_sources(self._session.dataset, changed.values()))
        self._as_is -= changed.keys()
        self._unsaved |= changed.keys()

    def close(self) -> None:
        """Write what is not written yet and let go of the folder."""
        self._stopped = True
        self._threads.shutdown(wait=True, cancel_futures=True)
        try:
            self.save_if_due(now=True)
        finally:
            self._session.close()


@dataclass(frozen=True)
class _Unhashed:
    """A file without a checksum."""

    source: str
    file: SourceFile
    path: Path
    store: bool


def _digests(
    files: list[_Unhashed], cancelled: Callable[[], bool]
) -> dict[_Unhashed, SourceFile | None]:
    """Return checksums of as many files as a few seconds allow, None where there is none."""
    found: dict[_Unhashed, SourceFile | None] = {}
    until = time.monotonic() + _SECONDS_AT_ONCE
    for one in files:
        try:
            digest = (manifest_digest if one.store else sha256_file)(one.path, cancelled=cancelled)
        except Cancelled:
            break
        except (FairError, OSError):
            found[one] = None
        else:
            changed = {"size": digest.size, "sha256": digest.sha256}
            found[one] = one.file.model_copy(update=changed)
        if time.monotonic() > until:
            break
    return found


def inside(folder: Path, path: Path) -> str:
    """Return an image's name for people: its path in the folder."""
    with suppress(FairError):
        return relative_posix(folder, path)
    return path.name
