"""Editors of one value, as a person at a keyboard meets them."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from napari_fair.viewer.editors import LineEditor, LongTextEditor
from napari_fair.viewer.people_dialog import PersonDialog, person_text
from napari_fair.viewer.term_editor import TermEditor, choices


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def _shown(qtbot: QtBot, window: QWidget, editor: QWidget) -> QLineEdit:
    """Show an editor above another field, so that it can be left."""
    layout = QVBoxLayout(window)
    other = QLineEdit(window)
    layout.addWidget(editor)
    layout.addWidget(other)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)
    return other


@pytest.mark.parametrize("kind", [LineEditor, LongTextEditor])
def test_leaving_a_field_commits_what_was_typed(
    qtbot: QtBot, window: QWidget, kind: type[LineEditor | LongTextEditor]
) -> None:
    editor = kind()
    other = _shown(qtbot, window, editor)
    editor.show_value("one")
    qtbot.keyClick(editor, Qt.Key.Key_End)
    qtbot.keyClicks(editor, " two")
    with qtbot.waitSignal(editor.committed) as caught:
        other.setFocus()
    assert caught.args == ["one two"]


@pytest.mark.parametrize("kind", [LineEditor, LongTextEditor])
def test_leaving_an_untouched_field_commits_nothing(
    qtbot: QtBot, window: QWidget, kind: type[LineEditor | LongTextEditor]
) -> None:
    editor = kind()
    other = _shown(qtbot, window, editor)
    editor.show_value("one")
    with qtbot.assertNotEmitted(editor.committed):
        other.setFocus()
        qtbot.waitUntil(other.hasFocus)


def test_tab_leaves_a_long_text(qtbot: QtBot, window: QWidget) -> None:
    editor = LongTextEditor()
    other = _shown(qtbot, window, editor)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    qtbot.waitUntil(other.hasFocus)


def test_a_long_text_grows_to_four_lines_and_then_scrolls(qtbot: QtBot, window: QWidget) -> None:
    editor = LongTextEditor()
    _shown(qtbot, window, editor)
    heights = []
    for lines in (1, 2, 4, 9):
        editor.show_value("\n".join(["word"] * lines))
        heights.append(editor.height())
    assert heights[0] < heights[1] < heights[2]
    assert abs(heights[3] - heights[2]) < 12


def test_the_identifier_is_shown_beside_its_term_and_not_while_typing(
    qtbot: QtBot, window: QWidget
) -> None:
    editor = LineEditor()
    _shown(qtbot, window, editor)
    editor.resize(320, editor.height())
    editor.show_value("Homo sapiens", "NCBITaxon:9606")
    assert editor.textMargins().right() > 0
    qtbot.keyClicks(editor, "x")
    assert editor.textMargins().right() == 0


def test_terms_are_found_by_synonym_and_the_text_itself_is_offered_last() -> None:
    offered = choices("mouse", "organism")
    assert (offered[0].label.startswith("Mus musculus"), offered[0].note) == (
        True,
        "NCBITaxon:10090",
    )
    assert offered[-1].label == "Keep “mouse” as free text"
    assert offered[-1].note == "not yet a term"


def test_a_term_that_is_spelt_out_needs_no_free_text() -> None:
    assert all("free text" not in choice.label for choice in choices("Mus musculus", "organism"))


def _pressing(qtbot: QtBot, editor: TermEditor, *keys: Qt.Key) -> None:
    """Press keys while the list is open: it has the keyboard then."""
    for key in keys:
        qtbot.keyClick(editor.list, key)


def test_a_term_is_chosen_with_arrow_and_enter(qtbot: QtBot, window: QWidget) -> None:
    editor = TermEditor("organism", several=False)
    _shown(qtbot, window, editor)
    qtbot.keyClicks(editor, "mouse")
    qtbot.waitUntil(editor.list.isVisible)
    with qtbot.waitSignal(editor.committed) as caught:
        _pressing(qtbot, editor, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert caught.args == ["NCBITaxon:10090"]


def test_enter_without_a_choice_keeps_what_was_typed(qtbot: QtBot, window: QWidget) -> None:
    editor = TermEditor("organism", several=False)
    _shown(qtbot, window, editor)
    qtbot.keyClicks(editor, "mou")
    qtbot.waitUntil(editor.list.isVisible)
    with qtbot.waitSignal(editor.committed) as caught:
        _pressing(qtbot, editor, Qt.Key.Key_Escape)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert caught.args == ["mou"]


def test_only_the_last_of_several_terms_is_looked_up(qtbot: QtBot, window: QWidget) -> None:
    editor = TermEditor("organism", several=True)
    _shown(qtbot, window, editor)
    editor.show_value("Homo sapiens")
    qtbot.keyClick(editor, Qt.Key.Key_End)
    qtbot.keyClicks(editor, "; mouse")
    qtbot.waitUntil(editor.list.isVisible)
    with qtbot.waitSignal(editor.committed) as caught:
        _pressing(qtbot, editor, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert caught.args == ["Homo sapiens; NCBITaxon:10090"]


def test_a_person_is_written_in_the_text_form() -> None:
    text = person_text(
        "Josiah Carberry",
        "0000-0002-1825-0097",
        "",
        "Brown University",
        "https://ror.org/05gq02987",
    )
    assert text == (
        "Josiah Carberry <0000-0002-1825-0097> @ Brown University <https://ror.org/05gq02987>"
    )


def test_a_person_without_a_name_cannot_be_added(qtbot: QtBot) -> None:
    dialog = PersonDialog()
    qtbot.addWidget(dialog)
    assert not dialog.ok.isEnabled()
    dialog.boxes["name"].setText("Josiah Carberry")
    assert dialog.ok.isEnabled()
    assert dialog.text() == "Josiah Carberry"
