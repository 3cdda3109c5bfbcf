from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.headers import read_header
from napari_fair.model import Trust

CENTIMETRE, INCH = 3, 2


def write(path: Path, shape=(6, 8), dtype="uint16", **options) -> Path:
    options.setdefault("photometric", "minisblack")
    tifffile.imwrite(path, np.zeros(shape, dtype), **options)
    return path


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "float32", "float64", "complex64"])
def test_sizes_and_type_come_from_the_tags(tmp_path, sizes, value, dtype):
    header = read_header(write(tmp_path / "a.tif", dtype=dtype, metadata=None))
    assert (header.format, sizes(header)) == ("TIFF", [(8, 6, 1, 1, 1)])
    assert value(header, "image.dtype") == dtype
    assert header.images[0].facts["image.size_x"].where == "TIFF tag 256 ImageWidth"
    assert header.warnings == ()


@pytest.mark.parametrize("options", [{"bigtiff": True}, {"byteorder": ">"}, {"byteorder": "<"}])
def test_bigtiff_and_both_byte_orders_are_read(tmp_path, sizes, options):
    header = read_header(write(tmp_path / "a.tif", (3, 6, 8), metadata=None, **options))
    assert sizes(header) == [(8, 6, 1, 1, 3)]


def test_pages_are_guessed_to_be_time_points(tmp_path):
    header = read_header(write(tmp_path / "a.tif", (5, 6, 8), metadata=None))
    assert header.images[0].facts["image.size_t"].trust is Trust.GUESSED


def test_axes_that_tifffile_states_are_believed(tmp_path, sizes):
    header = read_header(write(tmp_path / "a.tif", (5, 6, 8), metadata={"axes": "ZYX"}))
    assert sizes(header) == [(8, 6, 5, 1, 1)]


def test_colour_samples_count_as_channels(tmp_path, sizes):
    path = write(tmp_path / "a.tif", (6, 8, 3), "uint8", photometric="rgb", metadata=None)
    assert sizes(read_header(path)) == [(8, 6, 1, 3, 1)]


def test_pages_that_are_smaller_copies_are_no_images(tmp_path, sizes):
    path = tmp_path / "pyramid.tif"
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(np.zeros((16, 16), "uint8"), metadata=None)
        tiff.write(np.zeros((8, 8), "uint8"), subfiletype=1, metadata=None)
    assert sizes(read_header(path)) == [(16, 16, 1, 1, 1)]


def pyramid(path: Path) -> Path:
    with tifffile.TiffWriter(path, ome=True) as tiff:
        tiff.write(np.zeros((2, 16, 16), "uint8"), subifds=1, metadata={"axes": "CYX"})
        tiff.write(np.zeros((2, 8, 8), "uint8"), subfiletype=1)
    return path


def test_levels_are_listed_only_on_request(tmp_path, sizes):
    path = pyramid(tmp_path / "a.ome.tif")
    assert sizes(read_header(path)) == [(16, 16, 1, 2, 1)]
    assert sizes(read_header(path, levels=True)) == [(16, 16, 1, 2, 1), (8, 8, 1, 2, 1)]


def test_pages_of_different_size_are_images_of_their_own(tmp_path, sizes):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as tiff:
        for size in (16, 16, 4):
            tiff.write(np.zeros((size, size), "uint8"), metadata=None)
    assert sizes(read_header(path)) == [(16, 16, 1, 1, 2), (4, 4, 1, 1, 1)]


def resolution(tmp_path, per_unit, unit):
    return read_header(
        write(
            tmp_path / "a.tif", resolution=(per_unit, per_unit), resolutionunit=unit, metadata=None
        )
    )


@pytest.mark.parametrize(("per_unit", "unit"), [(300, INCH), (72, INCH), (1, 1), (5, 1)])
def test_dots_per_inch_and_unitless_resolutions_are_no_pixel_size(tmp_path, value, per_unit, unit):
    header = resolution(tmp_path, per_unit, unit)
    assert value(header, "image.physical_size_x") is None


def test_a_resolution_in_centimetres_is_a_pixel_size(tmp_path):
    fact = resolution(tmp_path, 40000, CENTIMETRE).images[0].facts["image.physical_size_x"]
    assert (fact.value.value, fact.trust) == (0.25, Trust.STATED)
    assert fact.where == "TIFF tag 282 XResolution"


@pytest.mark.parametrize(("per_unit", "said"), [(72 / 2.54, "printer"), (10000, "exactly 1")])
def test_resolutions_that_nobody_measured_are_guesses(tmp_path, per_unit, said):
    header = resolution(tmp_path, per_unit, CENTIMETRE)
    assert header.images[0].facts["image.physical_size_x"].trust is Trust.GUESSED
    assert said in header.warnings[0]


def test_the_time_of_writing_is_only_a_guess_of_the_acquisition(tmp_path):
    path = write(tmp_path / "a.tif", datetime="2020:01:02 03:04:05", metadata=None)
    fact = read_header(path).images[0].facts["image.acquisition_date"]
    assert (fact.value, fact.trust) == ("2020-01-02T03:04:05", Trust.GUESSED)
    assert fact.original == "2020:01:02 03:04:05"


def imagej(tmp_path, shape, axes, per_unit=None, **metadata) -> Path:
    resolution = None if per_unit is None else (per_unit, per_unit)
    return write(
        tmp_path / "ij.tif",
        shape,
        imagej=True,
        resolution=resolution,
        metadata={"axes": axes, **metadata},
    )


def test_an_imagej_hyperstack_is_read(tmp_path, sizes, value):
    path = imagej(tmp_path, (2, 3, 4, 6, 8), "TZCYX", 5, unit="micron", spacing=0.5, finterval=2)
    header = read_header(path)
    assert (header.format, sizes(header)) == ("ImageJ TIFF", [(8, 6, 3, 4, 2)])
    assert [value(header, f"image.physical_size_{a}") for a in "xyz"] == [0.2, 0.2, 0.5]
    assert value(header, "image.time_increment") == 2
    assert header.images[0].facts["image.physical_size_z"].where == "ImageJ: spacing"
    assert header.warnings == ()


def test_an_imagej_unit_with_a_literal_escape_is_micrometres(tmp_path, value):
    path = tmp_path / "ij.tif"
    write(
        path,
        resolution=(5, 5),
        resolutionunit=1,
        metadata=None,
        description="ImageJ=1.54f\nunit=\\u00B5m\n",
    )
    assert value(read_header(path), "image.physical_size_x") == 0.2


@pytest.mark.parametrize("unit", ["pixel", "px", "", "inch", "furlong"])
def test_imagej_units_that_are_no_length_make_the_size_unknown(tmp_path, value, unit):
    header = read_header(imagej(tmp_path, (6, 8), "YX", 5, unit=unit))
    assert value(header, "image.physical_size_x") is None
    assert "unknown" in header.warnings[0]


def test_an_uncalibrated_imagej_image_is_no_fault(tmp_path, value):
    header = read_header(imagej(tmp_path, (6, 8), "YX"))
    assert value(header, "image.physical_size_x") is None
    assert header.warnings == ()


def test_a_negative_frame_interval_is_unknown(tmp_path, value):
    header = read_header(imagej(tmp_path, (2, 6, 8), "TYX", finterval=-1.5))
    assert value(header, "image.time_increment") is None
    assert "finterval" in header.warnings[0]


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_imagej_sizes_multiply_to_the_pages(tmp_path_factory, z, c, t):
    folder = tmp_path_factory.getbasetemp()
    facts = read_header(imagej(folder, (t, z, c, 2, 3), "TZCYX")).images[0].facts
    assert tuple(facts[f"image.size_{axis}"].value for axis in "xyzct") == (3, 2, z, c, t)


def ome_tiff(path: Path, **metadata) -> Path:
    return write(path, (2, 3, 6, 8), ome=True, metadata={"axes": "CZYX", **metadata})


def test_an_ome_tiff_is_read(tmp_path, sizes, value):
    path = ome_tiff(
        tmp_path / "a.ome.tif",
        PhysicalSizeX=0.3,
        PhysicalSizeXUnit="µm",
        Channel={"Name": ["DAPI", "GFP"]},
    )
    header = read_header(path)
    assert (header.format, sizes(header)) == ("OME-TIFF", [(8, 6, 3, 2, 1)])
    assert value(header, "image.physical_size_x") == 0.3
    assert value(header, "channel.1.name") == "GFP"
    assert header.files == (str(path),)
    assert header.ome_xml is not None and header.ome_xml.startswith(b"<?xml")
    assert header.warnings == ()


def test_a_renamed_ome_tiff_is_no_broken_set(tmp_path):
    path = tmp_path / "renamed.ome.tif"
    write(path, metadata=None, description=described("was.ome.tif"))
    header = read_header(path)
    assert header.files == (str(path),)
    assert header.warnings == ()


def described(*names: str, **attributes: str) -> str:
    held = {"SizeX": "8", "SizeY": "6", "SizeZ": str(len(names) or 1), **attributes}
    text = " ".join(f'{name}="{value}"' for name, value in held.items())
    data = "".join(
        f'<TiffData FirstZ="{z}" IFD="0"><UUID FileName="{name}">urn:uuid:0</UUID></TiffData>'
        for z, name in enumerate(names)
    )
    return (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        f'<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeC="1" SizeT="1" {text}>'
        f"{data}</Pixels></Image></OME>"
    )


def test_a_set_of_files_lists_the_one_asked_for_first(tmp_path, sizes):
    names = ["z0.ome.tif", "z1.ome.tif", "z2.ome.tif"]
    for name in names:
        write(tmp_path / name, metadata=None, description=described(*names))
    header = read_header(tmp_path / "z1.ome.tif")
    assert [Path(file).name for file in header.files] == ["z1.ome.tif", "z0.ome.tif", "z2.ome.tif"]
    assert sizes(header) == [(8, 6, 3, 1, 1)]


def test_missing_files_of_a_set_are_named(tmp_path):
    names = ["z0.ome.tif", "z1.ome.tif"]
    write(tmp_path / "z0.ome.tif", metadata=None, description=described(*names))
    header = read_header(tmp_path / "z0.ome.tif")
    assert "z1.ome.tif" in header.warnings[0]


def binary_only(folder: Path) -> list[Path]:
    names = ["z0.tif", "z1.tif"]
    (folder / "set.companion.ome").write_text(described(*names, PhysicalSizeX="0.7"))
    pointer = '<OME><BinaryOnly MetadataFile="set.companion.ome" UUID="urn:uuid:1"/></OME>'
    return [write(folder / name, metadata=None, description=pointer) for name in names]


def test_metadata_in_a_companion_are_found_from_the_pixels(tmp_path, value, sizes):
    first = binary_only(tmp_path)[0]
    header = read_header(first)
    assert sizes(header) == [(8, 6, 2, 1, 1)]
    assert value(header, "image.physical_size_x") == 0.7
    assert [Path(f).name for f in header.files] == ["z0.tif", "z1.tif", "set.companion.ome"]
    assert header.ome_xml == (tmp_path / "set.companion.ome").read_bytes()


def test_a_companion_lists_itself_first(tmp_path):
    binary_only(tmp_path)
    header = read_header(tmp_path / "set.companion.ome")
    assert [Path(f).name for f in header.files] == ["set.companion.ome", "z0.tif", "z1.tif"]


def test_without_its_companion_a_file_still_has_sizes(tmp_path, sizes):
    first = binary_only(tmp_path)[0]
    (tmp_path / "set.companion.ome").unlink()
    header = read_header(first)
    assert sizes(header) == [(8, 6, 1, 1, 1)]
    assert "set.companion.ome" in header.warnings[0]


def test_a_companion_outside_the_folder_is_not_read(tmp_path, value):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "c.companion.ome").write_text(described("a.tif", PhysicalSizeX="0.7"))
    pointer = '<OME><BinaryOnly MetadataFile="../c.companion.ome" UUID="urn:uuid:1"/></OME>'
    header = read_header(write(inner / "a.tif", metadata=None, description=pointer))
    assert value(header, "image.physical_size_x") is None
    assert header.warnings


def test_where_xml_and_pixels_disagree_the_pixels_win_and_both_are_named(tmp_path, value):
    path = write(
        tmp_path / "a.ome.tif", metadata=None, description=described("a.ome.tif", SizeX="80")
    )
    header = read_header(path)
    fact = header.images[0].facts["image.size_x"]
    assert (fact.value, fact.where, fact.original) == (8, "TIFF tag 256 ImageWidth", "OME-XML: 80")
    assert "80" in header.warnings[0] and "8 was taken" in header.warnings[0]


def test_a_pixel_size_that_the_tags_contradict_is_a_warning(tmp_path):
    path = write(
        tmp_path / "a.ome.tif",
        metadata=None,
        resolution=(50000, 50000),
        resolutionunit=CENTIMETRE,
        description=described("a.ome.tif", PhysicalSizeX="0.7"),
    )
    assert "0.7" in read_header(path).warnings[0]


def test_broken_ome_xml_leaves_the_sizes_of_the_pages(tmp_path, sizes):
    path = write(tmp_path / "a.ome.tif", metadata=None, description="<OME <<<")
    header = read_header(path)
    assert header.damaged
    assert sizes(header) == [(8, 6, 1, 1, 1)]


def tags(*entries: tuple[int, int, int, bytes]) -> bytes:
    """A little-endian TIFF with one directory and the values behind it."""
    start = 8 + 2 + 12 * len(entries) + 4
    directory, values = struct.pack("<H", len(entries)), b""
    for code, type_, count, data in entries:
        if len(data) <= 4:
            place = data.ljust(4, b"\0")
        else:
            place = struct.pack("<I", start + len(values))
            values += data
        directory += struct.pack("<HHI", code, type_, count) + place
    return b"II*\0" + struct.pack("<I", 8) + directory + b"\0\0\0\0" + values


def longs(code: int, *numbers: int) -> tuple[int, int, int, bytes]:
    return code, 4, len(numbers), struct.pack(f"<{len(numbers)}I", *numbers)


def test_ten_thousand_pages_are_counted(tmp_path, sizes):
    page = struct.pack("<H", 2) + b"".join(
        struct.pack("<HHII", code, 4, 1, size) for code, size in ((256, 8), (257, 6))
    )
    length = len(page) + 4
    data = b"II*\0" + struct.pack("<I", 8)
    for number in range(1, 10_001):
        following = 8 + number * length if number < 10_000 else 0
        data += page + struct.pack("<I", following)
    (tmp_path / "a.tif").write_bytes(data)
    assert sizes(read_header(tmp_path / "a.tif")) == [(8, 6, 1, 1, 10_000)]


def test_zeiss_lsm_sizes_and_voxels_are_read(tmp_path, sizes, value):
    info = struct.pack("<2i5i3i", 67127628, 512, 8, 6, 5, 2, 3, 1, 0, 0)
    info += struct.pack("<3d", 1e-7, 2e-7, 5e-7) + b"\0" * 48 + struct.pack("<d", 1.5)
    path = tmp_path / "a.lsm"
    path.write_bytes(tags(longs(256, 8), longs(257, 6), longs(258, 8), (34412, 1, len(info), info)))
    header = read_header(path)
    assert (header.format, sizes(header)) == ("Zeiss LSM", [(8, 6, 5, 2, 3)])
    assert [value(header, f"image.physical_size_{a}") for a in "xyz"] == [0.1, 0.2, 0.5]
    assert value(header, "image.time_increment") == 1.5


@pytest.mark.parametrize(("distance", "expected"), [(0, (8, 6, 1, 1, 3)), (7, (8, 6, 3, 1, 1))])
def test_metamorph_planes_lie_in_z_when_their_distances_say_so(tmp_path, sizes, distance, expected):
    planes = struct.pack("<6I", distance, 1, 0, 0, 0, 0) * 3
    path = tmp_path / "a.stk"
    path.write_bytes(tags(longs(256, 8), longs(257, 6), longs(258, 16), (33629, 5, 3, planes)))
    assert sizes(read_header(path)) == [expected]


def test_aperio_slides_give_resolution_magnification_and_date(tmp_path, value):
    text = "Aperio Image Library\r\n8x6|AppMag = 20|MPP = 0.499|Date = 12/29/09|Time = 09:59:15"
    path = write(tmp_path / "a.svs", metadata=None, description=text)
    header = read_header(path)
    assert header.format == "Aperio SVS"
    assert value(header, "image.physical_size_x") == 0.499
    assert value(header, "objective.nominal_magnification") == 20
    assert value(header, "image.acquisition_date") == "2009-12-29T09:59:15"


def test_directories_in_a_circle_end(tmp_path):
    data = bytearray(tags(longs(256, 8), longs(257, 6)))
    data[8 + 2 + 24 : 8 + 2 + 28] = struct.pack("<I", 8)
    (tmp_path / "a.tif").write_bytes(data)
    header = read_header(tmp_path / "a.tif")
    assert header.damaged
    assert "circle" in " ".join(header.warnings)


def test_a_tag_that_claims_gigabytes_costs_nothing(tmp_path, sizes):
    huge = (270, 2, 0xFFFFFFF0, struct.pack("<I", 30))
    (tmp_path / "a.tif").write_bytes(tags(longs(256, 8), longs(257, 6), huge))
    assert sizes(read_header(tmp_path / "a.tif")) == [(8, 6, 1, 1, 1)]


def test_a_cut_off_file_is_damaged_but_has_sizes(tmp_path, sizes):
    path = write(tmp_path / "a.tif", (100, 100), metadata=None)
    path.write_bytes(path.read_bytes()[:5000])
    header = read_header(path)
    assert header.damaged
    assert sizes(header) == [(100, 100, 1, 1, 1)]


def test_a_hyperstack_says_the_order_of_its_planes(tmp_path):
    path = tmp_path / "hyperstack.tif"
    data = np.zeros((2, 3, 2, 8, 8), "uint8")
    tifffile.imwrite(path, data, imagej=True, metadata={"axes": "TZCYX"})
    (image,) = read_header(path).images
    assert image.facts["image.dimension_order"].value == "XYCZT"


def test_smaller_copies_are_listed_after_the_image_that_they_are_of(tmp_path, sizes):
    path = tmp_path / "pyramids.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        for width in (64, 96):
            plane = np.zeros((2, 64, width), "uint8")
            writer.write(plane, subifds=1, tile=(16, 16), metadata={"axes": "ZYX"})
            writer.write(plane[:, ::2, ::2], subfiletype=1, tile=(16, 16))
    assert sizes(read_header(path)) == [(64, 64, 2, 1, 1), (96, 64, 2, 1, 1)]
    assert sizes(read_header(path, levels=True)) == [
        (64, 64, 2, 1, 1),
        (32, 32, 2, 1, 1),
        (96, 64, 2, 1, 1),
        (48, 32, 2, 1, 1),
    ]


def stack(path: Path, description: str, pages: int = 6, **options) -> Path:
    planes = np.zeros((pages, 6, 8), "uint16")
    options = {"photometric": "minisblack", "metadata": None, **options}
    tifffile.imwrite(path, planes, description=f"ImageJ=1.53f\n{description}", **options)
    return path


@pytest.mark.parametrize(
    ("description", "expected", "trust"),
    [
        ("images=6\nchannels=2\nslices=3\n", (3, 2, 1), Trust.STATED),
        ("images=6\nslices=3\n", (3, 1, 2), Trust.STATED),
        ("images=6\n", (1, 1, 6), Trust.STATED),
        ("", (1, 1, 6), Trust.GUESSED),
        ("images=10\nchannels=2\nslices=5\n", (1, 1, 6), Trust.GUESSED),
        ("slices=6\nframes=6\n", (1, 1, 6), Trust.GUESSED),
    ],
)
def test_the_pages_decide_where_the_description_speaks_of_another_stack(
    tmp_path, sizes, description, expected, trust
):
    header = read_header(stack(tmp_path / "a.tif", description))
    assert sizes(header) == [(8, 6, *expected)]
    assert header.images[0].facts["image.size_t"].trust == trust
    assert ("check the sizes" in " ".join(header.warnings)) == (trust == Trust.GUESSED)


@pytest.mark.parametrize(("unit", "size"), [("\\u00C5", 2e-5), ("\\u03bcm", 0.2)])
def test_units_that_java_escaped_are_read(tmp_path, value, unit, size):
    path = stack(tmp_path / "a.tif", f"images=6\nslices=6\nunit={unit}\n", resolution=(5, 5))
    assert value(read_header(path), "image.physical_size_x") == pytest.approx(size)


@pytest.mark.parametrize(("dots", "size"), [(300, None), (2400, None), (169_333, 0.15)])
def test_inches_are_a_printers_unless_no_printer_is_that_fine(tmp_path, value, dots, size):
    path = tmp_path / "a.tif"
    options = {"resolution": (dots, dots), "resolutionunit": 2, "metadata": None}
    tifffile.imwrite(path, np.zeros((6, 8), "uint8"), **options)
    expected = None if size is None else pytest.approx(size, rel=1e-4)
    assert value(read_header(path), "image.physical_size_x") == expected
    stack(path, "images=6\nslices=6\nunit=inch\n", resolution=(dots, dots), resolutionunit=1)
    assert value(read_header(path), "image.physical_size_x") == expected
