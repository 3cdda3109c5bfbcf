"""The live session of a viewer, without widgets: listener, watcher, notes and saving."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_fair.files import FairError
from napari_fair.viewer.live_saving import LiveSaving
from napari_fair.viewer.live_watch import WatchModel
from napari_fair.viewer.state import sentence_of
from napari_fair.viewer.subjects import Subject, SubjectKind

if TYPE_CHECKING:
    from napari_fair.live import Listener, LiveImage, Question, Sitting, SittingSummary
    from napari_fair.model import EventNote, ImageSource
    from napari_fair.session import Preset, Session
    from napari_fair.viewer.state import AnnotationModel

Post = Callable[[Callable[[], object]], object]
"""Runs a function in the thread of the viewer, soon."""

_MOST_UNSAVED = 20
_LAST = 5.0
"""Seconds that napari waits for the listener when it closes."""
_MICROMANAGER = "napari_micromanager"


class LiveModel:
    """What is being acquired, and what is known and missing about it.

    All methods are called from the viewer's thread. What the listener and the watcher tell in
    their own threads comes through `post`.

    Attributes
    ----------
    changed
        Something that is shown changed.
    progressed
        Only the number of frames changed.
    core
        The core that is listened to; None for none.
    folder
        Where this session's images are; None while nobody said it.
    summary
        Sentences about the session, as of when it was summed up last.
    microscopes
        Where answers about microscopes are kept; None for this user's own folder.
    unsaved
        Images that are saved nowhere, newest last.
    """

    changed = Signal()
    progressed = Signal()

    def __init__(
        self, model: AnnotationModel, post: Post, flush: Callable[[], object] = lambda: None
    ) -> None:
        self.model = model
        self.post, self._flush = post, flush
        self.saving = LiveSaving(model, self._tell_change)
        self.watch = WatchModel(self)
        self.wanted = False
        self.core: Any = None
        self.folder: Path | None = None
        self.listener: Listener | None = None
        self.preset: Preset | None = None
        self.author = ""
        self.microscopes: Path | None = None
        self.current: LiveImage | None = None
        self.last: LiveImage | None = None
        self.unsaved: list[LiveImage] = []
        self.questions: tuple[Question, ...] = ()
        self.problem = ""
        self._preparing = False
        self._place: Path | None = None
        self._shown: set[Path | None] = set()
        self.summary: tuple[str, ...] = ()
        self._sittings: dict[Path, Sitting] = {}
        model.edited.connect(self._edited)
        model.closing.connect(self.close)

    @property
    def active(self) -> bool:
        """Whether there is something live to show."""
        return self.wanted or self.core is not None or self.watch.folder is not None

    @property
    def session(self) -> Session | None:
        """The record that notes go to: of the folder, or of the image taken last."""
        return self.model.sessions.held(self.home) if self.home is not None else None

    @property
    def home(self) -> Path | None:
        """The folder that images and notes belong to."""
        image = self.current or self.last
        if self.folder is None and image is not None and image.path is not None:
            return image.path.parent
        return self.folder

    def want(self) -> None:
        """Show the live session although nothing is being acquired yet."""
        self.wanted = True
        self.changed.emit()

    # ---- the microscope ----

    def hear(self, core: Any) -> None:
        """Listen to another core, or to none; the same one again changes nothing."""
        if core is self.core:
            return
        self.core = core
        self._listen_anew()

    def choose_folder(self, folder: Path) -> None:
        """Say where this session's images are."""
        self.folder = folder.resolve()
        self._listen_anew()

    def begin(self, preset: Preset, author: str) -> None:
        """Say who takes the images, for which project, of which sample, with which microscope."""
        self.preset, self.author = preset, author
        self._edited()
        if self.session is not None:
            self.take_part(self.session)
        self.changed.emit()

    def _listen_anew(self) -> None:
        self._let_go()
        self.problem = ""
        if self.core is not None:
            self._preparing = True
            core, folder = self.core, self.folder
            self.model.runner.run(
                "live",
                partial(_prepared, self.model, folder),
                partial(self._listen, core),
                self._no,
            )
        elif self.folder is not None:
            folder = self.folder
            self.model.runner.run(
                "live", lambda: self.model.sessions.prepared(folder), self._opened, self._no
            )
        self.changed.emit()

    def _opened(self, session: Session | None) -> None:
        if session is not None:
            self.take_part(self.model.sessions.adopt(session))
        self.changed.emit()

    def _listen(self, core: Any, session: Session | None) -> None:
        from napari_fair.live import listen

        self._preparing = False
        if core is not self.core:
            return
        self._opened(session)
        folder = self.folder or self.model.sessions.draft("live").folder
        try:
            listener = listen(
                core, folder, deliver=self._deliver, save=False, microscopes=self.microscopes
            )
        except Exception as problem:
            self._no(problem)
            return
        self.listener = listener
        for signal, slot in (
            (listener.started, self._started),
            (listener.progressed, self._progressed),
            (listener.finished, self._finished),
            (listener.unsaved, self._not_saved),
            (listener.asked, self._asked),
            (listener.noted, self._noted),
            (listener.failed, self._failed),
        ):
            signal.connect(partial(self._relay, slot), check_nargs=False)
        self.changed.emit()

    def _relay(self, slot: Callable[..., object], *told: Any) -> None:
        """Bring what the listener's thread tells into the viewer's; first note where it is."""
        image = told[0] if told else None
        if slot == self._started:
            self._place = image.path if image is not None else None
        self.post(partial(slot, *told))

    def _no(self, problem: Exception) -> None:
        self._preparing = False
        self._failed(sentence_of(problem))

    @property
    def listening(self) -> str:
        """What to say about the microscope."""
        if self.core is None:
            return "No microscope is heard in this napari"
        if self.listener is None:
            return "Getting ready to listen …" if self._preparing else "Not listening"
        return "Listening to Micro-Manager"

    def _let_go(self) -> None:
        listener, self.listener = self.listener, None
        self.current = None
        self.saving.release()
        if listener is not None:
            self.model.runner.run("live end", listener.stop, lambda _: None, self._no)

    # ---- the record, told from the listener's thread ----

    def _deliver(self, change: Callable[[Session], None]) -> None:
        """Open the record of the folder that an image is in, and change it in our own thread.

        Runs in the listener's thread.
        """
        current = self.listener.current if self.listener is not None else None
        place = current.path if current is not None else self._place
        folder = self._folder_of(place)
        try:
            prepared = self.model.sessions.prepared(folder)
        except Exception as problem:
            self.post(partial(self._no, problem))
            return
        self.post(partial(self._change, prepared, change, place))

    def _folder_of(self, place: Path | None) -> Path:
        folder = self.folder
        if place is not None and (folder is None or not place.is_relative_to(folder)):
            return place.parent
        return folder or (self.home or self.model.sessions.draft("live").folder)

    def _change(
        self, prepared: Session, change: Callable[[Session], None], place: Path | None
    ) -> None:
        session = self.model.sessions.adopt(prepared)
        self.take_part(session)
        before = {source.id for source in session.sources()}
        try:
            change(session)
        except Exception as problem:
            self._no(problem)
            return
        if self.current is None:
            # what an earlier run did not come to: its files are complete
            for one in session.sources():
                if one.id not in before:
                    self.saving.save(session, one.id)
        source = _source(session, place)
        if source is not None and place not in self._shown:
            # once: whoever looks at another image meanwhile is left alone
            self._shown.add(place)
            self.model.show_held(session, source)
        self.changed.emit()

    def take_part(self, session: Session) -> None:
        """Let a record take part in the session; what was chosen is said where nothing else is."""
        from napari_fair.live import Sitting

        sitting = self._sittings.get(session.folder)
        if sitting is None:
            sitting = self._sittings[session.folder] = Sitting(session)
        if self.preset is not None:
            for sentence in sitting.begin([self.preset]):
                self.model.told.emit("warning", sentence)

    def _edited(self) -> None:
        for sitting in self._sittings.values():
            sitting.edited()

    def sum_up(self) -> None:
        """Work out what was taken, what is missing, and how long it took to say it."""
        home = self.home
        sitting = self._sittings.get(home.resolve()) if home is not None else None
        if sitting is not None:
            self.model.runner.run("live summary", sitting.summary, self._summed_up, self._no)

    def _summed_up(self, summary: SittingSummary) -> None:
        self.summary = summary.sentences
        self.changed.emit()

    # ---- what happens, in the viewer's thread ----

    def _started(self, image: LiveImage) -> None:
        self.current, self.problem = image, ""
        self.saving.hold()
        self.changed.emit()

    def _progressed(self, image: LiveImage) -> None:
        if self.current is not None and self.current.uid == image.uid:
            self.current = image
            self.progressed.emit()

    def _finished(self, image: LiveImage) -> None:
        if self.current is not None and self.current.uid == image.uid:
            self.current = None
            self.saving.release()
        self.last = image
        self.unsaved = [one for one in self.unsaved if one.uid != image.uid]
        if image.path is None:
            self.unsaved = [*self.unsaved, image][-_MOST_UNSAVED:]
        else:
            self._keep(image)
        self.changed.emit()

    def _keep(self, image: LiveImage) -> None:
        session = self.model.sessions.held(self._folder_of(image.path))
        source = _source(session, image.path) if session is not None else None
        if session is None or source is None:
            return
        self.saving.save(session, source.id)

    def _not_saved(self, image: LiveImage, _sentence: str) -> None:
        from napari_fair.viewer.live_words import unsaved_line

        self.unsaved = [*self.unsaved, image][-_MOST_UNSAVED:]
        self.model.told.emit("warning", unsaved_line(image))
        self.changed.emit()

    def _asked(self, questions: tuple[Question, ...]) -> None:
        self.questions = questions
        self.changed.emit()

    def _noted(self, _note: EventNote) -> None:
        self.changed.emit()

    def _failed(self, sentence: str) -> None:
        self.problem = sentence
        self.changed.emit()

    def _tell_change(self) -> None:
        self.changed.emit()

    # ---- what people do ----

    def answer(self, answers: Mapping[str, str]) -> None:
        """Keep what Micro-Manager does not know; raises `InvalidValue` if a text is no value."""
        if self.listener is not None:
            self.listener.answer(answers)
            self._edited()
            self.questions = tuple(q for q in self.questions if q.key not in answers)
            self.changed.emit()

    def not_now(self) -> None:
        """Leave the questions open; they are asked again with the next acquisition."""
        self.questions = ()
        self.changed.emit()

    def note(self, text: str) -> EventNote:
        """Note what happens now.

        Raises
        ------
        FairError
            If the text is empty, or there is no record that the note could go into.
        """
        self._edited()
        if self.listener is not None and (self.current is not None or self.session is not None):
            return self.listener.note(text, author=self.author)
        if self.session is None:
            raise FairError("Choose the folder of the images first: the note goes into its record.")
        note = _note(text, self.author)
        self.session.add_note(note)
        self.changed.emit()
        return note

    @property
    def notes(self) -> tuple[EventNote, ...]:
        """The notes of the record, oldest first."""
        session = self.session
        return session.dataset.notes if session is not None else ()

    @property
    def notes_of_image(self) -> tuple[EventNote, ...]:
        """The notes of the image that is being taken or was taken last."""
        image, session = self.current or self.last, self.session
        source = _source(session, image.path) if session is not None and image is not None else None
        ids = {one.id for one in source.images} if source is not None else set()
        return tuple(note for note in self.notes if note.image in ids)

    def forget_note(self, id: str) -> None:
        """Take a note out of the record."""
        if self.session is not None:
            self.session.remove_note(id)
            self.changed.emit()

    def attach(self, image: LiveImage, path: Path) -> None:
        """Say where the data of an image that was not being saved are."""
        if self.listener is not None:
            self._place = path.absolute()
            if self.model.without_file:
                self.model.carry_draft(self._place)
            self.listener.attach(image, path)

    def let_go(self, images: Iterable[LiveImage]) -> None:
        """No longer remind of images that are saved nowhere."""
        gone = {image.uid for image in images}
        self.unsaved = [one for one in self.unsaved if one.uid not in gone]
        self.changed.emit()

    # ---- layers ----

    def subject_of(self, layer: Any) -> Subject | None:
        """Return the acquired image that a layer shows, told by the sequence it was made for."""
        said = getattr(layer, "metadata", {}).get(_MICROMANAGER)
        sequence = str(said.get("uid", "")) if isinstance(said, dict) else ""
        image = self._of_sequence(sequence) if sequence else None
        if image is None or image.path is None:
            return None
        session = self.model.sessions.held(self._folder_of(image.path))
        source = _source(session, image.path) if session is not None else None
        if session is None or source is None:
            return None
        path = session.folder / source.path
        return Subject(SubjectKind.FILE, path, path.name)

    def layer_of(self, image: LiveImage, layers: Any) -> Any | None:
        """Return the layer that shows an acquired image, if there is one."""
        for layer in layers:
            said = layer.metadata.get(_MICROMANAGER)
            if isinstance(said, dict) and str(said.get("uid", "")) == image.sequence:
                return layer
        return None

    def _of_sequence(self, sequence: str) -> LiveImage | None:
        images = self.listener.images if self.listener is not None else ()
        return next((one for one in reversed(images) if one.sequence == sequence), None)

    def close(self) -> None:
        """Stop listening and watching; what came is worked off and saved first."""
        self.core = None
        self.saving.wait_no_more()
        self.watch.close()
        self._flush()
        listener, self.listener = self.listener, None
        if listener is not None:
            listener.stop(_LAST)
        self._flush()
        self.saving.finish()


def _prepared(model: AnnotationModel, folder: Path | None) -> Session | None:
    """Import what listening needs and open the folder's record; runs in any thread."""
    import napari_fair.live.listener
    import napari_fair.sidecar.ome_projection  # noqa: F401

    return model.sessions.prepared(folder) if folder is not None else None


def _source(session: Session, place: Path | None) -> ImageSource | None:
    from napari_fair.live.output import source_path

    found = source_path(place) if place is not None else None
    return session.source_at(found) if found is not None else None


def _note(text: str, author: str) -> EventNote:
    from datetime import datetime
    from uuid import uuid4

    from napari_fair.model import EventNote

    if not text.strip():
        raise FairError("The note is empty: say what happened.")
    time = datetime.now().astimezone().isoformat(timespec="milliseconds")
    return EventNote(id=str(uuid4()), text=text.strip(), time=time, author=author)
