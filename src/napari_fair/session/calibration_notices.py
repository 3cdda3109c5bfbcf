"""What people are told about calibrations, few sentences with what can be done about each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from napari_fair.model import Dataset, Image, ImageSource, Origin, Quantity
from napari_fair.session.calibration import (
    FROM_HEADER,
    Remedy,
    calibration_faults,
    from_parent,
    offered_by_layer,
    remedies,
)
from napari_fair.session.calibration_faults import LOOK_IT_UP, Fault, axes_in_words, steps_in_words
from napari_fair.session.calibration_offers import Offer, offered_axes, offered_name
from napari_fair.session.layer_calibration import (
    NO_UNIT,
    STEPS,
    Calibration,
    LayerCalibration,
    LayerStep,
)

_DEFAULTS = ("scale of one", "default time step")
FROM_PARENT = "Take it from the parent layer"


@dataclass(frozen=True)
class Notice:
    """One thing to know or decide about a calibration.

    Attributes
    ----------
    kind
        The kind of fault; ``offer`` for what a layer says and the record does not.
    text
        Sentences for people.
    remedies
        What one click can do; empty when only a person can tell.
    fields
        The fields it is about.
    """

    kind: str
    text: str
    remedies: tuple[Remedy, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """The layers of one image as they are now.

    Attributes
    ----------
    layers
        Views of the image itself.
    made
        Layers that were made from others, each with the one it was made from.
    renamed
        Names that people gave to layers, with the channel that the layer shows.
    relabelled
        Names of layers whose axes people named anew.
    """

    layers: tuple[LayerCalibration, ...] = ()
    made: tuple[tuple[LayerCalibration, LayerCalibration], ...] = ()
    renamed: tuple[tuple[str, int | None], ...] = ()
    relabelled: tuple[str, ...] = ()


def notices(
    dataset: Dataset, source: ImageSource, image: Image, shown: Shown
) -> tuple[Notice, ...]:
    """Return what there is to know about an image and its layers, decisions first.

    Layers with the same fault share a notice, and so do axes that one click can mend together.
    An image without an id is one without a file: there is no record that could take an offer.
    """
    known = Calibration(dataset, source, image)
    lost = [(one, parent) for one, parent in shown.made if is_lost(one, parent, known)]
    gone = {one.name for one, _ in lost}
    alike = tuple(one for one, _ in shown.made if one.name not in gone and _fits(one, known))
    layers = (*shown.layers, *alike)
    place = (dataset, source, image)
    found = [
        *_of_faults(place, calibration_faults(*place, layers), layers),
        *(_lost(place, known, one, parent) for one, parent in lost),
        *(_of_offers(known, shown, layers) if image.id else ()),
    ]
    return tuple(sorted(found, key=lambda notice: not notice.remedies))


def is_lost(layer: LayerCalibration, parent: LayerCalibration, known: Calibration) -> bool:
    """Return whether a layer counts in pixels, at one a step, along an axis its parent measures."""
    steps, before = layer.steps(known), parent.steps(known)
    measured = [letter for letter in steps if letter in before and _measures(before[letter])]
    return any(steps[letter].scale == 1 and not steps[letter].unit for letter in measured)


def _measures(step: LayerStep) -> bool:
    return bool(step.unit) and step.scale > 0


def _fits(layer: LayerCalibration, known: Calibration) -> bool:
    """Return whether a layer has the image's pixels: a crop or a resampled copy has its own."""
    lengths = dict(zip(layer.letters(known), layer.shape, strict=False))
    return all(lengths.get(x, size) == size for x in "XY" if (size := known.size(x)))


def _lost(
    place: tuple[Dataset, ImageSource, Image],
    known: Calibration,
    layer: LayerCalibration,
    parent: LayerCalibration,
) -> Notice:
    before = parent.steps(known)
    letters = [x for x in layer.steps(known) if x in before and _measures(before[x])]
    said = {x: Quantity(value=before[x].scale, unit=before[x].unit) for x in letters}
    change = from_parent(layer, parent, known)
    words, where = steps_in_words(_in_fields(said, before)), f"layer {parent.name!r}"
    origin = Origin.LAYER.value
    taken = Remedy(FROM_PARENT, (), (change,) if change else (), origin, words, where)
    fields = tuple(STEPS[letter] for letter in letters)
    fault = Fault("lost scale", known.image.id, "", "", fields[0], layer=layer.name, fields=fields)
    header = [r for r in remedies(*place, fault, (layer,)) if r.label == FROM_HEADER]
    other = "" if _same_shape(layer, parent) else " Its shape is another one: was it resampled?"
    text = f"Layer {layer.name!r} has lost its scale; {parent.name!r} has {words}.{other}"
    return Notice("lost scale", text, (taken, *header), fields)


def _in_fields(said: Mapping[str, Quantity], steps: Mapping[str, LayerStep]) -> dict[str, Quantity]:
    """Return steps in the units of the record, where they can be."""
    return {x: steps[x].quantity(STEPS[x]) or plain for x, plain in said.items()}


def _same_shape(layer: LayerCalibration, parent: LayerCalibration) -> bool:
    shared = min(len(layer.shape), len(parent.shape))
    return not shared or layer.shape[-shared:] == parent.shape[-shared:]


# ---- faults ---------------------------------------------------------------------------------


def _of_faults(
    place: tuple[Dataset, ImageSource, Image],
    faults: Iterable[Fault],
    layers: tuple[LayerCalibration, ...],
) -> list[Notice]:
    plain, others = _parted(faults, _is_napari_default)
    told = {path for fault in others if not fault.layer for path in fault.fields}
    groups: dict[tuple[str, bool], list[Fault]] = {}
    for fault in others:
        groups.setdefault((fault.kind, bool(fault.layer)), []).append(fault)
    found: list[Notice] = []
    for group in groups.values():
        whole = replace(group[0], fields=tuple(dict.fromkeys(x for f in group for x in f.fields)))
        choices = remedies(*place, whole, layers)
        if choices or len(group) == 1:
            found.append(_notice(group, choices, whole.fields))
        else:
            found += [_notice([f], remedies(*place, f, layers), f.fields) for f in group]
    return _without_repeats(
        [*found, *_never_calibrated([f for f in plain if not told.issuperset(f.fields)])]
    )


def _parted(
    faults: Iterable[Fault], test: Callable[[Fault], bool]
) -> tuple[list[Fault], list[Fault]]:
    parts: tuple[list[Fault], list[Fault]] = ([], [])
    for fault in faults:
        parts[not test(fault)].append(fault)
    return parts


def _is_napari_default(fault: Fault) -> bool:
    said = fault.from_layer
    return fault.kind in _DEFAULTS and said is not None and said.unit == NO_UNIT


def _never_calibrated(faults: Sequence[Fault]) -> Iterator[Notice]:
    """Tell in one sentence that napari shows pixels where nobody stated a size."""
    if faults:
        fields = tuple(dict.fromkeys(path for fault in faults for path in fault.fields))
        axes = axes_in_words([letter for letter, path in STEPS.items() if path in fields])
        count = len({fault.layer for fault in faults})
        text = (
            f"Nobody calibrated {axes}: the layer{'s' * (count > 1)} "
            f"count{'s' * (count == 1)} in pixels. {LOOK_IT_UP}"
        )
        yield Notice(faults[0].kind, text, (), fields)


def _notice(group: Sequence[Fault], choices: tuple[Remedy, ...], fields: tuple[str, ...]) -> Notice:
    """Tell faults of one kind in few sentences: layers with the same sentence together."""
    lines: dict[str, list[str]] = {}
    for fault in group:
        lead = f"Layer {fault.layer!r}, "
        lines.setdefault(fault.sentence.removeprefix(lead), []).append(fault.layer)
    text, before = "", ""
    for line, names in lines.items():
        lead = _layers(names)
        text += f" {lead}{line}" if lead != before else f" {line[0].upper()}{line[1:]}"
        before = lead
    advice = "" if choices else f" {LOOK_IT_UP}"
    return Notice(group[0].kind, text.strip() + advice, choices, fields)


def _layers(names: Sequence[str]) -> str:
    if not names[0]:
        return ""
    if len(names) == 1:
        return f"Layer {names[0]!r}, "
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    between = ", " if more else " and "
    return f"Layers {names[0]!r}{between}{names[1]!r}{more}, "


def _without_repeats(found: Sequence[Notice]) -> list[Notice]:
    """Leave out what the same click mends as a notice before."""
    kept: list[Notice] = []
    for notice in found:
        first = notice.remedies[:1]
        if not first or all(first[0] != other.remedies[0] for other in kept if other.remedies):
            kept.append(notice)
    return kept


# ---- offers ---------------------------------------------------------------------------------


def _of_offers(
    known: Calibration, shown: Shown, layers: Iterable[LayerCalibration]
) -> list[Notice]:
    place = (known.dataset, known.source, known.image)
    found: list[Notice] = []
    for layer in layers:
        remedy = offered_by_layer(*place, layer)
        if remedy is not None and all(remedy.values != n.remedies[0].values for n in found):
            text = f"Layer {layer.name!r} says {remedy.said}; the record says nothing."
            found.append(Notice("offer", text, (remedy,), tuple(dict(remedy.values))))
    offers = [offered_name(known, name, channel) for name, channel in shown.renamed]
    offers += [offered_axes(known, x) for x in layers if x.name in shown.relabelled]
    return found + [_offered(offer) for offer in offers if offer is not None]


def _offered(offer: Offer) -> Notice:
    fields = tuple(path for remedy in offer.choices for path, _ in remedy.values)
    return Notice("offer", offer.sentence, offer.choices, fields)
