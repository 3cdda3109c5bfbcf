"""Paths that stay in their folder, and their form as identifiers in a crate."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath, PurePosixPath
from typing import NoReturn
from urllib.parse import quote, unquote

from napari_fair.files.errors import UnsafePath, shown

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_DRIVE = re.compile(r"[A-Za-z]:")
_SEPARATORS = re.compile(r"[/\\]")


def confine(root: str | os.PathLike[str], relative: str | PurePath) -> Path:
    """
    Return the place of a relative path inside a folder, with all links resolved.

    The rules are the same on every system, so that a crate made on one cannot harm another.

    Parameters
    ----------
    root
        The folder.
    relative
        A path as a document states it. It need not exist.

    Raises
    ------
    UnsafePath
        The path is absolute, has a drive letter, a `..` or a NUL, or a link takes it out of `root`.
    """
    text = relative.as_posix() if isinstance(relative, PurePath) else relative
    _refuse_escape(text)
    if os.name == "nt" and ":" in text:
        _refuse(text, "names a drive or a hidden stream")
    try:
        folder = Path(root).resolve()
        place = (folder / text).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise UnsafePath(f"{shown(text)} leads to no file; correct the path.") from error
    if not place.is_relative_to(folder):
        _refuse(text, "is a link that leaves its folder")
    return place


def crate_id(relative: str | PurePosixPath, *, directory: bool = False) -> str:
    """
    Return the `@id` of a file or folder in an RO-Crate.

    RO-Crate 1.1 asks for relative URI references, percent-encoded, with a slash after folders.
    Names are not normalised (NFC), so `path_from_crate_id` gives back exactly this path.

    Parameters
    ----------
    relative
        Path from the crate's root, with `/` between the parts. `.` is the root itself.
    directory
        Whether the path is a folder.

    Raises
    ------
    UnsafePath
        The path leaves the crate, or its name is not valid Unicode on this system.
    """
    text = str(relative)
    _refuse_escape(text)
    path = PurePosixPath(text)
    if path == PurePosixPath("."):
        return "./"
    try:
        encoded = "/".join(quote(part, safe="", errors="surrogateescape") for part in path.parts)
    except UnicodeEncodeError as error:
        raise UnsafePath(f"{shown(text)} is not valid Unicode; rename the file.") from error
    return encoded + "/" if directory else encoded


def path_from_crate_id(identifier: str) -> str:
    """
    Return the relative path that an `@id` of a file or folder means, with `/` between the parts.

    Ids that others wrote without percent-encoding are taken as they stand, `#` included, because
    crates are full of them.

    Raises
    ------
    UnsafePath
        The id is a URL, a mere fragment (`#x`, `_:x`), absolute, or leaves the crate.
    """
    if _SCHEME.match(identifier):
        _refuse(identifier, "is an address, not a file of the crate")
    if identifier.startswith(("#", "_:")) or not identifier:
        _refuse(identifier, "is not the name of a file")
    _refuse_escape(identifier)
    text = unquote(identifier, errors="surrogateescape")
    _refuse_escape(text)
    return str(PurePosixPath(text))


def is_within(root: str | os.PathLike[str], path: str | os.PathLike[str]) -> bool:
    """Whether a path, with all links resolved, lies in a folder or is that folder."""
    try:
        return Path(path).resolve().is_relative_to(Path(root).resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def relative_posix(root: str | os.PathLike[str], path: str | os.PathLike[str]) -> str:
    """
    Return the path from a folder to something in it, with `/` between the parts.

    Links among the folders are resolved; the last part keeps its own name.

    Raises
    ------
    UnsafePath
        The path does not lie in the folder.
    """
    if not is_within(root, path):
        _refuse(os.fspath(path), f"does not lie in {shown(root)}")
    folder, place = Path(root).resolve(), Path(path)
    named = place.parent.resolve() / place.name if place.name not in {"", ".."} else place.resolve()
    if not named.is_relative_to(folder):
        named = place.resolve()
    return named.relative_to(folder).as_posix()


def _refuse_escape(text: str) -> None:
    if "\0" in text:
        _refuse(text, "holds a NUL character")
    if text.startswith(("/", "\\")):
        _refuse(text, "is an absolute path")
    if _DRIVE.match(text):
        _refuse(text, "names a drive")
    if ".." in _SEPARATORS.split(text):
        _refuse(text, "leads out of its folder")


def _refuse(text: str, why: str) -> NoReturn:
    raise UnsafePath(f"{shown(text)} {why}; use a path inside the folder of the record.")
