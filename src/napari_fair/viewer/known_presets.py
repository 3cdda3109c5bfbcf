"""The presets there are, read elsewhere: their folders may lie on a slow share."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

if TYPE_CHECKING:
    from napari_fair.session import Preset

_PATIENCE = 0.06
"""Seconds that a menu waits for the folders; on a disk they need a few milliseconds."""


class KnownPresets(QObject):
    """What was read last of all folders of presets.

    Attributes
    ----------
    arrived
        Presets that `read` could not wait for are there.
    """

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: dict[Path, Preset] = {}
        self._reading: Thread | None = None
        self._late = False

    @property
    def reading(self) -> bool:
        """Whether a folder has not answered yet."""
        return self._reading is not None and self._reading.is_alive()

    def read(self) -> dict[Path, Preset]:
        """Return the presets by file, sorted by name: as of now, or else as they were before."""
        if not self.reading:
            self._late = False
            self._reading = Thread(target=self._read, name="napari-fair presets", daemon=True)
            self._reading.start()
        if self._reading is not None:
            self._reading.join(_PATIENCE)
        self._late = self.reading
        return dict(self._known)

    def _read(self) -> None:
        from napari_fair.session.preset_shelf import saved_presets

        self._known = saved_presets()
        if self._late:
            with suppress(RuntimeError):  # the dock is gone
                self.arrived.emit()
