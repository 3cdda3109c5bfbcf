"""Work by hand on one layer, summed up while it goes on."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import Any

import numpy as np

from napari_fair.model import ManualWork

_PAUSE = 120.0
"""Seconds: a longer time between two strokes was not spent on the layer."""
_AT_ONCE = 20_000
"""Elements of a stroke that are summed up in the thread of the window; more wait for a worker."""


class HandWork:
    """Strokes of a brush, or edits of points and shapes, on one layer since the last step.

    Parameters
    ----------
    axis
        The axis that the view steps through; None for a layer without one.
    """

    def __init__(self, axis: int | None = None) -> None:
        self._axis = axis
        self._strokes = 0
        self._seconds = 0.0
        self._last: float | None = None
        self._modes: dict[str, None] = {}
        self._labels: set[int] = set()
        self._planes: set[int] = set()
        self._low: np.ndarray | None = None
        self._high: np.ndarray | None = None
        self._waiting: list[Any] = []

    @property
    def begun(self) -> bool:
        """Whether there is anything to record."""
        return self._strokes > 0

    @property
    def strokes(self) -> int:
        """Strokes or edits so far."""
        return self._strokes

    def paint(self, value: Iterable[Any], mode: str) -> None:
        """Add one stroke.

        Parameters
        ----------
        value
            What napari's event ``paint`` carries: a list of atoms, each a box with a mask, or
            indices with the values before and after.
        mode
            The layer's mode, e.g. ``paint``, ``erase``, ``fill``.
        """
        self._count(mode)
        for atom in value:
            if _elements(atom) > _AT_ONCE:
                self._waiting.append(atom)
            else:
                self._add(atom)

    def edit(self, mode: str, places: np.ndarray | None) -> None:
        """Add one edit of points or shapes.

        Parameters
        ----------
        places
            Data coordinates of the points or vertices, shape ``(n, dimensions)``.
        """
        self._count(mode)
        if places is not None and places.size:
            self._cover(np.floor(places.min(axis=0)), np.floor(places.max(axis=0)))
            if self._axis is not None:
                self._planes.update(int(p) for p in np.unique(np.floor(places[:, self._axis])))

    def summary(self) -> ManualWork:
        """Sum up; strokes that are too large for the window's thread are looked at now."""
        while self._waiting:
            self._add(self._waiting.pop())
        box: tuple[tuple[int, int], ...] = ()
        if self._low is not None and self._high is not None:
            box = tuple((int(a), int(b)) for a, b in zip(self._low, self._high, strict=True))
        return ManualWork(
            strokes=self._strokes,
            modes=tuple(self._modes),
            labels_touched=tuple(sorted(self._labels)),
            planes=tuple(sorted(self._planes)),
            bounding_box=box,
            minutes=round(self._seconds / 60, 2),
        )

    def _count(self, mode: str) -> None:
        now = monotonic()
        if self._last is not None and now - self._last <= _PAUSE:
            self._seconds += now - self._last
        self._last = now
        self._strokes += 1
        self._modes[mode] = None

    def _add(self, atom: Any) -> None:
        box = getattr(atom, "slice_key", None)
        if box is not None:
            low = np.array([part.start for part in box])
            high = np.array([part.stop - 1 for part in box])
            self._touch(atom.old_values, atom.new_value)
        else:
            indices, before, after = atom
            low = np.array([np.min(part) for part in indices])
            high = np.array([np.max(part) for part in indices])
            self._touch(before, after)
        self._cover(low, high)
        if self._axis is not None and self._axis < len(low):
            self._planes.update(range(int(low[self._axis]), int(high[self._axis]) + 1))

    def _touch(self, before: Any, after: Any) -> None:
        for values in (before, after):
            self._labels.update(int(value) for value in np.unique(values) if value)

    def _cover(self, low: np.ndarray, high: np.ndarray) -> None:
        if self._low is None or self._high is None:
            self._low, self._high = low, high
        else:
            self._low, self._high = np.minimum(self._low, low), np.maximum(self._high, high)


def _elements(atom: Any) -> int:
    values = getattr(atom, "old_values", None)
    if values is None:
        values = atom[1]
    return int(np.size(values))
