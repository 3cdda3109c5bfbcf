"""A folder of single planes on the command line: one image."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

from napari_fair.cli import app


@pytest.fixture
def planes(tmp_path: Path) -> Path:
    for z in range(4):
        tifffile.imwrite(tmp_path / f"cell_z{z:03d}.tif", np.zeros((24, 32), "uint8"))
    return tmp_path


def test_describe_tells_of_a_folder_of_planes_as_one_image(planes: Path) -> None:
    said = CliRunner().invoke(app, ["describe", str(planes), "--json"])
    (file,) = json.loads(said.stdout)["files"]
    assert [image["size_z"] for image in file["images"]] == [4]
    assert any("check that they are" in warning for warning in file["warnings"])


def test_annotate_makes_one_record_of_a_folder_of_planes(planes: Path) -> None:
    told = CliRunner().invoke(app, ["annotate", str(planes), "--set", "study.title=Cells"])
    assert told.exit_code == 0
    assert "check that they are" in told.stderr
    crate = json.loads((planes / "ro-crate-metadata.json").read_text("utf-8"))
    files = [entity["@id"] for entity in crate["@graph"] if "File" in entity["@type"]]
    assert sum(name.endswith(".tif") for name in files) == 4
    shown = CliRunner().invoke(app, ["show", str(planes), "--json"])
    assert len(json.loads(shown.stdout)["sources"]) == 1
