"""Which image, scene and channel the layers of a viewer show, and what they were made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from napari_fair.model import Dataset, ImageSource
from napari_fair.session.layer_calibration import STEPS, Calibration, LayerCalibration

_NAPARI_READER = "napari"
"""napari's own reader shows the first series of a file."""


def calibration_of(layer: Any) -> LayerCalibration:
    """Return how a layer is calibrated; marks have no shape that counts pixels."""
    found = LayerCalibration.of(layer)
    return found if hasattr(layer.data, "shape") and is_array(layer) else replace(found, shape=())


def is_array(layer: Any) -> bool:
    """Return whether a layer holds pixels: an image or labels."""
    from napari.layers import Image as ImageLayer
    from napari.layers import Labels

    return isinstance(layer, ImageLayer | Labels)


def parent_of(layer: Any, others: Iterable[Any]) -> Any:
    """Return the layer that another one was made from, None when nobody can tell.

    napari says it of copies and projections. Else it is a layer of pixels of the same shape (for
    a projection: of the last axes) that is measured in units; where there are several, all must
    be measured alike.
    """
    if layer.source.path or layer.source.sample:
        return None
    said = layer.source.parent() if layer.source.parent is not None else None
    if said is not None:
        return said
    before = [other for other in others if other is not layer and _may_be_parent(other, layer)]
    measures = {(tuple(each.scale), tuple(map(str, each.units))) for each in before}
    return before[0] if len(measures) == 1 else None


def _may_be_parent(other: Any, layer: Any) -> bool:
    if not (is_array(other) and is_array(layer)):
        return False
    shape, whole = calibration_of(layer).shape, calibration_of(other).shape
    units = map(str, other.units)
    return bool(shape) and whole[-len(shape) :] == shape and any(u != "pixel" for u in units)


def origin_of(layer: Any, others: Sequence[Any]) -> Any:
    """Return the layer that a copy, or what a plugin's widget made, goes back to."""
    seen: set[int] = set()
    while layer is not None and id(layer) not in seen:
        seen.add(id(layer))
        made = layer.source.parent is not None or layer.source.widget is not None
        parent = parent_of(layer, others) if made else None
        if parent is None:
            break
        layer = parent
    return layer


# ---- scenes and channels --------------------------------------------------------------------


def scenes_of(layer: Any, dataset: Dataset, source: ImageSource, layers: Sequence[Any]) -> set[str]:
    """Return the ids of the images of a source that a layer may be a view of.

    Parameters
    ----------
    layers
        The layers of the source's file, in napari's order.
    """
    images = source.images
    if len(images) < 2:
        return {image.id for image in images}
    known = {image.id: Calibration(dataset, source, image) for image in images}
    fitting = [image for image in images if _fits(layer, known[image.id])]
    named = [image for image in fitting if _names(layer, known[image.id])]
    if len(named) == 1:
        fitting = named
    elif layer.source.reader_plugin == _NAPARI_READER and images[0] in fitting:
        fitting = [images[0]]
    elif len(layers) == len(images) and layer in layers and images[layers.index(layer)] in fitting:
        fitting = [images[layers.index(layer)]]
    return {image.id for image in fitting}


def _fits(layer: Any, known: Calibration) -> bool:
    shape = calibration_of(layer).shape
    if not shape:
        return True
    sizes = [known.size("Y") or shape[-2], known.size("X") or shape[-1]]
    return list(shape[-2:]) == sizes


def _names(layer: Any, known: Calibration) -> bool:
    name = known.name()
    return bool(name) and name.casefold() in str(layer.name).casefold()


def alike(dataset: Dataset, source: ImageSource, ids: Iterable[str]) -> bool:
    """Return whether images have the same steps, so that it does not matter which one is shown."""
    images = [image for image in source.images if image.id in set(ids)]
    found = {
        tuple(repr(Calibration(dataset, source, image).quantity(letter)) for letter in STEPS)
        for image in images
    }
    return len(found) == 1


def channels_of(layers: Sequence[Any], known: Calibration) -> dict[str, int]:
    """Return the channel that each layer shows, by the layer's id, where it shows one.

    Channels are told by their names, else, when there are as many layers, by their order.
    """
    count = known.size("C") or 1
    single = [x for x in layers if is_array(x) and "C" not in calibration_of(x).letters(known)]
    if count == 1:
        return {str(layer.unique_id): 0 for layer in single}
    named = {str(layer.unique_id): _named_channel(layer, known, count) for layer in single}
    if None not in named.values() and len({*named.values()}) == len(named):
        return {id: channel for id, channel in named.items() if channel is not None}
    if len(single) == count:
        return {str(layer.unique_id): place for place, layer in enumerate(single)}
    return {}


def _named_channel(layer: Any, known: Calibration, count: int) -> int | None:
    name = str(layer.name).casefold()
    found = [i for i in range(count) if known.channel_name(i).casefold() in name]
    return found[0] if len(found) == 1 else None
