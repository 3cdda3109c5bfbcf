"""The head of the History tab: recording or not, how complete the history is, Pause."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.viewer import history_words as words
from napari_fair.viewer.qt_text import restyle

if TYPE_CHECKING:
    from napari_fair.provenance import Completeness
    from napari_fair.viewer.recorder import Recorder


class HistoryHead(QFrame):
    """One sentence and a button; a menu switches off and leaves layers out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recorder: Recorder | None = None
        self._people: Callable[[], list[tuple[str, str]]] = list
        panel = QFrame(self)
        panel.setObjectName("recording")
        self.sign = QLabel(panel)
        self.words = QLabel(panel)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.by_hand = QLabel(panel)
        self.by_hand.setProperty("role", "muted")
        self.by_hand.setWordWrap(True)
        self.button = QPushButton("&Record", panel)
        self.button.clicked.connect(self.press)
        self.more = QToolButton(panel)
        self.more.setText("⋯")
        self.more.setAccessibleName("More about recording")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.aboutToShow.connect(self._fill)
        self.more.setMenu(menu)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(self.words)
        texts.addWidget(self.by_hand)
        inner = QHBoxLayout(panel)
        inner.setContentsMargins(10, 7, 6, 7)
        inner.setSpacing(8)
        inner.addWidget(self.sign)
        inner.addLayout(texts, 1)
        inner.addWidget(self.button)
        inner.addWidget(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 0)
        layout.addWidget(panel)

    def heed(self, recorder: Recorder, people: Callable[[], list[tuple[str, str]]]) -> None:
        """Steer this recorder; `people` gives id and name of those who may be at work."""
        self._recorder, self._people = recorder, people

    def show_state(self, completeness: Completeness) -> None:
        """Show whether steps are recorded, and how complete the history is."""
        recorder = self._recorder
        if recorder is None:
            return
        word, rest = words.recording_line(recorder.on, recorder.paused, completeness.sentence)
        self.words.setText(f"<b>{word}</b>{escape(rest)}")
        self.sign.setText("●" if recorder.recording else "❚❚" if recorder.paused else "○")
        restyle(self.sign, tone="good" if recorder.recording else "warning" if recorder.on else "")
        self.button.setText(
            "&Pause" if recorder.recording else "&Go on" if recorder.on else "&Record"
        )
        text = words.going_on(recorder.by_hand)
        self.by_hand.setText(text)
        self.by_hand.setVisible(bool(text))

    def press(self) -> None:
        """Begin, pause or go on."""
        recorder = self._recorder
        if recorder is None:
            return
        if not recorder.on:
            recorder.start()
        elif recorder.paused:
            recorder.resume()
        else:
            recorder.pause()

    def _fill(self) -> None:
        recorder, menu = self._recorder, self.more.menu()
        if recorder is None or menu is None:
            return
        menu.clear()
        off = menu.addAction("Switch recording &off", recorder.stop)
        if off is not None:
            off.setEnabled(recorder.on)
        menu.addSection("Who is at work")
        for id, name in [("", "not said"), *self._people()]:
            person = menu.addAction(name, partial(recorder.set_agent, id))
            if person is not None:
                person.setCheckable(True)
                person.setChecked(recorder.writer.agent == id)
        menu.addSection("Leave out of the history")
        for layer in recorder.layers():
            action = menu.addAction(layer.name)
            if action is not None:
                action.setCheckable(True)
                action.setChecked(recorder.left_out(layer))
                action.toggled.connect(partial(recorder.leave_out, layer))

    def focus_chain(self) -> list[QWidget]:
        """Return what Tab goes through."""
        return [self.button, self.more]
