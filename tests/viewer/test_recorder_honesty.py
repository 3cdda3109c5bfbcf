"""Ways in which a history could say more than is known; each was tried in a real napari."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from app_model import Application
from magicgui import magicgui
from napari.layers import Image
from qtpy.QtCore import QTimer

import recorded_functions as functions
from napari_fair.model import Confidence, Step, StepKind
from napari_fair.provenance import record_step
from napari_fair.provenance.registry import Allowed
from napari_fair.provenance.replay import replay
from napari_fair.viewer.recorder import Recorder

if TYPE_CHECKING:
    from napari import Viewer
    from pytestqt.qtbot import QtBot

Settle = Callable[[], tuple[Step, ...]]


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer()


@pytest.fixture
def recorder(viewer: Viewer, qtbot: QtBot) -> Iterator[Recorder]:
    recorder = Recorder(viewer)
    recorder.start()
    yield recorder
    recorder.close()


def _settle(recorder: Recorder, qtbot: QtBot) -> tuple[Step, ...]:
    over: list[bool] = []
    recorder.settle(lambda: over.append(True))
    qtbot.waitUntil(lambda: bool(over) and not recorder.busy, timeout=10_000)
    assert recorder.states.wait(10)
    qtbot.waitUntil(lambda: not recorder.busy, timeout=10_000)
    return recorder.ledger.steps


@pytest.fixture
def settled(recorder: Recorder, qtbot: QtBot) -> Settle:
    return partial(_settle, recorder, qtbot)


@pytest.fixture
def by_mouse(qtbot: QtBot) -> Callable[..., None]:
    def do(function: Callable[..., object], *args: object, **kwargs: object) -> None:
        QTimer.singleShot(0, partial(function, *args, **kwargs))
        qtbot.wait(30)

    return do


def _docked(viewer: Viewer, qtbot: QtBot, function: Callable[..., Any]) -> Any:
    gui = magicgui(function, call_button="Run")
    viewer.window.add_dock_widget(gui, name=function.__name__)
    qtbot.wait(20)
    return gui


def _image(viewer: Viewer, name: str = "cells") -> Any:
    return viewer.add_image(np.random.default_rng(1).random((24, 24)), name=name)


def _written(folder: Path, shape: tuple[int, ...] = (12, 12)) -> Path:
    path = folder / "cells.tif"
    values = np.arange(int(np.prod(shape)), dtype="uint16").reshape(shape)
    tifffile.imwrite(path, values, photometric="minisblack")
    return path


# ---- what a function was given ---------------------------------------------------------------


def test_a_function_that_writes_into_its_input_is_not_replayable(
    viewer: Viewer, qtbot: QtBot, settled: Settle
) -> None:
    _image(viewer)
    settled()
    _docked(viewer, qtbot, functions.spoils).call_button.native.click()
    step = settled()[-1]
    assert step.name == "Spoils" and step.confidence is Confidence.OPAQUE
    assert "while it ran" in step.gap


def test_a_silent_change_before_a_run_that_left_it_alone_keeps_the_run_replayable(
    viewer: Viewer, qtbot: QtBot, settled: Settle
) -> None:
    layer = _image(viewer)
    settled()
    gui = _docked(viewer, qtbot, functions.blur)
    layer.data[2, 2] = 5.0
    gui.call_button.native.click()
    silent, run = settled()[-2:]
    assert silent.observed == "checksum" and run.confidence is Confidence.REPLAYABLE
    assert run.inputs[0].data == silent.outputs[0].data


def test_random_numbers_without_a_seed_are_not_replayable(
    viewer: Viewer, qtbot: QtBot, settled: Settle
) -> None:
    _image(viewer)
    _docked(viewer, qtbot, functions.noisy).call_button.native.click()
    step = settled()[-1]
    assert step.confidence is Confidence.OPAQUE and "random numbers" in step.gap


def test_fields_that_change_while_a_function_runs_do_not_count(
    viewer: Viewer, qtbot: QtBot, settled: Settle, recorder: Recorder
) -> None:
    """The layer that it was given goes, and its field shows the other one."""
    one = _image(viewer, "one")
    before = recorder.states.now(one)
    _image(viewer, "two")
    gui = _docked(viewer, qtbot, functions.removes_its_input)
    gui.image.value = one
    gui.call_button.native.click()
    step = settled()[-1]
    assert gui.image.value.name == "two"
    assert [slot.data for slot in step.inputs] == [before]


@pytest.mark.parametrize("module", ["__main__", "recorded_functions"])
def test_functions_that_no_script_can_import_are_not_replayable(
    viewer: Viewer, qtbot: QtBot, settled: Settle, module: str
) -> None:
    from napari import types

    def lost(image: types.ImageData) -> types.ImageData:
        return image + 1

    lost.__annotations__ = {"image": types.ImageData, "return": types.ImageData}
    lost.__module__ = module
    if module == "__main__":
        lost.__qualname__ = "lost"
    _image(viewer)
    _docked(viewer, qtbot, lost).call_button.native.click()
    step = settled()[-1]
    assert step.confidence is Confidence.OPAQUE and not step.tool.function


def test_data_of_a_layer_that_is_in_no_viewer_is_not_taken_for_known(
    viewer: Viewer, qtbot: QtBot, settled: Settle
) -> None:
    _image(viewer)
    gui = _docked(viewer, qtbot, functions.blur)
    gui(image=np.random.default_rng(7).random((30, 30)))
    step = settled()[-1]
    assert step.confidence is Confidence.OPAQUE and "in no layer" in step.gap


def test_of_layers_that_share_an_array_the_chosen_one_is_the_input(
    viewer: Viewer, qtbot: QtBot, settled: Settle, recorder: Recorder
) -> None:
    first = _image(viewer, "first")
    second = viewer.add_image(first.data, name="second")
    gui = _docked(viewer, qtbot, functions.blur)
    gui.image._widget._qwidget.setCurrentText("second (data)")
    gui.call_button.native.click()
    step = settled()[-1]
    assert step.inputs[0].data == recorder.states.now(second)


# ---- workers ---------------------------------------------------------------------------------


def test_results_of_workers_that_overtake_each_other_keep_their_parameters(
    viewer: Viewer, qtbot: QtBot, settled: Settle, recorder: Recorder
) -> None:
    image = _image(viewer)
    for event in functions.order:
        event.clear()
    gui = _docked(viewer, qtbot, functions.overtaking)
    gui.call_button.native.click()
    gui.number.value = 1
    gui.call_button.native.click()
    functions.order[1].set()
    qtbot.waitUntil(lambda: any(s.name == "Overtaking" for s in settled()), timeout=5000)
    functions.order[0].set()
    qtbot.waitUntil(lambda: sum(s.name == "Overtaking" for s in settled()) == 2, timeout=5000)
    steps = [step for step in settled() if step.name == "Overtaking"]
    assert [{p.name: p.value for p in s.parameters}["number"] for s in steps] == [1, 0]
    assert all(step.confidence is Confidence.REPLAYABLE for step in steps)
    from napari_fair.provenance.identity import identity_of

    wanted = [identity_of(image.data + number).content_sha256 for number in (1, 0)]
    refs = [recorder.ledger.history.ref(step.outputs[0].data) for step in steps]
    assert [ref.content_sha256 for ref in refs] == wanted


def test_painting_on_what_a_worker_reads_makes_its_result_uncertain(
    viewer: Viewer, qtbot: QtBot, settled: Settle, by_mouse: Any
) -> None:
    layer = viewer.add_labels(np.zeros((20, 20), "uint8"), name="nuclei")
    for event in functions.order:
        event.clear()

    gui = _docked(viewer, qtbot, functions.counted)
    gui.call_button.native.click()
    layer.mode = "paint"
    by_mouse(layer.paint, (5, 5), 3)
    functions.order[0].set()
    qtbot.waitUntil(lambda: any(s.name == "Counted" for s in settled()), timeout=5000)
    step = next(step for step in settled() if step.name == "Counted")
    assert step.confidence is Confidence.OPAQUE and "by hand while it ran" in step.gap


def test_a_worker_that_is_stopped_is_a_failed_step(
    viewer: Viewer, qtbot: QtBot, settled: Settle
) -> None:
    _image(viewer)
    functions.order[0].clear()
    _docked(viewer, qtbot, functions.stops).call_button.native.click()
    functions.begun.pop().quit()
    functions.order[0].set()
    qtbot.waitUntil(lambda: any(s.name == "Stops" for s in settled()), timeout=5000)
    step = next(step for step in settled() if step.name == "Stops")
    assert step.failed and "stopped" in step.error and not step.outputs


# ---- files that nobody saw being opened ------------------------------------------------------


def _late(viewer: Viewer, qtbot: QtBot) -> tuple[Step, ...]:
    recorder = Recorder(viewer)
    recorder.start()
    try:
        qtbot.waitUntil(lambda: bool(recorder.ledger.steps), timeout=10_000)
        return recorder.ledger.steps
    finally:
        recorder.close()


def test_a_file_opened_before_recording_is_replayable_if_the_layer_still_shows_it(
    viewer: Viewer, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer.open(_written(tmp_path), plugin="napari")
    (step,) = _late(viewer, qtbot)
    assert step.kind is StepKind.OPEN and step.confidence is Confidence.REPLAYABLE


def test_a_file_opened_and_changed_before_recording_is_not_replayable(
    viewer: Viewer, qtbot: QtBot, tmp_path: Path
) -> None:
    (layer,) = viewer.open(_written(tmp_path), plugin="napari", layer_type="labels")
    layer.mode = "paint"
    layer.paint((4, 4), 9)
    (step,) = _late(viewer, qtbot)
    assert step.confidence is Confidence.OPAQUE and "not those of the file" in step.gap


def test_a_changed_layer_that_comes_back_is_not_the_file_again(
    viewer: Viewer, recorder: Recorder, settled: Settle, tmp_path: Path
) -> None:
    (layer,) = viewer.open(_written(tmp_path), plugin="napari")
    assert settled()[-1].confidence is Confidence.REPLAYABLE
    layer.data[0, 0] = 77
    viewer.layers.remove(layer)
    viewer.layers.append(layer)
    step = settled()[-1]
    assert step.kind is StepKind.OPEN and step.confidence is Confidence.OPAQUE


def test_a_file_that_was_written_anew_has_its_new_checksum(
    viewer: Viewer, recorder: Recorder, settled: Settle, tmp_path: Path
) -> None:
    path = _written(tmp_path)
    viewer.open(path, plugin="napari")
    settled()
    tifffile.imwrite(path, np.full((30, 30), 3, "uint16"))
    viewer.open(path, plugin="napari")
    one, two = (recorder.ledger.history.ref(s.inputs[0].data) for s in settled()[-2:])
    assert one.sha256 and two.sha256 and one.sha256 != two.sha256


def test_lazy_data_that_was_replaced_while_nothing_was_recorded_is_told(
    viewer: Viewer, recorder: Recorder, settled: Settle, qtbot: QtBot
) -> None:
    dask = pytest.importorskip("dask.array")
    layer = viewer.add_image(dask.zeros((8, 8)), name="lazy")
    count = len(settled())
    recorder.pause()
    layer.data = dask.ones((8, 8))
    recorder.resume()
    steps = settled()[count:]
    assert ["changed while recording was paused" in step.name for step in steps] == [True]


def test_lazy_data_has_no_checksum_of_values_and_is_recorded_all_the_same(
    viewer: Viewer, recorder: Recorder, settled: Settle
) -> None:
    dask = pytest.importorskip("dask.array")
    viewer.add_image(dask.zeros((8, 8)), name="lazy")
    step = settled()[-1]
    ref = recorder.ledger.history.ref(step.outputs[0].data)
    assert (ref.name, ref.content_sha256, ref.pending) == ("lazy", "", False)


# ---- two viewers, pause, left out ------------------------------------------------------------


def test_steps_of_code_go_to_the_viewer_whose_data_they_use(
    make_napari_viewer: Callable[..., Viewer], qtbot: QtBot
) -> None:
    two, one = make_napari_viewer(), make_napari_viewer()
    recorders = [Recorder(one), Recorder(two)]
    for recorder in recorders:
        recorder.start()
    layer = _image(one)
    for recorder in recorders:
        _settle(recorder, qtbot)
    with record_step("Count", inputs={"image": layer}):
        pass
    first, second = (_settle(recorder, qtbot) for recorder in recorders)
    for recorder in recorders:
        recorder.close()
    assert first[-1].name == "Count"
    assert first[-1].inputs[0].data == first[0].outputs[0].data, "joined to what made the layer"
    assert "Count" not in [step.name for step in second]


def test_steps_of_code_are_not_recorded_while_paused(recorder: Recorder, settled: Settle) -> None:
    recorder.pause()
    with record_step("Count"):
        pass
    recorder.resume()
    assert "Count" not in [step.name for step in settled()]


def test_a_layer_that_was_left_out_comes_back_as_such(
    viewer: Viewer, recorder: Recorder, settled: Settle
) -> None:
    layer = _image(viewer)
    settled()
    recorder.leave_out(layer)
    recorder.leave_out(layer, False)
    assert "left out of the history until now" in settled()[-1].name


# ---- the layer menu --------------------------------------------------------------------------

MENU = [
    ("duplicate", (6, 6, 6), {"numpy:copy"}),
    ("project_max", (4, 6, 6), {"numpy:max"}),
    ("project_mean", (4, 6, 6), {"numpy:mean"}),
    ("project_median", (4, 6, 6), {"numpy:median"}),
    ("split_stack", (3, 6, 7), {"numpy:unstack"}),
    ("convert_to_labels", (6, 6), {"numpy:asarray"}),
]


@pytest.mark.filterwarnings("ignore:projection mode")
@pytest.mark.parametrize("kind", ["uint16", "float64"])
@pytest.mark.parametrize(("action", "shape", "called"), MENU)
def test_menu_actions_on_one_array_run_again_with_the_same_result(
    viewer: Viewer,
    recorder: Recorder,
    settled: Settle,
    by_mouse: Any,
    tmp_path: Path,
    kind: str,
    action: str,
    shape: tuple[int, ...],
    called: set[str],
) -> None:
    path = tmp_path / "cells.tif"
    values = np.random.default_rng(3).random(shape) * 90
    tifffile.imwrite(path, values.astype(kind), photometric="minisblack")
    viewer.open(path, plugin="napari")
    settled()
    commands = Application.get_app("test_app").commands
    by_mouse(commands.execute_command, f"napari.layer.{action}")
    step = settled()[-1]
    assert step.confidence is Confidence.REPLAYABLE and step.tool.function in called
    assert step.observed == "layer menu" and step.tool.package == "numpy"
    result = _ran_again(recorder, tmp_path, called)
    assert {one.verdict.value for one in result.steps} == {"exact"}


def _ran_again(recorder: Recorder, folder: Path, called: set[str]) -> Any:
    from napari_fair.viewer.history_actions import arrays_in
    from napari_fair.viewer.recorder_records import part_of

    history = part_of(recorder.ledger.history, recorder.states.files(), folder)
    out = folder / "out"
    out.mkdir()
    return replay(history, folder, load=arrays_in, allowed=Allowed({}, called), out=out)


def test_merging_takes_several_layers_and_says_so(
    viewer: Viewer, recorder: Recorder, settled: Settle, by_mouse: Any
) -> None:
    layers = [_image(viewer, "one"), _image(viewer, "two")]
    before = {recorder.states.now(layer) for layer in layers}
    count = len(settled())
    viewer.layers.selection = set(layers)
    by_mouse(Application.get_app("test_app").commands.execute_command, "napari.layer.merge_stack")
    (step,) = settled()[count:]
    assert step.name == "Merge to stack" and step.confidence is Confidence.OPAQUE
    assert {slot.data for slot in step.inputs} == before and "several layers" in step.gap


def test_a_menu_action_on_silently_changed_data_that_went_is_not_replayable(
    viewer: Viewer, recorder: Recorder, settled: Settle, by_mouse: Any
) -> None:
    layer = viewer.add_image(np.zeros((3, 6, 7), "uint8"), name="stack")
    settled()
    layer.data[1] = 8
    by_mouse(Application.get_app("test_app").commands.execute_command, "napari.layer.split_stack")
    step = settled()[-1]
    assert step.name == "Split stack" and step.confidence is Confidence.OPAQUE
    assert "without a word" in step.gap


# ---- by hand ---------------------------------------------------------------------------------


def test_erasing_is_by_hand(viewer: Viewer, settled: Settle, by_mouse: Any) -> None:
    layer = viewer.add_labels(np.full((20, 20), 4, "uint8"), name="nuclei")
    layer.mode = "erase"
    by_mouse(layer.paint, (5, 5), 0)
    work = settled()[-1].manual
    assert work is not None and work.modes == ("erase",) and work.labels_touched == (4,)


def test_strokes_after_a_run_are_not_taken_for_a_silent_change_before_it(
    viewer: Viewer, qtbot: QtBot, settled: Settle, by_mouse: Any, recorder: Recorder
) -> None:
    layer = viewer.add_labels(np.zeros((64, 64), "uint8"), name="nuclei")
    settled()
    state = recorder.states.now(layer)
    answers: list[bool] = []
    with recorder.states._lock:  # the comparison is under way while somebody paints
        assert recorder.states.confirm(state, answers.append)
        layer.mode = "paint"
        layer.paint((5, 5), 3)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [True]


def test_a_layer_made_by_hand_of_code_keeps_no_file(viewer: Viewer, settled: Settle) -> None:
    viewer.add_layer(Image(np.zeros((4, 4))))
    assert settled()[-1].kind is not StepKind.OPEN
