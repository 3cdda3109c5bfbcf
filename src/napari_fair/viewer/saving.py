"""Plan, save and checksums of the image shown, one after the other in the background."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_fair.files import Cancelled, FolderNotWritable
from napari_fair.viewer import wording
from napari_fair.viewer.changes import Change, changes

if TYPE_CHECKING:
    from napari_fair.model import Dataset
    from napari_fair.session import SaveJob, SavePlan, SaveReport, Session
    from napari_fair.viewer.state import AnnotationModel

_MOST_CHANGES = 2000


class Saving:
    """What Save would write, is writing and wrote.

    Attributes
    ----------
    all_images
        Whether Save writes all images of the session and not only the one shown.
    changed
        `sentence`, `busy` or `checksums_running` changed.
    file_needed, place_needed
        A person has to say where the image is, or where the sidecars may go.
    saved
        The sidecars are written; checksums may still be pending.
    """

    changed = Signal()
    file_needed = Signal()
    place_needed = Signal()
    saved = Signal()

    def __init__(self, model: AnnotationModel) -> None:
        self._model = model
        self.plan: SavePlan | None = None
        self.changes: list[Change] = []
        self.sentence = ""
        self.busy = False
        self.all_images = False
        self.checksums_running = False
        self.written: tuple[Path, ...] = ()

    def forget(self) -> None:
        """Another image is shown: its plan is not made yet."""
        self.plan, self.sentence, self.written = None, "", ()
        self.changed.emit()

    def make_plan(self) -> None:
        """Work out what Save would write now."""
        session, source = self._model.session, self._model.source
        if session is None or source is None:
            self.plan, self.sentence = None, wording.ASKS_FIRST if session is not None else ""
            self.changed.emit()
            return
        job = session.save_job(self._covered(source.id))
        chosen = None if self.all_images else source.id
        self._model.runner.run(
            "plan", lambda: (job.plan(), _changes(job, chosen)), self._planned, self._plan_failed
        )

    def cover_all(self, on: bool) -> None:
        """Save all images that the table shows, or only the one shown."""
        if on is not self.all_images:
            self.all_images, self.written = on, ()
            self.make_plan()

    def _covered(self, source: str) -> list[str] | None:
        return None if self.all_images else [source]

    def _planned(self, found: tuple[SavePlan, list[Change]]) -> None:
        plan, self.changes = found
        self.plan = plan
        if not self.written or self._model.session is None or self._model.session.unsaved:
            self.written = ()
            images = self._model.blocks.images() if self.all_images else 1
            self.sentence = wording.writes_sentence(plan.files, images)
        self.changed.emit()

    def _plan_failed(self, error: Exception) -> None:
        self.plan, self.sentence = None, str(error)
        self.changed.emit()

    def save(self) -> None:
        """Write the sidecars, or ask first where the image is."""
        session, source = self._model.session, self._model.source
        if self._model.without_file:
            self.file_needed.emit()
            return
        if session is None or source is None or self.busy:
            return
        job = session.save_job(self._covered(source.id))
        self._set_busy(True)
        self._model.runner.run(
            "save", job.run, lambda report: self._done(session, report), self._failed
        )

    def _done(self, session: Session, report: SaveReport) -> None:
        self.busy = False
        session.finish(report)
        self.written = report.written
        self.sentence = wording.written_sentence(report.written, len(report.pending))
        for note in report.notes:
            self._model.told.emit("info", note)
        self.changed.emit()
        self.saved.emit()
        if report.pending:
            self._start_checksums(session)

    def _failed(self, error: Exception) -> None:
        self._set_busy(False)
        if isinstance(error, FolderNotWritable):
            self.place_needed.emit()
        else:
            self._model.fail(error)

    def save_elsewhere(self, folder: Path) -> None:
        """Save into ``<image name>.crate/`` in a folder that can be written."""
        self._model.reopen_elsewhere(folder / f"{self._model.file_name}.crate")
        self.save()

    def _start_checksums(self, session: Session) -> None:
        job = session.checksum_job()
        self.checksums_running = True
        self.changed.emit()
        self._model.runner.run_long(
            "checksums",
            "Checksums",
            job.run,
            lambda report: self._checksums_done(session, report),
            self._checksums_failed,
        )

    def _checksums_done(self, session: Session, report: SaveReport) -> None:
        self.checksums_running = False
        session.finish(report)
        self.sentence = wording.written_sentence(self.written, len(report.pending))
        self.changed.emit()

    def _checksums_failed(self, error: Exception) -> None:
        self.checksums_running = False
        if not isinstance(error, Cancelled):
            self._model.fail(error)
        self.changed.emit()

    def cancel_checksums(self) -> None:
        """Stop; the checksums stay pending."""
        self._model.runner.cancel("checksums")

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        self.sentence = "Saving …" if busy else self.sentence
        self.changed.emit()


def _changes(job: SaveJob, source: str | None) -> list[Change]:
    """Return what a save changes in the record of a source or of all; runs in any thread."""
    before = job.base.dataset if job.base is not None else None
    sources = [one.id for one in job.dataset.sources] if source is None else [source]
    every = (
        change._replace(label=f"{name}{change.label}")
        for one, name in _named(job.dataset, sources)
        for change in changes(before, job.dataset, one)
    )
    found = list(islice(every, _MOST_CHANGES + 1))
    if len(found) > _MOST_CHANGES:
        found[-1] = Change(f"… more than {_MOST_CHANGES} changes: the rest is not listed", "", "")
    return found


def _named(dataset: Dataset, sources: list[str]) -> list[tuple[str, str]]:
    """Return the ids of sources, with the words before their changes when there are several."""
    paths = {source.id: Path(source.path).name for source in dataset.sources}
    if len(sources) < 2:
        return [(id, "") for id in sources]
    return [(id, f"{paths[id]}: ") for id in sources]
