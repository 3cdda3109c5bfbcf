"""Values that only the facility edits, as the form shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_fair.model import Level, State
from napari_fair.session import Preset
from napari_fair.session.preset_shelf import save_preset
from napari_fair.viewer import dock as dock_module
from napari_fair.viewer.choice_editors import ChoiceEditor, ChoicesEditor
from napari_fair.viewer.date_editor import DateEditor
from napari_fair.viewer.dock import FairDock
from napari_fair.viewer.editors import LineEditor, LongTextEditor
from napari_fair.viewer.field_row import FieldRow
from napari_fair.viewer.list_editor import ListEditor
from napari_fair.viewer.subjects import Subject, SubjectKind

VALUES = {
    "acquisition.instrument": "Spinning disk 2",
    "instrument.manufacturer": "Nikon",
    "study.keywords": "mitosis; HeLa",
    "study.authors": "Josiah Carberry",
}


@pytest.fixture
def dock(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, ome_tiff: Path) -> FairDock:
    """The dock on an image that a facility's preset was used for."""
    preset = Preset(
        "Ti2", values=VALUES, locked=("acquisition.instrument", "instrument.*", "study.*")
    )
    path = save_preset(preset)
    shown = Subject(SubjectKind.FILE, ome_tiff, ome_tiff.name)
    monkeypatch.setattr(dock_module, "subject_of", lambda layer: shown)
    viewer = ViewerModel()
    viewer.add_image(np.zeros((8, 8)), name=ome_tiff.name)
    dock = FairDock(viewer)
    qtbot.addWidget(dock, before_close_func=_left_in_peace)
    dock.resize(360, 650)
    with qtbot.waitExposed(dock):
        dock.show()
    qtbot.waitUntil(lambda: dock.settled and dock.model.image is not None)
    dock.model.set_level(Level.EXPERT)
    dock.presets.use(path)
    return dock


def _left_in_peace(dock: FairDock) -> None:
    dock.hide()
    dock.model.runner.drop("header", "plan", "readiness", "vocabulary")
    dock.model.close()


def _row(dock: FairDock, path: str) -> FieldRow:
    row = dock.form.row(path)
    assert row is not None
    dock.form.open_for(row)
    return row


def test_a_locked_row_says_whose_it_is_in_icon_and_words(dock: FairDock) -> None:
    row = _row(dock, "acquisition.instrument")
    assert row.mark.text() == "set by Ti2 preset"
    assert not row.mark.icon().isNull()
    assert "whoever keeps the preset “Ti2” edits this" in row.mark.toolTip()
    assert "whoever keeps the preset “Ti2” edits this" in row.editor.toolTip()
    assert "Ti2" in row.editor.accessibleDescription()


def test_a_locked_value_can_be_copied_and_not_typed_over(qtbot: QtBot, dock: FairDock) -> None:
    editor = _row(dock, "acquisition.instrument").editor
    assert isinstance(editor, LineEditor)
    editor.selectAll()
    qtbot.keyClicks(editor, "another one")
    assert editor.text() == "Spinning disk 2"
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "Spinning disk 2"


def test_lines_of_a_locked_list_stay(qtbot: QtBot, dock: FairDock) -> None:
    row = _row(dock, "study.keywords")
    editor = row.editor
    assert isinstance(editor, ListEditor)
    assert editor.entry.isHidden()
    editor.lines.setCurrentRow(0)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Return):
        qtbot.keyClick(editor.lines, key)
    assert dock.model.text("study.keywords") == "mitosis; HeLa"
    assert not editor.dirty


def test_no_person_is_added_to_locked_authors(dock: FairDock) -> None:
    row = _row(dock, "study.authors")
    assert row.person is not None
    assert row.person.isHidden()


def test_the_menu_of_a_locked_row_copies_and_changes_nothing(dock: FairDock) -> None:
    row = _row(dock, "acquisition.instrument")
    menu = row.mark.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    words = [action.text() for action in menu.actions()]
    assert words == ["&Copy", "Locked by the preset “Ti2”"]
    menu.actions()[0].trigger()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "Spinning disk 2"


def test_a_state_that_is_refused_is_explained_at_the_field(dock: FairDock) -> None:
    row = _row(dock, "acquisition.instrument")
    row.say(State.UNKNOWN)  # the menu was open when the preset came
    assert "locked by the preset “Ti2”" in row.error.text()
    assert not row.error.isHidden()
    assert dock.model.text("acquisition.instrument") == "Spinning disk 2"


def test_a_field_is_free_again_when_its_value_came_from_elsewhere(dock: FairDock) -> None:
    row = _row(dock, "acquisition.instrument")
    dock.model.undo()
    row = _row(dock, "acquisition.instrument")
    editor = row.editor
    assert isinstance(editor, LineEditor)
    assert not editor.isReadOnly()
    assert "preset" not in row.mark.text()
    assert row.mark.icon().isNull()


def _line() -> LineEditor:
    return LineEditor()


@pytest.mark.parametrize(
    "make",
    [
        _line,
        LongTextEditor,
        ListEditor,
        lambda: DateEditor(with_time=True),
        lambda: ChoiceEditor(["a", "b"]),
        lambda: ChoicesEditor(["a", "b"]),
    ],
)
def test_every_editor_keeps_a_locked_value(qtbot: QtBot, make: Callable[[], LineEditor]) -> None:
    editor = make()
    qtbot.addWidget(editor)
    editor.show_value("a")
    editor.lock(True)
    for key in (Qt.Key.Key_B, Qt.Key.Key_Down, Qt.Key.Key_F4):
        qtbot.keyClick(editor.face, key)
    editor.commit()
    assert not editor.dirty
    editor.lock(False)
    assert not editor.dirty
