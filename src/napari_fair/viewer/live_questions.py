"""What Micro-Manager does not know about the microscope, asked in the Live tab."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from napari_fair.files import FairError
from napari_fair.viewer import live_words as words
from napari_fair.viewer.live_cards import Card, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_fair.live import Question


class QuestionsCard(Card):
    """What Micro-Manager does not know about the microscope: asked once, beside the work."""

    def __init__(
        self,
        answer: Callable[[Mapping[str, str]], object],
        not_now: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__("Questions", parent)
        self._answer = answer
        self._shown: tuple[Question, ...] = ()
        self.editors: dict[str, QLineEdit] = {}
        self.why = plain(words.WHY_ASKED, "muted", self)
        self.rows = QWidget(self)
        self.problem = plain("", "error", self)
        self.problem.hide()
        self.keep = QPushButton("&Remember", self)
        self.keep.setProperty("primary", "true")
        self.keep.clicked.connect(self.remember)
        self.open = QPushButton("&Answer …", self)
        self.open.clicked.connect(lambda: self.unfold(True))
        self.later = QPushButton("Not &now", self)
        self.later.clicked.connect(lambda: self.unfold(False))
        self.later.clicked.connect(lambda: not_now())
        buttons = QHBoxLayout()
        buttons.addStretch()
        for button in (self.later, self.open, self.keep):
            buttons.addWidget(button)
        for widget in (self.why, self.rows, self.problem):
            self.column.addWidget(widget)
        self.column.addLayout(buttons)
        self.unfold(False)

    def unfold(self, form: bool) -> None:
        """Show the form, or only how much there is to answer."""
        for widget in (self.rows, self.why, self.keep):
            widget.setVisible(form)
        self.open.setVisible(not form)

    def ask(self, questions: tuple[Question, ...]) -> None:
        """Ask these; what is typed for those that stay stays."""
        self.setVisible(bool(questions))
        if questions == self._shown:
            return
        typed = {key: editor.text() for key, editor in self.editors.items()}
        self.title.setText(words.asked_line(len(questions)))
        self._shown, self.editors = questions, {}
        unfolded = not self.rows.isHidden()
        self.column.removeWidget(self.rows)
        self.rows.hide()
        self.rows.deleteLater()
        self.rows = QWidget(self)
        grid = _rows_of(self.rows)
        for about, asked in groupby(questions, key=lambda question: question.about):
            title = plain(words.about(about), "name", self.rows)
            grid.addWidget(title, grid.rowCount(), 0, 1, 2)
            for question in asked:
                self._add(grid, question, typed.get(question.key, ""))
        self.column.insertWidget(2, self.rows)
        self.rows.setVisible(unfolded)

    def _add(self, grid: QGridLayout, question: Question, typed: str) -> None:
        row = grid.rowCount()
        label = plain(question.label, "label", self.rows)
        editor = QLineEdit(typed, self.rows)
        editor.setPlaceholderText(f"e.g. {question.example}" if question.example else "")
        editor.setToolTip(question.why)
        editor.setAccessibleName(f"{question.label}, {words.about(question.about)}")
        editor.returnPressed.connect(self.remember)
        label.setBuddy(editor)
        grid.addWidget(label, row, 0)
        grid.addWidget(editor, row, 1)
        self.editors[question.key] = editor

    def remember(self) -> None:
        """Keep the answers; what is left empty is not known and not asked again."""
        try:
            self._answer({key: editor.text() for key, editor in self.editors.items()})
        except FairError as problem:
            self.problem.setText(str(problem))
            self.problem.show()
        else:
            self.problem.hide()
            self.unfold(False)


def _rows_of(widget: QWidget) -> QGridLayout:
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, 118)
    grid.setColumnStretch(1, 1)
    return grid
