"""Widgets whose plugins say what they do: the tool, its parameters and inputs, and its function."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from napari_fair.model import Parameter, Tool
from napari_fair.provenance.names import split_function
from napari_fair.provenance.privacy import impersonal
from napari_fair.provenance.software import package_tool, tool_of
from napari_fair.provenance.values import can_be_restored, parameter_of

WIDGETS_GROUP = "napari_fair.widgets"
"""Entry points of this group describe widgets: ``module.WidgetClass = module:describe``."""
_KEYS = frozenset({"tool", "function", "name", "parameters", "inputs", "version", "homepage"})


@dataclass(frozen=True)
class Description:
    """What a widget is about to do, or did last, in the words of its plugin.

    Attributes
    ----------
    tool
        The software; with `function` where the plugin named one.
    name
        One line for people.
    parameters
        The values that it uses; large ones are among `inputs`.
    inputs
        Layers, arrays or paths by name of the argument.
    gap
        Why a step of it cannot be run again; empty when it can.
    """

    tool: Tool
    name: str = ""
    parameters: tuple[Parameter, ...] = ()
    inputs: tuple[tuple[str, Any], ...] = ()
    gap: str = ""


def description_of(widget: object, *, folder: Path | None = None) -> Description | None:
    """Return what the plugin of a widget says of it; None when no plugin describes it.

    The plugin's function is called with the widget, in this thread, and returns a mapping with any
    of these: ``function`` (callable, or ``module:name``), ``tool`` (what people call it), ``name``
    (one line on this step), ``parameters`` and ``inputs`` (by name of the argument), ``version``
    and ``homepage`` of a program that is no Python package; or None when there is nothing to say.
    What fails, or returns anything else, says nothing but the reason, in `Description.gap`.

    Parameters
    ----------
    widget
        Any widget; a plugin names its class, or a class that it is derived from.
    folder
        Folder of the record: paths inside it become relative.
    """
    point = _point(type(widget))
    if point is None:
        return None
    try:
        said = point.load()(widget)
        if said is None:
            return None
        return _description(said, folder)
    except Exception as problem:  # whatever a plugin does, recording goes on
        error = impersonal(f"{type(problem).__name__}: {problem}")[:200]
        tool = package_tool(type(widget).__module__.split(".")[0])
        named = tool.model_copy(update={"name": type(widget).__name__})
        return Description(named, gap=f"its plugin could not describe it ({error})")


def is_described(widget: object) -> bool:
    """Whether a plugin describes a widget; nothing is imported or called."""
    return _point(type(widget)) is not None


def _point(kind: type) -> metadata.EntryPoint | None:
    points = _points()
    names = (f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__)
    return next((points[name] for name in names if name in points), None)


@functools.cache
def _points() -> Mapping[str, metadata.EntryPoint]:
    found: dict[str, metadata.EntryPoint] = {}
    for point in metadata.entry_points(group=WIDGETS_GROUP):
        if point.name not in found or _is_own(point):
            found[point.name] = point
    return found


def _is_own(point: metadata.EntryPoint) -> bool:
    """Whether the package that has a widget describes it; its word counts before others'."""
    return point.name.split(".")[0] == point.value.split(":")[0].split(".")[0]


def _description(said: Any, folder: Path | None) -> Description:
    if not isinstance(said, Mapping) or not _KEYS.issuperset(said):
        raise TypeError(f"a description is a mapping with any of {', '.join(sorted(_KEYS))}")
    function = said.get("function")
    tool = _tool(function, said)
    parameters, inputs = _arguments(said, folder)
    lost = [parameter.name for parameter in parameters if not can_be_restored(parameter)]
    gap = "" if tool.function else "its plugin named no function that could be called again"
    if lost and not gap:
        gap = f"the value of {', '.join(lost)} cannot be written down"
    return Description(tool, str(said.get("name") or ""), parameters, inputs, gap)


def _tool(function: Callable[..., Any] | str | None, said: Mapping[str, Any]) -> Tool:
    named = str(said.get("tool") or "")
    if callable(function):
        tool = tool_of(function, name=named)
    elif function is not None:
        parts = split_function(str(function))
        if parts is None:
            raise ValueError(f"{function!r} does not name a function as module:function")
        tool = package_tool(parts[0].split(".")[0]).model_copy(
            update={"function": str(function), "name": named or parts[1].replace("_", " ")}
        )
    else:
        tool = Tool(name=named)
    stated = {key: str(said[key]) for key in ("version", "homepage") if said.get(key)}
    return Tool.model_validate({**tool.model_dump(), **stated})


def _arguments(
    said: Mapping[str, Any], folder: Path | None
) -> tuple[tuple[Parameter, ...], tuple[tuple[str, Any], ...]]:
    inputs = list(_items(said.get("inputs")))
    parameters = []
    for name, value in _items(said.get("parameters")):
        stated = parameter_of(name, value, folder=folder)
        if stated is None:
            inputs.append((name, value))
        else:
            parameters.append(stated)
    return tuple(parameters), tuple(inputs)


def _items(values: Any) -> Iterable[tuple[str, Any]]:
    if values is None:
        return ()
    if not isinstance(values, Mapping):
        raise TypeError("parameters and inputs are mappings, by name of the argument")
    return ((str(name), value) for name, value in values.items())
