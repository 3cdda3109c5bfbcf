"""Steps run again: their inputs and arguments found, their function called, its results named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

from napari_fair.files import Cancelled, FairError, confine
from napari_fair.model import DataKind, DataRef, Parameter, Step, StepKind
from napari_fair.provenance.calls import (
    as_labels,
    call,
    leads_out,
    stand_in,
    texts_in,
    working_in,
)
from napari_fair.provenance.data import results_of
from napari_fair.provenance.history import History
from napari_fair.provenance.names import split_function
from napari_fair.provenance.recorded_data import RecordedData, Unverified
from napari_fair.provenance.recording import unrecorded
from napari_fair.provenance.registry import Allowed, resolve
from napari_fair.provenance.values import parameter_of, restored

Changes = Mapping[str, Mapping[str, object]]
"""Other values for parameters, by step and name."""


class Rerun:
    """Runs the steps of a history, in their order.

    Attributes
    ----------
    refs
        The history's data by id.
    values
        Data that was read or made, by id; what no later step uses is let go of by `forget`.
    """

    def __init__(
        self, history: History, files: RecordedData, allowed: Allowed, changes: Changes
    ) -> None:
        self.refs = {piece.id: piece for piece in history.data}
        self.values: dict[str, Any] = {}
        self._files, self._allowed, self._changes = files, allowed, changes
        self._unused = _last_uses(history.steps)

    def results(self, step: Step) -> dict[str, Any]:
        """Run a step and return its results by data id.

        Raises
        ------
        Unverified
            If it cannot be run, or gives something else.
        """
        refused = self._allowed.why_not(step.tool.function)
        if refused:
            raise Unverified(refused)
        with self._confined():
            function = resolve(step.tool.function, self._allowed)
        arguments = self._inputs(step) | self._parameters(step)
        with self._confined():
            returned = call(function, arguments)
        return dict(self._named(step, returned, arguments))

    @contextmanager
    def _confined(self) -> Iterator[None]:
        """Let other people's code run in its folder, and its errors be reasons."""
        try:
            with unrecorded(), working_in(self._files.out, self._files.folder):
                yield
        except FairError as problem:
            raise Unverified(str(problem)) from problem
        except Cancelled:
            raise
        except (Exception, SystemExit) as problem:
            error = f"{type(problem).__name__}: {problem}"
            raise Unverified(f"it fails here ({error})") from problem

    def forget(self, step: Step) -> None:
        """Let go of data that no later step uses."""
        for id in self._unused.get(step.id, ()):
            self.values.pop(id, None)

    # ---- arguments ----

    def _inputs(self, step: Step) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for slot in step.inputs:
            if not slot.name or slot.name in found:
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
        self.values[id] = value = self._files.loaded(piece)
        return value

    def _parameters(self, step: Step) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for parameter in self._changed_parameters(step):
            try:
                value = restored(parameter, self._files.out, enum=_enumerations(step))
                if isinstance(value, Path):
                    written = self._is_written(step, str(parameter.value))
                    value = value if written else self._files.brought(str(parameter.value))
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
            confine(self._files.out, path).parent.mkdir(parents=True, exist_ok=True)
        return path in gave and path not in given

    def _changed_parameters(self, step: Step) -> Iterator[Parameter]:
        other = self._changes.get(step.id, {})
        for parameter in step.parameters:
            if parameter.name in other:
                yield parameter_of(parameter.name, other[parameter.name]) or parameter
            else:
                yield parameter

    # ---- results ----

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
                yield slot.data, self._written(piece)
            elif slot.name in results:
                yield slot.data, as_labels(piece, results[slot.name])
            elif len(step.outputs) == len(results) == 1:
                yield slot.data, as_labels(piece, next(iter(results.values())))
            else:
                raise Unverified(f"it gave no result {slot.name!r}")

    def _written(self, piece: DataRef) -> Path:
        try:
            return confine(self._files.out, piece.path)
        except FairError as problem:
            raise Unverified(str(problem)) from problem


def _enumerations(step: Step) -> Callable[[str], Any]:
    """Return what finds enumerations: those of the function's own package that it has imported."""

    def find(name: str) -> Any:
        parts, own = split_function(name), split_function(step.tool.function)
        if parts is None or own is None or _top(parts[0]) != _top(own[0]):
            raise ValueError(f"{name} is of another package than {step.tool.function}")
        found: Any = sys.modules.get(parts[0])
        for part in parts[1].split("."):
            found = getattr(found, part, None)
        if not (isinstance(found, type) and issubclass(found, Enum)):
            raise ValueError(f"{name} is no enumeration that {step.tool.function} uses")
        return found

    return find


def _last_uses(steps: tuple[Step, ...]) -> dict[str, list[str]]:
    last = {slot.data: step.id for step in steps for slot in (*step.outputs, *step.inputs)}
    found: dict[str, list[str]] = {}
    for data, step in last.items():
        found.setdefault(step, []).append(data)
    return found


def _top(module: str) -> str:
    return module.split(".")[0]
