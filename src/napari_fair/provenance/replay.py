"""Steps run again, each with a verdict on its result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from napari_fair.files import Cancelled, FairError, shown
from napari_fair.model import Confidence, DataKind, DataRef, Step, StepKind
from napari_fair.provenance.comparison import Tolerance, Verdict
from napari_fair.provenance.history import History
from napari_fair.provenance.judging import judged, other_versions, together
from napari_fair.provenance.privacy import impersonal
from napari_fair.provenance.recorded_data import Load, RecordedData, Unverified
from napari_fair.provenance.registry import Allowed
from napari_fair.provenance.rerun import Changes, Rerun

_LONGEST = 500


@dataclass(frozen=True)
class StepVerdict:
    """What came of one step.

    Attributes
    ----------
    reason
        Why it could not be verified, or how far the result is off; a phrase for people.
    differences
        What is not as it was when the step was recorded: versions, parameters, inputs.
    """

    step: Step
    verdict: Verdict
    reason: str = ""
    differences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replay:
    """What came of running a history again, step by step."""

    steps: tuple[StepVerdict, ...]

    def counts(self) -> dict[Verdict, int]:
        """Return how many steps got each verdict."""
        return {word: sum(s.verdict is word for s in self.steps) for word in Verdict}

    @property
    def sentence(self) -> str:
        """For people, e.g. ``5 exact, 1 different, 2 not verified``."""
        told = [f"{number} {word.value}" for word, number in self.counts().items() if number]
        return ", ".join(told) or "no steps"


def replay(
    history: History,
    folder: Path,
    *,
    load: Load,
    allowed: Allowed,
    out: Path,
    changes: Changes | None = None,
    edited: Mapping[str, Iterable[str]] | None = None,
    tolerance: Tolerance | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Replay:
    """Run the replayable steps again and compare every result with the recorded one.

    A function runs in this process. Only functions that `allowed` names are imported. Paths among
    the arguments are below `out`, links resolved; files of the record are copied there. While a
    function runs, `out` is the working folder of the process.

    Parameters
    ----------
    history
        What was done.
    folder
        Where the recorded data is.
    load
        Reads a file as arrays.
    out
        An existing, empty folder: the working folder of the functions.
    changes
        Other values for some parameters: their steps show what depends on them.
    edited
        Parameters that were changed in the record since it was written, by step.
    progress
        Called with steps done and steps in all.
    cancelled
        Asked before each step, and while files are read.

    Raises
    ------
    FairError
        If `out` is not empty.
    Cancelled
        If `cancelled` said so.
    """
    if any(out.iterdir()):
        raise FairError(f"{shown(out)} is not empty; name a new folder for what the steps write.")
    files = RecordedData(folder.resolve(), out.resolve(), load, cancelled)
    run = _Run(history, files, allowed, changes or {}, edited or {}, tolerance or Tolerance())
    verdicts = []
    for number, step in enumerate(history.steps):
        if cancelled is not None and cancelled():
            raise Cancelled
        verdicts.append(run.verdict(step))
        if progress is not None:
            progress(number + 1, len(history.steps))
    return Replay(tuple(verdicts))


@dataclass
class _Run:
    history: History
    files: RecordedData
    allowed: Allowed
    changes: Changes
    edited: Mapping[str, Iterable[str]]
    tolerance: Tolerance
    changed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rerun = Rerun(self.history, self.files, self.allowed, self.changes)
        self.places = {place.id: place for place in self.history.environments}

    def verdict(self, step: Step) -> StepVerdict:
        differences: tuple[str, ...] = ()
        try:
            if step.failed:
                raise Unverified(f"it failed when it was recorded ({step.error or 'unknown'})")
            if step.kind is StepKind.OPEN:
                verdict, reason = self._opened(step)
            else:
                if step.confidence is not Confidence.REPLAYABLE:
                    raise Unverified(step.gap or f"it is {step.confidence.value}")
                differences = tuple(self._differences(step))
                verdict, reason = self._compared(step)
        except Unverified as problem:
            verdict, reason = Verdict.NOT_VERIFIED, str(problem)
        except Cancelled:
            raise
        except (ValueError, TypeError, RuntimeError, MemoryError, OSError) as problem:
            verdict, reason = Verdict.NOT_VERIFIED, f"its result cannot be compared ({problem})"
        shown_ones = differences if verdict is not Verdict.EXACT else ()
        self.rerun.forget(step)
        return StepVerdict(step, verdict, impersonal(reason)[:_LONGEST], shown_ones)

    def _compared(self, step: Step) -> tuple[Verdict, str]:
        verdicts = []
        for id, value in self.rerun.results(step).items():
            piece = self.rerun.refs.get(id)
            if piece is None:
                verdicts.append(("", (Verdict.NOT_VERIFIED, "its result is not described")))
                continue
            verdict, reason = judged(piece, value, self.files, self.tolerance)
            verdicts.append((piece.name, (verdict, reason)))
            self.rerun.values[id] = value
            if verdict is not Verdict.EXACT:
                self.changed.add(id)
        return together(verdicts)

    def _opened(self, step: Step) -> tuple[Verdict, str]:
        """Compare what a file holds with what was read from it."""
        if not step.outputs:
            raise Unverified("the record does not say what was read")
        for slot in step.outputs:
            piece = self.rerun.refs.get(slot.data)
            if piece is None:
                raise Unverified("the record does not describe what was read")
            piece = self._with_path(step, piece)
            if not piece.path:
                raise Unverified(f"the record does not say which file {piece.name!r} was read from")
            self.rerun.values[slot.data] = self.files.loaded(piece)
            is_file = piece.kind is DataKind.FILE
            if not (piece.sha256 if is_file else piece.content_sha256):
                raise Unverified(f"{piece.name!r} was not checksummed")
        return Verdict.EXACT, ""

    def _with_path(self, step: Step, piece: DataRef) -> DataRef:
        if piece.path:
            return piece
        refs = self.rerun.refs
        files = [refs[slot.data].path for slot in step.inputs if slot.data in refs]
        return piece.model_copy(update={"path": next(filter(None, files), "")})

    def _differences(self, step: Step) -> Iterator[str]:
        """Yield what is not as it was when a step was recorded."""
        refs = self.rerun.refs
        for name, value in self.changes.get(step.id, {}).items():
            was = next((p.value for p in step.parameters if p.name == name), None)
            if was != value:
                yield f"{name} is {value!r} and was {was!r}"
        for name in self.edited.get(step.id, ()):
            yield f"{name} was changed in the record after it was written"
        for slot in step.inputs:
            piece = refs.get(slot.data)
            if piece is not None and slot.data in self.changed:
                yield f"its input {piece.name!r} differs"
            elif piece is not None and not (piece.content_sha256 or piece.sha256):
                yield f"its input {piece.name!r} was not checksummed"
        yield from other_versions(step, self.places.get(step.environment))
