"""Images and models for the tests of the viewer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile


@pytest.fixture
def ome_tiff(tmp_path: Path) -> Path:
    """A small two-channel stack whose header states sizes, units and channel names."""
    folder = tmp_path / "2026-11-20_mitosis"
    folder.mkdir()
    path = folder / "HeLa_mitosis_03.ome.tif"
    y, x = np.mgrid[:128, :128]
    disk = ((y - 60) ** 2 + (x - 50) ** 2 < 900).astype("uint16")
    stack = np.stack([np.stack([disk * (100 + z), np.roll(disk, 20, 1) * 80]) for z in range(5)])
    tifffile.imwrite(
        path,
        stack,
        ome=True,
        photometric="minisblack",
        metadata={
            "axes": "ZCYX",
            "PhysicalSizeX": 0.108,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": 0.108,
            "PhysicalSizeYUnit": "µm",
            "PhysicalSizeZ": 0.3,
            "PhysicalSizeZUnit": "µm",
            "AcquisitionDate": "2026-11-20T14:03:00",
            "Channel": {"Name": ["DAPI", "488"], "Fluor": ["DAPI", "Alexa Fluor 488"]},
        },
    )
    return path


@pytest.fixture
def plain_tiff(tmp_path: Path) -> Path:
    """A file that says nothing but its size."""
    path = tmp_path / "plain.tif"
    tifffile.imwrite(path, np.zeros((32, 24), "uint8"))
    return path
