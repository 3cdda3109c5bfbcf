from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import tifffile

from analyses import analysis, with_hand_work
from napari_fair.files import Cancelled
from napari_fair.model import Confidence, DataKind, DataRef, Parameter, Slot, Step, Tool
from napari_fair.provenance import History, Ledger, record_step
from napari_fair.provenance.comparison import Tolerance, Verdict, compare
from napari_fair.provenance.registry import Allowed
from napari_fair.provenance.replay import Replay, replay
from napari_fair.provenance.script import functions_of


def load(path: Path) -> Iterator[Any]:
    yield tifffile.imread(path)


def again(history: History, folder: Path, **more: Any) -> Replay:
    out = folder.parent / f"out-{uuid4().hex}"
    out.mkdir()
    allowed = more.pop("allowed", Allowed({}, functions_of(history)))
    return replay(history, folder, load=load, allowed=allowed, out=out, **more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "images"
    place.mkdir()
    return place


def verdicts(replayed: Replay) -> list[Verdict]:
    return [step.verdict for step in replayed.steps]


def test_the_same_versions_give_exactly_the_same(folder: Path) -> None:
    replayed = again(analysis(folder), folder)
    assert verdicts(replayed) == [Verdict.EXACT] * 3
    assert replayed.sentence == "3 exact"


def test_another_parameter_is_different_and_is_named(folder: Path) -> None:
    history = analysis(folder)
    replayed = again(history, folder, changes={history.steps[0].id: {"sigma": 3.0}})
    assert verdicts(replayed) == [Verdict.DIFFERENT] * 3
    assert replayed.steps[0].differences == ("sigma is 3.0 and was 2.0",)
    assert replayed.steps[1].differences == ("its input 'blurred' differs",)


def test_other_versions_are_named_where_the_result_differs(folder: Path) -> None:
    history = analysis(folder)
    old = history.environments[0]
    packages = tuple(
        "scipy==1.0" if p.startswith("scipy==") else "numpy==1.0" if p.startswith("numpy==") else p
        for p in old.packages
    )
    then = old.model_copy(update={"packages": packages})
    step = history.steps[0]
    tool = step.tool.model_copy(update={"version": "1.0"})
    doubled = step.model_copy(
        update={"tool": tool, "parameters": (Parameter(name="sigma", value=2.5),)}
    )
    changed = History((doubled,), history.data, (then,))
    (found,) = again(changed, folder).steps
    assert found.verdict is Verdict.DIFFERENT
    assert any(line.startswith("scipy is") for line in found.differences)
    assert any(line.startswith("numpy is") for line in found.differences)


def test_hand_work_is_not_verified_and_what_follows_uses_its_saved_result(folder: Path) -> None:
    from scipy.ndimage import maximum_filter

    ledger = Ledger(with_hand_work(analysis(folder), folder, saved=True))
    corrected = tifffile.imread(folder / "corrected.tif")
    with record_step(
        maximum_filter, inputs={"input": corrected}, parameters={"size": 3}, to=ledger
    ) as step:
        step.output(maximum_filter(corrected, 3), name="grown")
    replayed = again(ledger.history, folder)
    assert verdicts(replayed)[3:] == [Verdict.NOT_VERIFIED, Verdict.EXACT]
    (folder / "corrected.tif").unlink()
    last = again(ledger.history, folder).steps[-1]
    assert last.verdict is Verdict.NOT_VERIFIED
    assert "corrected.tif is not there" in last.reason


def test_an_input_that_was_replaced_is_said(folder: Path) -> None:
    history = analysis(folder)
    tifffile.imwrite(folder / "cells.tif", np.zeros((48, 48), "float32"))
    first = again(history, folder).steps[0]
    assert first.verdict is Verdict.NOT_VERIFIED
    assert "other values than were recorded" in first.reason


def test_only_allowed_functions_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = analysis(folder)
    replayed = again(history, folder, allowed=Allowed({}, ["scipy.ndimage:gaussian_filter"]))
    assert verdicts(replayed)[:2] == [Verdict.EXACT, Verdict.NOT_VERIFIED]
    assert "not approved" in replayed.steps[1].reason


def _hostile(function: str, *parameters: Parameter) -> History:
    step = Step(
        id=str(uuid4()),
        tool=Tool(function=function),
        parameters=parameters,
        confidence=Confidence.REPLAYABLE,
    )
    return History((step,))


@pytest.mark.parametrize(
    "place",
    ["/tmp/x.npy", "~/x.npy", "../x.npy", "a/../../x.npy", "C:\\x.npy", "\\\\srv\\x", "http://x/y"],
)
@pytest.mark.parametrize("type_name", ["", "path"])
def test_no_argument_leads_out_of_the_folder(folder: Path, place: str, type_name: str) -> None:
    target = Parameter(name="file", value=place, type_name=type_name)
    history = _hostile("numpy:save", target, Parameter(name="arr", value=1))
    (found,) = again(history, folder).steps
    assert found.verdict is Verdict.NOT_VERIFIED
    assert not (folder.parent / "x.npy").exists()


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.tif"
    tifffile.imwrite(secret, np.zeros((4, 4)))
    history = analysis(folder)
    (folder / "cells.tif").unlink()
    (folder / "cells.tif").symlink_to(secret)
    (first, *_) = again(history, folder).steps
    assert first.verdict is Verdict.NOT_VERIFIED
    assert "leaves its folder" in first.reason


def test_python_itself_is_not_run_even_when_approved(folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    history = _hostile("os:system", Parameter(name="command", value=f"touch {mark}"))
    (found,) = again(history, folder, allowed=Allowed({"os:system": "x"}, ["os:system"])).steps
    assert found.verdict is Verdict.NOT_VERIFIED
    assert not mark.exists()


def test_a_failure_is_told_without_names_of_people(folder: Path) -> None:
    history = _hostile("numpy:load", Parameter(name="file", value="gone.npy"))
    (found,) = again(history, folder).steps
    assert found.verdict is Verdict.NOT_VERIFIED
    assert "it fails here (FileNotFoundError" in found.reason


def test_a_step_whose_result_was_never_checksummed_is_not_verified(folder: Path) -> None:
    history = analysis(folder)
    data = tuple(piece.model_copy(update={"content_sha256": ""}) for piece in history.data)
    replayed = again(History(history.steps, data, history.environments), folder)
    assert verdicts(replayed) == [Verdict.NOT_VERIFIED, Verdict.NOT_VERIFIED, Verdict.EXACT]


def test_replaying_records_nothing(folder: Path) -> None:
    from napari_fair.provenance import attach, detach

    history = analysis(folder)
    ledger = Ledger()
    attach(ledger)
    try:
        again(history, folder)
    finally:
        detach(ledger)
    assert ledger.steps == ()


def test_it_can_be_stopped(folder: Path) -> None:
    with pytest.raises(Cancelled):
        again(analysis(folder), folder, cancelled=lambda: True)


def test_a_file_that_a_step_writes_goes_to_the_output_folder(folder: Path, tmp_path: Path) -> None:
    ledger, path = Ledger(), folder / "table.npy"
    np.save(path, np.arange(3))
    with record_step(
        np.save, parameters={"file": "table.npy", "arr": [0, 1, 2]}, to=ledger, folder=folder
    ) as step:
        step.output(path)
    before = path.stat().st_mtime_ns
    (found,) = again(ledger.history, folder).steps
    assert found.verdict is Verdict.EXACT
    assert path.stat().st_mtime_ns == before


def test_files_of_the_record_cannot_be_changed_by_a_step(folder: Path) -> None:
    path = folder / "cells.npy"
    np.save(path, np.zeros(3))
    before = path.read_bytes()
    target = Parameter(name="file", value="cells.npy", type_name="path")
    history = _hostile("numpy:save", target, Parameter(name="arr", value=1))
    again(history, folder)
    again(_hostile("numpy:save", *history.steps[0].parameters[1:], target), folder)
    assert path.read_bytes() == before


def test_a_result_that_would_lie_elsewhere_is_not_looked_at(folder: Path) -> None:
    piece = DataRef(id="d", path="../elsewhere.npy", kind=DataKind.FILE, sha256="0" * 64)
    step = _hostile("numpy:zeros", Parameter(name="shape", value=3)).steps[0]
    step = step.model_copy(update={"outputs": (Slot(data="d"),)})
    (found,) = again(History((step,), (piece,)), folder).steps
    assert found.verdict is Verdict.NOT_VERIFIED


def test_a_function_that_is_called_wrongly_is_not_verified(folder: Path) -> None:
    history = _hostile("scipy.ndimage:label", Parameter(name="odd", value=1))
    (found,) = again(history, folder).steps
    assert found.verdict is Verdict.NOT_VERIFIED
    assert "it fails here (TypeError" in found.reason


# ---- comparing -------------------------------------------------------------------------------


def test_images_are_compared_by_tolerance() -> None:
    old = np.linspace(0, 1, 100).reshape(10, 10)
    close, far = old + 1e-7, old + 1e-3
    assert compare(old, close, DataKind.IMAGE, Tolerance())[0] is Verdict.WITHIN_TOLERANCE
    assert compare(old, far, DataKind.IMAGE, Tolerance())[0] is Verdict.DIFFERENT
    assert compare(old, old.copy(), DataKind.IMAGE, Tolerance())[0] is Verdict.EXACT
    holed = close.copy()
    holed[0, 0] = np.nan
    assert compare(old, holed, DataKind.IMAGE, Tolerance())[0] is Verdict.DIFFERENT
    assert compare(old, old[:5], DataKind.IMAGE, Tolerance())[0] is Verdict.DIFFERENT
    assert compare(old, old > 0.5, DataKind.IMAGE, Tolerance())[0] is Verdict.DIFFERENT


def test_labels_are_compared_by_overlap_whatever_their_numbers() -> None:
    old = np.zeros((100, 100), int)
    old[5:45, 5:45], old[50:90, 50:90] = 1, 2
    renumbered = np.where(old == 1, 7, np.where(old == 2, 3, 0))
    nearly = old.copy()
    nearly[5, 5:15] = 0
    lost, halved = np.where(old == 1, 1, 0), old.copy()
    halved[5:25, 5:45] = 0
    expected = [Verdict.WITHIN_TOLERANCE] * 2 + [Verdict.DIFFERENT] * 2
    found = [
        compare(old, new, DataKind.LABELS, Tolerance())[0]
        for new in (renumbered, nearly, lost, halved)
    ]
    assert found == expected


def test_a_slot_without_a_name_is_not_guessed(folder: Path) -> None:
    history = analysis(folder)
    step = history.steps[0]
    unnamed = step.model_copy(update={"inputs": (Slot(data=step.inputs[0].data),)})
    (found,) = again(History((unnamed,), history.data), folder).steps
    assert found.verdict is Verdict.NOT_VERIFIED
