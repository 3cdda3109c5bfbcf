"""What a magicgui function was called with: parameters, and the layers among them."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_fair.model import Parameter, Slot
from napari_fair.provenance.values import can_be_restored, parameter_of
from napari_fair.viewer.recorder_layers import LayerStates

if TYPE_CHECKING:
    from magicgui.widgets import FunctionGui

_MOST_MARKED = 4 << 20
"""Bytes that are looked through in the window's thread, in about as many milliseconds."""
_CHOICE = " (data)"
"""What napari adds to a layer's name where a function takes its data."""


@dataclass(frozen=True)
class Arguments:
    """Parameters and input data of a call, and why it could not be called again, if so."""

    parameters: tuple[Parameter, ...] = ()
    inputs: tuple[Slot, ...] = ()
    gap: str = ""


class ArgumentReader:
    """Tells layers from values among the arguments of magicgui functions."""

    def __init__(self, states: LayerStates) -> None:
        self._states = states

    def read(
        self,
        gui: FunctionGui[..., Any],
        given: Mapping[str, Any],
        layers: Iterable[Any],
        before: Mapping[str, str],
        in_code: Collection[str] = (),
    ) -> Arguments:
        """Return what a function was called with.

        Parameters
        ----------
        given
            What the function got; it counts instead of what the fields show since.
        layers
            The layers of the viewer.
        before
            The states, by layer, that the call itself has changed since.
        in_code
            Arguments that code gave: their fields show something else.
        """
        parameters: list[Parameter] = []
        inputs: list[Slot] = []
        gaps: list[str] = []
        layers = list(layers)
        for name, value, choice in _fields(gui, given, in_code):
            found = _layers_in(value, choice, layers)
            if found:
                inputs += [self._slot(name, value, layer, before) for layer in found]
                if len(found) > 1 or isinstance(value, (list, tuple)):
                    gaps.append(f"“{name}” takes several layers at once")
                continue
            parameter = parameter_of(name, value)
            if parameter is None:
                inputs.append(Slot(name=name, data=self._states.value(name, value)))
                gaps.append(f"“{name}” was given data that is in no layer and no file")
                continue
            parameters.append(parameter)
            if parameter.type_name == "viewer":
                gaps.append("it works on the viewer itself")
            elif not can_be_restored(parameter):
                gaps.append(f"the value of “{name}” cannot be written down")
        return Arguments(tuple(parameters), tuple(inputs), gaps[0] if gaps else "")

    def marks(self, gui: FunctionGui[..., Any], layers: Iterable[Any]) -> dict[str, int]:
        """Return quick checks of the arrays that fields show, by state, as far as they are small.

        They tell whether a function wrote into what it was given.
        """
        found: dict[str, int] = {}
        left, layers = _MOST_MARKED, list(layers)
        for _, value, choice in _fields(gui, {}, ()):
            for layer in _layers_in(value, choice, layers):
                data = layer.data
                if (
                    isinstance(data, np.ndarray)
                    and data.nbytes <= left
                    and not data.dtype.hasobject
                ):
                    left -= data.nbytes
                    plain = np.ascontiguousarray(data).reshape(-1).view(np.uint8)
                    found[self._states.now(layer)] = zlib.crc32(plain.data)
        return found

    def _slot(self, name: str, value: Any, layer: Any, before: Mapping[str, str]) -> Slot:
        key = str(layer.unique_id)
        data = before.get(key) or self._states.now(layer)
        return Slot(name=name, data=data, passed_as="layer" if _is_layer(value) else "")


def _fields(
    gui: FunctionGui[..., Any], given: Mapping[str, Any], in_code: Collection[str]
) -> list[tuple[str, Any, str]]:
    """Return name, value and the words shown of each field that is an argument."""
    found = []
    for widget in gui:
        if widget.name and not widget.gui_only:
            value = given.get(widget.name, widget.value)
            choice = "" if widget.name in in_code else getattr(widget, "current_choice", "")
            found.append((widget.name, value, str(choice)))
    return found


def _layers_in(value: Any, choice: str, layers: list[Any]) -> list[Any]:
    """Return the layers that an argument is, or is the data of."""
    if _is_layer(value):
        return [value]
    if isinstance(value, (list, tuple)) and value and all(_is_layer(item) for item in value):
        return list(value)
    if not hasattr(value, "shape") and not isinstance(value, (list, tuple)):
        return []
    same = [layer for layer in layers if layer.data is value]
    named = choice.removesuffix(_CHOICE) if choice.endswith(_CHOICE) else ""
    if named and not any(layer.name == named for layer in same):
        same = same or [layer for layer in layers if layer.name == named]
    return sorted(same, key=lambda layer: layer.name != named)[:1]  # layers can share an array


def _is_layer(value: Any) -> bool:
    from napari.layers import Layer

    return isinstance(value, Layer)
