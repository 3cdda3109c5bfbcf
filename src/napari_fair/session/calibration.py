"""The guard of an image's calibration: what is wrong in record and layers, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_fair.model import Dataset, Image, ImageSource, Origin, Quantity, Recorded, Trust, field
from napari_fair.session.calibration_checks import all_faults
from napari_fair.session.calibration_faults import KINDS, Fault, steps_in_words
from napari_fair.session.layer_calibration import (
    NO_UNIT,
    STEPS,
    Calibration,
    Layer,
    LayerCalibration,
    LayerChange,
    LayerStep,
    layer_step,
)
from napari_fair.session.table import Change
from napari_fair.session.texts import text_of

if TYPE_CHECKING:
    from napari_fair.session.session import Session

__all__ = [
    "FROM_HEADER",
    "FROM_LAYER",
    "FROM_RECORD",
    "KINDS",
    "NO_UNIT",
    "STEPS",
    "Calibration",
    "Fault",
    "Layer",
    "LayerCalibration",
    "LayerChange",
    "LayerStep",
    "Remedy",
    "calibration_faults",
    "from_parent",
    "layer_step",
    "offered_by_layer",
    "remedies",
    "take",
]


FROM_HEADER = "Take it from the header"
FROM_RECORD = "Take it from the record"
FROM_LAYER = "Take it from the layer"
_WRONG = ("absurd size", "printer resolution")
"""Faults of a number that nobody should take."""


@dataclass(frozen=True)
class Remedy:
    """One click: what it is called, and what it changes in record and layers.

    Attributes
    ----------
    values
        Path and text form of what the record is to say; blank: what the file says again.
    origin
        Where the values come from.
    said, where
        The values in words, and the place in the file or the layer that has them.
    """

    label: str
    values: tuple[tuple[str, str], ...] = ()
    layers: tuple[LayerChange, ...] = ()
    origin: str = Origin.HEADER.value
    said: str = ""
    where: str = ""


def calibration_faults(
    dataset: Dataset,
    source: ImageSource,
    image: Image,
    layers: Iterable[LayerCalibration] = (),
) -> tuple[Fault, ...]:
    """Return what is wrong with the calibration of an image and of the layers that show it.

    Parameters
    ----------
    dataset, source, image
        The record and the image in it; `image.facts` is what the file says.
    layers
        The layers that show this image at full resolution.
    """
    return all_faults(Calibration(dataset, source, image), tuple(layers))


def remedies(
    dataset: Dataset,
    source: ImageSource,
    image: Image,
    fault: Fault,
    layers: Iterable[LayerCalibration] = (),
) -> tuple[Remedy, ...]:
    """Return what can be done about a fault with one click, best first; empty: type the value.

    "Take it from the header" is there when the file states the value, "from the record" when a
    person said something else, "from the layer" when the layer has a number with a unit. Each
    changes the record and all `layers` together.
    """
    known, shown = Calibration(dataset, source, image), tuple(layers)
    letters = [letter for letter, path in STEPS.items() if path in (fault.fields or (fault.field,))]
    found = (
        _from_header(known, letters, shown),
        _from_record(known, letters, shown),
        _from_layer(known, letters, shown, fault.layer) if fault.kind not in _WRONG else None,
    )
    return tuple(remedy for remedy in found if remedy is not None)


def take(session: Session, image: str, remedy: Remedy) -> list[str]:
    """Change the record as a remedy says, as one edit; the caller changes the layers.

    Returns sentences about what could not be taken.
    """
    changes = [Change(image, path, "", text) for path, text in remedy.values]
    return session.set_many(changes, origin=remedy.origin) if changes else []


def offered_by_layer(
    dataset: Dataset, source: ImageSource, image: Image, layer: LayerCalibration
) -> Remedy | None:
    """Return what a layer says that neither file nor person said, for the record to take.

    A step that is a fault of the layer is not offered.
    """
    known = Calibration(dataset, source, image)
    faulty = {path for fault in all_faults(known, (layer,)) for path in fault.fields}
    unknown = {x: step for x, step in layer.steps(known).items() if known.quantity(x) is None}
    read = {x: step.quantity(STEPS[x]) for x, step in unknown.items() if STEPS[x] not in faulty}
    found = {x: value for x, value in read.items() if value is not None}
    values = tuple((STEPS[x], _text(known, x, value)) for x, value in found.items())
    said, where = steps_in_words(found), f"layer {layer.name!r}"
    return _if_any(Remedy(FROM_LAYER, values, (), Origin.LAYER.value, said, where))


def from_parent(
    layer: LayerCalibration, parent: LayerCalibration, known: Calibration
) -> LayerChange | None:
    """Return the change that gives a layer the steps of the one it was made from.

    Axes are matched by their place where both have the same shape, else by what they are; None
    when nothing would change.
    """
    if layer.shape and layer.shape == parent.shape:
        units = tuple(parent.unit(place) or NO_UNIT for place in range(len(parent.scale)))
        change = LayerChange(layer.name, parent.scale, units)
        return None if layer.has(change) else change
    steps = {
        letter: Quantity(value=step.scale, unit=step.unit)
        for letter, step in parent.steps(known).items()
        if step.unit and step.scale > 0
    }
    return layer.with_steps(steps, known) if steps else None


def _from_header(
    known: Calibration, letters: Sequence[str], layers: Sequence[LayerCalibration]
) -> Remedy | None:
    facts = {letter: fact for letter in letters if (fact := known.header(letter)) is not None}
    guesses = [x for x in facts if known.image.facts[STEPS[x]].trust is Trust.GUESSED]
    if not facts or len(facts) < len(letters) or guesses:
        return None
    differing = {x: fact for x, fact in facts.items() if known.quantity(x) != fact}
    values = tuple((STEPS[x], _as_text(known, x, fact)) for x, fact in differing.items())
    where = next((held.where for x in facts if (held := known.image.facts[STEPS[x]]).where), "")
    changes = _changes(known, facts, layers)
    said = steps_in_words(facts)
    return _if_any(Remedy(FROM_HEADER, values, changes, said=said, where=where))


def _as_text(known: Calibration, letter: str, fact: Quantity) -> str:
    """Return blank where dropping the image's own value lets the file speak again."""
    path = STEPS[letter]
    hidden = path in known.source.overrides or path not in known.image.overrides
    return _text(known, letter, fact) if hidden else ""


def _from_record(
    known: Calibration, letters: Sequence[str], layers: Sequence[LayerCalibration]
) -> Remedy | None:
    said = {x: value for x in letters if (value := known.quantity(x)) is not None}
    if not said or len(said) < len(letters):
        return None
    if all(known.header(letter) == value for letter, value in said.items()):
        return None
    held = known.held(next(iter(said)))
    origin = held.origin if held is not None else ""
    changes, words = _changes(known, said, layers), steps_in_words(said)
    return _if_any(Remedy(FROM_RECORD, (), changes, origin, words, origin))


def _from_layer(
    known: Calibration, letters: Sequence[str], layers: Sequence[LayerCalibration], name: str
) -> Remedy | None:
    layer = next((each for each in layers if each.name == name), None)
    steps = layer.steps(known) if layer is not None else {}
    said = {
        letter: value
        for letter in letters
        if letter in steps and (value := steps[letter].quantity(STEPS[letter])) is not None
    }
    if not said or len(said) < len(letters) or any(each.value <= 0 for each in said.values()):
        return None
    differing = {x: value for x, value in said.items() if known.quantity(x) != value}
    values = tuple((STEPS[x], _text(known, x, value)) for x, value in differing.items())
    changes = _changes(known, said, layers)
    words, where = steps_in_words(said), f"layer {name!r}"
    return _if_any(Remedy(FROM_LAYER, values, changes, Origin.LAYER.value, words, where))


def _text(known: Calibration, letter: str, value: Quantity) -> str:
    return text_of(known.dataset, field(STEPS[letter]), Recorded(value=value))


def _changes(
    known: Calibration, steps: Mapping[str, Quantity], layers: Sequence[LayerCalibration]
) -> tuple[LayerChange, ...]:
    found = (layer.with_steps(steps, known) for layer in layers)
    return tuple(change for change in found if change is not None)


def _if_any(remedy: Remedy) -> Remedy | None:
    return remedy if remedy.values or remedy.layers else None
