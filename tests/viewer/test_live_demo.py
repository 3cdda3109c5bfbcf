"""The demo of an acquisition, as the terminal runs it: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from napari_fair.model import fields
from napari_fair.session import open_folder, read_preset
from napari_fair.viewer.live_demo import PRESET

_RUN = "from napari_fair.cli import main; main()"


def test_the_preset_names_fields_that_there_are() -> None:
    preset = read_preset(PRESET)
    assert {*preset.values, *preset.states} <= set(fields())


def test_an_acquisition_is_described_while_it_runs_and_its_sidecars_are_valid(
    tmp_path: Path,
) -> None:
    for module in ("mm_test_adapters", "ome_writers", "pymmcore_plus"):
        pytest.importorskip(module)
    if not os.environ.get("DISPLAY") and sys.platform == "linux":
        pytest.skip("needs a display")
    output = tmp_path / "out put"
    done = subprocess.run(
        [sys.executable, "-c", _RUN, "demo", "--acquire", "--unattended", "--output", str(output)],
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OME-XML 2016-06, required: passed" in done.stdout
    assert "failed" not in done.stdout
    assert list((tmp_path / "data").rglob("*.toml")) == []
    session = open_folder(output)
    (source,) = session.sources()
    (image,) = source.images
    assert [(note.text, note.image) for note in session.dataset.notes] == [
        ("Noted by the demo", image.id)
    ]
    assert session.view("objective.lens_na", image.id).text == "0.45"
    assert session.view("study.license", image.id).text
    session.close()
