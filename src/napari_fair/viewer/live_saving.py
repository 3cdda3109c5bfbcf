"""Saves what arrived, folder by folder, in the background."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.files import Cancelled, FairError
from napari_fair.viewer.state import sentence_of

if TYPE_CHECKING:
    from napari_fair.session import SaveReport, Session
    from napari_fair.viewer.state import AnnotationModel

_CHECKSUMS = "live checksums"


class LiveSaving:
    """A queue of images whose files will not change any more.

    Attributes
    ----------
    written
        The sidecars of the image that was saved last.
    summing
        Whether checksums are worked out.
    problem
        Why the last save failed; empty when it did not.
    """

    def __init__(self, model: AnnotationModel, changed: Callable[[], object]) -> None:
        self._model, self._changed = model, changed
        self._queue: dict[Path, tuple[Session, list[str]]] = {}
        self._unsummed: dict[Path, Session] = {}
        self._held = False
        self._closing = False
        self.busy = False
        self.summing = False
        self.written: tuple[Path, ...] = ()
        self.problem = ""

    @property
    def settled(self) -> bool:
        """Whether nothing waits to be saved."""
        return not self.busy and not self._queue

    def save(self, session: Session, source: str) -> None:
        """Save the record of a source when it is its turn; those of one folder go together."""
        sources = self._queue.setdefault(session.folder, (session, []))[1]
        if source not in sources:
            sources.append(source)
        self._next()

    def _next(self) -> None:
        if self.busy or self._closing or not self._queue:
            return
        session, sources = self._queue.pop(next(iter(self._queue)))
        job = session.save_job(sources)
        self.busy = True
        self._model.runner.run(
            "live save", job.run, lambda report: self._done(session, report), self._failed
        )
        self._changed()

    def _done(self, session: Session, report: SaveReport) -> None:
        session.finish(report)
        self.written, self.problem = report.written, ""
        if report.pending:
            self._unsummed[session.folder] = session
        self._over()

    def _failed(self, error: Exception) -> None:
        self.problem = sentence_of(error)
        self._over()

    def _over(self) -> None:
        self.busy = False
        self._changed()
        self._next()
        self.go_on()

    # ---- when napari closes there is no later ----

    def wait_no_more(self) -> None:
        """Hand out no more work: it would not come back."""
        self._closing = True
        self.hold()

    def finish(self) -> None:
        """Save what waits, now; what cannot be saved stays a draft."""
        queue, self._queue = self._queue, {}
        for session, sources in queue.values():
            with suppress(FairError, OSError):
                session.finish(session.save_job(sources).run())

    # ---- checksums read all that was written: never while something is acquired ----

    def hold(self) -> None:
        """Read no files from now on: an acquisition needs the disk."""
        self._held = True
        self._model.runner.cancel(_CHECKSUMS)

    def release(self) -> None:
        """Read files again."""
        self._held = False
        self.go_on()

    def go_on(self) -> None:
        """Work out pending checksums, if nothing else is to be done."""
        if self._held or self.summing or not self.settled or not self._unsummed:
            return
        session = self._unsummed.pop(next(iter(self._unsummed)))
        self.summing = True
        self._model.runner.run_long(
            _CHECKSUMS,
            "Checksums",
            session.checksum_job().run,
            lambda report: self._summed(session, report),
            lambda error: self._not_summed(session, error),
        )

    def _summed(self, session: Session, report: SaveReport) -> None:
        self.summing = False
        session.finish(report)
        self._changed()
        self.go_on()

    def _not_summed(self, session: Session, error: Exception) -> None:
        self.summing = False
        if isinstance(error, Cancelled):
            self._unsummed[session.folder] = session
        else:
            self.problem = sentence_of(error)
        self._changed()
        self.go_on()
