from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from napari_fair.files import (
    Cancelled,
    FileChanging,
    UnreadableFile,
    checksums,
    manifest_digest,
    sha256_file,
)

posix_only = pytest.mark.skipif(os.name == "nt", reason="POSIX file types")


def store(folder: Path, *, order: int = 1) -> Path:
    files = {
        "zarr.json": b'{"zarr_format": 3}',
        "0/zarr.json": b"{}",
        "0/c/0/0": b"\0" * 10,
        "0-labels/.zattrs": b"{}",
        "OME/METADATA.ome.xml": b"<OME/>",
    }
    for name, content in list(files.items())[::order]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def appended_to(path: Path, data: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(data)


@pytest.mark.parametrize("content", [b"", b"abc", b"x" * 1000])
def test_a_file_has_the_sha256_of_its_bytes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "image.tif"
    path.write_bytes(content)
    digest = sha256_file(path, chunk=7)
    assert digest.sha256 == hashlib.sha256(content).hexdigest()
    assert (digest.path, digest.size) == (path, len(content))
    assert digest.mtime_ns == path.stat().st_mtime_ns


def test_progress_reaches_the_size(tmp_path: Path) -> None:
    path = tmp_path / "image.tif"
    path.write_bytes(b"x" * 10)
    calls: list[tuple[int, int]] = []
    sha256_file(path, chunk=4, progress=lambda *call: calls.append(call))
    assert calls == [(4, 10), (8, 10), (10, 10)]


def test_a_growing_file_is_reported_and_does_not_hang(tmp_path: Path) -> None:
    path = tmp_path / "image.tif"
    path.write_bytes(b"x" * 10)
    with pytest.raises(FileChanging, match=r"image\.tif"):
        sha256_file(path, chunk=5, progress=lambda *_: appended_to(path, b"y" * 5))


def test_a_file_that_changed_without_growing_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "image.tif"
    path.write_bytes(b"x" * 10)
    with pytest.raises(FileChanging):
        sha256_file(path, progress=lambda *_: os.utime(path, ns=(1, 1)))


def test_a_shrinking_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "image.tif"
    path.write_bytes(b"x" * 10)
    with pytest.raises(FileChanging):
        sha256_file(path, chunk=4, progress=lambda *_: os.truncate(path, 5))


def test_a_cancel_stops_after_the_chunk(tmp_path: Path) -> None:
    path = tmp_path / "image.tif"
    path.write_bytes(b"x" * 10)
    done: list[int] = []
    with pytest.raises(Cancelled):
        sha256_file(
            path,
            chunk=2,
            progress=lambda now, _: done.append(now),
            cancelled=lambda: len(done) == 2,
        )
    assert done == [2, 4]


def test_a_digest_knows_whether_it_still_holds(tmp_path: Path) -> None:
    path = tmp_path / "image.tif"
    path.write_bytes(b"x")
    digest = sha256_file(path)
    assert digest.still_holds()
    appended_to(path, b"y")
    assert not digest.still_holds()
    path.unlink()
    assert not digest.still_holds()


@posix_only
def test_what_is_not_a_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "missing"):
        with pytest.raises(UnreadableFile):
            sha256_file(tmp_path / name)


def test_a_manifest_is_what_its_documentation_says(tmp_path: Path) -> None:
    def entry(name: str, kind: str, content: bytes) -> bytes:
        checksum = hashlib.sha256(content).hexdigest() if kind == "m" else ""
        return "\0".join([name, kind, str(len(content)), checksum, ""]).encode()

    expected = b"napari-fair manifest 1\0" + b"".join(
        [
            entry("0-labels/.zattrs", "m", b"{}"),
            entry("0/c/0/0", "c", b"\0" * 10),
            entry("0/zarr.json", "m", b"{}"),
            entry("OME/METADATA.ome.xml", "m", b"<OME/>"),
            entry("zarr.json", "m", b'{"zarr_format": 3}'),
        ]
    )
    digest = manifest_digest(store(tmp_path / "a.zarr"))
    assert digest.sha256 == hashlib.sha256(expected).hexdigest()
    assert (digest.files, digest.size) == (5, 38)


def test_a_manifest_depends_neither_on_place_nor_on_order(tmp_path: Path) -> None:
    first = manifest_digest(store(tmp_path / "a.zarr"))
    second = manifest_digest(store(tmp_path / "b.zarr", order=-1))
    assert first.sha256 == second.sha256


@pytest.mark.parametrize("name", ["zarr.json", "0/c/0/0", "0/c/0/1", "OME/METADATA.ome.xml"])
def test_a_manifest_notices_changes(tmp_path: Path, name: str) -> None:
    folder = store(tmp_path / "a.zarr")
    before = manifest_digest(folder).sha256
    appended_to(folder / name, b" ")
    assert manifest_digest(folder).sha256 != before


def test_a_manifest_leaves_out_what_is_put_beside_the_data(tmp_path: Path) -> None:
    folder = store(tmp_path / "a.zarr")
    before = manifest_digest(folder)
    for name in (
        "ro-crate-metadata.json",
        "ro-crate-metadata.json.bak",
        "0/.DS_Store",
        "._zarr.json",
        ".napari-fair.lock",
        ".napari-fair-0011.tmp",
    ):
        (folder / name).write_bytes(b"{}")
    assert manifest_digest(folder) == before


@posix_only
def test_a_manifest_follows_no_link(tmp_path: Path) -> None:
    folder = store(tmp_path / "a.zarr")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "zarr.json").write_bytes(b"secret")
    (folder / "file").symlink_to(tmp_path / "outside" / "zarr.json")
    (folder / "folder").symlink_to(tmp_path / "outside")
    (folder / "loop").symlink_to(folder)
    (folder / ".zgroup").symlink_to(tmp_path / "outside" / "zarr.json")
    before = manifest_digest(folder)
    assert (before.files, before.size) == (9, 38)
    (tmp_path / "outside" / "zarr.json").write_bytes(b"another secret")
    assert manifest_digest(folder) == before


def test_a_manifest_reports_progress_and_can_be_cancelled(tmp_path: Path) -> None:
    folder = store(tmp_path / "a.zarr")
    calls: list[tuple[int, int]] = []
    manifest_digest(folder, progress=lambda *call: calls.append(call))
    assert calls == [(number, 5) for number in range(1, 6)]
    with pytest.raises(Cancelled):
        manifest_digest(folder, cancelled=lambda: True)


def test_a_folder_that_cannot_be_listed_is_not_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store(tmp_path / "a.zarr")
    scan = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("OME"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(checksums.os, "scandir", refuse)
    with pytest.raises(UnreadableFile, match="OME"):
        manifest_digest(folder)
    with pytest.raises(UnreadableFile):
        manifest_digest(tmp_path / "missing.zarr")
