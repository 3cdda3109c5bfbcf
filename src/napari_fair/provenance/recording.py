"""Steps recorded by the code that does them, in scripts, notebooks and plugins."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import uuid4

from napari_fair.model import (
    Confidence,
    DataRef,
    Parameter,
    Slot,
    SoftwareEnvironment,
    Step,
    StepKind,
    Tool,
)
from napari_fair.provenance.data import (
    Data,
    Registrar,
    is_array,
    named_pieces,
    results_of,
)
from napari_fair.provenance.identity import Checksums, Identity, is_layer
from napari_fair.provenance.privacy import impersonal
from napari_fair.provenance.software import environment, tool_of
from napari_fair.provenance.values import can_be_restored, parameter_of

_P = ParamSpec("_P")
_R = TypeVar("_R")

_INSIDE: ContextVar[bool] = ContextVar("inside a recorded step", default=False)
_LONGEST_ERROR = 2000
_LARGEST_INLINE = 25
"""Elements of a matrix that is a parameter (a 5 by 5 kernel); a larger one is data."""


class Target(Protocol):
    """Where steps go: a session, a ledger, a recorder."""

    def record(
        self, step: Step, *data: DataRef, environment: SoftwareEnvironment | None = None
    ) -> None:
        """Take a step with its data."""


LookUp = Callable[[object], DataRef | None]

_attached: list[tuple[Target, LookUp | None]] = []
_AT_ONCE = 1 << 22
"""Bytes of a value that is read at once for an attached target: 3 ms."""


def attach(target: Target, look_up: LookUp | None = None) -> None:
    """Let a target take the steps of code that names none, as the recorder in napari does.

    Large values are not read at once: their checksums follow through ``target.complete``, from
    another thread, if the target has that.

    Parameters
    ----------
    look_up
        Says what stands for a value that is known already, such as the data of a layer.
    """
    if not any(known is target for known, _ in _attached):
        _attached.append((target, look_up))


def detach(target: Target) -> None:
    """End `attach`."""
    _attached[:] = [pair for pair in _attached if pair[0] is not target]


def _known_by_attached(value: object) -> DataRef | None:
    found = (look_up(value) for _, look_up in _attached if look_up is not None)
    return next((piece for piece in found if piece is not None), None)


@functools.cache
def _checksums() -> Checksums:
    return Checksums()


def _complete_later(target: Target, later: dict[str, object]) -> None:
    complete = getattr(target, "complete", None)
    if complete is None:
        return
    for id, value in later.items():
        _checksums().submit(value, functools.partial(_completed, complete, id))


def _completed(complete: Callable[..., None], id: str, found: Identity | None) -> None:
    known = {"content_sha256": found.content_sha256} if found is not None else {}
    complete(id, pending=False, **known)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Record nothing inside: for running steps again."""
    token = _INSIDE.set(True)
    try:
        yield
    finally:
        _INSIDE.reset(token)


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
    targets = [to] if to is not None else [target for target, _ in _attached]
    if _INSIDE.get() or not targets:
        yield Recording(Tool(), name, None, comment)
        return
    aside: dict[str, Any] = {"look_up": _known_by_attached, "most": _AT_ONCE}
    registrar = Registrar(_known(targets), folder, **(aside if to is None else {}))
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
        _complete_later(target, recording.later)
    recording.kept = True


def recorded(tool: Tool | str | Callable[_P, _R] | None = None, *, to: Target | None = None) -> Any:
    """Decorate a function so that every call is a step: ``@recorded`` or ``@recorded("Name")``.

    Arrays, layers and tables among the arguments are inputs, all others parameters; what it
    returns is the output. Functions that it calls are parts of its step.
    """
    if callable(tool) and not isinstance(tool, Tool):
        return _decorated(tool, None, to)
    return lambda function: _decorated(function, tool, to)


def _decorated(
    function: Callable[_P, _R], tool: Tool | str | None, to: Target | None
) -> Callable[_P, _R]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if _INSIDE.get() or (to is None and not _attached):
            return function(*args, **kwargs)
        named = tool_of(wrapper, name=tool if isinstance(tool, str) else "")
        with record_step(tool if isinstance(tool, Tool) else named, to=to) as step:
            for name, value in _arguments(signature, args, kwargs):
                if _is_data(value):
                    step.input(value, name)
                else:
                    step.parameter(name, value)
            result = function(*args, **kwargs)
            step.output(result)
        return result

    return wrapper


def _arguments(
    signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield all arguments of a call, defaults included: defaults change between versions."""
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    for name, value in bound.arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            yield from value.items()
        elif kind is not inspect.Parameter.VAR_POSITIONAL or value:
            yield name, value


def _is_data(value: object) -> bool:
    if isinstance(value, Data) or is_layer(value) or hasattr(value, "columns"):
        return True
    if not is_array(value):
        return False
    shape = tuple(getattr(value, "shape", ()))
    count = 1
    for size in shape:
        count *= int(size)
    return len(shape) > 1 and count > _LARGEST_INLINE


def _as_tool(tool: Tool | str | Callable[..., Any]) -> Tool:
    if isinstance(tool, Tool):
        return tool
    return Tool(name=tool) if isinstance(tool, str) else tool_of(tool)


def _known(targets: list[Target]) -> Iterator[DataRef]:
    for target in targets:
        held = getattr(target, "dataset", target)
        yield from getattr(held, "data", ())


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
