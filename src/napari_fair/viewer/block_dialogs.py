"""Asks what a shared block is called."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)


class BlockNameDialog(QDialog):
    """One name, checked as it is typed.

    Parameters
    ----------
    name
        What stands there first.
    problem
        Why a name cannot be taken; empty when it can.
    """

    def __init__(
        self, title: str, name: str, problem: Callable[[str], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._problem = problem
        self.name = QLineEdit(name, self)
        self.name.setPlaceholderText("e.g. HeLa, control")
        self.name.setAccessibleName("Name")
        self.name.setMinimumWidth(260)
        self.name.selectAll()
        self.hint = QLabel(self)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setWordWrap(True)
        self.hint.setMinimumHeight(2 * self.hint.fontMetrics().lineSpacing() + 4)
        self.ok = QPushButton("&OK", self)
        self.ok.setProperty("primary", "true")
        self.ok.setDefault(True)
        self.ok.clicked.connect(self.accept)
        cancel = QPushButton("&Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.ok)
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel("Name", self))
        layout.addWidget(self.name)
        layout.addWidget(self.hint)
        layout.addLayout(buttons)
        self.name.textChanged.connect(self._check)
        self._check(name)

    def _check(self, name: str) -> None:
        problem = self._problem(name)
        self.ok.setEnabled(not problem)
        self.hint.setText(problem if name.strip() else "")
