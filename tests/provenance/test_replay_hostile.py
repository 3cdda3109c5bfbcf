"""Replays of records that mean harm, are damaged, or are odd."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from analyses import analysis
from napari_fair.files import Cancelled, FairError
from napari_fair.model import (
    Confidence,
    DataKind,
    DataRef,
    Parameter,
    Slot,
    Step,
    StepKind,
    Tool,
)
from napari_fair.provenance import History, identity_of
from napari_fair.provenance import recorded_data as files
from napari_fair.provenance.calls import leads_out, working_in
from napari_fair.provenance.comparison import Tolerance, Verdict, compare
from napari_fair.provenance.names import why_refused
from napari_fair.provenance.recorded_data import RecordedData, Unverified
from napari_fair.provenance.registry import Allowed
from napari_fair.provenance.replay import StepVerdict, replay


def load(path: Path) -> Iterator[Any]:
    yield tifffile.imread(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "images"
    place.mkdir()
    tifffile.imwrite(place / "a.tif", pixels())
    return place


def pixels() -> Any:
    return np.arange(6, dtype="float32").reshape(2, 3)


def digest(value: Any) -> str:
    return identity_of(value).content_sha256


def only(history: History, folder: Path, function: str = "", **more: Any) -> StepVerdict:
    out = folder.parent / "out"
    out.mkdir()
    approved = Allowed({}, [function] if function else [])
    return replay(history, folder, load=load, allowed=approved, out=out, **more).steps[-1]


def step(**more: Any) -> Step:
    return Step(**{"id": "s", "tool": Tool(function="numpy:negative"), "inputs": (X,), **more})


X = Slot(name="x", data="a")
A = DataRef(id="a", name="a", path="a.tif")
B = DataRef(id="b", name="b", content_sha256=digest(-pixels()))
GIVES = {"outputs": (Slot(data="b"),), "confidence": Confidence.REPLAYABLE}

# ---- truth -----------------------------------------------------------------------------------


def test_opening_nothing_is_not_exact(folder: Path) -> None:
    found = only(History((step(kind=StepKind.OPEN),), (A,)), folder)
    assert found.verdict is Verdict.NOT_VERIFIED


def test_an_opened_file_is_read_even_if_a_step_gave_its_data_before(folder: Path) -> None:
    before = step(id="1", **GIVES)
    path = B.model_copy(update={"path": "a.tif"})
    opened = step(id="2", kind=StepKind.OPEN, inputs=(), outputs=(Slot(data="b"),))
    found = only(History((before, opened), (A, path)), folder, "numpy:negative")
    assert found.verdict is Verdict.NOT_VERIFIED
    assert "other values" in found.reason


@pytest.mark.parametrize(("digits", "verdict"), [("", "not verified"), ("0" * 64, "not verified")])
def test_an_opened_file_is_compared_by_its_checksum(
    folder: Path, digits: str, verdict: str
) -> None:
    piece = A.model_copy(update={"kind": DataKind.FILE, "sha256": digits})
    opened = step(kind=StepKind.OPEN, inputs=(), outputs=(Slot(data="a"),))
    assert only(History((opened,), (piece,)), folder).verdict == verdict


def test_a_result_whose_file_was_replaced_is_not_what_was_recorded(folder: Path) -> None:
    tifffile.imwrite(folder / "b.tif", -pixels())
    piece = DataRef(id="b", name="b", path="b.tif", sha256="0" * 64)
    found = only(History((step(**GIVES),), (A, piece)), folder, "numpy:negative")
    assert (found.verdict, found.reason) == (
        Verdict.NOT_VERIFIED,
        "b.tif changed since it was recorded",
    )


def test_a_saved_result_without_any_checksum_is_never_exact(folder: Path) -> None:
    tifffile.imwrite(folder / "b.tif", -pixels())
    piece = DataRef(id="b", name="b", path="b.tif")
    found = only(History((step(**GIVES),), (A, piece)), folder, "numpy:negative")
    assert found.verdict is Verdict.NOT_VERIFIED


def test_an_input_without_checksum_is_named_where_the_result_differs(folder: Path) -> None:
    piece = B.model_copy(update={"content_sha256": "0" * 64})
    found = only(History((step(**GIVES),), (A, piece)), folder, "numpy:negative")
    assert found.verdict is Verdict.DIFFERENT
    assert "its input 'a' was not checksummed" in found.differences


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ([1.0, np.inf], [1.0, 5.0], Verdict.DIFFERENT),
        ([1.0, 5.0], [1.0, np.inf], Verdict.DIFFERENT),
        ([0.0, np.inf], [0.0, -np.inf], Verdict.DIFFERENT),
        ([0.0, np.nan], [0.0, 1.0], Verdict.DIFFERENT),
        ([0.0, np.nan], [0.0, np.nan], Verdict.EXACT),
        ([0.0, 1.0, np.nan], [0.0, 1 + 1e-7, np.nan], Verdict.WITHIN_TOLERANCE),
        ([np.inf, 0.0, 1.0], [np.inf, 0.0, 1 + 1e-7], Verdict.WITHIN_TOLERANCE),
        ([2**62, 2**62 + 1], [2**62 + 1, 2**62 + 1], Verdict.DIFFERENT),
        ([-(2**63), 0], [2**63 - 1, 0], Verdict.DIFFERENT),
        ([True, False], [True, True], Verdict.DIFFERENT),
        ([], [], Verdict.EXACT),
    ],
)
def test_odd_numbers_are_compared_as_they_are(old: Any, new: Any, verdict: Verdict) -> None:
    assert compare(np.array(old), np.array(new), DataKind.IMAGE, Tolerance())[0] is verdict


def test_another_sort_of_number_is_different_and_another_width_is_said() -> None:
    small, real = np.array([1, 2], "u1"), np.array([1.0, 2.0])
    found = compare(small, real, DataKind.IMAGE, Tolerance())
    assert found == (Verdict.DIFFERENT, "its type is float64 and was uint8")
    verdict, reason = compare(small, small.astype("i4"), DataKind.IMAGE, Tolerance())
    assert (verdict, reason) == (Verdict.WITHIN_TOLERANCE, "its type is int32 and was uint8")
    signed, unsigned = np.array([-1, 2**40]), np.array([0, 2**40], "u8")
    assert compare(signed, unsigned, DataKind.IMAGE, Tolerance())[0] is Verdict.WITHIN_TOLERANCE


def test_labels_in_another_order_are_not_exact() -> None:
    old = np.array([[1, 1, 0], [0, 2, 2]])
    new = np.array([[2, 2, 0], [0, 1, 1]])
    assert compare(old, new, DataKind.LABELS, Tolerance())[0] is Verdict.WITHIN_TOLERANCE


# ---- places ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("/etc", "\\\\server\\x", "~/x", "C:\\x", "C:x", "a/../../x", "a\\..\\x", "..", ".. /x"),
        *("http://x", " http://x", "\x00http://x", "\tfile:/etc/passwd", "file:etc", "FILE:x"),
        *("simplecache::http://x", "jar:file:/x", "zip://a::http://x", "$HOME/x", "${HOME}"),
        *("%USERPROFILE%\\x", "s3://b", "\\\\?\\C:\\x", "\\\\.\\COM1"),
    ],
)
def test_texts_that_lead_out_are_known(text: str) -> None:
    assert leads_out(text)


@pytest.mark.parametrize(
    "text", ["otsu", "a/b.tif", "x.y", "%03d.png", "a..b", "ratio 1:2", "", "µ"]
)
def test_other_texts_are_words(text: str) -> None:
    assert not leads_out(text)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_links_in_a_folder_are_not_copied(folder: Path, tmp_path: Path, what: str) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    store = folder / "a.zarr"
    store.mkdir()
    (store / "link").symlink_to(secret if what == "folder" else secret / "key")
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(FairError, match="link"):
        RecordedData(folder, out, load).brought("a.zarr")
    assert not list(out.rglob("key"))


def test_an_array_that_unpacks_without_end_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bomb:
        shape, dtype = (1 << 20, 1 << 20), np.dtype("u1")

        def __array__(self, *_: Any, **__: Any) -> Any:
            raise AssertionError

    record = RecordedData(folder, folder, lambda path: [Bomb()])
    with pytest.raises(Unverified, match="1100 GB"):
        record.loaded(A)
    monkeypatch.setattr(files, "_LARGE", 1)
    assert RecordedData(folder, folder, load).loaded(A).shape == (2, 3)


def test_nothing_is_written_where_something_is(folder: Path) -> None:
    with pytest.raises(FairError, match="not empty"):
        replay(History(), folder, load=load, allowed=Allowed({}), out=folder)


def test_nothing_is_imported_from_the_folder_of_the_record(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "evil_module.py").write_text("def f(x):\n    return x\n")
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend("")
    out = tmp_path / "out"
    out.mkdir()
    with working_in(out, folder):
        assert str(folder) not in sys.path
        assert "" not in sys.path
    assert sys.path[0] == ""
    made = step(tool=Tool(function="evil_module:f"), **GIVES)
    found = replay(
        History((made,), (A, B)),
        folder,
        load=load,
        allowed=Allowed({}, ["evil_module:f"]),
        out=out,
    )
    assert "not installed" in found.steps[0].reason
    assert "evil_module" not in sys.modules


# ---- functions and values --------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        *("numpy.testing:runstring", "numpy.f2py:compile", "numpy:f2py.compile", "joblib:load"),
        *("napari_fair.api:open_folder", "npe2:PluginManager", "numpy:testing.runstring"),
    ],
)
def test_functions_that_run_texts_are_refused_whoever_approves_them(function: str) -> None:
    assert why_refused(function)


@pytest.mark.parametrize(
    "kind", ["enum numpy.lib:os.environ", "enum numpy.no_such_module:X", "enum numpy:ndarray"]
)
def test_only_enumerations_that_were_imported_are_values(folder: Path, kind: str) -> None:
    stated = Parameter(name="out", value="HOME", type_name=kind)
    found = only(History((step(parameters=(stated,), **GIVES),), (A, B)), folder, "numpy:negative")
    assert found.verdict is Verdict.NOT_VERIFIED
    assert "no_such_module" not in str(sorted(sys.modules))


def test_an_argument_that_is_given_twice_is_not_guessed(folder: Path) -> None:
    found = only(History((step(**{**GIVES, "inputs": (X, X)}),), (A, B)), folder, "numpy:negative")
    assert "which argument" in found.reason


def test_reading_a_file_can_be_stopped(folder: Path) -> None:
    asked = iter([False, True, True, True])
    with pytest.raises(Cancelled):
        only(
            History((step(**GIVES),), (A.model_copy(update={"content_sha256": "0" * 64}), B)),
            folder,
            "numpy:negative",
            cancelled=lambda: next(asked),
        )


# ---- odd records -----------------------------------------------------------------------------


def test_circles_doubles_and_holes_end(folder: Path) -> None:
    one = step(id="1", inputs=(Slot(name="x", data="b"),), outputs=(Slot(data="a"),))
    two = step(id="2", inputs=(Slot(name="x", data="a"),), outputs=(Slot(data="b"),))
    own = step(id="3", inputs=(Slot(name="x", data="c"),), outputs=(Slot(data="c"),))
    history = History((one, two, own, one), (A, B, A))
    assert [s.id for s in history.led_to("a")] == ["1", "2", "1"]
    assert [s.id for s in history.led_to("c")] == ["3"]
    assert history.led_to("nothing") == ()
    assert len(history.behind(["a", "nothing"]).steps) == 3


def test_thousands_of_steps_are_run_again(folder: Path) -> None:
    values = [pixels()]
    for _ in range(1500):
        values.append(-values[-1])
    data = [
        DataRef(id=str(n), name="x", path="a.tif" if not n else "", content_sha256=digest(v))
        for n, v in enumerate(values)
    ]
    steps = [
        step(
            id=f"s{n}",
            inputs=(Slot(name="x", data=str(n)),),
            outputs=(Slot(data=str(n + 1)),),
            confidence=Confidence.REPLAYABLE,
        )
        for n in range(1500)
    ]
    found = only(History(tuple(steps), tuple(data)), folder, "numpy:negative")
    assert found.verdict is Verdict.EXACT


def test_a_failed_step_is_never_exact(folder: Path) -> None:
    failed = step(failed=True, error="stopped", **GIVES)
    assert only(History((failed,), (A, B)), folder, "numpy:negative").verdict == "not verified"


def test_an_analysis_is_still_exact(folder: Path) -> None:
    history = analysis(folder)
    assert only(history, folder, "scipy.ndimage:label").verdict is Verdict.NOT_VERIFIED
