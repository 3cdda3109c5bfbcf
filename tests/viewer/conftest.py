"""Images and models for the tests of the viewer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile


@pytest.fixture(scope="session", autouse=True)
def _napari_icons(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let napari draw its icons once, where they stay for the whole session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("icons")))
        from napari.qt import get_qapp
        from napari.utils.theme import available_themes, get_theme, register_theme

        for name in available_themes():
            register_theme(name, get_theme(name), "builtin")
        get_qapp()


@pytest.fixture(autouse=True)
def _drafts_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep the folders of drafts out of the machine's temporary folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("drafts")))


def _cells(plane: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw round nuclei and the bright rims around them, shape (128, 128), uint16."""
    y, x = np.mgrid[:128, :128]
    nuclei, rims = np.zeros((2, 128, 128))
    for row, column, size in ((40, 34, 15), (84, 60, 18), (38, 92, 13), (96, 106, 11)):
        away = np.hypot(y - row, x - column) / (size - abs(plane - 2))
        nuclei += np.exp(-(away**4))
        rims += np.exp(-(((away - 1.3) * 4) ** 2))
    return (nuclei * 900).astype("uint16"), (rims * 700).astype("uint16")


@pytest.fixture
def ome_tiff(tmp_path: Path) -> Path:
    """A small two-channel stack whose header states sizes, units and channel names."""
    folder = tmp_path / "2026-11-20_mitosis"
    folder.mkdir()
    path = folder / "HeLa_mitosis_03.ome.tif"
    stack = np.stack([np.stack(_cells(z)) for z in range(5)])
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
            "Channel": {
                "Name": ["DAPI", "488"],
                "Fluor": ["DAPI", "Alexa Fluor 488"],
                "Color": [0x2B5CFFFF, 0x35E06BFF],
            },
        },
    )
    return path


@pytest.fixture
def plain_tiff(tmp_path: Path) -> Path:
    """A file that says nothing but its size."""
    path = tmp_path / "plain.tif"
    tifffile.imwrite(path, np.zeros((32, 24), "uint8"))
    return path
