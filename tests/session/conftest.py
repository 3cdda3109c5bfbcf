from __future__ import annotations

from pathlib import Path

import pytest

from folders import write_image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "Aufnahmen vom 3. Mai #2"
    place.mkdir()
    return place


@pytest.fixture
def image(folder: Path) -> Path:
    return write_image(folder / "HeLa zelle (1) 100% ü.ome.tif")
