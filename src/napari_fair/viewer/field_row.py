"""One field of the form: label, origin, editor, and the hint or error below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QShortcut,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_fair.files import FairError
from napari_fair.model import Kind, Level, State
from napari_fair.viewer import wording
from napari_fair.viewer.field_editors import make_editor
from napari_fair.viewer.field_menu import FieldMenu
from napari_fair.viewer.list_editor import ListEditor
from napari_fair.viewer.lock_mark import MarkButton
from napari_fair.viewer.people_dialog import PersonDialog
from napari_fair.viewer.people_editor import PeopleEditor
from napari_fair.viewer.qt_text import restyle
from napari_fair.viewer.remark_line import RemarkLine
from napari_fair.viewer.state import sentence_of
from napari_fair.viewer.term_editor import TermEditor

if TYPE_CHECKING:
    from napari_fair.session import FieldView
    from napari_fair.session.remarks import Remark
    from napari_fair.viewer.sections import Slot
    from napari_fair.viewer.state import AnnotationModel

_BELOW = ("error", "remark", "hint")
"""What can stand below an editor, from top to bottom."""
_HINT_DELAY = 150
"""Milliseconds until a hint moves the rows below: a mouse click is over by then."""
_NO_VALUE = {
    State.UNKNOWN: "Unknown",
    State.NOT_APPLICABLE: "Not applicable",
    State.EMPTY: "Left empty on purpose",
}


class FieldRow(QWidget):
    """Shows one field of the model and hands edits to it.

    Input that the record refuses stays in the editor with the reason below; the record keeps
    its value.
    """

    map_asked = Signal()

    def __init__(self, model: AnnotationModel, slot: Slot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._model, self.slot = model, slot
        self.essential = slot.field.level is Level.ESSENTIALS
        self.label = QLabel(slot.label, self)
        self.label.setProperty("role", "label")
        self.mark = MarkButton(self)
        self.mark.setObjectName("mark")
        self.mark.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.editor = make_editor(slot.field, self)
        self._refused = self._locked_by = ""
        self._below: dict[str, QLabel] = {}
        self._remark_line: RemarkLine | None = None
        self._hint_timer: QTimer | None = None
        self._reveal_timer: QTimer | None = None
        self._arrange()
        self._name_for_readers()
        self._connect()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(1, 0, 0, 0)
        top.addWidget(self.label)
        top.addStretch()
        self.person = self._person_button() if self.slot.field.kind is Kind.PEOPLE else None
        if self.person is not None:
            top.addWidget(self.person)
        top.addWidget(self.mark)
        self._lines = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 1, 0, 5)
        layout.setSpacing(1)
        layout.addLayout(top)
        layout.addWidget(self.editor)

    # what stands below the editor is made when there is something to say: most rows are calm

    @property
    def error(self) -> QLabel:
        """Why what was typed was not kept."""
        return self._line_below("error")

    @property
    def remark(self) -> RemarkLine:
        """What is odd, or good, about what is typed."""
        if self._remark_line is None:
            self._remark_line = RemarkLine(self._remark, self)
            self._insert("remark", self._remark_line)
        return self._remark_line

    @property
    def hint(self) -> QLabel:
        """Why the field is asked, while the cursor is in it."""
        return self._line_below("hint")

    def _line_below(self, role: str) -> QLabel:
        if role not in self._below:
            self._insert(role, _line(self, role))
        return self._below[role]

    def _insert(self, role: str, line: QLabel) -> None:
        order = _BELOW.index(role)
        above = sum(_BELOW.index(known) < order for known in self._below)
        self._below[role] = line
        self._lines.insertWidget(2 + above, line)

    def _show_remark(self, remark: Remark | None) -> None:
        if remark is not None or self._remark_line is not None:
            self.remark.show_remark(remark)

    def _person_button(self) -> QPushButton:
        button = QPushButton("+ Person", self)
        button.setProperty("link", "true")
        button.setAccessibleName("Add a person")
        button.clicked.connect(self._add_person)
        return button

    def _name_for_readers(self) -> None:
        field = self.slot.field
        self.label.setBuddy(self.editor.face)
        self.editor.setAccessibleName(self.slot.label)
        self.editor.setAccessibleDescription(field.why)
        self.editor.setObjectName(self.slot.path)
        self.mark.setAccessibleName(f"Origin of {field.label} and what else to say about it")

    def _connect(self) -> None:
        self.editor.committed.connect(self._commit)
        self.editor.focused.connect(self._focus_changed)
        self.editor.typed.connect(lambda text: self.remark.say_soon(text))
        if isinstance(self.editor, PeopleEditor):
            self.editor.asked_to_change.connect(self._change_person)
        self.menu = FieldMenu(self._model, self.slot, self._do, self)
        self.menu.said.connect(self.say)
        self.menu.map_asked.connect(self.map_asked)
        self.mark.setMenu(self.menu)
        shortcut = QShortcut(QKeySequence("Alt+Down"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.mark.showMenu)

    def forget(self) -> None:
        """Another image is shown: what was refused for the last one goes."""
        if self._refused:
            self._show_error("")
            self.editor.discard()

    def stops(self) -> list[QWidget]:
        """Return what the Tab key goes through."""
        if isinstance(self.editor, ListEditor):
            return self.editor.stops()
        return [self.editor]

    # showing

    def refresh(self) -> None:
        """Show what the record holds now; text that is being typed stays."""
        if self._model.session is None:
            return
        view = self._model.view(self.slot.path)
        typing = self.editor.hasFocus() and self.editor.dirty
        if not typing and not (self._refused and self.editor.dirty):
            self._show_value(view)
        self.editor.setPlaceholderText(self._placeholder(view))
        self._show_lock(view.locked_by)
        self._show_mark(view)

    def _show_lock(self, locked_by: str) -> None:
        """Let a value that a preset locks only be read and copied."""
        if locked_by == self._locked_by:
            return
        self._locked_by = locked_by
        self.editor.lock(bool(locked_by))
        self.mark.lock(bool(locked_by))
        if self.person is not None:
            self.person.setVisible(not locked_by)
        why = wording.who_edits(locked_by) if locked_by else self.slot.field.why
        self.editor.setAccessibleDescription(why)

    def _show_value(self, view: FieldView) -> None:
        text = view.text if view.state is State.GIVEN else ""
        self.editor.show_value(text, view.term_id)
        tips = [text if len(text) > 40 else ""]
        tips += [wording.who_edits(view.locked_by)] if view.locked_by else []
        self.editor.setToolTip("\n".join(tip for tip in tips if tip))
        self._show_remark(self._model.kept_remark(self.slot.path))

    def _placeholder(self, view: FieldView) -> str:
        if view.state in _NO_VALUE:
            return _NO_VALUE[view.state]
        return f"e.g. {self.slot.field.example}" if self.slot.field.example else ""

    def _show_mark(self, view: FieldView) -> None:
        mark = wording.origin_mark(view, essential=self.essential)
        tip = f"{wording.origin_tooltip(view)}\nAlt+Down: unknown, not applicable and more."
        self.mark.setText(mark.text)
        self.mark.setToolTip(tip)
        if view.warning:
            self.mark.setText(f"▲ {view.warning}" if len(view.warning) < 24 else "▲ look again")
            self.mark.setToolTip(f"{view.warning}\n{tip}")
        if self._model.quick.only_differing:
            self.mark.setText(f"last: {self._model.quick.said_before(self.slot.path)}")
        restyle(self.mark, tone="warning" if view.warning else mark.tone)
        restyle(self.editor.face, missing=str(mark.tone == "warning").lower())

    def set_popup_style(self, sheet: str) -> None:
        """Style the list of terms."""
        if isinstance(self.editor, TermEditor):
            self.editor.set_popup_style(sheet)

    # editing

    def commit(self) -> None:
        """Keep what is typed; a form does this before it saves."""
        self.editor.commit()

    def _commit(self, text: str) -> None:
        self._do(lambda: self._model.set(self.slot.path, text))

    def _kept(self) -> None:
        """Show the value as the record has it, even while the cursor is in the field."""
        self._show_error("")
        if self._model.session is not None:  # a viewer that closes keeps what is typed last
            self._show_value(self._model.view(self.slot.path))
            self.refresh()

    def _remark(self, text: str) -> Remark | None:
        return self._model.remark(self.slot.path, text)

    def _show_error(self, sentence: str) -> None:
        if sentence == self._refused:
            return
        self._refused = sentence
        self.error.setText(f"✕ Not kept: {sentence}" if sentence else "")
        self.error.setVisible(bool(sentence))
        if sentence:
            self._show_remark(None)
        restyle(self.editor.face, invalid=str(bool(sentence)).lower())

    def _add_person(self) -> None:
        self.commit()
        dialog = PersonDialog(parent=self)
        if dialog.exec():
            text = self._model.text(self.slot.path)
            self._commit(f"{text}; {dialog.text()}" if text else dialog.text())

    def _change_person(self, text: str) -> None:
        dialog = PersonDialog(text, self)
        if not dialog.exec() or dialog.text() == text:
            return
        self._do(lambda: self._model.change_person(text, dialog.text()))

    # hint

    def _focus_changed(self, _focused: bool) -> None:
        if self._hint_timer is None:
            self._hint_timer = _later(self, _HINT_DELAY, self._toggle_hint)
        self._hint_timer.start()

    def reveal(self) -> None:
        """Scroll so that the whole row is seen, as soon as it is laid out."""
        if self._reveal_timer is None:
            self._reveal_timer = _later(self, 0, self._scroll)
        self._reveal_timer.start()

    def _scroll(self) -> None:
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if parent is not None:
            parent.ensureWidgetVisible(self, 0, 6)

    def _toggle_hint(self) -> None:
        shown = self.editor.hasFocus()
        if not shown and "hint" not in self._below:
            return
        if shown and not self.hint.text():
            example = f" For example: {self.slot.field.example}" if self.slot.field.example else ""
            self.hint.setText(f"{self.slot.field.why}{example}")
        self.hint.setVisible(shown)
        if shown:
            self.reveal()

    # what the menu says

    def say(self, state: State) -> None:
        """Say that there is no value, and why."""
        self._show_error("")
        self.editor.discard()
        self._do(lambda: self._model.set_state(self.slot.path, state))

    def _do(self, change: Callable[[], object]) -> None:
        """Make a change; why it is refused is shown here."""
        try:
            change()
        except (FairError, OSError) as error:
            self._show_error(sentence_of(error))
            return
        self._kept()


def _later(row: QWidget, delay: int, do: Callable[[], None]) -> QTimer:
    timer = QTimer(row)
    timer.setSingleShot(True)
    timer.setInterval(delay)
    timer.timeout.connect(do)
    return timer


def _line(parent: QWidget, role: str) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.hide()
    return label
