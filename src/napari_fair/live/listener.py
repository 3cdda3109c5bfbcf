"""Listens to Micro-Manager: every acquisition becomes an image of the record while it runs.

The acquiring thread does no more than put what it is told into a queue. A thread of the listener's
own works the queue off four times a second, writes it down against a crash, and saves the record
when the acquisition has finished, because only then are its files what they will stay.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import uuid4

from napari_fair.files import FairError
from napari_fair.live.acquisition import LiveImage, LiveKind
from napari_fair.live.frames import Frame, frame_of
from napari_fair.live.microscope import Question, microscopes_folder, with_answers
from napari_fair.live.output import output_path
from napari_fair.live.recorder import Ask, Recorder
from napari_fair.live.records import Change, DeliveredRecord, OwnRecord
from napari_fair.live.signals import LiveSignals
from napari_fair.model import EventNote
from napari_fair.session import Preset

_PAUSE = 0.25
_Slot = Callable[..., None]


def listen(
    core: Any,
    folder: str | Path,
    *,
    preset: Preset | None = None,
    ask: Ask | None = None,
    deliver: Callable[[Change], None] | None = None,
    save: bool = True,
    microscopes: Path | None = None,
) -> Listener:
    """Let every acquisition of a Micro-Manager core become an image of a folder's record.

    Parameters
    ----------
    core
        The core whose acquisitions are meant (`pymmcore_plus.CMMCorePlus`); there can be several
        in one process, and only the one that acquires tells of it.
    folder
        Where the images are saved, and their record.
    preset
        Who, which project, sample and microscope: set where the record says nothing else.
    ask
        Called in the listener's thread with what Micro-Manager does not know, once for each
        microscope configuration; returns answers by the questions' keys, or None.
    deliver
        Where the record belongs to somebody else, such as the dock: called with a function of the
        session, to be run in the session's own thread. The listener saves nothing then.
    save
        Whether the record is saved when an acquisition has finished.
    microscopes
        Where answers are kept; None for this user's own folder.

    Returns
    -------
    Listener
        Already listening; keep it, and `stop` it in the end.
    """
    record = OwnRecord(preset, save=save) if deliver is None else DeliveredRecord(deliver)
    listener = Listener(core, Path(folder), record, ask, microscopes or microscopes_folder())
    listener.start()
    return listener


class Listener(LiveSignals):
    """What `listen` returns; its methods can be called from any thread."""

    def __init__(
        self,
        core: Any,
        folder: Path,
        record: OwnRecord | DeliveredRecord,
        ask: Ask | None,
        microscopes: Path,
    ) -> None:
        self.folder = folder.resolve()
        self._core = core
        self._recorder = Recorder(self.folder, record, self, ask, microscopes)
        self._queue: deque[tuple[_Slot, tuple[Any, ...]]] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="napari-fair-live", daemon=True)
        self._connections: list[tuple[Any, _Slot]] = []
        self._acquiring = False
        self._latest: tuple[Any, Any] | None = None

    @property
    def images(self) -> tuple[LiveImage, ...]:
        """All images since listening began, in order."""
        return tuple(self._recorder.images.values())

    @property
    def current(self) -> LiveImage | None:
        """The image that is being taken."""
        current = self._recorder.current
        return current.image if current is not None else None

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is not known of the microscope yet."""
        return self._recorder.questions

    def answer(self, answers: Mapping[str, str]) -> None:
        """Answer questions by their keys; an empty text means: not known, do not ask again.

        Raises
        ------
        InvalidValue
            If a text is no value of its field; nothing is kept then.
        """
        with_answers(self._recorder.answers, answers)
        self._put(self._recorder.take_answers, dict(answers), urgent=True)

    def note(self, text: str, *, author: str = "") -> EventNote:
        """Note an event with the time, the last frame and where the stage stands.

        Raises
        ------
        FairError
            If the text is empty.
        """
        if not text.strip():
            raise FairError("The note is empty: say what happened.")
        frame = self._last_frame()
        where = _place_of(frame) if frame is not None else self._stage()
        time = datetime.now().astimezone().isoformat(timespec="milliseconds")
        note = EventNote(id=str(uuid4()), text=text.strip(), time=time, author=author, **where)
        self._put(self._recorder.keep_note, note, frame, urgent=True)
        return note

    def attach(self, image: LiveImage, path: str | Path) -> None:
        """Tell where the data of an image that was not being saved were saved."""
        self._put(self._recorder.attach, image.uid, Path(path).absolute(), urgent=True)

    def wait(self, timeout: float = 30.0) -> bool:
        """Wait until all that was told is worked off; False when it takes longer."""
        done = threading.Event()
        self._put(done.set, urgent=True)
        return done.wait(timeout)

    def start(self) -> None:
        """Begin to listen."""
        import napari_fair.sidecar.ome_projection  # noqa: F401  before frames come, not between

        events, mda = self._core.events, self._core.mda.events
        self._connect(mda.sequenceStarted, lambda sequence, meta: self._started(sequence, meta))
        self._connect(mda.frameReady, lambda _image, event, meta: self._frame(event, meta))
        self._connect(mda.sequenceCanceled, lambda: self._put(self._recorder.cancelled))
        self._connect(mda.sequenceFinished, lambda: self._finished())
        self._connect(events.imageSnapped, lambda: self._single(LiveKind.SNAP))
        live = events.continuousSequenceAcquisitionStarted
        self._connect(live, lambda: self._single(LiveKind.LIVE))
        self._connect(events.sequenceAcquisitionStopped, lambda: self._live_stopped())
        self._put(self._recorder.recover, urgent=True)
        self._thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Work off what came, save it and stop listening."""
        for signal, slot in self._connections:
            with suppress(Exception):
                signal.disconnect(slot)
        self._connections.clear()
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # ---- on the acquiring thread: nothing but the queue, and nothing is raised ----

    def _connect(self, signal: Any, slot: _Slot) -> None:
        """Connect a function: signals would hold a method weakly."""
        signal.connect(slot)
        self._connections.append((signal, slot))

    def _put(self, do: _Slot, *arguments: Any, urgent: bool = False) -> None:
        self._queue.append((do, arguments))
        if urgent:
            self._wake.set()

    def _started(self, sequence: Any, meta: Any) -> None:
        self._acquiring, self._latest = True, None
        try:
            path = output_path(self._core, sequence)
        except Exception as problem:
            path = None
            self._put(self._fail, problem)
        self._put(self._recorder.begin, meta, sequence, path, urgent=True)

    def _frame(self, event: Any, meta: Any) -> None:
        self._latest = told = (event, meta)
        self._queue.append((self._frames, told))

    def _finished(self) -> None:
        self._acquiring = False
        self._put(self._recorder.end, urgent=True)

    def _single(self, kind: LiveKind) -> None:
        if self._acquiring:
            return
        try:
            from pymmcore_plus.metadata import frame_metadata, summary_metadata

            told = (summary_metadata(self._core), frame_metadata(self._core))
        except Exception as problem:
            self._put(self._fail, problem)
        else:
            self._put(self._recorder.single, told, kind, urgent=True)

    def _live_stopped(self) -> None:
        if not self._acquiring:
            self._put(self._recorder.live_ended, urgent=True)

    # ---- on the listener's thread ----

    def _work(self) -> None:
        while not self._stopping or self._queue:
            self._wake.wait(_PAUSE)
            self._wake.clear()
            self._work_off()
        self._safely(self._recorder.close)

    def _work_off(self) -> None:
        frames: list[tuple[Any, ...]] = []
        while self._queue:
            do, arguments = self._queue.popleft()
            if do == self._frames:
                frames.append(arguments)
                continue
            self._safely(self._recorder.take_frames, frames)
            frames = []
            self._safely(do, *arguments)
        self._safely(self._recorder.take_frames, frames)

    def _frames(self, event: Any, meta: Any) -> None:
        """Stand in the queue for a frame; frames are taken several at once."""

    def _safely(self, do: _Slot, *arguments: Any) -> None:
        try:
            do(*arguments)
        except Exception as problem:
            self._fail(problem)

    def _fail(self, problem: Exception) -> None:
        text = str(problem)
        if not isinstance(problem, FairError):
            said = f"{type(problem).__name__}: {problem}"
            text = f"Something of what is being acquired could not be recorded ({said})."
        with suppress(Exception):
            self.failed.emit(text)

    def _last_frame(self) -> Frame | None:
        latest = self._latest if self._acquiring else None
        return frame_of(latest[0].index, latest[1]) if latest is not None else None

    def _stage(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        with suppress(Exception):
            found["position_x"] = float(self._core.getXPosition())
            found["position_y"] = float(self._core.getYPosition())
        with suppress(Exception):
            found["position_z"] = float(self._core.getPosition())
        return found


def _place_of(frame: Frame) -> dict[str, Any]:
    """Return the frame and the position of an event note."""
    names = ("the_t", "the_c", "the_z", "position_x", "position_y", "position_z")
    return {name: getattr(frame.plane, name) for name in names}
