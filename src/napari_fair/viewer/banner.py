"""One thing that a person should know or decide."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from superqt import QFlowLayout

_FIRM_SPACE = "\u00a0"
_NUMBER_AND_UNIT = re.compile(r"(?<=\d) (?=[^\W\d]{1,5}\b)")
"""The space between a number and its unit: no line ends there."""
_LONGEST_OF_TWO = 20
"""Letters on a button of which two fit into the narrowest dock."""


@dataclass(frozen=True)
class Answer:
    """A button of a banner.

    Attributes
    ----------
    label
        The button's words.
    do
        What it does.
    value, origin
        What the answer stands for, shown above the button, or beside a long one.
    tip
        More about the origin, shown where the pointer rests.
    """

    label: str
    do: Callable[[], object]
    value: str = ""
    origin: str = ""
    tip: str = ""


class Banner(QFrame):
    """A sentence with an icon; short answers stand side by side below it, long ones in lines."""

    def __init__(
        self,
        icon: str,
        tone: str,
        text: str,
        answers: list[Answer] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 6, 9, 7)
        layout.setSpacing(6)
        layout.addLayout(_sentence(icon, tone, text, "", self))
        self.buttons: list[QPushButton] = []
        self.values: list[str] = []
        if any(len(answer.label) > _LONGEST_OF_TWO for answer in answers or ()):
            self._add_lines(layout, answers or [])
        elif answers:
            layout.addLayout(self._grid(answers))

    def _grid(self, answers: list[Answer]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for place, answer in enumerate(answers):
            row, column = divmod(place, 2)
            said = self._said(answer)
            said.addStretch()
            said.addWidget(self._button(answer))
            grid.addLayout(said, row, column)
            grid.setColumnStretch(column, 1)
        return grid

    def _add_lines(self, layout: QVBoxLayout, answers: list[Answer]) -> None:
        """Add what each answer stands for over the whole width, its button below."""
        buttons: QFlowLayout | None = None
        for answer in answers:
            if buttons is None or answer.value:
                layout.addLayout(self._said(answer))
                buttons = QFlowLayout()
                buttons.setContentsMargins(0, 0, 0, 0)
                buttons.setHorizontalSpacing(6)
                buttons.setVerticalSpacing(4)
                layout.addLayout(buttons)
            button = self._button(answer)
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button)

    def _said(self, answer: Answer) -> QVBoxLayout:
        cell = QVBoxLayout()
        cell.setSpacing(2)
        for text, role in ((answer.value, "name"), (answer.origin, "muted")):
            if text:
                label = _wrapped(text, role, self)
                label.setToolTip(answer.tip)
                cell.addWidget(label)
        return cell

    def _button(self, answer: Answer) -> QPushButton:
        button = QPushButton(answer.label, self)
        button.setAccessibleName(f"{answer.label} {answer.value}".strip())
        button.clicked.connect(lambda: answer.do())
        self.buttons.append(button)
        self.values.append(answer.value)
        return button


class Note(QWidget):
    """A calm sentence without a frame."""

    def __init__(self, icon: str, tone: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 2, 0)
        layout.addLayout(_sentence(icon, tone, text, "muted", self))


def _sentence(icon: str, tone: str, text: str, role: str, parent: QWidget) -> QHBoxLayout:
    sign = QLabel(icon, parent)
    sign.setProperty("tone", tone)
    line = QHBoxLayout()
    line.setSpacing(8)
    line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(_wrapped(text, role, parent), 1)
    return line


def _wrapped(text: str, role: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(_NUMBER_AND_UNIT.sub(_FIRM_SPACE, text))
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setMinimumWidth(60)
    return label
