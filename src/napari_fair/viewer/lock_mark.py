"""A padlock, drawn: few fonts have one."""

from __future__ import annotations

from functools import cache

from qtpy.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap
from qtpy.QtWidgets import QWidget

from napari_fair.viewer.qt_text import ElidedButton

_SIDE = 11
"""Pixels of a padlock beside words."""
_SCALE = 2
"""Pixels of an icon for each pixel that is asked for: screens are fine."""


def draw_lock(painter: QPainter, area: QRectF, colour: QColor) -> None:
    """Draw a padlock that fills an area."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    unit = area.height() / 11
    painter.setPen(QPen(colour, 1.3 * unit))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    bow = QRectF(area.center().x() - 2.4 * unit, area.top() + 1 * unit, 4.8 * unit, 6 * unit)
    painter.drawArc(bow, 0, 180 * 16)
    for x in (bow.left(), bow.right()):
        painter.drawLine(QPointF(x, bow.center().y()), QPointF(x, bow.bottom()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    body = QRectF(area.center().x() - 4 * unit, area.top() + 4.8 * unit, 8 * unit, 5.6 * unit)
    painter.drawRoundedRect(body, unit, unit)
    painter.restore()


@cache
def lock_icon(colour: str) -> QIcon:
    """Return a padlock for a cell of a table."""
    pixels = QPixmap(_SIDE * _SCALE, _SIDE * _SCALE)
    pixels.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixels)
    draw_lock(painter, QRectF(pixels.rect()), QColor(colour))
    painter.end()
    return QIcon(pixels)


class MarkButton(ElidedButton):
    """Words at the right end of a row, with a padlock before them when the value is locked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._locked = False
        self.setIconSize(QSize(_SIDE, _SIDE))

    def lock(self, locked: bool) -> None:
        """Show the padlock or take it away."""
        if locked is not self._locked:
            self._locked = locked
            self._show_lock()

    def _show_lock(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.ButtonText).name()
        self.setIcon(lock_icon(colour) if self._locked else QIcon())

    def changeEvent(self, event: QEvent | None) -> None:
        """Draw the padlock in the colour of the words."""
        super().changeEvent(event)
        if self._locked and event is not None and event.type() == QEvent.Type.PaletteChange:
            self._show_lock()
