"""What can go wrong with files, each as one sentence for the person at the microscope."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

_NO_SPACE = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_WINDOWS_SHARING_VIOLATIONS = frozenset({32, 33})


class FairError(ValueError):
    """
    An error meant for users.

    The message is one sentence that names the file, says what is wrong and what to do. Every error
    of this package that a user may see derives from it.
    """


class UnreadableFile(FairError):
    """A file that is missing, is not a regular file or may not be read."""


class FileChanging(FairError):
    """A file that changed while it was read."""


class UnsafePath(FairError):
    """A path that would leave the folder it belongs to."""


class UnwritableFile(FairError):
    """A file that could not be written; the old content is still there."""


class FolderNotWritable(UnwritableFile):
    """A folder in which files may not be made or replaced."""


class DiskFull(UnwritableFile):
    """No space, or no quota, left for the file."""


class FolderLocked(FairError):
    """A folder that another session is writing to."""


class DamagedDocument(FairError):
    """An XML or JSON document of which nothing can be used safely."""


class LossyDocument(FairError):
    """A document that would not come out of a rewrite as it went in."""


class Cancelled(Exception):
    """The user cancelled: an answer, not an error, so nothing is wrong with the file."""


def shown(path: str | os.PathLike[str]) -> str:
    """
    Return a path as it can stand in a sentence.

    Line breaks, control characters and bytes that are not UTF-8 become U+FFFD, so that a name
    cannot forge a second line or fail to print.
    """
    text = "".join(c if c.isprintable() else "\ufffd" for c in str(path))
    return f"'{text}'"


@contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Raise `UnreadableFile`, with the original as cause, for an `OSError` inside the block."""
    try:
        yield
    except OSError as error:
        raise _unreadable(path, error) from error


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Raise an `UnwritableFile`, with the original as cause, for an `OSError` inside the block."""
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error) from error


def _unreadable(path: str | os.PathLike[str], error: OSError) -> FairError:
    if isinstance(error, FileNotFoundError):
        return UnreadableFile(f"{shown(path)} is not there; check whether it was moved or renamed.")
    if isinstance(error, IsADirectoryError):
        return UnreadableFile(f"{shown(path)} is a folder; choose a file.")
    if error.errno in _REFUSED:
        return UnreadableFile(f"{shown(path)} may not be read; ask its owner for permission.")
    return UnreadableFile(
        f"{shown(path)} could not be read ({_reason(error)}); check the disk or the network drive."
    )


def _unwritable(path: str | os.PathLike[str], error: OSError) -> FairError:
    if error.errno in _NO_SPACE:
        return DiskFull(
            f"{shown(path)} was not written because the disk or quota is full; "
            "free some space and save again."
        )
    if getattr(error, "winerror", None) in _WINDOWS_SHARING_VIOLATIONS:
        return UnwritableFile(
            f"{shown(path)} is open in another program; close it there and save again."
        )
    if error.errno in _REFUSED:
        return FolderNotWritable(
            f"{shown(path)} was not written because its folder may not be written to; "
            "choose another place or ask for permission."
        )
    if error.errno == errno.ENAMETOOLONG:
        return UnwritableFile(
            f"{shown(path)} was not written because the name is too long; shorten the file name."
        )
    return UnwritableFile(
        f"{shown(path)} was not written ({_reason(error)}); check the folder and save again."
    )


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).rstrip(".")
