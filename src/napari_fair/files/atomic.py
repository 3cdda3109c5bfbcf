"""Files that are replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from contextlib import suppress
from pathlib import Path

from napari_fair.files.errors import (
    UnreadableFile,
    UnsafePath,
    UnwritableFile,
    reading,
    shown,
    writing,
)

TEMPORARY_PREFIX = ".napari-fair-"
TEMPORARY_SUFFIX = ".tmp"

# Virus scanners and indexers on Windows hold a fresh file open for a moment.
_RETRY_DELAYS: tuple[float, ...] = (0.01, 0.05, 0.2, 0.5) if os.name == "nt" else ()
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})


def replace(path: str | os.PathLike[str], data: bytes, *, mode_from: Path | None = None) -> None:
    """
    Write a file so that readers see the old content or the new one, never a part.

    The data goes to a hidden file in the same folder, is flushed to the disk and takes the place of
    the old file in one step. A crash may leave that hidden file behind (`remove_leftovers`).

    Parameters
    ----------
    path
        The file to write. A link is written through when it stays in its folder.
    data
        The whole new content.
    mode_from
        A file whose read and write permissions a new file takes. An existing file keeps its own; a
        new file without `mode_from` gets what the umask and the folder give any new file.

    Raises
    ------
    UnsafePath
        The path is a link that leaves its folder.
    UnwritableFile
        The file is read-only or could not be written; `DiskFull` and `FolderNotWritable` are kinds
        of it. The old content is still there.
    """
    target = _target(Path(path))
    with writing(target):
        status = _writable_status(target)
        temporary = _write_temporary(target.parent, data, _permissions(status, mode_from), status)
        try:
            _swap(temporary, target)
        except BaseException:
            _discard(temporary)
            raise
    _sync_folder(target.parent)


def write_if_changed(path: str | os.PathLike[str], data: bytes) -> bool:
    """
    Write a file with `replace` unless it has this content already.

    Returns
    -------
    bool
        Whether anything was written. When not, neither a byte nor the modification time changed.
    """
    target = _target(Path(path))
    if _has_content(target, data):
        return False
    replace(target, data)
    return True


def backup_once(path: str | os.PathLike[str]) -> Path | None:
    """
    Copy a file to `<name>.bak` beside it, once and for all.

    Returns
    -------
    Path or None
        The backup made now, or None when there was one already: it is never overwritten, because
        the first one holds what somebody else wrote.

    Raises
    ------
    UnreadableFile
        The file cannot be read.
    UnwritableFile
        The backup could not be made, or its name is taken by something that is not a file.
    """
    target = _target(Path(path))
    backup = target.with_name(target.name + ".bak")
    if _is_backup(backup):
        return None
    with reading(target):
        status = target.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFile(f"{shown(target)} is not a file; choose a file.")
        data = target.read_bytes()
    with writing(backup):
        temporary = _write_temporary(target.parent, data, stat.S_IMODE(status.st_mode), status)
        try:
            made = _claim(temporary, backup)
        finally:
            _discard(temporary)
    _sync_folder(target.parent)
    return backup if made else None


def remove_leftovers(folder: str | os.PathLike[str]) -> int:
    """
    Remove what writers that died left behind, and return how many files that were.

    Call it only while holding the folder's lock: another writer's hidden file looks the same.
    """
    removed = 0
    with writing(folder):
        for path in Path(folder).glob(f"{TEMPORARY_PREFIX}*{TEMPORARY_SUFFIX}"):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _target(path: Path) -> Path:
    if "\0" in str(path):
        raise UnsafePath(f"{shown(path)} holds a NUL character; choose another name.")
    if not os.path.islink(path):  # unlike pathlib's, it leaves errors to the write itself
        return path
    try:
        resolved, folder = path.resolve(), path.parent.resolve()
    except (OSError, RuntimeError) as error:
        raise UnsafePath(f"{shown(path)} is a link to itself; remove the link.") from error
    if not resolved.is_relative_to(folder):
        raise UnsafePath(
            f"{shown(path)} is a link that leaves its folder; replace the link by a file."
        )
    return resolved


def _writable_status(target: Path) -> os.stat_result | None:
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise UnwritableFile(f"{shown(target)} is not a file; remove it or choose another name.")
    if not status.st_mode & 0o222:
        raise UnwritableFile(f"{shown(target)} is marked read-only; allow writing and save again.")
    return status


def _permissions(status: os.stat_result | None, mode_from: Path | None) -> int | None:
    if status is not None:
        return stat.S_IMODE(status.st_mode)
    if mode_from is None:
        return None
    # Images are often made read-only, or executable by a file server; a sidecar must be neither.
    return mode_from.stat().st_mode & 0o666 | stat.S_IWUSR


def _write_temporary(
    folder: Path, data: bytes, mode: int | None, owner: os.stat_result | None
) -> Path:
    path = folder / f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # Nobody may read a private file through its temporary one.
    descriptor = os.open(path, flags, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _set_permissions(path, mode, owner)
    except BaseException:
        _discard(path)
        raise
    return path


def _set_permissions(path: Path, mode: int | None, owner: os.stat_result | None) -> None:
    if owner is not None and hasattr(os, "chown"):
        # Only root may give a file away; a shared folder's group matters most and often can stay.
        for uid in (owner.st_uid, -1):
            with suppress(OSError):
                os.chown(path, uid, owner.st_gid)
                break
    if mode is not None:
        # File systems without permissions (FAT, some shares) refuse; the content matters more.
        with suppress(PermissionError):
            path.chmod(mode)


def _swap(temporary: Path, target: Path) -> None:
    for delay in _RETRY_DELAYS:
        try:
            temporary.replace(target)
        except PermissionError:
            time.sleep(delay)
        else:
            return
    temporary.replace(target)


def _claim(temporary: Path, backup: Path) -> bool:
    """Give the temporary file the backup's name unless that is taken; return whether it got it."""
    try:
        os.link(temporary, backup)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if backup.exists():
            return False
        temporary.rename(backup)
    return True


def _is_backup(backup: Path) -> bool:
    if not os.path.lexists(backup):
        return False
    if backup.is_symlink() or not backup.is_file():
        raise UnwritableFile(
            f"{shown(backup)} is in the way of a backup and is not a file; remove or rename it."
        )
    return True


def _has_content(target: Path, data: bytes) -> bool:
    with reading(target):
        try:
            same_size = target.is_file() and target.stat().st_size == len(data)
            return same_size and target.read_bytes() == data
        except FileNotFoundError:
            return False


def _discard(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can (Windows and shares cannot)."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
