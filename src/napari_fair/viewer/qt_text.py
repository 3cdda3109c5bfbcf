"""Labels that shorten themselves, properties that style sheets look at, layouts that settle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtGui import QPainter, QPaintEvent
from qtpy.QtWidgets import (
    QApplication,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QWidget,
)

_PASSES = 3
"""How often lines that wrap may change the height of what they stand in."""
_NOT_SET = (None, "", "false")


def restyle(widget: QWidget, **properties: str) -> None:
    """Set dynamic properties and let the style sheet see them."""
    changed = [
        key
        for key, value in properties.items()
        if widget.property(key) != value and not _alike(widget.property(key), value)
    ]
    for key in changed:
        widget.setProperty(key, properties[key])
    style = widget.style()
    if changed and style is not None:
        style.unpolish(widget)
        style.polish(widget)


def _alike(before: object, after: str) -> bool:
    """Return whether both mean that a property is not set: no style looks for that."""
    return before in _NOT_SET and after in _NOT_SET


def lay_out() -> None:
    """Let all layouts settle now, before anything is painted: rows are squeezed until they do."""
    for _ in range(_PASSES):
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)


def tab_through(new: Sequence[QWidget], before: QWidget) -> None:
    """Let the Tab key go through new widgets right before another one."""
    last = before.previousInFocusChain()
    for one, following in pairwise([*([last] if last is not None else []), *new, before]):
        QWidget.setTabOrder(one, following)


class ElidedButton(QPushButton):
    """A button whose words are cut at the end when they do not fit; the tooltip has them all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.elide = Qt.TextElideMode.ElideRight
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Never ask for width: the dock decides."""
        return QSize(24, super().minimumSizeHint().height())

    def initStyleOption(self, option: QStyleOptionButton | None) -> None:
        """Hand the style as much of the words as fits."""
        super().initStyleOption(option)
        if option is not None:
            room = self.width() - 2
            if not option.icon.isNull():
                room -= option.iconSize.width() + 4
            option.text = self.fontMetrics().elidedText(self.text(), self.elide, room)


class ElidedLabel(QLabel):
    """One line that is cut in the middle when it does not fit; the tooltip has it all."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.elide = Qt.TextElideMode.ElideMiddle

    def setText(self, text: str | None) -> None:
        """Show a text."""
        super().setText(text)
        self.setToolTip(text or "")

    def minimumSizeHint(self) -> QSize:
        """Never ask for width: the dock decides."""
        return QSize(20, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw as much as fits."""
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        style = self.style()
        area = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), self.elide, area.width())
        if style is not None:
            style.drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.drawText(area, int(self.alignment().value), text)
