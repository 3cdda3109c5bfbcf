"""What the vocabulary knows of the dye that somebody named: where it absorbs and emits."""

from __future__ import annotations

from dataclasses import dataclass

from napari_fair.model import Dataset, Quantity, resolve
from napari_fair.model.fields import join_path
from napari_fair.session.edits import image_of


@dataclass(frozen=True)
class WavelengthOffer:
    """Wavelengths of a dye for a channel that has none, or has others.

    Attributes
    ----------
    dye
        The vocabulary's name for it.
    where
        Which pack says so.
    missing
        Nanometres by path, of what nobody says of the channel yet.
    other
        Nanometres by path, of what the channel has another value for.
    """

    dye: str
    where: str
    missing: dict[str, float]
    other: dict[str, float]


def wavelengths_offered(dataset: Dataset, image: str, channel: int) -> WavelengthOffer | None:
    """Return what the vocabulary could add to a channel; None when it adds nothing."""
    from napari_fair.vocabulary.index import find_entry

    source, found = image_of(dataset, image)
    named = resolve(dataset, source, found, f"channel.{channel}.fluor")
    entry = find_entry(named.value, "fluorophore") if named and named.value else None
    if entry is None:
        return None
    missing: dict[str, float] = {}
    other: dict[str, float] = {}
    for column in ("excitation", "emission"):
        peak = entry.extra.get(column, "")
        if not peak:
            continue
        path = join_path(f"channel.{column}_wavelength", channel)
        held = resolve(dataset, source, found, path)
        if held is None:
            missing[path] = float(peak)
        elif isinstance(held.value, Quantity) and held.value.value != float(peak):
            other[path] = float(peak)
    if not missing and not other:
        return None
    return WavelengthOffer(
        entry.label, f"vocabulary of fluorophores: {entry.label}", missing, other
    )
