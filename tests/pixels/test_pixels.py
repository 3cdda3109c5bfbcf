"""Lazy arrays of TIFF and OME-Zarr."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr

from napari_fair.files import FairError
from napari_fair.pixels import open_tiff, open_zarr


def _stack(shape: tuple[int, ...]) -> np.ndarray:
    return np.arange(np.prod(shape), dtype="uint16").reshape(shape)


def test_an_ome_tiff_is_read_lazily_with_its_axes(tmp_path: Path) -> None:
    path, data = tmp_path / "a b#.ome.tif", _stack((3, 2, 16, 8))
    tifffile.imwrite(path, data, ome=True, metadata={"axes": "ZCYX"}, photometric="minisblack")
    image = open_tiff(path)
    assert (image.axes, image.shape) == ("ZCYX", (3, 2, 16, 8))
    assert image.data.chunks[0] == (1, 1, 1)
    np.testing.assert_array_equal(image.data[1, 1].compute(), data[1, 1])


def test_each_series_of_a_tiff_is_an_image_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "scenes.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(_stack((4, 8)), metadata={"axes": "YX"})
        writer.write(_stack((2, 6, 8)), metadata={"axes": "TYX"}, photometric="minisblack")
    assert open_tiff(path, 1).shape == (2, 6, 8)
    with pytest.raises(FairError, match="has 2 image"):
        open_tiff(path, 2)


def test_a_pyramid_keeps_its_levels(tmp_path: Path) -> None:
    path = tmp_path / "pyramid.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(_stack((64, 64)), subifds=1, tile=(16, 16))
        writer.write(_stack((32, 32)), subfiletype=1, tile=(16, 16))
    image = open_tiff(path)
    assert [level.shape for level in image.data] == [(64, 64), (32, 32)]


def test_a_colour_tiff_is_rgb(tmp_path: Path) -> None:
    path = tmp_path / "rgb.tif"
    tifffile.imwrite(path, np.zeros((8, 8, 3), "uint8"), photometric="rgb")
    assert open_tiff(path).rgb


def test_the_file_is_closed_when_the_array_goes(tmp_path: Path) -> None:
    path = tmp_path / "gone.tif"
    tifffile.imwrite(path, _stack((4, 8)))
    image = open_tiff(path)
    image.data.compute()
    del image
    gc.collect()
    held = [link for link in _open_files() if link == str(path)]
    assert not held


def _open_files() -> list[str]:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("needs /proc")
    links = []
    for entry in descriptors.iterdir():
        try:
            links.append(str(entry.readlink()))
        except OSError:
            continue
    return links


def test_a_damaged_tiff_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "cut.tif"
    path.write_bytes(b"II*\0\xff\xff")
    with pytest.raises(FairError, match=r"cut\.tif.*copied completely"):
        open_tiff(path)


@pytest.mark.parametrize("name", ["../secret.tif", "{folder}/secret.tif", "link.tif"])
def test_no_plane_is_read_from_a_file_outside_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    tifffile.imwrite(tmp_path / "secret.tif", np.full((8, 8), 7, "uint8"))
    (folder / "link.tif").symlink_to(tmp_path / "secret.tif")
    planes = "".join(
        f'<TiffData IFD="0" FirstZ="{z}" PlaneCount="1">'
        f'<UUID FileName="{file}">urn:uuid:{z:08d}-0000-0000-0000-000000000000</UUID></TiffData>'
        for z, file in enumerate(["own.ome.tif", name.format(folder=tmp_path)])
    )
    document = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
        'UUID="urn:uuid:00000000-0000-0000-0000-000000000000"><Image ID="Image:0">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="8" SizeZ="2" '
        f'SizeC="1" SizeT="1"><Channel ID="Channel:0"/>{planes}</Pixels></Image></OME>'
    )
    path = folder / "own.ome.tif"
    tifffile.imwrite(path, np.ones((8, 8), "uint8"), description=document, metadata=None)
    with tifffile.TiffFile(path) as tiff:
        assert 7 in tiff.asarray()  # what a reader that follows every name would show

    levels = open_tiff(path).levels

    assert 7 not in np.asarray(levels[0])


def _write_multiscale(group: zarr.Group, data: np.ndarray, axes: str, version: str) -> None:
    for level, step in enumerate((1, 2)):
        group.create_array(
            str(level), data=data[..., ::step, ::step], chunks=(1,) * (data.ndim - 2) + (8, 8)
        )
    multiscale = {
        "axes": [{"name": letter.lower()} for letter in axes],
        "datasets": [{"path": "0"}, {"path": "1"}],
    }
    if version == "0.5":
        group.attrs["ome"] = {"version": "0.5", "multiscales": [multiscale]}
    else:
        group.attrs["multiscales"] = [{**multiscale, "version": "0.4"}]


@pytest.mark.parametrize(("version", "zarr_format"), [("0.4", 2), ("0.5", 3)])
def test_an_ome_zarr_is_read_with_its_pyramid(
    tmp_path: Path, version: str, zarr_format: int
) -> None:
    store, data = tmp_path / "a.ome.zarr", _stack((2, 16, 16))
    _write_multiscale(
        zarr.open_group(store, mode="w", zarr_format=zarr_format), data, "CYX", version
    )
    image = open_zarr(store)
    assert image.axes == "CYX"
    assert [level.shape for level in image.data] == [(2, 16, 16), (2, 8, 8)]
    np.testing.assert_array_equal(image.levels[0][1].compute(), data[1])


def test_a_collection_of_images_is_read_in_its_stated_order(tmp_path: Path) -> None:
    store = tmp_path / "many.zarr"
    root = zarr.open_group(store, mode="w", zarr_format=2)
    root.attrs["bioformats2raw.layout"] = 3
    root.create_group("OME").attrs["series"] = ["1", "0"]
    for name, size in (("0", 8), ("1", 16)):
        _write_multiscale(root.create_group(name), _stack((size, size)), "YX", "0.4")
    assert [open_zarr(store, n).shape for n in (0, 1)] == [(16, 16), (8, 8)]


def test_a_store_that_points_out_of_itself_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "bad.zarr"
    group = zarr.open_group(store, mode="w", zarr_format=2)
    group.attrs["multiscales"] = [{"datasets": [{"path": "../../secret"}]}]
    with pytest.raises(FairError, match="leads out of its folder"):
        open_zarr(store)


def test_a_folder_that_is_no_store_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".zattrs").write_text(json.dumps([]))
    with pytest.raises(FairError, match="OME-Zarr"):
        open_zarr(tmp_path)
