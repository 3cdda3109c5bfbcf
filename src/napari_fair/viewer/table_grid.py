"""The grid of the table: selection, copy, paste and fill down by keys."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QItemSelectionModel, Qt, Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QAbstractItemView, QApplication, QShortcut, QTableView, QWidget

from napari_fair.session import filled_down, pasted
from napari_fair.session.spreadsheets import guarded
from napari_fair.session.table import cleared
from napari_fair.viewer.table_cells import CellDelegate
from napari_fair.viewer.table_model import ImageTable

_MOST_WIDTH, _LEAST_WIDTH = 220, 80


class ImageGrid(QTableView):
    """Images and fields, with the keys that spreadsheets have.

    `rows_left` is emitted with rows that are to be taken out of the table.
    """

    rows_left = Signal(list)

    def __init__(self, table: ImageTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images = table
        table.setParent(self)  # a view that outlives its model selects in nothing
        self.setModel(table)
        self.cells = CellDelegate(lambda column: table.columns[column - 1], self)
        self.setItemDelegate(self.cells)
        self.setAccessibleName("Images and their fields")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        if rows is not None:
            rows.hide()
            rows.setDefaultSectionSize(26)
        columns = self.horizontalHeader()
        if columns is not None:
            columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
            columns.setHighlightSections(False)
            columns.setResizeContentsPrecision(0)  # widths go by the rows in sight
            columns.setSectionsClickable(True)
        for keys, do in (
            (QKeySequence(QKeySequence.StandardKey.Copy), self.copy),
            (QKeySequence(QKeySequence.StandardKey.Paste), self.paste),
            (QKeySequence("Ctrl+D"), self.fill_down),
            (QKeySequence(QKeySequence.StandardKey.Delete), self.delete),
        ):
            self._bind(keys, do)

    def _bind(self, keys: QKeySequence, do: Callable[[], object]) -> None:
        shortcut = QShortcut(keys, self)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(do)

    def fit_columns(self) -> None:
        """Make columns as wide as their titles and first rows need, within reason."""
        for column in range(self.images.columnCount()):
            wanted = max(self.sizeHintForColumn(column), self._title_width(column)) + 8
            self.setColumnWidth(column, min(max(wanted, _LEAST_WIDTH), _MOST_WIDTH))

    def _title_width(self, column: int) -> int:
        header = self.horizontalHeader()
        return header.sectionSizeHint(column) if header is not None else 0

    # the selection

    def chosen(self) -> tuple[list[int], list[int]]:
        """Return the rows and field columns of the selection, without the image's name."""
        selection = self.selectionModel()
        indexes = selection.selectedIndexes() if selection is not None else []
        columns = {index.column() - 1 for index in indexes if index.column() > 0}
        return sorted({index.row() for index in indexes}), sorted(columns)

    def choose(self, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """Select a block of cells; column 0 is the image's name."""
        selection = self.selectionModel()
        if selection is None:
            return
        self.setCurrentIndex(self.images.index(row, column))
        flag = QItemSelectionModel.SelectionFlag.Select
        for r in range(row, row + rows):
            for c in range(column, column + columns):
                selection.select(self.images.index(r, c), flag)

    # keys

    def copy(self) -> None:
        """Copy the selected cells as text that spreadsheets take."""
        rows, columns = self.chosen()
        table, clipboard = self.images.table, QApplication.clipboard()
        if table is None or clipboard is None or not columns:
            return
        lines = ["\t".join(guarded(table.cell(r, c).text) for c in columns) for r in rows]
        clipboard.setText("\n".join(lines))

    def paste(self) -> None:
        """Paste a block of cells at the current one."""
        table, clipboard, at = self.images.table, QApplication.clipboard(), self.currentIndex()
        if table is None or clipboard is None or at.column() < 1:
            return
        text = clipboard.text()
        rows, columns = self.chosen()
        one_cell = "\t" not in text.strip("\r\n") and "\n" not in text.strip("\r\n")
        if one_cell and len(rows) * len(columns) > 1:
            self.images.change(
                len(rows) * len(columns),
                lambda: [c for r in rows for k in columns for c in pasted(table, r, k, text)],
            )
        else:
            row, column = at.row(), at.column() - 1
            cells = text.count("\n") + text.count("\t")
            self.images.change(cells, lambda: pasted(table, row, column, text))

    def fill_down(self) -> None:
        """Copy the first selected row's cells to the others; one row takes from above."""
        rows, columns = self.chosen()
        if len(rows) == 1 and rows[0] > 0:
            rows = [rows[0] - 1, *rows]
        table = self.images.table
        if table is not None:
            cells = len(rows) * len(columns)
            self.images.change(cells, lambda: filled_down(table, rows, columns))

    def delete(self) -> None:
        """Clear the selected cells, or take out the rows of which only names are selected."""
        rows, columns = self.chosen()
        if columns:
            self.clear_cells()
        elif rows:
            self.rows_left.emit(rows)

    def clear_cells(self) -> None:
        """Let the selected cells inherit again."""
        table = self.images.table
        rows, columns = self.chosen()
        if table is None:
            return
        self.images.change(len(rows) * len(columns), lambda: cleared(table, rows, columns))
