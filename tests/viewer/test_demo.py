"""The demo, as the terminal runs it: in a process of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tifffile

from napari_fair.model import State, fields
from napari_fair.session import open_folder, read_preset
from napari_fair.viewer.demo import PRESET

_RUN = """
import sys
from pathlib import Path
from napari_fair.viewer.demo import run

image, output = (Path(text) if text else None for text in sys.argv[1:3])
sys.exit(run(image, output=output, unattended=True))
"""


def _demo(folder: Path, image: Path | None = None, output: Path | None = None) -> str:
    if not os.environ.get("DISPLAY") and sys.platform == "linux":
        pytest.skip("needs a display")
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(image or ""), str(output or "")],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_preset_states_only_what_is_documented_and_says_unknown_to_the_rest() -> None:
    preset = read_preset(PRESET)
    assert {*preset.values, *preset.states} <= set(fields())
    for name in ("biosample.organism", "study.authors", "image.physical_size_x"):
        assert preset.states[name] is State.UNKNOWN


def test_the_sample_is_filled_saved_and_comes_back(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    told = _demo(tmp_path)
    folder = tmp_path / "demo-output"
    assert {"ihc.png", "ihc.png.omexml", "ro-crate-metadata.json"} <= {
        path.name for path in folder.iterdir()
    }
    assert f"Screenshot: {folder / 'napari-fair-demo.png'}" in told
    assert "as it was left" in told
    session = open_folder(folder)
    (image,) = session.sources()[0].images
    assert session.view("image.physical_size_x", image.id).state is State.UNKNOWN
    assert "FHL2" in session.view("study.title", image.id).text


def test_an_image_of_the_user_is_not_copied_and_nothing_is_invented(
    ome_tiff: Path, tmp_path: Path
) -> None:
    before = hashlib.sha256(ome_tiff.read_bytes()).hexdigest()
    _demo(tmp_path, ome_tiff)
    assert hashlib.sha256(ome_tiff.read_bytes()).hexdigest() == before
    session = open_folder(ome_tiff.parent)
    (image,) = session.sources()[0].images
    assert session.view("image.physical_size_x", image.id).text == "0.108 µm"
    assert session.view("study.title", image.id).state is State.UNKNOWN


def test_the_record_goes_where_the_user_says(tmp_path: Path) -> None:
    image, output = tmp_path / "a.tif", tmp_path / "out"
    tifffile.imwrite(image, [[1, 2], [3, 4]])
    _demo(tmp_path, image, output)
    assert (output / "a.tif.crate" / "ro-crate-metadata.json").is_file()
    assert not (tmp_path / "ro-crate-metadata.json").exists()
