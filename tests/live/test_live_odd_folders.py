from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from folders import write_image
from napari_fair.files import UnreadableFile
from napari_fair.live import watch
from napari_fair.session import open_folder


def recorded(folder: Path) -> list[str]:
    session = open_folder(folder)
    paths = [source.path for source in session.sources() if session.saved(source.id)]
    session.close()
    return paths


def until(done: Any, seconds: float = 60.0) -> None:
    pause, end = threading.Event(), time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        pause.wait(0.02)


def test_a_folder_that_vanishes_and_returns_is_watched_on(folder: Path) -> None:
    said: list[str] = []
    watcher = watch(folder, interval=0.05, settle=0.1)
    watcher.problem.connect(said.append)
    write_image(folder / "a.ome.tif")
    with watcher:
        until(lambda: watcher.counts.taken == 1 and watcher.idle)
        away = folder.with_name("away")
        folder.rename(away)
        until(lambda: bool(said))
        away.rename(folder)
        write_image(folder / "b.ome.tif")
        until(lambda: watcher.counts.taken == 2 and watcher.idle)
    assert recorded(folder) == ["a.ome.tif", "b.ome.tif"]
    listing = [sentence for sentence in said if "cannot be listed" in sentence]
    assert len(listing) == 1


def test_a_file_that_gets_its_name_when_it_is_written_is_taken_by_that_name(folder: Path) -> None:
    part = folder / "a.ome.tif.tmp"
    write_image(folder / "x.ome.tif").rename(part)
    with watch(folder, interval=0.05, settle=0.1) as watcher:
        write_image(folder / "first.ome.tif")
        until(lambda: watcher.counts.taken == 1 and watcher.idle)
        part.rename(folder / "a.ome.tif")
        until(lambda: watcher.counts.taken == 2 and watcher.idle)
    assert recorded(folder) == ["a.ome.tif", "first.ome.tif"]


def test_files_of_one_name_in_several_subfolders_are_images_of_their_own(folder: Path) -> None:
    for name in ("", "day 1", "day 2/well A"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        write_image(folder / name / "a.ome.tif")
    watch(folder, interval=0.05, settle=0.1, recursive=True).run(until_idle=True)
    assert recorded(folder) == ["a.ome.tif", "day 1/a.ome.tif", "day 2/well A/a.ome.tif"]
    session = open_folder(folder)
    sidecars = {source.sidecar.path for source in session.sources() if source.sidecar is not None}
    session.close()
    assert len(sidecars) == 3
    assert {Path(path).parent.as_posix() for path in sidecars} == {".", "day 1", "day 2/well A"}


def test_what_is_written_here_is_no_image_that_arrives(folder: Path) -> None:
    taken: list[str] = []
    for name in ("a.ome.tif", "b.ome.tif"):
        write_image(folder / name)
    for _ in range(2):
        watcher = watch(folder, interval=0.05, settle=0.1)
        watcher.arrived.connect(lambda path: taken.append(path.name))
        watcher.run(until_idle=True)
    (folder / "ro-crate-metadata.json").unlink()
    watcher = watch(folder, interval=0.05, settle=0.1)
    watcher.arrived.connect(lambda path: taken.append(path.name))
    watcher.run(until_idle=True)
    assert taken == ["a.ome.tif", "b.ome.tif"] * 2
    assert recorded(folder) == ["a.ome.tif", "b.ome.tif"]


def test_a_file_that_cannot_be_read_is_named_once_and_taken_when_it_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_fair.live import watcher as module

    path = write_image(folder / "a.ome.tif")
    whole, read, tried = path.read_bytes(), module.read_header, []

    def refused(file: Path) -> Any:
        if file.stat().st_size == len(whole):
            tried.append(file)
            raise UnreadableFile("a.ome.tif cannot be read: allow reading it.")
        return read(file)

    monkeypatch.setattr(module, "read_header", refused)
    monkeypatch.setattr(module, "_PATIENCE", 0.3)
    monkeypatch.setattr(module, "_RETRY", 0.05)
    said: list[str] = []
    watcher = watch(folder, interval=0.02, settle=0.05)
    watcher.problem.connect(said.append)
    watcher.run(until_idle=True)
    assert len(tried) > 1
    assert said == ["a.ome.tif cannot be read: allow reading it."]
    watcher = watch(folder, interval=0.02, settle=0.05)
    with watcher:
        until(lambda: len(tried) > 3)
        with path.open("ab") as stream:
            stream.write(b"\0")
        until(lambda: watcher.counts.taken == 1 and watcher.idle)
    assert recorded(folder) == ["a.ome.tif"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be read here")
def test_a_file_without_permission_is_named(folder: Path) -> None:
    path = write_image(folder / "a.ome.tif")
    path.chmod(0)
    said: list[str] = []
    with watch(folder, interval=0.02, settle=0.05) as watcher:
        watcher.problem.connect(said.append)
        until(lambda: bool(said))
    path.chmod(0o600)
    assert "a.ome.tif" in said[0]
