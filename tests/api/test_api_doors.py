from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_fair.api import describe, open_folder
from napari_fair.files import FairError


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "cells.ome.tif"
    tifffile.imwrite(path, np.zeros((2, 6, 8), "uint8"), ome=True, metadata={"axes": "CYX"})
    return path


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_is_described_by_its_facts(image: Path, kind: type) -> None:
    header = describe(kind(image))

    facts = header.images[0].facts
    assert [facts[f"image.size_{axis}"].value for axis in "xyc"] == [8, 6, 2]
    assert header.format == "OME-TIFF"


def test_what_was_saved_is_there_when_the_folder_is_opened_again(image: Path) -> None:
    session = open_folder(str(image.parent))
    session.add(describe(image))
    session.set("study.title", "Spindles")
    session.save()
    session.close()

    again = open_folder(image.parent)

    assert again.view("study.title").text == "Spindles"
    assert [source.path for source in again.sources()] == ["cells.ome.tif"]
    again.close()


def test_the_record_can_lie_elsewhere(image: Path, tmp_path: Path) -> None:
    crate = tmp_path / "elsewhere"
    session = open_folder(image.parent, crate=str(crate))
    session.add(describe(image))
    session.save()
    session.close()

    assert (crate / "ro-crate-metadata.json").is_file()
    assert not (image.parent / "ro-crate-metadata.json").exists()


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FairError, match="gone"):
        open_folder(tmp_path / "gone")
