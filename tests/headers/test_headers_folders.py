from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_fair.files import UnreadableFile
from napari_fair.headers import image_paths

OME = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"{}>{}</OME>'


def tiff(path: Path, description: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, np.zeros((4, 4), "uint8"), metadata=None, description=description)
    return path


def names(folder: Path, *, recursive: bool = False) -> list[str]:
    return [
        path.relative_to(folder).as_posix() for path in image_paths(folder, recursive=recursive)
    ]


def described(*files: str) -> str:
    data = "".join(f'<TiffData><UUID FileName="{f}">urn:uuid:0</UUID></TiffData>' for f in files)
    return OME.format("", f'<Image ID="Image:0"><Pixels ID="Pixels:0">{data}</Pixels></Image>')


def test_images_are_listed_in_order_and_other_files_are_not(tmp_path):
    for name in ("b.tif", "a.tif"):
        tiff(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "fake.tif").write_text("not a TIFF")
    (tmp_path / "other.xml").write_text("<html/>")
    (tmp_path / "loose.ome.xml").write_text(OME.format("", '<Image ID="Image:0"/>'))
    assert names(tmp_path) == ["a.tif", "b.tif", "loose.ome.xml"]


def test_our_own_sidecars_are_never_images(tmp_path):
    tiff(tmp_path / "a.tif")
    ours = '<MapAnnotation Namespace="https://w3id.org/napari-fair/rembi/v1/biosample"/>'
    (tmp_path / "a.tif.companion.ome").write_text(OME.format("", ours))
    (tmp_path / "a.czi.omexml").write_text(OME.format(' Creator="napari-fair 0.1"', ""))
    (tmp_path / "ro-crate-metadata.json").write_text("{}")
    assert names(tmp_path) == ["a.tif"]


def test_hidden_and_unfinished_files_are_left_out(tmp_path):
    for name in (".a.tif", "b.tif.part", "c.tif.lock", "d.tif.tmp"):
        tiff(tmp_path / name)
    assert names(tmp_path) == []


def test_subfolders_are_read_only_on_request_and_crates_never(tmp_path):
    tiff(tmp_path / "sub" / "a.tif")
    tiff(tmp_path / "x.crate" / "b.tif")
    tiff(tmp_path / "nested" / "c.tif")
    (tmp_path / "nested" / "ro-crate-metadata.json").write_text("{}")
    assert names(tmp_path) == []
    assert names(tmp_path, recursive=True) == ["sub/a.tif"]


def test_a_store_is_one_image_and_is_not_looked_into(tmp_path):
    for folder in ("s.zarr", "s.zarr/0"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".zgroup").write_text("{}")
    tiff(tmp_path / "s.zarr" / "inside.tif")
    assert names(tmp_path, recursive=True) == ["s.zarr"]


def test_a_set_appears_once_as_its_first_file(tmp_path):
    files = ["z1.ome.tif", "z0.ome.tif"]
    for name in files:
        tiff(tmp_path / name, described(*files))
    tiff(tmp_path / "other.tif")
    assert sorted(names(tmp_path)) == ["other.tif", "z1.ome.tif"]


def test_files_that_point_at_their_companion_stand_for_it(tmp_path):
    pointer = OME.format("", '<BinaryOnly MetadataFile="a.companion.ome" UUID="urn:uuid:1"/>')
    for name in ("z0.tif", "z1.tif"):
        tiff(tmp_path / name, pointer)
    (tmp_path / "a.companion.ome").write_text(described("z0.tif", "z1.tif"))
    assert names(tmp_path) == ["z0.tif"]


def test_a_companion_stands_for_files_that_say_nothing(tmp_path):
    for name in ("z0.tif", "z1.tif"):
        tiff(tmp_path / name)
    (tmp_path / "a.companion.ome").write_text(described("z0.tif", "z1.tif"))
    assert names(tmp_path) == ["a.companion.ome"]


def test_a_copy_of_an_ome_tiff_is_an_image_of_its_own(tmp_path):
    for name in ("a.ome.tif", "copy.ome.tif"):
        tiff(tmp_path / name, described("a.ome.tif"))
    assert names(tmp_path) == ["a.ome.tif", "copy.ome.tif"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_that_leave_the_folder_are_not_followed(tmp_path):
    outside = tiff(tmp_path / "outside" / "a.tif")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.tif").symlink_to(outside)
    (inside / "folder").symlink_to(outside.parent)
    (inside / "circle").symlink_to(inside)
    assert names(inside, recursive=True) == []


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(UnreadableFile, match="nowhere"):
        image_paths(tmp_path / "nowhere", recursive=False)
