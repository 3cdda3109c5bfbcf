"""Functions whose calls are recorded as steps."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from napari_fair.model import Tool
from napari_fair.provenance.data import Data, is_array
from napari_fair.provenance.identity import is_layer
from napari_fair.provenance.recording import is_recording, record_step
from napari_fair.provenance.software import tool_of
from napari_fair.provenance.targets import Target, attached

_P = ParamSpec("_P")
_R = TypeVar("_R")
_LARGEST_INLINE = 25
"""Elements of a matrix that is a parameter (a 5 by 5 kernel); a larger one is data."""


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
        if is_recording() or (to is None and not attached()):
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
