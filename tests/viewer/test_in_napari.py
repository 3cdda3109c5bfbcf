"""The real dock in a real napari, through public names only."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QDialog

from napari_fair.headers import read_header
from napari_fair.model import Level, State
from napari_fair.session import Change, SaveJob, open_folder
from napari_fair.session.image_pairs import pair_path
from napari_fair.viewer.qt_text import lay_out
from napari_fair.viewer.table_names import NamesDialog
from napari_fair.viewer.table_plate import PlateDialog
from napari_fair.viewer.term_editor import TermEditor

if TYPE_CHECKING:
    from napari import Viewer

    from napari_fair.viewer.dock import FairDock

PLUGIN, WIDGET = "napari-fair", "FAIR annotation"
IMAGES = Path(__file__).parents[2] / "docs" / "images"
SPEAKING = {
    "study.title": "Mitotic spindle length in HeLa cells after drug A",
    "study.description": "Time-lapse of dividing HeLa cells, treated or not, to measure spindles.",
    "study.authors": "Josiah Carberry <0000-0002-1825-0097> @ Brown University",
    "study.license": "CC-BY-4.0",
    "study.keywords": "mitosis; spindle; live imaging",
    "study.date_published": "2027-03-01",
    "biosample.organism": "human",
    "specimen.preparation": "4 % PFA, permeabilised, anti-tubulin AF488, DAPI",
    "acquisition.imaging_method": "spinning disk",
}


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Viewer]) -> Viewer:
    viewer = make_napari_viewer_proxy(show=True)
    viewer.window.resize(1280, 720)
    return viewer


def _dock(qtbot: QtBot, viewer: Viewer) -> FairDock:
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)
    qtbot.waitUntil(lambda: dock.settled and dock.model.session is not None)
    dock.window().activateWindow()
    return dock


def _type(qtbot: QtBot, dock: FairDock, path: str, text: str) -> None:
    assert dock.go_to(path)
    row = dock.form.row(path)
    assert row is not None
    qtbot.waitUntil(row.editor.hasFocus)
    qtbot.keyClicks(row.editor.face, text)
    dock.form.commit()


def test_fill_save_close_reopen(
    qtbot: QtBot, viewer: Viewer, ome_tiff: Path, make_napari_viewer_proxy: Callable[..., Viewer]
) -> None:
    before = hashlib.sha256(ome_tiff.read_bytes()).hexdigest()
    viewer.open(ome_tiff)
    dock = _dock(qtbot, viewer)
    _type(qtbot, dock, "study.title", "Spindles")
    _type(qtbot, dock, "study.keywords", "mitosis; spindle")
    dock.model.set_state("study.authors", State.UNKNOWN)
    dock.save()
    qtbot.waitUntil(lambda: bool(dock.model.saving.written) and dock.settled)
    left = {path: dock.model.view(path) for path in dock.form.paths()}
    viewer.close()
    dock.model.close()

    again = make_napari_viewer_proxy(show=True)
    again.open(ome_tiff)
    reopened = _dock(qtbot, again)
    assert {path: reopened.model.view(path) for path in reopened.form.paths()} == left
    assert hashlib.sha256(ome_tiff.read_bytes()).hexdigest() == before


def test_a_crate_opens_with_channels_scale_and_its_record(
    qtbot: QtBot, viewer: Viewer, ome_tiff: Path
) -> None:
    session = open_folder(ome_tiff.parent)
    session.add(read_header(ome_tiff))
    session.set("study.title", "Of the crate")
    session.save()
    session.close()
    viewer.open(ome_tiff.parent / "ro-crate-metadata.json", plugin=PLUGIN)
    assert len(viewer.layers) == 2
    assert tuple(viewer.layers[0].scale) == (0.3, 0.108, 0.108)
    assert [str(unit) for unit in viewer.layers[0].units] == ["micrometer"] * 3
    dock = _dock(qtbot, viewer)
    assert dock.model.file_name == ome_tiff.name
    assert dock.model.text("study.title") == "Of the crate"
    form = list(dock.form.rows)
    viewer.layers.selection.active = viewer.layers[0]
    assert dock.form.rows == form  # both channels are views of one image


def test_a_sample_is_a_draft_that_asks_where_it_belongs(
    qtbot: QtBot, viewer: Viewer, ome_tiff: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qtpy.QtWidgets import QFileDialog

    pytest.importorskip("skimage")
    viewer.open_sample("napari-fair", "ihc")
    dock = _dock(qtbot, viewer)
    assert "no file yet" in dock.model.sentence
    _type(qtbot, dock, "study.title", "Typed before")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(ome_tiff), ""))
    dock.save()
    qtbot.waitUntil(lambda: dock.model.image is not None and dock.settled)
    assert dock.model.text("study.title") == "Typed before"


def test_errors_are_notifications_of_one_sentence(
    qtbot: QtBot, viewer: Viewer, ome_tiff: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari.utils.notifications import notification_manager

    from napari_fair.files import DiskFull

    def full(*_: object) -> None:
        raise DiskFull("'a' was not written because the disk is full; free some space.")

    monkeypatch.setattr(SaveJob, "run", full)
    viewer.open(ome_tiff)
    dock = _dock(qtbot, viewer)
    with notification_manager:
        before = len(notification_manager.records)
        dock.save()
        qtbot.waitUntil(lambda: len(notification_manager.records) > before)
    assert "disk is full" in notification_manager.records[-1].message
    assert dock.model.session is not None
    dock.model.saving.changed.emit()
    assert dock.footer.save.isEnabled()


def test_the_dock_never_widens_the_window(qtbot: QtBot, viewer: Viewer, ome_tiff: Path) -> None:
    viewer.open(ome_tiff)
    dock = _dock(qtbot, viewer)
    assert viewer.window.geometry()[2:] == (1280, 720)
    assert dock.width() <= 400
    assert dock.height() > 600


def test_closing_the_dock_leaves_nothing_connected(
    qtbot: QtBot, viewer: Viewer, ome_tiff: Path
) -> None:
    viewer.open(ome_tiff)
    dock = _dock(qtbot, viewer)
    model = dock.model
    model.set("study.title", "Kept")
    qtbot.waitUntil(lambda: dock.settled)
    with qtbot.waitSignal(dock.destroyed):
        viewer.window.remove_dock_widget(dock)
        dock.deleteLater()
    viewer.add_image(np.zeros((4, 4)))
    model.record_changed.emit()
    assert _dock(qtbot, viewer).model is model


def _filled(ome_tiff: Path) -> None:
    session = open_folder(ome_tiff.parent)
    session.add(read_header(ome_tiff))
    for field, text in SPEAKING.items():
        session.set(field, text)
    session.save()
    session.close()


def _picture(qtbot: QtBot, viewer: Viewer, dock: FairDock, tmp_path: Path, name: str) -> None:
    qtbot.waitUntil(lambda: dock.settled)
    lay_out()
    folder = IMAGES if os.environ.get("NAPARI_FAIR_UPDATE_IMAGES") else tmp_path
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.png"
    pixels = viewer.window.screenshot(str(path), flash=False, canvas_only=False)
    assert path.stat().st_size > 10_000
    assert pixels.shape[:2] == (720, 1280)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_screenshot_of_the_dock(
    qtbot: QtBot, viewer: Viewer, ome_tiff: Path, tmp_path: Path, theme: str
) -> None:
    _filled(ome_tiff)
    viewer.theme = theme
    viewer.open(ome_tiff.parent / "ro-crate-metadata.json", plugin=PLUGIN)
    dock = _dock(qtbot, viewer)
    dock.go_to("acquisition.instrument")
    row = dock.form.row("acquisition.instrument")
    assert row is not None
    qtbot.waitUntil(row.hint.isVisible)
    qtbot.waitUntil(lambda: row.hint.y() > row.editor.geometry().bottom())
    qtbot.waitUntil(lambda: row.visibleRegion().boundingRect().height() == row.height())
    _picture(qtbot, viewer, dock, tmp_path, f"dock_{theme}")


@pytest.mark.parametrize("level", [Level.PUBLISH, Level.EXPERT])
def test_screenshot_of_each_level(
    qtbot: QtBot, viewer: Viewer, ome_tiff: Path, tmp_path: Path, level: Level
) -> None:
    _filled(ome_tiff)
    viewer.open(ome_tiff.parent / "ro-crate-metadata.json", plugin=PLUGIN)
    dock = _dock(qtbot, viewer)
    dock.model.set_level(level)
    sample = dock.model.blocks.used("biosample")
    assert sample is not None
    dock.model.blocks.rename("biosample", sample.id, "HeLa, control")
    dock.model.set("biosample.biological_entity", "HeLa")
    shown = "Channels" if level is Level.EXPERT else "Sample"
    for fold in dock.form.folds:
        fold.fold(fold.title != shown)

    def laid_out() -> bool:
        rows = [row for row in dock.form.rows if row.isVisible()]
        return all(row.height() >= row.sizeHint().height() for row in rows)

    qtbot.waitUntil(laid_out)
    _picture(qtbot, viewer, dock, tmp_path, f"dock_{level}")


def test_screenshot_of_the_term_search(
    qtbot: QtBot, viewer: Viewer, ome_tiff: Path, tmp_path: Path
) -> None:
    from qtpy.QtGui import QImage, QPainter

    _filled(ome_tiff)
    viewer.open(ome_tiff.parent / "ro-crate-metadata.json", plugin=PLUGIN)
    dock = _dock(qtbot, viewer)
    assert dock.go_to("biosample.biological_entity")
    row = dock.form.row("biosample.biological_entity")
    assert row is not None and isinstance(row.editor, TermEditor)
    qtbot.waitUntil(row.editor.hasFocus)
    qtbot.keyClicks(row.editor, "hela")
    popup = row.editor.list
    qtbot.waitUntil(popup.isVisible)
    qtbot.waitUntil(lambda: dock.settled)
    place = dock.window().mapFromGlobal(popup.window().pos())
    drawn = popup.grab()
    folder = IMAGES if os.environ.get("NAPARI_FAIR_UPDATE_IMAGES") else tmp_path
    path = folder / "term_search.png"
    viewer.window.screenshot(str(path), flash=False, canvas_only=False)
    whole = QImage(str(path))  # the list of terms is a window of its own
    painter = QPainter(whole)
    painter.drawPixmap(place, drawn)
    painter.end()
    assert whole.save(str(path))
    assert row.editor.offered()[0].label == "HeLa"


def test_screenshot_of_the_table(
    qtbot: QtBot, viewer: Viewer, ome_tiff: Path, tmp_path: Path
) -> None:
    _filled(ome_tiff)
    names = ("WT_00uM_rep1.ome.tif", "WT_10uM_rep1.ome.tif", "Ms_10uM_rep1.ome.tif")
    for name in (*names, *(f"Ms_00uM_rep{number}.ome.tif" for number in range(1, 10))):
        shutil.copy(ome_tiff, ome_tiff.with_name(name))
    viewer.open(ome_tiff)
    dock = _dock(qtbot, viewer)
    session = dock.model.session
    assert session is not None
    images = [session.add(read_header(ome_tiff.with_name(n))).images[0].id for n in names]
    session.set("biosample.biological_entity", "HeLa")
    session.set("biosample.organism", "mouse", image=images[2])
    session.set("biosample.biological_entity", "my own cells", image=images[2])
    session.set("image.acquisition_date", "unknown", image=images[0])
    for image, dose in zip(images, ("none", "drug A 10 µM", "drug A 10 µM"), strict=True):
        session.set("biosample.extrinsic_variables", dose, image=image)
    said = [Change(image, pair_path("replicate"), "", "1") for image in images]
    session.set_many(said)
    dock.tabs.setCurrentIndex(1)
    columns = ["biosample.organism", "biosample.biological_entity", "image.acquisition_date"]
    dock.table.show_columns(["biosample.extrinsic_variables", pair_path("replicate"), *columns])
    _picture(qtbot, viewer, dock, tmp_path, "table")
    dock.table.wider.click()
    window = dock.table.window()
    assert window is not dock.window()
    folder = IMAGES if os.environ.get("NAPARI_FAIR_UPDATE_IMAGES") else tmp_path
    assert window.grab().save(str(folder / "table_window.png"))
    window.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots_of_the_names_and_the_plate(
    qtbot: QtBot,
    viewer: Viewer,
    ome_tiff: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    theme: str,
) -> None:
    _filled(ome_tiff)
    first = ome_tiff.with_name("B02_WT_DMSO_0uM_rep1.ome.tif")
    for row, column in product("BCD", range(2, 8)):
        dose = "DMSO_0uM" if column < 5 else "drugA_10uM"
        name = f"{row}{column:02}_{'KO' if row == 'D' else 'WT'}_{dose}_rep{column % 3 + 1}"
        shutil.copy(ome_tiff, ome_tiff.with_name(f"{name}.ome.tif"))
    shutil.copy(ome_tiff, first)
    ome_tiff.unlink()
    viewer.theme = theme
    viewer.open(first)
    dock = _dock(qtbot, viewer)
    dock.model.answer_renamed(same=True)
    dock.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: dock.table.folder.add.isVisible() and dock.settled)
    dock.table.folder.add.click()
    qtbot.waitUntil(lambda: dock.table.images.rowCount() > 17 and dock.settled)
    wanted = theme == "dark" and os.environ.get("NAPARI_FAIR_UPDATE_IMAGES")
    folder = IMAGES if wanted else tmp_path

    def pictured(name: str) -> Callable[[QDialog], bool]:
        def shown(dialog: QDialog) -> bool:
            dialog.show()
            if isinstance(dialog, PlateDialog):
                _paint(dialog)
            qtbot.waitUntil(lambda: dialog.take.isEnabled())  # type: ignore[attr-defined]
            assert dialog.grab().save(str(folder / f"{name}.png"))
            return False

        return shown

    monkeypatch.setattr(NamesDialog, "exec", pictured("table_names"))
    monkeypatch.setattr(PlateDialog, "exec", pictured("table_plate"))
    dock.table.names.click()
    qtbot.waitUntil(lambda: dock.settled)
    dock.table.plate.click()
    qtbot.waitUntil(lambda: dock.settled)
    assert len(list(folder.glob("table_*.png"))) >= 2


def _paint(dialog: PlateDialog) -> None:
    dialog.say(0, 0, "HeLa")
    dialog.say(0, 2, "DMSO")
    dialog.add_condition()
    dialog.say(1, 0, "HeLa")
    dialog.say(1, 2, "drug A 10 µM")
    wells = [f"{row}{column:02}" for row, column in product("BCD", range(2, 8))]
    dialog.paint_wells([well for well in wells if well[1:] < "05"], 0)
    dialog.paint_wells([well for well in wells if well[1:] > "05"], 1)


def test_the_checksum_of_a_large_file_follows_in_the_background(
    qtbot: QtBot, viewer: Viewer, tmp_path: Path
) -> None:
    path = tmp_path / "large.tif"
    tifffile.imwrite(path, np.zeros((17, 1024, 1024), "uint8"))
    viewer.open(path)
    dock = _dock(qtbot, viewer)
    said: list[str] = []
    dock.model.saving.changed.connect(lambda: said.append(dock.model.saving.sentence))
    dock.save()
    qtbot.waitUntil(lambda: bool(dock.model.saving.written) and dock.settled, timeout=20_000)
    assert any("Checksum pending" in sentence for sentence in said)
    assert "Checksum pending" not in dock.footer.sentence.text()
    source = dock.model.source
    assert source is not None
    assert source.files[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_cancelled_checksum_stays_pending(
    qtbot: QtBot, viewer: Viewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.tif"
    tifffile.imwrite(path, np.zeros((17, 1024, 1024), "uint8"))
    run = SaveJob.run

    def slow(job: SaveJob, progress: Any = None, cancelled: Any = None) -> object:
        while job.checksum_limit is None and not cancelled():
            Event().wait(0.005)
        return run(job, progress, cancelled)

    monkeypatch.setattr(SaveJob, "run", slow)
    viewer.open(path)
    dock = _dock(qtbot, viewer)
    dock.save()
    qtbot.waitUntil(dock.footer.cancel.isVisible)
    dock.footer.cancel.click()
    qtbot.waitUntil(lambda: not dock.model.saving.checksums_running)
    source = dock.model.source
    assert source is not None and source.files[0].sha256 == ""
    assert "Checksum pending" in dock.footer.sentence.text()
