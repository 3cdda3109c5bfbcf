"""An analysis with napari plugins that others wrote: recorded, saved, and run again.

napari-skimage has magicgui functions, napari-filter-labels-by-prop a plain Qt widget, and
napari-manual-labels-editor works in threads and writes into arrays without a word.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QGroupBox, QPushButton

from napari_fair.model import Confidence, Step
from napari_fair.provenance import History
from napari_fair.provenance.registry import Allowed
from napari_fair.provenance.replay import Replay, replay
from napari_fair.provenance.script import script
from napari_fair.viewer.history_actions import arrays_in

if TYPE_CHECKING:
    from napari import Viewer
    from pytestqt.qtbot import QtBot

    from napari_fair.viewer.dock import FairDock

PLUGINS = ("napari_skimage", "napari_filter_labels_by_prop", "napari_manual_labels_editor")
_missing = [name for name in PLUGINS if find_spec(name) is None]
pytestmark = [
    pytest.mark.skipif(
        bool(_missing),
        reason=f"the dependency group plugins is not installed ({', '.join(_missing)})",
    ),
    # theirs, not ours
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

REPLAYABLE, DECLARED, OPAQUE = Confidence.REPLAYABLE, Confidence.DECLARED, Confidence.OPAQUE


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Round nuclei with noise, one of them small."""
    folder = tmp_path / "2026-11-20 Zellkerne µ"
    folder.mkdir()
    y, x = np.mgrid[:96, :96]
    spots = ((24, 24, 12), (26, 70, 10), (70, 28, 11), (72, 72, 3))
    cells = sum(200 * (np.hypot(y - row, x - column) < size) for row, column, size in spots)
    noisy = cells + np.random.default_rng(4).normal(20, 6, (96, 96))
    path = folder / "nuclei.tif"
    tifffile.imwrite(path, noisy.clip(0, 255).astype("uint8"))
    return path


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer(show=True)


class Analyst:
    """Does what a person does: presses buttons of docked widgets, paints, saves."""

    def __init__(self, qtbot: QtBot, viewer: Viewer, dock: FairDock) -> None:
        self.qtbot, self.viewer, self.dock = qtbot, viewer, dock

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, when everything that happened is recorded."""
        over: list[bool] = []
        self.dock.history.settle(lambda: over.append(True))
        recorder = self.dock.recorder
        self.qtbot.waitUntil(lambda: bool(over) and not recorder.busy, timeout=20_000)
        assert recorder.states.wait(20)
        self.dock.history.keep()
        return recorder.ledger.steps

    def open(self, plugin: str, widget: str) -> Any:
        _, found = self.viewer.window.add_plugin_dock_widget(plugin, widget)
        self.qtbot.wait(60)
        return found

    def press(self, gui: Any) -> Any:
        gui.call_button.native.click()
        self.qtbot.wait(60)
        return self.viewer.layers[-1]

    def by_mouse(self, do: Callable[..., object], *args: object) -> None:
        QTimer.singleShot(0, partial(do, *args))
        self.qtbot.wait(40)

    def select(self, layer: Any) -> None:
        self.viewer.layers.selection.active = layer
        self.qtbot.wait(40)


@pytest.fixture
def analyst(qtbot: QtBot, viewer: Viewer, image: Path) -> Iterator[Analyst]:
    viewer.open(image, plugin="napari")
    _, dock = viewer.window.add_plugin_dock_widget("napari-fair", "FAIR annotation")
    qtbot.waitUntil(lambda: dock.settled and dock.model.session is not None, timeout=20_000)
    dock.recorder.start()
    yield Analyst(qtbot, viewer, dock)
    dock.recorder.close()
    dock.model.close()


def _analyse(analyst: Analyst) -> None:
    """Denoise, threshold, label, correct by hand, relabel in a thread, filter, measure."""
    viewer = analyst.viewer
    raw = viewer.layers[0]
    denoise = analyst.open("napari-skimage", "Gaussian filter")
    denoise.sigma.value = 1.5
    smooth = analyst.press(denoise)
    threshold = analyst.open("napari-skimage", "Automated Threshold")
    threshold.img_layer.value = smooth
    mask = analyst.press(threshold)
    label = analyst.open("napari-skimage", "Label connected components")
    label.labels_layer.value = mask
    labels = analyst.press(label)
    assert analyst.steps  # the labels are checksummed before they are painted on

    analyst.select(labels)
    labels.mode = "paint"
    labels.brush_size = 5
    analyst.by_mouse(labels.paint, (24, 38), 9)
    analyst.by_mouse(labels.paint, (30, 40), 9)
    assert analyst.steps

    editor = analyst.open("napari-manual-labels-editor", "Manual Labels Editor")
    analyst.select(labels)
    editor.findChild(QGroupBox).setChecked(True)
    analyst.press(editor.btn_pick)
    analyst.press(editor.btn_relabel)
    analyst.qtbot.waitUntil(lambda: 9 not in labels.data, timeout=20_000)

    by_size = analyst.open("napari-filter-labels-by-prop", "Filter labels by properties")
    by_size.lbl_combobox.setCurrentText(labels.name)
    by_size.prop_combobox.setCurrentText("area")
    by_size.filter_widget.min_slider.setValue(100)
    buttons = by_size.findChildren(QPushButton)
    next(b for b in buttons if b.text() == "Create Labels").click()
    analyst.qtbot.wait(60)

    measure = analyst.open("napari-skimage", "Regionprops (labels)")
    measure.labels_layer.value = viewer.layers[-1]
    measure.image_layer.value = raw
    measure.properties.value = ["label", "area"]
    analyst.press(measure)
    analyst.select(raw)


def _replayed(analyst: Analyst, tmp_path: Path, **changes: Any) -> tuple[History, Replay]:
    session = analyst.dock.model.session
    assert session is not None
    history = History.of(session.dataset)
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    result = replay(history, session.folder, load=arrays_in, allowed=Allowed(), out=out, **changes)
    return history, result


def test_an_analysis_with_plugins_of_others_is_recorded_and_reproduced(
    analyst: Analyst, tmp_path: Path, image: Path
) -> None:
    _analyse(analyst)
    steps = analyst.steps

    # every step is named, with what is known of it
    told = {step.name: step for step in steps}
    for name, values in {
        "Gaussian filter": {"sigma": 1.5, "preserve_range": False, "mode": "reflect"},
        "Automated Threshold": {"method": "otsu"},
        "Label connected components": {"connectivity": 2, "background": 0},
    }.items():
        step = told[name]
        assert step.confidence is REPLAYABLE
        assert (step.tool.package, step.tool.version[:3]) == ("napari-skimage", "0.7")
        assert step.tool.plugin == "napari-skimage"
        assert {p.name: p.value for p in step.parameters} == values
    assert told["Opened nuclei.tif"].confidence is REPLAYABLE

    (painted,) = [step for step in steps if step.observed == "paint"]
    assert painted.manual is not None and painted.manual.strokes == 2
    assert 9 in painted.manual.labels_touched

    (silent,) = [step for step in steps if step.observed == "checksum"]
    assert silent.confidence is OPAQUE
    proposed = analyst.dock.recorder.proposals[silent.id].tool
    assert proposed.package == "napari-manual-labels-editor"

    measured = [step for step in steps if "measured" in step.name]
    (filtered,) = [s for s in steps if s.name.startswith("Something made")]
    for step in (*measured, filtered):
        assert step.confidence is OPAQUE
        assert step.tool.package == "napari-filter-labels-by-prop"
    table = told["Regionprops (labels)"]
    assert table.confidence is OPAQUE and "could not be compared" in table.gap
    assert {p.name: p.value for p in table.parameters}.keys() == {"properties"}

    # the chain: what was painted on is what the labelling gave, what was used is what it showed
    assert painted.inputs[0].data == told["Label connected components"].outputs[0].data
    assert silent.inputs[0].data == painted.outputs[0].data
    order = [step.id for step in steps]
    assert order.index(painted.id) < order.index(silent.id) < order.index(filtered.id)

    # a person says what the opaque one was
    analyst.dock.recorder.confirm(filtered.id)
    analyst.dock.history.keep()
    said = analyst.dock.recorder.ledger.history.step(filtered.id)
    assert said.confidence is DECLARED
    assert said.tool.name == "Filter labels by properties"
    values = {p.name: p.value for p in said.parameters}
    assert values["Measurement"] == "area" and values["Min"] == pytest.approx(100, rel=1e-3)

    # run again: exact where it can be
    history, result = _replayed(analyst, tmp_path)
    verdicts = {one.step.name: one.verdict.value for one in result.steps}
    replayable = [s.name for s in history.steps if s.confidence is REPLAYABLE and not s.failed]
    assert len(replayable) == 4
    assert {verdicts[name] for name in replayable} == {"exact"}
    assert {verdicts[s.name] for s in history.steps if s.confidence is not REPLAYABLE} == {
        "not verified"
    }

    # another parameter: different, and it says which
    blur = next(step for step in history.steps if step.name == "Gaussian filter")
    _, other = _replayed(analyst, tmp_path, changes={blur.id: {"sigma": 3.0}})
    changed = next(one for one in other.steps if one.step.id == blur.id)
    assert changed.verdict.value == "different"
    assert any("sigma" in text for text in changed.differences)

    # the script does it in a Python of its own, up to the work by hand
    text = script(history, allowed=Allowed())
    path = tmp_path / "analysis.py"
    path.write_text(text, "utf-8")
    run = subprocess.run(
        [sys.executable, str(path), str(image.parent)], capture_output=True, text=True, timeout=120
    )
    assert run.stdout.count(": exact") == 3, run.stdout + run.stderr
    assert "different" not in run.stdout.replace("0 different", "")
    assert "Painted" in run.stdout, run.stdout + run.stderr  # said, and needed by nothing that runs
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_saved_crate_tells_the_whole_history(
    analyst: Analyst, qtbot: QtBot, image: Path
) -> None:
    from napari_fair.session import open_folder

    _analyse(analyst)
    dock = analyst.dock
    steps = analyst.steps
    dock.save()
    qtbot.waitUntil(lambda: bool(dock.model.saving.written) and dock.settled, timeout=20_000)
    again = open_folder(image.parent).dataset
    assert [step.id for step in again.steps] == [step.id for step in steps]
    assert [step.name for step in again.steps] == [step.name for step in steps]
    unsaved = [ref for ref in again.data if ref.kind == "labels"]
    assert unsaved and not any(ref.saved for ref in unsaved)
    assert next(ref for ref in again.data if ref.kind == "file").path == "nuclei.tif"
    method = dock.model.view("annotation.method")
    assert "corrected by hand in napari" in method.text and "2 strokes" in method.text
