"""What files say about themselves, read in milliseconds and without their pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.headers.folders import image_paths
    from napari_fair.headers.read import read_header

__all__ = ["image_paths", "read_header"]


def __getattr__(name: str) -> object:
    if name == "read_header":
        from napari_fair.headers.read import read_header

        return read_header
    if name == "image_paths":
        from napari_fair.headers.folders import image_paths

        return image_paths
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
