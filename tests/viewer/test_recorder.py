"""What the recorder makes of the ways in which data changes in napari."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from app_model import Application
from magicgui import magicgui
from napari.utils.notifications import Notification, notification_manager
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QFormLayout, QPushButton, QSpinBox, QWidget

from napari_fair.model import Confidence, Step, StepKind
from napari_fair.viewer.recorder import Recorder
from recorded_functions import (
    adds_itself,
    blur,
    broken,
    compact,
    faulty,
    inner_function,
    mask,
    may_fail,
    may_scale,
    scaled,
)

if TYPE_CHECKING:
    from napari import Viewer
    from pytestqt.qtbot import QtBot

Later = Callable[..., None]


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer()


@pytest.fixture
def recorder(viewer: Viewer, qtbot: QtBot) -> Iterator[Recorder]:
    recorder = Recorder(viewer)
    recorder.start()
    yield recorder
    recorder.close()


@pytest.fixture
def settled(recorder: Recorder, qtbot: QtBot) -> Callable[[], tuple[Step, ...]]:
    """Wait until all that happened is in the ledger; return its steps."""

    def settle() -> tuple[Step, ...]:
        over: list[bool] = []
        recorder.settle(lambda: over.append(True))
        qtbot.waitUntil(lambda: bool(over) and not recorder.busy, timeout=10_000)
        assert recorder.states.wait(10)
        return recorder.ledger.steps

    return settle


@pytest.fixture
def by_mouse(qtbot: QtBot) -> Later:
    """Do something from the event loop, as a mouse or a menu does: no code of ours calls it."""

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


def _names(recorder: Recorder, step: Step) -> tuple[list[str], list[str]]:
    refs = {ref.id: ref.name for ref in recorder.ledger.data}
    return [refs[s.data] for s in step.inputs], [refs[s.data] for s in step.outputs]


def _inputs_of(step: Step) -> dict[str, str]:
    return {slot.name: slot.data for slot in step.inputs}


# ---- files -----------------------------------------------------------------------------------


def test_an_opened_file_is_a_step_with_the_file_and_its_checksum(
    viewer: Viewer, recorder: Recorder, settled: Any, plain_tiff: Path
) -> None:
    viewer.open(plain_tiff, plugin="napari")
    (step,) = settled()
    assert (step.kind, step.name) == (StepKind.OPEN, "Opened plain.tif")
    assert step.tool.package == "napari" and step.tool.version
    file = recorder.ledger.history.ref(step.inputs[0].data)
    assert file.sha256 and not file.pending
    assert recorder.states.files()[file.id] == plain_tiff


def test_channels_of_one_file_are_one_step(
    viewer: Viewer, recorder: Recorder, settled: Any, tmp_path: Path
) -> None:
    path = tmp_path / "two.tif"
    tifffile.imwrite(path, np.zeros((2, 8, 8), "uint8"))
    viewer.open(path, plugin="napari", channel_axis=0)
    (step,) = settled()
    assert len(step.outputs) == 2


def test_layers_there_before_are_named_as_such(viewer: Viewer, qtbot: QtBot) -> None:
    _image(viewer)
    recorder = Recorder(viewer)
    recorder.start()
    qtbot.waitUntil(lambda: bool(recorder.ledger.steps))
    (step,) = recorder.ledger.steps
    assert "before recording" in step.name and step.confidence is Confidence.OPAQUE
    recorder.close()


# ---- magicgui --------------------------------------------------------------------------------


def test_a_magicgui_function_is_replayable_with_its_parameters_and_inputs(
    viewer: Viewer, qtbot: QtBot, recorder: Recorder, settled: Any
) -> None:
    layer = _image(viewer)
    before = recorder.states.now(layer)
    gui = _docked(viewer, qtbot, blur)
    gui.sigma.value = 2.5
    gui.call_button.native.click()
    step = settled()[-1]
    assert step.confidence is Confidence.REPLAYABLE and not step.gap
    assert step.tool.function == "recorded_functions:blur"
    assert {p.name: p.value for p in step.parameters} == {"sigma": 2.5}
    assert _inputs_of(step) == {"image": before}
    assert step.started and step.ended and step.environment
    assert recorder.ledger.history.ref(step.outputs[0].data).content_sha256


def test_a_run_that_replaces_data_in_place_is_a_step_of_its_own(
    viewer: Viewer, qtbot: QtBot, settled: Any, recorder: Recorder
) -> None:
    _image(viewer)
    gui = _docked(viewer, qtbot, blur)
    gui.call_button.native.click()
    gui.sigma.value = 4.0
    gui.call_button.native.click()
    one, two = settled()[-2:]
    assert len(viewer.layers) == 2
    assert [s.parameters[0].value for s in (one, two)] == [1.0, 4.0]
    assert one.outputs != two.outputs
    assert one.inputs == two.inputs, "what was there before is no input of a new result"


def test_arguments_given_in_code_count_instead_of_the_fields(
    viewer: Viewer, qtbot: QtBot, settled: Any
) -> None:
    _image(viewer)
    gui = _docked(viewer, qtbot, blur)
    gui(sigma=5.0)
    assert settled()[-1].parameters[0].value == 5.0
    assert gui.sigma.value == 1.0


def test_a_layer_argument_is_told_from_its_data(viewer: Viewer, qtbot: QtBot, settled: Any) -> None:
    _image(viewer)
    gui = _docked(viewer, qtbot, mask)
    gui.call_button.native.click()
    step = settled()[-1]
    assert [slot.passed_as for slot in step.inputs] == ["layer"]


def test_a_function_inside_another_is_opaque_and_says_why(
    viewer: Viewer, qtbot: QtBot, settled: Any, recorder: Recorder
) -> None:
    _image(viewer)

    _docked(viewer, qtbot, inner_function()).call_button.native.click()
    step = settled()[-1]
    assert step.confidence is Confidence.OPAQUE and "inside another" in step.gap
    assert recorder.proposals[step.id].sure


def test_a_failed_run_is_a_step_with_its_error(
    viewer: Viewer, qtbot: QtBot, recorder: Recorder, settled: Any
) -> None:
    _image(viewer)
    gui = _docked(viewer, qtbot, faulty)
    with pytest.raises(Exception, match="nothing to see") as caught:
        gui(sigma=3.0)
    notification_manager.dispatch(Notification.from_exception(caught.value))
    step = settled()[-1]
    assert step.failed and step.error == "ValueError: nothing to see with 3.0"
    assert not step.outputs
    assert {p.name: p.value for p in step.parameters} == {"sigma": 3.0}


def test_a_failed_run_is_a_step_even_when_nobody_shows_the_error(
    viewer: Viewer, qtbot: QtBot, settled: Any
) -> None:
    _image(viewer)
    gui = _docked(viewer, qtbot, faulty)
    with qtbot.captureExceptions() as caught:
        gui.call_button.native.click()
    assert caught
    step = settled()[-1]
    assert step.failed and step.error


def test_results_of_a_worker_belong_to_the_call_that_began_it(
    viewer: Viewer, qtbot: QtBot, settled: Any
) -> None:
    _image(viewer)
    gui = _docked(viewer, qtbot, scaled)
    gui.factor.value = 3.0
    gui.call_button.native.click()
    gui.factor.value = 9.0
    may_scale.set()
    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=5000)
    step = settled()[-1]
    assert step.observed == "worker"
    assert {p.name: p.value for p in step.parameters} == {"factor": 3.0}
    assert len(step.outputs) == 1


def test_a_worker_that_fails_is_a_failed_step(viewer: Viewer, qtbot: QtBot, settled: Any) -> None:
    _image(viewer)
    gui = _docked(viewer, qtbot, broken)
    with qtbot.captureExceptions():
        gui.call_button.native.click()
        may_fail.set()
        qtbot.wait(200)
    step = settled()[-1]
    assert step.failed and step.error == "RuntimeError: the worker broke"


def test_a_function_that_adds_its_layer_itself_is_opaque(
    viewer: Viewer, qtbot: QtBot, settled: Any, recorder: Recorder
) -> None:
    _image(viewer)
    gui = _docked(viewer, qtbot, adds_itself)
    gui.call_button.native.click()
    step = settled()[-1]
    assert step.confidence is Confidence.OPAQUE and "itself" in step.gap
    assert step.tool.function and _names(recorder, step) == (["cells"], ["own"])


def test_a_function_without_layers_is_no_step_but_explains_a_silent_change(
    viewer: Viewer, qtbot: QtBot, settled: Any, recorder: Recorder
) -> None:
    layer = viewer.add_labels(np.zeros((6, 6), "uint8"), name="nuclei")
    count = len(settled())
    gui = _docked(viewer, qtbot, compact)
    gui.call_button.native.click()
    assert len(settled()) == count
    layer.data[1, 1] = 4
    (step,) = settled()[count:]
    assert recorder.proposals[step.id].tool.function == "recorded_functions:compact"


def test_a_sample_is_named_with_its_plugin(viewer: Viewer, settled: Any) -> None:
    viewer.open_sample("napari", "binary_blobs_3D")
    (step,) = settled()
    assert step.kind is StepKind.OPEN and step.confidence is Confidence.OPAQUE
    assert step.parameters[0].value == "binary_blobs_3D"


# ---- napari's own actions --------------------------------------------------------------------

ACTIONS = [
    ("duplicate", "Duplicate", (4, 6, 6)),
    ("split_stack", "Split stack", (3, 6, 6)),
    ("project_max", "Projection", (4, 6, 6)),
    ("convert_to_labels", "Convert to labels", (6, 6)),
]


@pytest.mark.filterwarnings("ignore:projection mode")
@pytest.mark.parametrize(("action", "name", "shape"), ACTIONS)
def test_layer_actions_are_named_with_what_went_in_and_came_out(
    viewer: Viewer,
    recorder: Recorder,
    settled: Any,
    by_mouse: Later,
    action: str,
    name: str,
    shape: tuple[int, ...],
) -> None:
    layer = viewer.add_image(np.zeros(shape, "uint8"), name="stack")
    before = recorder.states.now(layer)
    count = len(settled())
    commands = Application.get_app("test_app").commands
    by_mouse(commands.execute_command, f"napari.layer.{action}")
    (step,) = settled()[count:]
    assert step.name == name and step.observed == "layer menu"
    assert [slot.data for slot in step.inputs] == [before]
    assert len(step.outputs) == (shape[0] if action == "split_stack" else 1)


# ---- by hand ---------------------------------------------------------------------------------


def test_painting_is_summed_up_per_layer(
    viewer: Viewer, recorder: Recorder, settled: Any, by_mouse: Later
) -> None:
    layer = viewer.add_labels(np.zeros((5, 20, 20), "uint8"), name="nuclei")
    layer.mode = "paint"
    layer.brush_size = 4
    for plane, label in ((1, 3), (2, 3), (2, 7)):
        viewer.dims.set_point(0, plane)
        by_mouse(layer.paint, (plane, 10, 8), label)
    assert recorder.by_hand == {"nuclei": 3}
    step = settled()[-1]
    assert step.name == "Painted “nuclei”" and step.kind is StepKind.UPDATE
    work = step.manual
    assert work is not None
    assert (work.strokes, work.modes, work.labels_touched) == (3, ("paint",), (3, 7))
    assert work.planes == (1, 2)
    assert work.bounding_box[0] == (1, 2)
    assert work.bounding_box[1][0] <= 10 <= work.bounding_box[1][1] < 20


def test_a_large_fill_is_summed_up_later(
    viewer: Viewer, settled: Any, by_mouse: Later, recorder: Recorder
) -> None:
    layer = viewer.add_labels(np.zeros((300, 300), "uint8"), name="area")
    layer.mode = "fill"
    by_mouse(layer.fill, (5, 5), 9)
    work = settled()[-1].manual
    assert work is not None and work.labels_touched == (9,)
    assert work.bounding_box == ((0, 299), (0, 299))


def test_points_set_by_hand_are_told_from_points_set_by_code(
    viewer: Viewer, settled: Any, by_mouse: Later, recorder: Recorder
) -> None:
    layer = viewer.add_points(np.zeros((1, 2)), name="spots")
    by_mouse(layer.add, [3, 4])
    by_mouse(layer.add, [5, 9])
    step = settled()[-1]
    assert step.manual is not None
    assert (step.manual.strokes, step.manual.modes) == (2, ("add",))
    assert step.manual.bounding_box == ((3, 5), (4, 9))
    layer.data = np.ones((3, 2))
    step = settled()[-1]
    assert step.manual is None and step.name.endswith("changed “spots”")


def test_shapes_drawn_by_hand_are_a_step(viewer: Viewer, settled: Any, by_mouse: Later) -> None:
    layer = viewer.add_shapes([np.array([[0, 0], [4, 4]])], shape_type="line", name="lines")
    by_mouse(layer.add, np.array([[1, 1], [9, 7]]), shape_type="line")
    step = settled()[-1]
    assert step.manual is not None and step.name == "Drew in “lines”"
    assert step.manual.bounding_box == ((1, 9), (1, 7))


@pytest.mark.parametrize("silent", ["undo", "array"])
def test_undo_and_direct_writes_are_found_when_checksums_are_compared(
    viewer: Viewer, settled: Any, by_mouse: Later, silent: str
) -> None:
    layer = viewer.add_labels(np.zeros((16, 16), "uint8"), name="nuclei")
    layer.mode = "paint"
    by_mouse(layer.paint, (4, 4), 2)
    count = len(settled())
    if silent == "undo":
        by_mouse(layer.undo)
    else:
        layer.data[3, 3] = 9
    (step,) = settled()[count:]
    assert step.observed == "checksum" and step.confidence is Confidence.OPAQUE
    assert len(settled()) == count + 1, "told once"


def test_a_silent_change_is_told_before_the_step_that_used_it(
    viewer: Viewer, qtbot: QtBot, settled: Any
) -> None:
    layer = _image(viewer)
    settled()
    gui = _docked(viewer, qtbot, blur)
    layer.data[2, 2] = 5.0
    gui.call_button.native.click()
    silent, run = settled()[-2:]
    assert silent.observed == "checksum" and run.name == "Blur"
    assert [slot.data for slot in run.inputs] == [slot.data for slot in silent.outputs]


# ---- what shows nothing of itself ------------------------------------------------------------


class Finder(QWidget):
    """A plugin's widget made of plain Qt."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.viewer = viewer
        self.size_of_spots = QSpinBox()
        self.size_of_spots.setValue(12)
        layout = QFormLayout(self)
        layout.addRow("Size:", self.size_of_spots)
        self.button = QPushButton("Find")
        layout.addRow(self.button)


def test_an_opaque_result_proposes_the_docked_widget_and_its_fields(
    viewer: Viewer, qtbot: QtBot, recorder: Recorder, settled: Any, by_mouse: Later
) -> None:
    finder = Finder(viewer)
    viewer.window.add_dock_widget(finder, name="Spindle Finder")
    asked: list[str] = []
    recorder.asked.connect(asked.append)
    by_mouse(viewer.add_labels, np.zeros((4, 4), "uint8"), name="spindles")
    step = settled()[-1]
    assert step.name == "Something made “spindles”" and step.confidence is Confidence.OPAQUE
    proposal = recorder.proposals[step.id]
    assert asked == [step.id]
    assert proposal.tool.name == "Spindle Finder" and not proposal.sure
    assert {p.name: p.value for p in proposal.parameters} == {"Size": 12}
    recorder.confirm(step.id)
    declared = recorder.ledger.history.step(step.id)
    assert declared.confidence is Confidence.DECLARED
    assert declared.tool.name == "Spindle Finder" and not recorder.proposals


def test_layers_that_replace_others_in_one_turn_are_taken_together(
    viewer: Viewer, recorder: Recorder, settled: Any, by_mouse: Later
) -> None:
    layer = _image(viewer)
    before = recorder.states.now(layer)
    count = len(settled())

    by_mouse(partial(_swap_without_code, viewer))
    (step,) = settled()[count:]
    assert [slot.data for slot in step.inputs] == [before]
    assert _names(recorder, step)[1] == ["other"]


def _swap_without_code(viewer: Viewer) -> None:
    viewer.layers.pop(0)
    viewer.add_image(np.zeros((3, 3)), name="other")


def test_a_step_done_elsewhere_can_be_described(
    viewer: Viewer, recorder: Recorder, settled: Any
) -> None:
    from napari_fair.model import Parameter, Tool

    one, two = _image(viewer, "raw"), _image(viewer, "segmented")
    step = recorder.declare_elsewhere(
        Tool(name="Cellpose", version="3.1", package="cellpose"),
        (Parameter(name="diameter", value=30),),
        used=[one],
        made=[two],
        ended="2026-11-20T10:00:00+01:00",
    )
    assert settled()[-1].id == step.id
    assert step.confidence is Confidence.DECLARED
    assert _names(recorder, step) == (["raw"], ["segmented"])
    assert step.ended == "2026-11-20T09:00:00+00:00"


# ---- pause, leave out, off -------------------------------------------------------------------


def test_nothing_is_recorded_while_paused_and_what_came_is_named(
    viewer: Viewer, recorder: Recorder, settled: Any
) -> None:
    _image(viewer, "first")
    count = len(settled())
    recorder.pause()
    _image(viewer, "second")
    assert len(settled()) == count
    recorder.resume()
    (step,) = settled()[count:]
    assert "second" in step.name and "paused" in step.name


def test_a_layer_left_out_appears_nowhere(
    viewer: Viewer, qtbot: QtBot, recorder: Recorder, settled: Any
) -> None:
    layer = _image(viewer, "secret")
    count = len(settled())
    recorder.leave_out(layer)
    layer.data = np.zeros((4, 4))
    assert len(settled()) == count
    _docked(viewer, qtbot, blur).call_button.native.click()
    step = settled()[-1]
    assert _names(recorder, step)[0] == ["a layer left out of the history"]
    assert not recorder.ledger.history.ref(step.inputs[0].data).content_sha256


def test_off_leaves_napari_as_it_was(viewer: Viewer, qtbot: QtBot) -> None:
    layer = viewer.add_labels(np.zeros((8, 8), "uint8"))
    gui = _docked(viewer, qtbot, blur)

    def connections() -> list[int]:
        events = layer.events
        signals = (events.data, events.paint, events.labels_update, events.features)
        lists = (viewer.layers.events.inserted, viewer.layers.events.removed)
        notes = notification_manager.notification_ready
        return [
            *(len(emitter.callbacks) for emitter in (*signals, *lists, notes)),
            len(gui.called),
            len(gui.call_button.changed),
        ]

    before = connections()
    recorder = Recorder(viewer)
    assert connections() == before
    recorder.start()
    qtbot.wait(50)
    assert connections() != before
    recorder.stop()
    assert connections() == before
    _image(viewer)
    qtbot.wait(50)
    assert not any("cells" in step.name for step in recorder.ledger.steps)
    recorder.close()


def test_no_reference_to_the_data_of_a_removed_layer_is_kept(
    viewer: Viewer, qtbot: QtBot, recorder: Recorder, settled: Any
) -> None:
    layer = viewer.add_image(np.random.default_rng(0).random((64, 64)), name="big")
    gui = _docked(viewer, qtbot, blur)
    gui.call_button.native.click()
    settled()
    held = [weakref.ref(found) for found in viewer.layers]
    data = [weakref.ref(found.data) for found in viewer.layers]
    viewer.window.remove_dock_widget(gui.native)
    gui.close()
    del gui, layer
    while viewer.layers:
        viewer.layers.pop()
    settled()
    qtbot.wait(50)
    for _ in range(3):
        gc.collect()
    assert [ref() is not None for ref in data] == [False, False]
    assert [ref() is not None for ref in held] == [False, False]


def test_a_fault_of_the_recorder_is_told_and_spoils_nothing_else(
    viewer: Viewer, recorder: Recorder, settled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_layer: object) -> str:
        raise RuntimeError("our own fault")

    monkeypatch.setattr(recorder.states, "begin", fail)
    _image(viewer)
    monkeypatch.undo()
    assert [layer.name for layer in viewer.layers] == ["cells"]
    step = settled()[-1]
    assert step.name == "A step could not be recorded" and "our own fault" in step.gap


def test_steps_of_code_that_describes_itself_join_the_history(
    viewer: Viewer, recorder: Recorder, settled: Any
) -> None:
    from napari_fair.provenance import record_step

    with record_step("Count", parameters={"cutoff": 4}):
        pass
    assert [step.name for step in settled()] == ["Count"]


def test_measurements_written_to_a_layer_are_a_table(
    viewer: Viewer, recorder: Recorder, settled: Any
) -> None:
    layer = viewer.add_labels(np.ones((4, 4), "uint8"), name="nuclei")
    settled()
    layer.features = {"index": [1], "area": [16]}
    step = settled()[-1]
    assert "measured" in step.name
    assert _names(recorder, step) == (["nuclei"], ["measurements of nuclei"])
