"""The twelve faults of a calibration, and how each is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isclose, isfinite, log10
from typing import Any

from napari_fair.model import Origin, Quantity, Recorded, Trust, field, split_path
from napari_fair.model.units import UNKNOWN_UNITS, convert
from napari_fair.session.calibration_faults import Fault, fault_of, joined, number, said_of
from napari_fair.session.layer_calibration import (
    NO_UNIT,
    STEPS,
    Calibration,
    LayerCalibration,
    LayerStep,
    symbol,
)

_AGREE = 0.005
_UNLIKE = 2.0
_LARGEST_VIEW = 250_000.0
_SMALLEST = 1e-5
_SMALLEST_BY_LIGHT = 1e-3
_LARGEST_CAMERA_PIXEL = 1000.0
_DOTS_PER_INCH = (72, 75, 90, 96, 100, 120, 144, 150, 200, 240, 300, 360, 400, 600, 1200, 2400)
_PRINTER_TAGS = ("resolution", "phys", "jfif", "dpi", "exif")
_MEANS_LIGHT = ("channel.emission_wavelength", "objective.nominal_magnification")
_UNSAID = (Origin.LAYER.value, Origin.INFERRED.value)


def all_faults(known: Calibration, layers: tuple[LayerCalibration, ...]) -> tuple[Fault, ...]:
    """Return the faults of a record's image and of the layers that show it."""
    found = list(_record_faults(known))
    for layer in layers:
        found += _layer_faults(known, layer)
    found += _between_layers(known, layers)
    return tuple(joined(found))


# ---- the record -----------------------------------------------------------------------------


def _record_faults(known: Calibration) -> Iterator[Fault]:
    values: dict[str, float] = {}
    for letter in _axes_of(known):
        held, value = known.held(letter), known.quantity(letter)
        if held is None or value is None:
            continue
        kind = _kind_of_unit(letter, value.unit)
        if not kind:
            values[letter] = convert(value.value, value.unit, _unit(letter)) or 0.0
            kind = _kind_of_value(known, letter, values[letter], held)
        if kind:
            yield fault_of(known, letter, kind, said_of(value))
    yield from _unlike(known, values)
    yield from _z_not_stated(known, values)


def _kind_of_unit(letter: str, unit: str) -> str:
    if unit.strip().lower() in UNKNOWN_UNITS:
        return "pixel for unit" if "p" in unit.lower() else "missing unit"
    return "" if convert(1.0, unit, _unit(letter)) is not None else "impossible unit"


def _kind_of_value(known: Calibration, letter: str, value: float, held: Recorded[Any]) -> str:
    unsaid = held.origin in _UNSAID or held.trust is Trust.GUESSED
    if letter == "T":
        return "default time step" if value <= 0 or (value == 1 and unsaid) else ""
    if _is_printers(value) and letter != "Z" and (unsaid or _is_printer_tag(held.where)):
        return "printer resolution"
    if value == 1 and unsaid:
        return "scale of one"
    fact = known.header(letter)
    slipped = fact is not None and held.value != fact and _slipped(value, fact.value)
    return "absurd size" if slipped or _is_absurd(known, letter, value) else ""


def _unlike(known: Calibration, values: Mapping[str, float]) -> Iterator[Fault]:
    x, y = values.get("X", 0.0), values.get("Y", 0.0)
    if x > 0 and y > 0 and max(x, y) / min(x, y) >= _UNLIKE * (1 - _AGREE):
        said = f"{number(x)} along X and {number(y)} along Y, in {_unit('X')}"
        yield replace(fault_of(known, "X", "X unlike Y", said), fields=(STEPS["X"], STEPS["Y"]))


def _z_not_stated(known: Calibration, values: Mapping[str, float]) -> Iterator[Fault]:
    held, value = known.held("Z"), known.quantity("Z")
    if held is None or value is None or values.get("Z", 1) == 1:
        return
    unsaid = held.origin in _UNSAID or held.trust is Trust.GUESSED
    if unsaid and _agree(values["Z"], values.get("X", 0.0)):
        yield fault_of(known, "Z", "Z as XY", said_of(value))


# ---- a layer --------------------------------------------------------------------------------


def _layer_faults(known: Calibration, layer: LayerCalibration) -> Iterator[Fault]:
    steps = layer.steps(known)
    for letter in _axes_of(known, layer):
        step = steps.get(letter)
        kind = _kind_of_step(known, letter, step, steps) if step is not None else ""
        if step is not None and kind:
            said = f"{number(step.scale)} {symbol(step.unit)}"
            yield fault_of(known, letter, kind, said, layer, step)


def _kind_of_step(
    known: Calibration, letter: str, step: LayerStep, steps: Mapping[str, LayerStep]
) -> str:
    value = _value(known, letter)
    quantity = step.quantity(STEPS[letter])
    if step.unit and quantity is None:
        return "impossible unit"
    if quantity is not None and _agrees(quantity, known.quantity(letter)):
        return ""
    if letter == "T" and step.scale in (0.0, 1.0):
        return "default time step"
    if quantity is None:
        return _kind_without_unit(known, letter, step, steps)
    if value is None:
        return _kind_unconfirmed(known, letter, quantity.value, steps)
    return _kind_beside(known, letter, quantity.value, step.scale)


def _kind_without_unit(
    known: Calibration, letter: str, step: LayerStep, steps: Mapping[str, LayerStep]
) -> str:
    value = _value(known, letter)
    if value is not None:
        return "lost scale" if step.scale == 1 and value != 1 else "pixel for unit"
    if step.scale == 1:
        return "scale of one"
    return "Z as XY" if letter == "Z" and _as_x(step, steps) else "missing unit"


def _kind_unconfirmed(
    known: Calibration, letter: str, value: float, steps: Mapping[str, LayerStep]
) -> str:
    """Judge a number with a unit that neither the file nor a person confirms."""
    if letter == "T":
        return ""
    if value == 1 or steps[letter].scale == 1:
        return "scale of one"
    if letter == "Z" and _as_x(steps[letter], steps):
        return "Z as XY"
    if letter != "Z" and _is_printers(value):
        return "printer resolution"
    return "absurd size" if _is_absurd(known, letter, value) else ""


def _kind_beside(known: Calibration, letter: str, value: float, scale: float) -> str:
    """Judge a number with a unit beside another one in the record."""
    held = _value(known, letter) or 0.0
    if _slipped(value, held) or (letter != "T" and _is_absurd(known, letter, value)):
        return "absurd size"
    if scale == 1:
        return "lost scale"
    if letter in "XY" and _is_printers(value):
        return "printer resolution"
    return "layer disagrees"


def _as_x(step: LayerStep, steps: Mapping[str, LayerStep]) -> bool:
    across = steps.get("X")
    return across is not None and across.unit == step.unit and _agree(across.scale, step.scale)


def _between_layers(known: Calibration, layers: tuple[LayerCalibration, ...]) -> Iterator[Fault]:
    first: dict[str, tuple[LayerCalibration, LayerStep]] = {}
    for layer in layers:
        for letter, step in layer.steps(known).items():
            before, other = first.setdefault(letter, (layer, step))
            if symbol(other.unit) != symbol(step.unit):
                said = (
                    f"{step.unit or NO_UNIT} here and {other.unit or NO_UNIT} "
                    f"in the layer {before.name!r}"
                )
                yield fault_of(known, letter, "units differ", said, layer, step)


# ---- what is believed -----------------------------------------------------------------------


def _is_absurd(known: Calibration, letter: str, value: float) -> bool:
    if not isfinite(value) or value < _SMALLEST:
        return True
    if value * (known.size(letter) or 1) > _LARGEST_VIEW:
        return True
    if letter == "Z":
        return False
    lens = known.image.facts.get("objective.nominal_magnification")
    if lens is not None and value * (lens.value or 0) > _LARGEST_CAMERA_PIXEL:
        return True
    return value < _SMALLEST_BY_LIGHT and _by_light(known)


def _by_light(known: Calibration) -> bool:
    return any(
        fact.given
        and split_path(path)[0]
        in ("channel.emission_wavelength", "objective.nominal_magnification")
        for path, fact in known.image.facts.items()
    )


def _slipped(value: float, other: float) -> bool:
    """Return whether two numbers differ by 1000 or a power of it."""
    if value <= 0 or other <= 0:
        return False
    thousands = log10(value / other) / 3
    return round(thousands) != 0 and abs(thousands - round(thousands)) * 3 < log10(1 + _AGREE)


def _is_printers(value: float) -> bool:
    # tags hold rounded numbers such as 28.34 dots per centimetre
    return any(isclose(value, 25_400 / dots, rel_tol=1e-3) for dots in _DOTS_PER_INCH)


def _is_printer_tag(where: str) -> bool:
    return any(word in where.lower() for word in _PRINTER_TAGS) and "imagej" not in where.lower()


def _agree(value: float, other: float) -> bool:
    return isclose(value, other, rel_tol=_AGREE)


def _agrees(quantity: Quantity, held: Quantity | None) -> bool:
    value = convert(held.value, held.unit, quantity.unit) if held is not None else None
    return value is not None and _agree(quantity.value, value)


def _value(known: Calibration, letter: str) -> float | None:
    """Return the step in force in the field's unit, None when nobody stated one that can be."""
    recorded, held = known.held(letter), known.quantity(letter)
    if recorded is None or held is None or recorded.trust is Trust.GUESSED:
        return None
    value = convert(held.value, held.unit, _unit(letter))
    return value if value is not None and value > 0 else None


def _axes_of(known: Calibration, layer: LayerCalibration | None = None) -> Iterator[str]:
    """Yield X and Y, and Z and T where there is more than one plane or time point."""
    lengths = dict(zip(layer.letters(known), layer.shape, strict=False)) if layer else {}
    for letter in STEPS:
        if letter in "XY" or lengths.get(letter, known.size(letter) or 1) > 1:
            yield letter


def _unit(letter: str) -> str:
    return field(STEPS[letter]).unit
