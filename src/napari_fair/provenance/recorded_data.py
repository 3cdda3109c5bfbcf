"""Recorded data read from its files, if these still hold it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from napari_fair.files import FairError, confine, sha256_file
from napari_fair.model import DataKind, DataRef
from napari_fair.provenance.identity import describe, identity_of

Load = Callable[[Path], Iterable[Any]]
"""Yields the arrays that a file can be read as: images, their channels, …."""


class Unverified(Exception):
    """Why a step cannot be verified; the message is a phrase for people."""


class RecordedData:
    """The files of a record.

    Parameters
    ----------
    folder
        Where they are.
    out
        Where functions may work: files that they are given are copied there, so that none of the
        record can be changed.
    load
        Reads a file as arrays.
    """

    def __init__(self, folder: Path, out: Path, load: Load) -> None:
        self._folder, self.out, self._load = folder, out, load

    def loaded(self, piece: DataRef) -> Any:
        """Return an array, or of a file its copy, if it is what was recorded.

        Raises
        ------
        Unverified
            If it is not there, or is something else now.
        """
        try:
            path = confine(self._folder, piece.path)
            if not path.exists():
                raise Unverified(f"{piece.path} is not there")
            if piece.kind is not DataKind.FILE:
                return self._matching(path, piece)
            if piece.sha256 and path.is_file() and sha256_file(path).sha256 != piece.sha256:
                raise Unverified(f"{piece.path} changed since it was recorded")
            return self.brought(piece.path)
        except FairError as problem:
            raise Unverified(str(problem)) from problem

    def brought(self, relative: str) -> Path:
        """Return where a path is for functions: below `out`, as a copy if the record has it.

        Raises
        ------
        FairError
            If the path leads out of the folder.
        """
        source, target = confine(self._folder, relative), confine(self.out, relative)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir() and not target.exists():
            shutil.copytree(source, target, symlinks=True)
        elif source.is_file() and not target.exists():
            shutil.copyfile(source, target)
        return target

    def _matching(self, path: Path, piece: DataRef) -> Any:
        fitting = False
        for array in self._load(path):
            shape, dtype, _ = describe(array)
            if piece.shape and (shape, dtype) != (piece.shape, piece.dtype):
                continue
            fitting = True
            if not piece.content_sha256:
                return _in_memory(array)
            if identity_of(array).content_sha256 == piece.content_sha256:
                return _in_memory(array)
        what = "holds other values than were recorded" if fitting else "holds no such array"
        raise Unverified(f"{piece.path} {what} (for {piece.name!r})")


def _in_memory(array: Any) -> Any:
    import numpy as np

    return np.asarray(array) if hasattr(array, "shape") else array
