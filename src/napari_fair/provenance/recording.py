"""Steps recorded by the code that does them, in scripts, notebooks and plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from napari_fair.model import (
    Confidence,
    DataRef,
    Parameter,
    Slot,
    Step,
    StepKind,
    Tool,
)
from napari_fair.provenance.data import (
    Data,
    Registrar,
    named_pieces,
    results_of,
)
from napari_fair.provenance.identity import is_layer
from napari_fair.provenance.privacy import impersonal
from napari_fair.provenance.software import environment, tool_of
from napari_fair.provenance.targets import (
    Target,
    attached,
    complete_later,
    known_by_attached,
    known_to,
)
from napari_fair.provenance.values import can_be_restored, parameter_of

_INSIDE: ContextVar[bool] = ContextVar("inside a recorded step", default=False)
_LONGEST_ERROR = 2000
_AT_ONCE = 1 << 22
"""Bytes of a value that is read at once for an attached target: 3 ms."""


@contextmanager
def unrecorded() -> Iterator[None]:
    """Record nothing inside: for running steps again."""
    token = _INSIDE.set(True)
    try:
        yield
    finally:
        _INSIDE.reset(token)


def is_recording() -> bool:
    """Whether a step is being recorded, of which what is done now is a part."""
    return _INSIDE.get()


class Recording:
    """A step while it is done.

    Attributes
    ----------
    comment
        A note on the step; may be set at any time.
    step
        The step, once it ended.
    kept
        Whether it went anywhere.
    """

    def __init__(
        self, tool: Tool, name: str, registrar: Registrar | None, comment: str = ""
    ) -> None:
        self.comment = comment
        self.step: Step | None = None
        self.kept = False
        self._tool, self._name, self._registrar = tool, name, registrar
        self._parameters: list[Parameter] = []
        self._inputs: list[Slot] = []
        self._outputs: list[Slot] = []
        self._given: list[Any] = []
        self._changed = False
        self._started = datetime.now(UTC)

    def parameter(self, name: str, value: object, *, unit: str = "") -> None:
        """Add a parameter; one that is too large becomes an input."""
        if self._registrar is None:
            return
        stated = parameter_of(name, value, unit=unit)
        if stated is None:
            self.input(value, name)
        else:
            self._parameters.append(stated)

    def input(self, value: Any, name: str = "", *, path: str | Path = "") -> None:
        """Add data that the step uses: an array, a layer, a table, a path, or a `Data`.

        Call it before the data is changed: its checksum is made now.
        """
        if self._registrar is None:
            return
        data = Data(value, path) if path and not isinstance(value, Data) else value
        piece = self._registrar.ref(data, name=name)
        self._given.append(value)
        passed_as = "layer" if is_layer(value) else ""
        self._inputs.append(Slot(name=name, data=piece.id, passed_as=passed_as))

    def output(
        self,
        value: Any,
        name: str = "",
        *,
        path: str | Path = "",
        kind: str = "",
        slot: str = "",
    ) -> None:
        """Add data that the step gives.

        Parameters
        ----------
        value
            What the function returned, a `Data`, or the path of a file that it wrote.
        name
            What people call it.
        path
            The file it was saved in.
        kind
            ``image``, ``labels``, …; guessed without it.
        slot
            Its number where the function returns several.
        """
        if self._registrar is None:
            return
        self._changed |= any(value is given for given in self._given)
        if isinstance(value, (str, Path, Data)):
            piece = self._registrar.ref(value, name=name)
            self._outputs.append(Slot(name=slot, data=piece.id))
            return
        for result in results_of(value):
            data = Data(result.value, path, name or result.label, kind or result.kind)
            piece = self._registrar.ref(data)
            place = slot or result.name
            self._outputs.append(Slot(name=place, data=piece.id, passed_as=result.passed_as))

    @property
    def made(self) -> tuple[DataRef, ...]:
        """Data that no earlier step knew."""
        return self._registrar.made if self._registrar is not None else ()

    @property
    def later(self) -> dict[str, object]:
        """Values whose checksums are still to be made."""
        return self._registrar.later if self._registrar is not None else {}

    def finished(self, error: BaseException | None, agent: str) -> Step:
        """Return the step as it ended."""
        gap = self._gap(error)
        confidence = Confidence.DECLARED if gap else Confidence.REPLAYABLE
        text = f"{type(error).__name__}: {error}" if error is not None else ""
        return Step(
            id=str(uuid4()),
            kind=StepKind.UPDATE if self._changed else StepKind.CREATE,
            name=_clean(self._name or self._tool.name),
            tool=self._tool,
            parameters=tuple(self._parameters),
            inputs=tuple(self._inputs),
            outputs=tuple(self._outputs),
            confidence=confidence,
            gap=gap,
            failed=error is not None,
            error=impersonal(_clean(text))[:_LONGEST_ERROR],
            started=self._started.isoformat(),
            ended=datetime.now(UTC).isoformat(),
            agent=agent,
            comment=_clean(self.comment),
            environment=environment().id,
            observed="api",
        )

    def _gap(self, error: BaseException | None) -> str:
        if not self._tool.function:
            return "no function was named that could be called again"
        lost = [p.name for p in self._parameters if not can_be_restored(p)]
        if lost:
            return f"the value of {', '.join(lost)} cannot be written down"
        if any(not slot.name for slot in self._inputs):
            return "it was not said which argument each input is"
        return ""


@contextmanager
def record_step(
    tool: Tool | str | Callable[..., Any],
    *,
    name: str = "",
    inputs: Any = None,
    parameters: Mapping[str, object] | None = None,
    outputs: Any = None,
    comment: str = "",
    agent: str = "",
    to: Target | None = None,
    folder: Path | None = None,
) -> Iterator[Recording]:
    """Record what is done inside the block as one step, with its error if it fails.

    Parameters
    ----------
    tool
        The function that is called, a `Tool`, or the name of a program.
    name
        One line for people.
    inputs
        Data used, by argument name; see `Recording.input`.
    parameters
        Other arguments by name.
    outputs
        Data given, when it is known beforehand (files); see `Recording.output`.
    comment
        A note.
    agent
        Id of the person who does it.
    to
        Where the step goes; all attached targets without it.
    folder
        Folder that paths are relative to.

    Yields
    ------
    Recording
        Takes what becomes known inside: ``step.output(labels, name="nuclei")``.
    """
    targets = [to] if to is not None else attached()
    if _INSIDE.get() or not targets:
        yield Recording(Tool(), name, None, comment)
        return
    aside: dict[str, Any] = {"look_up": known_by_attached, "most": _AT_ONCE}
    registrar = Registrar(known_to(targets), folder, **(aside if to is None else {}))
    recording = Recording(_as_tool(tool), name, registrar, comment)
    for key, value in named_pieces(inputs):
        recording.input(value, key)
    for key, value in (parameters or {}).items():
        recording.parameter(key, value)
    with unrecorded():
        try:
            yield recording
        except BaseException as error:
            _end(recording, targets, error, agent)
            raise
    for key, value in named_pieces(outputs):
        recording.output(value, key)
    _end(recording, targets, None, agent)


def _end(
    recording: Recording, targets: list[Target], error: BaseException | None, agent: str
) -> None:
    recording.step = recording.finished(error, agent)
    for target in targets:
        target.record(recording.step, *recording.made, environment=environment())
        complete_later(target, recording.later)
    recording.kept = True


def _as_tool(tool: Tool | str | Callable[..., Any]) -> Tool:
    if isinstance(tool, Tool):
        return tool
    return Tool(name=tool) if isinstance(tool, str) else tool_of(tool)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
