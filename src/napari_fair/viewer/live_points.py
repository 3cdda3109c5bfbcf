"""Event notes as points on the image, where frame and layer tell where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_fair.model import EventNote

NAME = "Notes"
_OF = {"t": "the_t", "time": "the_t", "c": "the_c", "z": "the_z"}
"""Attribute of a note that counts along an axis, by the axis's name."""


def show_notes(viewer: Any, image: Any, notes: Sequence[EventNote]) -> Any:
    """Show notes as points in the middle of their frames, in a layer of their own.

    Parameters
    ----------
    image
        The layer of the image. Axes that are not called t, c or z take the middle.

    Returns
    -------
    Points
        The layer; made anew, because the notes may have changed.
    """
    hide_notes(viewer)
    points = [_point(image, note) for note in notes]
    return viewer.add_points(
        points,
        ndim=image.ndim,
        name=NAME,
        scale=image.scale,
        translate=image.translate,
        size=max(min(image.data.shape[-2:]) / 20, 2),
        face_color="transparent",
        border_color="gold",
        text={"string": [note.text for note in notes], "color": "gold", "anchor": "upper_left"},
        metadata={_KEY: True},
    )


_KEY = "napari-fair notes"


def hide_notes(viewer: Any) -> None:
    """Remove the layer of notes."""
    for layer in [one for one in viewer.layers if _KEY in one.metadata]:
        viewer.layers.remove(layer)


def _point(image: Any, note: EventNote) -> list[float]:
    shape = image.data.shape[: image.ndim]
    place = [(size - 1) / 2 for size in shape]
    for axis, label in enumerate(image.axis_labels[:-2]):
        at = getattr(note, _OF.get(label.casefold(), ""), None)
        if at is not None:
            place[axis] = min(float(at), shape[axis] - 1)
    return place
