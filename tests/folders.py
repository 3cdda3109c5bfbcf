"""Folders with small images, and sessions on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile

from napari_fair.headers import read_header
from napari_fair.model import ImageSource
from napari_fair.session import Session, open_folder


def write_image(path: Path, *, size: int = 16, fill: int = 0) -> Path:
    """Write a small OME-TIFF with two channels."""
    tifffile.imwrite(
        path,
        np.full((2, 3, size, size), fill, "uint8"),
        ome=True,
        metadata={
            "axes": "CZYX",
            "PhysicalSizeX": 0.1,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": 0.1,
            "PhysicalSizeYUnit": "µm",
            "Channel": {"Name": ["DAPI", "GFP"], "AcquisitionMode": ["SpinningDiskConfocal"] * 2},
        },
    )
    return path


def opened(folder: Path, *images: Path) -> tuple[Session, list[ImageSource]]:
    """Open a folder with images in it."""
    session = open_folder(folder)
    return session, [session.add(read_header(image)) for image in images]
