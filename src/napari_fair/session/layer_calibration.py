"""Scale, units and channels of a record, as layers take them, and those that layers have.

A layer is known here by what `LayerCalibration` holds, so that nothing needs napari.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from napari_fair.model import (
    Dataset,
    Image,
    ImageSource,
    Quantity,
    Recorded,
    field,
    join_path,
    resolve,
)
from napari_fair.model.units import MICRO, UNKNOWN_UNITS, canonical_unit, convert

STEPS = {
    "X": "image.physical_size_x",
    "Y": "image.physical_size_y",
    "Z": "image.physical_size_z",
    "T": "image.time_increment",
}
"""The field that holds the step along an axis."""

NO_UNIT = "pixel"
_PLAIN_NUMBER = "dimensionless"
_NAPARI_UNITS = {
    "m": "meter",
    "cm": "centimeter",
    "mm": "millimeter",
    f"{MICRO}m": "micrometer",
    "nm": "nanometer",
    "pm": "picometer",
    "\u00c5": "angstrom",
    "s": "second",
    "ms": "millisecond",
    f"{MICRO}s": "microsecond",
    "ns": "nanosecond",
    "min": "minute",
    "h": "hour",
    "d": "day",
}
_AXES = {"x": "X", "y": "Y", "z": "Z", "t": "T", "time": "T", "c": "C", "channel": "C"}
_TWO = ("magenta", "green")
_MANY = ("cyan", "yellow", "magenta", "red", "green", "blue")


class Calibration:
    """The values in force for one image, as layers take them.

    Corrections by people go before the header.

    Parameters
    ----------
    dataset, source, image
        The record and the image in it.
    """

    def __init__(self, dataset: Dataset, source: ImageSource, image: Image) -> None:
        self.dataset, self.source, self.image = dataset, source, image

    def axis(self, letter: str) -> tuple[float, str]:
        """Return scale and unit of an axis; 1 and ``pixel`` when its step is unknown."""
        return layer_step(self.quantity(letter))

    def name(self) -> str:
        """Return the image's name inside its file."""
        return str(self._value("image.name") or "")

    def channel_name(self, index: int) -> str:
        """Return a channel's name, or its fluorophore, or its number."""
        found = (self._value(join_path(f"channel.{part}", index)) for part in ("name", "fluor"))
        return next((str(name) for name in found if name), f"channel {index + 1}")

    def colormap(self, index: int, count: int) -> str:
        """Return a channel's colour as ``#rrggbb`` or the name of one of napari's colormaps."""
        stated = self._value(join_path("channel.color", index))
        if stated:
            return str(stated)[:7]
        if count == 1:
            return "gray"
        return _TWO[index] if count == 2 else _MANY[index % len(_MANY)]

    def held(self, letter: str) -> Recorded[Any] | None:
        """Return what is in force for the step along an axis, if it is a value."""
        path = STEPS.get(letter)
        held = resolve(self.dataset, self.source, self.image, path) if path else None
        return held.recorded if held is not None and isinstance(held.value, Quantity) else None

    def quantity(self, letter: str) -> Quantity | None:
        """Return the step in force along an axis."""
        held = self.held(letter)
        return held.value if held is not None else None

    def header(self, letter: str) -> Quantity | None:
        """Return the step along an axis that the file itself states."""
        fact = self.image.facts.get(STEPS.get(letter, ""))
        return fact.value if fact is not None and isinstance(fact.value, Quantity) else None

    def size(self, letter: str) -> int | None:
        """Return the number of pixels, planes or time points along an axis."""
        value = self._value(f"image.size_{letter.lower()}")
        return value if isinstance(value, int) else None

    def _value(self, path: str) -> object:
        held = resolve(self.dataset, self.source, self.image, path)
        return held.value if held is not None else None


class Layer(Protocol):
    """What is read from a layer of napari."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def ndim(self) -> int:
        """The number of its axes, without that of colours."""

    @property
    def scale(self) -> Any:
        """Its steps."""

    @property
    def units(self) -> Any:
        """Their units."""

    @property
    def axis_labels(self) -> Any:
        """Their names."""

    @property
    def data(self) -> Any:
        """Its array; only the shape is asked for."""


@dataclass(frozen=True)
class LayerCalibration:
    """How a layer is calibrated.

    Attributes
    ----------
    scale, units, axis_labels
        One entry an axis, slowest first, as the layer has them.
    shape
        Number of pixels along each axis, without that of colours; may be left out.
    """

    name: str
    scale: tuple[float, ...]
    units: tuple[str, ...] = ()
    axis_labels: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()

    @classmethod
    def of(cls, layer: Layer) -> LayerCalibration:
        """Read a layer; call it on the thread that owns the layer."""
        shape = tuple(getattr(layer.data, "shape", ()))[: layer.ndim]
        return cls(
            name=str(layer.name),
            scale=tuple(float(step) for step in layer.scale),
            units=tuple(str(unit) for unit in layer.units),
            axis_labels=tuple(str(label) for label in layer.axis_labels),
            shape=shape if len(shape) == layer.ndim else (),
        )

    def letters(self, known: Calibration) -> tuple[str, ...]:
        """Return X, Y, Z, T or C for each axis; empty where nobody can tell.

        A label counts; without labels the last two axes are Y and X, and another one is Z or T
        if its length, or what the image has more than one of, leaves no other choice.
        """
        count = len(self.scale)
        found = list(self.labelled())
        for place, letter in ((count - 1, "X"), (count - 2, "Y")):
            if place >= 0 and not found[place] and letter not in found:
                found[place] = letter
        for place in range(count):
            if not found[place]:
                found[place] = self._only_choice(place, found, known)
        return tuple(found)

    def labelled(self) -> tuple[str, ...]:
        """Return X, Y, Z, T or C for each axis with such a label; empty for others."""
        count = len(self.scale)
        labels = self.axis_labels if len(self.axis_labels) == count else ("",) * count
        return tuple(_AXES.get(label.strip().lower(), "") for label in labels)

    def _only_choice(self, place: int, found: Sequence[str], known: Calibration) -> str:
        open_ = [x for x in "TCZ" if x not in found and self._may_be(place, x, known)]
        return open_[0] if len(open_) == 1 else ""

    def _may_be(self, place: int, letter: str, known: Calibration) -> bool:
        length = known.size(letter) or 1
        return length > 1 and (not self.shape or self.shape[place] == length)

    def unit(self, place: int) -> str:
        """Return the unit of an axis in the layer's words; empty when it says nothing."""
        unit = self.units[place].strip() if place < len(self.units) else ""
        return "" if unit.lower() in (*UNKNOWN_UNITS, _PLAIN_NUMBER) else unit

    def steps(self, known: Calibration) -> dict[str, LayerStep]:
        """Return the steps along X, Y, Z and T."""
        return {
            letter: LayerStep(self.scale[place], self.unit(place))
            for place, letter in enumerate(self.letters(known))
            if letter in STEPS
        }

    def with_steps(self, steps: Mapping[str, Quantity], known: Calibration) -> LayerChange | None:
        """Return the change that gives axes these steps; None when they have them already."""
        scale = list(self.scale)
        units = [self.unit(place) or NO_UNIT for place in range(len(self.scale))]
        for place, letter in enumerate(self.letters(known)):
            if letter in steps:
                scale[place], units[place] = layer_step(steps[letter])
        change = LayerChange(self.name, tuple(scale), tuple(units))
        return None if self.has(change) else change

    def has(self, change: LayerChange) -> bool:
        """Return whether the layer is what a change would make of it."""
        units = [symbol(self.unit(place)) for place in range(len(self.scale))]
        return self.scale == change.scale and units == [*map(symbol, change.units)]


@dataclass(frozen=True)
class LayerStep:
    """The step along one axis of a layer; `unit` is empty when the layer says nothing."""

    scale: float
    unit: str

    def quantity(self, path: str) -> Quantity | None:
        """Return it in the unit of a field, None when it has no such unit."""
        wanted = field(path).unit
        converted = convert(self.scale, self.unit, wanted) if self.unit else None
        return None if converted is None else Quantity(value=converted, unit=wanted)


def layer_step(value: object) -> tuple[float, str]:
    """Return a quantity as scale and unit of a layer; 1 and ``pixel`` when it cannot be one."""
    if isinstance(value, Quantity) and value.value > 0:
        unit = _NAPARI_UNITS.get(canonical_unit(value.unit) or "")
        if unit is not None:
            return value.value, unit
    return 1.0, NO_UNIT


def symbol(unit: str) -> str:
    """Return a unit's symbol, or the unit itself when it has none here."""
    return canonical_unit(unit) or unit or NO_UNIT


@dataclass(frozen=True)
class LayerChange:
    """Scale and units that a layer is to get, whole tuples: ``layer.scale``, ``layer.units``."""

    layer: str
    scale: tuple[float, ...]
    units: tuple[str, ...]
