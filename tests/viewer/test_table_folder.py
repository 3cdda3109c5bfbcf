"""A folder of 200 similar images costs next to nothing, counted as in test_quick_entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint, Qt, QTimer
from qtpy.QtWidgets import QApplication, QMenu, QWidget

from napari_fair.readiness import check
from napari_fair.session.preset_shelf import save_preset
from napari_fair.sidecar import read_crate
from napari_fair.viewer.runner import Immediately
from napari_fair.viewer.state import AnnotationModel
from napari_fair.viewer.subjects import Subject, SubjectKind
from napari_fair.viewer.table_names import NamesDialog
from napari_fair.viewer.table_page import TablePage

if TYPE_CHECKING:
    from napari import Viewer

    from napari_fair.viewer.dock import FairDock

SAID = {
    "study.title": "Spindles",
    "study.description": "Dividing cells, treated or not, to measure spindles.",
    "study.authors": "Josiah Carberry <0000-0002-1825-0097>",
    "study.license": "CC-BY-4.0",
    "study.keywords": "mitosis; spindle",
    "study.date_published": "2027-03-01",
    "biosample.organism": "human",
    "biosample.biological_entity": "HeLa",
    "specimen.preparation": "4 % PFA",
    "acquisition.imaging_method": "spinning disk",
    "acquisition.instrument": "Ti2",
    "acquisition.parameters": "488 nm, 100 ms",
}


@pytest.fixture(autouse=True)
def _presets_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "napari_fair.session.preset_shelf.user_data_path", lambda *_, **__: tmp_path / "data"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """200 images named by genotype, dose, replicate and time."""
    place = tmp_path / "screen"
    place.mkdir()
    sizes = {"PhysicalSizeX": 0.108, "PhysicalSizeY": 0.108}
    date = {"AcquisitionDate": "2026-11-20T14:03:00"}
    for kind, dose, replicate, time in product(("WT", "KO"), (0, 10), range(1, 6), range(1, 11)):
        name = f"{kind}_{dose}uM_rep{replicate}_t{time:02}.ome.tif"
        pixels = np.zeros((8, 8), "uint8")
        tifffile.imwrite(place / name, pixels, ome=True, metadata={"axes": "YX", **sizes, **date})
    return place


class Person:
    """Uses the dock and counts: a click, a key chord or a text is one interaction."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.interactions = 0

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        assert widget.isVisible() and widget.isEnabled()
        place = at if at is not None else widget.rect().center()
        self._qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)
        self.interactions += 1

    def type(self, window: QWidget, text: str) -> None:
        """Type into what has the focus."""
        focus = window.focusWidget()
        assert focus is not None and focus.isVisible()
        self._qtbot.keyClicks(focus, text)
        self.interactions += 1

    def choose(self, button: Any, words: str) -> None:
        """Open a button's menu and click an entry: two interactions."""

        def pick() -> None:
            menu = QApplication.activePopupWidget()
            assert isinstance(menu, QMenu)
            action = next(a for a in menu.actions() if a.text().startswith(words))
            self.click(menu, menu.actionGeometry(action).center())

        QTimer.singleShot(0, pick)
        self.click(button)


@pytest.fixture
def person(qtbot: QtBot) -> Person:
    return Person(qtbot)


@pytest.fixture
def shown(
    qtbot: QtBot, make_napari_viewer_proxy: Callable[..., Viewer]
) -> Callable[[Path], FairDock]:
    """Return a function that opens a file in napari and returns the dock that shows it."""

    def show(path: Path) -> FairDock:
        viewer = make_napari_viewer_proxy(show=True)
        viewer.open(path)
        dock: FairDock
        dock = viewer.window.add_plugin_dock_widget("napari-fair", "FAIR annotation")[1]
        qtbot.waitUntil(lambda: dock.settled and dock.model.image is not None)
        return dock

    return show


def _tab(dock: FairDock, person: Person, name: str) -> None:
    number = next(n for n in range(dock.tabs.count()) if dock.tabs.tabText(n) == name)
    person.click(dock.tabs, dock.tabs.tabRect(number).center())


@pytest.mark.parametrize("described", ["in the form", "by a preset of the lab"])
def test_two_hundred_similar_images_take_at_most_ten_interactions(
    qtbot: QtBot,
    shown: Callable[[Path], FairDock],
    person: Person,
    folder: Path,
    described: str,
) -> None:
    files = sorted(folder.iterdir())
    before = {path: path.read_bytes() for path in files}
    dock = shown(files[0])
    for path, text in SAID.items():
        dock.model.set(path, text)
    if described == "by a preset of the lab":
        save_preset(dock.model.preset("Lab", ["study", "people", "sample", "protocol"]))
        while dock.model.session is not None and dock.model.session.can_undo:
            dock.model.undo()
        assert not dock.model.text("study.title")
        person.choose(dock.quick.presets, "Lab")  # counted from here
        qtbot.waitUntil(lambda: bool(dock.model.text("study.title")) and dock.settled)
        person.click(dock.readiness)  # goes to the date, which no preset holds
        person.type(dock.window(), SAID["study.date_published"])
    _tab(dock, person, "Table")
    qtbot.waitUntil(lambda: "199 more" in dock.table.folder.text)
    person.click(dock.table.folder.add)
    qtbot.waitUntil(lambda: dock.table.images.rowCount() == 200 and dock.settled, timeout=20_000)

    def take() -> None:
        dialog = dock.findChild(NamesDialog)
        if dialog is None or not dialog.isVisible() or not dialog.take.isEnabled():
            QTimer.singleShot(50, take)
            return
        person.click(dialog.take)

    QTimer.singleShot(0, take)
    person.click(dock.table.names)
    qtbot.waitUntil(lambda: "pair:replicate" in dock.table.images.columns)
    qtbot.waitUntil(lambda: dock.footer.save.text() == "&Save 200 images")
    assert "for 200 images" in dock.footer.sentence.text()
    person.click(dock.footer.save)
    qtbot.waitUntil(
        lambda: len(list(folder.glob("*.companion.ome"))) == 200 and dock.settled, timeout=60_000
    )
    assert person.interactions <= 10, person.interactions
    dataset = read_crate(folder).dataset
    assert len(dataset.sources) == 200
    report = check(dataset)
    assert report.to_go == (), [result.title for result in report.to_go]
    said = {
        (source.path, path): recorded
        for source in dataset.sources
        for path, recorded in source.images[0].overrides.items()
    }
    name = "KO_10uM_rep2_t03.ome.tif"
    dose = said[name, "biosample.extrinsic_variables"]
    assert dose.value == ("10 µM",)
    assert (dose.origin, dose.trust, dose.original) == ("file name", "guessed", "10uM")
    assert said[name, "biosample.intrinsic_variables"].value == ("KO",)
    source = next(source for source in dataset.sources if source.path == name)
    pairs = [(pair.key, pair.value) for pair in source.images[0].pairs]
    assert pairs == [("replicate", "2"), ("time point", "3")]
    assert {path: path.read_bytes() for path in files} == before


# ---- the parts, without a window of napari ----


@pytest.fixture
def model(folder: Path) -> Iterator[AnnotationModel]:
    for path in sorted(folder.iterdir())[5:]:
        path.unlink()
    first = sorted(folder.iterdir())[0]
    model = AnnotationModel(Immediately())
    model.look_at(Subject(SubjectKind.FILE, first, first.name))
    yield model
    model.close()


@pytest.fixture
def page(qtbot: QtBot, model: AnnotationModel) -> TablePage:
    page = TablePage(model)
    qtbot.addWidget(page)
    model.record_changed.connect(page.refresh)
    page.show()
    return page


def test_images_join_the_table_only_when_asked(page: TablePage, model: AnnotationModel) -> None:
    assert page.images.rowCount() == 1
    assert page.folder.isVisible() and page.folder.add.text() == "&Add all 4"
    page.folder.add.click()
    assert page.images.rowCount() == 5
    assert not page.folder.isVisible()
    assert model.session is not None and not model.session.unsaved


def test_an_image_that_cannot_be_read_is_told_and_left_out(
    page: TablePage, model: AnnotationModel, folder: Path
) -> None:
    told: list[tuple[str, str]] = []
    model.told.connect(lambda kind, sentence: told.append((kind, sentence)))
    gone = sorted(folder.iterdir())[2]
    gone.unlink()
    page.folder.add.click()
    assert page.images.rowCount() == 4
    assert [kind for kind, _ in told] == ["info", "warning"]
    assert gone.name in told[1][1]


def test_stopping_keeps_what_was_read(model: AnnotationModel, folder: Path) -> None:
    from napari_fair.session.folder_images import gather, join, prepare, unopened

    assert model.session is not None
    session = model.session
    found = unopened(session.dataset, folder, folder)
    read: list[int] = []
    gathered = gather(
        session.dataset,
        folder,
        found,
        progress=lambda so_far, _: read.append(so_far),
        cancelled=lambda: len(read) == 2,
    )
    assert gathered.stopped and len(gathered.headers) == 2
    prepared = prepare(session.dataset, folder, gathered)
    session.set("study.title", "Meanwhile")
    assert not join(session, prepared)
    assert join(session, prepare(session.dataset, folder, gathered))
    assert len(session.sources()) == 3
    assert session.view("study.title").text == "Meanwhile"
    session.undo()
    assert len(session.sources()) == 3


def test_rows_are_taken_out_by_delete_and_come_back_by_undo(
    qtbot: QtBot, page: TablePage, model: AnnotationModel
) -> None:
    told: list[str] = []
    model.told.connect(lambda _kind, sentence: told.append(sentence))
    page.folder.add.click()
    page.activateWindow()
    page.grid.setFocus()
    qtbot.waitUntil(page.grid.hasFocus)
    page.grid.choose(0, 0, rows=3)
    qtbot.keyClick(page.grid, Qt.Key.Key_Delete)
    assert page.images.rowCount() == 3
    assert told[-1].startswith("2 files were taken out. 1 stays")  # the image shown
    assert page.folder.isVisible() and page.folder.add.text() == "&Add all 2"
    model.undo()
    assert page.images.rowCount() == 5 and not page.folder.isVisible()
    model.redo()
    assert page.images.rowCount() == 3 and page.folder.isVisible()
    page.folder.add.click()
    assert page.images.rowCount() == 5


def test_what_is_saved_stays_in_the_table(page: TablePage, model: AnnotationModel) -> None:
    page.folder.add.click()
    assert model.session is not None
    model.session.save()
    page.grid.choose(0, 0, rows=5)
    page.grid.delete()
    assert page.images.rowCount() == 5 and not model.session.can_undo
