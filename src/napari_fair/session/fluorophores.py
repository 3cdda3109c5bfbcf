"""What the vocabulary knows of the dye that somebody named: where it absorbs and emits."""

from __future__ import annotations

from dataclasses import dataclass

from napari_fair.model import Dataset, resolve
from napari_fair.model.declaration import join_path
from napari_fair.session.edits import image_of


@dataclass(frozen=True)
class WavelengthOffer:
    """Wavelengths of a dye for a channel that has none.

    Attributes
    ----------
    dye
        The vocabulary's name for it.
    where
        Which pack says so.
    missing
        Nanometres by path, of what nobody says of the channel yet.
    """

    dye: str
    where: str
    missing: dict[str, float]


def wavelengths_offered(dataset: Dataset, image: str, channel: int) -> WavelengthOffer | None:
    """Return what the vocabulary could add to a channel; None when it adds nothing."""
    from napari_fair.vocabulary.index import find_entry

    source, found = image_of(dataset, image)
    named = resolve(dataset, source, found, f"channel.{channel}.fluor")
    entry = find_entry(named.value, "fluorophore") if named and named.value else None
    if entry is None:
        return None
    missing: dict[str, float] = {}
    for column in ("excitation", "emission"):
        path = join_path(f"channel.{column}_wavelength", channel)
        if entry.extra.get(column) and resolve(dataset, source, found, path) is None:
            missing[path] = float(entry.extra[column])
    if not missing:
        return None
    return WavelengthOffer(entry.label, f"vocabulary of fluorophores: {entry.label}", missing)
