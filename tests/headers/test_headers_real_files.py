"""Real files against what Bio-Formats 7.3.1 reads from them."""

from __future__ import annotations

import json
import os
import random
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from headers.fuzz_headers import damaged_copies, fault_of
from napari_fair.headers import image_paths, read_header
from napari_fair.model import Header

FOLDER = os.environ.get("NAPARI_FAIR_TESTDATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="NAPARI_FAIR_TESTDATA is not set")

# Where we differ on purpose, and why, from the files' own bytes: (file, what) and the reason.
ON_PURPOSE = {
    ("res.tiff", "sizes"): (
        "The ImageJ description says four channels, but the four pages are 26x25, 13x12, 6x6 and "
        "3x3, with four samples each: no page but the first has 26x25 pixels, so the first image "
        "has 4 channels, not 4 x 4."
    ),
    **dict.fromkeys(
        [
            ("12_bit_pycromanager_mda_NDTiffStack.tif", "sizes"),
            ("labeled_positions_NDTiffStack.tif", "sizes"),
            ("ndtiffv3.0_test_NDTiffStack.tif", "sizes"),
        ],
        "NDTiff.index, which Bio-Formats was not given, names the axes of each page: channel and "
        "time, or position; Bio-Formats takes all pages for time points.",
    ),
    ("LLS7_small.czi", "objective"): (
        "ObjectiveSettings/ObjectiveRef names Objective:0 (44.83x, NA 1); Bio-Formats takes the "
        "first one described, Objective:1. 6.5 um camera pixels / 44.83 = 0.14499 um, the pixel "
        "size in Scaling."
    ),
    ("WellD6_S1.czi", "pixel size"): (
        "The second image listed is the pyramid's half-size copy: its pixels are twice as large "
        "as the 0.1 um that Scaling states for the full image."
    ),
    ("test.oib", "pixel size"): (
        "[Axis 3] says MaxSize=0: there is no Z axis, and its Interval is 840 nm. 1.0 um is "
        "written nowhere."
    ),
}
# Bio-Formats fills in `Other` where it has no value; only what a file states is compared.
DEFAULTS = ("Other", None)
READERS = {"ND2": "nd2", "DICOM": "pydicom"}


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
        if not any(
            word in held["format"] and find_spec(package) is None
            for word, package in READERS.items()
        )
    ]


@pytest.fixture(scope="module")
def compared() -> list[tuple[str, dict, Header]]:
    return [
        (name, held, read_header(Path(FOLDER) / name, levels=True)) for name, held in _comparable()
    ]


def _on_purpose(what: str) -> set[str]:
    return {name for name, kind in ON_PURPOSE if kind == what}


def _same_moment(ours: str | None, theirs: str) -> bool:
    """Theirs has milliseconds at most and no time zone."""
    return ours is not None and ours.startswith(theirs)


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


def test_sizes_are_those_of_the_independent_reader(compared, sizes, comparison):
    different = {}
    for name, held, header in compared:
        theirs = [tuple(image[f"size_{a}"] for a in "xyzct") for image in held["images"]]
        ours = sizes(header)
        comparison.add(header.format, "sizes", ours == theirs)
        if ours != theirs:
            different[Path(name).name] = (ours, theirs)
    assert set(different) == _on_purpose("sizes"), different


def test_pixel_sizes_agree_within_a_thousandth_and_are_unknown_where_not_stated(
    compared, value, comparison
):
    different = {}
    for name, held, header in compared:
        for index, image in enumerate(held["images"]):
            for axis in "xyz":
                ours = value(header, f"image.physical_size_{axis}", index)
                theirs = image.get(f"physical_size_{axis}_um")
                agree = ours == (theirs and pytest.approx(theirs, rel=1e-3))
                if theirs is not None or ours is not None:
                    comparison.add(header.format, "pixel sizes", agree)
                if not agree:
                    different[Path(name).name] = (index, axis, ours, theirs)
                assert ours is None or f"physical_size_{axis}" not in image.get("not_stated", ())
    assert set(different) == _on_purpose("pixel size"), different


def test_wavelengths_agree_within_a_nanometre(compared, value, comparison):
    for name, held, header in compared:
        for index, image in enumerate(held["images"]):
            for number, channel in enumerate(image.get("channels", ())):
                for kind in ("excitation", "emission"):
                    theirs = channel.get(f"{kind}_nm")
                    if theirs is None:
                        continue
                    ours = value(header, f"channel.{number}.{kind}_wavelength", index)
                    comparison.add(header.format, "wavelengths", ours is not None)
                    assert ours == pytest.approx(theirs, abs=1), (name, number, kind)


def test_objectives_agree(compared, value, comparison):
    different = {}
    for name, held, header in compared:
        for index, image in enumerate(held["images"]):
            for kind in ("nominal_magnification", "lens_na", "immersion"):
                theirs = image.get("objective", {}).get(kind)
                if theirs in DEFAULTS:
                    continue
                ours = value(header, f"objective.{kind}", index)
                comparison.add(header.format, f"objective {kind}", ours == theirs)
                if ours != theirs:
                    different[Path(name).name] = (kind, ours, theirs)
    assert set(different) == _on_purpose("objective"), different


def test_channel_names_agree_where_the_independent_reader_has_one(compared, value, comparison):
    for name, held, header in compared:
        for index, image in enumerate(held["images"]):
            for number, channel in enumerate(image.get("channels", ())):
                if "name" in channel:
                    ours = value(header, f"channel.{number}.name", index)
                    comparison.add(header.format, "channel names", ours == channel["name"])
                    assert ours == channel["name"], name


def test_a_number_that_is_no_pixel_size_of_anything_is_marked_as_guess():
    path = next(p for p in _everything() if p.name == "boxes.tiff")
    header = read_header(path)
    # 14861707 / 524288 pixels a centimetre is 72.0 dots per inch: a screen, not a microscope.
    assert header.images[0].facts["image.physical_size_x"].trust == "guessed"


def test_dates_agree_where_the_independent_reader_has_one(compared, value, comparison):
    for name, held, header in compared:
        for index, image in enumerate(held["images"]):
            theirs = image.get("acquisition_date")
            if theirs is not None:
                ours = value(header, "image.acquisition_date", index)
                comparison.add(header.format, "dates", _same_moment(ours, theirs))
                assert _same_moment(ours, theirs), (name, ours, theirs)


def test_the_table_of_differences_is_no_longer_than_it_must_be():
    assert all(len(reason) > 40 for reason in ON_PURPOSE.values())
    assert len(ON_PURPOSE) <= 8


def test_the_multi_file_set_is_one_source():
    companion = next(p for p in _everything() if p.name == "multifile.companion.ome")
    listed = [path.name for path in image_paths(companion.parent, recursive=False)]
    assert listed == ["multi-channel.ome.tif", "multifile-Z1.ome.tiff"]


def _sample() -> list[Path]:
    endings = (".tif", ".tiff", ".svs", ".ome", ".xml", ".png")
    small = [p for p in _everything() if p.name.endswith(endings) and p.stat().st_size < 200_000]
    vendors = [p for p in _everything() if p.suffix in (".czi", ".lif", ".dv", ".oib", ".nd2")]
    return [*small[::9], *(p for p in _everything() if p.suffix == ".dcm"), *vendors[::2]]


def test_cut_and_flipped_files_are_read_without_a_fault_or_a_hang(tmp_path):
    for path in _sample():
        place = tmp_path / path.name
        for what, copy in damaged_copies(path.read_bytes(), 20, random.Random(path.name)):
            place.write_bytes(copy)
            assert not fault_of(place), (path.name, what)
        place.unlink()


def test_a_file_of_a_maker_that_is_cut_off_is_called_damaged(tmp_path):
    for path in _everything():
        if path.suffix in (".czi", ".lif", ".dv", ".oib", ".nd2"):
            assert not read_header(path).damaged
            data = path.read_bytes()
            (tmp_path / path.name).write_bytes(data[: len(data) * 9 // 10])
            header = read_header(tmp_path / path.name)
            assert header.damaged or "not installed" in header.warnings[0], path.name
