"""What files say about themselves, read in milliseconds and without their pixels."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.headers.folders import image_paths
    from napari_fair.headers.plane_files import companion_beside, plane_places
    from napari_fair.headers.planes_by_name import (
        ImageSet,
        image_sets,
        read_image_set,
        read_source,
    )
    from napari_fair.headers.read import read_header

_MODULE_OF_NAME = {
    "ImageSet": "planes_by_name",
    "companion_beside": "plane_files",
    "image_paths": "folders",
    "image_sets": "planes_by_name",
    "plane_places": "plane_files",
    "read_header": "read",
    "read_image_set": "planes_by_name",
    "read_source": "planes_by_name",
}

__all__ = [
    "ImageSet",
    "companion_beside",
    "image_paths",
    "image_sets",
    "plane_places",
    "read_header",
    "read_image_set",
    "read_source",
]


def __getattr__(name: str) -> object:
    module = _MODULE_OF_NAME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
