"""What a person noted while images were taken: "drug added", "focus lost"."""

from __future__ import annotations

from napari_fair.model.recorded import Frozen


class EventNote(Frozen):
    """A sentence with its time and, as far as known, its place.

    Attributes
    ----------
    text
        What happened, in the operator's words.
    time
        ISO 8601 with the offset of the clock it was read from.
    image
        Id of the image that was being taken; empty when there was none.
    the_t, the_c, the_z
        The last frame that had been taken when the note was made.
    position_x, position_y, position_z
        Where the stage and the focus stood, in micrometres.
    author
        Who made the note; empty when nobody said.
    """

    id: str
    text: str
    time: str
    image: str = ""
    the_t: int | None = None
    the_c: int | None = None
    the_z: int | None = None
    position_x: float | None = None
    position_y: float | None = None
    position_z: float | None = None
    author: str = ""
