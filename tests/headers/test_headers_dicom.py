from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from napari_fair.headers import read_header
from napari_fair.model import Trust

SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
LONG = ("OB", "OW", "SQ", "UT", "UN")


def element(tag: int, kind: str, value: bytes | str | int | float) -> bytes:
    """An element in explicit little-endian form."""
    if kind in ("US", "UL", "FL"):
        data = struct.pack({"US": "<H", "UL": "<I", "FL": "<f"}[kind], value)
    else:
        data = value.encode() if isinstance(value, str) else value
        data += (b"\0" if kind in ("UI", "OB", "SQ") else b" ") * (len(data) % 2)
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + kind.encode()
    if kind in LONG:
        return head + struct.pack("<HI", 0, len(data)) + data
    return head + struct.pack("<H", len(data)) + data


def sequence(tag: int, *items: bytes) -> bytes:
    held = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items)
    return element(tag, "SQ", held)


def write(path: Path, elements: dict[int, bytes], pixels: int = 64) -> Path:
    meta = element(0x00020010, "UI", "1.2.840.10008.1.2.1")
    meta = element(0x00020000, "UL", len(meta)) + meta
    body = b"".join(data for _, data in sorted(elements.items()))
    if pixels:
        body += element(0x7FE00010, "OB", bytes(pixels))
    path.write_bytes(bytes(128) + b"DICM" + meta + body)
    return path


def basic(**more: bytes) -> dict[int, bytes]:
    held = {
        0x00080016: element(0x00080016, "UI", SLIDE),
        0x00080060: element(0x00080060, "CS", "SM"),
        0x00280002: element(0x00280002, "US", 1),
        0x00280010: element(0x00280010, "US", 6),
        0x00280011: element(0x00280011, "US", 8),
        0x00280100: element(0x00280100, "US", 16),
        0x00280103: element(0x00280103, "US", 0),
    }
    return held | {int(tag[1:], 16): data for tag, data in more.items()}


def slide(**more: bytes) -> dict[int, bytes]:
    path = (
        sequence(
            0x00220016,
            element(0x00080100, "SH", "111743") + element(0x00080104, "LO", "Epifluorescence"),
        )
        + element(0x00220055, "FL", 355.0)
        + element(0x00480107, "ST", "DAPI")
        + element(0x00480112, "DS", "20")
        + element(0x00480113, "DS", "0.75")
    )
    measures = sequence(0x00289110, element(0x00280030, "DS", "0.000499\\0.00025"))
    return basic(
        x00280008=element(0x00280008, "IS", "25"),
        x00480006=element(0x00480006, "UL", 50),
        x00480007=element(0x00480007, "UL", 40),
        x00480105=sequence(0x00480105, path),
        x52009229=sequence(0x52009229, measures),
        **more,
    )


@pytest.fixture
def dicom():
    return pytest.importorskip("pydicom")


@pytest.mark.usefixtures("dicom")
class TestWithReader:
    def test_a_slide_has_the_size_of_its_total_matrix(self, tmp_path, sizes, value):
        header = read_header(write(tmp_path / "a.dcm", slide()))
        assert (header.format, sizes(header)) == ("DICOM", [(50, 40, 1, 1, 1)])
        assert (header.damaged, header.warnings) == (False, ())
        assert value(header, "image.dtype") == "uint16"

    def test_spacing_is_in_millimetres_and_names_y_first(self, tmp_path, value):
        header = read_header(write(tmp_path / "a.dcm", slide()))
        assert value(header, "image.physical_size_y") == pytest.approx(0.499)
        assert value(header, "image.physical_size_x") == pytest.approx(0.25)

    def test_spacing_that_is_said_of_each_frame_is_that_of_the_first(self, tmp_path, value):
        measures = element(0x00280030, "DS", "0.002\\0.001")
        frame = sequence(0x00289110, measures)
        held = {
            "t00280008": element(0x00280008, "IS", "2"),
            "t52009229": sequence(0x52009229, b""),
            "t52009230": sequence(0x52009230, frame, frame),
        }
        header = read_header(write(tmp_path / "a.dcm", basic(**held), 192))
        assert value(header, "image.physical_size_y") == 2
        assert value(header, "image.physical_size_x") == 1
        assert not header.damaged

    def test_optical_paths_are_channels(self, tmp_path, value):
        header = read_header(write(tmp_path / "a.dcm", slide()))
        assert value(header, "channel.0.name") == "DAPI"
        assert value(header, "channel.0.excitation_wavelength") == 355
        assert value(header, "channel.0.illumination_type") == "Epifluorescence"
        assert value(header, "objective.nominal_magnification") == 20
        assert value(header, "objective.lens_na") == 0.75

    @pytest.mark.parametrize(
        ("written", "iso"),
        [
            ("20091229095915", "2009-12-29T09:59:15"),
            ("20091229095915.25+0100", "2009-12-29T09:59:15.25+01:00"),
            ("20091329", None),
        ],
    )
    def test_dates_keep_their_zone_or_have_none(self, tmp_path, value, written, iso):
        date = element(0x0008002A, "DT", written)
        header = read_header(write(tmp_path / "a.dcm", slide(x0008002A=date)))
        assert value(header, "image.acquisition_date") == iso

    def test_frames_of_other_images_are_guessed_to_be_planes(self, tmp_path, sizes):
        frames = element(0x00280008, "IS", "7")
        header = read_header(write(tmp_path / "a.dcm", basic(x00280008=frames)))
        assert sizes(header) == [(8, 6, 7, 1, 1)]
        assert header.images[0].facts["image.size_z"].trust is Trust.GUESSED

    def test_frames_with_a_frame_time_are_time_points(self, tmp_path, sizes, value):
        more = {
            "x00280008": element(0x00280008, "IS", "7"),
            "x00280009": element(0x00280009, "AT", struct.pack("<HH", 0x0018, 0x1063)),
            "x00181063": element(0x00181063, "DS", "40"),
        }
        header = read_header(write(tmp_path / "a.dcm", basic(**more)))
        assert sizes(header) == [(8, 6, 1, 1, 7)]
        assert value(header, "image.time_increment") == 0.04

    def test_a_document_without_pixels_is_no_image(self, tmp_path):
        held = {0x00080060: element(0x00080060, "CS", "ANN")}
        header = read_header(write(tmp_path / "a.dcm", held, pixels=0))
        assert (header.images, header.damaged) == ((), False)
        assert "without pixels" in header.warnings[0]

    def test_missing_pixels_are_damage(self, tmp_path, sizes):
        path = write(tmp_path / "a.dcm", slide())
        path.write_bytes(path.read_bytes()[:-2])
        header = read_header(path)
        assert header.damaged
        assert sizes(header) == [(50, 40, 1, 1, 1)]


def test_a_missing_reader_says_which_extra_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pydicom", None)
    header = read_header(write(tmp_path / "a.dcm", slide()))
    assert (header.format, header.damaged) == ("DICOM", False)
    assert [image.facts for image in header.images] == [{}]
    assert "napari-fair[dicom]" in header.warnings[0]
