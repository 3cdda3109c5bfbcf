from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import napari_fair
from napari_fair.model import Confidence, DataKind, DataRef, StepKind, Tool
from napari_fair.provenance import Data, Ledger, attach, detach, record_step, recorded


def blur(image: np.ndarray, sigma: float = 1.0) -> np.ndarray:
    return image / sigma


def image(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((32, 32))


def test_a_block_becomes_a_replayable_step_with_its_data() -> None:
    ledger, pixels = Ledger(), image()
    with record_step(blur, inputs={"image": pixels}, parameters={"sigma": 2.0}, to=ledger) as step:
        step.output(blur(pixels, 2.0), name="smooth")
    (made,) = ledger.steps
    assert made.confidence is Confidence.REPLAYABLE
    assert made.tool.function.endswith(":blur")
    assert [(p.name, p.value) for p in made.parameters] == [("sigma", 2.0)]
    given, gave = (ledger.history.ref(s[0].data) for s in (made.inputs, made.outputs))
    assert (given.shape, given.dtype, given.saved) == ((32, 32), "float64", False)
    assert (gave.name, gave.kind) == ("smooth", DataKind.IMAGE)
    assert made.started <= made.ended
    assert ledger.history.environments[0].id == made.environment


def test_the_result_of_one_step_is_recognised_as_the_input_of_the_next() -> None:
    ledger, pixels = Ledger(), image()
    with record_step(blur, inputs={"image": pixels}, to=ledger) as step:
        step.output(first := blur(pixels))
    with record_step(blur, inputs={"image": first.copy()}, to=ledger) as step:
        step.output(first > 0.5, kind="labels")
    one, two = ledger.steps
    assert one.outputs[0].data == two.inputs[0].data
    assert ledger.led_to(two.outputs[0].data) == (one, two)


def test_an_error_is_a_step_and_goes_on_its_way() -> None:
    ledger = Ledger()
    secret = Path.home() / "model.pt"
    with pytest.raises(FileNotFoundError), record_step("Cellpose", to=ledger):
        raise FileNotFoundError(f"no {secret}")
    (made,) = ledger.steps
    assert made.failed
    assert made.error == "FileNotFoundError: no ~/model.pt"
    assert ledger.completeness().sentence == "0 replayable, 0 declared, 0 opaque, 1 failed"


def test_a_program_without_a_function_is_declared_not_replayable() -> None:
    ledger = Ledger()
    with record_step(Tool(name="Cellpose", version="3.1"), parameters={"diameter": 30}, to=ledger):
        pass
    (made,) = ledger.steps
    assert made.confidence is Confidence.DECLARED
    assert made.gap


def test_an_argument_that_cannot_be_written_down_makes_a_gap() -> None:
    ledger = Ledger()
    with record_step(blur, parameters={"hook": print}, to=ledger):
        pass
    assert "hook" in ledger.steps[0].gap
    assert ledger.steps[0].confidence is not Confidence.REPLAYABLE


def test_a_decorated_function_records_its_calls_with_their_defaults() -> None:
    ledger = Ledger()
    double = recorded("Doubling", to=ledger)(blur)
    result = double(image())
    (made,) = ledger.steps
    assert made.name == "Doubling"
    assert [(p.name, p.value) for p in made.parameters] == [("sigma", 1.0)]
    assert [slot.name for slot in made.inputs] == ["image"]
    np.testing.assert_array_equal(result, image())


def test_functions_inside_a_step_are_part_of_it() -> None:
    ledger = Ledger()
    inner = recorded(to=ledger)(blur)
    with record_step(blur, to=ledger) as step:
        step.output(inner(image()))
    assert len(ledger.steps) == 1


def test_data_changed_in_place_is_an_update() -> None:
    ledger, pixels = Ledger(), image()
    with record_step(blur, inputs={"image": pixels}, to=ledger) as step:
        pixels[:4] = 0
        step.output(pixels)
    (made,) = ledger.steps
    assert made.kind is StepKind.UPDATE
    assert made.inputs[0].data != made.outputs[0].data


def test_without_a_target_nothing_is_kept_and_nothing_is_read() -> None:
    with record_step(blur, inputs={"image": object()}) as step:
        pass
    assert not step.kept


def test_an_attached_target_takes_steps_until_it_is_detached() -> None:
    ledger = Ledger()
    attach(ledger)
    try:
        with record_step(blur) as step:
            pass
        assert step.kept
    finally:
        detach(ledger)
    with record_step(blur):
        pass
    assert len(ledger.steps) == 1


def test_a_script_writes_into_the_record_of_a_folder(tmp_path: Path) -> None:
    pixels = image()
    np.save(tmp_path / "cells.npy", pixels)
    given = Data(pixels, path="cells.npy")
    with napari_fair.record_step(blur, inputs={"image": given}, folder=tmp_path) as step:
        step.output(blur(pixels), name="smooth")
    with pytest.raises(ValueError, match="odd"), napari_fair.record_step(blur, folder=tmp_path):
        raise ValueError("odd")
    dataset = napari_fair.open_folder(tmp_path).dataset
    assert [step.failed for step in dataset.steps] == [False, True]
    first = dataset.data[0]
    assert first.path == "cells.npy"
    assert first.sha256
    assert first.content_sha256
    assert first.size == (tmp_path / "cells.npy").stat().st_size


def test_the_same_file_in_two_steps_is_one_piece_of_data(tmp_path: Path) -> None:
    np.save(tmp_path / "cells.npy", image())
    session = napari_fair.open_folder(tmp_path)
    for _ in range(2):
        with napari_fair.record_step("Fiji", inputs=["cells.npy"], session=session):
            pass
    assert [piece.path for piece in session.dataset.data] == ["cells.npy"]
    assert session.unsaved
    session.close(keep_draft=False)


def test_large_values_of_attached_targets_are_read_later(monkeypatch: pytest.MonkeyPatch) -> None:
    from napari_fair.provenance import identity_of, recording, targets

    monkeypatch.setattr(recording, "_AT_ONCE", 100)
    ledger, pixels = Ledger(), image()
    attach(ledger)
    try:
        with record_step(blur, inputs={"image": pixels}) as step:
            step.output(result := blur(pixels))
        assert [piece.shape for piece in ledger.data] == [(32, 32)] * 2
        assert targets._checksums().wait(10)
    finally:
        detach(ledger)
    expected = [identity_of(each).content_sha256 for each in (pixels, result)]
    assert [piece.content_sha256 for piece in ledger.data] == expected
    assert not any(piece.pending for piece in ledger.data)


def test_a_target_can_know_what_stands_for_a_value() -> None:
    ledger, pixels = Ledger(), image()
    known = DataRef(id="layer-1", name="DAPI")
    attach(ledger, lambda value: known if value is pixels else None)
    try:
        with record_step(blur, inputs={"image": pixels}):
            pass
    finally:
        detach(ledger)
    assert ledger.steps[0].inputs[0].data == "layer-1"
