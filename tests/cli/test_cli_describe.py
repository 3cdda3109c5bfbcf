from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

IMAGE_KEYS = {
    *("index", "name", "size_x", "size_y", "size_z", "size_c", "size_t", "dtype"),
    *("dimension_order", "physical_size_x", "physical_size_y", "physical_size_z"),
    *("time_increment", "acquisition_date", "channels", "objective", "microscope"),
    *("detectors", "light_sources", "stage_position", "facts"),
}


def test_the_document_has_sizes_calibration_and_null_for_what_is_unknown(
    read: Any, folder: Path
) -> None:
    document = read("describe", "a b.ome.tif")

    (file,) = document["files"]
    (image,) = file["images"]
    assert file["path"] == "a b.ome.tif"
    assert (file["format"], file["damaged"], file["warnings"]) == ("OME-TIFF", False, [])
    assert set(image) == IMAGE_KEYS
    assert [image[f"size_{axis}"] for axis in "xyzct"] == [8, 6, 1, 2, 1]
    assert image["physical_size_x"] == pytest.approx(0.1)
    assert image["physical_size_y"] is None
    assert image["objective"]["model"] is None
    assert len(image["channels"]) == 2
    assert image["channels"][0]["exposure_time"] is None


def test_every_fact_has_value_unit_origin_place_and_trust(read: Any, folder: Path) -> None:
    (file,) = read("describe", "a b.ome.tif")["files"]

    assert file["facts"] == file["images"][0]["facts"]
    fact = file["facts"]["image.physical_size_x"]
    assert fact["value"] == pytest.approx(0.1)
    assert (fact["unit"], fact["origin"], fact["trust"]) == ("µm", "header", "stated")
    assert "PhysicalSizeX" in fact["where"]


def test_each_scene_of_a_file_is_an_image_with_its_own_facts(
    read: Any, folder: Path, make_image: Any
) -> None:
    make_image(folder / "three.ome.tif", scenes=3)

    (file,) = read("describe", "three.ome.tif")["files"]

    assert [image["index"] for image in file["images"]] == [0, 1, 2]
    assert [i["facts"]["image.name"]["value"] for i in file["images"]] == [
        *("scene 0", "scene 1", "scene 2")
    ]
    assert file["facts"]["image.name"]["value"] == "scene 0"


def test_channels_lens_and_stage_come_from_the_ome_xml(read: Any, folder: Path) -> None:
    (folder / "lone.ome.xml").write_text(
        """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
        <Instrument ID="Instrument:0"><Microscope Model="Ti2" Manufacturer="Nikon"/>
        <Objective ID="Objective:0" Model="Plan Apo" LensNA="1.4" Immersion="Oil"
         NominalMagnification="60"/></Instrument>
        <Image ID="Image:0"><ObjectiveSettings ID="Objective:0"/>
        <Pixels ID="Pixels:0" Type="uint8" DimensionOrder="XYCZT"
         SizeX="4" SizeY="4" SizeZ="1" SizeC="1" SizeT="1">
        <Channel ID="Channel:0:0" Name="green" EmissionWavelength="525"/><MetadataOnly/>
        <Plane TheZ="0" TheC="0" TheT="0" PositionX="3" PositionXUnit="µm"
         PositionY="-4" PositionYUnit="µm"/></Pixels></Image></OME>""",
        encoding="utf-8",
    )

    (file,) = read("describe", "lone.ome.xml")["files"]

    (image,) = file["images"]
    assert image["channels"][0]["name"] == "green"
    assert image["channels"][0]["emission_wavelength"] == 525
    assert image["objective"]["lens_na"] == 1.4
    assert image["microscope"] == {"manufacturer": "Nikon", "model": "Ti2", "type": None}
    assert image["stage_position"] == {"x": 3, "y": -4, "z": None}


def test_a_damaged_file_is_described_as_far_as_it_goes_with_exit_code_1(
    run: Any, read: Any, folder: Path
) -> None:
    whole = (folder / "a b.ome.tif").read_bytes()
    (folder / "cut.ome.tif").write_bytes(whole[: len(whole) // 2])

    (file,) = read("describe", "cut.ome.tif")["files"]

    assert file["damaged"] is True
    assert file["warnings"]
    assert run("describe", "cut.ome.tif").exit_code == 1


def test_a_file_that_is_not_there_is_one_sentence_and_exit_code_2(run: Any, folder: Path) -> None:
    result = run("describe", "gone.tif")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "gone.tif" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_one_unreadable_file_of_several_does_not_hide_the_others(
    run: Any, read: Any, folder: Path
) -> None:
    words = ("describe", "a b.ome.tif", "gone.tif")

    files = read(*words)["files"]

    assert [(file["path"], file["readable"]) for file in files] == [
        ("a b.ome.tif", True),
        ("gone.tif", False),
    ]
    assert run(*words).exit_code == 1


def test_a_folder_stands_for_the_images_in_it(read: Any, folder: Path) -> None:
    files = read("describe", ".")["files"]

    assert [file["path"] for file in files] == ["a b.ome.tif", "ü#1.ome.tif"]


def test_nothing_is_written(run: Any, folder: Path, contents: Any) -> None:
    before = contents(folder)

    run("describe", ".")

    assert contents(folder) == before


def test_a_name_inside_a_file_cannot_send_commands_to_the_terminal(run: Any, folder: Path) -> None:
    (folder / "evil.ome.xml").write_text(
        """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
        <Image ID="Image:0" Name="[bold]x[/bold]&#x9b;31m&#10;fake: line"><Pixels ID="Pixels:0"
         Type="uint8" DimensionOrder="XYCZT" SizeX="4" SizeY="4" SizeZ="1" SizeC="1" SizeT="1">
        <MetadataOnly/></Pixels></Image></OME>""",
        encoding="utf-8",
    )

    result = run("describe", "evil.ome.xml")

    assert "[bold]x[/bold]" in result.stdout
    assert "\x9b" not in result.stdout
    assert not any(line.startswith("fake") for line in result.stdout.splitlines())
