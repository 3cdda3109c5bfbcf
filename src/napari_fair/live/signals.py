"""What a listener tells: signals, emitted in the listener's own thread."""

from __future__ import annotations

from psygnal import Signal

from napari_fair.live.acquisition import LiveImage
from napari_fair.model import EventNote


class LiveSignals:
    """The signals of a listener.

    Attributes
    ----------
    started, progressed, finished
        An image begins, has more frames (four times a second at most), or is done.
    unsaved
        An image that is not being saved, and the sentence that says so.
    asked
        What Micro-Manager does not know about the microscope; see `Listener.answer`.
    noted
        An event note was kept.
    failed
        A sentence: what went wrong. The acquisition does not notice.
    """

    started = Signal(LiveImage)
    progressed = Signal(LiveImage)
    finished = Signal(LiveImage)
    unsaved = Signal(LiveImage, str)
    asked = Signal(tuple)
    noted = Signal(EventNote)
    failed = Signal(str)
