from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_fair.files import UnreadableFile
from napari_fair.headers import read_header
from napari_fair.headers.sentences import Warnings
from napari_fair.headers.sheet import Sheet
from napari_fair.model import Trust


def test_a_fact_carries_its_place_trust_and_origin(document, pixels):
    path = document(pixels(PhysicalSizeX="0.108", PhysicalSizeXUnit="µm"))
    fact = read_header(path).images[0].facts["image.physical_size_x"]
    assert (fact.value.value, fact.value.unit) == (0.108, "µm")
    assert fact.where == "OME-XML: Image[0]/Pixels/@PhysicalSizeX"
    assert (fact.origin, fact.trust, fact.original) == ("header", Trust.STATED, "")


@pytest.mark.parametrize("unit", ["micron", "um", "\u03bcm", "\\u00B5m", "micrometer"])
def test_odd_spellings_of_micrometre_are_read_and_kept_as_original(document, pixels, unit):
    path = document(pixels(PhysicalSizeX="0.5", PhysicalSizeXUnit=unit))
    fact = read_header(path).images[0].facts["image.physical_size_x"]
    assert (fact.value.value, fact.value.unit) == (0.5, "µm")
    assert fact.original == f"0.5 {unit}"


def test_other_units_are_converted(document, pixels, value):
    path = document(
        pixels(
            PhysicalSizeX="250", PhysicalSizeXUnit="nm", TimeIncrement="500", TimeIncrementUnit="ms"
        )
    )
    header = read_header(path)
    assert value(header, "image.physical_size_x") == 0.25
    assert value(header, "image.time_increment") == 0.5
    assert header.warnings == ()


@pytest.mark.parametrize("number", ["0", "-0.1", "NaN", "INF", "1e12", "1e-12", "wide", ""])
def test_impossible_sizes_are_unknown_and_said_so(document, pixels, value, number):
    inside = pixels().replace("<Pixels ", f'<Pixels PhysicalSizeX="{number}" ')
    header = read_header(document(inside))
    assert value(header, "image.physical_size_x") is None
    assert len(header.warnings) == 1
    assert "PhysicalSizeX" in header.warnings[0]
    assert number in header.warnings[0]
    assert not header.damaged


@pytest.mark.parametrize("unit", ["pixel", "reference frame", "furlong"])
def test_units_that_are_no_length_make_the_size_unknown(document, pixels, value, unit):
    header = read_header(document(pixels(PhysicalSizeX="0.3", PhysicalSizeXUnit=unit)))
    assert value(header, "image.physical_size_x") is None
    assert unit in header.warnings[0]


def test_exactly_one_without_a_unit_is_unknown_but_other_numbers_are_micrometres(
    document, pixels, value
):
    header = read_header(document(pixels(PhysicalSizeX="1.0")))
    assert value(header, "image.physical_size_x") is None
    assert "calibrated" in header.warnings[0]
    header = read_header(document(pixels(PhysicalSizeY="0.4")))
    assert value(header, "image.physical_size_y") == 0.4


def test_exactly_one_with_a_stated_unit_is_believed(document, pixels, value):
    header = read_header(document(pixels(PhysicalSizeX="1.0", PhysicalSizeXUnit="µm")))
    assert value(header, "image.physical_size_x") == 1.0
    assert header.warnings == ()


@pytest.mark.parametrize(
    "written", ["2026-11-20T14:03:00", "2026-11-20T14:03:00Z", "2026-11-20T14:03:00.125+01:00"]
)
def test_dates_keep_their_time_zone_or_have_none(document, pixels, value, written):
    inside = f"<Image ID='Image:0'><AcquisitionDate>{written}</AcquisitionDate>{pixels()}</Image>"
    assert value(read_header(document(inside)), "image.acquisition_date") == written


def test_a_date_that_is_none_is_a_warning(document, pixels, value):
    inside = f"<Image ID='Image:0'><AcquisitionDate>20/11/2026</AcquisitionDate>{pixels()}</Image>"
    header = read_header(document(inside))
    assert value(header, "image.acquisition_date") is None
    assert "20/11/2026" in header.warnings[0]


def test_a_date_with_spaces_is_mended_and_kept_as_original(document, pixels):
    written = "2015-10-16 10:20:30 -0700"
    inside = f"<Image ID='Image:0'><AcquisitionDate>{written}</AcquisitionDate>{pixels()}</Image>"
    fact = read_header(document(inside)).images[0].facts["image.acquisition_date"]
    assert (fact.value, fact.original) == ("2015-10-16T10:20:30-07:00", written)


def test_unknown_words_become_other_and_keep_what_was_written(document, pixels):
    channel = '<Channel ID="Channel:0:0" AcquisitionMode="LatticeLightsheet"/>'
    fact = read_header(document(pixels(channel))).images[0].facts["channel.0.acquisition_mode"]
    assert (fact.value, fact.original) == ("Other", "LatticeLightsheet")


def test_channels_are_read(document, pixels, value):
    channel = (
        '<Channel ID="Channel:0:0" Name="GFP" Fluor="EGFP" ExcitationWavelength="488"'
        ' EmissionWavelength="0.51" EmissionWavelengthUnit="µm" Color="16711935"'
        ' ContrastMethod="Fluorescence" IlluminationType="Epifluorescence" SamplesPerPixel="1"/>'
    )
    header = read_header(document(pixels(channel)))
    assert value(header, "channel.0.name") == "GFP"
    assert value(header, "channel.0.fluor") == "EGFP"
    assert value(header, "channel.0.excitation_wavelength") == 488
    assert value(header, "channel.0.emission_wavelength") == 510
    assert value(header, "channel.0.color") == "#00ff00"
    assert value(header, "channel.0.samples_per_pixel") == 1
    assert header.warnings == ()


@given(
    red=st.integers(0, 255),
    green=st.integers(0, 255),
    blue=st.integers(0, 255),
    alpha=st.integers(0, 255),
)
def test_colours_are_read_from_signed_and_unsigned_integers(red, green, blue, alpha):
    from lxml import etree

    from napari_fair.headers.ome_channels import record_channels

    packed = bytes([red, green, blue, alpha])
    for number in (*struct.unpack(">i", packed), *struct.unpack(">I", packed)):
        sheet = Sheet(0, Warnings())
        inside = etree.fromstring(f'<Pixels><Channel Color="{number}"/></Pixels>')
        record_channels(sheet, inside, inside, "OME-XML: Image[0]")
        assert sheet.facts["channel.0.color"].value == f"#{red:02x}{green:02x}{blue:02x}"


INSTRUMENT = """<Instrument ID="Instrument:0">
  <Microscope Manufacturer="Nikon" Model="Ti2" Type="Inverted"/>
  <Laser ID="LightSource:0" Manufacturer="Coherent" Model="OBIS" Power="50" Wavelength="488"/>
  <Detector ID="Detector:0" Manufacturer="Andor" Model="Sona" Type="sCMOS"/>
  <Objective ID="Objective:0" Model="Plan Apo" LensNA="1.4" NominalMagnification="60"
   Immersion="Oil" WorkingDistance="0.13" WorkingDistanceUnit="mm"/>
  </Instrument>"""


def test_the_instrument_is_read(document, pixels, value):
    channel = (
        '<Channel ID="Channel:0:0"><DetectorSettings ID="Detector:0" Gain="2.5" Binning="2x2"/>'
        "</Channel>"
    )
    inside = (
        INSTRUMENT
        + '<Image ID="Image:0"><InstrumentRef ID="Instrument:0"/>'
        + f'<ObjectiveSettings ID="Objective:0"/>{pixels(channel)}</Image>'
    )
    header = read_header(document(inside))
    expected = {
        "objective.model": "Plan Apo",
        "objective.lens_na": 1.4,
        "objective.nominal_magnification": 60,
        "objective.immersion": "Oil",
        "objective.working_distance": 130,
        "microscope.manufacturer": "Nikon",
        "microscope.type": "Inverted",
        "detector.0.model": "Sona",
        "detector.0.type": "Other",
        "detector.0.gain": 2.5,
        "detector.0.binning": "2x2",
        "light_source.0.type": "Laser",
        "light_source.0.wavelength": 488,
        "light_source.0.power": "50 mW",
    }
    assert {path: value(header, path) for path in expected} == expected
    facts = header.images[0].facts
    assert facts["detector.0.type"].original == "sCMOS"
    assert facts["objective.lens_na"].trust is Trust.STATED


def test_the_only_instrument_is_derived_when_the_image_does_not_name_it(document, pixels):
    header = read_header(document(f'{INSTRUMENT}<Image ID="Image:0">{pixels()}</Image>'))
    assert header.images[0].facts["objective.lens_na"].trust is Trust.DERIVED


def test_a_dangling_reference_is_a_warning_and_the_rest_is_read(document, pixels, sizes):
    inside = f'<Image ID="Image:0"><InstrumentRef ID="Instrument:9"/>{pixels()}</Image>'
    header = read_header(document(inside))
    assert sizes(header) == [(8, 6, 1, 1, 1)]
    assert "Instrument:9" in header.warnings[0]


def test_two_images_with_one_id_are_both_read(document, pixels, sizes):
    image = f'<Image ID="Image:0">{pixels()}</Image>'
    header = read_header(document(image * 2))
    assert sizes(header) == [(8, 6, 1, 1, 1)] * 2
    assert "Image:0" in header.warnings[0]


def test_one_fault_in_many_images_is_one_sentence(document, pixels):
    image = f'<Image ID="Image:%d">{pixels(PhysicalSizeX="0")}</Image>'
    header = read_header(document("".join(image % i for i in range(50))))
    assert len(header.warnings) == 1
    assert "images 1, 2, 3 and 47 more" in header.warnings[0]


PLANES = "".join(
    f'<Plane TheZ="0" TheC="{c}" TheT="{t}" DeltaT="{t * 2.5}" ExposureTime="{e}"'
    f' PositionX="{t + 3}" PositionXUnit="mm"/>'
    for t in range(4)
    for c, e in ((0, 0.1), (1, 0.2 + t / 10))
)


def test_planes_give_constant_exposure_even_time_steps_and_the_first_position(
    document, pixels, value
):
    header = read_header(document(pixels(PLANES, SizeC="2", SizeT="4")))
    assert value(header, "channel.0.exposure_time") == 0.1
    assert value(header, "channel.1.exposure_time") is None
    assert value(header, "image.time_increment") == 2.5
    assert header.images[0].facts["image.time_increment"].trust is Trust.DERIVED
    assert value(header, "image.stage_x") == 3000


def test_uneven_time_steps_give_no_time_increment(document, pixels, value):
    planes = "".join(
        f'<Plane TheZ="0" TheC="0" TheT="{t}" DeltaT="{d}"/>' for t, d in enumerate((0, 1, 5, 6))
    )
    assert value(read_header(document(pixels(planes))), "image.time_increment") is None


def test_a_stage_position_without_a_length_unit_is_unknown(document, pixels, value):
    planes = '<Plane TheZ="0" TheC="0" TheT="0" PositionX="12"/>'
    assert value(read_header(document(pixels(planes))), "image.stage_x") is None


def test_planes_belong_to_their_own_image(document, pixels, value):
    images = "".join(
        f'<Image ID="Image:{i}">'
        + pixels(f'<Plane TheZ="0" TheC="0" TheT="0" ExposureTime="{i + 1}"/>')
        + "</Image>"
        for i in range(3)
    )
    header = read_header(document(images))
    assert [value(header, "channel.0.exposure_time", i) for i in range(3)] == [1, 2, 3]


def test_planes_are_left_out_when_it_is_unclear_whose_they_are(document, pixels, value):
    plane = '<Plane TheZ="0" TheC="0" TheT="0" ExposureTime="7"/>'
    images = f'<Image ID="Image:0"><!-- {plane} -->{pixels()}</Image>' + (
        f'<Image ID="Image:1">{pixels(plane)}</Image>'
    )
    header = read_header(document(images))
    assert [value(header, "channel.0.exposure_time", i) for i in range(2)] == [None, None]


def test_schema_2008_is_read(document, value, sizes):
    inside = """<Instrument ID="Instrument:0"><Objective ID="Objective:0" Model="X">
      <Immersion>Air</Immersion><LensNA>0.8</LensNA></Objective></Instrument>
      <Image ID="Image:0" DefaultPixels="Pixels:1"><CreationDate>2010-02-23T12:51:30</CreationDate>
      <ObjectiveRef ID="Objective:0"/>
      <LogicalChannel ID="LogicalChannel:0" Name="DAPI" ExWave="405" EmWave="450"
       Mode="Wide-field"/>
      <Pixels ID="Pixels:0" PixelType="uint8" SizeX="1" SizeY="1" SizeZ="1" SizeC="1" SizeT="1"/>
      <Pixels ID="Pixels:1" PixelType="float" PhysicalSizeX="0.2" SizeX="6" SizeY="4" SizeZ="2"
       SizeC="1" SizeT="3"/></Image>"""
    namespace = "http://www.openmicroscopy.org/Schemas/OME/2008-09"
    header = read_header(document(inside, namespace=namespace))
    assert sizes(header) == [(6, 4, 2, 1, 3)]
    assert value(header, "image.dtype") == "float32"
    assert value(header, "image.physical_size_x") == 0.2
    assert value(header, "image.acquisition_date") == "2010-02-23T12:51:30"
    assert value(header, "channel.0.excitation_wavelength") == 405
    assert value(header, "channel.0.acquisition_mode") == "WideField"
    assert value(header, "objective.lens_na") == 0.8
    assert value(header, "objective.immersion") == "Air"


def test_pixel_sizes_of_2007_and_before_are_read(document, value):
    inside = """<Image ID="i" PixelSizeX="0.3"><Pixels ID="p" PixelType="Uint8" SizeX="6"
      SizeY="4" SizeZ="2" SizeC="1" SizeT="3"/></Image>"""
    header = read_header(
        document(inside, namespace="http://www.openmicroscopy.org/XMLschemas/OME/FC/ome.xsd")
    )
    assert value(header, "image.physical_size_x") == 0.3
    assert value(header, "image.dtype") == "uint8"


def test_a_truncated_document_gives_what_there_was(document, pixels, value):
    path = document(pixels(PLANES, PhysicalSizeX="0.2"))
    path.write_bytes(path.read_bytes()[:-200])
    header = read_header(path)
    assert header.damaged
    assert value(header, "image.physical_size_x") == 0.2


def test_entities_are_refused(document, pixels):
    path = document(pixels())
    bomb = '<?xml version="1.0"?><!DOCTYPE OME [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    path.write_text(f"{bomb}<OME><Image ID='Image:0' Name='&b;'/></OME>")
    header = read_header(path)
    assert header.damaged
    assert header.images == ()


def test_an_external_entity_is_not_fetched(document, tmp_path, value):
    secret = tmp_path / "secret.txt"
    secret.write_text("classified")
    path = tmp_path / "x.ome.xml"
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE OME [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'
        "<OME><Image ID='Image:0'><Description>&s;</Description></Image></OME>"
    )
    assert "classified" not in str(read_header(path))


def test_the_documents_bytes_are_handed_on(document, pixels):
    path = document(pixels())
    assert read_header(path).ome_xml == path.read_bytes()


@pytest.mark.parametrize("name", ["../up.ome.tif", "/etc/passwd", "C:\\x.tif", "a/../../b.tif"])
def test_names_that_leave_the_folder_are_ignored_with_a_warning(document, pixels, tmp_path, name):
    path = document(pixels(f'<TiffData IFD="0"><UUID FileName="{name}">u</UUID></TiffData>'))
    header = read_header(path)
    assert header.files == (str(path),)
    assert header.warnings


def test_a_missing_file_is_said_in_one_sentence(tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere\.ome\.xml"):
        read_header(tmp_path / "nowhere.ome.xml")


@settings(max_examples=60, deadline=None)
@given(
    attributes=st.dictionaries(
        st.sampled_from(
            [
                "SizeX",
                "SizeC",
                "Type",
                "PhysicalSizeX",
                "PhysicalSizeXUnit",
                "TimeIncrement",
                "DimensionOrder",
            ]
        ),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
    )
)
def test_no_attribute_value_stops_the_reader(tmp_path_factory, attributes):
    from lxml import etree

    root = etree.Element("OME")
    image = etree.SubElement(root, "Image", ID="Image:0")
    held = {k: v for k, v in attributes.items() if "\ufffe" not in v and "\uffff" not in v}
    etree.SubElement(image, "Pixels", **held)
    path = tmp_path_factory.getbasetemp() / "any.ome.xml"
    path.write_bytes(etree.tostring(root))
    header = read_header(path)
    assert len(header.images) == 1
    assert not header.damaged


def test_a_hundred_thousand_planes_are_summed_up_without_being_kept(document, pixels, value):
    planes = "".join(f'<TiffData FirstT="{t}" IFD="{t}"/>' for t in range(100_000)) + "".join(
        f'<Plane TheZ="0" TheC="0" TheT="{t}" DeltaT="{t}.0" ExposureTime="0.1"/>'
        for t in range(100_000)
    )
    path = document(pixels(planes, SizeT="100000"))
    start = time.process_time()
    header = read_header(path)
    assert time.process_time() - start < 5  # a second on an idle machine
    assert value(header, "channel.0.exposure_time") == 0.1
    assert value(header, "image.time_increment") == 1


def test_operator_well_and_environment_are_read(document, value):
    inside = """<Experimenter ID="E:0" FirstName="Ada" LastName="Lovelace"/>
    <Plate ID="P:0"><Well ID="W:0" Row="1" Column="2"><WellSample ID="S:0" Index="0">
    <ImageRef ID="Image:0"/></WellSample></Well></Plate>
    <Image ID="Image:0"><ExperimenterRef ID="E:0"/>
    <ImagingEnvironment Temperature="-4" CO2Percent="0.05" Humidity="0.9"/></Image>"""
    header = read_header(document(inside))
    assert value(header, "image.operator") == "Ada Lovelace"
    assert value(header, "image.well") == "B03"
    assert value(header, "environment.temperature") == -4
    assert value(header, "environment.co2") == 5
    assert value(header, "environment.humidity") == 90


def test_a_percentage_above_one_hundred_is_no_fact(document, value):
    inside = '<Image ID="Image:0"><ImagingEnvironment CO2Percent="5"/></Image>'
    assert value(read_header(document(inside)), "environment.co2") is None


def _of_two_images(between: str) -> bytes:
    """Two images with planes that say other exposures, and many `TiffData`."""
    images = ""
    for number in range(2):
        data = between.join(f'<TiffData FirstT="{t}" IFD="{t + 5}"/>' for t in range(9))
        planes = "".join(
            f'<Plane TheZ="0" TheC="0" TheT="{t}" ExposureTime="{number + 1}" DeltaT="{t * 2}"/>'
            for t in range(9)
        )
        images += (
            f'<Image ID="Image:{number}"><Description><![CDATA[{{}}]]></Description>'
            f'<Pixels ID="Pixels:{number}" DimensionOrder="XYZCT" Type="uint8" SizeX="4" SizeY="4" '
            f'SizeZ="1" SizeC="1" SizeT="9"><Channel ID="Channel:{number}:0"/>{data}{planes}'
            "</Pixels></Image>"
        )
    return f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">{images}</OME>'.encode()


@pytest.mark.parametrize("between", ["", "\n  ", "<!-- and -->"])
def test_many_tiff_data_change_nothing_of_what_planes_say(tmp_path, between):
    path = tmp_path / "a.ome.xml"
    path.write_bytes(_of_two_images(between).replace(b"<![CDATA[{}]]>", b""))
    header = read_header(path)
    assert [i.facts["channel.0.exposure_time"].value.value for i in header.images] == [1.0, 2.0]
    assert [i.facts["image.time_increment"].value.value for i in header.images] == [2.0, 2.0]
    assert (header.damaged, header.warnings) == (False, ())


def test_a_text_that_looks_like_planes_is_kept_whole(tmp_path):
    text = "<TiffData a='1'/><TiffData a='2'/>"
    path = tmp_path / "a.ome.xml"
    path.write_bytes(_of_two_images("").replace(b"{}", text.encode()))
    header = read_header(path)
    assert [i.facts["image.description"].value for i in header.images] == [text] * 2


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"PhysicalSizeX": "0.2", "PhysicalSizeY": "0.2", "PhysicalSizeZ": "1"}, [0.2, 0.2, 1]),
        ({"PhysicalSizeX": "1", "PhysicalSizeY": "1", "PhysicalSizeZ": "1.0"}, [None] * 3),
        ({"PhysicalSizeX": "1", "PhysicalSizeY": "1", "PhysicalSizeZ": "2"}, [1, 1, 2]),
    ],
)
def test_one_without_a_unit_is_a_micrometre_only_where_somebody_calibrated(
    document, pixels, value, attributes, expected
):
    header = read_header(document(pixels(**attributes)))
    assert [value(header, f"image.physical_size_{axis}") for axis in "xyz"] == expected


@pytest.mark.parametrize(
    ("unit", "micrometres"), [("dm", 1e5), ("thou", 25.4), ("ft", 304_800), ("\u00c5", 1e-4)]
)
def test_rare_units_of_length_are_converted(document, pixels, value, unit, micrometres):
    header = read_header(document(pixels(PhysicalSizeX="1", PhysicalSizeXUnit=unit)))
    assert value(header, "image.physical_size_x") == pytest.approx(micrometres)


def test_a_stage_label_with_units_tells_where_the_stage_was(document, pixels, value):
    image = f'<Image ID="Image:0"><StageLabel Name="a" X="3" XUnit="mm" Y="4"/>{pixels()}</Image>'
    header = read_header(document(image))
    assert [value(header, f"image.stage_{axis}") for axis in "xy"] == [3000, None]


def test_the_name_of_a_person_was_an_element_once(document, pixels, value):
    person = (
        '<Experimenter ID="E:1"><FirstName>Ada</FirstName><LastName>B</LastName></Experimenter>'
    )
    image = f'<Image ID="Image:0"><ExperimenterRef ID="E:1"/>{pixels()}</Image>'
    space = "http://www.openmicroscopy.org/Schemas/OME/2008-02"
    header = read_header(document(person + image, namespace=space))
    assert value(header, "image.operator") == "Ada B"
