"""Which files and stores of a folder are image sources."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator
from html import unescape
from pathlib import Path

from napari_fair.files import UnsafePath, is_within, reading
from napari_fair.headers.formats import OME_XML, OME_XML_SUFFIXES, read_head, recognise
from napari_fair.headers.micromanager import set_beside
from napari_fair.headers.ndtiff import index_beside, set_files
from napari_fair.headers.ome_document import file_names, looks_like_ome
from napari_fair.headers.ome_files import beside
from napari_fair.headers.ome_zarr import is_store
from napari_fair.headers.planes_by_name import TIFF_SUFFIXES, image_sets
from napari_fair.headers.tiff_structure import NotTiff, TiffStructure

_OURS = (b"https://w3id.org/napari-fair/", b'Creator="napari-fair')
_CRATE = "ro-crate-metadata.json"
_SKIPPED_SUFFIXES = (".lock", ".part", ".tmp", ".crdownload", "~")
_COMPANION = re.compile(rb"""<[\w:.\-]*BinaryOnly\s[^>]*?MetadataFile\s*=\s*["']([^"'<>]+)["']""")
_MAX_DOCUMENT = 200 << 20
_MAX_DEPTH = 32


def image_paths(folder: Path, *, recursive: bool) -> list[Path]:
    """Return the image sources of a folder, sorted by path.

    An image source is a file of a known format (by its first bytes and its name) or an OME-Zarr
    store, which is not looked into. A multi-file set appears once, as the first of its files that
    holds pixels; so does a set of single planes (`image_sets`). Left out: sidecars that this
    package wrote, hidden and temporary files, folders with an RO-Crate of their own, and links
    that leave the folder.

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
    present, taken = frozenset(found), _later_planes(found)
    sources: dict[Path, None] = {}
    for path in found:
        if path in taken:
            continue
        first, others = set_of(path, present)
        taken |= others
        if first is not None:
            sources[first] = None
    return sorted(path for path in sources if path not in taken)


def _later_planes(found: list[Path]) -> set[Path]:
    """Return all planes of image sets but the first of each, which stands for its set."""
    folders = dict.fromkeys(path.parent for path in found if path.suffix.lower() in TIFF_SUFFIXES)
    sets = [each for folder in folders for each in image_sets(folder)]
    return {plane for each in sets for plane in each.files[1:]}


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
        elif entry.is_file() and is_image(path):
            yield path


def _may_enter(entry: os.DirEntry[str], path: Path) -> bool:
    if entry.is_symlink() or entry.name.lower().endswith((".crate", ".oif.files")):
        return False
    try:
        return not (path / _CRATE).exists() and os.access(path, os.R_OK | os.X_OK)
    except OSError:
        return False


def is_image(path: Path) -> bool:
    """Whether a file is an image of a known format; our own sidecars are none."""
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


def set_of(path: Path, present: Container[Path]) -> tuple[Path | None, set[Path]]:
    """Return the file that stands for the set a file belongs to, and the others of the set.

    A document stands for its files only where these say nothing themselves; where they do, it is
    no source of its own (None). `present` are the files that there are.
    """
    if path.is_dir():
        return path, set()
    planes = set_files(path, index_beside(path)) or set_beside(path)
    if planes:
        return planes[0], set(planes[1:])
    document, holder = _document_of(path)
    named = (_beside(holder, name) for name in file_names(document))
    pixels = [place for place in named if place is not None and place in present]
    if _is_document(path):
        return (None, set()) if pixels and _description(pixels[0]) else (path, set(pixels))
    if path not in pixels:
        return path, set()
    return pixels[0], set(pixels[1:])


def _is_document(path: Path) -> bool:
    return path.name.lower().endswith(OME_XML_SUFFIXES)


def _beside(holder: Path, name: str) -> Path | None:
    try:
        return beside(holder.parent, name)
    except (UnsafePath, ValueError):
        return None


def _document_of(path: Path) -> tuple[bytes, Path]:
    """Return the OME-XML that describes a file and the file it lies in."""
    try:
        if _is_document(path):
            return path.read_bytes()[:_MAX_DOCUMENT], path
        document = _description(path)
        named = _COMPANION.search(document)
        if named is not None:
            companion = beside(path.parent, unescape(named[1].decode("utf-8", "replace")))
            if companion.is_file():
                return companion.read_bytes()[:_MAX_DOCUMENT], companion
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
