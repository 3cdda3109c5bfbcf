"""Who is at work in napari, as the call stack shows: a magicgui function, a plugin, a script."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from magicgui.widgets import FunctionGui

_DEEPEST = 120
_TOOLKITS = frozenset(
    {
        *("PyQt5", "PyQt6", "PySide2", "PySide6", "qtpy", "superqt", "vispy", "qtconsole"),
        *("napari", "napari_builtins", "napari_console", "napari_fair", "npe2", "app_model"),
        *("magicgui", "psygnal", "in_n_out", "lazy_loader", "pydantic", "toolz", "wrapt"),
        *("dask", "numpy", "tornado", "traitlets", "pytest"),
    }
)
"""Packages that only pass calls on: none of them decides to make a layer."""
_HOSTS = ("IPython", "_pytest", "asyncio", "ipykernel", "pluggy", "prompt_toolkit", "pytestqt")
"""Packages that run the event loop: what lies below them on the stack decided nothing."""
_OPENING = frozenset({"open", "_add_layers_with_plugins", "_open_or_raise_error"})
"""Methods of napari's viewer that read files."""
_PLAIN = (bool, int, float, str, type(None))


@dataclass(frozen=True)
class Caller:
    """What the call stack says about a change of data.

    Attributes
    ----------
    gui
        The magicgui function that runs, if one does.
    given
        Arguments that the function was called with, as it got them.
    in_code
        Those of them that code gave, instead of what the fields show.
    module, function
        Nearest function that belongs neither to napari nor to a toolkit.
    action
        napari's own layer action, e.g. ``split_stack``, as far as its name tells.
    arguments
        The plain arguments of that action.
    layers
        ``unique_id`` of the layers that the action has in hand, results included.
    opening
        Whether napari reads a file just now.
    """

    gui: FunctionGui[..., Any] | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    in_code: frozenset[str] = frozenset()
    module: str = ""
    function: str = ""
    action: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    layers: tuple[str, ...] = ()
    opening: bool = False

    @property
    def package(self) -> str:
        """First name of the module."""
        return self.module.partition(".")[0]

    @property
    def scripted(self) -> bool:
        """Whether a script, a notebook or the console is at work."""
        return self.package in ("__main__", "__mp_main__") or self.function == "<module>"


def calling() -> Caller:
    """Return who is at work now; walks the stack once, in microseconds."""
    here = inspect.currentframe()
    return _judge(_outwards(here.f_back if here is not None else None))


def raised_in(error: BaseException) -> Caller:
    """Return who was at work when an error was raised, looked up in its tracebacks."""
    frames: list[FrameType] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        frames = [*_inwards(cause.__traceback__), *frames]
        cause = cause.__cause__ or cause.__context__
    return _judge(iter(reversed(frames)))


def running(gui: FunctionGui[..., Any]) -> bool:
    """Return whether a magicgui function is on the call stack."""
    here = inspect.currentframe()
    code = _call_code()
    return any(f.f_code is code and f.f_locals.get("self") is gui for f in _outwards(here))


def _judge(frames: Iterator[FrameType]) -> Caller:
    found: dict[str, Any] = {}
    code = _call_code()
    for frame in frames:
        module = str(frame.f_globals.get("__name__", ""))
        if _hosts(module, frame.f_code.co_name):
            break
        if frame.f_code is code:
            if "gui" not in found:
                found["gui"] = frame.f_locals.get("self")
                found["given"], found["in_code"] = _given(frame.f_locals)
        elif module.startswith("napari."):
            if "layer_actions" in module:
                found["action"] = frame.f_code.co_name.strip("_")
                found["arguments"] = {**found.get("arguments", {}), **_arguments(frame)}
                found["layers"] = (*found.get("layers", ()), *_layers(frame))
            elif frame.f_code.co_name in _OPENING and module.endswith("viewer_model"):
                found["opening"] = True
        elif "module" not in found and "gui" not in found and _decides(module):
            found["module"], found["function"] = module, frame.f_code.co_qualname
    return Caller(**found)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    for _ in range(_DEEPEST):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def _inwards(trace: TracebackType | None) -> Iterator[FrameType]:
    for _ in range(_DEEPEST):
        if trace is None:
            return
        yield trace.tb_frame
        trace = trace.tb_next


@cache
def _call_code() -> Any:
    from magicgui.widgets import FunctionGui

    return FunctionGui.__call__.__code__


@cache
def _hosts(module: str, function: str) -> bool:
    """Return whether a function runs the window's event loop."""
    if module.startswith("napari."):
        return function == "run" and module.endswith("event_loop")
    return module.partition(".")[0] in _HOSTS


@cache
def _decides(module: str) -> bool:
    package = module.partition(".")[0]
    if not package or package in _TOOLKITS:
        return False
    return package == "__main__" or package not in sys.stdlib_module_names


def _given(local: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the arguments of a call of a magicgui function, and which of them code gave."""
    gui, args, kwargs = local.get("self"), local.get("args", ()), local.get("kwargs", {})
    bound = getattr(local.get("bound"), "arguments", None)
    try:
        function = inspect.signature(gui.__wrapped__)  # type: ignore[union-attr]
        in_code = dict(function.bind_partial(*args, **kwargs).arguments)
    except (AttributeError, TypeError, ValueError):
        in_code = dict(kwargs)
    return dict(bound) if bound is not None else in_code, frozenset(in_code)


def _arguments(frame: FrameType) -> dict[str, Any]:
    names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
    values = ((name, frame.f_locals.get(name)) for name in names)
    return {name: value for name, value in values if isinstance(value, _PLAIN)}


def _layers(frame: FrameType) -> tuple[str, ...]:
    from napari.layers import Layer

    held = frame.f_locals.values()
    return tuple(str(value.unique_id) for value in held if isinstance(value, Layer))
