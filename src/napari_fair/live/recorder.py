"""Turns what a core told into images of the record; all of it on the listener's thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from napari_fair.files import FairError
from napari_fair.headers import read_header
from napari_fair.live.acquired_facts import merged_header
from napari_fair.live.acquisition import (
    Acquisition,
    LiveImage,
    LiveKind,
    LiveState,
    begun_acquisition,
    plain_note,
    resumed,
)
from napari_fair.live.frames import Frame, frame_of
from napari_fair.live.microscope import (
    Question,
    keep_answers,
    questions,
    read_answers,
    with_answers,
)
from napari_fair.live.output import found_output, running_header, source_path
from napari_fair.live.records import Record
from napari_fair.live.setup import Setup, setup_of
from napari_fair.live.signals import LiveSignals
from napari_fair.live.spool import Spool, interrupted
from napari_fair.model import EventNote, Header, image_id
from napari_fair.session import Session

Ask = Callable[[tuple[Question, ...]], Mapping[str, str] | None]

_PROGRESS = 0.25
_MOST_IMAGES = 1000
_UNSAVED = (
    "The {name} is not being saved anywhere: its pixels are gone when the program closes. Save "
    "the data, then tell where they are; what is known about them is kept until then."
)


class Recorder:
    """The images that a listener knows.

    Parameters
    ----------
    folder
        Where the record is.
    record
        How the record is changed.
    signals
        Where to tell what happens.
    ask
        See `listen`.
    microscopes
        Where answers are kept.
    """

    def __init__(
        self,
        folder: Path,
        record: Record,
        signals: LiveSignals,
        ask: Ask | None,
        microscopes: Path,
    ) -> None:
        self._folder, self._record, self._signals = folder, record, signals
        self._ask, self._microscopes = ask, microscopes
        self.images: dict[str, LiveImage] = {}
        self.current: Acquisition | None = None
        self.questions: tuple[Question, ...] = ()
        self.answers: dict[str, dict[str, str]] = {}
        self._unsaved: dict[str, Acquisition] = {}
        self._setup: Setup | None = None
        self._told = 0.0

    # ---- acquisitions ----

    def begin(self, summary: Any, sequence: Any, path: Path | None) -> None:
        """Take up an acquisition by its summary metadata, its sequence and where it is saved."""
        self.current = None
        setup = setup_of(summary, sequence)
        spool = Spool(self._folder, setup)
        if spool.problem:
            self._signals.failed.emit(spool.problem)
        if path is not None:
            spool.write([{"path": str(path)}])
        self.current = begun_acquisition(setup, LiveKind.ACQUISITION, path, spool)
        self._know(setup)
        self._show(self.current, self._signals.started)
        if path is None:
            image = self.current.image
            self._unsaved[image.uid] = self.current
            self._signals.unsaved.emit(image, _UNSAVED.format(name=image.name))
        else:
            self._into_record(self.current)

    def take_frames(self, told: list[tuple[Any, Any]]) -> None:
        """Take frames by their events and metadata."""
        current = self.current
        if not told or current is None:
            return
        rows = []
        for event, meta in told:
            frame = frame_of(event.index, meta)
            states = meta.get("property_values") if current.is_new(frame) else ()
            rows.append((frame, list(states or ())))
        current.take(rows)
        self._record_first(current)
        if time.monotonic() - self._told >= _PROGRESS:
            self._told = time.monotonic()
            current.image = replace(current.image, frames=current.frames.count)
            self._tell(current.image, self._signals.progressed)

    def _record_first(self, current: Acquisition) -> None:
        """Put an acquisition into the record as soon as there is a file or store to name."""
        path = current.image.path
        if not current.recorded and path is not None and source_path(path) is not None:
            self._into_record(current)

    def cancelled(self) -> None:
        """Note that the running acquisition was cancelled."""
        if self.current is not None:
            self.current.image = replace(self.current.image, state=LiveState.CANCELLED)

    def end(self) -> None:
        """Finish the running acquisition: its files are closed and stay as they are."""
        current, self.current = self.current, None
        if current is None:
            return
        if current.image.state is LiveState.RUNNING:
            current.image = replace(current.image, state=LiveState.FINISHED)
        if current.image.path is None and current.setup.begun:
            since = datetime.fromisoformat(current.setup.begun).timestamp()
            path = found_output(self._folder, current.setup.begun, since)
            current.image = replace(current.image, path=path)
        self._complete(current)

    def recover(self) -> None:
        """Save what an earlier run was told and did not save."""
        for found in interrupted(self._folder):
            if found.path is None:
                found.discard()  # its data were never saved, and are gone
                continue
            acquisition = resumed(found)
            self._know(found.setup)
            acquisition.image = replace(acquisition.image, state=LiveState.INTERRUPTED)
            try:
                self._complete(acquisition)
            except FairError as problem:
                self._signals.failed.emit(str(problem))
            else:
                found.discard()

    def attach(self, uid: str, path: Path) -> None:
        """Take up where the data of an image were saved."""
        acquisition = self._unsaved.get(uid)
        if acquisition is None:
            raise FairError(f"No image of this sitting is waiting for {path.name}.")
        acquisition.image = replace(acquisition.image, path=path)
        self._complete(acquisition)

    # ---- snap and live images ----

    def single(self, told: tuple[Any, Any], kind: LiveKind) -> None:
        """Take up a snapped image, or a live one that begins, by summary and frame metadata."""
        setup = setup_of(told[0])
        self._know(setup)
        acquisition = begun_acquisition(setup, kind, None, None)
        acquisition.take([(frame_of({}, told[1]), list(told[1].get("property_values") or ()))])
        self._unsaved[acquisition.image.uid] = acquisition
        if kind is LiveKind.LIVE:
            self.current = acquisition
            self._show(acquisition, self._signals.started)
        else:
            self._finish_single(acquisition)

    def live_ended(self) -> None:
        """Finish the live image."""
        current = self.current
        if current is not None and current.image.kind is LiveKind.LIVE:
            self.current = None
            self._finish_single(current)

    def _finish_single(self, acquisition: Acquisition) -> None:
        acquisition.image = replace(acquisition.image, state=LiveState.FINISHED)
        self._show(acquisition, self._signals.finished)
        while len(self._unsaved) > _MOST_IMAGES:
            del self._unsaved[next(iter(self._unsaved))]

    # ---- into the record ----

    def _complete(self, acquisition: Acquisition) -> None:
        """Read what was written, put it into the record with what was told, and save."""
        if acquisition.image.path is None:
            self._show(acquisition, self._signals.finished)
            return
        try:
            self._into_record(acquisition, final=True)
        except Exception:
            if acquisition.spool is not None:
                acquisition.spool.close()
            self._unsaved[acquisition.image.uid] = acquisition
            raise
        self._unsaved.pop(acquisition.image.uid, None)
        if acquisition.spool is not None:
            acquisition.spool.remove()
        self._show(acquisition, self._signals.finished)

    def _into_record(self, acquisition: Acquisition, *, final: bool = False) -> None:
        image = acquisition.image
        place = source_path(image.path) if image.path is not None else None
        if place is None:
            if final:
                raise FairError(
                    f"{image.name} was to be saved but is not there: what is known about it is "
                    "kept; tell where the data are."
                )
            return
        acquisition.recorded = True
        told = acquisition.seen(self.answers).header
        header = merged_header(read_header(place), told) if final else running_header(told, place)
        header = replace(header, states=(*header.states, *acquisition.state()))
        notes = [(note, acquisition.number_of(at)) for note, at in acquisition.notes]
        self._record.change(self._folder, place, _change(acquisition, header, notes), final=final)

    def _show(self, acquisition: Acquisition, signal: Any) -> None:
        self._tell(acquisition.seen(self.answers), signal)

    def _tell(self, image: LiveImage, signal: Any) -> None:
        self.images[image.uid] = image
        while len(self.images) > _MOST_IMAGES:
            del self.images[next(iter(self.images))]
        signal.emit(image)

    # ---- what Micro-Manager does not know ----

    def _know(self, setup: Setup) -> None:
        self._setup = setup
        self.answers = read_answers(setup, self._microscopes)
        self.questions = questions(setup, self.answers)
        if not self.questions:
            return
        given = self._ask(self.questions) if self._ask is not None else None
        if given:
            self._keep(given)
        elif self._ask is None:
            self._signals.asked.emit(self.questions)

    def take_answers(self, given: Mapping[str, str]) -> None:
        """Keep answers for this and all later acquisitions with the same configuration."""
        self._keep(given)
        if self.current is not None:
            self._into_record(self.current)

    def _keep(self, given: Mapping[str, str]) -> None:
        if self._setup is None:
            raise FairError("Nothing has been acquired yet, so nothing was asked.")
        self.answers = with_answers(self.answers, given)
        self.questions = questions(self._setup, self.answers)
        keep_answers(self._setup, self.answers, self._microscopes)

    # ---- event notes ----

    def keep_note(self, note: EventNote, frame: Frame | None) -> None:
        """Keep an event note, of the running acquisition if there is one."""
        place = frame.place if frame is not None else (0, 0)
        current = self.current
        if current is None or current.image.kind is LiveKind.LIVE:
            self._record.change(self._folder, None, lambda s: s.add_note(note), final=True)
        else:
            current.notes.append((note, place))
            if current.spool is not None:
                current.spool.write([plain_note(note, place)])
            self._into_record(current)
        self._signals.noted.emit(note)

    def close(self) -> None:
        """Let go of the record, and of what was never saved."""
        if self.current is not None and self.current.spool is not None:
            self.current.spool.close()
        for acquisition in self._unsaved.values():
            if acquisition.spool is not None and acquisition.image.path is None:
                acquisition.spool.remove()
        self._record.close()


def _change(
    acquisition: Acquisition, header: Header, notes: Iterable[tuple[EventNote, int]]
) -> Callable[[Session], None]:
    """Return what puts an acquisition and its notes into a record."""

    def change(session: Session) -> None:
        source = session.add(header)
        for note, number in notes:
            session.add_note(note.model_copy(update={"image": image_id(source.id, number)}))
        acquisition.image = replace(acquisition.image, source=source.id)

    return change
