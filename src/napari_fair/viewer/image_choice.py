"""Asking which of a crate's many images to open."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)


def can_ask() -> bool:
    """Whether somebody sits before a window."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return False
    return any(window.isVisible() for window in application.topLevelWidgets())


def ask_which(names: list[str]) -> list[int]:
    """Let a person choose from a list; returns the chosen places, none after Cancel."""
    dialog = ImageChoice(names, QApplication.activeWindow())
    return dialog.chosen() if dialog.exec() else []


class ImageChoice(QDialog):
    """A list of names of which several can be chosen; the first one is at the start."""

    def __init__(self, names: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Which images?")
        self.resize(420, 360)
        prompt = QLabel(f"This record holds {len(names)} &images. Which ones should open?", self)
        self.list = QListWidget(self)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.addItems(names)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(lambda _item: self.accept())
        prompt.setBuddy(self.list)
        self.confirm = QPushButton("&Open", self)
        self.confirm.setDefault(True)
        self.confirm.clicked.connect(self.accept)
        cancel = QPushButton("&Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.confirm)
        layout = QVBoxLayout(self)
        layout.addWidget(prompt)
        layout.addWidget(self.list)
        layout.addLayout(buttons)

    def chosen(self) -> list[int]:
        """Return the chosen places, in the list's order."""
        return sorted(index.row() for index in self.list.selectedIndexes())
