"""An image whose pixels are read when they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LazyImage:
    """Dask arrays of one image; nothing is read until a chunk is asked for.

    Attributes
    ----------
    levels
        The pyramid, full resolution first; one array when there is no pyramid.
    axes
        A letter for each dimension, in the arrays' order: ``T``, ``C``, ``Z``, ``Y``, ``X``, ``S``
        for colour samples, anything else as the file calls it.
    """

    levels: tuple[Any, ...]
    axes: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape at full resolution, in the order of `axes`."""
        return tuple(self.levels[0].shape)

    @property
    def data(self) -> Any:
        """The array, or the list of arrays of a pyramid, as viewers take it."""
        return list(self.levels) if len(self.levels) > 1 else self.levels[0]

    @property
    def rgb(self) -> bool:
        """Whether the last axis holds the samples of a colour image."""
        return self.axes.endswith("S") and self.shape[-1] in (3, 4)
