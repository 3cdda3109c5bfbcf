"""What a microscope told while it acquired outlives the next look at the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_fair.model import Fact, Header, ImageHeader, Origin
from napari_fair.session import open_folder


def _header(path: Path, origin: Origin, **facts: object) -> Header:
    said = {
        name.replace("__", "."): Fact(value=value, origin=origin) for name, value in facts.items()
    }
    return Header(path=str(path), format="OME-TIFF", images=(ImageHeader(index=0, facts=said),))


@pytest.mark.parametrize("origin", [Origin.ACQUISITION, Origin.PRESET])
def test_a_file_that_is_read_again_takes_nothing_from_what_was_told(
    tmp_path: Path, origin: Origin
) -> None:
    path = tmp_path / "a.tif"
    path.touch()
    session = open_folder(tmp_path)
    session.add(_header(path, origin, image__software="Micro-Manager", image__name="told"))
    read = {"image__size_x": 4, "image__name": "read"}
    (image,) = session.add(_header(path, Origin.HEADER, **read)).images
    assert {path: fact.value for path, fact in image.facts.items()} == {
        "image.software": "Micro-Manager",
        "image.name": "read",
        "image.size_x": 4,
    }
    session.close()


def test_a_file_that_no_longer_says_something_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.touch()
    session = open_folder(tmp_path)
    session.add(_header(path, Origin.HEADER, image__software="Micro-Manager"))
    (image,) = session.add(_header(path, Origin.HEADER, image__size_x=4)).images
    assert set(image.facts) == {"image.size_x"}
    session.close()
