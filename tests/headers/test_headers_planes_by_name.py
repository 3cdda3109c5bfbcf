from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_fair.headers import image_paths, image_sets, read_header, read_image_set, read_source
from napari_fair.model import Trust


@pytest.fixture
def folder(tmp_path):
    def make(names, shape=(6, 8), **options) -> Path:
        options = {"photometric": "minisblack", "metadata": None, **options}
        for name in names:
            tifffile.imwrite(tmp_path / name, np.zeros(shape, "uint16"), **options)
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("names", "sizes"),
    [
        ([f"img_z{z:03d}.tif" for z in range(5)], (5, 1, 1)),
        (
            [
                f"a_t{t:02d}_z{z:02d}_ch{c:02d}.tif"
                for t in range(2)
                for z in range(3)
                for c in (0, 1)
            ],
            (3, 2, 2),
        ),
        (
            [f"img_channel00{c}_time00000000{t}_z000.tif" for c in (0, 1) for t in range(3)],
            (1, 2, 3),
        ),
        ([f"Channel_{c}.tif" for c in range(3)], (1, 3, 1)),
        ([f"seq0000xy01c{c}z{z}.tif" for c in (1, 2) for z in (1, 2, 3)], (3, 2, 1)),
        ([f"movie frame{t}.TIF" for t in range(1, 12)], (1, 1, 11)),
        ([f"A01_T{t:04d}.tif" for t in range(1, 5)], (1, 1, 4)),
    ],
)
def test_names_that_say_so_clearly_make_one_set(folder, names, sizes):
    found = image_sets(folder(names))
    assert [(s.size_z, s.size_c, s.size_t) for s in found] == [sizes]
    assert sorted(path.name for path in found[0].files) == sorted(names)


@pytest.mark.parametrize(
    "names",
    [
        [f"img_{n:03d}.tif" for n in range(5)],
        ["mouse_t1_c1.tif", "mouse_t1_c2.tif", "mouse_t2_c1.tif", "mouse_t2_c2.tif"],
        ["control_c1.tif", "control_c2.tif", "control_c3.tif"],
        [f"plate_C{n:02d}.tif" for n in range(1, 13)],
        [f"{row}{n:02d}.tif" for row in "ABCD" for n in range(1, 4)],
        [f"r01c{c:02d}f01p01-ch{h}.tiff" for c in range(1, 4) for h in (1, 2)],
        ["mitoc1.tif", "mitoc2.tif", "actin3.tif"],
        ["scan_z1.tif", "scan_z2.tif"],
        ["img_z000.tif", "img_z001.tif", "img_z003.tif"],
        ["a_z0_ch0.tif", "a_z0_ch1.tif", "a_z1_ch0.tif"],
        ["patient_t1.tif", "patient_t2.tif", "patient_t3.tif"],
        ["img_z000.tif"],
        [f"img_z{n:03d}.tif" for n in (40, 41, 42)],
        [],
    ],
)
def test_names_that_may_mean_something_else_make_none(folder, names):
    assert image_sets(folder(names)) == []


def test_wells_and_positions_make_sets_of_their_own(folder):
    names = [f"{well}_z{z:03d}.tif" for well in ("A01", "C02", "C03") for z in range(3)]
    assert [(s.name, s.size_z) for s in image_sets(folder(names))] == [
        ("A01_z*.tif", 3),
        ("C02_z*.tif", 3),
        ("C03_z*.tif", 3),
    ]


def test_planes_of_different_size_are_no_set(folder):
    path = folder([f"img_z{z:03d}.tif" for z in range(3)])
    folder(["img_z001.tif"], (6, 9))
    assert image_sets(path) == []


@pytest.mark.parametrize(
    "options",
    [
        {"shape": (2, 6, 8)},
        {"shape": (6, 8, 3), "photometric": "rgb"},
        {"metadata": {}, "ome": True},
    ],
)
def test_stacks_colour_pictures_and_ome_tiffs_are_no_planes(folder, options):
    assert image_sets(folder([f"img_z{z:03d}.tif" for z in range(3)], **options)) == []


def test_files_run_through_the_channels_first(folder):
    names = [f"a_t{t}_z{z}_ch{c}.tif" for t in (0, 1) for z in (0, 1) for c in (0, 1)]
    assert [path.name for path in image_sets(folder(names))[0].files] == names


def test_the_header_of_a_set_is_a_guess_that_can_be_checked(folder, sizes, value):
    path = folder(
        [f"img_z{z:03d}.tif" for z in range(5)],
        resolution=(20000, 20000),
        resolutionunit="CENTIMETER",
    )
    header = read_image_set(image_sets(path)[0])
    assert (header.format, sizes(header)) == ("TIFF sequence", [(8, 6, 5, 1, 1)])
    assert header.images[0].facts["image.size_z"].trust is Trust.GUESSED
    assert value(header, "image.physical_size_x") == pytest.approx(0.5)
    assert len(header.files) == 5
    assert "check" in header.warnings[0]


def test_a_folder_that_is_one_set_is_read_as_one_image(folder, sizes):
    path = folder([f"img_z{z:03d}.tif" for z in range(5)])
    (path / "notes.txt").write_text("fixed")
    header = read_header(path)
    assert sizes(header) == [(8, 6, 5, 1, 1)]
    assert header.path == str(path)
    folder(["overview.tif"])
    assert read_header(path).images == ()


def test_what_one_plane_says_is_told_of_the_plane_alone(folder, sizes):
    path = folder([f"img_z{z:03d}.tif" for z in range(3)])
    assert sizes(read_header(path / "img_z001.tif")) == [(8, 6, 1, 1, 1)]


def test_a_plane_stands_for_its_set_where_an_image_is_asked_for(folder, sizes):
    path = folder([*(f"img_z{z:03d}.tif" for z in range(3)), "other.tif"])
    header = read_source(path / "img_z001.tif")
    assert sizes(header) == [(8, 6, 3, 1, 1)]
    assert header.path == str(path / "img_z001.tif")
    assert [Path(file).name for file in header.files] == [f"img_z{z:03d}.tif" for z in range(3)]
    assert len(read_source(path / "other.tif").files) == 1


def test_a_plane_that_comes_later_joins_its_set(folder, sizes):
    path = folder([f"img_z{z:03d}.tif" for z in range(3)])
    read_source(path / "img_z001.tif")
    os.utime(path, ns=(1, 1))
    folder(["img_z003.tif"])
    assert sizes(read_source(path / "img_z001.tif")) == [(8, 6, 4, 1, 1)]


def test_a_folder_lists_a_set_once(folder):
    path = folder([*(f"img_z{z:03d}.tif" for z in range(3)), "other.tif"])
    found = image_paths(path, recursive=False)
    assert [each.name for each in found] == ["img_z000.tif", "other.tif"]


def test_planes_that_metadata_txt_tells_of_make_no_set_by_their_names(folder):
    names = [f"img_channel000_time000000000_z{z:03d}.tif" for z in range(3)]
    place = folder([*names, *(f"other_z{z:02d}.tif" for z in range(3))])
    told = {f"Coords-Default/{name}": {"z": z} for z, name in enumerate(names)}
    (place / "metadata.txt").write_text(json.dumps({"Summary": {"UserName": "ada"}, **told}))
    assert [found.name for found in image_sets(place)] == ["other_z*.tif"]
    header = read_source(place / names[0])
    assert (header.format, len(header.files)) == ("Micro-Manager TIFF", 4)
    assert header.images[0].facts["image.operator"].value == "ada"
