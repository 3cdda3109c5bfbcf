"""Event notes in the Live tab: one key, and a list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.files import FairError
from napari_fair.viewer import live_words as words
from napari_fair.viewer.live_cards import Card, plain
from napari_fair.viewer.qt_text import ElidedLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_fair.model import EventNote

_MOST_NOTES = 5


class NotesCard(Card):
    """Event notes: a text, noted with its time, frame and stage position by one key."""

    KEY = "F8"

    def __init__(self, note: Callable[[str], object], forget: Callable[[str], object]) -> None:
        super().__init__("Notes")
        self._note, self._forget = note, forget
        self._seen: tuple[EventNote, ...] | None = None
        self.text = QLineEdit(self)
        self.text.setPlaceholderText("e.g. drug added")
        self.text.setAccessibleName("What happens")
        self.text.returnPressed.connect(self.press)
        self.button = QPushButton(f"&Note ({self.KEY})", self)
        self.button.setToolTip(
            f"{self.KEY} notes this text, wherever the cursor is in this window, with the time, "
            "the frame and where the stage stands"
        )
        self.button.clicked.connect(self.press)
        self.problem = plain("", "error", self)
        self.problem.hide()
        self.points = QCheckBox("Show as &points on the image", self)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.text, 1)
        line.addWidget(self.button)
        self.rows = QWidget(self)
        self.column.addLayout(line)
        self.column.addWidget(self.problem)
        self.column.addWidget(self.rows)
        self.column.addWidget(self.points)
        self.show_notes(())

    def press(self) -> None:
        """Note the text now; without one, ask for it."""
        text = self.text.text().strip()
        if not text:
            self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        try:
            self._note(text)
        except FairError as problem:
            self.problem.setText(str(problem))
            self.problem.show()
        else:
            self.problem.hide()
            self.text.selectAll()

    def show_notes(self, notes: Sequence[EventNote]) -> None:
        """List notes, newest first."""
        latest = tuple(reversed(notes[-_MOST_NOTES:]))
        self.title.setText(f"Notes ({len(notes)})" if notes else "Notes")
        self.points.setVisible(bool(notes))
        if latest == self._seen:
            return
        self._seen = latest
        self.column.removeWidget(self.rows)
        self.rows.deleteLater()
        self.rows = QWidget(self)
        grid = QGridLayout(self.rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, note in enumerate(latest):
            self._add(grid, row, note)
        self.rows.setVisible(bool(latest))
        self.column.insertWidget(3, self.rows)

    def _add(self, grid: QGridLayout, row: int, note: EventNote) -> None:
        time = plain(words.time_of(note.time), "muted", self.rows)
        time.setWordWrap(False)
        text = ElidedLabel(note.text, self.rows)
        text.elide = Qt.TextElideMode.ElideRight
        where = plain(words.place_of(note), "muted", self.rows)
        where.setVisible(bool(where.text()))
        gone = QPushButton("✕", self.rows)
        gone.setProperty("inside", "true")
        gone.setToolTip("Take this note back")
        gone.setAccessibleName(f"Take back the note {note.text}")
        gone.clicked.connect(partial(self._forget, note.id))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(text)
        column.addWidget(where)
        grid.addWidget(time, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(column, row, 1)
        grid.addWidget(gone, row, 2, Qt.AlignmentFlag.AlignTop)
