"""Which files and stores of a folder are image sources."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from napari_fair.files import UnsafePath, confine, is_within, reading
from napari_fair.headers.formats import OME_XML, OME_XML_SUFFIXES, read_head, recognise
from napari_fair.headers.ome_document import looks_like_ome
from napari_fair.headers.ome_zarr import is_store
from napari_fair.headers.tiff_structure import NotTiff, TiffStructure

_OURS = (b"https://w3id.org/napari-fair/", b'Creator="napari-fair')
_CRATE = "ro-crate-metadata.json"
_SKIPPED_SUFFIXES = (".lock", ".part", ".tmp", ".crdownload", "~")
_NAMED = re.compile(rb"""\b(FileName|MetadataFile)\s*=\s*(["'])(.*?)\2""")
_MAX_DOCUMENT = 200 << 20
_MAX_DEPTH = 32
_OTHER_XML = (".xlif", ".xlef", ".oif")


def image_paths(folder: Path, *, recursive: bool) -> list[Path]:
    """Return the image sources of a folder, sorted by path.

    An image source is a file of a known format (by its first bytes and its name) or an OME-Zarr
    store, which is not looked into. A multi-file set appears once, as the first of its files that
    holds pixels. Left out: sidecars that this package wrote, hidden and temporary files, folders
    with an RO-Crate of their own, and links that leave the folder.

    Parameters
    ----------
    folder
        Where to look.
    recursive
        Whether to look into subfolders.

    Raises
    ------
    UnreadableFile
        If the folder cannot be listed.
    """
    with reading(folder):
        found = sorted(_sources(folder, folder, recursive, 0))
    members: set[Path] = set()
    sources = []
    for path in found:
        if path in members:
            continue
        first, others = _first_of_set(path, found)
        members.update(others)
        if first not in sources:
            sources.append(first)
    return [path for path in sources if path not in members or path in sources]


def _sources(root: Path, folder: Path, recursive: bool, depth: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        path = Path(folder, entry.name)
        if entry.name.startswith(".") or (entry.is_symlink() and not is_within(root, path)):
            continue
        if entry.is_dir():
            if is_store(path):
                yield path
            elif recursive and depth < _MAX_DEPTH and _may_enter(entry, path):
                yield from _sources(root, path, recursive, depth + 1)
        elif entry.is_file() and _is_image(path):
            yield path


def _may_enter(entry: os.DirEntry[str], path: Path) -> bool:
    if entry.is_symlink() or entry.name.endswith(".crate"):
        return False
    try:
        return not (path / _CRATE).exists() and os.access(path, os.R_OK | os.X_OK)
    except OSError:
        return False


def _is_image(path: Path) -> bool:
    name = path.name.lower()
    if name == _CRATE or name.endswith(_SKIPPED_SUFFIXES):
        return False
    try:
        head = read_head(path)
        known = recognise(path, head)
        if known is not OME_XML:
            return known is not None
        return name.endswith(OME_XML_SUFFIXES) and not _is_ours(path)
    except OSError:
        return False


def _is_ours(path: Path) -> bool:
    if path.stat().st_size > _MAX_DOCUMENT:
        return False
    data = path.read_bytes()
    return any(mark in data for mark in _OURS)


def _first_of_set(path: Path, found: list[Path]) -> tuple[Path, set[Path]]:
    """Return the file that stands for the set a file belongs to, and the others of the set."""
    if path.is_dir():
        return path, set()
    document, holder = _document_of(path)
    names = _file_names(document)
    there = [place for name in names if (place := _beside(holder, name)) in found]
    pixels = list(dict.fromkeys(there))
    if path != holder or path in pixels or not _is_tiff_name(path):
        return _choose(path, holder, pixels)
    return path, set()


def _choose(path: Path, holder: Path, pixels: list[Path]) -> tuple[Path, set[Path]]:
    if path == holder and not _is_tiff_name(path):
        # A companion stands for its files only when they do not point back at it.
        back = bool(pixels) and all(_document_of(pixel)[1] == holder for pixel in pixels[:1])
        first = pixels[0] if back else path
    else:
        first = pixels[0] if pixels else path
    return first, {holder, *pixels} - {first}


def _is_tiff_name(path: Path) -> bool:
    return not path.name.lower().endswith(OME_XML_SUFFIXES)


def _beside(holder: Path, name: str) -> Path:
    try:
        return holder.parent / confine(holder.parent, name).relative_to(holder.parent.resolve())
    except (UnsafePath, ValueError):
        return holder


def _file_names(document: bytes) -> list[str]:
    names = (m[3] for m in _NAMED.finditer(document) if m[1] == b"FileName")
    return [name.decode("utf-8", "replace") for name in dict.fromkeys(names)]


def _document_of(path: Path) -> tuple[bytes, Path]:
    """Return the OME-XML that describes a file and the file it lies in."""
    try:
        if not _is_tiff_name(path):
            return path.read_bytes()[:_MAX_DOCUMENT], path
        document = _description(path)
        named = _NAMED.search(document) if b"BinaryOnly" in document else None
        if named is not None and named[1] == b"MetadataFile":
            companion = confine(path.parent, named[3].decode("utf-8", "replace"))
            if companion.is_file():
                place = path.parent / companion.relative_to(path.parent.resolve())
                return companion.read_bytes()[:_MAX_DOCUMENT], place
    except (OSError, UnsafePath, ValueError):
        return b"", path
    return document, path


def _description(path: Path) -> bytes:
    with path.open("rb") as stream:
        try:
            tiff = TiffStructure.open(stream, path.stat().st_size)
        except NotTiff:
            return b""
        first = tiff.directory(tiff.first_offset)
        data = b"" if first is None else tiff.raw(first, 270, _MAX_DOCUMENT)
    return data if looks_like_ome(data) else b""
