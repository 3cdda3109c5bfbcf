from __future__ import annotations

import time

import pytest

from headers.vendor_files import czi, czi_entry, czi_xml
from napari_fair.headers import read_header
from napari_fair.model import Trust

SCALING = """<Scaling><Items>
<Distance Id="X"><Value>1.03e-07</Value></Distance>
<Distance Id="Y"><Value>1.03e-07</Value></Distance>
<Distance Id="Z"><Value>3e-07</Value></Distance></Items></Scaling>"""
CHANNELS = """<Dimensions><Channels>
<Channel Id="Channel:0" Name="DAPI"><ExcitationWavelength>353</ExcitationWavelength>
<EmissionWavelength>465</EmissionWavelength><Fluor>DAPI</Fluor><Color>#FF00A0FF</Color>
<ExposureTime>150000000</ExposureTime><AcquisitionMode>WideField</AcquisitionMode>
<DetectorSettings><Binning>2,2</Binning><Gain>3</Gain><Detector Id="D:1"/></DetectorSettings>
</Channel>
<Channel Id="Channel:1" Name="LLS"><AcquisitionMode>LatticeLightsheet</AcquisitionMode></Channel>
</Channels></Dimensions>
<AcquisitionDateAndTime>2023-01-06T10:41:51.7217589Z</AcquisitionDateAndTime>
<ObjectiveSettings><ObjectiveRef Id="O:2"/></ObjectiveSettings>"""
INSTRUMENT = """<Microscopes><Microscope Id="M" Name="Axio Observer"><Type>Inverted</Type>
</Microscope></Microscopes>
<LightSources><LightSource Id="L"><Power>20</Power><LightSourceType><Laser>
<Wavelength>561</Wavelength></Laser></LightSourceType></LightSource></LightSources>
<Detectors><Detector Id="D:1" Name="Camera"><Type>EMCCD</Type></Detector></Detectors>
<Objectives><Objective Id="O:1" Name="other"><LensNA>0.3</LensNA></Objective>
<Objective Id="O:2" Name="Plan-Apochromat 20x/0.95"><LensNA>0.95</LensNA>
<NominalMagnification>20</NominalMagnification><Immersion>Air</Immersion>
<WorkingDistance>350</WorkingDistance></Objective></Objectives>"""


@pytest.fixture
def write(tmp_path):
    def make(*arguments, **options):
        path = tmp_path / "a.czi"
        path.write_bytes(czi(*arguments, **options))
        return path

    return make


def stack(depth=1, channels=1, times=1, width=8, height=6, **options):
    return [
        czi_entry({"Z": z, "C": c, "T": t}, width, height, **options)
        for z in range(depth)
        for c in range(channels)
        for t in range(times)
    ]


def test_sizes_come_from_the_directory(write, sizes, value):
    header = read_header(write(stack(3, 2, 4), czi_xml()))
    assert (header.format, sizes(header), header.damaged) == ("Zeiss CZI", [(8, 6, 3, 2, 4)], False)
    assert value(header, "image.dtype") == "uint16"


def test_tiles_make_one_image_as_large_as_the_box_around_them(write, sizes):
    tiles = [czi_entry({"C": 0, "M": m}, 10, 8, left=m * 9 - 20, top=m) for m in range(3)]
    assert sizes(read_header(write(tiles, czi_xml()))) == [(28, 10, 1, 1, 1)]


def test_scenes_are_images_of_their_own_size_and_name(write, sizes, value):
    scenes = [
        czi_entry({"S": 0}, 8, 6),
        czi_entry({"S": 1}, 20, 10),
        czi_entry({"S": 1, "C": 1}, 20, 10),
    ]
    names = """<Dimensions><S><Scenes><Scene Index="1" Name="B2">
    <CenterPosition>100,-250.5</CenterPosition><Shape Name="B2"/></Scene></Scenes></S>
    </Dimensions>"""
    header = read_header(write(scenes, czi_xml(names)))
    assert sizes(header) == [(8, 6, 1, 1, 1), (20, 10, 1, 2, 1)]
    assert value(header, "image.name") is None
    assert value(header, "image.name", 1) == "B2"
    assert value(header, "image.stage_y", 1) == -250.5
    assert value(header, "image.well", 1) == "B2"


def test_smaller_copies_are_listed_only_on_request(write, sizes):
    blocks = [czi_entry({"C": 0}, 8, 6), czi_entry({"C": 0}, 4, 3, shrunk=2)]
    path = write(blocks, czi_xml())
    assert sizes(read_header(path)) == [(8, 6, 1, 1, 1)]
    assert sizes(read_header(path, levels=True)) == [(8, 6, 1, 1, 1), (4, 3, 1, 1, 1)]


def test_colour_pixels_count_as_three_channels(write, sizes, value):
    header = read_header(write(stack(pixel_type=3), czi_xml()))
    assert sizes(header) == [(8, 6, 1, 3, 1)]
    assert value(header, "channel.0.samples_per_pixel") == 3


def test_calibration_is_in_metres_and_zero_means_unknown(write, value):
    header = read_header(write(stack(), czi_xml(rest=SCALING)))
    assert value(header, "image.physical_size_x") == pytest.approx(0.103)
    assert value(header, "image.physical_size_z") == pytest.approx(0.3)
    zero = read_header(write(stack(), czi_xml(rest=SCALING.replace("1.03e-07", "0"))))
    assert value(zero, "image.physical_size_x") is None
    assert zero.warnings == ()


def test_channels_and_date_are_read(write, value):
    header = read_header(write(stack(channels=2), czi_xml(CHANNELS, INSTRUMENT)))
    assert value(header, "channel.0.name") == value(header, "channel.0.fluor") == "DAPI"
    assert value(header, "channel.0.excitation_wavelength") == 353
    assert value(header, "channel.0.exposure_time") == 0.15
    assert value(header, "channel.0.color") == "#00a0ff"
    assert value(header, "image.acquisition_date") == "2023-01-06T10:41:51.721758Z"
    mode = header.images[0].facts["channel.1.acquisition_mode"]
    assert (mode.value, mode.original) == ("Other", "LatticeLightsheet")


def test_the_objective_is_the_one_that_the_image_refers_to(write, value):
    header = read_header(write(stack(), czi_xml(CHANNELS, INSTRUMENT)))
    assert value(header, "objective.model") == "Plan-Apochromat 20x/0.95"
    assert value(header, "objective.lens_na") == 0.95
    assert value(header, "objective.nominal_magnification") == 20
    assert value(header, "objective.immersion") == "Air"
    assert value(header, "objective.working_distance") == 350
    assert header.images[0].facts["objective.lens_na"].trust is Trust.STATED


def test_with_several_objectives_and_no_reference_none_is_taken(write, value):
    image = CHANNELS.replace("O:2", "O:9")
    assert (
        value(read_header(write(stack(), czi_xml(image, INSTRUMENT))), "objective.lens_na") is None
    )


def test_instrument_parts_are_read(write, value):
    header = read_header(write(stack(), czi_xml(CHANNELS, INSTRUMENT)))
    assert value(header, "microscope.model") == "Axio Observer"
    assert value(header, "microscope.type") == "Inverted"
    assert value(header, "detector.0.gain") == 3
    assert value(header, "detector.0.binning") == "2x2"
    assert value(header, "detector.0.type") == "EMCCD"
    assert value(header, "light_source.0.wavelength") == 561
    assert value(header, "light_source.0.power") == "20 mW"


def test_a_name_that_nobody_chose_is_no_dye(write, value):
    rest = """<DisplaySetting><Channels><Channel Id="Channel:0" Name="GFP">
    <DyeName>Dye1</DyeName></Channel></Channels></DisplaySetting>"""
    header = read_header(write(stack(), czi_xml(rest=rest)))
    assert value(header, "channel.0.name") == "GFP"
    assert value(header, "channel.0.fluor") is None


def test_even_time_stamps_give_a_derived_step_and_uneven_ones_none(write, value):
    header = read_header(write(stack(times=3), czi_xml(), stamps=[5.0, 7.0, 9.01]))
    step = header.images[0].facts["image.time_increment"]
    assert (step.value.value, step.trust) == (pytest.approx(2.005), Trust.DERIVED)
    uneven = read_header(write(stack(times=3), czi_xml(), stamps=[5.0, 7.0, 19.0]))
    assert value(uneven, "image.time_increment") is None


def test_a_file_cut_off_before_its_directory_still_gives_sizes(write, sizes, value):
    path = write(stack(3, 2), czi_xml(rest=SCALING))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"ZISRAWDIRECTORY")])
    header = read_header(path)
    assert header.damaged
    assert sizes(header) == [(8, 6, 3, 2, 1)]
    assert value(header, "image.physical_size_x") == pytest.approx(0.103)


def test_a_file_without_a_directory_gives_the_sizes_of_its_document(write, sizes):
    path = write([], czi_xml("<SizeX>8</SizeX><SizeY>6</SizeY><SizeC>2</SizeC>"))
    assert sizes(read_header(path)) == [(8, 6, 1, 2, 1)]


def test_a_hostile_document_is_refused_and_the_sizes_stay(write, sizes):
    xml = '<!DOCTYPE a [<!ENTITY b "c">]>' + czi_xml("<SizeX>&b;</SizeX>")
    header = read_header(write(stack(), xml))
    assert header.damaged
    assert sizes(header) == [(8, 6, 1, 1, 1)]


def test_a_segment_that_points_at_itself_is_no_endless_way(write):
    path = write(stack(), czi_xml())
    data = bytearray(path.read_bytes())
    data[84:92] = bytes(8)
    data[544 + 16 : 544 + 24] = (0).to_bytes(8, "little")
    path.write_bytes(data)
    assert read_header(path).damaged


def test_operator_and_software_are_read(write, value):
    xml = czi_xml().replace(
        "<Information>",
        "<Information><User><DisplayName>J. Carberry</DisplayName></User>"
        "<Application><Name>ZEN (blue edition)</Name><Version>3.8</Version></Application>",
    )
    header = read_header(write(stack(), xml))
    assert value(header, "image.operator") == "J. Carberry"
    assert value(header, "image.software") == "ZEN (blue edition) 3.8"


def test_a_directory_of_fifty_thousand_tiles_is_summed_up_in_time(write, sizes):
    tiles = [czi_entry({"S": 0, "C": 0, "M": m}, 10, 10, left=m * 10) for m in range(50_000)]
    path = write(tiles[:1], czi_xml())
    data = path.read_bytes()
    at = data.index(b"ZISRAWDIRECTORY")
    held = b"".join(tiles)
    head = b"ZISRAWDIRECTORY\0" + (128 + len(held)).to_bytes(8, "little") * 2
    count = len(tiles).to_bytes(4, "little")
    path.write_bytes(data[:at] + head + count + bytes(124) + held)
    start = time.process_time()
    header = read_header(path)
    assert time.process_time() - start < 1
    assert sizes(header) == [(500_000, 10, 1, 1, 1)]


def test_rotations_directions_of_light_and_phases_are_planes_of_one_image(write, sizes):
    entries = [
        czi_entry({"Z": z, "C": 0, "T": 0, "R": r, "I": i, "H": h}, 8, 6)
        for z in range(2)
        for r in range(3)
        for i in range(2)
        for h in range(5)
    ]
    assert sizes(read_header(write(entries, czi_xml()))) == [(8, 6, 6, 2, 5)]


def test_label_and_preview_of_a_slide_are_images_of_their_own(write, sizes, value):
    label = czi(stack(width=30, height=20, pixel_type=3), "<ImageDocument/>")
    file = write(stack(), czi_xml(), pictures={"Label": label, "Other": label, "SlidePreview": b""})
    header = read_header(file)
    assert sizes(header) == [(8, 6, 1, 1, 1), (30, 20, 1, 3, 1)]
    assert value(header, "image.name", 1) == "label"
    assert not header.damaged


def test_wavelengths_of_the_dye_stand_in_where_the_channel_has_none(write, value):
    display = """<DisplaySetting><Channels><Channel Id="Channel:0" Name="A"/>
    <Channel Id="Channel:1" Name="B"><DyeMaxExcitation>493</DyeMaxExcitation>
    <DyeMaxEmission>517</DyeMaxEmission></Channel></Channels></DisplaySetting>"""
    xml = """<Dimensions><Channels><Channel Id="Channel:0"><IlluminationWavelength>
    <SinglePeak>405</SinglePeak></IlluminationWavelength></Channel>
    <Channel Id="Channel:1"/></Channels></Dimensions>"""
    header = read_header(write(stack(channels=2), czi_xml(xml, rest=display)))
    waves = [
        [value(header, f"channel.{n}.{kind}_wavelength") for kind in ("excitation", "emission")]
        for n in range(2)
    ]
    assert waves == [[405, None], [493, 517]]
    assert header.images[0].facts["channel.1.emission_wavelength"].trust == Trust.DERIVED
