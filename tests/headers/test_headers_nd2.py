from __future__ import annotations

import struct
import sys

import pytest

from napari_fair.headers import read_header
from napari_fair.headers.lens_names import record_lens_name
from napari_fair.headers.nd2_dates import acquisition_date
from napari_fair.headers.nd2_words import immersion_of
from napari_fair.headers.sheet import Findings

MAGIC = b"\xda\xce\xbe\x0a"
JUNE_18_2014_UTC = 2456827.0801370037  # 13:55:24


@pytest.mark.parametrize(
    ("written", "day", "iso"),
    [
        ("18/06/2014  15:55:27", None, "2014-06-18T15:55:27"),
        ("6/18/2014  3:55:27 PM", None, "2014-06-18T15:55:27"),
        ("2014-06-18 15:55:27", None, "2014-06-18T15:55:27"),
        ("03/04/2019  10:00:00", None, None),
        ("03/04/2019  10:00:00", 2458576.9, "2019-04-03T10:00:00"),
        ("03/04/2019  10:00:00", 2458546.9, "2019-03-04T10:00:00"),
        ("05/05/2019  10:00:00", None, "2019-05-05T10:00:00"),
        ("", JUNE_18_2014_UTC, "2014-06-18T13:55:23.837Z"),
        ("yesterday", None, None),
        ("99/99/2014  10:00:00", float("inf"), None),
    ],
)
def test_a_date_is_taken_when_it_can_mean_one_day_only(written, day, iso):
    found = acquisition_date(written, day)
    assert (found and found.iso) == iso


@pytest.mark.parametrize(
    ("index", "medium"), [(1.0, "Air"), (1.33, "Water"), (1.515, "Oil"), (1.7, ""), (None, "")]
)
def test_a_refractive_index_tells_the_usual_media(index, medium):
    assert immersion_of(index) == medium


@pytest.mark.parametrize(
    ("name", "magnification", "aperture", "immersion"),
    [
        ("HC PL APO CS2    63x/1.30 GLYC", 63, 1.3, "Glycerol"),
        ("HCX PL APO lambda blue 63.0x1.40 OIL UV", 63, 1.4, "Oil"),
        ("UPLFLN   40X  NA:0.75", 40, 0.75, None),
        ("Plan Apo λ 60x", 60, None, None),
        ("Plan Apo VC 60x WI DIC N2 1.2", 60, None, "Water"),
        ("CFI Apo 40XWI \u03bbS NA1.25", 40, 1.25, "Water"),
        ("UPLXAPO60XO NA 1.42", 60, 1.42, "Oil"),
        ("UPLSAPO 100X O  NA:1.40", 100, 1.4, "Oil"),
        ("UPLSAPO30XS NA:1.05", 30, 1.05, "Other"),
        ("60xOil/1.4", 60, 1.4, "Oil"),
        ("LCI Plan-Neofluar 25x/0.8 Imm Korr DIC M27", 25, 0.8, "Multi"),
        ("Nikon 10X S Fluor", 10, None, None),
        ("Olympus 40X/1.35, UApo/340, Oil", 40, 1.35, "Oil"),
        ("N PLAN 5.0x0.12 DRY", 5, 0.12, "Air"),
        ("Plan Fluor 10x/0,30", 10, 0.3, None),
        ("2x Tubelens 1000x", 2, None, None),
        ("Boiler airport", None, None, None),
        ("", None, None, None),
    ],
)
def test_what_is_engraved_on_a_lens_is_understood(name, magnification, aperture, immersion):
    sheet = Findings().sheet()
    record_lens_name(sheet, name, "test")
    found = [
        sheet.facts[path].value if path in sheet.facts else None
        for path in ("objective.nominal_magnification", "objective.lens_na", "objective.immersion")
    ]
    assert found == [magnification, aperture, immersion]


def test_what_a_file_states_is_not_replaced_by_a_name():
    sheet = Findings().sheet()
    sheet.number("objective.lens_na", 1.2, "stated")
    record_lens_name(sheet, "60x/1.40 Oil", "name")
    assert sheet.facts["objective.lens_na"].value == 1.2


def test_a_missing_reader_says_which_extra_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nd2", None)
    (tmp_path / "a.nd2").write_bytes(MAGIC + bytes(600))
    header = read_header(tmp_path / "a.nd2")
    assert (header.format, header.damaged) == ("Nikon ND2", False)
    assert [image.facts for image in header.images] == [{}]
    assert "napari-fair[nd2]" in header.warnings[0]


def nd2(numbers: dict[str, int]) -> bytes:
    """A file with one chunk, its attributes, and the map that names it."""
    held = b"".join(
        bytes((3, len(name) + 1)) + f"{name}\0".encode("utf-16-le") + struct.pack("<I", number)
        for name, number in numbers.items()
    )
    name = b"ImageAttributesLV!"
    chunk = struct.pack("<IIQ", 0x0ABECEDA, len(name), len(held)) + name + held
    listed = name + struct.pack("<2Q", 64, len(held))
    head = MAGIC.ljust(64, b"\0")
    place = struct.pack("<Q", len(head) + len(chunk))
    return head + chunk + listed + b"ND2 CHUNK MAP SIGNATURE 0000001!" + place


def test_without_the_reader_the_attributes_are_known(tmp_path, monkeypatch, value):
    monkeypatch.setitem(sys.modules, "nd2", None)
    numbers = {"uiWidth": 38, "uiHeight": 31, "uiComp": 2, "uiWidthBytes": 154}
    (tmp_path / "a.nd2").write_bytes(nd2(numbers))
    header = read_header(tmp_path / "a.nd2")
    assert [value(header, f"image.size_{axis}") for axis in "xyczt"] == [38, 31, 2, None, None]
    assert value(header, "image.dtype") == "uint16"
    assert "napari-fair[nd2]" in header.warnings[0]


@pytest.mark.parametrize("cut", range(0, 250, 10))
def test_attributes_that_are_cut_off_are_not_read(tmp_path, monkeypatch, cut):
    monkeypatch.setitem(sys.modules, "nd2", None)
    (tmp_path / "a.nd2").write_bytes(nd2({"uiWidth": 38, "uiHeight": 31})[:cut] + bytes(4))
    header = read_header(tmp_path / "a.nd2")
    assert not any(image.facts for image in header.images)
    assert not any("does not expect" in warning for warning in header.warnings)


@pytest.mark.parametrize("data", [MAGIC, MAGIC + bytes(600), bytes(4) + b"jP  " + bytes(100)])
def test_a_file_that_is_none_is_damaged(tmp_path, data):
    pytest.importorskip("nd2")
    (tmp_path / "a.nd2").write_bytes(data)
    header = read_header(tmp_path / "a.nd2")
    assert (header.images, header.damaged) == ((), True)
