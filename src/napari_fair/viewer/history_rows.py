"""The steps as rows: sign, name, chip, one line of detail; opened, all that is known."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QKeyEvent, QMouseEvent
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.viewer import history_words as words
from napari_fair.viewer.qt_text import ElidedLabel, restyle

if TYPE_CHECKING:
    from napari_fair.model import Step
    from napari_fair.viewer.recorder_docks import Proposal


class StepRow(QFrame):
    """One step; a click or Enter opens it.

    Attributes
    ----------
    confirmed, described, led_to
        A button was pressed; argument is the step's id.
    commented
        The comment was changed; arguments are the step's id and the text.
    """

    confirmed = Signal(str)
    described = Signal(str)
    led_to = Signal(str)
    commented = Signal(str, str)

    def __init__(
        self,
        step: Step,
        ref: words.Ref,
        proposal: Proposal | None,
        agent: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName("step")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.step, self._ref, self._agent = step, ref, agent
        shown = words.line(step, ref, agent)
        self.setAccessibleName(f"{shown.name}, {shown.chip or 'opened'}")
        self._texts = QVBoxLayout()
        self._texts.setSpacing(2)
        self._texts.addLayout(self._title(shown))
        self._texts.addWidget(_muted(shown.detail, self))
        if step.comment:
            self._texts.addWidget(_muted(f"“{step.comment}”", self))
        self.yes: QPushButton | None = None
        self.describe: QPushButton | None = None
        self.open_part: QWidget | None = None
        self.comment: QLineEdit | None = None
        if words.state_of(step) == "opaque":
            self._ask(proposal)
        sign = QLabel(shown.sign, self)
        sign.setProperty("tone", shown.tone)
        sign.setFixedWidth(14)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 7)
        layout.setSpacing(8)
        layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(self._texts, 1)

    def _title(self, shown: words.Line) -> QHBoxLayout:
        name = ElidedLabel(shown.name, self)
        name.setToolTip(shown.name)
        name.setProperty("role", "name")
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(name, 0)
        if shown.chip:
            chip = QLabel(shown.chip, self)
            chip.setObjectName("chip")
            chip.setProperty("tone", shown.tone)
            chip.setToolTip(words.MEANING[shown.chip])
            title.addWidget(chip, 0)
        title.addStretch(1)
        return title

    def _ask(self, proposal: Proposal | None) -> None:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 4, 0, 0)
        buttons.setSpacing(6)
        if proposal is not None:
            tool = proposal.tool
            text = words.proposal_line(tool.name, tool.version, proposal.parameters, proposal.sure)
            self._texts.addWidget(_muted(text, self))
            self.yes = QPushButton("&Yes, that was it", self)
            self.yes.setProperty("primary", "true")
            self.yes.clicked.connect(lambda: self.confirmed.emit(self.step.id))
            buttons.addWidget(self.yes)
        self.describe = QPushButton("&Describe …", self)
        self.describe.clicked.connect(lambda: self.described.emit(self.step.id))
        buttons.addWidget(self.describe)
        buttons.addStretch()
        self._texts.addLayout(buttons)

    def say(self, text: str, tone: str) -> None:
        """Show what came of running the step again."""
        label = _muted(text, self)
        label.setProperty("tone", tone)
        self._texts.addWidget(label)

    # ---- opening ----

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Open or close."""
        super().mousePressEvent(event)
        self.toggle()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open or close with Enter or Space."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            self.toggle()
        else:
            super().keyPressEvent(event)

    def toggle(self) -> None:
        """Show all that is known of the step, or no longer."""
        if self.open_part is None:
            self.open_part = self._details()
            self._texts.addWidget(self.open_part)
        else:
            self.open_part.setVisible(self.open_part.isHidden())
        restyle(self, chosen="false" if self.open_part.isHidden() else "true")

    def _details(self) -> QWidget:
        part = QWidget(self)
        layout = QVBoxLayout(part)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        pairs = words.facts(self.step, self._ref, self._agent)
        rows = "".join(
            f"<tr><td>{escape(words.breakable(label))}&nbsp;&nbsp;</td><td>{escape(words.breakable(text))}</td></tr>"
            for label, text in pairs
        )
        table = _muted("", part)
        table.setTextFormat(Qt.TextFormat.RichText)
        table.setText(f"<table>{rows}</table>")
        table.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(table)
        self.comment = QLineEdit(self.step.comment, part)
        self.comment.setPlaceholderText("Comment; what was recorded stays as it is")
        self.comment.setAccessibleName("Comment")
        self.comment.editingFinished.connect(self._say)
        layout.addWidget(self.comment)
        if self.step.outputs:
            led = QPushButton("What led to this", part)
            led.setProperty("link", "true")
            led.clicked.connect(lambda: self.led_to.emit(self.step.outputs[0].data))
            layout.addWidget(led, 0, Qt.AlignmentFlag.AlignLeft)
        return part

    def _say(self) -> None:
        if self.comment is not None and self.comment.text() != self.step.comment:
            self.commented.emit(self.step.id, self.comment.text())

    def focus_chain(self) -> list[QWidget]:
        """Return what Tab goes through."""
        found = (self, self.yes, self.describe, self.comment)
        return [widget for widget in found if widget is not None]


def _muted(text: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(words.breakable(text))
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    return label
