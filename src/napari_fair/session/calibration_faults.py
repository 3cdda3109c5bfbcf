"""The kinds of faults of a calibration, and their sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from napari_fair.model import Quantity
from napari_fair.session.layer_calibration import (
    NO_UNIT,
    STEPS,
    Calibration,
    LayerCalibration,
    LayerStep,
)

KINDS = {
    "scale of one": "A scale of exactly 1 that nobody stated.",
    "Z as XY": "Z equals X and Y, but the file states no Z.",
    "missing unit": "A scale without a unit.",
    "impossible unit": "A unit that is no length, or no time.",
    "printer resolution": "Dots per inch of a printer or screen, taken for a pixel size.",
    "lost scale": "The layer counts in pixels; the file states a size.",
    "layer disagrees": "The layer's scale is not what the file states.",
    "default time step": "A time step of 0 or 1 that nobody stated.",
    "units differ": "Layers of one image have different units.",
    "X unlike Y": "X and Y differ by a factor of two or more.",
    "absurd size": "A size that no microscope has: often a unit that slipped by 1000.",
    "pixel for unit": "The layer has the unit pixel; the file states a length.",
}
"""The kinds of `Fault`, with a sentence each; docs/users/calibration.md explains them."""

_TYPE_IT = "enter what you know, or set it to unknown."
LOOK_IT_UP = f"Look it up at the microscope: {_TYPE_IT}"


@dataclass(frozen=True)
class Fault:
    """Something wrong with a calibration.

    Attributes
    ----------
    kind
        A key of `KINDS`.
    subject
        Id of the image.
    sentence
        What is wrong, for people.
    remedy
        What to do.
    field
        Path of the field it is about; `fields` when there are several with the same fault.
    from_header
        What the file says, in the field's unit; None when it says nothing.
    from_layer
        What the layer says, in the field's unit or, where it has none, in ``pixel``.
    in_force
        What the record says.
    layer
        The layer's name; empty when the record itself is at fault.
    """

    kind: str
    subject: str
    sentence: str
    remedy: str
    field: str
    from_header: Quantity | None = None
    from_layer: Quantity | None = None
    in_force: Quantity | None = None
    layer: str = ""
    fields: tuple[str, ...] = ()


_SENTENCES = {
    "scale of one": "{axes}: {said} is what software writes when nobody calibrated the image",
    "Z as XY": "{axes}: {said} is the pixel size again, but the file states no plane distance",
    "missing unit": "{axes}: {said} has no unit, so it measures nothing",
    "impossible unit": "{axes}: {said} is not a {dimension}",
    "printer resolution": "{axes}: {said} is a printer's or screen's resolution, no pixel size",
    "lost scale": "{axes}: {said} in the layer, but the record says {known}",
    "layer disagrees": "{axes}: {said} in the layer, but the record says {known}",
    "default time step": "{axes}: a step of {said} is what software writes when nobody stated one",
    "units differ": "{axes}: {said}; layers of one image need one unit",
    "X unlike Y": "Pixels are far from square: {said}",
    "absurd size": "{axes}: {said} is no size of a microscope's pixel here{than}",
    "pixel for unit": "{axes}: {said} counts in pixels{but}",
}


def fault_of(
    known: Calibration,
    letter: str,
    kind: str,
    said: str,
    layer: LayerCalibration | None = None,
    step: LayerStep | None = None,
) -> Fault:
    """Return a fault of the step along an axis, of the record or of a layer; see `joined`."""
    path, fact, held = STEPS[letter], known.header(letter), known.quantity(letter)
    plain = Quantity(value=step.scale, unit=step.unit or NO_UNIT) if step is not None else None
    return Fault(
        kind=kind,
        subject=known.image.id,
        sentence=_sentence(kind, said, fact if layer is None else held, letter),
        remedy=_remedy(fact, held, layer is not None),
        field=path,
        from_header=fact,
        from_layer=(step.quantity(path) or plain) if step is not None else None,
        in_force=held,
        layer=layer.name if layer is not None else "",
        fields=(path,),
    )


def _sentence(kind: str, said: str, other: Quantity | None, letter: str) -> str:
    """Return the sentence with the axes left open, for they are joined later."""
    beside = said_of(other) if other is not None else ""
    differs = beside if beside != said else ""
    return _SENTENCES[kind].format(
        axes="{axes}",
        said=said,
        dimension="time" if letter == "T" else "length",
        known=beside,
        than=f"; elsewhere it is {differs}" if differs else "",
        but=f", but elsewhere it is {differs}" if differs else "",
    )


def _remedy(fact: Quantity | None, held: Quantity | None, of_layer: bool) -> str:
    if fact is not None and (of_layer or held != fact):
        return f"Take {said_of(fact)} from the header, or {_TYPE_IT}"
    if of_layer and held is not None:
        return f"Take {said_of(held)} from the record, or {_TYPE_IT}"
    return LOOK_IT_UP


def joined(faults: Iterable[Fault]) -> list[Fault]:
    """Tell X, Y and Z in one sentence where the same is wrong with them."""
    alike: dict[tuple[object, ...], Fault] = {}
    for fault in faults:
        key = (fault.kind, fault.layer, fault.sentence, fault.from_layer, fault.from_header)
        if key in alike:
            fields = (*alike[key].fields, *fault.fields)
            alike[key] = replace(alike[key], fields=fields)
        else:
            alike[key] = fault
    return [_named(fault) for fault in alike.values()]


def _named(fault: Fault) -> Fault:
    letters = [letter for letter, path in STEPS.items() if path in fault.fields]
    axes = axes_in_words(letters)
    where = f"Layer {fault.layer!r}, {axes}" if fault.layer else f"{axes[0].upper()}{axes[1:]}"
    return replace(fault, sentence=fault.sentence.replace("{axes}", where) + ".")


def steps_in_words(steps: Mapping[str, Quantity]) -> str:
    """Return steps by axis as ``X and Y 0.1 µm, Z 0.3 µm``."""
    alike: dict[str, list[str]] = {}
    for letter in STEPS:
        if letter in steps:
            alike.setdefault(said_of(steps[letter]), []).append(letter)
    return ", ".join(f"{axes_in_words(letters)} {said}" for said, letters in alike.items())


def axes_in_words(letters: Sequence[str]) -> str:
    """Return axes as ``X and Y``; T is called time."""
    named = ["time" if letter == "T" else letter for letter in letters]
    return " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)


def said_of(value: Quantity) -> str:
    """Return a quantity in words."""
    return f"{number(value.value)} {value.unit}".strip()


def number(value: float) -> str:
    """Return a number as people write it."""
    return f"{value:.6g}"
