from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folders import write_image
from napari_fair.live import Watcher, watch
from napari_fair.live.arrivals import Arrivals
from napari_fair.session import Preset, open_folder

CRATE = "ro-crate-metadata.json"
PROGRAM = "from napari_fair.cli import main; main()"


class Clock:
    """Seconds that go forward when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def looking(folder: Path, clock: Clock, **options: Any) -> Callable[[float], list[str]]:
    arrivals = Arrivals(folder, settle=1.0, clock=clock, **options)

    def look(seconds: float) -> list[str]:
        clock.now += seconds
        return [path.relative_to(folder).as_posix() for path in arrivals.scan()]

    return look


def until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for another thread or program; fails when it takes too long."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        pause.wait(0.02)


def recorded(folder: Path) -> list[str]:
    path = folder / CRATE
    if not path.exists():
        return []
    try:
        session = open_folder(folder)
    except FileNotFoundError:
        return []
    paths = [source.path for source in session.sources() if session.saved(source.id)]
    session.close()
    return paths


def write_set(folder: Path) -> list[Path]:
    """Write one image of two focal planes, a file for each."""
    import numpy as np
    import tifffile

    names = ["a.ome.tif", "b.ome.tif"]
    planes = "".join(
        f'<TiffData FirstZ="{z}" IFD="0" PlaneCount="1"><UUID FileName="{name}">'
        f"urn:uuid:00000000-0000-0000-0000-00000000000{z}</UUID></TiffData>"
        for z, name in enumerate(names)
    )
    text = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="8" '
        'SizeY="8" SizeZ="2" SizeC="1" SizeT="1"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>'
        f"{planes}</Pixels></Image></OME>"
    )
    for name in names:
        tifffile.imwrite(folder / name, np.zeros((8, 8), "uint8"), description=text, metadata=None)
    return [folder / name for name in names]


# ---- when an image is complete ----------------------------------------------------------------


def test_a_file_is_taken_when_it_has_been_quiet_for_a_second(folder: Path) -> None:
    look = looking(folder, Clock())
    write_image(folder / "a.ome.tif")
    assert look(0) == []
    assert look(0.5) == []
    assert look(0.5) == ["a.ome.tif"]
    assert look(10) == []


def test_a_file_that_grows_is_waited_for_and_taken_again_when_it_grows_later(folder: Path) -> None:
    look = looking(folder, Clock())
    path = write_image(folder / "a.ome.tif")
    whole = path.read_bytes()
    path.write_bytes(whole[:300])
    assert look(0) == []
    for size in (500, 700, 900):
        path.write_bytes(whole[:size])
        assert look(0.9) == []
    path.write_bytes(whole)
    assert look(0.9) == []
    assert look(1.0) == ["a.ome.tif"]
    path.write_bytes(whole + b"more")
    assert look(1.0) == []
    assert look(1.0) == ["a.ome.tif"]


def test_a_set_of_files_waits_for_all_its_files(folder: Path) -> None:
    look = looking(folder, Clock())
    _, second = write_set(folder)
    look(0)
    assert look(0.9) == []
    os.utime(second, ns=(1, 1))
    assert look(0.2) == []
    assert look(1.0) == ["a.ome.tif"]


def test_a_store_that_grows_for_hours_is_taken_when_it_rests(folder: Path) -> None:
    look = looking(folder, Clock())
    store = folder / "run.ome.zarr"
    (store / "0" / "c").mkdir(parents=True)
    (store / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group"}')
    look(0)
    for number in range(5):
        (store / "0" / "c" / str(number)).write_bytes(b"chunk")
        assert look(0.9) == []
    assert look(1.0) == ["run.ome.zarr"]
    (store / "0" / "c" / "later").write_bytes(b"chunk")
    look(60.0)
    assert look(1.0) == ["run.ome.zarr"]


@pytest.mark.parametrize(
    "name", [CRATE, ".hidden.tif", "a.tif.part", "b.tif.crdownload", "c.tif.tmp", "notes.txt"]
)
def test_what_is_no_image_is_left_alone(folder: Path, name: str) -> None:
    look = looking(folder, Clock())
    shutil.copy(write_image(folder / "x.ome.tif"), folder / name)
    (folder / "x.ome.tif").unlink()
    if name == "notes.txt":
        (folder / name).write_text("text")
    look(0)
    assert look(5) == []


def test_a_folder_that_goes_away_and_comes_back_is_not_all_new(folder: Path) -> None:
    look = looking(folder, Clock())
    write_image(folder / "a.ome.tif")
    look(0)
    assert look(1) == ["a.ome.tif"]
    away = folder.with_name("away")
    folder.rename(away)
    with pytest.raises(OSError, match="No such file"):
        look(1)
    away.rename(folder)
    look(1)
    assert look(5) == []


# ---- the record -------------------------------------------------------------------------------


def test_an_image_has_its_sidecar_and_the_folder_its_crate_within_two_seconds(
    folder: Path,
) -> None:
    with watch(folder, preset=Preset(name="P", values={"study.title": "Spindles"})) as watcher:
        until(lambda: watcher.counts is not None and watcher._intake is not None)
        begun = time.monotonic()
        write_image(folder / "a \u00fc #1.ome.tif")
        until(lambda: any(folder.glob("*.companion.ome")))
        sidecar = time.monotonic() - begun
        until(lambda: recorded(folder) == ["a \u00fc #1.ome.tif"])
        until(lambda: "Spindles" in (folder / CRATE).read_text("utf-8"))
    # 1.5 s by design; the rest is for a busy computer
    assert sidecar < 5


def test_watching_twice_writes_nothing_new(folder: Path) -> None:
    for name in ("a.ome.tif", "b.ome.tif"):
        write_image(folder / name)
    taken(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert taken(folder) == 0
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_what_came_meanwhile_is_taken_up_at_the_next_start(folder: Path) -> None:
    write_image(folder / "a.ome.tif")
    taken(folder)
    write_image(folder / "b.ome.tif")
    assert taken(folder) == 1
    assert recorded(folder) == ["a.ome.tif", "b.ome.tif"]


def test_checksums_follow_when_there_is_time(folder: Path) -> None:
    write_image(folder / "a.ome.tif")
    taken(folder)
    (source,) = open_folder(folder).sources()
    assert len(source.files[0].sha256) == 64


def test_a_file_that_never_becomes_whole_is_waited_for_and_named(folder: Path) -> None:
    path = write_image(folder / "a.ome.tif")
    path.write_bytes(path.read_bytes()[:200])
    watcher = watch(folder, interval=0.05, settle=0.1)
    said: list[str] = []
    watcher.problem.connect(said.append)
    with watcher:
        until(lambda: path in watcher._doubted)
        assert recorded(folder) == []
        watcher._doubted[path] -= 100
        watcher._arrivals.again(path, 0)
        until(lambda: bool(said))
    assert "a.ome.tif" in said[0]


def test_the_dock_gets_what_arrives_and_the_watcher_writes_nothing(folder: Path) -> None:
    session = open_folder(folder)
    changes: list[Callable[[Any], None]] = []
    write_image(folder / "a.ome.tif")
    with watch(folder, deliver=changes.append, interval=0.05, settle=0.1):
        until(lambda: bool(changes))
    changes[0](session)
    assert [source.path for source in session.sources()] == ["a.ome.tif"]
    assert not (folder / CRATE).exists()
    session.close()


def taken(folder: Path) -> int:
    watcher = watch(folder, interval=0.05, settle=0.1)
    watcher.run(until_idle=True)
    return watcher.counts.taken


# ---- many files, crashes, several computers ----------------------------------------------------


def started(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", PROGRAM, "watch", str(folder), "--settle", "0.2"]
    words += ["--interval", "0.1", *options]
    return subprocess.Popen(words, stderr=subprocess.DEVNULL)


def test_hundreds_of_files_at_once_are_all_taken_up(folder: Path, tmp_path: Path) -> None:
    one = write_image(tmp_path / "one.ome.tif").read_bytes()
    program = started(folder)
    for number in range(300):
        (folder / f"{number:04}.ome.tif").write_bytes(one)
    try:
        until(lambda: len(recorded(folder)) == 300, 120)
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0
    finally:
        program.kill()
    assert len(list(folder.glob("*.companion.ome"))) == 300


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX")
def test_a_watcher_that_is_killed_loses_none_when_it_starts_again(
    folder: Path, tmp_path: Path
) -> None:
    one = write_image(tmp_path / "one.ome.tif").read_bytes()
    names = [f"{number:04}.ome.tif" for number in range(120)]
    program = started(folder)
    for name in names[:60]:
        (folder / name).write_bytes(one)
    until(lambda: len(list(folder.glob("*.companion.ome"))) > 10)
    program.kill()
    program.wait()
    for name in names[60:]:
        (folder / name).write_bytes(one)
    taken(folder)
    assert recorded(folder) == names
    session = open_folder(folder)
    assert session.conflicts == ()
    for source in session.sources():
        assert source.sidecar is not None
        assert (folder / source.sidecar.path).is_file()
    session.close()


def test_two_computers_that_watch_one_share_lose_no_entry(folder: Path, tmp_path: Path) -> None:
    one = write_image(tmp_path / "one.ome.tif").read_bytes()
    names = sorted(f"{who}{number:03}.ome.tif" for who in "ab" for number in range(30))
    programs = [started(folder), started(folder)]
    try:
        for name in names:
            (folder / name).write_bytes(one)
        until(lambda: recorded(folder) == names, 120)
        for program in programs:
            program.send_signal(signal.SIGTERM)
        assert [program.wait(120) for program in programs] == [0, 0]
    finally:
        for program in programs:
            program.kill()
    session = open_folder(folder)
    assert [source.path for source in session.sources()] == names
    assert session.conflicts == ()
    for source in session.sources():
        assert source.sidecar is not None
        import hashlib

        data = (folder / source.sidecar.path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == source.sidecar.sha256
    session.close()


# ---- as a service -------------------------------------------------------------------------------


def test_the_service_logs_and_stops_in_good_order(folder: Path, tmp_path: Path) -> None:
    write_image(folder / "a.ome.tif")
    log = tmp_path / "watch.log"
    program = started(folder, "--log", str(log))
    try:
        until(lambda: recorded(folder) == ["a.ome.tif"])
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0
    finally:
        program.kill()
    lines = log.read_text("utf-8").splitlines()
    assert any("took up" in line and "a.ome.tif" in line for line in lines)
    assert "stopped" in lines[-1]
    assert json.loads((folder / CRATE).read_text("utf-8"))


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, "watch", str(tmp_path / "none")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "none is no folder" in done.stderr


def test_a_watcher_can_be_stopped_before_it_began(folder: Path) -> None:
    watcher: Watcher = watch(folder)
    watcher.stop()
    watcher.run()
    assert watcher.counts.taken == 0


def test_a_file_that_nobody_has_thought_of_does_not_stop_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_fair.live import watcher as module

    read = module.read_header

    def broken(path: Path) -> Any:
        if path.name == "b.ome.tif":
            raise ZeroDivisionError("odd")
        return read(path)

    monkeypatch.setattr(module, "read_header", broken)
    for name in ("a.ome.tif", "b.ome.tif", "c.ome.tif"):
        write_image(folder / name)
    watcher = watch(folder, interval=0.05, settle=0.1)
    said: list[str] = []
    watcher.problem.connect(said.append)
    watcher.run(until_idle=True)
    assert recorded(folder) == ["a.ome.tif", "c.ome.tif"]
    assert said == ["b.ome.tif could not be taken up (ZeroDivisionError: odd)."]
