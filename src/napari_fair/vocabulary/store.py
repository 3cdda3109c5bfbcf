"""Indexes as files: one compressed file in the package, a folder read in place for large ones."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_fair.vocabulary.tables import ARRAYS, TEXTS, Tables, Texts

HEAD = "head.json"
_PARTS = ("letters", "starts", "numbers")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def write_file(path: Path, head: Mapping[str, object], tables: Tables) -> None:
    """Write head and index as one zip file; the same input gives the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        _put(archive, HEAD, json.dumps(head, ensure_ascii=False, indent=1).encode())
        for name, values in _arrays(tables):
            buffer = io.BytesIO()
            np.save(buffer, values, allow_pickle=False)
            _put(archive, f"{name}.npy", buffer.getvalue())


def read_file(path: Path) -> Tables:
    """Return the index in a file that `write_file` wrote."""
    with zipfile.ZipFile(path) as archive:

        def array(name: str) -> NDArray[np.generic]:
            loaded = np.load(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
            return np.asarray(loaded)

        return _tables(array)


def write_folder(folder: Path, head: Mapping[str, object], tables: Tables) -> None:
    """Write head and index into a folder, the head last."""
    for name, values in _arrays(tables):
        np.save(folder / f"{name}.npy", values, allow_pickle=False)
    text = json.dumps(head, ensure_ascii=False, indent=1)
    (folder / HEAD).write_text(text, encoding="utf-8")


def read_folder(folder: Path) -> Tables:
    """Return the index in a folder; what is not looked at stays on the disk."""

    def array(name: str) -> NDArray[np.generic]:
        path = folder / f"{name}.npy"
        # mmap cannot map nothing, and a plain view is looked up faster than a memmap
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))

    return _tables(array)


def read_head(path: Path) -> dict[str, object]:
    """Return what a pack says about itself, from a file or a folder."""
    if path.is_dir():
        text = (path / HEAD).read_text(encoding="utf-8")
    else:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(HEAD).decode()
    head: dict[str, object] = json.loads(text)
    return head


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    member = zipfile.ZipInfo(name, _LONG_AGO)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, data, compresslevel=9)


def _arrays(tables: Tables) -> Iterator[tuple[str, NDArray[np.generic]]]:
    for name in TEXTS:
        for part in _PARTS:
            yield f"{name}_{part}", getattr(getattr(tables, name), part)
    for name in ARRAYS:
        yield name, getattr(tables, name)


def _tables(array: Callable[[str], NDArray[np.generic]]) -> Tables:
    texts = {name: Texts(*(array(f"{name}_{part}") for part in _PARTS)) for name in TEXTS}  # type: ignore[arg-type]
    return Tables(**texts, **{name: array(name) for name in ARRAYS})  # type: ignore[arg-type]
