from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from napari_fair.files import (
    DiskFull,
    FairError,
    FolderNotWritable,
    UnreadableFile,
    UnsafePath,
    UnwritableFile,
    atomic,
    backup_once,
    remove_leftovers,
    replace,
    write_if_changed,
)

posix_only = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions and links")

LOOP = """
import itertools, os, sys
from napari_fair.files import replace
for turn in itertools.count():
    replace(sys.argv[1], (b"A", b"B")[turn % 2] * 1_000_000)
    os.write(1, b".")
"""

STOP_AT = """
import os, sys
from napari_fair.files import atomic
def stop(*args):
    os.write(1, b".")
    sys.stdin.read()
owner = {"fsync": os, "_sync_folder": atomic}[sys.argv[2]]
setattr(owner, sys.argv[2], stop)
atomic.replace(sys.argv[1], b"new")
"""


def started(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def kill_after_signs(process: subprocess.Popen[bytes], signs: int) -> None:
    with process:
        assert process.stdout is not None
        assert len(process.stdout.read(signs)) == signs
        process.kill()


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".napari-fair-*"))


@pytest.mark.parametrize("signs", [1, 2, 5, 8])
def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path, signs: int) -> None:
    target = tmp_path / "crate.json"
    kill_after_signs(started(LOOP, str(target)), signs)
    assert target.read_bytes() in {b"A" * 1_000_000, b"B" * 1_000_000}


@pytest.mark.parametrize(
    ("moment", "content", "left"), [("fsync", b"old", 1), ("_sync_folder", b"new", 0)]
)
def test_a_writer_killed_at_a_moment_leaves_old_or_new(
    tmp_path: Path, moment: str, content: bytes, left: int
) -> None:
    target = tmp_path / "crate.json"
    target.write_bytes(b"old")
    kill_after_signs(started(STOP_AT, str(target), moment), 1)
    assert target.read_bytes() == content
    assert len(leftovers(tmp_path)) == left
    assert remove_leftovers(tmp_path) == left
    assert [path.name for path in tmp_path.iterdir()] == ["crate.json"]


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_an_existing_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "crate.json"
    target.write_bytes(b"old")
    target.chmod(mode)
    replace(target, b"new")
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert target.read_bytes() == b"new"


@posix_only
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_a_new_file_gets_the_permissions_of_the_umask(
    tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        replace(tmp_path / "new.json", b"{}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.json").stat().st_mode) == mode


@posix_only
def test_a_new_file_can_take_permissions_of_an_image_without_its_write_protection(
    tmp_path: Path,
) -> None:
    image = tmp_path / "image.tif"
    image.write_bytes(b"II")
    image.chmod(0o550)
    replace(tmp_path / "image.omexml", b"<OME/>", mode_from=image)
    assert stat.S_IMODE((tmp_path / "image.omexml").stat().st_mode) == 0o640


def test_a_read_only_file_is_refused_and_kept(tmp_path: Path) -> None:
    target = tmp_path / "crate.json"
    target.write_bytes(b"old")
    target.chmod(0o444)
    with pytest.raises(UnwritableFile, match=r"crate\.json.*read-only"):
        replace(target, b"new")
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, DiskFull),
        (getattr(errno, "EDQUOT", errno.ENOSPC), DiskFull),
        (errno.EACCES, FolderNotWritable),
        (errno.EROFS, FolderNotWritable),
        (errno.EIO, UnwritableFile),
    ],
)
def test_a_failing_disk_is_one_sentence_and_keeps_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[FairError]
) -> None:
    target = tmp_path / "crate.json"
    target.write_bytes(b"old")

    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(error) as caught:
        replace(target, b"new")
    assert type(caught.value) is error
    assert "crate.json" in str(caught.value)
    assert str(caught.value).endswith(".")
    assert isinstance(caught.value.__cause__, OSError)
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_a_folder_that_cannot_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(FolderNotWritable, match=r"new\.json.*another place"):
            replace(tmp_path / "new.json", b"{}")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_before_the_swap_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "_swap", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace(tmp_path / "new.json", b"{}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_held_open_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [PermissionError(errno.EACCES, "in use"), PermissionError(errno.EACCES, "in use")]
    swap = Path.replace

    def busy(self: Path, target: Path) -> Path:
        if failures:
            raise failures.pop()
        return swap(self, target)

    monkeypatch.setattr(atomic, "_RETRY_DELAYS", (0, 0))
    monkeypatch.setattr(Path, "replace", busy)
    replace(tmp_path / "new.json", b"{}")
    assert (tmp_path / "new.json").read_bytes() == b"{}"


def test_a_name_that_is_too_long_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnwritableFile, match="too long"):
        replace(tmp_path / ("x" * 300), b"")
    assert leftovers(tmp_path) == []


def test_a_name_with_a_nul_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnsafePath, match="NUL"):
        replace(tmp_path / "a\0b", b"")


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "crate.json").mkdir()
    with pytest.raises(UnwritableFile, match="not a file"):
        replace(tmp_path / "crate.json", b"{}")


@posix_only
def test_a_link_within_the_folder_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_bytes(b"old")
    (tmp_path / "link.json").symlink_to("real.json")
    replace(tmp_path / "link.json", b"new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_bytes() == b"new"


@posix_only
@pytest.mark.parametrize("write", [replace, write_if_changed])
def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path, write: object) -> None:
    outside = tmp_path / "outside.json"
    outside.write_bytes(b"precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "crate.json").symlink_to(outside)
    with pytest.raises(UnsafePath, match=r"crate\.json"):
        write(folder / "crate.json", b"new")  # type: ignore[operator]
    assert outside.read_bytes() == b"precious"


@posix_only
def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UnsafePath):
        replace(tmp_path / "loop", b"new")


def test_equal_content_is_not_written_again(tmp_path: Path) -> None:
    target = tmp_path / "crate.json"
    assert write_if_changed(target, b"one")
    os.utime(target, ns=(1, 1))
    identity = target.stat().st_ino
    assert not write_if_changed(target, b"one")
    assert (target.stat().st_mtime_ns, target.stat().st_ino) == (1, identity)
    assert write_if_changed(target, b"two")
    assert target.read_bytes() == b"two"


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_only_the_first_backup_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:

        def refuse(*args: object) -> None:
            raise OSError(errno.EPERM, "no links here")

        monkeypatch.setattr(os, "link", refuse)
    target = tmp_path / "crate.json"
    target.write_bytes(b"theirs")
    assert backup_once(target) == tmp_path / "crate.json.bak"
    replace(target, b"ours")
    assert backup_once(target) is None
    assert (tmp_path / "crate.json.bak").read_bytes() == b"theirs"
    assert leftovers(tmp_path) == []


def test_a_backup_made_by_another_writer_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, backup = tmp_path / "crate.json", tmp_path / "crate.json.bak"
    target.write_bytes(b"now")
    link = os.link

    def lose_the_race(source: Path, place: Path) -> None:
        backup.write_bytes(b"first")
        link(source, place)

    monkeypatch.setattr(os, "link", lose_the_race)
    assert backup_once(target) is None
    assert backup.read_bytes() == b"first"


def test_a_backup_of_nothing_or_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        backup_once(tmp_path / "crate.json")
    (tmp_path / "crate.json").write_bytes(b"{}")
    (tmp_path / "crate.json.bak").mkdir()
    with pytest.raises(UnwritableFile, match="in the way"):
        backup_once(tmp_path / "crate.json")
