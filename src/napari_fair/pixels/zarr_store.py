"""OME-Zarr stores (0.4 and 0.5) as lazy arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_fair.files import FairError, UnreadableFile, confine, shown
from napari_fair.pixels.lazy import LazyImage

_MAX_LEVELS = 32


def open_zarr(store: Path, scene: int = 0) -> LazyImage:
    """Open one image of an OME-Zarr store with its pyramid.

    Parameters
    ----------
    store
        The folder of the store: one multiscale image, a bioformats2raw collection or a plate.
    scene
        Number of the image in the store, from 0, in the order of `image_groups`.

    Returns
    -------
    LazyImage
        Arrays chunked as stored, axes as upper-case letters.

    Raises
    ------
    FairError
        The folder is no OME-Zarr, is damaged, has no such image or points out of itself.
    """
    try:
        groups = image_groups(store)
        if scene >= len(groups):
            raise UnreadableFile(
                f"{shown(store)} has {len(groups)} image(s), so image {scene} cannot be shown; "
                "save its record again."
            )
        return _multiscale(store, groups[scene])
    except FairError:
        raise
    except Exception as error:
        raise UnreadableFile(
            f"{shown(store)} could not be read as OME-Zarr; check whether it was copied completely."
        ) from error


def image_groups(store: Path) -> list[str]:
    """Return the relative paths of the multiscale images of a store, in its own order.

    The order is the one of OME-NGFF: the group itself, else the series of
    ``bioformats2raw.layout`` 3, else the fields of a plate's wells.
    """
    attributes = _attributes(store, "")
    if "multiscales" in attributes:
        return [""]
    if "plate" in attributes:
        return _plate_fields(store, attributes["plate"])
    listed = _attributes(store, "OME").get("series") if (store / "OME").is_dir() else None
    if listed:
        return [str(name) for name in listed]
    return _numbered(store)


def _numbered(store: Path) -> list[str]:
    names: list[str] = []
    while (store / str(len(names))).is_dir():
        names.append(str(len(names)))
    return names


def _plate_fields(store: Path, plate: dict[str, Any]) -> list[str]:
    fields = []
    for well in plate.get("wells", []):
        images = _attributes(store, well["path"]).get("well", {}).get("images", [])
        fields += [f"{well['path']}/{image['path']}" for image in images]
    return fields


def _attributes(store: Path, group: str) -> dict[str, Any]:
    """Return the OME attributes of a group; 0.5 keeps them under ``ome``."""
    import zarr

    opened: Any = zarr.open_group(str(_place(store, group)), mode="r")
    attributes = dict(opened.attrs)
    inner = attributes.get("ome")
    return dict(inner) if isinstance(inner, dict) else attributes


def _multiscale(store: Path, group: str) -> LazyImage:
    import dask.array as da
    import zarr

    multiscale = _attributes(store, group)["multiscales"][0]
    paths = [str(dataset["path"]) for dataset in multiscale["datasets"]][:_MAX_LEVELS]
    places = [_place(store, f"{group}/{path}" if group else path) for path in paths]
    levels = tuple(da.from_zarr(zarr.open_array(str(place), mode="r")) for place in places)
    return LazyImage(levels, _axes(multiscale, levels[0].ndim))


def _axes(multiscale: dict[str, Any], ndim: int) -> str:
    """Return axis letters; 0.3 lists plain names, 0.1 and 0.2 are always TCZYX."""
    listed = multiscale.get("axes")
    if not listed:
        return "TCZYX"[-ndim:]
    names = [axis["name"] if isinstance(axis, dict) else str(axis) for axis in listed]
    return "".join(name[:1].upper() for name in names)


def _place(store: Path, relative: str) -> Path:
    return confine(store, relative) if relative else store
