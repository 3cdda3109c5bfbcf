"""Work by hand that goes on: painting labels, setting and moving points and shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_fair.model import DataKind, StepKind
from napari_fair.provenance.software import package_tool
from napari_fair.viewer.recorder_layers import LayerStates, kind_of
from napari_fair.viewer.recorder_manual import HandWork
from napari_fair.viewer.recorder_steps import NAPARI, Outcome, StepWriter, clock

if TYPE_CHECKING:
    import weakref

    from napari_fair.model import Step

BY_HAND = "work by hand cannot be repeated by a script"
_VERBS = {DataKind.LABELS: "Painted", DataKind.POINTS: "Set points in"}
_EDITS = {"added": "add", "removed": "delete", "changed": "move"}


@dataclass
class _Open:
    layer: weakref.ref[Any]
    name: str
    before: str
    started: str
    work: HandWork


class Hands:
    """Sums up work by hand layer by layer; each sum becomes one step when it is closed."""

    def __init__(
        self, writer: StepWriter, states: LayerStates, done: Callable[[Step], object]
    ) -> None:
        self._writer, self._states, self._done = writer, states, done
        self._open: dict[str, _Open] = {}
        self.plane_axis: Callable[[Any], int | None] = lambda layer: None

    @property
    def going_on(self) -> dict[str, HandWork]:
        """What is being done by hand, by the name of the layer."""
        return {one.name: one.work for one in self._open.values()}

    def paint(self, layer: Any, value: Any) -> None:
        """Add a stroke on a labels layer."""
        self._at(layer).work.paint(value, str(layer.mode))
        self._states.touched(layer)

    def edit(self, layer: Any, action: str, indices: Any) -> None:
        """Add an edit of points or shapes; `action` is napari's ``added`` and the like."""
        places = _places(layer, indices) if action != "removed" else None
        self._at(layer).work.edit(_EDITS.get(action, action), places)

    def _at(self, layer: Any) -> _Open:
        import weakref

        key = str(layer.unique_id)
        found = self._open.get(key)
        if found is None:
            before = self._states.now(layer)
            self._states.touched(layer)
            work = HandWork(self.plane_axis(layer))
            found = _Open(weakref.ref(layer), layer.name, before, clock(), work)
            self._open[key] = found
        return found

    def close(self, key: str | None = None) -> None:
        """Write the step of one layer's work, or of all."""
        for one in [key] if key is not None else list(self._open):
            found = self._open.pop(one, None)
            if found is not None and found.work.begun:
                self._write(one, found)

    def drop(self) -> None:
        """Forget what is going on."""
        self._open.clear()

    def _write(self, key: str, found: _Open) -> None:
        layer = found.layer()
        if layer is None:
            return
        kind = kind_of(layer)
        data = self._states.begin(layer)
        outcome = Outcome(found.layer, key, layer.name, data, found.before)
        verb = _VERBS.get(kind, "Drew in")
        step = self._writer.write(
            f"{verb} “{layer.name}”",
            kind=StepKind.UPDATE,
            outcomes=[outcome],
            tool=package_tool(NAPARI).model_copy(update={"name": NAPARI}),
            gap=BY_HAND,
            manual=found.work.summary(),
            started=found.started,
            observed="paint" if kind is DataKind.LABELS else f"{kind.value} edit",
        )
        self._done(step)


def _places(layer: Any, indices: Any) -> np.ndarray | None:
    data = layer.data
    try:
        if isinstance(data, np.ndarray):
            return np.atleast_2d(data[list(indices)])
        return np.concatenate([np.atleast_2d(data[index]) for index in indices])
    except (IndexError, TypeError, ValueError):
        return None
