"""A record's scale, units and channels, as napari's layers take them."""

from __future__ import annotations

from napari_fair.model import Dataset, Image, ImageSource, Quantity, join_path, resolve
from napari_fair.model.units import MICRO

_UNITS = {
    "m": "meter",
    "cm": "centimeter",
    "mm": "millimeter",
    f"{MICRO}m": "micrometer",
    "nm": "nanometer",
    "s": "second",
    "ms": "millisecond",
    "min": "minute",
    "h": "hour",
}
_FIELDS = {
    "X": "image.physical_size_x",
    "Y": "image.physical_size_y",
    "Z": "image.physical_size_z",
    "T": "image.time_increment",
}
_TWO = ("magenta", "green")
_MANY = ("cyan", "yellow", "magenta", "red", "green", "blue")


class Calibration:
    """The values in force for one image; corrections by people go before the header.

    Parameters
    ----------
    dataset, source, image
        The record and the image in it.
    """

    def __init__(self, dataset: Dataset, source: ImageSource, image: Image) -> None:
        self._place = (dataset, source, image)

    def axis(self, letter: str) -> tuple[float, str]:
        """Return scale and unit of an axis; 1 and ``pixel`` when its step is unknown."""
        value = self._value(_FIELDS[letter]) if letter in _FIELDS else None
        if isinstance(value, Quantity) and value.value > 0 and value.unit in _UNITS:
            return value.value, _UNITS[value.unit]
        return 1.0, "pixel"

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

    def _value(self, path: str) -> object:
        held = resolve(*self._place, path)
        return held.value if held is not None else None
