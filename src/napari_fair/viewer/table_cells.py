"""How cells of the table are drawn and edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QPointF, Qt
from qtpy.QtGui import QPainter, QPen
from qtpy.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from napari_fair.model import Kind, fields, split_path
from napari_fair.session.image_pairs import is_pair
from napari_fair.viewer.choice_editors import ChoiceEditor
from napari_fair.viewer.editors import LineEditor
from napari_fair.viewer.table_columns import title_of
from napari_fair.viewer.table_model import NOT_A_TERM
from napari_fair.viewer.term_editor import TermEditor

if TYPE_CHECKING:
    from qtpy.QtCore import QObject

Index = QModelIndex | QPersistentModelIndex
CellEditor = LineEditor | ChoiceEditor


class CellDelegate(QStyledItemDelegate):
    """Dots below what is not yet a term; terms and choices are edited as in the form.

    Parameters
    ----------
    path_of
        The path of the field that a column holds.
    """

    def __init__(self, path_of: Callable[[int], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path_of = path_of
        self.popup_style = ""

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a cell."""
        super().paint(painter, option, QModelIndex(index))
        if painter is None or not index.data(NOT_A_TERM):
            return
        painter.save()
        pen = QPen(option.palette.text().color())
        pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        area = option.rect.adjusted(6, 0, -6, -4)
        width = min(option.fontMetrics.horizontalAdvance(str(index.data())), area.width())
        start = QPointF(area.left(), area.bottom())
        painter.drawLine(start, QPointF(area.left() + width, area.bottom()))
        painter.restore()

    def createEditor(
        self, parent: QWidget | None, option: QStyleOptionViewItem, index: Index
    ) -> QWidget | None:
        """Return the editor of a column's kind."""
        path = self._path_of(index.column())
        editor = self._editor(path, parent)
        editor.setAccessibleName(title_of(path))
        editor.committed.connect(lambda _text: self._close(editor))
        return editor

    def _editor(self, path: str, parent: QWidget | None) -> CellEditor:
        if is_pair(path):
            return LineEditor(parent)
        field = fields()[split_path(path)[0]]
        if field.kind is Kind.CHOICE:
            return ChoiceEditor(field.choices, parent)
        if field.vocabulary:
            several = field.kind is Kind.TERMS
            editor = TermEditor(field.vocabulary, several=several, parent=parent)
            editor.set_popup_style(self.popup_style)
            return editor
        return LineEditor(parent)

    def _close(self, editor: CellEditor) -> None:
        if isinstance(editor, TermEditor | ChoiceEditor):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor)

    def setEditorData(self, editor: QWidget | None, index: Index) -> None:
        """Show the value in the editor."""
        if isinstance(editor, LineEditor | ChoiceEditor):
            editor.show_value(str(index.data(Qt.ItemDataRole.EditRole) or ""))
        if isinstance(editor, LineEditor):
            editor.selectAll()

    def setModelData(
        self, editor: QWidget | None, model: QAbstractItemModel | None, index: Index
    ) -> None:
        """Keep what was typed or chosen."""
        if model is not None and isinstance(editor, LineEditor | ChoiceEditor):
            model.setData(QModelIndex(index), editor.text())
