from __future__ import annotations

import pytest

from headers.vendor_files import lif, lif_image, lif_xml, lof
from napari_fair.headers import read_header
from napari_fair.model import Trust

X, Y, Z, T, LAMBDA, TILE = 1, 2, 3, 4, 5, 10
PLANE = [(X, 11, 1e-5, "m"), (Y, 6, 5e-6, "m")]
CONFOCAL = """<Attachment Name="HardwareSetting" SystemTypeName="TCS SP8" Software="LAS X 3.5">
<ATLConfocalSettingDefinition ObjectiveName="HC PL APO CS2 63x/1.30 GLYC" Magnification="63"
 NumericalAperture="1.3" Immersion="GLYC" MicroscopeModel="DMI6000" IsInverseMicroscopeModel="1"
 Pinhole="8.3e-05" StagePosX="0.034" StagePosY="0">
<Spectro><MultiBand Channel="1" DyeName="Leica/FITC"/><MultiBand Channel="2" DyeName=""/>
<MultiBand Channel="3" DyeName="Leica/TRITC"/></Spectro>
<DetectorList><Detector Name="HyD 1" Type="HyD" Channel="1" IsActive="1" Gain="41.5"/>
<Detector Name="PMT 2" Type="PMT" Channel="2" IsActive="0"/>
<Detector Name="PMT 3" Type="PMT" Channel="3" IsActive="1" Gain="700"/></DetectorList>
<AotfList><LaserLineSetting LaserLine="488" IntensityDev="0.5"/>
<LaserLineSetting LaserLine="552" IntensityDev="0"/></AotfList>
</ATLConfocalSettingDefinition></Attachment>"""


@pytest.fixture
def write(tmp_path):
    def make(images: str, name: str = "a.lif", form=lif):
        path = tmp_path / name
        path.write_bytes(form(lif_xml(images)))
        return path

    return make


def test_sizes_type_and_calibration_come_from_the_dimensions(write, sizes, value):
    header = read_header(write(lif_image([*PLANE, (Z, 3, -1e-6, "m"), (T, 5, 8, "s")], 2)))
    assert (header.format, sizes(header)) == ("Leica LIF", [(11, 6, 3, 2, 5)])
    # A length reaches from the centre of the first pixel to that of the last one.
    assert value(header, "image.physical_size_x") == pytest.approx(1)
    assert value(header, "image.physical_size_z") == pytest.approx(0.5)
    assert value(header, "image.time_increment") == 2
    assert value(header, "image.dtype") == "uint16"
    assert value(header, "image.name") == "Series001"


def test_a_lof_has_its_document_behind_the_pixels(write, sizes):
    header = read_header(write(lif_image(PLANE), "a.lof", lof))
    assert (header.format, sizes(header)) == ("Leica LOF", [(11, 6, 1, 1, 1)])


def test_an_xlif_is_the_document_itself_and_names_its_files(tmp_path, sizes):
    (tmp_path / "a_t0.tif").write_bytes(b"")
    memory = '<Memory><Frame File="a_t0.tif"/><Frame File="../secret.tif"/></Memory>'
    (tmp_path / "a.xlif").write_text(lif_xml(lif_image(PLANE, rest=memory)))
    header = read_header(tmp_path / "a.xlif")
    assert sizes(header) == [(11, 6, 1, 1, 1)]
    assert header.files == (str(tmp_path / "a.xlif"), str(tmp_path / "a_t0.tif"))


def test_images_in_collections_are_all_found_with_their_path(write, value):
    inner = f'<Element Name="Col"><Children>{lif_image(PLANE)}</Children></Element>'
    header = read_header(write(inner + lif_image(PLANE, name="B")))
    assert [value(header, "image.name", i) for i in (0, 1)] == ["Col/Series001", "B"]


def test_elements_inside_an_image_are_no_images(write, sizes):
    inside = f"<Attachment>{lif_image([(X, 2, 0, 'm')])}</Attachment>"
    assert len(sizes(read_header(write(lif_image(PLANE, rest=inside))))) == 1


def test_the_second_axis_of_a_plane_may_be_z(write, sizes, value):
    header = read_header(
        write(lif_image([(X, 11, 1e-5, "m"), (Z, 6, 5e-6, "m"), (Y, 4, 3e-6, "m")]))
    )
    assert sizes(header) == [(11, 6, 4, 1, 1)]
    assert value(header, "image.physical_size_y") == pytest.approx(1)
    assert "along Z" in header.warnings[0]


def test_wavelength_steps_are_channels(write, sizes):
    assert sizes(read_header(write(lif_image([*PLANE, (LAMBDA, 7, 6e-8, "m")])))) == [
        (11, 6, 1, 7, 1)
    ]


def test_tiles_are_images_with_their_own_place(write, sizes, value):
    tiles = '<Attachment><Tile PosX="0.001" PosY="0.5"/><Tile PosX="0.002"/></Attachment>'
    header = read_header(write(lif_image([*PLANE, (TILE, 2, 0, "")], rest=tiles)))
    assert sizes(header) == [(11, 6, 1, 1, 1)] * 2
    assert [value(header, "image.stage_x", i) for i in (0, 1)] == [1000, 2000]


def test_settings_of_a_confocal_are_read(write, value):
    header = read_header(write(lif_image(PLANE, 2, CONFOCAL)))
    assert value(header, "objective.lens_na") == 1.3
    assert value(header, "objective.nominal_magnification") == 63
    immersion = header.images[0].facts["objective.immersion"]
    assert (immersion.value, immersion.original) == ("Glycerol", "GLYC")
    assert value(header, "microscope.type") == "Inverted"
    assert value(header, "image.stage_x") == 34_000
    assert value(header, "image.software") == "LAS X 3.5"
    assert value(header, "channel.0.pinhole_size") == 83
    assert value(header, "image.stage_y") is None
    assert [value(header, f"detector.{i}.type") for i in (0, 1)] == ["Other", "PMT"]
    assert value(header, "light_source.0.wavelength") == 488


def test_dyes_belong_to_the_detectors_that_were_on(write, value):
    header = read_header(write(lif_image(PLANE, 2, CONFOCAL)))
    assert [value(header, f"channel.{i}.name") for i in (0, 1)] == ["Leica/FITC", "Leica/TRITC"]
    assert header.images[0].facts["channel.1.fluor"].trust is Trust.DERIVED


def test_dyes_are_not_assigned_when_the_numbers_differ(write, value):
    assert value(read_header(write(lif_image(PLANE, 3, CONFOCAL))), "channel.0.name") is None


@pytest.mark.parametrize(
    "stamps",
    [
        '<TimeStampList NumberOfTimeStamps="1">1d71114eb8b44f0 1d71114ebdc2410 </TimeStampList>',
        "<TimeStampList><TimeStamp HighInteger='30871828' LowInteger='3951772912'/>"
        "</TimeStampList>",
    ],
)
def test_the_date_is_the_first_time_stamp_without_a_zone(write, value, stamps):
    date = value(read_header(write(lif_image(PLANE, rest=stamps))), "image.acquisition_date")
    assert date == "2021-03-04T16:39:17.951"


@pytest.mark.parametrize("stamp", ["zzz", "-5", "f" * 40, ""])
def test_an_impossible_time_stamp_is_no_date(write, value, stamp):
    header = read_header(write(lif_image(PLANE, rest=f"<TimeStampList>{stamp}</TimeStampList>")))
    assert value(header, "image.acquisition_date") is None
    assert sizes_known(header)


def sizes_known(header):
    return "image.size_x" in header.images[0].facts


def test_old_files_state_the_lens_in_records_of_their_own(write, value):
    records = """<Attachment><FilterSettingRecord ClassName="CTurret" Attribute="Objective"
    Variant="HCX PL APO lambda blue 63.0x1.40 OIL UV"/><FilterSettingRecord ClassName="CTurret"
    Attribute="NumericalAperture" Variant="1.4"/></Attachment>"""
    header = read_header(write(lif_image(PLANE, rest=records)))
    assert value(header, "objective.lens_na") == 1.4
    assert value(header, "objective.nominal_magnification") == 63
    assert value(header, "objective.immersion") == "Oil"


def test_a_file_cut_off_inside_its_document_is_damaged_and_gives_what_is_there(write, sizes):
    path = write(lif_image(PLANE) + lif_image(PLANE, name="second"))
    data = path.read_bytes()
    path.write_bytes(data[: data.index("second".encode("utf-16-le"))])
    header = read_header(path)
    assert header.damaged
    assert sizes(header) == [(11, 6, 1, 1, 1)]


def test_a_file_with_nothing_behind_its_magic_is_damaged(tmp_path):
    (tmp_path / "a.lif").write_bytes(b"\x70\0\0\0")
    assert read_header(tmp_path / "a.lif").damaged


@pytest.mark.parametrize("number", [5, 9])
def test_steps_of_the_wavelength_are_channels(tmp_path, sizes, number):
    path = tmp_path / "a.lif"
    plane = [(1, 8, 7e-6, "m"), (2, 6, 5e-6, "m"), (number, 4, 3e-8, "m")]
    path.write_bytes(lif(lif_xml(lif_image(plane, channels=2))))
    assert sizes(read_header(path)) == [(8, 6, 1, 8, 1)]
