"""Steps run again, each with a verdict on its result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from napari_fair.files import Cancelled, FairError, confine, sha256_file
from napari_fair.model import (
    Confidence,
    DataKind,
    DataRef,
    Parameter,
    SoftwareEnvironment,
    Step,
    StepKind,
)
from napari_fair.provenance.calls import (
    as_labels,
    call,
    leads_out,
    stand_in,
    texts_in,
    working_in,
)
from napari_fair.provenance.comparison import Tolerance, Verdict, compare
from napari_fair.provenance.data import results_of
from napari_fair.provenance.history import History
from napari_fair.provenance.identity import identity_of
from napari_fair.provenance.names import split_function
from napari_fair.provenance.privacy import impersonal
from napari_fair.provenance.recorded_data import Load, RecordedData, Unverified
from napari_fair.provenance.recording import unrecorded
from napari_fair.provenance.registry import Allowed, resolve
from napari_fair.provenance.software import environment
from napari_fair.provenance.values import parameter_of, restored

Changes = Mapping[str, Mapping[str, object]]
"""Other values for parameters, by step and name."""

_NUMERIC = (
    *("numpy", "scipy", "scikit-image", "scikit-learn", "dask", "numba", "opencv-python"),
    *("torch", "tensorflow", "pyclesperanto-prototype", "pyclesperanto", "cupy"),
)
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
    the arguments are below `out`, links resolved; files of the record are copied there.

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
        Asked before each step.

    Raises
    ------
    Cancelled
        If `cancelled` said so.
    """
    files = RecordedData(folder.resolve(), out.resolve(), load)
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
    values: dict[str, Any] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.refs = {piece.id: piece for piece in self.history.data}
        self.places = {place.id: place for place in self.history.environments}
        self.unused = _last_uses(self.history.steps)

    def verdict(self, step: Step) -> StepVerdict:
        differences: tuple[str, ...] = ()
        try:
            if step.failed:
                raise Unverified(f"it failed when it was recorded ({step.error or 'unknown'})")
            if step.kind is StepKind.OPEN:
                opened = self._opened(step)
                self._forget(step)
                return opened
            if step.confidence is not Confidence.REPLAYABLE:
                why = step.gap or f"it is {step.confidence.value}"
                raise Unverified(why)
            differences = tuple(self._differences(step))
            found = self._results(step)
            verdict, reason = self._compared(step, found)
        except Unverified as problem:
            verdict, reason = Verdict.NOT_VERIFIED, str(problem)
        except (ValueError, TypeError, RuntimeError, MemoryError, OSError) as problem:
            verdict, reason = Verdict.NOT_VERIFIED, f"its result cannot be compared ({problem})"
        shown = differences if verdict is not Verdict.EXACT else ()
        self._forget(step)
        return StepVerdict(step, verdict, impersonal(reason)[:_LONGEST], shown)

    # ---- running ----

    def _results(self, step: Step) -> dict[str, Any]:
        """Run a step and return its results by data id."""
        refused = self.allowed.why_not(step.tool.function)
        if refused:
            raise Unverified(refused)
        arguments = self._inputs(step) | self._parameters(step)
        try:
            function = resolve(step.tool.function, self.allowed)
            with unrecorded(), working_in(self.files.out):
                returned = call(function, arguments)
        except FairError as problem:
            raise Unverified(str(problem)) from problem
        except (Exception, SystemExit) as problem:
            error = f"{type(problem).__name__}: {problem}"
            raise Unverified(f"it fails here ({error})") from problem
        return dict(self._named(step, returned, arguments))

    def _inputs(self, step: Step) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for slot in step.inputs:
            if not slot.name:
                raise Unverified("it was not said which argument each input is")
            piece = self.refs.get(slot.data)
            value = self._value(slot.data, piece)
            if step.kind is StepKind.UPDATE and hasattr(value, "copy"):
                value = value.copy()
            as_layer = slot.passed_as == "layer" and piece is not None
            found[slot.name] = stand_in(value, piece) if as_layer and piece else value
        return found

    def _value(self, id: str, piece: DataRef | None) -> Any:
        if id in self.values:
            return self.values[id]
        if piece is None:
            raise Unverified("the record does not describe one of its inputs")
        if not piece.path:
            raise Unverified(f"its input {piece.name!r} was not saved")
        self.values[id] = value = self.files.loaded(piece)
        return value

    def _parameters(self, step: Step) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for parameter in self._changed_parameters(step):
            try:
                value = restored(parameter, self.files.out, enum=self._enum(step))
                if isinstance(value, Path):
                    written = self._is_written(step, str(parameter.value))
                    value = value if written else self.files.brought(str(parameter.value))
            except (ValueError, TypeError, KeyError) as problem:
                raise Unverified(str(problem)) from problem
            if any(leads_out(text) for text in texts_in(value)):
                raise Unverified(f"its argument {parameter.name!r} names another place")
            found[parameter.name] = value
        return found

    def _is_written(self, step: Step, path: str) -> bool:
        """Whether a step writes a file; its folder is made then."""
        given = [self.refs[slot.data].path for slot in step.inputs if slot.data in self.refs]
        gave = [self.refs[slot.data].path for slot in step.outputs if slot.data in self.refs]
        if path in gave:
            confine(self.files.out, path).parent.mkdir(parents=True, exist_ok=True)
        return path in gave and path not in given

    def _changed_parameters(self, step: Step) -> Iterator[Parameter]:
        other = self.changes.get(step.id, {})
        for parameter in step.parameters:
            if parameter.name in other:
                yield parameter_of(parameter.name, other[parameter.name]) or parameter
            else:
                yield parameter

    def _enum(self, step: Step) -> Callable[[str], Any]:
        """Return what finds enumerations: only those of the function's own package."""

        def find(name: str) -> Any:
            import importlib

            parts, own = split_function(name), split_function(step.tool.function)
            if parts is None or own is None or _top(parts[0]) != _top(own[0]):
                raise ValueError(f"{name} is of another package than {step.tool.function}")
            found: Any = importlib.import_module(parts[0])
            for part in parts[1].split("."):
                found = getattr(found, part, None)
            if not (isinstance(found, type) and issubclass(found, Enum)):
                raise ValueError(f"{name} is no enumeration")
            return found

        return find

    def _named(
        self, step: Step, returned: Any, arguments: dict[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        results = {result.name: result.value for result in results_of(returned)}
        if not results and step.kind is StepKind.UPDATE and len(step.inputs) == 1:
            changed = arguments[step.inputs[0].name]
            results = {"": getattr(changed, "data", changed)}
        for slot in step.outputs:
            piece = self.refs.get(slot.data)
            if piece is not None and piece.kind is DataKind.FILE:
                yield slot.data, confine(self.files.out, piece.path)
            elif slot.name in results:
                yield slot.data, as_labels(piece, results[slot.name])
            elif len(step.outputs) == len(results) == 1:
                yield slot.data, as_labels(piece, next(iter(results.values())))
            else:
                raise Unverified(f"it gave no result {slot.name!r}")

    # ---- comparing ----

    def _compared(self, step: Step, found: dict[str, Any]) -> tuple[Verdict, str]:
        if not found:
            return Verdict.NOT_VERIFIED, "it gave no data that could be compared"
        verdicts = []
        for id, value in found.items():
            piece = self.refs.get(id)
            if piece is None:
                verdicts.append((Verdict.NOT_VERIFIED, "its result is not described"))
                continue
            verdict, reason = self._judged(piece, value)
            named = f"{piece.name}: {reason}" if reason and len(found) > 1 else reason
            verdicts.append((verdict, named))
            self.values[id] = value
            if verdict is not Verdict.EXACT:
                self.changed.add(id)
        worst = max(verdicts, key=lambda pair: list(Verdict).index(pair[0]))[0]
        return worst, "; ".join(
            reason for verdict, reason in verdicts if verdict is worst and reason
        )

    def _judged(self, piece: DataRef, value: Any) -> tuple[Verdict, str]:
        if piece.kind is DataKind.FILE:
            return self._judged_file(piece, value)
        if piece.content_sha256 and identity_of(value).content_sha256 == piece.content_sha256:
            return Verdict.EXACT, ""
        try:
            recorded = self.files.loaded(piece) if piece.path else None
        except Unverified as problem:
            if not piece.content_sha256:
                return Verdict.NOT_VERIFIED, str(problem)
            return Verdict.DIFFERENT, f"its checksum differs, and {problem}"
        if recorded is not None:
            return compare(recorded, value, piece.kind, self.tolerance)
        if not piece.content_sha256:
            return Verdict.NOT_VERIFIED, "its result was neither saved nor checksummed"
        return Verdict.DIFFERENT, "its checksum differs; the recorded result was not saved"

    def _judged_file(self, piece: DataRef, path: Path) -> tuple[Verdict, str]:
        if not piece.sha256:
            return Verdict.NOT_VERIFIED, f"{piece.path} was not checksummed"
        if not path.is_file():
            return Verdict.NOT_VERIFIED, f"{piece.path} was not written"
        if sha256_file(path).sha256 == piece.sha256:
            return Verdict.EXACT, ""
        return Verdict.DIFFERENT, f"{piece.path} has another checksum"

    def _opened(self, step: Step) -> StepVerdict:
        """Compare what a file holds with what was read from it."""
        try:
            for slot in step.outputs:
                piece = self.refs.get(slot.data)
                self._value(slot.data, self._with_path(step, piece))
                if piece is not None and not piece.content_sha256:
                    raise Unverified(f"{piece.name!r} was not checksummed")
        except Unverified as problem:
            return StepVerdict(step, Verdict.NOT_VERIFIED, impersonal(str(problem)))
        return StepVerdict(step, Verdict.EXACT)

    def _with_path(self, step: Step, piece: DataRef | None) -> DataRef | None:
        if piece is None or piece.path:
            return piece
        files = [self.refs[s.data].path for s in step.inputs if s.data in self.refs]
        return piece.model_copy(update={"path": next(filter(None, files), "")})

    def _differences(self, step: Step) -> Iterator[str]:
        """Yield what is not as it was when a step was recorded."""
        for name, value in self.changes.get(step.id, {}).items():
            was = next((p.value for p in step.parameters if p.name == name), None)
            if was != value:
                yield f"{name} is {value!r} and was {was!r}"
        for name in self.edited.get(step.id, ()):
            yield f"{name} was changed in the record after it was written"
        for slot in step.inputs:
            if slot.data in self.changed and slot.data in self.refs:
                yield f"its input {self.refs[slot.data].name!r} differs"
        yield from _other_versions(step, self.places.get(step.environment))

    def _forget(self, step: Step) -> None:
        """Let go of data that no later step uses."""
        for id in self.unused.get(step.id, ()):
            self.values.pop(id, None)


def _last_uses(steps: tuple[Step, ...]) -> dict[str, list[str]]:
    last = {slot.data: step.id for step in steps for slot in (*step.outputs, *step.inputs)}
    found: dict[str, list[str]] = {}
    for data, step in last.items():
        found.setdefault(step, []).append(data)
    return found


def _other_versions(step: Step, then: SoftwareEnvironment | None) -> Iterator[str]:
    now = environment()
    tool = step.tool
    if tool.package and tool.version and now.version_of(tool.package) != tool.version:
        here = now.version_of(tool.package) or "not installed"
        yield f"{tool.package} is {here} and was {tool.version}"
    if then is None:
        yield "the versions of other packages were not recorded"
        return
    for package in _NUMERIC:
        was, here = then.version_of(package), now.version_of(package)
        if was and was != here and package != tool.package:
            yield f"{package} is {here or 'not installed'} and was {was}"
    if then.python != now.python:
        yield f"Python is {now.python} and was {then.python}"


def _top(module: str) -> str:
    return module.split(".")[0]
