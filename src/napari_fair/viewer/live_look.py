"""Looks for a microscope in a docked widget, for as long as the dock is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

from napari_fair.viewer.live_cores import docked_core

if TYPE_CHECKING:
    from napari_fair.viewer.live_state import LiveModel

_LOOK = 500
"""Milliseconds between two looks for a docked core: napari tells of no docked widget."""


class CoreLook(QObject):
    """Lets a live session listen to the core of a docked widget."""

    def __init__(self, live: LiveModel, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._live, self._viewer = live, viewer
        self._heard_one = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now and from time to time."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more; the listener goes on."""
        self._timer.stop()

    def look(self) -> None:
        """Listen to the core of a docked widget; its window may have exchanged it."""
        core = docked_core(self._viewer)
        if core is not None or self._heard_one:
            self._heard_one = core is not None
            self._live.hear(core)
