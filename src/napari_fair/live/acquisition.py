"""One acquisition as it grows, and what others see of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

from napari_fair.live.acquired_facts import acquired_header
from napari_fair.live.frames import Frame, Frames, Place
from napari_fair.live.microscope import Answers
from napari_fair.live.setup import Setup
from napari_fair.live.spool import Interrupted, Spool
from napari_fair.model import EventNote, Header, KeyValue


class LiveKind(StrEnum):
    """How an image was taken."""

    ACQUISITION = "acquisition"
    SNAP = "snap"
    LIVE = "live"


class LiveState(StrEnum):
    """How far an image is."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class LiveImage:
    """An image that is being taken or was taken while the listener listened.

    Attributes
    ----------
    uid, sequence
        An id of our own, and the sequence's, which can be run several times.
    begun
        ISO 8601 with offset.
    frames, expected
        How many frames were taken and how many are planned (None: not known).
    path
        Where it is being saved; None when it is not.
    source
        Id of its source in the record, empty while it has none.
    header
        What is known about it, as of a file.
    """

    uid: str
    sequence: str
    kind: LiveKind
    state: LiveState
    begun: str
    frames: int = 0
    expected: int | None = None
    path: Path | None = None
    source: str = ""
    header: Header = field(default=Header(path=""), repr=False)

    @property
    def name(self) -> str:
        """What to call it."""
        if self.path is not None:
            return self.path.name
        return f"{self.kind.value} of {self.begun[11:19] or 'unknown time'}"


@dataclass
class Acquisition:
    """An acquisition in the making; it belongs to the listener's thread.

    Attributes
    ----------
    notes
        What was noted, each with the place in the sequence of the image it is about.
    recorded
        Whether the record has it.
    """

    image: LiveImage
    setup: Setup
    frames: Frames = field(default_factory=Frames)
    notes: list[tuple[EventNote, Place]] = field(default_factory=list)
    spool: Spool | None = None
    recorded: bool = False

    def state(self) -> tuple[KeyValue, ...]:
        """Return how far it is, for whoever finds its record; a finished one needs no word."""
        image = self.image
        if image.state is LiveState.FINISHED:
            return ()
        if image.state is LiveState.RUNNING:
            return (KeyValue(key="acquisition", value=image.state.value),)
        of = f" of {image.expected}" if image.expected is not None else ""
        told = f"{image.state.value} after {image.frames}{of} frames"
        return (KeyValue(key="acquisition", value=told),)

    def take(self, frames: Iterable[tuple[Frame, Any]]) -> None:
        """Take frames in, each with the states of its channel's devices."""
        taken = list(frames)
        for frame, states in taken:
            self.frames.add(frame, states if self.is_new(frame) else ())
        if self.spool is not None:
            self.spool.write_frames(taken)

    def is_new(self, frame: Frame) -> bool:
        """Whether a frame is the first of its channel."""
        return frame.plane.the_c not in self.frames.states

    def seen(self, answers: Answers) -> LiveImage:
        """Return what others see of it now."""
        path = str(self.image.path or "")
        header = acquired_header(self.setup, self.frames, answers, path)
        self.image = replace(self.image, header=header, frames=self.frames.count)
        return self.image

    def number_of(self, place: Place) -> int:
        """Return the number in its source of the image at a place of the sequence."""
        places = sorted(self.frames.planes)
        return places.index(place) if place in places else 0


def begun_acquisition(
    setup: Setup, kind: LiveKind, path: Path | None, spool: Spool | None
) -> Acquisition:
    """Return an acquisition that has just begun."""
    image = LiveImage(
        uid=uuid4().hex,
        sequence=setup.uid,
        kind=kind,
        state=LiveState.RUNNING,
        begun=setup.begun,
        expected=setup.expected if kind is LiveKind.ACQUISITION else None,
        path=path,
    )
    return Acquisition(image, setup, spool=spool)


def resumed(found: Interrupted) -> Acquisition:
    """Return an acquisition that an earlier run did not save."""
    acquisition = begun_acquisition(found.setup, LiveKind.ACQUISITION, found.path, None)
    acquisition.take(found.frames)
    for held in found.notes:
        place = (int(held["place"][0]), int(held["place"][1]))
        acquisition.notes.append((EventNote.model_validate(held["note"]), place))
    return acquisition


def plain_note(note: EventNote, place: Place) -> dict[str, Any]:
    """Return a note as a spool keeps it."""
    return {"note": note.model_dump(mode="json"), "place": place}
