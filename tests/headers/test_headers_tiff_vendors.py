from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_fair.headers import read_header
from napari_fair.model import Trust

TEXT, LONG, DOUBLE, BLOCK, END = 2, 4, 5, 0, 0xFFFFFFFF


def write(path: Path, shape=(6, 8), dtype="uint16", **options) -> Path:
    options.setdefault("photometric", "minisblack")
    tifffile.imwrite(path, np.zeros(shape, dtype), metadata=None, **options)
    return path


def scan_entry(code: int, kind: int, value: str | float | bytes = b"") -> bytes:
    if kind == TEXT:
        data = str(value).encode() + b"\0"
    elif kind == LONG:
        data = struct.pack("<i", int(value))
    elif kind == DOUBLE:
        data = struct.pack("<d", float(value))
    else:
        data = b""
    return struct.pack("<3I", code, kind, len(data)) + data


def scan_block(code: int, *entries: bytes) -> bytes:
    return scan_entry(code, BLOCK) + b"".join(entries) + scan_entry(END, BLOCK)


SCAN = scan_block(
    0x10000000,
    scan_entry(0x10000001, TEXT, "cell 3"),
    scan_entry(0x10000003, TEXT, "fixed"),
    scan_entry(0x10000004, TEXT, "Plan-Apochromat 63x/1.40 Oil DIC M27"),
    scan_entry(0x10000036, DOUBLE, 43831.5),
    scan_block(
        0x20000000,
        scan_block(
            0x40000000,
            scan_block(
                0x60000000,
                scan_block(
                    0x70000000,
                    scan_entry(0x70000003, DOUBLE, 650),
                    scan_entry(0x70000009, DOUBLE, 95.5),
                    scan_entry(0x7000000B, LONG, 1),
                    scan_entry(0x7000000C, TEXT, "PMT1"),
                    scan_entry(0x70000026, TEXT, "Alexa 488"),
                ),
                scan_block(0x70000000, scan_entry(0x7000000B, LONG, 0)),
            ),
            scan_block(
                0x80000000,
                scan_block(
                    0x90000000,
                    scan_entry(0x90000003, DOUBLE, 488),
                    scan_entry(0x90000004, LONG, 1),
                ),
                scan_block(
                    0x90000000,
                    scan_entry(0x90000003, DOUBLE, 561),
                    scan_entry(0x90000004, LONG, 0),
                ),
            ),
            scan_block(
                0xC0000000,
                scan_block(
                    0xD0000000,
                    scan_entry(0xD0000001, TEXT, "Ch1-T1"),
                    scan_entry(0xD0000004, LONG, 0x00FF00),
                    scan_entry(0xD0000017, LONG, 1),
                ),
            ),
        ),
    ),
)


def lsm(path: Path, scan: bytes = SCAN, *, times: int = 1, positions: int = 0) -> Path:
    """A page with CZ_LSMINFO; what it points at lies behind the TIFF."""
    info = bytearray(512)
    struct.pack_into("<Ii5i", info, 0, 0x00400494C & 0xFFFFFFFF, 512, 8, 6, 5, 1, times)
    struct.pack_into("<3d", info, 40, 1e-7, 1e-7, 3e-7)
    struct.pack_into("<2i", info, 264, positions, 0)
    write(
        path,
        (max(1, min(positions, 9)), 6, 8),
        extratags=[(34412, 1, len(info), bytes(info), True)],
    )
    data = path.read_bytes()
    at = data.index(bytes(info))
    struct.pack_into("<I", info, 124, len(data))
    struct.pack_into("<I", info, 132, len(data) + len(scan))
    stamps = struct.pack("<ii3d", 32, 3, 0.0, 2.0, 4.0)
    path.write_bytes(data[:at] + info + data[at + 512 :] + scan + stamps)
    return path


def test_the_scan_information_of_an_lsm_is_read(tmp_path, value, sizes):
    header = read_header(lsm(tmp_path / "a.lsm"))
    assert sizes(header) == [(8, 6, 5, 1, 1)]
    assert value(header, "image.name") == "cell 3"
    assert value(header, "image.description") == "fixed"
    assert value(header, "image.acquisition_date") == "2020-01-01T12:00:00"
    assert value(header, "objective.lens_na") == 1.4
    assert value(header, "objective.nominal_magnification") == 63
    assert value(header, "objective.immersion") == "Oil"
    assert value(header, "channel.0.name") == "Ch1-T1"
    assert value(header, "channel.0.fluor") == "Alexa 488"
    assert value(header, "channel.0.color") == "#00ff00"
    assert value(header, "channel.0.pinhole_size") == 95.5
    assert value(header, "detector.0.gain") == 650
    assert value(header, "detector.1.gain") is None
    assert value(header, "light_source.0.wavelength") == 488
    assert value(header, "light_source.1.wavelength") is None


def test_time_stamps_of_an_lsm_give_the_step(tmp_path, value):
    header = read_header(lsm(tmp_path / "a.lsm", times=3))
    step = header.images[0].facts["image.time_increment"]
    assert (step.value.value, step.trust) == (2, Trust.DERIVED)


def test_positions_of_an_lsm_are_images(tmp_path, sizes):
    assert sizes(read_header(lsm(tmp_path / "a.lsm", positions=3))) == [(8, 6, 5, 1, 1)] * 3


def test_more_positions_than_pages_are_not_believed(tmp_path, sizes):
    header = read_header(lsm(tmp_path / "a.lsm", positions=5000))
    assert len(sizes(header)) == 1
    assert "more than the file has pages" in header.warnings[0]


@pytest.mark.parametrize("length", [0, 11, 12, 40, 200])
def test_scan_information_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path, sizes, length):
    header = read_header(lsm(tmp_path / "a.lsm", SCAN[:length]))
    assert sizes(header) == [(8, 6, 5, 1, 1)]
    assert not any("does not expect" in warning for warning in header.warnings)


def stk(path: Path, distance: tuple[int, int] = (1, 2), step: int = 500, unit: str = "um") -> Path:
    """Three planes; numbers that the tags point at lie behind the TIFF."""
    planes, first = 3, 2455000  # Julian day: 2009-06-17
    write(
        path,
        description="Acquired from a camera\r\nExposure: 40 ms\r\nBinning: 2 x 2\r\n",
        extratags=[
            (33628, 4, 8, (0,) * 8, True),
            (33629, 5, planes, (0, 1) * planes, True),
            (33630, 5, planes, (525, 1) * planes, True),
        ],
    )
    data = bytearray(path.read_bytes())
    end = len(data)
    text = unit.encode() + b"\0"
    uic2 = b"".join(
        struct.pack("<6I", *(distance if n else (0, 1)), first, 36_000_000 + n * step, 0, 0)
        for n in range(planes)
    )
    calibration = end + len(uic2)
    extra = uic2 + struct.pack("<2I", 1, 10) + struct.pack("<I", len(text)) + text
    uic1 = struct.pack("<8I", 3, 1, 4, calibration, 5, calibration, 6, calibration + 8)
    with tifffile.TiffFile(path) as tiff:
        tags = tiff.pages[0].tags
        at, entry = tags[33628].valueoffset, tags[33629].offset
    data[at : at + 32] = uic1
    struct.pack_into("<I", data, entry + 8, end)
    path.write_bytes(bytes(data) + extra)
    return path


def test_planes_that_move_are_a_stack_with_calibration(tmp_path, sizes, value):
    header = read_header(stk(tmp_path / "a.stk"))
    assert (header.format, sizes(header)) == ("MetaMorph STK", [(8, 6, 3, 1, 1)])
    assert value(header, "image.physical_size_x") == 0.1
    assert value(header, "image.physical_size_z") == 0.5
    assert value(header, "channel.0.emission_wavelength") == 525
    assert value(header, "image.acquisition_date") == "2009-06-17T10:00:00.000"
    assert value(header, "channel.0.exposure_time") == 0.04
    assert value(header, "detector.0.binning") == "2x2"


def test_planes_that_stay_are_a_time_series(tmp_path, sizes, value):
    header = read_header(stk(tmp_path / "a.stk", distance=(0, 1)))
    assert sizes(header) == [(8, 6, 1, 1, 3)]
    assert value(header, "image.time_increment") == 0.5


def test_without_a_unit_of_length_the_pixel_size_is_unknown(tmp_path, value):
    header = read_header(stk(tmp_path / "a.stk", unit="pixel"))
    assert value(header, "image.physical_size_x") is None


METAMORPH = """<MetaData><PlaneInfo>
<prop id="Description" type="string" value="Exposure: 100 ms&#13;&#10;Binning: 2 x 2"/>
<prop id="spatial-calibration-state" type="bool" value="on"/>
<prop id="spatial-calibration-x" type="float" value="0.645"/>
<prop id="spatial-calibration-y" type="float" value="0.645"/>
<prop id="spatial-calibration-units" type="string" value="um"/>
<prop id="acquisition-time-local" type="time" value="20110316 15:13:35.062"/>
<prop id="stage-position-x" type="float" value="-12.5"/>
<prop id="wavelength" type="float" value="525"/>
<prop id="camera-binning-x" value="2"/><prop id="camera-binning-y" value="2"/>
<custom-prop id="_IllumSetting_" type="string" value="GFP"/>
<custom-prop id="_MagSetting_" type="string" value="60x Oil"/>
<custom-prop id="_MagNA_" type="float" value="1.4"/></PlaneInfo></MetaData>"""


def test_metamorph_writes_its_properties_into_plain_tiff(tmp_path, value):
    header = read_header(write(tmp_path / "a.tif", description=METAMORPH))
    assert value(header, "image.physical_size_x") == 0.645
    assert value(header, "image.acquisition_date") == "2011-03-16T15:13:35.062"
    assert value(header, "image.stage_x") == -12.5
    assert value(header, "channel.0.name") == "GFP"
    assert value(header, "channel.0.exposure_time") == 0.1
    assert value(header, "channel.0.emission_wavelength") == 525
    assert value(header, "objective.lens_na") == 1.4
    assert value(header, "objective.nominal_magnification") == 60
    assert value(header, "detector.0.binning") == "2x2"


def test_calibration_that_is_switched_off_is_none(tmp_path, value):
    off = METAMORPH.replace('type="bool" value="on"', 'type="bool" value="off"')
    header = read_header(write(tmp_path / "a.tif", description=off))
    assert value(header, "image.physical_size_x") is None


def test_an_ndpi_page_says_by_its_lens_what_it_is(tmp_path, sizes, value):
    path = tmp_path / "a.ndpi"
    with tifffile.TiffWriter(path) as tiff:
        for size, lens in ((32, 40.0), (16, 20.0), (8, -1.0), (4, -2.0)):
            tiff.write(
                np.zeros((size, size, 3), "uint8"),
                photometric="rgb",
                metadata=None,
                resolution=(44000, 44000),
                resolutionunit="CENTIMETER",
                datetime="2012:08:06 16:08:53",
                extratags=[(65420, 4, 1, 1, True), (65421, 11, 1, lens, True)],
            )
    header = read_header(path)
    assert (header.format, sizes(header)) == (
        "Hamamatsu NDPI",
        [(32, 32, 1, 3, 1), (8, 8, 1, 3, 1), (4, 4, 1, 3, 1)],
    )
    assert value(header, "image.physical_size_x") == pytest.approx(0.22727, rel=1e-4)
    assert value(header, "objective.nominal_magnification") == 40
    assert value(header, "image.name", 1) == "macro"
    assert value(header, "image.acquisition_date") == "2012-08-06T16:08:53"


def test_philips_tiff_states_its_spacing_in_millimetres(tmp_path, sizes, value):
    text = (
        '<?xml version="1.0"?><DataObject ObjectType="DPUfsImport">'
        '<Attribute Name="DICOM_ACQUISITION_DATETIME">20151125143410.000000</Attribute>'
        '<Attribute Name="DICOM_MANUFACTURER">PHILIPS</Attribute>'
        '<Attribute Name="DICOM_PIXEL_SPACING">&quot;0.00025&quot; &quot;0.00022&quot;</Attribute>'
        '<Attribute Name="DICOM_PIXEL_SPACING">&quot;0.0005&quot; &quot;0.0005&quot;</Attribute>'
        "</DataObject>"
    )
    path = tmp_path / "a.tiff"
    with tifffile.TiffWriter(path) as tiff:
        for number, size in enumerate((32, 16)):
            tiff.write(
                np.zeros((size, size, 3), "uint8"),
                photometric="rgb",
                metadata=None,
                description=text if number == 0 else "level=1",
                software="Philips DP v1.0" if number == 0 else None,
            )
    header = read_header(path)
    assert (header.format, sizes(header)) == ("Philips TIFF", [(32, 32, 1, 3, 1)])
    assert value(header, "image.physical_size_y") == pytest.approx(0.25)
    assert value(header, "image.physical_size_x") == pytest.approx(0.22)
    assert value(header, "image.acquisition_date") == "2015-11-25T14:34:10"


@pytest.mark.parametrize(
    ("zone", "date"),
    [
        ("|Time Zone = GMT-05:00", "2009-12-29T09:59:15-05:00"),
        ("|Time Zone = somewhere", "2009-12-29T09:59:15"),
        ("", "2009-12-29T09:59:15"),
    ],
)
def test_aperio_dates_keep_a_stated_zone(tmp_path, value, zone, date):
    text = f"Aperio Image Library\r\n8x6|Date = 12/29/09|Time = 09:59:15{zone}"
    header = read_header(write(tmp_path / "a.svs", description=text))
    assert value(header, "image.acquisition_date") == date


def test_smaller_copies_of_a_slide_are_listed_on_request(tmp_path, sizes):
    path = tmp_path / "a.svs"
    text = "Aperio Image Library v10\r\n64x64|AppMag = 20|MPP = 0.5"
    with tifffile.TiffWriter(path) as writer:
        whole = np.zeros((64, 64, 3), "uint8")
        writer.write(whole, tile=(16, 16), description=text, metadata=None, photometric="rgb")
        writer.write(whole[::8, ::8], description="thumb", metadata=None, photometric="rgb")
        writer.write(whole[::4, ::4], tile=(16, 16), metadata=None, photometric="rgb")
        writer.write(whole[:20], subfiletype=1, metadata=None, photometric="rgb")
    assert sizes(read_header(path)) == [(64, 64, 1, 3, 1), (64, 20, 1, 3, 1)]
    assert sizes(read_header(path, levels=True)) == [
        (64, 64, 1, 3, 1),
        (16, 16, 1, 3, 1),
        (64, 20, 1, 3, 1),
    ]


SCN = """<?xml version="1.0"?>
<scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01"><collection name="slide">
<image name="macro"><creationDate>2011-01-02T03:04:05.6Z</creationDate>
<device model="Leica SCN400" version="1"/><pixels sizeX="16" sizeY="32">
<dimension r="0" ifd="0" sizeX="16" sizeY="32"/></pixels>
<view sizeX="16000000" sizeY="32000000" offsetX="0" offsetY="0"/></image>
<image name="image_1"><creationDate>2011-01-02T03:05:00Z</creationDate>
<pixels sizeX="64" sizeY="48"><dimension r="0" c="0" z="0" ifd="1" sizeX="64" sizeY="48"/>
<dimension r="1" c="0" z="0" ifd="2" sizeX="32" sizeY="24"/>
<dimension r="0" c="1" z="0" ifd="3" sizeX="64" sizeY="48"/>
<dimension r="1" c="1" z="0" ifd="4" sizeX="32" sizeY="24"/></pixels>
<view sizeX="16000" sizeY="12000" offsetX="0" offsetY="0"/><scanSettings><objectiveSettings>
<objective>20</objective></objectiveSettings><illuminationSettings>
<numericalAperture>0.4</numericalAperture></illuminationSettings><channelSettings>
<channel index="0" name="405|Empty" exposureTime="2"/><channel index="1" name="L5"/>
</channelSettings></scanSettings></image></collection></scn>"""


def scn(path: Path, document: str = SCN) -> Path:
    shapes = [(32, 16, 3), (48, 64), (24, 32), (48, 64), (24, 32)]
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for number, shape in enumerate(shapes):
            description = document.encode() if number == 0 else None
            kind = "rgb" if len(shape) == 3 else "minisblack"
            plane = np.zeros(shape, "uint8")
            writer.write(plane, photometric=kind, metadata=None, description=description)
    return path


def test_an_scn_document_tells_images_from_their_copies(tmp_path, sizes, value):
    header = read_header(scn(tmp_path / "a.scn"))
    assert header.format == "Leica SCN"
    assert sizes(header) == [(16, 32, 1, 3, 1), (64, 48, 1, 2, 1)]
    assert value(header, "image.physical_size_x", 0) == 1000
    assert value(header, "image.physical_size_y", 1) == 0.25
    assert value(header, "image.acquisition_date", 1) == "2011-01-02T03:05:00Z"
    assert value(header, "objective.nominal_magnification", 1) == 20
    assert value(header, "objective.lens_na", 1) == 0.4
    assert value(header, "channel.1.name", 1) == "L5"
    assert value(header, "microscope.model", 0) == "Leica SCN400"
    assert sizes(read_header(tmp_path / "a.scn", levels=True))[2] == (32, 24, 1, 2, 1)


def test_an_scn_document_that_is_damaged_leaves_the_pages(tmp_path, sizes):
    header = read_header(scn(tmp_path / "a.scn", SCN[: SCN.index("<image name")] + "<"))
    assert header.damaged
    assert sizes(header)[0] == (16, 32, 1, 3, 1)
