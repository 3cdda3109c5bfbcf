"""Editors for fields that take one, or several, of a few words."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QAction, QKeyEvent, QKeySequence, QWheelEvent
from qtpy.QtWidgets import QApplication, QComboBox, QMenu, QSizePolicy, QWidget

from napari_fair.viewer.focus import TellsFocus
from napari_fair.viewer.qt_text import ElidedButton, restyle


def words_of(choice: str) -> str:
    """Return a choice as people read it: ``bounding_boxes`` as ``bounding boxes``."""
    return choice.replace("_", " ")


class ChoiceEditor(TellsFocus, QComboBox):
    """One of a few words; the first entry, an example or a reason, stands for none."""

    commits_when_left = True
    committed = Signal(str)
    focused = Signal(bool)
    typed = Signal(str)

    def __init__(self, choices: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self._locked = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.addItem("–", "")
        for choice in choices:
            self.addItem(words_of(choice), choice)
        self.activated.connect(lambda _index: self.commit())

    @property
    def face(self) -> QWidget:
        """The widget that has the cursor."""
        return self

    @property
    def dirty(self) -> bool:
        """Whether the choice differs from the value that was shown last."""
        return self.text() != self._shown

    def text(self) -> str:
        """Return the chosen word, empty for none."""
        return str(self.currentData() or "")

    def show_value(self, text: str, note: str = "") -> None:
        """Show a value; a word that is not offered joins the list."""
        if text and self.findData(text) < 0:
            self.addItem(words_of(text), text)
        self._shown = text
        self.setCurrentIndex(max(self.findData(text), 0))

    def setPlaceholderText(self, text: str | None) -> None:
        """Say at the first entry what none means."""
        self.setItemText(0, text if text and not text.startswith("e.g.") else "–")

    def lock(self, locked: bool) -> None:
        """Let the choice only be read and copied, or be changed again."""
        if locked is not self._locked:
            self._locked = locked
            restyle(self, locked=str(locked).lower())

    def showPopup(self) -> None:
        """Offer the words, unless they are only to be read."""
        if not self._locked:
            super().showPopup()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy the word; other keys choose one, unless it is only to be read."""
        clipboard = QApplication.clipboard()
        if event is not None and clipboard and event.matches(QKeySequence.StandardKey.Copy):
            clipboard.setText(self.text())
        elif event is not None and self._locked:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def commit(self) -> None:
        """Hand on the choice if it was changed."""
        if self.dirty:
            self.committed.emit(self.text())

    def discard(self) -> None:
        """Go back to the value that was shown last."""
        self.show_value(self._shown)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Let the form scroll: a wheel that passes by changes no value."""
        if event is not None:
            event.ignore()


class _StayingMenu(QMenu):
    """A menu of checks that stays open while several are set."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        action = self.activeAction()
        if event is not None and event.key() == Qt.Key.Key_Space and action is not None:
            action.trigger()
            return
        super().keyPressEvent(event)


class ChoicesEditor(TellsFocus, ElidedButton):
    """Several of a few words, checked in a list that opens below."""

    committed = Signal(str)
    focused = Signal(bool)
    typed = Signal(str)

    def __init__(self, choices: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("choices", "true")
        self._shown, self._placeholder = "", ""
        menu = _StayingMenu(self)
        self.checks: dict[str, QAction] = {}
        for choice in choices:
            action = menu.addAction(words_of(choice))
            if action is not None:
                action.setCheckable(True)
                action.toggled.connect(lambda _on: self._say())
                self.checks[choice] = action
        menu.aboutToHide.connect(self.commit)
        self.setMenu(menu)

    @property
    def face(self) -> QWidget:
        """The widget that has the cursor."""
        return self

    @property
    def dirty(self) -> bool:
        """Whether the checks differ from the value that was shown last."""
        return self.value() != self._shown

    def value(self) -> str:
        """Return the checked words in the text form."""
        return "; ".join(word for word, action in self.checks.items() if action.isChecked())

    def show_value(self, text: str, note: str = "") -> None:
        """Check the words of a value."""
        wanted = {part.strip() for part in text.split(";")}
        for word, action in self.checks.items():
            action.setChecked(word in wanted)
        self._shown = self.value()
        self._say()

    def setPlaceholderText(self, text: str | None) -> None:
        """Show a text as long as nothing is checked."""
        self._placeholder = text or ""
        self._say()

    def lock(self, locked: bool) -> None:
        """Let the checks only be read, or be changed again."""
        for action in self.checks.values():
            action.setEnabled(not locked)
        restyle(self, locked=str(locked).lower())

    def commit(self) -> None:
        """Hand on the checks if they were changed."""
        if self.dirty:
            self.committed.emit(self.value())

    def discard(self) -> None:
        """Go back to the value that was shown last."""
        self.show_value(self._shown)

    def _say(self) -> None:
        words = words_of(self.value())
        self.setText(words or self._placeholder or "–")

    def sizeHint(self) -> QSize:
        """Never ask for width: the dock decides."""
        return QSize(60, super().sizeHint().height())
