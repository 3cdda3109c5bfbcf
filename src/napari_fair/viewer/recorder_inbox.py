"""Steps of code that describes itself, on their way into the history of the right viewer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_fair.model import DataRef, SoftwareEnvironment, Step
    from napari_fair.viewer.recorder_layers import LayerStates
    from napari_fair.viewer.recorder_steps import StepWriter


class Inbox:
    """Takes steps of `record_step` for one viewer; those of another one are none of its own.

    Parameters
    ----------
    viewer
        Returns the viewer while it is there.
    """

    def __init__(self, writer: StepWriter, states: LayerStates, viewer: Callable[[], Any]) -> None:
        self._writer, self._states, self._viewer = writer, states, viewer

    def known(self, value: object) -> DataRef | None:
        """Return what stands for a layer or its data."""
        return self._states.ref_of(value)

    def record(
        self, step: Step, *data: DataRef, environment: SoftwareEnvironment | None = None
    ) -> None:
        """Take a step that used a layer of this viewer, or was done while it was in front."""
        slots = [*step.inputs, *step.outputs]
        if self._in_front() or any(self._states.has(slot.data) for slot in slots):
            self._states.publish(slot.data for slot in slots if self._states.has(slot.data))
            self._writer.take(step, data, environment)

    def complete(self, data_id: str, **known: Any) -> None:
        """Take checksums that were made later, of data that is here."""
        self._writer.complete(data_id, known)

    def _in_front(self) -> bool:
        from napari import current_viewer

        front = current_viewer()
        front = getattr(front, "__wrapped__", front)
        return front is None or front is self._viewer()
