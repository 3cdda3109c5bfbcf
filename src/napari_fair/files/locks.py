"""One writer a folder, also across machines that share it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.files.errors import FolderLocked, FolderNotWritable, shown, writing

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from filelock import SoftFileLease

LOCK_NAME = ".napari-fair.lock"
LEASE_SECONDS = 8.0
"""A holder on another machine that shows no sign of life for so long is taken for dead."""


class FolderLock:
    """
    A folder's lock while it is held.

    Ask `check` right before replacing files: a computer that slept may have lost its claim.
    """

    def __init__(self, folder: Path, lease: SoftFileLease) -> None:
        self._folder = folder
        self._lease = lease

    def check(self) -> None:
        """Raise `FolderLocked` when somebody else took the lock over meanwhile."""
        owner = self._lease.owner
        if owner is None or owner.token != self._lease.token:
            raise FolderLocked(
                f"The lock of {shown(self._folder)} was lost, perhaps while this computer slept; "
                "save again."
            )


@contextmanager
def folder_lock(folder: str | os.PathLike[str], *, timeout: float = 10.0) -> Iterator[FolderLock]:
    """
    Hold the lock of a folder.

    The lock is a file, `.napari-fair.lock`, because acquisition shares do not honour the locks of
    operating systems. It names host, process and a random token, and is refreshed while held. A
    lock of a dead process on this host is broken at once, one of another host after
    `LEASE_SECONDS` without a refresh, measured with our own clock only. The lock is not reentrant.

    Parameters
    ----------
    folder
        An existing folder.
    timeout
        Seconds to wait for another holder. Below `LEASE_SECONDS`, a dead holder on another host is
        not told from a living one.

    Raises
    ------
    FolderLocked
        Somebody else holds the lock; the message says who.
    FolderNotWritable
        No file can be made in the folder.
    """
    from filelock import LeaseSettingsMismatch, SoftFileLease, Timeout

    path = Path(folder)
    if not path.is_dir():
        raise FolderNotWritable(f"{shown(path)} is not a folder; choose an existing folder.")
    lease = SoftFileLease(
        path / LOCK_NAME, lease_duration=LEASE_SECONDS, timeout=timeout, thread_local=False
    )
    with writing(path / LOCK_NAME):
        try:
            lease.acquire()
        except (Timeout, LeaseSettingsMismatch) as error:
            raise FolderLocked(_held_by(path, lease)) from error
    try:
        yield FolderLock(path, lease)
    finally:
        # What was written is written; a share that went away takes its lock with it.
        with suppress(OSError):
            lease.release()


def _held_by(folder: Path, lease: SoftFileLease) -> str:
    owner = lease.owner
    if owner is None:
        return f"{shown(folder)} is locked by another program; wait for it and try again."
    host = owner.hostname.split("?", 1)[0] or "an unnamed computer"
    return (
        f"{shown(folder)} is being written by process {owner.pid} on {host}; "
        "wait for it to finish, or close it there, and try again."
    )
