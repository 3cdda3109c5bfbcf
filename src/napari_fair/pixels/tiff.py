"""TIFF files as lazy arrays, through tifffile's Zarr interface."""

from __future__ import annotations

import re
import weakref
from contextlib import suppress
from html import unescape
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from napari_fair.files import FairError, UnreadableFile, UnsafePath, confine, reading, shown
from napari_fair.pixels.lazy import LazyImage

if TYPE_CHECKING:
    from pathlib import Path

# tifffile goes by its own reading of the document, so every name is looked at, not only those
# that a stricter reader would take for one.
_FILE_NAME = re.compile(r"""FileName\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class _Level:
    """One level of a series; closes its store when nobody holds it any more.

    tifffile's store keeps the file open, and dask keeps no hook for closing: without the
    finalizer a closed layer would leave the file locked on Windows.
    """

    def __init__(self, path: Path, document: str | None, series: int, level: int) -> None:
        import tifffile
        import zarr

        tiff = tifffile.TiffFile(path, omexml=document)
        self._finalizer = weakref.finalize(self, tiff.close)
        store = tiff.series[series].aszarr(level=level)
        array: Any = zarr.open(store, mode="r")
        self._array = array
        self.shape: tuple[int, ...] = tuple(array.shape)
        self.dtype = array.dtype
        self.chunks: tuple[int, ...] = tuple(array.chunks)
        self.ndim = len(self.shape)

    def __getitem__(self, key: Any) -> Any:
        return self._array[key]


def open_tiff(path: Path, series: int = 0, document: str | None = None) -> LazyImage:
    """Open one series of a TIFF file, pyramid included.

    Parameters
    ----------
    path
        A TIFF of any flavour that tifffile reads; for a multi-file OME-TIFF any of its files.
    series
        Number of the series (scene, position), from 0.
    document
        OME-XML of a companion, which says instead of the file what it holds.

    Returns
    -------
    LazyImage
        Arrays with one chunk a plane or tile, in the axis order of the file.

    Raises
    ------
    FairError
        The file is missing, damaged, or has no such series.
    """
    import tifffile

    try:
        with reading(path), tifffile.TiffFile(path, omexml=document) as tiff:
            document = _contained(path, document or tiff.ome_metadata)
        with reading(path), tifffile.TiffFile(path, omexml=document) as tiff:
            count = len(tiff.series)
            if series >= count:
                raise UnreadableFile(_no_such_series(path, series, count))
            found = tiff.series[series]
            axes, depth = found.axes, len(found.levels)
        with reading(path):
            return LazyImage(_levels(path, document, series, depth), axes)
    except FairError:
        raise
    except Exception as error:
        raise UnreadableFile(
            f"{shown(path)} could not be read as TIFF; check whether it was copied completely."
        ) from error


def _contained(path: Path, document: str | None) -> str | None:
    """Return OME-XML in which no file outside the folder is named, links resolved.

    A name that leads out stands for the file of that name in the folder, or for none.
    """
    if not document:
        return document

    def inside(found: re.Match[str]) -> str:
        name = unescape(found[1] or found[2] or "")
        for candidate in (name, re.split(r"[/\\]", name)[-1]):
            with suppress(UnsafePath):
                confine(path.parent, candidate)
                return f"FileName={quoteattr(candidate)}"
        return 'FileName=""'

    return _FILE_NAME.sub(inside, document)


def _levels(path: Path, document: str | None, series: int, depth: int) -> tuple[Any, ...]:
    import dask.array as da

    sources = (_Level(path, document, series, level) for level in range(depth))
    return tuple(
        da.from_array(source, chunks=source.chunks, name=False, asarray=True, fancy=False)
        for source in sources
    )


def _no_such_series(path: Path, series: int, count: int) -> str:
    return f"{shown(path)} has {count} image(s), so image {series} cannot be shown; save it again."
