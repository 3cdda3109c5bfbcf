"""The simulated microscope of the demo: a core, two buttons, and a layer that fills up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_fair.live import demo_core

_SIDE = 256
_CHANNELS = ("DAPI", "FITC")
_COLORMAPS = ("bop blue", "green")


class DemoMicroscope(QWidget):
    """Acquires two channels, three planes and eight time points into an OME-Zarr store.

    Attributes
    ----------
    core
        The core that acquires; the dock finds it here, as it finds napari-micromanager's.
    """

    def __init__(self, viewer: Any, folder: Path) -> None:
        super().__init__()
        self.core = demo_core()
        self.core.setROI(0, 0, _SIDE, _SIDE)
        self.core.mda.events.frameReady.connect(self._frame)
        self.core.mda.events.sequenceFinished.connect(self._ended)
        self._viewer, self._folder = viewer, folder
        self._number = 0
        self._layers: list[Any] = []
        self._thread: Any = None
        self.start = QPushButton("Acquire", self)
        self.start.clicked.connect(self.acquire)
        self.stop = QPushButton("Stop", self)
        self.stop.setEnabled(False)
        self.stop.clicked.connect(lambda: self.core.mda.cancel())
        layout = QHBoxLayout(self)
        layout.addWidget(self.start)
        layout.addWidget(self.stop)

    def acquire(self) -> None:
        """Begin an acquisition; its frames appear as they come."""
        import useq

        self._number += 1
        sequence = useq.MDASequence(
            channels=[{"config": name, "exposure": 10} for name in _CHANNELS],
            z_plan={"range": 4, "step": 2},
            time_plan={"interval": 0.4, "loops": 8},
        )
        self._layers = self._shown(sequence)
        self.start.setEnabled(False)
        self.stop.setEnabled(True)
        path = self._folder / f"demo_{self._number:02}.ome.zarr"
        self._thread = self.core.run_mda(sequence, output=str(path))

    def _shown(self, sequence: Any) -> list[Any]:
        """Add an empty layer for each channel, told by the sequence's id as an acquisition's."""
        sizes = sequence.sizes
        size = self.core.getPixelSizeUm()
        found = []
        for name, colormap in zip(_CHANNELS, _COLORMAPS, strict=True):
            layer = self._viewer.add_image(
                np.zeros((sizes["t"], sizes["z"], _SIDE, _SIDE), "uint16"),
                name=f"demo_{self._number:02} · {name}",
                colormap=colormap,
                blending="additive",
                contrast_limits=(0, 255),
                scale=(1, 2, size, size),
                axis_labels=("t", "z", "y", "x"),
                units=("s", "um", "um", "um"),
                metadata={"napari_micromanager": {"uid": sequence.uid}},
            )
            found.append(layer)
        return found

    def _frame(self, pixels: Any, event: Any) -> None:
        time, plane = event.index["t"], event.index["z"]
        layer = self._layers[event.index["c"]]
        layer.data[time, plane] = pixels
        layer.contrast_limits = (int(pixels.min()), int(pixels.max()) or 1)
        if self._viewer.dims.current_step[:2] != (time, plane):
            self._viewer.dims.current_step = (time, plane, *self._viewer.dims.current_step[2:])
        layer.refresh()

    def _ended(self) -> None:
        self.start.setEnabled(True)
        self.stop.setEnabled(False)

    def close_down(self) -> None:
        """Stop what runs and let the devices go."""
        self.core.mda.cancel()
        if self._thread is not None:
            self._thread.join(10)
        self.core.unloadAllDevices()
