from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_fair.headers import read_header


def chunk(name: bytes, data: bytes = b"") -> bytes:
    held = name + data
    return struct.pack(">I", len(data)) + held + struct.pack(">I", zlib.crc32(held))


def png(width: int, height: int, bits: int = 8, color: int = 2, more: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IEND")


def jpeg(width: int, height: int, samples: int = 3, more: bytes = b"") -> bytes:
    frame = struct.pack(">HBHHB", 8 + 3 * samples, 8, height, width, samples) + b"\0" * 3 * samples
    head = b"\xff\xd8\xff\xe0\x00\x10" + b"\0" * 14 + more
    return head + b"\xff\xc2" + frame + b"\xff\xda\0\0\xff\xd9"


def exif() -> bytes:
    """A camera's tags: maker, model, dots per inch, date of writing; inside, when it was taken."""

    def entry(code: int, kind: int, count: int, value: int) -> bytes:
        return struct.pack("<HHII", code, kind, count, value)

    texts = {271: b"Nikon\0\0", 272: b"DS-Ri2\0", 306: b"2020:01:02 03:04:05\0"}
    inner = {36867: b"2019:12:31 23:59:58\0", 37521: b"25\0\0\0\0", 36881: b"+01:00\0"}
    first_size, inner_size = 2 + 12 * 5 + 4, 2 + 12 * 4 + 4
    at = 8 + first_size + inner_size
    heap, entries, inside = b"", [], []
    for held, into in ((texts, entries), (inner, inside)):
        for code, text in held.items():
            into.append(entry(code, 2, len(text), at + len(heap)))
            heap += text
    inside.append(entry(33434, 5, 1, at + len(heap)))
    heap += struct.pack("<2I", 1, 40)
    entries.append(entry(282, 5, 1, at + len(heap)))
    heap += struct.pack("<2I", 72, 1)
    entries.append(entry(34665, 4, 1, 8 + first_size))
    first = struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    second = struct.pack("<H", len(inside)) + b"".join(inside) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8) + first + second + heap


def exif_segment() -> bytes:
    data = b"Exif\0\0" + exif()
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.png", png(8, 6, more=chunk(b"eXIf", exif()))), ("a.jpg", jpeg(8, 6, more=exif_segment()))],
)
def test_a_camera_notes_its_name_and_the_date_but_no_pixel_size(tmp_path, value, name, data):
    (tmp_path / name).write_bytes(data)
    header = read_header(tmp_path / name)
    assert value(header, "detector.0.manufacturer") == "Nikon"
    assert value(header, "detector.0.model") == "DS-Ri2"
    assert value(header, "image.acquisition_date") == "2019-12-31T23:59:58.25+01:00"
    assert value(header, "channel.0.exposure_time") == 0.025
    assert value(header, "image.physical_size_x") is None
    assert not header.damaged


@pytest.mark.parametrize("data", [png(8, 6)[:-8], jpeg(8, 6)[:-2]])
def test_pictures_without_their_end_are_damaged_and_keep_their_sizes(tmp_path, sizes, data):
    (tmp_path / "a").write_bytes(data)
    header = read_header(tmp_path / "a")
    assert (header.damaged, sizes(header)) == (True, [(8, 6, 1, 3, 1)])


@pytest.mark.parametrize(
    ("bits", "color", "samples", "dtype"),
    [(8, 0, 1, "uint8"), (16, 0, 1, "uint16"), (8, 2, 3, "uint8"), (16, 6, 4, "uint16")],
)
def test_png_gives_sizes_and_type(tmp_path, sizes, value, bits, color, samples, dtype):
    (tmp_path / "a.png").write_bytes(png(8, 6, bits, color))
    header = read_header(tmp_path / "a.png")
    assert (header.format, sizes(header)) == ("PNG", [(8, 6, 1, samples, 1)])
    assert value(header, "image.dtype") == dtype


@pytest.mark.parametrize("samples", [1, 3])
def test_jpeg_gives_sizes(tmp_path, sizes, samples):
    (tmp_path / "a.jpg").write_bytes(jpeg(8, 6, samples))
    header = read_header(tmp_path / "a.jpg")
    assert (header.format, sizes(header)) == ("JPEG", [(8, 6, 1, samples, 1)])


def test_the_first_bytes_count_more_than_the_name(tmp_path):
    (tmp_path / "a.jpg").write_bytes(png(8, 6))
    assert read_header(tmp_path / "a.jpg").format == "PNG"


@pytest.mark.parametrize("data", [png(8, 6)[:20], jpeg(8, 6)[:24], b"\xff\xd8\xff" + b"\xff" * 99])
def test_cut_off_pictures_are_damaged(tmp_path, data):
    (tmp_path / "a").write_bytes(data)
    assert read_header(tmp_path / "a").damaged


VENDORS = {
    "a.vsi": ("cellSens VSI", b"II*\0".ljust(600, b"\0")),
    "a.zvi": ("Zeiss ZVI", bytes.fromhex("d0cf11e0a1b11ae1").ljust(600, b"\0")),
    "a.ims": ("Imaris", b"\x89HDF\r\n\x1a\n".ljust(600, b"\0")),
    "a.oir": ("Olympus OIR", b"OLYMPUSRAWFORMAT".ljust(600, b"\0")),
}


@pytest.mark.parametrize("name", VENDORS)
def test_known_formats_without_a_reader_are_named_and_claim_nothing_of_their_image(tmp_path, name):
    format_, data = VENDORS[name]
    (tmp_path / name).write_bytes(data)
    header = read_header(tmp_path / name)
    assert (header.format, header.damaged) == (format_, False)
    assert [image.facts for image in header.images] == [{}]
    assert header.files == (str(tmp_path / name),)
    assert "not read yet" in header.warnings[0]


@pytest.mark.parametrize("data", [b"BM" + b"\0" * 60, b"hello", b"<html/>", b""])
def test_files_of_no_known_format_are_not_damaged(tmp_path, data):
    (tmp_path / "a.dat").write_bytes(data)
    header = read_header(tmp_path / "a.dat")
    assert (header.format, header.images, header.damaged) == ("", (), False)
    assert len(header.warnings) == 1


@pytest.mark.parametrize(
    "name", ["Zelle grün.png", "a#b%20c.png", "\U0001f52c.png", "n" * 200 + ".png"]
)
def test_odd_names_are_read(tmp_path, sizes, name):
    (tmp_path / name).write_bytes(png(8, 6))
    assert sizes(read_header(tmp_path / name)) == [(8, 6, 1, 3, 1)]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        [
            b"II*\0",
            b"MM\0*",
            b"II+\0\x08\0\0\0",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"<OME ",
            b"<?xml version='1.0'?><OME>",
            b"II*\0\x08\0\0\0\x04\0",
        ]
    ),
    st.binary(max_size=300),
)
def test_no_bytes_stop_the_reader(tmp_path_factory, magic, rest):
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(magic + rest)
    header = read_header(path)
    assert not any("does not expect" in warning for warning in header.warnings)


def mrc(order: str, length: float = 60.0) -> bytes:
    head = bytearray(1024)
    struct.pack_into(f"{order}4i", head, 0, 8, 6, 5, 6)
    struct.pack_into(f"{order}3i3f", head, 28, 8, 6, 5, 80.0, length, 50.0)
    head[208:212] = b"MAP "
    return bytes(head) + bytes(8 * 6 * 5 * 2)


@pytest.mark.parametrize("order", "<>")
def test_mrc_maps_are_read(tmp_path, sizes, value, order):
    (tmp_path / "a.mrc").write_bytes(mrc(order))
    header = read_header(tmp_path / "a.mrc")
    assert (header.format, sizes(header), header.damaged) == ("MRC", [(8, 6, 5, 1, 1)], False)
    assert value(header, "image.dtype") == "uint16"
    assert value(header, "image.physical_size_x") == pytest.approx(0.001)


def test_a_map_that_nobody_calibrated_has_no_pixel_size(tmp_path, value):
    (tmp_path / "a.mrc").write_bytes(mrc("<", length=6.0))
    assert value(read_header(tmp_path / "a.mrc"), "image.physical_size_y") is None


def test_a_map_without_all_its_pixels_is_damaged(tmp_path):
    (tmp_path / "a.mrc").write_bytes(mrc("<")[:-1])
    assert read_header(tmp_path / "a.mrc").damaged
