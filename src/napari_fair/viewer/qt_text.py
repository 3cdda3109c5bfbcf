"""Labels that shorten themselves, and properties that style sheets look at."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QPainter, QPaintEvent
from qtpy.QtWidgets import QLabel, QStyle, QStyleOption, QWidget


def restyle(widget: QWidget, **properties: str) -> None:
    """Set dynamic properties and let the style sheet see them."""
    changed = [key for key, value in properties.items() if widget.property(key) != value]
    for key in changed:
        widget.setProperty(key, properties[key])
    style = widget.style()
    if changed and style is not None:
        style.unpolish(widget)
        style.polish(widget)


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
