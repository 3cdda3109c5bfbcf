"""The Live tab in a real napari, with the real engine and Micro-Manager's demo devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QWidget

from napari_fair.session import open_folder
from napari_fair.sidecar.validation import VerdictStatus, validate

if TYPE_CHECKING:
    from napari import Viewer

    from napari_fair.viewer.dock import FairDock
    from napari_fair.viewer.live_state import LiveModel

pytest.importorskip("ome_writers")
LONG = 10_000


class Scope(QWidget):
    """A docked widget with a core, as napari-micromanager's window is one."""

    def __init__(self, core: Any) -> None:
        super().__init__()
        self.core = core


@pytest.fixture(autouse=True)
def _folders_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "Aufnahmen vom 3. Mai #2"
    place.mkdir()
    return place


def _new_core() -> Any:
    plus = pytest.importorskip("pymmcore_plus")
    adapters = pytest.importorskip("mm_test_adapters")
    core = plus.CMMCorePlus()
    core.loadSystemConfiguration(str(Path(adapters.device_adapter_path()) / "MMConfig_demo.cfg"))
    core.setConfig("Objective", "20X")
    core.setROI(0, 0, 64, 48)
    return core


@pytest.fixture
def core(qapp: Any) -> Iterator[Any]:
    core = _new_core()
    yield core
    core.mda.cancel()
    core.unloadAllDevices()


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Viewer]) -> Viewer:
    viewer = make_napari_viewer_proxy(show=True)
    viewer.window.resize(1280, 720)
    return viewer


@pytest.fixture
def dock(qtbot: QtBot, viewer: Viewer, core: Any, folder: Path) -> Iterator[FairDock]:
    viewer.window.add_dock_widget(Scope(core), name="Scope", area="left")
    _, dock = viewer.window.add_plugin_dock_widget("napari-fair", "FAIR annotation")
    live = dock.live.live
    qtbot.waitUntil(lambda: live.listener is not None, timeout=LONG)
    live.choose_folder(folder)
    qtbot.waitUntil(lambda: live.listener is not None and live.session is not None, timeout=LONG)
    dock.show_live()
    yield dock
    _rest(qtbot, dock)
    live.close()
    dock.model.close()


def _sequence(loops: int = 4, **more: Any) -> Any:
    import useq

    return useq.MDASequence(
        channels=[{"config": "DAPI", "exposure": 1}, {"config": "FITC", "exposure": 2}],
        z_plan={"range": 2, "step": 1},
        time_plan={"interval": 0.2, "loops": loops},
        **more,
    )


def _rest(qtbot: QtBot, dock: FairDock) -> None:
    live = dock.live.live
    qtbot.waitUntil(lambda: live.current is None and live.saving.settled, timeout=LONG)
    qtbot.waitUntil(lambda: not live.saving.summing and dock.settled, timeout=LONG)


def _acquire(qtbot: QtBot, dock: FairDock, core: Any, path: Path | None, loops: int = 2) -> Any:
    live, before = dock.live.live, dock.live.live.last
    sequence = _sequence(loops)
    thread = core.run_mda(sequence, **({"output": str(path)} if path else {}))
    qtbot.waitUntil(lambda: not thread.is_alive() and live.last is not before, timeout=LONG)
    _rest(qtbot, dock)
    return sequence


def _banners(dock: FairDock) -> list[Any]:
    return [b for b in dock.live.unsaved.findChildren(QWidget, "banner") if not b.isHidden()]


def _words(banners: list[Any]) -> str:
    return " ".join(label.text() for b in banners for label in b.findChildren(QLabel))


def test_an_acquisition_is_the_image_shown_while_it_runs_and_has_its_sidecars_after(
    qtbot: QtBot, dock: FairDock, core: Any, folder: Path
) -> None:
    live, page = dock.live.live, dock.live
    thread = core.run_mda(_sequence(), output=str(folder / "HeLa 01.ome.zarr"))
    qtbot.waitUntil(lambda: live.current is not None and live.current.frames > 3, timeout=LONG)
    assert dock.model.file_name == "HeLa 01.ome.zarr"
    qtbot.waitUntil(lambda: page.state.frames.text().endswith(" of 24 frames"), timeout=LONG)
    page.notes.text.setText("drug added")
    page.press_note()
    qtbot.waitUntil(lambda: len(live.notes) == 1, timeout=LONG)
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=LONG)
    _rest(qtbot, dock)

    assert page.state.frames.text() == "24 frames"
    assert {path.name for path in folder.iterdir()} == {
        "HeLa 01.ome.zarr",
        "HeLa 01.ome.zarr.omexml",
        "ro-crate-metadata.json",
    }
    with_record = open_folder(folder)
    (image,) = with_record.sources()[0].images
    (note,) = with_record.dataset.notes
    assert (note.text, note.image) == ("drug added", image.id)
    assert note.the_t is not None
    assert with_record.view("image.size_t", image.id).text == "4"
    assert image.planes is not None
    assert len(list(image.planes.rows())) == 24
    with_record.close()
    ome = [v for v in validate(folder) if v.path.suffix == ".omexml"]
    assert [v.status for v in ome] == [VerdictStatus.PASSED]


def test_a_docked_core_is_heard_also_when_it_is_not_the_first_and_when_it_is_exchanged(
    qtbot: QtBot, dock: FairDock, core: Any, viewer: Viewer, folder: Path
) -> None:
    from pymmcore_plus import CMMCorePlus

    live = dock.live.live
    other = _new_core()
    assert CMMCorePlus.instance() is not other
    viewer.window.dock_widgets["Scope"].core = other
    qtbot.waitUntil(lambda: live.core is other and live.listener is not None, timeout=LONG)
    _acquire(qtbot, dock, other, folder / "a.ome.zarr")
    assert dock.model.file_name == "a.ome.zarr"
    before = live.last
    core.mda.run(_sequence(1))
    qtbot.wait(600)
    assert live.last is before
    other.unloadAllDevices()


def test_a_widget_whose_core_is_something_else_or_raises_is_passed_over() -> None:
    from napari_fair.viewer.live_cores import docked_core

    class Rude:
        @property
        def core(self) -> Any:
            raise RuntimeError("not now")

    class Window:
        dock_widgets = {"a": Rude(), "b": Scope, "c": object()}

    class Fake:
        window = Window()

    Window.dock_widgets["d"] = type("Magnet", (), {"core": "soft iron"})()
    assert docked_core(Fake()) is None
    assert docked_core(object()) is None


def test_data_that_are_not_saved_are_told_of_and_their_record_is_kept_until_they_are(
    qtbot: QtBot, dock: FairDock, core: Any, folder: Path, viewer: Viewer, tmp_path: Path
) -> None:
    live = dock.live.live
    dock.live.questions.ask(())
    sequence = _acquire(qtbot, dock, core, None)
    (image,) = live.unsaved
    assert image.frames == 12
    qtbot.waitUntil(lambda: "saved nowhere" in _words(_banners(dock)), timeout=LONG)
    (banner,) = _banners(dock)
    assert [button.text() for button in banner.buttons] == ["It is saved in …", "Let it go"]
    layer = viewer.add_image(
        np.zeros((4, 4)), metadata={"napari_micromanager": {"uid": sequence.uid}}
    )
    qtbot.waitUntil(lambda: dock.settled and dock.model.session is not None, timeout=LONG)
    dock.model.set("study.title", "Typed before it was saved")

    saved = tmp_path / "elsewhere" / "late.ome.zarr"
    saved.parent.mkdir()
    core.mda.run(_sequence(2), output=str(saved))
    _rest(qtbot, dock)
    late = folder / "late.ome.zarr"
    saved.rename(late)
    viewer.layers.selection.active = None
    viewer.layers.selection.active = layer
    qtbot.waitUntil(lambda: dock.settled, timeout=LONG)
    live.attach(image, late)
    qtbot.waitUntil(lambda: not live.unsaved, timeout=LONG)
    _rest(qtbot, dock)
    assert dock.model.file_name == "late.ome.zarr"
    assert dock.model.text("study.title") == "Typed before it was saved"
    assert (folder / "late.ome.zarr.omexml").is_file()
    subject = live.subject_of(layer)
    assert subject is not None
    assert subject.path == late


def test_an_image_that_is_saved_elsewhere_gets_its_record_there(
    qtbot: QtBot, dock: FairDock, core: Any, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _acquire(qtbot, dock, core, other / "a.ome.zarr")
    assert dock.live.live.problem == ""
    assert (other / "ro-crate-metadata.json").is_file()
    assert list(folder.iterdir()) == []


def test_snapped_images_are_told_of_together(qtbot: QtBot, dock: FairDock, core: Any) -> None:
    live = dock.live.live
    for count in (1, 2, 3):
        core.snapImage()
        qtbot.waitUntil(lambda count=count: len(live.unsaved) == count, timeout=LONG)
    qtbot.waitUntil(lambda: "like 2 before it" in _words(_banners(dock)), timeout=LONG)
    (banner,) = _banners(dock)
    banner.buttons[-1].click()
    assert live.unsaved == []


def test_what_micro_manager_does_not_know_is_asked_once(
    qtbot: QtBot, dock: FairDock, core: Any, folder: Path
) -> None:
    live, card = dock.live.live, dock.live.questions
    _acquire(qtbot, dock, core, folder / "a.ome.zarr")
    qtbot.waitUntil(lambda: bool(card.editors), timeout=LONG)
    assert not card.rows.isVisible()
    card.open.click()
    lens = next(key for key in card.editors if key.endswith("|objective.lens_na"))
    card.editors[lens].setText("wide")
    card.keep.click()
    assert card.problem.text()
    card.editors[lens].setText("0.75")
    card.keep.click()
    assert live.questions == ()
    _acquire(qtbot, dock, core, folder / "b.ome.zarr")
    assert live.questions == ()
    assert dock.model.text("objective.lens_na") == "0.75"


def test_what_is_chosen_at_the_start_is_said_of_every_image_and_the_rest_is_listed(
    qtbot: QtBot, dock: FairDock, core: Any, folder: Path
) -> None:
    live, page = dock.live.live, dock.live
    page.begin.boxes["who"].setEditText("J. Carberry")
    page.begin.boxes["sample"].setEditText("HeLa cell")
    page.begin.button.click()
    _acquire(qtbot, dock, core, folder / "a.ome.zarr")
    assert dock.model.text("image.operator") == "J. Carberry"
    assert dock.model.text("biosample.biological_entity") == "HeLa"
    report = dock.model.report
    missing = len(report.to_go)
    assert page.checklist.title.text() == f"{missing} things missing for this image"
    page.checklist.buttons[0].click()
    assert dock.tabs.currentIndex() == 0
    row = dock.form.row(report.to_go[0].field)
    assert row is not None
    page.live.sum_up()
    qtbot.waitUntil(lambda: bool(live.summary), timeout=LONG)
    assert live.summary[0] == "1 image taken (1 OME-Zarr), 0 event notes."


def _canvas(dock: FairDock) -> QWidget:
    widgets = dock.window().centralWidget().findChildren(QWidget)
    return next(w for w in widgets if type(w).__name__.startswith("CanvasBackend"))


def test_f8_notes_from_the_canvas_and_points_show_where(
    qtbot: QtBot, dock: FairDock, core: Any, folder: Path, viewer: Viewer
) -> None:
    live, page = dock.live.live, dock.live
    layer = viewer.add_image(np.zeros((4, 3, 48, 64)), axis_labels=("t", "z", "y", "x"))
    thread = core.run_mda(_sequence(), output=str(folder / "a.ome.zarr"))
    qtbot.waitUntil(lambda: live.current is not None and live.current.frames > 7, timeout=LONG)
    page.notes.text.setText("focus lost")
    dock.window().activateWindow()
    qtbot.waitUntil(dock.window().isActiveWindow, timeout=LONG)
    canvas = _canvas(dock)
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: len(live.notes) == 1, timeout=LONG)
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=LONG)
    _rest(qtbot, dock)
    page.notes.points.setChecked(True)
    (points,) = [one for one in viewer.layers if one.name == "Notes"]
    (note,) = live.notes
    assert points.data[0].tolist() == [note.the_t, note.the_z, 23.5, 31.5]
    assert points.ndim == layer.ndim
    page.notes.points.setChecked(False)
    assert [one.name for one in viewer.layers if one.name == "Notes"] == []


def test_a_watched_folder_takes_up_what_arrives_until_it_is_stopped(
    qtbot: QtBot, dock: FairDock, folder: Path, tmp_path: Path
) -> None:
    live: LiveModel = dock.live.live
    place = tmp_path / "arriving"
    place.mkdir()
    live.watch.start(place)
    tifffile.imwrite(place / "ä 1.tif", np.zeros((8, 8), "uint8"))
    (place / "broken.tif").write_bytes(b"II*\0nonsense")
    qtbot.waitUntil(lambda: live.watch.count == 1, timeout=LONG)
    _rest(qtbot, dock)
    assert (place / "ä 1.tif.companion.ome").is_file()
    live.watch.pause()
    qtbot.waitUntil(lambda: dock.settled, timeout=LONG)
    tifffile.imwrite(place / "b.tif", np.zeros((8, 8), "uint8"))
    assert live.watch.sentence.startswith("Paused arriving")
    live.watch.go_on()
    qtbot.waitUntil(lambda: (place / "b.tif.companion.ome").is_file(), timeout=LONG)
    live.watch.stop()
    _rest(qtbot, dock)
    assert live.watch.folder is None


def test_a_folder_that_is_gone_is_told_in_a_sentence(
    qtbot: QtBot, dock: FairDock, tmp_path: Path
) -> None:
    live = dock.live.live
    live.watch.start(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: bool(live.watch.problem), timeout=LONG)
    assert "nowhere" in live.watch.problem


def test_file_acquire_opens_the_dock_at_its_live_tab(qtbot: QtBot, viewer: Viewer) -> None:
    import napari_fair
    from napari_fair.viewer.live_command import live_session

    yaml = pytest.importorskip("yaml")
    manifest = Path(napari_fair.__file__).with_name("napari.yaml")
    menus = yaml.safe_load(manifest.read_text("utf-8"))["contributions"]["menus"]
    assert menus["napari/file/acquire"] == [{"command": "napari-fair.live_session"}]
    live_session(viewer)
    (dock,) = [w for w in viewer.window.dock_widgets.values() if hasattr(w, "show_live")]
    assert dock.tabs.tabText(dock.tabs.currentIndex()) == "Live"
    qtbot.waitUntil(dock.live.isVisible, timeout=LONG)
    assert not dock.live.notes.isVisible()
    qtbot.waitUntil(lambda: dock.settled, timeout=LONG)
