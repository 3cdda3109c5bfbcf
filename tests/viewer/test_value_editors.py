"""Editors of quantities, dates, lists and people, as a person at a keyboard meets them."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QDate, Qt
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from napari_fair.viewer.date_editor import UNKNOWN_ZONE, DateEditor, DatePopup
from napari_fair.viewer.list_editor import ListEditor
from napari_fair.viewer.people_dialog import PersonDialog
from napari_fair.viewer.people_editor import PeopleEditor
from napari_fair.viewer.quantity_editor import QuantityEditor

CONTROL = Qt.KeyboardModifier.ControlModifier
PEOPLE = (
    "Josiah Carberry <0000-0002-1825-0097> <jc@example.org> @ Brown University "
    "<https://ror.org/05gq02987>; Ada Example"
)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def _shown(qtbot: QtBot, window: QWidget, editor: QWidget) -> QLineEdit:
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


# ---- quantities ----


def test_a_number_is_handed_on_with_its_unit(qtbot: QtBot, window: QWidget) -> None:
    editor = QuantityEditor("µm")
    _shown(qtbot, window, editor)
    editor.show_value("0.108 µm")
    assert (editor.text(), editor.unit.text()) == ("0.108", "µm ▾")
    editor.selectAll()
    qtbot.keyClicks(editor, "0.2")
    with qtbot.waitSignal(editor.committed) as caught:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert caught.args == ["0.2 µm"]


def test_a_pasted_quantity_fills_in_number_and_unit(qtbot: QtBot, window: QWidget) -> None:
    editor = QuantityEditor("s")
    _shown(qtbot, window, editor)
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    clipboard.setText("100 ms")
    qtbot.keyClick(editor, Qt.Key.Key_V, CONTROL)
    assert (editor.text(), editor.unit.text()) == ("100", "ms ▾")
    with qtbot.waitSignal(editor.committed) as caught:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert caught.args == ["100 ms"]
    editor.show_value("0.1 s")  # as the record keeps it
    assert (editor.text(), editor.value()) == ("100", "100 ms") and not editor.dirty


@pytest.mark.parametrize("typed", ["5 furlong", "5 min", "abc"])
def test_any_unit_can_be_typed_and_is_handed_on_as_it_is(
    qtbot: QtBot, window: QWidget, typed: str
) -> None:
    editor = QuantityEditor("s")
    _shown(qtbot, window, editor)
    qtbot.keyClicks(editor, typed)
    assert editor.unit.isVisible() is (typed == "abc")
    with qtbot.waitSignal(editor.committed) as caught:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert caught.args == [typed]


def test_another_unit_shows_a_kept_value_otherwise_and_does_not_change_it(
    qtbot: QtBot, window: QWidget
) -> None:
    editor = QuantityEditor("µm")
    _shown(qtbot, window, editor)
    editor.show_value("0.108 µm")
    with qtbot.assertNotEmitted(editor.committed):
        editor.choose_unit("nm")
    assert editor.text() == "108" and not editor.dirty
    editor.selectAll()
    qtbot.keyClicks(editor, "5")
    editor.choose_unit("mm")  # while typing, it is the number's
    assert editor.value() == "5 mm"


def test_f4_opens_the_list_of_units(qtbot: QtBot, window: QWidget) -> None:
    editor = QuantityEditor("µm")
    _shown(qtbot, window, editor)
    menu = editor.unit_menu()
    assert [action.text() for action in menu.actions()] == ["nm", "µm", "mm"]
    menu.actions()[0].trigger()
    assert editor.unit.text() == "nm ▾"
    assert QuantityEditor("%").unit.isEnabled() is False


# ---- dates ----


def test_an_unknown_time_zone_is_said_and_not_made_up(qtbot: QtBot) -> None:
    popup = DatePopup(with_time=True)
    qtbot.addWidget(popup)
    popup.start_from("2026-11-20T14:03:00")
    assert popup.zone.currentText() == UNKNOWN_ZONE
    assert popup.text() == "2026-11-20T14:03:00"
    popup.start_from("2026-11-20T14:03:00+05:30")
    assert popup.text() == "2026-11-20T14:03:00+05:30"
    popup.time.setText("")
    assert popup.text() == "2026-11-20"


def test_a_zone_is_said_beside_the_date_only_when_it_is_unknown(
    qtbot: QtBot, window: QWidget
) -> None:
    from napari_fair.viewer.date_editor import zone_note

    assert zone_note("2026-11-20T14:03:00") == "time zone unknown"
    assert zone_note("2026-11-20T14:03:00Z") == zone_note("2026-11-20") == zone_note("soon") == ""


def test_a_day_is_chosen_with_the_keyboard(qtbot: QtBot, window: QWidget) -> None:
    editor = DateEditor(with_time=False)
    _shown(qtbot, window, editor)
    editor.show_value("2026-11-20")
    qtbot.keyClick(editor, Qt.Key.Key_F4)
    assert editor.popup is not None and editor.popup.isVisible()
    assert editor.popup.calendar.selectedDate() == QDate(2026, 11, 20)
    editor.popup.calendar.setSelectedDate(QDate(2026, 12, 24))
    with qtbot.waitSignal(editor.committed) as caught:
        editor.popup.ok.click()
    assert caught.args == ["2026-12-24"]


def test_escape_closes_the_calendar_and_changes_nothing(qtbot: QtBot, window: QWidget) -> None:
    editor = DateEditor(with_time=True)
    _shown(qtbot, window, editor)
    editor.show_value("2026-11-20")
    editor.open_calendar()
    assert editor.popup is not None
    with qtbot.assertNotEmitted(editor.committed):
        qtbot.keyClick(editor.popup, Qt.Key.Key_Escape)
    assert not editor.popup.isVisible() and editor.text() == "2026-11-20"


@pytest.mark.parametrize("time", ["25:00", "14", "two"])
def test_a_time_that_is_none_is_not_taken(qtbot: QtBot, time: str) -> None:
    popup = DatePopup(with_time=True)
    qtbot.addWidget(popup)
    popup.start_from("2026-11-20")
    popup.time.setText(time)
    with qtbot.assertNotEmitted(popup.chosen):
        popup.ok.click()
    assert "hours and minutes" in popup.problem.text()


# ---- lists ----


def _keeping(editor: ListEditor) -> list[str]:
    """Show what is handed on, as a form does."""
    kept: list[str] = []
    editor.committed.connect(kept.append)
    editor.committed.connect(editor.show_value)
    return kept


def test_enter_adds_what_is_typed_and_several_are_separated(qtbot: QtBot, window: QWidget) -> None:
    editor = ListEditor()
    _shown(qtbot, window, editor)
    kept = _keeping(editor)
    qtbot.keyClicks(editor.entry, "mitosis")
    qtbot.keyClick(editor.entry, Qt.Key.Key_Return)
    qtbot.keyClicks(editor.entry, "spindle; live")
    qtbot.keyClick(editor.entry, Qt.Key.Key_Return)
    assert kept == ["mitosis", "mitosis; spindle; live"]
    assert editor.texts() == ["mitosis", "spindle", "live"] and editor.entry.text() == ""


def test_lines_are_changed_moved_and_taken_away_with_keys(qtbot: QtBot, window: QWidget) -> None:
    editor = ListEditor()
    _shown(qtbot, window, editor)
    editor.show_value("a; b; c")
    kept = _keeping(editor)
    qtbot.keyClick(editor.entry, Qt.Key.Key_Up)
    qtbot.waitUntil(editor.lines.hasFocus)
    qtbot.keyClick(editor.lines, Qt.Key.Key_Up, CONTROL)
    assert editor.texts() == ["a", "c", "b"]
    qtbot.keyClick(editor.lines, Qt.Key.Key_Delete)
    assert editor.texts() == ["a", "b"]
    editor.lines.setCurrentRow(0)
    qtbot.keyClick(editor.lines, Qt.Key.Key_F2)
    assert editor.entry.text() == "a"
    qtbot.keyClicks(editor.entry, "A")
    qtbot.keyClick(editor.entry, Qt.Key.Key_Return)
    assert kept[-1] == "A; b"
    editor.lines.setCurrentRow(0)
    for _ in range(2):
        qtbot.keyClick(editor.lines, Qt.Key.Key_Delete)
    assert kept[-1] == "" and not editor.lines.isVisible()


def test_escape_leaves_a_line_as_it_was(qtbot: QtBot, window: QWidget) -> None:
    editor = ListEditor()
    _shown(qtbot, window, editor)
    editor.show_value("a; b")
    editor.change(0)
    qtbot.keyClicks(editor.entry, "zzz")
    qtbot.keyClick(editor.entry, Qt.Key.Key_Escape)
    assert editor.value() == "a; b" and not editor.dirty


def test_a_line_that_is_left_unchanged_is_not_handed_on(qtbot: QtBot, window: QWidget) -> None:
    editor = ListEditor()
    other = _shown(qtbot, window, editor)
    editor.show_value("a; b")
    editor.change(1)
    assert editor.dirty  # what the record says elsewhere does not take it away
    with qtbot.assertNotEmitted(editor.committed):
        other.setFocus()
        qtbot.waitUntil(other.hasFocus)
    assert editor.entry.text() == "" and editor.value() == "a; b"


def test_the_cross_at_a_line_takes_it_away(qtbot: QtBot, window: QWidget) -> None:
    editor = ListEditor()
    _shown(qtbot, window, editor)
    editor.show_value("a; b")
    _keeping(editor)
    view, item = editor.lines.viewport(), editor.lines.item(0)
    assert view is not None and item is not None
    place = editor.lines.visualItemRect(item).center()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert editor.texts() == ["a", "b"]
    place.setX(view.width() - 5)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert editor.texts() == ["b"]


# ---- people ----


def test_people_are_shown_by_name_and_institution(qtbot: QtBot, window: QWidget) -> None:
    editor = PeopleEditor()
    _shown(qtbot, window, editor)
    editor.show_value(PEOPLE)
    assert [editor.words_of(text) for text in editor.texts()] == [
        ("Josiah Carberry · iD", "Brown University"),
        ("Ada Example", ""),
    ]
    assert editor.value() == PEOPLE
    with qtbot.waitSignal(editor.asked_to_change) as caught:
        editor.lines.setCurrentRow(1)
        qtbot.keyClick(editor.lines, Qt.Key.Key_Return)
    assert caught.args == ["Ada Example"]


def test_a_person_s_parts_are_checked_as_they_are_typed(qtbot: QtBot) -> None:
    dialog = PersonDialog(PEOPLE.split(";")[0])
    qtbot.addWidget(dialog)
    assert dialog.text() == PEOPLE.split(";")[0] and dialog.ok.isEnabled()
    dialog.boxes["orcid"].setText("0000-0002-1825-0079")
    assert dialog.remarks["orcid"].tone == "error" and not dialog.ok.isEnabled()
    dialog.boxes["orcid"].setText("")
    dialog.boxes["ror"].setText("https://ror.org/05gq02988")
    assert dialog.remarks["ror"].tone == "error" and not dialog.ok.isEnabled()
    dialog.boxes["ror"].setText("https://ror.org/013meh722")
    assert dialog.ok.isEnabled()
