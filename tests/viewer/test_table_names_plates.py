"""The dialogs *From file names* and *Plate*, by mouse and by keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QItemSelectionModel, Qt
from qtpy.QtWidgets import QComboBox, QPushButton, QTableView, QTableWidget

from napari_fair.headers import read_header
from napari_fair.session.file_names import proposed
from napari_fair.session.plates import conditions_of, images_in_wells
from napari_fair.viewer.runner import Immediately
from napari_fair.viewer.state import AnnotationModel
from napari_fair.viewer.subjects import Subject, SubjectKind
from napari_fair.viewer.table_names import NamesDialog
from napari_fair.viewer.table_page import TablePage
from napari_fair.viewer.table_plate import PlateDialog
from napari_fair.viewer.theme import palette

NAMES = ("WT_10uM_rep1_B02.ome.tif", "KO_0uM_rep2_B02.ome.tif", "KO_10uM_rep3_D05.ome.tif")
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def model(ome_tiff: Path) -> Iterator[AnnotationModel]:
    model = AnnotationModel(Immediately())
    paths = [Path(shutil.copy(ome_tiff, ome_tiff.with_name(name))) for name in NAMES]
    model.look_at(Subject(SubjectKind.FILE, paths[0], paths[0].name))
    assert model.session is not None
    for path in paths[1:]:
        model.session.add(read_header(path))
    yield model
    model.close()


@pytest.fixture
def page(qtbot: QtBot, model: AnnotationModel) -> TablePage:
    page = TablePage(model)
    qtbot.addWidget(page)
    model.record_changed.connect(page.refresh)
    page.set_colours(palette("dark"))
    page.show()
    return page


def _rows(model: AnnotationModel) -> list[Any]:
    assert model.session is not None
    return [(source, image) for source in model.session.sources() for image in source.images]


@pytest.fixture
def names(qtbot: QtBot, model: AnnotationModel) -> NamesDialog:
    rows = _rows(model)
    columns = proposed([source.path for source, _ in rows])
    dialog = NamesDialog(model.session.dataset, rows, columns, model.runner)  # type: ignore[union-attr]
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def _preview(dialog: NamesDialog) -> list[list[str]]:
    model = dialog.preview
    rows, columns = range(model.rowCount()), range(1, model.columnCount())
    return [[str(model.index(row, column).data()) for column in columns] for row in rows]


def test_the_preview_shows_what_images_would_get(names: NamesDialog) -> None:
    assert _preview(names)[0] == ["KO", "0 µM", "2", "B02"]
    assert names.summary.text() == "12 values for 3 images, marked as guesses."
    names.checks[0].setChecked(False)
    assert _preview(names)[0] == ["0 µM", "2", "B02"]
    for check in names.checks:
        check.setChecked(False)
    assert not names.take.isEnabled()


def test_a_column_is_renamed_or_goes_to_another_field(qtbot: QtBot, names: NamesDialog) -> None:
    edit = names.targets[2].lineEdit()
    assert edit is not None
    edit.selectAll()
    qtbot.keyClicks(edit, "dish")
    qtbot.keyClick(names.targets[2], Qt.Key.Key_Return)
    assert names.isVisible()
    names.targets[0].choose("location in the sample")
    assert _preview(names)[0] == ["KO", "0 µM", "2", "B02"]
    header = [names.preview.headerData(c, Qt.Orientation.Horizontal) for c in range(1, 5)]
    assert header == ["Location in the sample", "Treatment", "dish", "Well"]
    names.targets[3].choose("Stage X")
    assert "B02" in names.summary.text() and "not taken" in names.summary.text()


def test_the_page_takes_what_the_dialog_says_as_one_undo(
    page: TablePage, model: AnnotationModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NamesDialog, "exec", lambda _dialog: True)
    page.names.click()
    assert "image.well" in page.images.columns
    first = _rows(model)[0][1].id
    assert model.session is not None
    assert model.session.view("biosample.intrinsic_variables", first).text == "KO"
    model.undo()
    assert model.session.view("biosample.intrinsic_variables", first).text == ""
    assert not model.session.can_undo


@pytest.fixture
def plate(qtbot: QtBot, model: AnnotationModel) -> PlateDialog:
    assert model.session is not None
    images = images_in_wells(model.session.dataset, _rows(model))
    before = conditions_of(model.session.dataset, images)
    dialog = PlateDialog(images, before, palette("light"))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def _select(plate: PlateDialog, *wells: tuple[int, int]) -> None:
    selection = plate.grid.selectionModel()
    assert selection is not None
    plate.grid.clearSelection()
    for row, column in wells:
        index = plate.grid.model().index(row, column)  # type: ignore[union-attr]
        selection.select(index, QItemSelectionModel.SelectionFlag.Select)


def test_wells_are_painted_by_keys_alone_and_undone(qtbot: QtBot, plate: PlateDialog) -> None:
    plate.say(0, 2, "DMSO")
    plate.add_condition()
    plate.say(1, 2, "drug A")
    for _ in range(2):
        qtbot.keyClick(plate.grid, Qt.Key.Key_Right)
    qtbot.keyClick(plate.grid, Qt.Key.Key_Left)
    qtbot.keyClick(plate.grid, Qt.Key.Key_Down)
    qtbot.keyClick(plate.grid, Qt.Key.Key_2)
    assert plate.grid.chosen() == ["B02"]
    assert plate.grid.look("B02").words == "drug A"
    qtbot.keyClick(plate.grid, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    plate.list.setCurrentCell(0, 0)
    qtbot.keyClick(plate.grid, Qt.Key.Key_Return)
    assert [plate.grid.look(well).words for well in ("B02", "C02")] == ["DMSO", "DMSO"]
    plate.undo()
    assert plate.grid.look("B02").words == "drug A"
    plate.redo()
    qtbot.keyClick(plate.grid, Qt.Key.Key_Delete)
    assert plate.grid.look("B02").condition is None
    assert plate.isVisible()


def test_a_condition_that_is_changed_changes_its_wells(plate: PlateDialog) -> None:
    plate.say(0, 2, "DMSO")
    plate.paint_wells(["B02", "D05"], 0)
    plate.say(0, 2, "water")
    assert {said.texts[2] for said in plate.changed().values() if said} == {"water"}
    assert plate.summary.text().startswith("3 images")


def test_all_sizes_are_offered_and_too_small_ones_say_so(plate: PlateDialog) -> None:
    sizes = [plate.layouts.itemText(row).split()[0] for row in range(plate.layouts.count())]
    assert sizes == ["6", "12", "24", "48", "96", "384", "1536"]
    plate.layouts.setCurrentIndex(0)
    assert "choose a larger one" in plate.summary.text()
    grid = plate.grid.model()
    assert grid is not None
    plate.layouts.setCurrentIndex(6)
    assert (grid.rowCount(), grid.columnCount()) == (32, 48)


def test_wells_say_in_words_what_they_show(plate: PlateDialog) -> None:
    plate.say(0, 2, "DMSO")
    plate.paint_wells(["B02"], 0)
    grid = plate.grid.model()
    assert grid is not None
    role = Qt.ItemDataRole.AccessibleTextRole
    assert grid.index(1, 1).data(role) == "B02, 2 images, condition 1: DMSO"
    assert grid.index(0, 0).data(role) == "A01, no image, not painted"


def test_the_page_gives_painted_values_to_images_as_one_undo(
    page: TablePage, model: AnnotationModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(dialog: PlateDialog) -> bool:
        dialog.say(0, 2, "DMSO")
        _select(dialog, (1, 1), (3, 4))
        dialog.paint.click()
        return True

    monkeypatch.setattr(PlateDialog, "exec", answer)
    page.plate.click()
    assert model.session is not None
    said = [
        model.session.view("biosample.extrinsic_variables", image.id) for _, image in _rows(model)
    ]
    assert [view.text for view in said] == ["DMSO"] * 3
    assert {view.where for view in said} == {"well B02", "well D05"}
    model.undo()
    assert not model.session.can_undo


def test_without_wells_the_page_says_how_to_get_some(
    page: TablePage, model: AnnotationModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    model.told.connect(lambda _kind, sentence: told.append(sentence))
    page._ask_plate([], {})
    assert len(told) == 1 and "Well" in told[0]


def test_every_control_of_both_has_a_name(names: NamesDialog, plate: PlateDialog) -> None:
    for dialog in (names, plate):
        for button in dialog.findChildren(QPushButton):
            assert button.accessibleName() or button.text()
        for kind in (QTableView, QComboBox, QTableWidget):
            for control in dialog.findChildren(kind):
                assert control.accessibleName(), control
