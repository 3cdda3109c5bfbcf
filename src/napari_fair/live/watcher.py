"""Watches a folder: an image that has stopped growing gets its sidecar, the folder its crate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from psygnal import Signal

from napari_fair.files import FairError, UnreadableFile
from napari_fair.headers import read_header
from napari_fair.live.arrivals import Arrivals
from napari_fair.live.intake import Intake, inside
from napari_fair.live.records import Change
from napari_fair.model import Header
from napari_fair.session import Preset, Session

INTERVAL = 0.5
SETTLE = 1.0
"""Twice a second and one quiet second: an image is taken up within two seconds."""
_BATCH = 100
_PATIENCE = 30.0
_RETRY = 5.0
_QUIET = 3.0


@dataclass(frozen=True)
class Counts:
    """How far a watcher is: images taken up, files still growing, images not in the crate yet."""

    taken: int = 0
    growing: int = 0
    unsaved: int = 0


def watch(
    folder: str | Path,
    *,
    preset: Preset | None = None,
    deliver: Callable[[Change], None] | None = None,
    interval: float = INTERVAL,
    settle: float = SETTLE,
    recursive: bool = False,
) -> Watcher:
    """Return a watcher of a folder, which `run` or `start` sets going.

    Parameters
    ----------
    folder
        Where images arrive; a network drive is as good as any.
    preset
        Who, which project, sample and microscope: set where the record says nothing else.
    deliver
        Where the record belongs to somebody else, such as the dock: called with a function of the
        session, to be run in the session's own thread. The watcher writes nothing then.
    interval
        Seconds between two looks.
    settle
        Seconds without a change after which a file or store is taken to be complete.
    recursive
        Whether subfolders are watched too; those with a crate of their own are not.

    Raises
    ------
    UnreadableFile
        If there is no such folder.
    """
    place = Path(folder).resolve()
    if not place.is_dir():
        raise UnreadableFile(f"{place} is no folder: name the folder that images arrive in.")
    arrivals = Arrivals(place, settle=settle, recursive=recursive)
    return Watcher(place, arrivals, preset=preset, deliver=deliver, interval=interval)


class Watcher:
    """What `watch` returns. Signals are emitted in the thread that watches.

    Attributes
    ----------
    arrived
        An image was taken up: its path, and the id of its source (empty where it was delivered).
    saved
        The crate was written: how many images it holds.
    problem
        A sentence: what could not be done. Watching goes on.
    """

    arrived = Signal(Path, str)
    saved = Signal(int)
    problem = Signal(str)

    def __init__(
        self,
        folder: Path,
        arrivals: Arrivals,
        *,
        preset: Preset | None,
        deliver: Callable[[Change], None] | None,
        interval: float,
    ) -> None:
        self.folder = folder
        self._arrivals, self._preset = arrivals, preset
        self._deliver, self._interval = deliver, interval
        self._intake: Intake | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._ready: list[Path] = []
        self._doubted: dict[Path, float] = {}
        self._told: set[str] = set()
        self._quiet_since = 0.0
        self._look_after = 0.0
        self._taken = 0

    @property
    def counts(self) -> Counts:
        """How far it is."""
        unsaved = self._intake.unsaved if self._intake is not None else 0
        growing = self._arrivals.waiting + len(self._ready)
        return Counts(self._taken, growing, unsaved)

    @property
    def idle(self) -> bool:
        """Whether all that has arrived is in the record and on disk."""
        counts = self.counts
        return not counts.growing and not counts.unsaved

    def run(self, *, until_idle: bool = False) -> None:
        """Watch until `stop`; then write what is not written yet.

        Parameters
        ----------
        until_idle
            Whether to stop by itself when all that is there has been taken up.

        Raises
        ------
        FairError
            If the folder's record cannot be opened.
        """
        if self._deliver is None:
            self._intake = Intake(self.folder, self._preset)
            self._arrivals.leave_out(self._intake.sidecars())
        try:
            while not self._stop.is_set():
                begun = time.monotonic()
                self.look()
                if until_idle and self._is_done():
                    break
                spent = time.monotonic() - begun
                # a slow drive is not asked all the time
                self._stop.wait(0 if self._ready else max(self._interval - spent, spent))
        finally:
            self._close()

    def _is_done(self) -> bool:
        """Whether nothing is left to do, checksums included."""
        return self.idle and (self._intake is None or not self._intake.hash_next())

    def start(self) -> None:
        """Watch in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="napari-fair-watch", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 60.0) -> None:
        """Stop watching, after what arrived is written; can be called from a signal handler."""
        self._stop.set()
        if self._thread is not None and threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def __enter__(self) -> Watcher:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def look(self) -> None:
        """Look once: take up some of what has come, and write the crate if it is due."""
        if time.monotonic() >= self._look_after:
            self._list()
        batch, self._ready = self._ready[:_BATCH], self._ready[_BATCH:]
        if batch:
            self._quiet_since = time.monotonic()
            self._take_safely(batch)
        if self._intake is not None:
            self._write(self._intake)

    def _list(self) -> None:
        """List the folder; no more than a fifth of the time goes into it while images wait."""
        begun = time.monotonic()
        try:
            self._ready = list(dict.fromkeys([*self._ready, *self._arrivals.scan()]))
        except OSError as error:
            self._say(f"{self.folder} cannot be listed ({error.strerror}); trying again.")
        spent = time.monotonic() - begun
        pause = max(self._interval, 4 * spent) if self._ready else 0.0
        self._look_after = begun + spent + pause

    def _take_safely(self, batch: list[Path]) -> None:
        """Take up a batch; one file that nobody has thought of does not stop the others."""
        try:
            self._take(batch)
        except Exception as error:
            if len(batch) > 1:
                for path in batch:
                    self._take_safely([path])
            else:
                said = f"{type(error).__name__}: {error}"
                self._say(f"{inside(self.folder, batch[0])} could not be taken up ({said}).")

    def _take(self, batch: list[Path]) -> None:
        headers = [header for path in batch if (header := self._header(path)) is not None]
        if self._deliver is not None:
            for header in headers:
                self._deliver(_addition(header))
                self._taken += 1
                self.arrived.emit(Path(header.path), "")
            return
        if self._intake is None:
            return
        taken = self._intake.take(headers)
        self._arrivals.leave_out(self._intake.sidecars_of(taken))
        for source in taken:
            self._taken += 1
            self.arrived.emit(self.folder / source.path, source.id)
        self._say_problems(self._intake)

    def _header(self, path: Path) -> Header | None:
        """Return what an image says; None while it may be incomplete, or is known as it is."""
        if self._intake is not None and self._intake.knows(path, self._arrivals.changed_at(path)):
            return None
        try:
            header = read_header(path)
        except FairError as problem:
            self._say(str(problem))
            self._wait_for(path)
            return None
        if (header.damaged or not header.images) and self._wait_for(path):
            return None
        self._doubted.pop(path, None)
        if header.damaged:
            self._say(f"{inside(self.folder, path)}: {' '.join(header.warnings)}")
        return header if header.format else None

    def _wait_for(self, path: Path) -> bool:
        """Look at an image again soon; False when it has been waited for: until it changes."""
        since = self._doubted.setdefault(path, time.monotonic())
        if time.monotonic() - since < _PATIENCE:
            self._arrivals.again(path, _RETRY)
            return True
        del self._doubted[path]
        return False

    def _write(self, intake: Intake) -> None:
        try:
            if time.monotonic() - self._quiet_since > _QUIET:
                intake.hash_next()
            report = intake.save_if_due()
        except (FairError, OSError) as problem:
            self._say(str(problem))
            return
        if report is not None:
            for note in report.notes:
                self._say(note)
            self.saved.emit(len(report.dataset.sources))

    def _say_problems(self, intake: Intake) -> None:
        problems, intake.problems[:] = list(intake.problems), []
        for sentence in problems:
            self._say(sentence)

    def _say(self, sentence: str) -> None:
        if sentence not in self._told and len(self._told) < 10_000:
            self._told.add(sentence)
            self.problem.emit(sentence)

    def _run(self) -> None:
        try:
            self.run()
        except FairError as problem:
            self._say(str(problem))

    def _close(self) -> None:
        intake, self._intake = self._intake, None
        if intake is not None:
            try:
                intake.close()
            except (FairError, OSError) as problem:
                self._say(str(problem))


def _addition(header: Header) -> Change:
    def change(session: Session) -> None:
        session.add(header)

    return change
