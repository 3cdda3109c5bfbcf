"""What the dock shows and does, without Qt: one `AnnotationModel` a viewer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_fair.files import FairError
from napari_fair.model import Field, Header, ImageSource, Level, State
from napari_fair.viewer.edited import EditedImage
from napari_fair.viewer.lookup import Found, find_file, find_in_crate
from napari_fair.viewer.quick_entry import QuickEntry
from napari_fair.viewer.saving import Saving
from napari_fair.viewer.sessions import OpenSessions
from napari_fair.viewer.shared_blocks import SharedBlocks
from napari_fair.viewer.subjects import NOTHING, Subject, SubjectKind, sentence_for

if TYPE_CHECKING:
    from napari_fair.session import FieldView, Session
    from napari_fair.viewer.runner import Runner

_WITHOUT_FILE = (SubjectKind.DRAFT, SubjectKind.ADDRESS)


class AnnotationModel(EditedImage):
    """The image that is looked at, the session of its folder, and what can be done with them.

    It outlives the dock, so that closing and reopening the dock shows the same session.
    All methods are called from one thread; slow work goes through `runner`.

    Attributes
    ----------
    subject_changed
        Another image, or none, is shown: forms are built anew.
    form_changed
        The same image, but other fields are asked for.
    checked
        `report` holds the readiness of the image shown.
    renamed
        The source of a file that is gone and that the image shown has the checksum of.
    leaving
        Another image comes by itself: what is being typed is kept now.
    closing
        The sessions are about to be closed.
    told
        A sentence for the person; first argument ``info``, ``warning`` or ``error``.
    """

    subject_changed = Signal()
    form_changed = Signal()
    checked = Signal()
    leaving = Signal()
    closing = Signal()
    told = Signal(str, str)

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self.runner = runner
        self.subject = NOTHING
        self.header: Header | None = None
        self.sentence = sentence_for(NOTHING)
        self.level = Level.ESSENTIALS
        self.report: Any = None
        self.renamed: ImageSource | None = None
        self.saving = Saving(self)
        self.quick = QuickEntry(self)
        self.blocks = SharedBlocks(self)
        self.sessions = OpenSessions()
        self.sessions.changed.connect(self._session_changed)
        self._chosen: dict[str, str] = {}
        self._files: dict[str, Path] = {}
        self._carried: dict[Path, list[tuple[str, FieldView]]] = {}

    # what is looked at

    def look_at(self, subject: Subject) -> None:
        """Show another image; the same one again changes nothing."""
        if subject.kind in _WITHOUT_FILE and subject.key in self._files:
            path = self._files[subject.key]
            subject = Subject(SubjectKind.FILE, path, path.name)
        if subject == self.subject:
            return
        self.runner.drop("header", "plan", "readiness")
        self.quick.leave()
        self.subject, self.header, self.session = subject, None, None
        self.image_id, self.report, self.renamed = None, None, None
        self.sentence = sentence_for(subject)
        self._begin(subject)
        self.subject_changed.emit()

    def _begin(self, subject: Subject) -> None:
        path = subject.path
        if subject.kind is SubjectKind.FILE and path is not None:
            self._look_up(subject, lambda: find_file(path, self.sessions))
        elif subject.kind is SubjectKind.CRATE and path is not None:
            self._look_up(subject, lambda: find_in_crate(path, subject.image, self.sessions))
        elif subject.kind in _WITHOUT_FILE:
            try:
                self.session = self.sessions.draft(subject.key)
            except (FairError, OSError) as error:
                self.sentence = sentence_of(error)

    def _look_up(self, subject: Subject, work: Callable[[], Found]) -> None:
        self.runner.run(
            "header",
            work,
            lambda found: self._found(subject, found),
            lambda error: self._not_found(subject, error),
        )

    def _found(self, subject: Subject, found: Found) -> None:
        """Show the image, or ask first whether it is one that was renamed."""
        if subject != self.subject:
            return
        session = self.sessions.adopt(found.session)
        self.session, self.header, self.renamed = session, found.header, found.renamed
        self.image_id = subject.image or None
        if found.renamed is None and found.header is not None:
            self._show(session, found.header)
        self.subject_changed.emit()

    def _not_found(self, subject: Subject, error: Exception) -> None:
        if subject != self.subject:
            return
        self.sentence = sentence_of(error)
        self.told.emit("error", self.sentence)
        self.subject_changed.emit()

    def _first_image(self, source: ImageSource) -> str | None:
        known = {image.id for image in source.images}
        chosen = self._chosen.get(source.id, "")
        return chosen if chosen in known else next((i.id for i in source.images), None)

    def _show(self, session: Session, header: Header) -> None:
        source = session.add(header)
        if not any(image.id == self.image_id for image in source.images):
            self.image_id = self._first_image(source)
        self._carry(session, Path(header.path))

    def answer_renamed(self, *, same: bool) -> None:
        """Say whether the image is the one that `renamed` names."""
        session, header, source = self.session, self.header, self.renamed
        if session is None or header is None or source is None:
            return
        self.renamed = None
        if same:
            session.relocate(source, Path(header.path))
        self._show(session, header)
        self.subject_changed.emit()

    def show_held(self, session: Session, source: ImageSource) -> None:
        """Show a source of an open session as it is in the record; its file is not read.

        For images that are being acquired: their files are not complete yet.
        """
        path = session.folder / source.path
        subject = Subject(SubjectKind.FILE, path, path.name)
        same = subject == self.subject and session is self.session and self.image is not None
        if same:
            return
        self.leaving.emit()
        self.runner.drop("header", "plan", "readiness")
        self.quick.leave()
        self.subject, self.header, self.session = subject, None, session
        self.report, self.renamed, self.sentence = None, None, ""
        self.image_id = self._first_image(source)
        self._carry(session, path)
        self.subject_changed.emit()

    def choose_image(self, image_id: str) -> None:
        """Show another scene of the source."""
        if self.source is None or image_id == self.image_id:
            return
        self.quick.leave()
        self.image_id = image_id
        self._chosen[self.source.id] = image_id
        self.subject_changed.emit()

    def set_level(self, level: Level) -> None:
        """Ask more or fewer fields."""
        if level is not self.level:
            self.level = level
            self.form_changed.emit()

    # where the record is

    def reopen_elsewhere(self, crate: Path) -> None:
        """Keep the record of the shown folder in another place; the edits go along."""
        if self.session is None or self.header is None:
            return
        index = self.image.index if self.image else 0
        moved = self.sessions.moved(self.session, crate)
        source = moved.add(self.header)
        if moved.draft is not None:
            moved.recover_draft()
        self.session = moved
        self.image_id = next((i.id for i in source.images if i.index == index), None)
        self.record_changed.emit()

    def bind_file(self, path: Path) -> None:
        """Say which file an image without one is; what was typed goes along."""
        if not self.without_file or self.session is None:
            return
        self.carry_draft(path)
        self.look_at(Subject(SubjectKind.FILE, path, path.name))

    def carry_draft(self, path: Path) -> None:
        """Keep what was typed for an image without a file for when this file is shown."""
        draft = self.session
        if draft is None:
            return
        self._files[self.subject.key] = path
        typed = [(f.name, draft.view(f.name)) for f in _shared_fields()]
        self._carried[path] = [(name, view) for name, view in typed if view.state is not None]

    def _carry(self, session: Session, path: Path) -> None:
        """Take what was typed before there was a file into the record of the file."""
        for name, view in self._carried.pop(path, []):
            if view.state is State.GIVEN:
                session.set(name, view.text, origin=view.origin, where=view.where)
            elif view.state is not None:
                session.set_state(name, view.state)

    def close(self) -> None:
        """Close all sessions; unsaved edits stay as drafts for the next start."""
        self.closing.emit()
        self.runner.drop("header", "plan", "readiness")
        self.sessions.close()
        self.session = None

    def _session_changed(self) -> None:
        self.record_changed.emit()

    # what is known

    @property
    def without_file(self) -> bool:
        """Whether the image has no file on this disk."""
        return self.subject.kind in _WITHOUT_FILE

    @property
    def file_name(self) -> str:
        """What to call the image."""
        return Path(self.source.path).name if self.source else self.subject.name

    # what is worked out elsewhere

    def warm_up(self) -> None:
        """Load the vocabularies in the background, so that the first keystroke need not wait."""
        from napari_fair.vocabulary import warm_up

        self.runner.run("vocabulary", warm_up, lambda _: None, lambda _: None)

    def check(self) -> None:
        """Work out the readiness of the image shown."""
        from napari_fair.readiness import check

        dataset = self.dataset()
        if dataset is None:
            return
        self.runner.run("readiness", lambda: check(dataset), self._checked, self.fail)

    def _checked(self, report: Any) -> None:
        self.report = report
        self.checked.emit()

    def fail(self, error: Exception) -> None:
        """Tell the person what went wrong."""
        self.told.emit("error", sentence_of(error))


def _shared_fields() -> list[Field]:
    from napari_fair.model import fields

    return [field for field in fields().values() if not field.per_image]


def sentence_of(error: Exception) -> str:
    """Return what to tell a person about an error."""
    if isinstance(error, FairError):
        return str(error)
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return f"This could not be kept on disk ({reason}); free some space and try again."
    return f"Something unexpected went wrong ({type(error).__name__}: {error}); please report it."
