"""The Python door: the same record as in napari and in a terminal.

>>> from napari_fair.api import describe, open_folder
>>> header = describe("cells.tif")  # doctest: +SKIP
>>> session = open_folder("images")  # doctest: +SKIP
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.model import Header
    from napari_fair.session import Session

__all__ = ["describe", "open_folder"]


def describe(path: str | os.PathLike[str]) -> Header:
    """Return what a file, a multi-file set or a store says about itself.

    Parameters
    ----------
    path
        An image file, an OME-XML document or an OME-Zarr folder. Pixels are not read.

    Returns
    -------
    Header
        Facts of each image by dotted name (`image.size_x`, `channel.0.name`), each with value,
        unit, place in the file and trust; `warnings` and `damaged` say what does not hold.

    Raises
    ------
    FairError
        If there is nothing at `path` or it cannot be opened.
    """
    from napari_fair.headers import read_header

    return read_header(path if isinstance(path, str) else os.fspath(path))


def open_folder(
    folder: str | os.PathLike[str], *, crate: str | os.PathLike[str] | None = None
) -> Session:
    """Open the record of a folder to read, edit and save it; opening writes nothing.

    Parameters
    ----------
    folder
        Where the images are.
    crate
        Where the crate is (to be) written when `folder` itself cannot be.

    Returns
    -------
    Session
        Add images with `add(describe(path))`, set fields with `set`, write with `save`, and end
        with `close`.

    Raises
    ------
    FairError
        If the folder or its crate cannot be read.
    """
    from napari_fair.session import open_folder as open_session

    return open_session(Path(folder), crate=Path(crate) if crate is not None else None)
