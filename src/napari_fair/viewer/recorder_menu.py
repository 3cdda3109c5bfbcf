"""What the actions of napari's layer menu do to data, where a function of numpy does the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from napari_fair.model import DataKind, DataRef, Parameter, Tool
from napari_fair.provenance.software import package_tool

ACTIONS = {
    "duplicate_layer": "Duplicate",
    "split_stack": "Split stack",
    "split_rgb": "Split RGB",
    "merge_stack": "Merge to stack",
    "convert_to_labels": "Convert to labels",
    "convert_to_image": "Convert to image",
    "convert_dtype": "Convert data type",
    "project": "Projection",
}
"""Names of napari's layer actions in plain words."""
BY_MENU = "napari's menu works on the viewer, and no function is known that does the same"
SEVERAL = "it takes several layers at once"
_MODES = frozenset({"max", "min", "mean", "median", "sum", "std"})
_ARRAYS = frozenset({DataKind.IMAGE, DataKind.LABELS, DataKind.POINTS})


class Equivalent(NamedTuple):
    """A call of numpy that gives what an action gave: ``function(**{argument: data}, …)``."""

    function: str
    argument: str
    parameters: tuple[Parameter, ...] = ()

    def tool(self, name: str) -> Tool:
        """Return it as the tool of a step."""
        known = {"name": name, "function": self.function}
        return package_tool("numpy").model_copy(update=known)


def equivalent(
    action: str, arguments: Mapping[str, Any], used: Sequence[DataRef], made: Sequence[DataRef]
) -> Equivalent | None:
    """Return the call that does what an action of napari 0.9 does to one array in memory.

    These are the calls in ``napari/layers/_layer_actions.py`` and ``layers/utils/stack_utils.py``.
    """
    if len(used) != 1 or not made or used[0].size is None or used[0].kind not in _ARRAYS:
        return None
    source, first = used[0], made[0]
    if action in ("split_stack", "split_rgb"):
        return _split(action, arguments, source, made)
    if len(made) != 1 or first.size is None:
        return None
    if action == "project":
        return _project(arguments)
    if action == "duplicate_layer" and first.kind is source.kind:
        return Equivalent("numpy:copy", "a")
    if action in ("convert_to_labels", "convert_to_image", "convert_dtype"):
        if source.kind is DataKind.POINTS or source.shape != first.shape:
            return None
        return Equivalent("numpy:asarray", "a", (Parameter(name="dtype", value=first.dtype),))
    return None


def _project(arguments: Mapping[str, Any]) -> Equivalent | None:
    mode, axis = arguments.get("mode"), arguments.get("axis")
    if mode not in _MODES or not isinstance(axis, int):
        return None
    return Equivalent(f"numpy:{mode}", "a", (Parameter(name="axis", value=axis),))


def _split(
    action: str, arguments: Mapping[str, Any], source: DataRef, made: Sequence[DataRef]
) -> Equivalent | None:
    import numpy as np

    axes = {-1} if action == "split_rgb" else {int(arguments.get("axis", 0)), -1}
    fitting = [axis for axis in axes if _gives(source.shape, axis, made)]
    if len(fitting) != 1 or not hasattr(np, "unstack"):  # numpy before 2.1 has none
        return None
    return Equivalent("numpy:unstack", "x", (Parameter(name="axis", value=fitting[0]),))


def _gives(shape: tuple[int, ...], axis: int, made: Sequence[DataRef]) -> bool:
    if not -len(shape) <= axis < len(shape) or shape[axis] != len(made):
        return False
    rest = list(shape)
    del rest[axis]
    return all(one.shape == tuple(rest) for one in made)
