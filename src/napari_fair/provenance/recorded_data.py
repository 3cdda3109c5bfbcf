"""Recorded data read from its files, if these still hold it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from napari_fair.files import FairError, confine, is_within, manifest_digest, sha256_file
from napari_fair.model import DataKind, DataRef
from napari_fair.provenance.identity import describe, identity_of

Load = Callable[[Path], Iterable[Any]]
"""Yields the arrays that a file can be read as: images, their channels, …."""

_LARGE = 2 << 30
"""Bytes of an array whose file is looked at before it is unpacked."""
_MOST_UNPACKED = 1000
"""Times that a large array may be as long as its file: stored zeros become 1/1000 at best."""


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
    cancelled
        Asked while files are read; stops with `Cancelled`.
    """

    def __init__(
        self,
        folder: Path,
        out: Path,
        load: Load,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.folder, self.out, self._load = folder, out, load
        self._cancelled = cancelled

    def loaded(self, piece: DataRef) -> Any:
        """Return an array, or of a file its copy, if it is what was recorded.

        Raises
        ------
        Unverified
            If it is not there, or is something else now.
        """
        try:
            path = confine(self.folder, piece.path)
            if not path.exists():
                raise Unverified(f"{piece.path} is not there")
            if not (path.is_file() or path.is_dir()):
                raise Unverified(f"{piece.path} is no file")
            if piece.kind is not DataKind.FILE:
                return self._matching(path, piece)
            self._unchanged(path, piece)
            return self.brought(piece.path)
        except FairError as problem:
            raise Unverified(str(problem)) from problem

    def brought(self, relative: str) -> Path:
        """Return where a path is for functions: below `out`, as a copy if the record has it.

        Raises
        ------
        FairError
            If the path, or a link in the folder that it names, leads out of the record's folder.
        """
        source, target = confine(self.folder, relative), confine(self.out, relative)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir() and not target.exists():
            self._refuse_links_out(source)
            shutil.copytree(source, target)
        elif source.is_file() and not target.exists():
            shutil.copyfile(source, target)
        return target

    def _refuse_links_out(self, source: Path) -> None:
        for root, folders, files in os.walk(source):
            for name in (*folders, *files):
                place = Path(root, name)
                if place.is_symlink() and (place.is_dir() or not is_within(source, place)):
                    raise FairError(f"{name} in {source.name} is a link, which is not followed.")

    def _unchanged(self, path: Path, piece: DataRef) -> None:
        if not piece.sha256:
            return
        found = (
            manifest_digest(path, cancelled=self._cancelled)
            if path.is_dir()
            else sha256_file(path, cancelled=self._cancelled)
        )
        if found.sha256 != piece.sha256:
            raise Unverified(f"{piece.path} changed since it was recorded")

    def _matching(self, path: Path, piece: DataRef) -> Any:
        if not piece.content_sha256:
            self._unchanged(path, piece)
        fitting = False
        for array in self._load(path):
            shape, dtype, size = describe(array)
            if piece.shape and (shape, dtype) != (piece.shape, piece.dtype):
                continue
            fitting = True
            _refuse_bomb(path, piece, size or 0)
            if not piece.content_sha256:
                return _in_memory(array)
            found = identity_of(array, cancelled=self._cancelled)
            if found.content_sha256 == piece.content_sha256:
                return _in_memory(array)
        what = "holds other values than were recorded" if fitting else "holds no such array"
        raise Unverified(f"{piece.path} {what} (for {piece.name!r})")


def _refuse_bomb(path: Path, piece: DataRef, size: int) -> None:
    if size > _LARGE and size > _MOST_UNPACKED * _bytes_of(path):
        raise Unverified(f"{piece.path} would unpack to {size / 1e9:.0f} GB, and is not read")


def _bytes_of(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(Path(root, f).lstat().st_size for root, _, files in os.walk(path) for f in files)


def _in_memory(array: Any) -> Any:
    import numpy as np

    return np.asarray(array) if hasattr(array, "shape") else array
