from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from napari_fair.files import FolderLocked, FolderNotWritable, folder_lock, locks

HOLD = """
import os, sys
from napari_fair.files import folder_lock
with folder_lock(sys.argv[1]):
    os.write(1, b".")
    sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.read(1) == b"."
    return process


def foreign_marker(folder: Path, duration: float) -> None:
    (folder / locks.LOCK_NAME).write_text(
        f"filelock/2\npid=7\nhost=scope-pc\nmode=lease\ntoken=abc\nduration={duration!r}\n"
    )


def test_a_lock_is_a_file_that_goes_when_released(tmp_path: Path) -> None:
    with folder_lock(tmp_path) as lock:
        assert [path.name for path in tmp_path.iterdir()] == [".napari-fair.lock"]
        lock.check()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_goes_when_the_block_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError), folder_lock(tmp_path):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_second_process_is_refused_and_told_who_holds_the_lock(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(FolderLocked, match=f"process {process.pid} on "):
            folder_lock(tmp_path, timeout=0).__enter__()
        process.communicate()
    with folder_lock(tmp_path, timeout=0):
        pass


def test_the_lock_of_a_killed_process_is_broken_at_once(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.kill()
    assert (tmp_path / locks.LOCK_NAME).exists()
    with folder_lock(tmp_path, timeout=2):
        pass
    assert list(tmp_path.iterdir()) == []


def test_two_threads_take_turns(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def write() -> None:
        with folder_lock(tmp_path):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


def test_a_silent_holder_on_another_host_is_taken_for_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LEASE_SECONDS", 0.2)
    foreign_marker(tmp_path, 0.2)
    with folder_lock(tmp_path, timeout=10) as lock:
        lock.check()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("duration", [locks.LEASE_SECONDS, 99.0])
def test_a_holder_on_another_host_is_given_time_and_named(tmp_path: Path, duration: float) -> None:
    foreign_marker(tmp_path, duration)
    with pytest.raises(FolderLocked, match="process 7 on scope-pc"):
        folder_lock(tmp_path, timeout=0).__enter__()
    assert (tmp_path / locks.LOCK_NAME).exists()


def test_a_lock_that_was_taken_over_fails_its_check(tmp_path: Path) -> None:
    with folder_lock(tmp_path) as lock:
        (tmp_path / locks.LOCK_NAME).unlink()
        foreign_marker(tmp_path, locks.LEASE_SECONDS)
        with pytest.raises(FolderLocked, match="lost"):
            lock.check()
    assert "scope-pc" in (tmp_path / locks.LOCK_NAME).read_text()


def test_a_folder_that_cannot_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(FolderNotWritable):
            folder_lock(tmp_path, timeout=0).__enter__()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritable, match="existing folder"):
        folder_lock(tmp_path / "gone").__enter__()
    assert not (tmp_path / "gone").exists()
