"""Opening a crate whose images are spread over several files: all planes come back."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_fair.headers import image_paths, read_source
from napari_fair.session import open_folder
from napari_fair.viewer import image_choice, reader


@pytest.fixture(autouse=True)
def _nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_choice, "can_ask", lambda: False)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sentences: list[str] = []
    monkeypatch.setattr(reader, "_tell", sentences.append)
    return sentences


def _crate(folder: Path) -> Path:
    """Save the record of all images of a folder."""
    session = open_folder(folder)
    for path in image_paths(folder, recursive=False):
        session.add(read_source(path))
    session.save()
    session.close()
    return folder / "ro-crate-metadata.json"


def _opened(crate: Path) -> list[np.ndarray]:
    read = reader.get_reader(str(crate))
    assert read is not None
    return [np.asarray(layer[0]) for layer in read(str(crate))]


def _planes(*sizes: int) -> np.ndarray:
    return np.arange(np.prod([*sizes, 6, 8]), dtype="uint16").reshape(*sizes, 6, 8)


def test_planes_told_apart_by_their_names_are_one_layer_a_channel(
    tmp_path: Path, told: list[str]
) -> None:
    data = _planes(2, 3, 2)  # T, Z, C
    for t in range(2):
        for z in range(3):
            for c in range(2):
                name = f"cell_t{t:03d}_z{z:02d}_ch{c}.tif"
                tifffile.imwrite(tmp_path / name, data[t, z, c])
    layers = _opened(_crate(tmp_path))
    assert [layer.shape for layer in layers] == [(2, 3, 6, 8)] * 2
    np.testing.assert_array_equal(layers[1], data[:, :, 1])
    assert not told


def test_planes_with_metadata_txt_come_back_position_by_position(
    tmp_path: Path, told: list[str]
) -> None:
    data = _planes(2, 3)  # position, Z
    held: dict[str, Any] = {"Summary": {"ChNames": ["DAPI"]}}
    for p in range(2):
        for z in range(3):
            name = f"img_channel000_position{p:03d}_time000000000_z{z:03d}.tif"
            tifffile.imwrite(tmp_path / name, data[p, z])
            held[f"Coords-Default/{name}"] = {"position": p, "z": z, "time": 0, "channel": 0}
            held[f"Metadata-Default/{name}"] = {}
    (tmp_path / "metadata.txt").write_text(json.dumps(held))
    layers = _opened(_crate(tmp_path))
    assert len(layers) == 2
    np.testing.assert_array_equal(layers[0], data[0])
    np.testing.assert_array_equal(layers[1], data[1])
    assert not told


def _ndtiff(folder: Path, planes: dict[str, np.ndarray]) -> None:
    """Write each plane, by its axes as JSON, into one of two stacks, and their index."""
    index = b""
    for number, (axes, plane) in enumerate(planes.items()):
        name = f"set_NDTiffStack{'' if number % 2 == 0 else '_1'}.tif"
        tifffile.imwrite(folder / name, plane, append=True, metadata=None)
        with tifffile.TiffFile(folder / name) as tiff:
            offset = tiff.pages[-1].dataoffsets[0]
        text = axes.encode()
        index += struct.pack("<I", len(text)) + text + struct.pack("<I", len(name)) + name.encode()
        height, width = plane.shape
        index += struct.pack("<8I", offset, width, height, 1, 0, 0, 0, 0)
    (folder / "NDTiff.index").write_bytes(index)


def test_an_ndtiff_set_comes_back_from_all_its_files(tmp_path: Path, told: list[str]) -> None:
    data = _planes(3, 2)  # T, C
    names = ("DAPI", "GFP")
    _ndtiff(
        tmp_path,
        {
            json.dumps({"time": t, "channel": names[c]}): data[t, c]
            for t in range(3)
            for c in range(2)
        },
    )
    layers = _opened(_crate(tmp_path))
    assert len(layers) == 2
    np.testing.assert_array_equal(layers[0], data[:, 0])
    np.testing.assert_array_equal(layers[1], data[:, 1])
    assert not told


def _companion(folder: Path, data: np.ndarray) -> None:
    blocks = "".join(
        f'<TiffData FirstZ="{z}" IFD="0" PlaneCount="1">'
        f'<UUID FileName="z{z}.ome.tif">urn:uuid:{z:08d}-0000-4000-8000-000000000000</UUID>'
        "</TiffData>"
        for z in range(len(data))
    )
    space = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
    (folder / "set.companion.ome").write_text(
        f'<OME xmlns="{space}"><Image ID="Image:0"><Pixels ID="Pixels:0" '
        'DimensionOrder="XYZCT" Type="uint16" SizeX="8" SizeY="6" SizeZ="3" SizeC="1" SizeT="1">'
        f'<Channel ID="Channel:0" SamplesPerPixel="1"/>{blocks}</Pixels></Image></OME>'
    )
    for z, plane in enumerate(data):
        pointer = (
            f'<OME xmlns="{space}" UUID="urn:uuid:{z:08d}-0000-4000-8000-000000000000">'
            '<BinaryOnly MetadataFile="set.companion.ome" UUID="urn:uuid:1"/></OME>'
        )
        tifffile.imwrite(folder / f"z{z}.ome.tif", plane, description=pointer, metadata=None)


def test_an_ome_tiff_set_with_its_metadata_in_a_companion_comes_back_whole(
    tmp_path: Path, told: list[str]
) -> None:
    data = _planes(3)
    _companion(tmp_path, data)
    (layer,) = _opened(_crate(tmp_path))
    np.testing.assert_array_equal(layer, data)
    assert not told


def test_planes_that_are_gone_are_said_to_be_missing(tmp_path: Path, told: list[str]) -> None:
    data = _planes(3)
    for z in range(3):
        tifffile.imwrite(tmp_path / f"cell_z{z:02d}.tif", data[z])
    crate = _crate(tmp_path)
    for z in (1, 2):
        (tmp_path / f"cell_z{z:02d}.tif").unlink()
    (layer,) = _opened(crate)
    np.testing.assert_array_equal(layer, data[0])
    assert any("Only 1 of 3 planes" in sentence for sentence in told)


def test_a_slide_comes_back_as_its_pyramid(tmp_path: Path, told: list[str]) -> None:
    text = "Aperio Image Library v10\r\n64x64|AppMag = 20|MPP = 0.5"
    whole = np.arange(64 * 64 * 3, dtype="uint8").reshape(64, 64, 3)
    with tifffile.TiffWriter(tmp_path / "a.svs") as writer:
        writer.write(whole, tile=(16, 16), description=text, metadata=None, photometric="rgb")
        writer.write(whole[::8, ::8], description="thumb", metadata=None, photometric="rgb")
        writer.write(whole[::2, ::2], tile=(16, 16), metadata=None, photometric="rgb")
    read = reader.get_reader(str(_crate(tmp_path)))
    assert read is not None
    ((levels, meta, _),) = read(str(tmp_path / "ro-crate-metadata.json"))
    assert (meta["rgb"], meta["scale"]) == (True, (0.5, 0.5))
    np.testing.assert_array_equal(np.asarray(levels[0]), whole)
    assert not told


def test_single_planes_that_are_missing_are_black_and_named(
    tmp_path: Path, told: list[str]
) -> None:
    data = _planes(3, 2) + 1
    names = ("DAPI", "GFP")
    axes = {
        json.dumps({"time": t, "channel": names[c]}): data[t, c] for t in range(3) for c in range(2)
    }
    del axes[json.dumps({"time": 1, "channel": "GFP"})]
    _ndtiff(tmp_path, axes)
    layers = _opened(_crate(tmp_path))
    np.testing.assert_array_equal(layers[1][[0, 2]], data[[0, 2], 1])
    assert not layers[1][1].any()
    assert any("1 of 6 planes" in sentence and "black" in sentence for sentence in told)
