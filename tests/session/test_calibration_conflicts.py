"""A file that contradicts itself: both values are listed and a person decides."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_fair.headers import read_header
from napari_fair.model import Conflict
from napari_fair.session import Session, open_folder

X = "image.physical_size_x"
OME = (
    '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
    '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="{x}" '
    'SizeY="24" SizeZ="1" SizeC="1" SizeT="1" PhysicalSizeX="0.1" PhysicalSizeY="0.1">'
    '<Channel ID="Channel:0:0" SamplesPerPixel="1"/><TiffData IFD="0"/></Pixels></Image></OME>'
)


def written(path: Path, *, width: int = 32, size: float = 0.1) -> Path:
    """An OME-TIFF of 32 × 24 pixels whose tags say how large one is, in µm."""
    tifffile.imwrite(
        path,
        np.zeros((24, 32), "uint8"),
        description=OME.format(x=width),
        resolution=(1e4 / size, 1e4 / size),
        resolutionunit="CENTIMETER",
        metadata=None,
    )
    return path


def opened(path: Path) -> tuple[Session, str]:
    session = open_folder(path.parent)
    return session, session.add(read_header(path)).images[0].id


def about(session: Session, path: str) -> Conflict:
    (conflict,) = [each for each in session.conflicts if each.path == path]
    return conflict


def test_tags_and_ome_xml_that_agree_are_no_conflict(tmp_path: Path) -> None:
    session, _ = opened(written(tmp_path / "a.ome.tif"))
    assert session.conflicts == ()


def test_tags_and_ome_xml_that_differ_are_listed_side_by_side(tmp_path: Path) -> None:
    session, image = opened(written(tmp_path / "a.ome.tif", size=0.2))
    said = about(session, X).candidates
    assert [round(each.value.value, 6) for each in said] == [0.1, 0.2]
    assert ["OME-XML" in said[0].where, "TIFF tag 282" in said[1].where] == [True, True]
    assert session.view(X, image).text == "0.1 µm"
    assert not session.unsaved


def test_sizes_that_differ_are_listed_and_the_stored_one_holds_until_decided(
    tmp_path: Path,
) -> None:
    session, image = opened(written(tmp_path / "a.ome.tif", width=64))
    assert [each.value for each in about(session, "image.size_x").candidates] == [32, 64]
    assert session.view("image.size_x", image).text == "32"


@pytest.mark.parametrize(("choice", "text"), [(0, "0.1 µm"), (1, "0.2 µm")])
def test_what_a_person_decides_holds_and_is_not_asked_again(
    tmp_path: Path, choice: int, text: str
) -> None:
    path = written(tmp_path / "a.ome.tif", size=0.2)
    session, image = opened(path)
    session.decide(about(session, X), choice)
    session.decide(about(session, "image.physical_size_y"), choice)
    assert session.view(X, image).text == text
    session.add(read_header(path))
    assert session.conflicts == ()
    session.save()
    session.close()
    again, image = opened(path)
    assert again.conflicts == ()
    assert again.view(X, image).text == text


def test_a_decision_can_be_taken_back(tmp_path: Path) -> None:
    session, image = opened(written(tmp_path / "a.ome.tif", size=0.2))
    before = session.conflicts
    session.decide(about(session, X), 1)
    session.undo()
    assert session.conflicts == before
    assert session.view(X, image).text == "0.1 µm"


def test_an_undecided_conflict_is_still_there_after_a_save(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ome.tif", size=0.2)
    session, _ = opened(path)
    session.save()
    session.close()
    again, _ = opened(path)
    assert sorted(each.path for each in again.conflicts) == [X, "image.physical_size_y"]


def test_arrays_and_ome_xml_of_a_store_that_differ_are_listed(tmp_path: Path) -> None:
    store = tmp_path / "a.zarr"
    (store / "OME").mkdir(parents=True)
    (store / "0" / "0").mkdir(parents=True)
    group = {"zarr_format": 2}
    scale = [{"type": "scale", "scale": [1, 1, 1, 0.2, 0.2]}]
    units = {"y": "micrometer", "x": "micrometer"}
    axes = [{"name": name, "type": "space", "unit": units.get(name)} for name in "zyx"]
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}, *axes]
    levels = [{"path": "0", "coordinateTransformations": scale}]
    image = {"multiscales": [{"version": "0.4", "axes": axes, "datasets": levels}]}
    array = {"zarr_format": 2, "shape": [1, 1, 1, 24, 32], "dtype": "|u1", "chunks": [1] * 5}
    for folder, name, content in (
        (store, ".zgroup", group),
        (store, ".zattrs", {"bioformats2raw.layout": 3}),
        (store / "0", ".zgroup", group),
        (store / "0", ".zattrs", image),
        (store / "0" / "0", ".zarray", array),
    ):
        (folder / name).write_text(json.dumps(content), "utf-8")
    (store / "OME" / "METADATA.ome.xml").write_text(OME.format(x=32), "utf-8")
    session, _ = opened(store)
    said = about(session, X).candidates
    assert sorted(each.value.value for each in said) == [0.1, 0.2]
