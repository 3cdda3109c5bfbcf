"""All arrays that a file can be read as, for comparing it with what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from napari_fair.files import FairError, UnreadableFile, reading, shown
from napari_fair.pixels.tiff import open_tiff
from napari_fair.pixels.zarr_store import image_groups, open_zarr

_MOST_CHANNELS = 64
_MOST_SCENES = 10_000
_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif")


def arrays_in(path: Path) -> Iterator[Any]:
    """Yield each image of a file as a lazy array, then without axes of length 1, then its parts.

    Viewers show one image as several layers, one a channel, so each part along an axis of up to
    64 is yielded as well. TIFF files, OME-Zarr stores, ``.npy`` files, pictures (PNG, JPEG,
    BMP, GIF) and tables as CSV are read.

    Raises
    ------
    FairError
        The file cannot be read, or is of another format.
    """
    for image in _images(path):
        yield image
        yield from _squeezed(image)
        for axis, size in enumerate(image.shape):
            if 1 < size <= _MOST_CHANNELS:
                for number in range(size):
                    part = image[(slice(None),) * axis + (number,)]
                    yield part
                    yield from _squeezed(part)


def _images(path: Path) -> Iterator[Any]:
    name = path.name.lower()
    if path.is_dir():
        for number in range(len(image_groups(path))):
            yield open_zarr(path, number).levels[0]
    elif name.endswith((".tif", ".tiff", ".lsm", ".stk")):
        yield from _tiff(path)
    elif name.endswith(".npy"):
        yield _npy(path)
    elif name.endswith(_PICTURES):
        yield _picture(path)
    elif name.endswith(".csv"):
        yield from _csv(path)
    else:
        raise UnreadableFile(f"{shown(path)} is of a format that is not read for comparing.")


def _tiff(path: Path) -> Iterator[Any]:
    for number in range(_MOST_SCENES):
        try:
            yield open_tiff(path, number).levels[0]
        except FairError:
            if not number:
                raise
            return


def _npy(path: Path) -> Any:
    import numpy as np

    try:
        with reading(path):
            return np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise UnreadableFile(f"{shown(path)} is no array that can be read safely.") from error


def _picture(path: Path) -> Any:
    """Return a picture as viewers show it: in grey or in colours, its first frame."""
    import numpy as np

    try:
        from PIL import Image
    except ImportError:
        raise UnreadableFile(
            f"{shown(path)} is read with Pillow; install it with pip install pillow."
        ) from None
    try:
        with reading(path), Image.open(path) as image:
            if image.mode in ("P", "PA", "CMYK", "YCbCr"):
                clear = image.mode == "PA" or "transparency" in image.info
                return np.asarray(image.convert("RGBA" if clear else "RGB"))
            return np.asarray(image)
    except (ValueError, SyntaxError, OSError, Image.DecompressionBombError) as error:
        raise UnreadableFile(f"{shown(path)} is no picture that can be read.") from error


def _csv(path: Path) -> Iterator[Any]:
    """Yield the numbers of a table, and those without the first column: napari numbers points."""
    import numpy as np

    try:
        with reading(path):
            table = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
    except ValueError as error:
        raise UnreadableFile(f"{shown(path)} is no table of numbers with a heading.") from error
    yield table
    yield table[:, 1:]


def _squeezed(array: Any) -> Iterator[Any]:
    if 1 in array.shape:
        yield array[tuple(0 if size == 1 else slice(None) for size in array.shape)]
