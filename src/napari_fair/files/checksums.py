"""Checksums of files and of Zarr stores."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.files.atomic import TEMPORARY_PREFIX
from napari_fair.files.errors import Cancelled, FileChanging, UnreadableFile, reading, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    Progress = Callable[[int, int], None]
    Cancel = Callable[[], bool]

CHUNK = 1 << 20
MANIFEST_HEADER = b"napari-fair manifest 1\0"
METADATA_NAMES = frozenset({"zarr.json", ".zarray", ".zattrs", ".zgroup", ".zmetadata"})
EXCLUDED_NAMES = frozenset(
    {
        "ro-crate-metadata.json",
        "ro-crate-metadata.json.bak",
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
    }
)
_REPARSE_TAG_JUNCTION = 0xA0000003
_EXCLUDED_PREFIXES = (TEMPORARY_PREFIX, ".napari-fair.lock", "._")


@dataclass(frozen=True, slots=True)
class FileDigest:
    """
    The SHA-256 of a file, and what tells cheaply whether it still holds.

    Attributes
    ----------
    path
        The file.
    size
        Bytes.
    mtime_ns
        Modification time, nanoseconds since 1970.
    sha256
        Lower-case hexadecimal.
    """

    path: Path
    size: int
    mtime_ns: int
    sha256: str

    def still_holds(self) -> bool:
        """Whether size and modification time are as they were, so that hashing again can wait."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns)


@dataclass(frozen=True, slots=True)
class ManifestDigest:
    """
    The digest of a store's manifest (`manifest_digest`).

    Attributes
    ----------
    path
        The store's folder.
    files
        Number of files in the manifest.
    size
        Bytes of all files in the manifest.
    sha256
        Digest of the manifest, lower-case hexadecimal.
    """

    path: Path
    files: int
    size: int
    sha256: str


def sha256_file(
    path: str | os.PathLike[str],
    *,
    chunk: int = CHUNK,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> FileDigest:
    """
    Hash a file in chunks.

    Parameters
    ----------
    path
        A regular file, or a link to one.
    chunk
        Bytes read at a time.
    progress
        Called after each chunk with bytes done and bytes in all.
    cancelled
        Asked before each chunk.

    Raises
    ------
    FileChanging
        The file grew, shrank or was written to meanwhile, as an image in acquisition does.
    UnreadableFile
        The file is missing, is not a regular file or may not be read.
    Cancelled
        `cancelled` said so.
    """
    place = Path(path)
    with reading(place):
        before = _regular_status(place)
        with place.open("rb", buffering=0) as stream:
            digest = _hash_stream(stream, place, before.st_size, chunk, progress, cancelled)
        after = place.stat()
    if _version(before) != _version(after):
        raise _changing(place)
    return FileDigest(place, before.st_size, before.st_mtime_ns, digest)


def manifest_digest(
    folder: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> ManifestDigest:
    r"""
    Hash what a Zarr store says about itself, and the names and sizes of its chunks.

    Reading every chunk of a terabyte takes hours; this takes seconds and notices every change of
    metadata and every chunk that is missing, new or of another size. It does not notice a chunk
    whose bytes changed while its size stayed.

    The digest is the SHA-256 of `MANIFEST_HEADER` followed by one entry a file, in the order of the
    path's bytes. An entry is four fields, each ended by a NUL byte: the path from the store with
    `/` between the parts, in UTF-8 and not normalised; a kind; the size in bytes as a decimal
    number; the file's SHA-256 in lower-case hexadecimal or nothing. The kind is `m` for metadata
    (`zarr.json`, `.zarray`, `.zattrs`, `.zgroup`, `.zmetadata`, `*.xml`), which have a SHA-256;
    `c` for all other files, which have none; `l` for symbolic links, of size 0 and without a
    SHA-256: no link is followed, neither to files nor to folders. Empty folders do not count.

    Left out wherever they lie: `ro-crate-metadata.json` and its backup, names beginning with
    `.napari-fair`, and what file browsers leave behind (`.DS_Store`, `._*`, `Thumbs.db`,
    `desktop.ini`).

    Parameters
    ----------
    folder
        The store.
    progress
        Called after each file with files done and files in all.
    cancelled
        Asked before each folder and each file.

    Raises
    ------
    FileChanging
        A metadata file changed meanwhile.
    UnreadableFile
        The store, a folder or a metadata file in it cannot be read.
    Cancelled
        `cancelled` said so.
    """
    store = Path(folder)
    listing = sorted(_list_store(store, cancelled))
    digest, total = hashlib.sha256(MANIFEST_HEADER), 0
    for done, (name, kind, size, place) in enumerate(listing, start=1):
        _heed(cancelled)
        checksum = sha256_file(place, cancelled=cancelled).sha256 if kind == b"m" else ""
        for value in (name, kind, b"%d" % size, checksum.encode()):
            digest.update(value + b"\0")
        total += size
        if progress is not None:
            progress(done, len(listing))
    return ManifestDigest(store, len(listing), total, digest.hexdigest())


def _hash_stream(
    stream: BinaryIO,
    place: Path,
    size: int,
    chunk: int,
    progress: Progress | None,
    cancelled: Cancel | None,
) -> str:
    digest, done = hashlib.sha256(), 0
    _heed(cancelled)
    while data := stream.read(chunk):
        digest.update(data)
        done += len(data)
        if done > size:
            # A file that grows as fast as it is read would never end.
            raise _changing(place)
        if progress is not None:
            progress(done, size)
        _heed(cancelled)
    if done != size:
        raise _changing(place)
    return digest.hexdigest()


def _list_store(store: Path, cancelled: Cancel | None) -> Iterator[tuple[bytes, bytes, int, str]]:
    pending = [(str(store), "")]
    while pending:
        _heed(cancelled)
        folder, prefix = pending.pop()
        with reading(folder), os.scandir(folder) as entries:
            for entry in entries:
                if _excluded(entry.name):
                    continue
                relative = prefix + entry.name
                if entry.is_dir(follow_symlinks=False) and not _is_link(entry):
                    pending.append((entry.path, relative + "/"))
                else:
                    yield os.fsencode(relative), *_kind_and_size(entry), entry.path


def _kind_and_size(entry: os.DirEntry[str]) -> tuple[bytes, int]:
    if _is_link(entry):
        return b"l", 0
    size = entry.stat(follow_symlinks=False).st_size
    is_metadata = entry.name in METADATA_NAMES or entry.name.lower().endswith(".xml")
    return (b"m" if is_metadata else b"c"), size


def _is_link(entry: os.DirEntry[str]) -> bool:
    if entry.is_symlink() or os.name != "nt":
        return entry.is_symlink()
    # Windows junctions pass for folders but lead anywhere.
    status = entry.stat(follow_symlinks=False)
    return getattr(status, "st_reparse_tag", 0) == _REPARSE_TAG_JUNCTION


def _excluded(name: str) -> bool:
    return name in EXCLUDED_NAMES or name.startswith(_EXCLUDED_PREFIXES)


def _regular_status(place: Path) -> os.stat_result:
    status = place.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(f"{shown(place)} is not a file; choose a file.")
    return status


def _version(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _changing(place: Path) -> FileChanging:
    return FileChanging(
        f"{shown(place)} changed while its checksum was made; wait until it is complete."
    )


def _heed(cancelled: Cancel | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled
