"""Opening a crate: images come back with scale, units and channels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from napari.components import ViewerModel

from napari_fair.files import FairError
from napari_fair.headers import read_header
from napari_fair.session import open_folder
from napari_fair.viewer import image_choice, reader
from napari_fair.viewer.subjects import METADATA_KEY

LayerData = tuple[Any, dict[str, Any], str]


@pytest.fixture(autouse=True)
def _nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_choice, "can_ask", lambda: False)


def _saved(*paths: Path, **values: str) -> Path:
    """Save the record of images and return the crate's metadata file."""
    session = open_folder(paths[0].parent)
    for path in paths:
        source = session.add(read_header(path))
        for name, text in values.items():
            session.set(f"image.{name}", text, image=source.images[0].id)
    session.save()
    session.close()
    return paths[0].parent / "ro-crate-metadata.json"


def _opened(crate: Path) -> list[LayerData]:
    read = reader.get_reader(str(crate))
    assert read is not None
    return read(str(crate))


def test_other_json_files_and_lists_of_paths_are_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    assert reader.get_reader(str(tmp_path / "a.json")) is None
    assert reader.get_reader(["a", "b"]) is None


def test_a_stack_comes_back_lazily_as_channels_with_scale_and_units(ome_tiff: Path) -> None:
    layers = _opened(_saved(ome_tiff))
    assert [meta["name"].rpartition(" · ")[2] for _, meta, _ in layers] == ["DAPI", "488"]
    data, meta, kind = layers[0]
    assert kind == "image"
    assert type(data).__module__.startswith("dask")
    assert meta["scale"] == (0.3, 0.108, 0.108)
    assert meta["units"] == ("micrometer",) * 3
    assert meta["axis_labels"] == ("z", "y", "x")
    np.testing.assert_array_equal(data, tifffile.imread(ome_tiff)[:, 0])


def test_what_a_person_corrected_goes_before_the_header(ome_tiff: Path) -> None:
    _, meta, _ = _opened(_saved(ome_tiff, physical_size_z="0.5 µm"))[0]
    assert meta["scale"] == (0.5, 0.108, 0.108)


def test_an_unknown_pixel_size_stays_in_pixels(plain_tiff: Path) -> None:
    _, meta, _ = _opened(_saved(plain_tiff))[0]
    assert (meta["scale"], meta["units"]) == ((1.0, 1.0), ("pixel", "pixel"))


def test_layers_hold_the_images_id_and_nothing_else(ome_tiff: Path) -> None:
    crate = _saved(ome_tiff)
    image = open_folder(crate.parent).sources()[0].images[0].id
    assert all(meta["metadata"] == {METADATA_KEY: image} for _, meta, _ in _opened(crate))


def test_napari_takes_the_layers(ome_tiff: Path) -> None:
    viewer = ViewerModel()
    for data, meta, _ in _opened(_saved(ome_tiff)):
        viewer.add_image(data, **meta)
    assert [layer.data.shape for layer in viewer.layers] == [(5, 128, 128)] * 2
    assert [str(unit) for unit in viewer.layers[0].units] == ["micrometer"] * 3


def test_an_ome_zarr_comes_back_with_its_pyramid(tmp_path: Path) -> None:
    store = tmp_path / "a.ome.zarr"
    group = zarr.open_group(store, mode="w", zarr_format=2)
    scales = []
    for level, step in enumerate((1, 2)):
        group.create_array(str(level), data=np.zeros((2, 16 // step, 16 // step), "uint8"))
        transform = {"type": "scale", "scale": [1, 0.2 * step, 0.2 * step]}
        scales.append({"path": str(level), "coordinateTransformations": [transform]})
    axes = [{"name": "c", "type": "channel"}]
    axes += [{"name": name, "type": "space", "unit": "micrometer"} for name in "yx"]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": scales}]
    group.attrs["omero"] = {"channels": [{"label": "GFP", "color": "00FF00"}, {"label": "RFP"}]}
    layers = _opened(_saved(store))
    assert [len(data) for data, _, _ in layers] == [2, 2]
    assert layers[0][1]["scale"] == (0.2, 0.2)
    assert layers[0][1]["colormap"].lower() == "#00ff00"


def test_other_formats_come_through_the_installed_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import imageio.v3
    import npe2

    path = tmp_path / "photo.png"
    imageio.v3.imwrite(path, np.zeros((8, 6, 3), "uint8"))
    asked: list[list[str]] = []

    def read(paths: list[str], *, stack: bool) -> list[LayerData]:
        asked.append(paths)
        return [(np.zeros((8, 6, 3), "uint8"), {}, "image")]

    monkeypatch.setattr(npe2, "read", read)
    ((_, meta, _),) = _opened(_saved(path, physical_size_x="2 µm", physical_size_y="3 µm"))
    assert asked == [[str(path)]]
    assert meta["scale"] == (3.0, 2.0)


def test_missing_images_are_told_and_the_others_open(
    ome_tiff: Path, recwarn: pytest.WarningsRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ome_tiff.with_name("other.tif")
    tifffile.imwrite(other, np.zeros((8, 8), "uint8"))
    crate = _saved(ome_tiff, other)
    other.unlink()
    told: list[str] = []
    monkeypatch.setattr(reader, "_tell", told.append)
    assert len(_opened(crate)) == 2
    assert len(told) == 1 and "other.tif" in told[0]


def test_a_crate_whose_images_are_all_gone_is_one_sentence(plain_tiff: Path) -> None:
    crate = _saved(plain_tiff)
    plain_tiff.unlink()
    with pytest.raises(FairError, match=r"plain\.tif"):
        _opened(crate)


def test_a_crate_that_points_out_of_its_folder_opens_nothing(
    plain_tiff: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    moved = plain_tiff.rename(folder / plain_tiff.name)
    crate = _saved(moved)
    secret = tmp_path / "secret.tif"
    tifffile.imwrite(secret, np.zeros((8, 8), "uint8"))
    crate.write_text(crate.read_text("utf-8").replace("plain.tif", "../secret.tif"), "utf-8")
    with pytest.raises(FairError):
        _opened(crate)


def test_a_file_that_is_not_json_is_one_sentence(tmp_path: Path) -> None:
    crate = tmp_path / "ro-crate-metadata.json"
    crate.write_text("<html>")
    with pytest.raises(FairError, match=r"ro-crate-metadata\.json"):
        _opened(crate)


def test_nobody_to_ask_opens_a_few(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number:02}.tif" for number in range(reader.MOST_UNASKED + 3)]
    for path in paths:
        tifffile.imwrite(path, np.zeros((8, 8), "uint8"))
    assert len(_opened(_saved(*paths))) == reader.MOST_UNASKED


def test_a_person_is_asked_which_of_many_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"{name}.tif" for name in "abc"]
    for path in paths:
        tifffile.imwrite(path, np.zeros((8, 8), "uint8"))
    crate = _saved(*paths)
    offered: list[list[str]] = []

    def ask(names: list[str]) -> list[int]:
        offered.append(names)
        return [2]

    monkeypatch.setattr(image_choice, "can_ask", lambda: True)
    monkeypatch.setattr(image_choice, "ask_which", ask)
    ((_, meta, _),) = _opened(crate)
    assert offered == [["a.tif", "b.tif", "c.tif"]]
    assert meta["name"] == "c.tif"


def test_choosing_nothing_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"{name}.tif" for name in "ab"]
    for path in paths:
        tifffile.imwrite(path, np.zeros((8, 8), "uint8"))
    crate = _saved(*paths)
    monkeypatch.setattr(image_choice, "can_ask", lambda: True)
    monkeypatch.setattr(image_choice, "ask_which", lambda names: [])
    assert _opened(crate) == [(None,)]


def test_a_crate_beside_a_folder_that_cannot_be_written_finds_its_images(
    plain_tiff: Path, tmp_path: Path
) -> None:
    crate = tmp_path / "elsewhere" / "plain.tif.crate"
    session = open_folder(plain_tiff.parent, crate=crate)
    session.add(read_header(plain_tiff))
    session.save()
    session.close()
    ((_, meta, _),) = _opened(crate / "ro-crate-metadata.json")
    assert meta["name"] == "plain.tif"


def test_a_network_address_in_a_crate_is_never_followed(plain_tiff: Path, tmp_path: Path) -> None:
    crate = tmp_path / "elsewhere" / "plain.tif.crate"
    session = open_folder(plain_tiff.parent, crate=crate)
    session.add(read_header(plain_tiff))
    session.save()
    session.close()
    document = crate / "ro-crate-metadata.json"
    graph = json.loads(document.read_text("utf-8"))
    for entity in graph["@graph"]:
        if "sourceFolder" in entity:
            entity["sourceFolder"] = "//attacker/share"
    document.write_text(json.dumps(graph), "utf-8")
    with pytest.raises(FairError, match="not found beside it"):
        _opened(document)
