"""What a person changed in a layer, offered to the record: names of channels, meaning of axes."""

from __future__ import annotations

from dataclasses import dataclass

from napari_fair.model import Origin, join_path
from napari_fair.session.calibration import Remedy
from napari_fair.session.layer_calibration import Calibration, LayerCalibration

_SIZES = {letter: f"image.size_{letter.lower()}" for letter in "ZCT"}
_BETWEEN = " \u00b7 "


@dataclass(frozen=True)
class Offer:
    """Something a layer says that the record does not.

    Attributes
    ----------
    sentence
        What the layer says and what the record says.
    choices
        What the record can take; a person may take none of them.
    """

    sentence: str
    choices: tuple[Remedy, ...]


def offered_name(known: Calibration, layer: str, channel: int | None) -> Offer | None:
    """Return what a layer's new name may mean: its channel's name, or the image's.

    Parameters
    ----------
    layer
        The name that somebody gave to the layer.
    channel
        The channel that the layer shows; None when it shows several.
    """
    name = layer.rpartition(_BETWEEN)[2].strip()
    if not name or name == known.name():
        return None
    choices: list[Remedy] = []
    count = known.size("C") or 1
    if channel is not None:
        if name == known.channel_name(channel):
            return None
        path = join_path("channel.name", channel)
        choices.append(_named("Use as channel name", path, name))
    if channel is None or count == 1:
        choices.append(_named("Use as image name", "image.name", name))
    before = known.channel_name(channel) if channel is not None else known.name() or "no name"
    kept = "channel" if channel is not None else "image"
    sentence = f"The layer is now called {name!r}; in the record the {kept} is {before!r}."
    return Offer(sentence, tuple(choices))


def _named(label: str, path: str, name: str) -> Remedy:
    return Remedy(label, ((path, name),), (), Origin.LAYER.value, name, f"layer {name!r}")


def offered_axes(known: Calibration, layer: LayerCalibration) -> Offer | None:
    """Return what the labels of a layer's axes say of the image's sizes, if it differs.

    Nothing is offered unless each axis is labelled X, Y, Z, T or C, and the layer holds as many
    planes as the image (of one channel, when the layer shows one).
    """
    letters = layer.labelled()
    if len(layer.shape) != len(letters) or not all(letters) or len({*letters}) < len(letters):
        return None
    lengths = dict(zip(letters, layer.shape, strict=True))
    wanted = {letter: lengths.get(letter, 1) for letter in _SIZES}
    held = {letter: known.size(letter) or 1 for letter in _SIZES}
    if "C" not in lengths and wanted["Z"] * wanted["T"] == held["Z"] * held["T"]:
        wanted["C"] = held["C"]
    changed = [letter for letter in _SIZES if wanted[letter] != held[letter]]
    if not changed or _planes(wanted) != _planes(held):
        return None
    values = tuple((_SIZES[letter], str(wanted[letter])) for letter in changed)
    said, before = _in_words(wanted, changed), _in_words(held, changed)
    where = f"layer {layer.name!r}"
    remedy = Remedy("Take it from the layer", values, (), Origin.LAYER.value, said, where)
    sentence = f"The axes of layer {layer.name!r} say {said}; the record says {before}."
    return Offer(sentence, (remedy,))


def _planes(sizes: dict[str, int]) -> int:
    return sizes["Z"] * sizes["C"] * sizes["T"]


_WORDS = {
    "Z": ("plane", "planes"),
    "C": ("channel", "channels"),
    "T": ("time point", "time points"),
}


def _in_words(sizes: dict[str, int], letters: list[str]) -> str:
    return ", ".join(f"{sizes[x]} {_WORDS[x][sizes[x] != 1]}" for x in letters)
