"""An image whose planes lie in many files, as one lazy array."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_fair.files import UnreadableFile, reading, shown
from napari_fair.pixels.lazy import LazyImage

if TYPE_CHECKING:
    import numpy as np


class _Planes:
    """Reads a plane from its file when it is looked at; planes without a file are black.

    Parameters
    ----------
    places
        File and byte (0: its first page) by the plane's numbers along T, Z and C.
    plane
        Shape of a plane: Y, X, and S for colours.
    """

    def __init__(
        self,
        places: Mapping[tuple[int, int, int], tuple[Path, int]],
        plane: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> None:
        sizes = tuple(max(at[axis] for at in places) + 1 for axis in range(3))
        self._places, self._plane = places, plane
        self.dtype = dtype
        self.shape: tuple[int, ...] = (*sizes, *plane)
        self.chunks = (1, 1, 1, *plane)
        self.ndim = len(self.shape)

    def __getitem__(self, key: tuple[Any, ...]) -> Any:
        import numpy as np

        chosen = [np.arange(n)[k] for n, k in zip(self.shape[:3], key[:3], strict=True)]
        planes = [self._read(at)[key[3:]] for at in product(*(np.atleast_1d(n) for n in chosen))]
        shape = [size for numbers in chosen for size in numbers.shape]
        return np.stack(planes).reshape(*shape, *planes[0].shape)

    def _read(self, at: tuple[int, int, int]) -> Any:
        import numpy as np
        import tifffile

        path, offset = self._places.get(at, (None, 0))
        if path is None:
            return np.zeros(self._plane, self.dtype)
        with reading(path):
            if offset:
                count = int(np.prod(self._plane))
                held = np.fromfile(path, self.dtype, count, offset=offset)
            else:
                held = tifffile.imread(path, key=0)
        if held.size != np.prod(self._plane):
            raise UnreadableFile(f"{shown(path)} is cut off or of another size than its set.")
        return held.reshape(self._plane)


def open_planes(places: Mapping[tuple[int, int, int], tuple[Path, int]]) -> LazyImage:
    """Open an image whose planes lie in several files, one plane a chunk.

    Parameters
    ----------
    places
        For a plane's numbers along T, Z and C (from 0), its file and the byte where its pixels
        begin, stored as those of the file's first page are; 0 for that page itself. Planes that
        are not there are black.

    Raises
    ------
    FairError
        The first file is missing or damaged.
    """
    import dask.array as da
    import tifffile

    first = places[min(places)][0]
    try:
        with reading(first), tifffile.TiffFile(first) as tiff:
            page, order = tiff.pages.first, tiff.byteorder
            shape, dtype, axes = page.shape, page.dtype, page.axes
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise UnreadableFile(
            f"{shown(first)} could not be read as TIFF; check whether it was copied completely."
        ) from error
    if dtype is None:
        raise UnreadableFile(f"{shown(first)} holds pixels of a type that is not known.")
    source = _Planes(places, shape, dtype.newbyteorder(order))
    whole = da.from_array(source, chunks=source.chunks, name=False, asarray=True, fancy=False)
    return _squeezed(whole, f"TZC{axes}")


def _squeezed(whole: Any, axes: str) -> LazyImage:
    """Leave out T, Z and C where there is only one."""
    kept = [size > 1 or at > 2 for at, size in enumerate(whole.shape)]
    level = whole[tuple(slice(None) if keep else 0 for keep in kept)]
    return LazyImage((level,), "".join(a for a, keep in zip(axes, kept, strict=True) if keep))
