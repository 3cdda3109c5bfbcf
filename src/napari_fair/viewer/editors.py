"""Editors of one value in its text form."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QSize, Qt, Signal
from qtpy.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent
from qtpy.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from napari_fair.viewer.focus import TellsFocus
from napari_fair.viewer.qt_text import restyle

_MOST_LINES = 4


class LineEditor(TellsFocus, QLineEdit):
    """One line; the identifier of a term stands at its right end.

    `committed` is emitted with the value when a person leaves the field or presses Enter after
    changing it, and only then; `typed` with every letter.
    """

    committed = Signal(str)
    focused = Signal(bool)
    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self._note: QLabel | None = None
        self.editingFinished.connect(self.commit)
        self.textEdited.connect(self._edited)

    @property
    def face(self) -> QWidget:
        """The widget that is typed into."""
        return self

    @property
    def dirty(self) -> bool:
        """Whether the text differs from the value that was shown last."""
        return self.value() != self._shown

    def value(self) -> str:
        """Return the value in its text form."""
        return self.text()

    def lock(self, locked: bool) -> None:
        """Let the value only be read and copied, or be changed again."""
        if locked is not self.isReadOnly():
            self.setReadOnly(locked)
            restyle(self, locked=str(locked).lower())

    def _edited(self, _text: str) -> None:
        self._place_note()
        self.typed.emit(self.value())

    def show_value(self, text: str, note: str = "") -> None:
        """Show a value; `note` is its identifier."""
        self._shown = text
        if self.text() != text:
            self.setText(text)
            self.setCursorPosition(0)
        if note and self._note is None:
            self._note = self._new_note()
        if self._note is not None:
            self._note.setText(note)
        self._place_note()

    def _new_note(self) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", "id")
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return label

    def commit(self) -> None:
        """Hand on the value if it was changed."""
        if self.dirty:
            self.committed.emit(self.value().strip())

    def discard(self) -> None:
        """Go back to the value that was shown last."""
        self.setText(self._shown)

    def _place_note(self) -> None:
        """Show the note at the right end where it fits, and keep the text off it."""
        taken = self._taken()
        shown, wanted = False, 0
        if self._note is not None:
            wanted = self._note.sizeHint().width() + 12
            text = self.fontMetrics().horizontalAdvance(self.text())
            fits = text + wanted + taken + 14 < self.width()
            shown = bool(self._note.text()) and not self.dirty and fits
            self._note.setVisible(shown)
            self._note.setGeometry(self.width() - wanted - taken + 4, 0, wanted - 8, self.height())
        margin = taken + (wanted if shown else 0)
        if self.textMargins().right() != margin:
            self.setTextMargins(0, 0, margin, 0)

    def _taken(self) -> int:
        """Return the pixels at the right end that something else has."""
        return 0

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the identifier at the right end."""
        super().resizeEvent(event)
        self._place_note()

    def event(self, event: QEvent | None) -> bool:
        """Leave undo and redo to the record when the editor itself has nothing to undo."""
        if event is not None and event.type() == QEvent.Type.ShortcutOverride:
            if _undoes(event) and not self.isUndoAvailable():
                event.ignore()
                return False
            if _redoes(event) and not self.isRedoAvailable():
                event.ignore()
                return False
        return super().event(event)


class LongTextEditor(TellsFocus, QPlainTextEdit):
    """Several lines; grows to four and then scrolls. Tab leaves it, as in any form."""

    commits_when_left = True
    committed = Signal(str)
    focused = Signal(bool)
    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self._example = ""
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._changed)
        self._grow()

    @property
    def face(self) -> QWidget:
        """The widget that is typed into."""
        return self

    def _changed(self) -> None:
        self._grow()
        if self.dirty:
            self.typed.emit(self.toPlainText())

    def lock(self, locked: bool) -> None:
        """Let the value only be read and copied, or be changed again."""
        if locked is not self.isReadOnly():
            self.setReadOnly(locked)
            restyle(self, locked=str(locked).lower())

    @property
    def dirty(self) -> bool:
        """Whether the text differs from the value that was shown last."""
        return self.toPlainText() != self._shown

    def show_value(self, text: str, note: str = "") -> None:
        """Show a value."""
        self._shown = text
        if self.toPlainText() != text:
            self.setPlainText(text)

    def text(self) -> str:
        """Return the text."""
        return self.toPlainText()

    def commit(self) -> None:
        """Hand on the text if it was changed."""
        if self.dirty:
            self.committed.emit(self.toPlainText().strip())

    def discard(self) -> None:
        """Go back to the value that was shown last."""
        self.setPlainText(self._shown)

    def setPlaceholderText(self, text: str | None) -> None:
        """Show an example as long as the field is empty, cut to one line."""
        self._example = text or ""
        self._grow()

    def _grow(self) -> None:
        metrics, document = self.fontMetrics(), self.document()
        if document is None:
            return
        margin = 2 * int(document.documentMargin())
        width = max(self.contentsRect().width() - margin, 40)
        elided = metrics.elidedText(self._example, Qt.TextElideMode.ElideRight, width - 4)
        if elided != self.placeholderText():
            super().setPlaceholderText(elided)
        lines = sum(_lines(part, width, metrics) for part in self.toPlainText().split("\n"))
        shown = min(max(lines, 1), _MOST_LINES)
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if lines > _MOST_LINES
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        # scrolled text has no margin above and below: the next line would peep in
        around = margin + 6 if lines <= _MOST_LINES else margin
        self.setFixedHeight(shown * metrics.lineSpacing() + around)

    def minimumSizeHint(self) -> QSize:
        """Never ask for width: the dock decides."""
        return QSize(60, self.height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._grow()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Control and Enter keep the text without leaving the field."""
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if (
            event is not None
            and event.key() in enter
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.commit()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        """Leave undo and redo to the record when the editor itself has nothing to undo."""
        if event is not None and event.type() == QEvent.Type.ShortcutOverride:
            document = self.document()
            if _undoes(event) and not (document and document.isUndoAvailable()):
                event.ignore()
                return False
            if _redoes(event) and not (document and document.isRedoAvailable()):
                event.ignore()
                return False
        return super().event(event)


def _lines(paragraph: str, width: int, metrics: QFontMetrics) -> int:
    """Return how many lines a paragraph takes when it is wrapped at a width in pixels."""
    lines, line = 1, ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if line and metrics.horizontalAdvance(longer) > width:
            lines, longer = lines + 1, word
        line = longer
    return lines + metrics.horizontalAdvance(line) // max(width, 1)


def _undoes(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)


def _redoes(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Redo)
