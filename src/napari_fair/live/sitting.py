"""A sitting at the microscope: chosen once at the start, checked while it runs, told at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from napari_fair.live.beginning import begin_record
from napari_fair.model import Dataset, ImageSource
from napari_fair.readiness import Result, check
from napari_fair.session import Preset, Session

_LONGEST_PAUSE = 60.0
"""Seconds; whoever does not edit for longer is looking at the image, not at the form."""


@dataclass(frozen=True)
class Checklist:
    """What is missing for one image, most of it said once for all.

    Attributes
    ----------
    gaps
        What to do, each with the field to go to.
    unchecked
        How many rules could not be judged.
    """

    gaps: tuple[Result, ...]
    unchecked: int = 0

    @property
    def sentence(self) -> str:
        """One phrase, e.g. ``3 things missing for this image``."""
        number = len(self.gaps)
        if not number:
            rest = f"; {self.unchecked} could not be checked" if self.unchecked else ""
            return f"Nothing missing for this image{rest}"
        return f"{number} {'thing' if number == 1 else 'things'} missing for this image"


def checklist(dataset: Dataset, image: str, *, rules: str = "essentials") -> Checklist:
    """Return what is missing for an image.

    Parameters
    ----------
    image
        The image's id; a record that does not have it lacks everything that is shared.
    rules
        The rule set's name.
    """
    found = dataset.image(image)
    sources: tuple[ImageSource, ...] = ()
    if found is not None:
        sources = (found[0].model_copy(update={"images": (found[1],)}),)
    report = check(dataset.model_copy(update={"sources": sources}), rules=rules)
    unchecked = sum(1 for result in report.results if result.status.value == "not checked")
    return Checklist(report.to_go, unchecked)


@dataclass(frozen=True)
class SittingSummary:
    """What a sitting gave.

    Attributes
    ----------
    images, formats, notes
        How many images were taken, in which formats, and how many event notes were made.
    complete
        How many images lack nothing.
    missing
        What is missing, and for how many images.
    minutes
        Time spent on metadata: from edit to edit, long pauses left out.
    """

    images: int
    formats: tuple[tuple[str, int], ...]
    notes: int
    complete: int
    missing: tuple[tuple[str, int], ...]
    minutes: float

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to tell at the end."""
        kinds = ", ".join(
            f"{number} {name or 'of unknown format'}" for name, number in self.formats
        )
        taken = f"{_counted(self.images, 'image')} taken{f' ({kinds})' if kinds else ''}"
        told = [f"{taken}, {_counted(self.notes, 'event note')}."]
        if self.images:
            told.append(f"{self.complete} of {self.images} lack nothing.")
        told += [
            f"{title}: missing for {_counted(number, 'image')}." for title, number in self.missing
        ]
        return (*told, f"{self.minutes:.1f} minutes were spent on metadata.")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


class Sitting:
    """One sitting with a record.

    Parameters
    ----------
    session
        The open folder; call everything from its thread.
    clock
        Seconds that only go forward.
    """

    def __init__(self, session: Session, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._session, self._clock = session, clock
        self._before = {source.id for source in session.sources()}
        self._notes_before = {note.id for note in session.dataset.notes}
        self._last_edit: float | None = None
        self._seconds = 0.0

    def begin(self, presets: Iterable[Preset]) -> list[str]:
        """Choose who, which project, sample and microscope; returns what could not be used.

        What the record says already stays.
        """
        return [problem for preset in presets for problem in begin_record(self._session, preset)]

    def edited(self) -> None:
        """Tell that a person has just edited something; the time since the last edit counts."""
        now = self._clock()
        if self._last_edit is not None and now - self._last_edit <= _LONGEST_PAUSE:
            self._seconds += now - self._last_edit
        self._last_edit = now

    def checklist(self, image: str) -> Checklist:
        """Return what is missing for an image."""
        return checklist(self._session.dataset, image)

    def summary(self) -> SittingSummary:
        """Return what was taken since the sitting began, and what it lacks."""
        dataset = self._session.dataset
        new = tuple(source for source in dataset.sources if source.id not in self._before)
        images = [image.id for source in new for image in source.images]
        report = check(dataset.model_copy(update={"sources": new}))
        lacking = Counter[str]()
        incomplete: set[str] = set()
        for result in report.to_go:
            concerned = result.images or tuple(images)
            lacking[result.title] += len(concerned)
            incomplete |= set(concerned)
        formats = Counter(source.format for source in new for _ in source.images)
        return SittingSummary(
            images=len(images),
            formats=tuple(formats.most_common()),
            notes=len([n for n in dataset.notes if n.id not in self._notes_before]),
            complete=len(set(images) - incomplete),
            missing=tuple(lacking.items()) if images else (),
            minutes=self._seconds / 60,
        )
