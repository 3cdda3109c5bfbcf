"""The wells of a plate as a grid that is painted by mouse or keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from qtpy.QtGui import QColor, QKeyEvent, QPainter, QPen
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from napari_fair.session.plates import Layout, row_name

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_WELL_ROLE = Qt.ItemDataRole.UserRole
_LEAST, _SMALL, _MOST = 20, 26, 44
_ACROSS, _DOWN = 620, 320
"""Pixels: the smallest well, one with small numbers, the largest; the room of a plate."""

COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999")
"""Told apart with any colour vision (Okabe and Ito 2008); a number stands on them, too."""


@dataclass(frozen=True)
class WellLook:
    """What a well shows.

    Attributes
    ----------
    images
        How many images are of it.
    condition
        The number of its condition from 0, None for none.
    words
        What its condition says.
    """

    images: int = 0
    condition: int | None = None
    words: str = ""


class _Wells(QAbstractTableModel):
    """Wells of one plate, empty ones included."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.layout_ = Layout(8, 12)
        self.looks: Mapping[str, WellLook] = {}

    def show(self, layout: Layout, looks: Mapping[str, WellLook]) -> None:
        """Show a plate; the selection stays while its layout does."""
        if layout != self.layout_:
            self.beginResetModel()
            self.layout_, self.looks = layout, looks
            self.endResetModel()
            return
        self.looks = looks
        end = self.index(layout.rows - 1, layout.columns - 1)
        self.dataChanged.emit(self.index(0, 0), end)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the rows of the plate."""
        return 0 if parent.isValid() else self.layout_.rows

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the columns of the plate."""
        return 0 if parent.isValid() else self.layout_.columns

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return letters for rows and numbers for columns."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        across = orientation is Qt.Orientation.Horizontal
        return str(section + 1) if across else row_name(section)

    def data(self, index: Index, role: int = 0) -> Any:
        """Return the condition's number, and in words what the well holds."""
        well = self.layout_.well(index.row(), index.column())
        look = self.looks.get(well, WellLook())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return "" if look.condition is None else str(look.condition + 1)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return _words(well, look)
            case _ if role == _WELL_ROLE:
                return look
        return None


def _words(well: str, look: WellLook) -> str:
    images = {0: "no image", 1: "1 image"}.get(look.images, f"{look.images} images")
    if look.condition is None:
        return f"{well}, {images}, not painted"
    return f"{well}, {images}, condition {look.condition + 1}: {look.words}"


class _WellPainter(QStyledItemDelegate):
    """Draws a well: a ring where there is an image, filled where there is a condition."""

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a well."""
        if painter is None:
            return
        look = index.data(_WELL_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_selection(painter, option)
        self._draw_well(painter, option, look)
        painter.restore()

    @staticmethod
    def _draw_selection(painter: QPainter, option: QStyleOptionViewItem) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, option.palette.highlight())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(option.palette.text().color(), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(1, 1, -2, -2))

    @staticmethod
    def _draw_well(painter: QPainter, option: QStyleOptionViewItem, look: WellLook) -> None:
        size = min(option.rect.width(), option.rect.height()) - 5
        area = QRectF(0, 0, size, size)
        area.moveCenter(QRectF(option.rect).center())
        ink = option.palette.text().color()
        if not look.images:
            area = area.adjusted(size / 3, size / 3, -size / 3, -size / 3)
            ink.setAlpha(70)
        painter.setPen(QPen(ink, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if look.condition is None:
            painter.drawEllipse(area)
            return
        colour = QColor(COLOURS[look.condition % len(COLOURS)])
        painter.setBrush(colour)
        painter.drawEllipse(area)
        if look.images:
            painter.setPen(QColor("black" if colour.lightness() > 110 else "white"))
            painter.drawText(option.rect, Qt.AlignmentFlag.AlignCenter, str(look.condition + 1))


class WellGrid(QTableView):
    """A plate; arrows move, Shift selects, digits paint a condition, Delete clears.

    `painted` is emitted with a condition's number from 0, -1 for the one that is chosen, or
    None to clear.
    """

    painted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wells = _Wells(self)
        self.setModel(self._wells)
        self.setItemDelegate(_WellPainter(self))
        self.setAccessibleName("Wells of the plate")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            if header is not None:
                header.setMinimumSectionSize(_LEAST)
                header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
                header.setHighlightSections(False)

    def show_plate(self, layout: Layout, looks: Mapping[str, WellLook]) -> None:
        """Show a plate's wells."""
        self._wells.show(layout, looks)
        wanted = min(_ACROSS // layout.columns, _DOWN // layout.rows)
        size = max(_LEAST, min(_MOST, wanted))
        small = "font-size: 7pt;" if size < _SMALL else ""
        for header in (self.horizontalHeader(), self.verticalHeader()):
            if header is not None:
                header.setDefaultSectionSize(size)
                header.setStyleSheet(f"QHeaderView::section {{ padding: 0 2px; {small} }}")
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self._wells.index(0, 0))

    def chosen(self) -> list[str]:
        """Return the names of the wells selected."""
        selection = self.selectionModel()
        indexes = selection.selectedIndexes() if selection is not None else []
        return sorted(self._wells.layout_.well(i.row(), i.column()) for i in indexes)

    def look(self, well: str) -> WellLook:
        """Return what a well shows."""
        return self._wells.looks.get(well, WellLook())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Paint or clear the wells selected."""
        plain = event is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event is None or not plain:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.painted.emit(-1)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.painted.emit(None)
        elif event.text() in set("123456789"):
            self.painted.emit(int(event.text()) - 1)
        else:
            super().keyPressEvent(event)
