from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import tifffile
from typer.testing import CliRunner, Result

from napari_fair.cli import app

Run = Callable[..., Result]


def write_image(path: Path, *, axes: str = "CYX", scenes: int = 1, **metadata: Any) -> Path:
    """Write a small OME-TIFF; each scene has its own name."""
    shape = tuple({"C": 2, "Y": 6, "X": 8, "Z": 3}[axis] for axis in axes)
    seed = int.from_bytes(hashlib.sha256(path.name.encode()).digest()[:4])
    pixels = np.random.default_rng(seed).integers(0, 200, shape, dtype=np.uint8)
    with tifffile.TiffWriter(path, ome=True) as writer:
        for scene in range(scenes):
            told = {"axes": axes, "Name": f"scene {scene}", **metadata}
            writer.write(pixels, photometric="minisblack", metadata=told)
    return path


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file by its path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def run() -> Run:
    """Return what runs the program with words, as a terminal would."""

    def invoke(*words: str | Path) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return invoke


@pytest.fixture
def read(run: Run) -> Callable[..., Any]:
    """Return what runs a verb with ``--json`` and gives the document on standard output."""

    def invoke(*words: str | Path) -> Any:
        return orjson.loads(run(*words, "--json").stdout_bytes)

    return invoke


@pytest.fixture
def make_image() -> Callable[..., Path]:
    return write_image


@pytest.fixture
def contents() -> Callable[[Path], dict[str, str]]:
    return digests


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an awkward name and two images; it is the current folder."""
    place = tmp_path / "Mai #2 100% 🔬"
    place.mkdir()
    write_image(place / "a b.ome.tif", PhysicalSizeX=0.1, PhysicalSizeXUnit="µm")
    write_image(place / "ü#1.ome.tif")
    monkeypatch.chdir(place)
    return place
