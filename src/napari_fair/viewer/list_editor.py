"""Several texts of one field, each on a line of its own, and a line to add one."""

from __future__ import annotations

from qtpy.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QKeyEvent, QMouseEvent, QPainter, QPalette
from qtpy.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from napari_fair.session.texts import parts
from napari_fair.viewer.editors import LineEditor
from napari_fair.viewer.focus import TellsFocus
from napari_fair.viewer.qt_text import tab_through

_MOST_LINES = 5
_CROSS = 22
"""Pixels at the right end of a line that take it away."""
_TEXT = Qt.ItemDataRole.UserRole
_NOTE = Qt.ItemDataRole.UserRole + 1


class ListEditor(QWidget):
    """Lines above, an entry below; Enter adds what is typed, ``;`` separates several.

    Keys in the list: Enter or F2 changes a line, Delete takes it away, Control and an arrow
    moves it. Up in the entry goes to the list.
    """

    committed = Signal(str)
    focused = Signal(bool)
    typed = Signal(str)
    asked_to_change = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self._changing: int | None = None
        self._lines: _Lines | None = None
        self.entry = _Entry(self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._layout.addWidget(self.entry)
        self.setFocusProxy(self.entry)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.entry.committed.connect(lambda _text: self.commit())
        self.entry.typed.connect(lambda _text: self.typed.emit(self.value()))
        self.entry.focused.connect(self.focused)

    # what it holds

    @property
    def face(self) -> QWidget:
        """The widget that is typed into."""
        return self.entry

    @property
    def dirty(self) -> bool:
        """Whether a line is being changed or one is being typed."""
        return self._changing is not None or self.value() != self._shown

    @property
    def lines(self) -> _Lines:
        """The list; made with the first line."""
        if self._lines is None:
            self._lines = _Lines(self)
            self._lines.focused.connect(self.focused)
            self._name_lines()
            self._layout.insertWidget(0, self._lines)
            tab_through([self._lines], self.entry)
        return self._lines

    def stops(self) -> list[QWidget]:
        """Return what the Tab key goes through."""
        if self._lines is None:
            return [self.entry]
        return [self._lines] if self.entry.isHidden() else [self._lines, self.entry]

    def texts(self) -> list[str]:
        """Return the lines."""
        return self._lines.texts() if self._lines is not None else []

    def value(self) -> str:
        """Return all texts, with the one that is being typed."""
        texts, typed = self.texts(), parts(self.entry.text())
        if self._changing is not None:
            texts[self._changing : self._changing + 1] = typed
        else:
            texts += typed
        return "; ".join(texts)

    def text(self) -> str:
        """Return what is being typed."""
        return self.entry.text()

    @property
    def locked(self) -> bool:
        """Whether the lines are only to be read and copied."""
        return self.entry.isReadOnly()

    def lock(self, locked: bool) -> None:
        """Let the lines only be read and copied, or be changed again."""
        if locked is not self.locked:
            self.entry.lock(locked)
            if self._lines is not None:
                self._lines.update()
        self.entry.setVisible(not locked or not self.texts())

    def show_value(self, text: str, note: str = "") -> None:
        """Show a value."""
        self._shown = "; ".join(parts(text))
        self._changing = None
        self.entry.show_value("")
        if self.texts() != parts(text):
            self.lines.show_texts([(each, *self.words_of(each)) for each in parts(text)])
            self.lines.setVisible(self.lines.count() > 0)

    def words_of(self, text: str) -> tuple[str, str]:
        """Return how a line shows a text: words, and a note at its right."""
        return text, ""

    def commit(self) -> None:
        """Hand on the texts if they were changed."""
        if self.value() != self._shown:
            self.committed.emit(self.value())
        elif self._changing is not None:
            self.discard()

    def discard(self) -> None:
        """Go back to the value that was shown last."""
        self.show_value(self._shown)

    def hasFocus(self) -> bool:
        """Return whether the cursor is in the entry or the list."""
        return any(stop.hasFocus() for stop in self.stops())

    def setPlaceholderText(self, text: str | None) -> None:
        """Show an example in the entry as long as there is nothing else."""
        self.entry.setPlaceholderText("Add another" if self.texts() else text)

    def setAccessibleName(self, name: str | None) -> None:
        """Name the entry and the list."""
        super().setAccessibleName(name)
        self.entry.setAccessibleName(f"{name}: add one")
        self._name_lines()

    def _name_lines(self) -> None:
        if self._lines is not None:
            self._lines.setAccessibleName(f"{self.accessibleName()}: list")
            self._lines.setAccessibleDescription(
                "Enter changes a line, Delete takes it away, Control with an arrow moves it"
            )

    def setAccessibleDescription(self, text: str | None) -> None:
        """Describe the entry."""
        super().setAccessibleDescription(text)
        self.entry.setAccessibleDescription(text)

    # changing lines

    def change(self, row: int) -> None:
        """Bring a line into the entry, to be changed there."""
        self._changing = row
        self.entry.setText(self.lines.texts()[row])
        self.entry.setFocus()
        self.entry.selectAll()

    def remove(self, row: int) -> None:
        """Take a line away."""
        texts = self.texts()
        del texts[row]
        self._hand_on(texts, min(row, len(texts) - 1))

    def move_line(self, row: int, by: int) -> None:
        """Move a line up (-1) or down (1)."""
        texts = self.texts()
        if 0 <= row + by < len(texts):
            texts.insert(row + by, texts.pop(row))
            self._hand_on(texts, row + by)

    def _hand_on(self, texts: list[str], row: int) -> None:
        self.committed.emit("; ".join(texts))
        if self.texts() and row >= 0:
            self.lines.setCurrentRow(min(row, self.lines.count() - 1))
        elif not self.texts():
            self.entry.setFocus()

    def leave_change(self) -> None:
        """Leave a line as it was."""
        if self._changing is not None:
            self.discard()


class _Entry(LineEditor):
    """The line that adds one; Up goes to the list, Escape leaves a line as it was."""

    def __init__(self, editor: ListEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key = event.key() if event is not None else None
        empty = not self.text()
        if key == Qt.Key.Key_Up or (key == Qt.Key.Key_Backspace and empty):
            if self._editor.texts():
                lines = self._editor.lines
                lines.setCurrentRow(lines.count() - 1)
                lines.setFocus()
            return
        if key == Qt.Key.Key_Escape and not empty:
            self._editor.leave_change()
        super().keyPressEvent(event)


class _Lines(TellsFocus, QListWidget):
    """The lines of a list editor, as high as they are many."""

    focused = Signal(bool)

    def __init__(self, editor: ListEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.setProperty("lines", "true")
        self.setItemDelegate(_Line(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTabKeyNavigation(False)
        self.itemDoubleClicked.connect(self._change)

    def texts(self) -> list[str]:
        """Return the texts that the lines stand for."""
        items = (self.item(row) for row in range(self.count()))
        return [str(item.data(_TEXT)) for item in items if item is not None]

    def show_texts(self, texts: list[tuple[str, str, str]]) -> None:
        """Show text, words and note of each line."""
        self.clear()
        for text, words, note in texts:
            item = QListWidgetItem(words)
            item.setData(_TEXT, text)
            item.setData(_NOTE, note)
            item.setToolTip(text)
            self.addItem(item)
        line = self.sizeHintForRow(0) if texts else 0
        self.setFixedHeight(min(len(texts), _MOST_LINES) * line + 2 * self.frameWidth())

    def _change(self, item: QListWidgetItem) -> None:
        if not self._editor.locked:
            self._editor.change(self.row(item))

    @property
    def locked(self) -> bool:
        """Whether the lines are only to be read."""
        return self._editor.locked

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Change, take away and move lines."""
        if event is None or not self._handled(event):
            super().keyPressEvent(event)

    def _handled(self, event: QKeyEvent) -> bool:
        row, key = self.currentRow(), event.key()
        if self._editor.locked:
            return False
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if row < 0:
            return False
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._editor.remove(row)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self._editor.change(row)
        elif control and key in steps:
            self._editor.move_line(row, steps[Qt.Key(key)])
        elif key == Qt.Key.Key_Down and row == self.count() - 1:
            self._editor.entry.setFocus()
        else:
            return False
        return True

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """A click on the cross takes the line away."""
        super().mouseReleaseEvent(event)
        left = event is not None and event.button() == Qt.MouseButton.LeftButton
        if event is None or not left or self._editor.locked:
            return
        place = event.position().toPoint()
        item, view = self.itemAt(place), self.viewport()
        if item is not None and view is not None and place.x() > view.width() - _CROSS:
            self._editor.remove(self.row(item))

    def minimumSizeHint(self) -> QSize:
        """Never ask for width: the dock decides."""
        return QSize(60, self.height())


class _Line(QStyledItemDelegate):
    """Draws the words left, the note and, where lines can be taken away, a cross right."""

    def __init__(self, lines: _Lines) -> None:
        super().__init__(lines)
        self._list = lines

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        if painter is None:
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        marked = chosen and focused
        colours, group = option.palette, QPalette.ColorGroup.Active
        painter.save()
        if marked:
            painter.fillRect(option.rect, colours.color(group, QPalette.ColorRole.Highlight))
        role = QPalette.ColorRole.HighlightedText if marked else QPalette.ColorRole.Text
        painter.setPen(colours.color(group, role))
        area = option.rect.adjusted(6, 0, -_CROSS, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        note = str(index.data(_NOTE) or "")
        wide = option.fontMetrics.horizontalAdvance(note) + 8 if note else 0
        wide = min(wide, area.width() // 2)
        words = option.fontMetrics.elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, area.width() - wide
        )
        painter.drawText(area, int((middle | Qt.AlignmentFlag.AlignLeft).value), words)
        painter.setOpacity(1.0 if marked else 0.7)
        if note:
            right = area.adjusted(area.width() - wide + 8, 0, 0, 0)
            note = option.fontMetrics.elidedText(note, Qt.TextElideMode.ElideRight, right.width())
            painter.drawText(right, int((middle | Qt.AlignmentFlag.AlignRight).value), note)
        if not self._list.locked:
            cross = option.rect.adjusted(option.rect.width() - _CROSS, 0, 0, 0)
            painter.drawText(cross, int(Qt.AlignmentFlag.AlignCenter.value), "✕")
        painter.restore()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(60, option.fontMetrics.height() + 6)
