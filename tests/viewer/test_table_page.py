"""The Table tab: images as rows, with the keys of a spreadsheet."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QWidget

from napari_fair.headers import read_header
from napari_fair.model import Level
from napari_fair.viewer.runner import Immediately
from napari_fair.viewer.state import AnnotationModel
from napari_fair.viewer.subjects import Subject, SubjectKind
from napari_fair.viewer.table_cells import CellDelegate
from napari_fair.viewer.table_columns import possible_columns
from napari_fair.viewer.table_dialogs import ColumnsDialog, ReplaceDialog
from napari_fair.viewer.table_page import TablePage
from napari_fair.viewer.table_place import TablePlace
from napari_fair.viewer.term_editor import TermEditor
from napari_fair.viewer.theme import palette

COLUMNS = ["biosample.organism", "biosample.extrinsic_variables", "image.size_x"]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def model(ome_tiff: Path) -> Iterator[AnnotationModel]:
    model = AnnotationModel(Immediately())
    model.look_at(Subject(SubjectKind.FILE, ome_tiff, ome_tiff.name))
    assert model.session is not None
    for name in ("a.ome.tif", "b.ome.tif", "c.ome.tif"):
        model.session.add(read_header(Path(shutil.copy(ome_tiff, ome_tiff.with_name(name)))))
    yield model
    model.close()


@pytest.fixture
def page(qtbot: QtBot, model: AnnotationModel) -> TablePage:
    place = TablePlace(page := TablePage(model))
    qtbot.addWidget(place)
    model.record_changed.connect(page.refresh)
    page.set_colours(palette("dark"))
    with qtbot.waitExposed(place):
        place.show()
    place.activateWindow()
    page.show_columns(COLUMNS)
    page.place = place  # type: ignore[attr-defined]  # kept alive with the page
    return page


def _texts(page: TablePage, column: int) -> list[str]:
    images = page.images
    return [str(images.index(row, column).data() or "") for row in range(images.rowCount())]


def _image(model: AnnotationModel, row: int) -> str:
    assert model.session is not None
    return model.session.sources()[row].images[0].id


def test_all_images_are_rows_and_essentials_that_are_missing_say_so(page: TablePage) -> None:
    assert _texts(page, 0) == ["HeLa_mitosis_03.ome.tif", "a.ome.tif", "b.ome.tif", "c.ome.tif"]
    assert _texts(page, 1) == ["missing"] * 4
    assert _texts(page, 2) == [""] * 4
    assert _texts(page, 3) == ["128"] * 4


def test_a_cell_gives_its_image_alone_a_value(page: TablePage, model: AnnotationModel) -> None:
    model.set("biosample.organism", "human")
    page.images.setData(page.images.index(1, 1), "mouse")
    assert _texts(page, 1) == ["Homo sapiens", "Mus musculus", "Homo sapiens", "Homo sapiens"]
    role = Qt.ItemDataRole.FontRole
    assert page.images.index(1, 1).data(role).bold()
    assert page.images.index(0, 1).data(role) is None
    colour = Qt.ItemDataRole.ForegroundRole
    assert page.images.index(0, 1).data(colour) != page.images.index(1, 1).data(colour)
    model.undo()
    assert _texts(page, 1) == ["Homo sapiens"] * 4


def test_a_text_that_is_refused_is_told_and_changes_nothing(
    page: TablePage, model: AnnotationModel
) -> None:
    told: list[str] = []
    model.told.connect(lambda _kind, sentence: told.append(sentence))
    page.show_columns(["image.acquisition_date"])
    before = _texts(page, 1)
    page.images.setData(page.images.index(0, 1), "soon")
    assert _texts(page, 1) == before
    assert any("soon" in sentence for sentence in told)


def test_what_only_the_file_states_cannot_be_edited_or_pasted_over(page: TablePage) -> None:
    editable = Qt.ItemFlag.ItemIsEditable
    assert not page.images.index(0, 3).flags() & editable
    assert page.images.index(0, 2).flags() & editable
    QApplication.clipboard().setText("cold\t7\n")
    page.grid.choose(0, 2)
    page.grid.paste()
    assert _texts(page, 2)[0] == "cold"
    assert _texts(page, 3)[0] == "128"


def test_fill_down_and_paste_by_keys_are_one_undo_each(
    qtbot: QtBot, page: TablePage, model: AnnotationModel
) -> None:
    page.images.setData(page.images.index(0, 2), "drug A")
    page.grid.choose(0, 2, rows=4)
    page.grid.setFocus()
    qtbot.waitUntil(page.grid.hasFocus)
    qtbot.keyClick(page.grid, Qt.Key.Key_D, CONTROL)
    assert _texts(page, 2) == ["drug A"] * 4
    model.undo()
    assert _texts(page, 2) == ["drug A", "", "", ""]
    QApplication.clipboard().setText("human\tone\nmouse\ttwo\n")
    page.grid.clearSelection()
    page.grid.choose(1, 1)
    qtbot.keyClick(page.grid, Qt.Key.Key_V, CONTROL)
    assert _texts(page, 1)[1:3] == ["Homo sapiens", "Mus musculus"]
    assert _texts(page, 2)[1:3] == ["one", "two"]
    model.undo()
    assert _texts(page, 1) == ["missing"] * 4


def test_one_copied_cell_fills_a_selection(page: TablePage) -> None:
    QApplication.clipboard().setText("drug B\n")
    page.grid.choose(1, 2, rows=3)
    page.grid.paste()
    assert _texts(page, 2) == ["", "drug B", "drug B", "drug B"]


def test_what_is_copied_is_no_formula(page: TablePage) -> None:
    page.images.setData(page.images.index(0, 2), "=1+1")
    page.images.setData(page.images.index(1, 2), "drug A")
    page.grid.choose(0, 2, rows=2)
    page.grid.copy()
    assert QApplication.clipboard().text() == "'=1+1\ndrug A"


def test_sorting_and_the_filter_keep_edits_with_their_images(
    page: TablePage, model: AnnotationModel
) -> None:
    assert model.session is not None
    for row, text in ((0, "b"), (1, "c"), (2, "a")):
        page.images.setData(page.images.index(row, 2), text)
    model.session.set("biosample.organism", "human", image=_image(model, 1))
    page.sort(2)
    assert _texts(page, 2) == ["a", "b", "c", ""]
    page.missing.setChecked(True)
    assert _texts(page, 2) == ["a", "b", ""]
    assert page.note.text().startswith("3 of 4 images")
    page.images.setData(page.images.index(0, 2), "changed")
    assert model.session.view("biosample.extrinsic_variables", _image(model, 2)).text == "changed"
    page.missing.setChecked(False)
    page.sort(2)
    assert _texts(page, 2) == ["changed", "c", "b", ""]


def test_the_delete_key_lets_images_inherit_again(page: TablePage, model: AnnotationModel) -> None:
    model.set("biosample.organism", "human")
    page.images.setData(page.images.index(1, 1), "mouse")
    page.grid.choose(0, 1, rows=4)
    page.grid.clear_cells()
    assert _texts(page, 1) == ["Homo sapiens"] * 4


def test_a_term_cell_is_edited_with_a_search(qtbot: QtBot, page: TablePage) -> None:
    page.grid.setFocus()
    page.grid.choose(0, 1)
    page.grid.edit(page.images.index(0, 1))
    editor = page.grid.findChild(TermEditor)
    assert editor is not None
    qtbot.keyClicks(editor, "mouse")
    assert editor.offered()[0].label.startswith("Mus musculus")
    delegate = page.grid.itemDelegate()
    assert isinstance(delegate, CellDelegate)
    delegate.setModelData(editor, page.images, page.images.index(0, 1))
    assert _texts(page, 1)[0] == "Mus musculus"


def test_free_text_is_marked_as_not_yet_a_term(page: TablePage) -> None:
    page.images.setData(page.images.index(0, 1), "my own beast")
    page.images.setData(page.images.index(1, 1), "mouse")
    tips = [page.images.index(r, 1).data(Qt.ItemDataRole.ToolTipRole) for r in (0, 1)]
    assert "not yet a term" in tips[0] and "not yet a term" not in tips[1]


@pytest.mark.parametrize("name", ["table.csv", "table.tsv", "table.xlsx"])
def test_a_table_goes_out_and_comes_in_again(
    page: TablePage, model: AnnotationModel, tmp_path: Path, name: str
) -> None:
    page.images.setData(page.images.index(0, 2), '=say "a, b"; c')
    page.files.export(tmp_path / name)
    before = page.images.table.texts() if page.images.table is not None else []
    model.undo()
    page.files.read(tmp_path / name)
    assert _texts(page, 2)[0] == '=say "a, b"; c'
    assert page.images.table is not None and page.images.table.texts() == before


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a\tb\n1\t2\n"])
def test_a_file_that_is_no_table_is_told_and_changes_nothing(
    page: TablePage, model: AnnotationModel, tmp_path: Path, content: bytes
) -> None:
    told: list[str] = []
    model.told.connect(lambda kind, _sentence: told.append(kind))
    (tmp_path / "no.tsv").write_bytes(content)
    assert model.session is not None
    before = model.session.dataset
    page.files.read(tmp_path / "no.tsv")
    assert told == ["error"] and model.session.dataset is before


def test_columns_are_chosen_by_name(qtbot: QtBot, model: AnnotationModel) -> None:
    assert model.session is not None
    possible = possible_columns(model.session.dataset, Level.EXPERT)
    assert {"channel.0.fluor", "channel.1.fluor", "instrument.filters"} <= set(possible)
    dialog = ColumnsDialog(possible, COLUMNS)
    qtbot.addWidget(dialog)
    dialog.search.setText("filter set 2")
    shown = [i for i in range(dialog.list.count()) if not dialog.list.item(i).isHidden()]
    assert len(shown) == 1
    dialog.check("channel.1.filter_set")
    dialog.check("image.size_x", on=False)
    assert dialog.chosen() == [*COLUMNS[:2], "channel.1.filter_set"]


def test_replace_says_how_many_cells_before_it_does(qtbot: QtBot, page: TablePage) -> None:
    for row in (0, 1):
        page.images.setData(page.images.index(row, 2), "drugA 10 uM")
    assert page.images.table is not None
    dialog = ReplaceDialog(page.images.table, [1], Immediately())
    qtbot.addWidget(dialog)
    dialog.wanted.setText("drugA")
    dialog.by.setText("drug A")
    assert dialog.count.text() == "2 cells in Treatment"
    page.images.change(dialog.cells, dialog.work())
    assert _texts(page, 2)[:2] == ["drug A 10 uM"] * 2


def test_the_table_moves_to_a_window_and_back(qtbot: QtBot, page: TablePage) -> None:
    place: TablePlace = page.place  # type: ignore[attr-defined]
    qtbot.mouseClick(page.wider, Qt.MouseButton.LeftButton)
    window = place.window_of_its_own
    assert window is not None and page.window() is window and page.isVisible()
    page.images.setData(page.images.index(0, 2), "drug A")
    window.close()
    assert place.window_of_its_own is None and page.window() is place.window()
    assert _texts(page, 2)[0] == "drug A"


def test_save_beside_the_table_writes_all_its_images(
    model: AnnotationModel, ome_tiff: Path
) -> None:
    model.saving.make_plan()
    assert model.saving.plan is not None
    assert len(model.saving.plan.files) == 2
    model.saving.cover_all(True)
    assert len(model.saving.plan.files) == 5
    model.saving.save()
    assert len(list(ome_tiff.parent.glob("*.companion.ome"))) == 4


def test_every_control_has_a_name(page: TablePage) -> None:
    controls: list[Callable[[], str] | QWidget] = list(page.focus_chain())
    for control in controls:
        assert isinstance(control, QWidget)
        assert control.accessibleName() or control.text()  # type: ignore[attr-defined]
