from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path

import dask.array as da
import numpy as np
import pytest

from napari_fair.files import Cancelled
from napari_fair.provenance import Checksums, Identity, environment, identity_of, tool_of
from napari_fair.provenance import identity as module


def array(shape: tuple[int, ...] = (7, 60, 50)) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 1000, shape).astype("uint16")


def test_the_same_numbers_have_the_same_checksum_however_they_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = array()
    whole = identity_of(plain)
    assert (whole.shape, whole.dtype, whole.size) == ((7, 60, 50), "uint16", plain.nbytes)
    monkeypatch.setattr(module, "_SLAB", 1000)  # read in many small parts
    kept = [
        plain,
        np.asfortranarray(plain),
        plain.astype(">u2"),
        da.from_array(plain, chunks=(3, 17, 50)),
        [plain, plain[:, ::2, ::2]],
    ]
    assert {identity_of(each).content_sha256 for each in kept} == {whole.content_sha256}


@pytest.mark.parametrize(
    "other",
    [
        array().astype("int32"),
        array().reshape(60, 7, 50),
        array()[:, ::-1],
        np.where(array() == 5, 6, array()).astype("uint16"),
    ],
)
def test_other_numbers_types_and_shapes_have_other_checksums(other: np.ndarray) -> None:
    assert identity_of(other).content_sha256 != identity_of(array()).content_sha256


def test_a_file_has_the_checksum_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    found = identity_of(path)
    assert found.sha256.startswith("ba7816bf")
    assert found.content_sha256 == ""


def test_hashing_can_be_followed_and_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SLAB", 1000)
    heard: list[tuple[int, int]] = []
    identity_of(array(), progress=lambda done, total: heard.append((done, total)))
    assert len(heard) > 5
    assert heard[-1][0] == heard[-1][1]
    calls = iter(range(100))
    with pytest.raises(Cancelled):
        identity_of(array(), cancelled=lambda: next(calls) > 3)


def test_checksums_are_made_in_the_background_and_keep_nothing_alive() -> None:
    checksums, found = Checksums(), []
    begin, go = threading.Event(), threading.Event()

    class Slow:
        shape, dtype = (1,), np.dtype("uint8")

        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            begin.set()
            go.wait(10)
            return np.zeros(1, "uint8")

        def __len__(self) -> int:
            return 1

    slow, lost = Slow(), array()
    watcher = weakref.ref(lost)
    checksums.submit(slow, found.append)
    begin.wait(10)
    checksums.submit(lost, found.append)
    del lost
    gc.collect()
    assert watcher() is None
    kept = array()
    checksums.submit(kept, found.append)
    go.set()
    assert checksums.wait(10)
    assert [type(each) for each in found] == [Identity, type(None), Identity]
    checksums.close()


def test_what_cannot_be_hashed_has_no_checksum_and_stops_nothing() -> None:
    checksums, found = Checksums(), []
    checksums.submit(lambda: None, found.append)
    checksums.submit(good := array(), found.append)
    assert checksums.wait(10)
    checksums.close()
    assert found[1] == identity_of(good)


def test_the_environment_names_packages_and_nobody() -> None:
    place = environment()
    assert place.version_of("numpy") == np.__version__
    assert place.version_of("NumPy") == np.__version__
    assert place.version_of("no such package") == ""
    assert str(Path.home()) not in place.model_dump_json()
    assert environment().id == place.id


def test_a_function_is_named_by_where_others_find_it() -> None:
    from scipy import ndimage

    tool = tool_of(ndimage.gaussian_filter)
    assert tool.function == "scipy.ndimage:gaussian_filter"
    assert tool.purl.startswith("pkg:pypi/scipy@")
    assert tool.homepage.startswith("https://")
    assert tool_of(lambda x: x).function == ""
