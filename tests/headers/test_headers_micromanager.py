from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_fair.headers import image_paths, read_header
from napari_fair.model import Trust


def planes(folder: Path, names, summary=None, more=None) -> list[Path]:
    """Single planes named by metadata.txt; names come with their coordinates."""
    held = {"Summary": summary or {}, **(more or {})}
    for name, (position, time, z, channel) in names.items():
        tifffile.imwrite(folder / name, np.zeros((6, 8), "uint16"), metadata=None)
        held[f"Coords-{name}"] = {"position": position, "time": time, "z": z, "channel": channel}
    (folder / "metadata.txt").write_text(json.dumps(held))
    return [folder / name for name in sorted(names)]


NAMES = {
    f"img_c{c}_t{t}_z{z}.tif": (0, t, z, c) for c in range(2) for t in range(3) for z in (0, 1)
}


def test_planes_named_by_metadata_txt_are_one_image(tmp_path, sizes, value):
    plane = {"Exposure-ms": {"PropVal": "12.5"}, "XPositionUm": {"PropVal": -7.5}}
    summary = {"ChNames": ["DAPI", "GFP"], "z-step_um": 0.5, "Interval_ms": 2000.0}
    more = {f"Metadata-{name}": plane for name in NAMES}
    paths = planes(tmp_path, NAMES, summary, more)
    header = read_header(paths[-1])
    assert (header.format, sizes(header)) == ("Micro-Manager TIFF", [(8, 6, 2, 2, 3)])
    assert value(header, "channel.1.name") == "GFP"
    assert value(header, "channel.1.exposure_time") == 0.0125
    assert value(header, "image.stage_x") == -7.5
    assert value(header, "image.physical_size_z") == 0.5
    assert value(header, "image.time_increment") == 2
    assert len(header.files) == len(NAMES) + 1
    assert image_paths(tmp_path, recursive=False) == [Path(header.files[0])]


def test_positions_in_one_folder_are_images_of_one_source(tmp_path, sizes, value):
    names = {f"p{p}_t{t}.tif": (p, t, 0, 0) for p in range(2) for t in range(3)}
    header = read_header(planes(tmp_path, names)[0])
    assert sizes(header) == [(8, 6, 1, 1, 3)] * 2
    assert value(header, "image.name", 1) == "position 1"


def test_the_older_form_names_the_file_inside_the_frame(tmp_path, sizes):
    names = ["img_0.tif", "img_1.tif"]
    held = {
        f"FrameKey-{t}-0-0": {"FileName": name, "FrameIndex": t, "SliceIndex": 0, "ChannelIndex": 0}
        for t, name in enumerate(names)
    }
    for name in names:
        tifffile.imwrite(tmp_path / name, np.zeros((6, 8), "uint16"), metadata=None)
    (tmp_path / "metadata.txt").write_text(json.dumps(held))
    assert sizes(read_header(tmp_path / names[0])) == [(8, 6, 1, 1, 2)]


def test_an_acquisition_that_never_ended_its_metadata_is_read(tmp_path, sizes):
    path = planes(tmp_path, NAMES)[0]
    text = (tmp_path / "metadata.txt").read_text()
    (tmp_path / "metadata.txt").write_text(text.rstrip("}") + "}\n")
    assert sizes(read_header(path)) == [(8, 6, 2, 2, 3)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Coords-a.tif": 5}', "notes on a.tif"])
def test_a_text_that_is_no_metadata_changes_nothing(tmp_path, sizes, text):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((6, 8), "uint16"), metadata=None)
    (tmp_path / "metadata.txt").write_text(text)
    header = read_header(tmp_path / "a.tif")
    assert (header.format, sizes(header)) == ("TIFF", [(8, 6, 1, 1, 1)])
    assert header.files == (str(tmp_path / "a.tif"),)


def test_names_that_lead_out_of_the_folder_are_no_files_of_the_set(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    tifffile.imwrite(tmp_path / "b.tif", np.zeros((6, 8), "uint16"), metadata=None)
    path = planes(inner, {"a.tif": (0, 0, 0, 0)})[0]
    held = json.loads((inner / "metadata.txt").read_text())
    held["FrameKey-1-0-0"] = {"FileName": "../b.tif", "FrameIndex": 1}
    (inner / "metadata.txt").write_text(json.dumps(held))
    assert str(tmp_path / "b.tif") not in read_header(path).files


def ndtiff(folder: Path, axes: list[dict], names=("s_NDTiffStack.tif",)) -> Path:
    for name in names:
        tifffile.imwrite(
            folder / name, np.zeros((len(axes), 6, 8), "uint16"), metadata=None, photometric=1
        )
    parts = []
    for number, place in enumerate(axes):
        text, name = json.dumps(place).encode(), names[number % len(names)].encode()
        parts.append(struct.pack("<I", len(text)) + text + struct.pack("<I", len(name)) + name)
        parts.append(struct.pack("<8I", 0, 8, 6, 1, 0, 0, 0, 0))
    (folder / "NDTiff.index").write_bytes(b"".join(parts))
    return folder / names[0]


def test_the_axes_of_an_ndtiff_set_come_from_its_index(tmp_path, sizes, value):
    axes = [{"channel": c, "time": t} for t in range(4) for c in ("DAPI", "FITC")]
    header = read_header(ndtiff(tmp_path, axes))
    assert (header.format, sizes(header)) == ("NDTiff", [(8, 6, 1, 2, 4)])
    assert [value(header, f"channel.{c}.name") for c in (0, 1)] == ["DAPI", "FITC"]


def test_positions_and_axes_of_ones_own_are_images(tmp_path, sizes, value):
    axes = [
        {"position": p, "angle": a, "z": z} for p in ("P1", "P2") for a in (0, 1) for z in (0, 1)
    ]
    header = read_header(ndtiff(tmp_path, axes))
    assert sizes(header) == [(8, 6, 2, 1, 1)] * 4
    assert value(header, "image.name", 3) == "angle 1, P2"


def test_a_set_in_several_files_is_one_source(tmp_path):
    names = ("s_NDTiffStack.tif", "s_NDTiffStack_1.tif")
    path = ndtiff(tmp_path, [{"time": t} for t in range(4)], names)
    assert image_paths(tmp_path, recursive=False) == [path]
    header = read_header(path.with_name(names[1]))
    assert [Path(file).name for file in header.files] == [*names, "NDTiff.index"]


def test_a_set_with_a_file_missing_is_damaged(tmp_path):
    names = ("s_NDTiffStack.tif", "s_NDTiffStack_1.tif")
    path = ndtiff(tmp_path, [{"time": t} for t in range(4)], names)
    path.with_name(names[1]).unlink()
    assert read_header(path).damaged


@pytest.mark.parametrize("cut", [0, 3, 4, 30, 60, 100])
def test_an_index_that_is_cut_off_never_stops_the_reader(tmp_path, cut):
    path = ndtiff(tmp_path, [{"time": t} for t in range(4)])
    index = tmp_path / "NDTiff.index"
    index.write_bytes(index.read_bytes()[:cut])
    header = read_header(path)
    assert not any("does not expect" in warning for warning in header.warnings)


NOTE = "fixed cells\nsecond line"


def imagej(path: Path, labels: list[str], luts: bool = False, info: str = NOTE) -> Path:
    metadata = {"axes": "ZCYX", "Labels": labels, "Info": info}
    if luts:
        ramp = np.linspace(0, 255, 256).astype("uint8")
        zero = np.zeros(256, "uint8")
        metadata["LUTs"] = [np.stack([ramp, zero, zero]), np.stack([zero, ramp, zero])]
    tifffile.imwrite(path, np.zeros((3, 2, 6, 8), "uint8"), imagej=True, metadata=metadata)
    return path


def test_labels_that_channels_share_are_their_names(tmp_path, value):
    labels = [
        f"c:{c + 1}/2 z:{z + 1}/3 - {n}" for z in range(3) for c, n in enumerate(["DAPI", "GFP"])
    ]
    header = read_header(imagej(tmp_path / "a.tif", labels, luts=True))
    name = header.images[0].facts["channel.1.name"]
    assert (name.value, name.trust) == ("GFP", Trust.DERIVED)
    assert value(header, "channel.0.color") == "#ff0000"
    assert value(header, "image.description") == "fixed cells\nsecond line"


def test_what_an_importer_left_is_no_description(tmp_path, value):
    info = " BitsPerPixel = 16\n DimensionOrder = XYCZT\nSeries 0 Name = a.lif [1]\nend\n"
    header = read_header(imagej(tmp_path / "a.tif", ["a"] * 6, info=info))
    assert value(header, "image.description") is None


@pytest.mark.parametrize("labels", [["same"] * 6, [f"plane {n}" for n in range(6)], ["a", "b"]])
def test_labels_of_planes_are_no_names_of_channels(tmp_path, value, labels):
    assert value(read_header(imagej(tmp_path / "a.tif", labels)), "channel.0.name") is None


def mm_stack(path: Path, summary: dict, plane: dict, description: str) -> Path:
    """Write one page as Micro-Manager does: the summary behind the head, then the directory."""
    text = json.dumps(summary).encode()
    head = struct.pack("<8I", 54773648, 0, 0, 0, 0, 0, 2355492, len(text)) + text
    start = 8 + len(head) + len(head) % 2
    pixels, held = bytes(96), [description.encode() + b"\0", json.dumps(plane).encode() + b"\0"]
    entries = 10
    place = start + 2 + 12 * entries + 4
    places = [place, place + len(held[0]), place + len(held[0]) + len(held[1])]
    tags = [
        (256, 3, 1, 8),
        (257, 3, 1, 6),
        (258, 3, 1, 16),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (270, 2, len(held[0]), places[0]),
        (273, 4, 1, places[2]),
        (278, 3, 1, 6),
        (279, 4, 1, 96),
        (51123, 2, len(held[1]), places[1]),
    ]
    directory = struct.pack("<H", entries) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    data = b"II*\0" + struct.pack("<I", start) + head.ljust(start - 8, b"\0")
    path.write_bytes(data + directory + bytes(4) + b"".join(held) + pixels)
    return path


def test_what_a_stack_of_micromanager_keeps_beside_its_description_is_read(tmp_path, value):
    plane = {"Exposure-ms": 25, "PixelSizeUm": 0.325, "Camera": "Andor", "XPositionUm": 12.5}
    summary = {"ChNames": ["DAPI"], "StartTime": "2021-02-03 04:05:06 +0100", "UserName": "ada"}
    header = read_header(mm_stack(tmp_path / "a.tif", summary, plane, "ImageJ=1.53\nunit=um\n"))
    assert header.format == "ImageJ TIFF"
    assert value(header, "channel.0.exposure_time") == 0.025
    assert value(header, "channel.0.name") == "DAPI"
    assert value(header, "image.physical_size_x") == 0.325
    assert value(header, "image.acquisition_date") == "2021-02-03T04:05:06+01:00"
    assert value(header, "image.operator") == "ada"
    assert value(header, "detector.0.model") == "Andor"


def test_the_description_goes_before_what_micromanager_keeps_beside_it(tmp_path, value):
    document = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SizeX="8" SizeY="6" SizeZ="1" '
        'SizeC="1" SizeT="1" PhysicalSizeX="0.65"><Channel ID="C:0" Name="A"/></Pixels>'
        "</Image></OME>"
    )
    path = mm_stack(tmp_path / "a.ome.tif", {"ChNames": ["B"]}, {"PixelSizeUm": 0.325}, document)
    header = read_header(path)
    assert value(header, "channel.0.name") == "A"
    assert value(header, "image.physical_size_x") == 0.65
