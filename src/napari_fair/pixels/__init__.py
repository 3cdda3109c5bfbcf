"""Arrays read lazily: what is shown when a record is reopened."""

from __future__ import annotations

from napari_fair.pixels.lazy import LazyImage
from napari_fair.pixels.planes import open_planes
from napari_fair.pixels.tiff import open_tiff
from napari_fair.pixels.zarr_store import open_zarr

__all__ = ["LazyImage", "open_planes", "open_tiff", "open_zarr"]
