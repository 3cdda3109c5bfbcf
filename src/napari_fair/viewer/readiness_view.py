"""The Readiness tab and the line above the form."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_fair.viewer import wording
from napari_fair.viewer.qt_text import restyle

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel

_TONES = {"passed": "good", "missing": "error", "partly": "warning"}


class ReadinessLine(QPushButton):
    """Icon and words, e.g. ``▲ 2 things to go for Essentials``; clicked, it shows the first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readiness")
        self.setToolTip("Go to the first field that is missing")
        self._sign, self._words = QLabel(self), QLabel(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 5, 9, 5)
        layout.setSpacing(8)
        layout.addWidget(self._sign)
        layout.addWidget(self._words, 1)
        for label in (self._sign, self._words):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.show_report(None)

    def show_report(self, report: Any) -> None:
        """Show a report; None while it is worked out."""
        icon, tone, summary = "○", "", "Looking what is missing …"
        if report is not None:
            summary = report.summary
            if report.to_go:
                icon, tone = "▲", "warning"
            elif report.ready:
                icon, tone = "✓", "good"
        count, found, rest = summary.partition(" to go ")
        self._sign.setText(icon)
        restyle(self._sign, tone=tone)
        self._words.setText(f"<b>{escape(count)}{found.rstrip()}</b> {escape(rest)}")
        self.setAccessibleName(summary)

    def sizeHint(self) -> QSize:
        """As high as its words."""
        return QSize(120, self._words.sizeHint().height() + 12)


class RuleRow(QFrame):
    """A rule: status as icon and word, the evidence, what to do, and the way there."""

    def __init__(self, result: Any, go_to: Callable[[str], object]) -> None:
        super().__init__()
        self.setObjectName("section")
        status = str(result.status)
        icon, word = wording.STATUS.get(status, ("•", status))
        sign = QLabel(icon, self)
        sign.setProperty("tone", _TONES.get(status, ""))
        sign.setFixedWidth(16)
        title = QLabel(self)
        title.setTextFormat(Qt.TextFormat.RichText)
        title.setText(f"<b>{escape(result.title)}</b> {word}")
        title.setWordWrap(True)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(title)
        for text in _details(result):
            texts.addWidget(_small(text, self))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 7)
        layout.setSpacing(7)
        layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(texts, 1)
        self.button: QPushButton | None = None
        if result.field:
            self.button = QPushButton("Show" if status == "passed" else "Set …", self)
            self.button.setAccessibleName(f"Go to {result.title}")
            self.button.clicked.connect(lambda: go_to(result.field))
            layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)


class ReadinessView(QWidget):
    """All rules, those that ask for something first."""

    def __init__(
        self, model: AnnotationModel, go_to: Callable[[str], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._model, self._go_to = model, go_to
        self._shown: Any = None
        self.rows: list[RuleRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 4)
        self._layout.setSpacing(0)
        self._layout.addStretch()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Show what was found out while another tab was shown."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show the model's report, if the page can be seen."""
        if not self.isVisible() or self._model.report is self._shown:
            return
        self._shown = self._model.report
        for row in self.rows:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        report = self._model.report
        results = [] if report is None else report.results
        order = list(_ORDER)
        ranked = sorted(results, key=lambda r: order.index(str(r.status)))
        self.rows = [RuleRow(result, self._go_to) for result in ranked]
        for row in self.rows:
            self._layout.insertWidget(self._layout.count() - 1, row)


_ORDER = ("missing", "partly", "not checked", "passed", "not applicable")


def _details(result: Any) -> list[str]:
    action = result.action if result.to_go or str(result.status) == "not checked" else ""
    evidence = result.evidence[:1].upper() + result.evidence[1:]
    return [text for text in (evidence, action) if text]


def _small(text: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label
