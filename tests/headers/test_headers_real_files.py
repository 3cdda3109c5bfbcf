"""Real files against what Bio-Formats 7.3.1 reads from them."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest

from napari_fair.headers import image_paths, read_header

FOLDER = os.environ.get("NAPARI_FAIR_TESTDATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="NAPARI_FAIR_TESTDATA is not set")

# Where we differ on purpose, and why, from the files' own bytes.
SIZES_ON_PURPOSE = {
    "res.tiff": (
        "The ImageJ description says four channels, but the four pages are 26x25, 13x12, 6x6 and "
        "3x3, with four samples each: no page but the first has 26x25 pixels, so the first image "
        "has 4 channels, not 4 x 4."
    ),
}
UNSUPPORTED = ("CZI", "ND2", "Leica", "FV1000", "Deltavision", "DICOM")


def _everything() -> list[Path]:
    found = []
    for folder, inner, files in os.walk(FOLDER):
        stores = [name for name in inner if name.endswith(".zarr")]
        inner[:] = sorted(set(inner) - set(stores))
        found += [Path(folder, name) for name in sorted([*files, *stores])]
    return found


def _expected() -> dict:
    return json.loads((Path(FOLDER) / "expected-bioformats.json").read_text())


def _comparable() -> list[tuple[str, dict]]:
    return [
        (name, held)
        for name, held in _expected().items()
        if not any(word in held["format"] for word in UNSUPPORTED)
    ]


def test_every_file_is_read_without_an_unexpected_fault():
    found = _everything()
    headers = [read_header(path) for path in found]
    assert len(headers) > 200
    assert not [h.path for h in headers for w in h.warnings if "does not expect" in w]


def test_every_file_is_fast():
    for path in _everything():
        start = time.process_time()
        read_header(path)
        assert time.process_time() - start < 0.5, path


def test_sizes_are_those_of_the_independent_reader(sizes):
    different = {}
    for name, held in _comparable():
        theirs = [tuple(image[f"size_{a}"] for a in "xyzct") for image in held["images"]]
        ours = sizes(read_header(Path(FOLDER) / name, levels=True))
        if ours != theirs:
            different[Path(name).name] = (ours, theirs)
    assert set(different) == set(SIZES_ON_PURPOSE), different


def test_pixel_sizes_agree_within_a_thousandth_and_are_unknown_where_not_stated(value):
    compared = 0
    for name, held in _comparable():
        header = read_header(Path(FOLDER) / name, levels=True)
        for index, image in enumerate(held["images"]):
            for axis in "xyz":
                ours = value(header, f"image.physical_size_{axis}", index)
                theirs = image.get(f"physical_size_{axis}_um")
                compared += theirs is not None
                assert ours == (theirs and pytest.approx(theirs, rel=1e-3)), (name, axis)
    assert compared > 40


def test_a_number_that_is_no_pixel_size_of_anything_is_marked_as_guess():
    path = next(p for p in _everything() if p.name == "boxes.tiff")
    header = read_header(path)
    # 14861707 / 524288 pixels a centimetre is 72.0 dots per inch: a screen, not a microscope.
    assert header.images[0].facts["image.physical_size_x"].trust == "guessed"


def test_dates_agree_where_the_independent_reader_has_one(value):
    for name, held in _comparable():
        header = read_header(Path(FOLDER) / name)
        theirs = held["images"][0].get("acquisition_date")
        assert value(header, "image.acquisition_date") == theirs, name


def test_the_multi_file_set_is_one_source():
    companion = next(p for p in _everything() if p.name == "multifile.companion.ome")
    listed = [path.name for path in image_paths(companion.parent, recursive=False)]
    assert listed == ["multi-channel.ome.tif", "multifile-Z1.ome.tiff"]


def _sample() -> list[Path]:
    endings = (".tif", ".tiff", ".svs", ".ome", ".xml", ".png")
    small = [p for p in _everything() if p.name.endswith(endings) and p.stat().st_size < 200_000]
    return small[::9]


def _damaged_copies(data: bytes) -> list[bytes]:
    chance = random.Random(20261123)
    copies = [data[: len(data) * part // 20] for part in range(20)]
    for turn in range(50):
        copy = bytearray(data)
        reach = min(len(copy), 4000) if turn % 2 else len(copy)
        for _ in range(chance.randint(1, 20)):
            copy[chance.randrange(reach)] = chance.randrange(256)
        copies.append(bytes(copy))
    return copies


def test_cut_and_flipped_files_are_read_without_a_fault_or_a_hang(tmp_path):
    for path in _sample():
        place = tmp_path / path.name
        for copy in _damaged_copies(path.read_bytes()):
            place.write_bytes(copy)
            start = time.monotonic()
            header = read_header(place)
            assert time.monotonic() - start < 2
            assert not any("does not expect" in warning for warning in header.warnings)
        place.unlink()
