"""A small analysis, recorded: image, blur, threshold, labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from napari_fair.model import Tool
from napari_fair.provenance import Data, History, Ledger, record_step


def smooth(image: Any, sigma: float = 1.0) -> Any:
    """A stand-in for a plugin's filter."""
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(image, sigma)


def analysis(folder: Path) -> History:
    """Record an analysis of ``cells.tif``, whose labels are saved as ``labels.tif``."""
    from scipy.ndimage import gaussian_filter, label

    pixels = np.random.default_rng(0).random((48, 48)).astype("float32")
    tifffile.imwrite(folder / "cells.tif", pixels)
    ledger = Ledger()
    given = {"input": Data(pixels, path="cells.tif", name="cells")}
    with record_step(
        gaussian_filter, inputs=given, parameters={"sigma": 2.0}, to=ledger, folder=folder
    ) as step:
        step.output(blurred := gaussian_filter(pixels, 2.0), name="blurred")
    with record_step(
        np.greater, inputs={"x1": blurred}, parameters={"x2": 0.5}, to=ledger, folder=folder
    ) as step:
        step.output(mask := blurred > 0.5, name="mask")
    with record_step(label, inputs={"input": mask}, to=ledger, folder=folder) as step:
        nuclei, _ = label(mask)
        tifffile.imwrite(folder / "labels.tif", nuclei)
        step.output(nuclei, name="nuclei", path="labels.tif", slot="0")
    return ledger.history


def with_hand_work(history: History, folder: Path, *, saved: bool) -> History:
    """Add a step that cannot be run again, whose result may be in a file."""
    nuclei = tifffile.imread(folder / "labels.tif")
    nuclei[:5] = 0
    tifffile.imwrite(folder / "corrected.tif", nuclei)
    ledger = Ledger(history)
    path = "corrected.tif" if saved else ""
    with record_step(Tool(name="Painting"), to=ledger, folder=folder) as step:
        step.output(nuclei, name="corrected", path=path)
    return ledger.history
