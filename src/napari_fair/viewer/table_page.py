"""The Table tab: all images of the folder as rows, fields as columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_fair.files import FairError, reading, writing
from napari_fair.files import replace as replace_file
from napari_fair.model import Level, fields, split_path
from napari_fair.session import Table
from napari_fair.viewer import theme
from napari_fair.viewer.qt_text import ElidedLabel
from napari_fair.viewer.table_columns import first_columns, possible_columns
from napari_fair.viewer.table_dialogs import ColumnsDialog, ReplaceDialog
from napari_fair.viewer.table_grid import ImageGrid
from napari_fair.viewer.table_model import ImageTable

if TYPE_CHECKING:
    from napari_fair.session import Session
    from napari_fair.viewer.state import AnnotationModel
    from napari_fair.viewer.theme import Palette

_LEGEND = "Grey: inherited · bold: this image's own · dotted: not yet a term · amber: missing"


class TablePage(QWidget):
    """A line of buttons, the grid, and a line that says what its looks mean.

    It follows the record only while it is shown.
    """

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._model = model
        self._shown: Session | None = None
        self._sorted: tuple[int, bool] | None = None
        self.images = ImageTable()
        self.images.told.connect(lambda sentence: model.told.emit("warning", sentence))
        self.grid = ImageGrid(self.images, self)
        self._make_buttons()
        self.note = ElidedLabel(_LEGEND, self)
        self.note.elide = Qt.TextElideMode.ElideRight
        self.note.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(6)
        layout.addLayout(self._line())
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.note)
        header = self.grid.horizontalHeader()
        if header is not None:
            header.sectionClicked.connect(self.sort)

    def _make_buttons(self) -> None:
        self.missing = QPushButton("&Missing only", self)
        self.missing.setCheckable(True)
        self.missing.setToolTip("Show only the images in which a column shown is missing")
        self.missing.toggled.connect(lambda _on: self._arrange())
        self.choose = QPushButton("&Columns", self)
        self.choose.setToolTip("Choose which fields are columns")
        self.choose.clicked.connect(self.choose_columns)
        self.more = QPushButton("M&ore", self)
        self.more.setMenu(self._menu())
        self.wider = QPushButton("&Wider", self)
        self.wider.setAccessibleName("Wider: in a window of its own")
        self.wider.setToolTip("Show the table in a window of its own; close it to get it back")

    def _line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(6)
        for button in (self.missing, self.choose, self.more):
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            line.addWidget(button)
        line.addStretch()
        line.addWidget(self.wider)
        return line

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        deeds: list[tuple[str, str, Callable[[], object]] | None] = [
            ("&Fill down", "Ctrl+D", self.grid.fill_down),
            ("&Copy", "Ctrl+C", self.grid.copy),
            ("&Paste", "Ctrl+V", self.grid.paste),
            ("Find and &replace …", "", self.find_and_replace),
            None,
            ("&Undo", "Ctrl+Z", self._model.undo),
            ("R&edo", "Ctrl+Shift+Z", self._model.redo),
            None,
            ("Write as CSV or &TSV …", "", self.choose_export),
            ("Read CSV or T&SV …", "", self.choose_import),
        ]
        for deed in deeds:
            if deed is None:
                menu.addSeparator()
                continue
            words, keys, do = deed
            action = menu.addAction(f"{words}\t{keys}" if keys else words)
            if action is not None:
                action.triggered.connect(lambda _=False, do=do: do())
        return menu

    def focus_chain(self) -> list[QWidget]:
        """Return what the Tab key goes through."""
        return [self.missing, self.choose, self.more, self.wider, self.grid]

    # showing

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with what the record became meanwhile."""
        super().showEvent(event)
        self.refresh()

    def set_colours(self, colours: Palette) -> None:
        """Take the colours of the theme."""
        self.images.set_colours(colours)
        self.grid.cells.popup_style = theme.popup_style(colours)

    def refresh(self) -> None:
        """Show the record as it is now, if the page can be seen."""
        if not self.isVisible():
            return
        session = self._model.session
        if session is not self._shown:
            self._shown = session
            self._sorted = None
            self.missing.setChecked(False)
            columns = first_columns(session.dataset) if session is not None else []
            self.show_columns(columns)
        else:
            self.images.refresh()
        self._count()

    def show_columns(self, columns: list[str]) -> None:
        """Show these fields as columns."""
        self.images.show(self._model.session, columns)
        self.grid.fit_columns()
        if self.missing.isChecked() or self._sorted is not None:
            self._sorted = None
            self._arrange()

    def _count(self) -> None:
        whole = self.images.whole()
        shown, known = self.images.rowCount(), len(whole.rows) if whole is not None else 0
        few = f"{shown} of {known} images. " if shown < known else ""
        self.note.setText(f"{few}{_LEGEND}")

    # order and filter

    def sort(self, column: int) -> None:
        """Sort by a column; again turns the order round."""
        same = self._sorted is not None and self._sorted[0] == column
        descending = same and self._sorted is not None and not self._sorted[1]
        self._sorted = (column, descending)
        header = self.grid.horizontalHeader()
        if header is not None:
            order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
            header.setSortIndicatorShown(True)
            header.setSortIndicator(column, order)
        self._arrange()

    def _arrange(self) -> None:
        """Work out elsewhere which rows are shown in which order."""
        whole = self.images.whole()
        if whole is None:
            return
        by, only = self._sorted, self.missing.isChecked()
        self._model.runner.run(
            "table", lambda: arranged(whole, by, only=only), self._arranged, self._model.fail
        )

    def _arranged(self, rows: list[int]) -> None:
        self.images.arrange(rows)
        self._count()

    # what people do

    def choose_columns(self) -> None:
        """Ask which fields are columns."""
        session = self._model.session
        if session is None:
            return
        possible = possible_columns(session.dataset, Level.EXPERT)
        dialog = ColumnsDialog(possible, list(self.images.columns), self)
        if dialog.exec():
            self.show_columns(dialog.chosen())

    def find_and_replace(self) -> None:
        """Ask for a text and what to put in its place, in the selected columns or in all."""
        table = self.images.table
        if table is None:
            return
        columns = [c for c in self.grid.chosen()[1] if self.images.editable(c + 1)]
        dialog = ReplaceDialog(table, columns or self._editable(), self)
        if dialog.exec():
            self.images.apply(dialog.changes())

    def _editable(self) -> list[int]:
        return [c for c in range(len(self.images.columns)) if self.images.editable(c + 1)]

    def choose_export(self) -> None:
        """Ask where to write the table to."""
        name, _ = QFileDialog.getSaveFileName(
            self, "Write the table", "images.tsv", "Tables (*.tsv *.csv)"
        )
        if name:
            self.export(Path(name))

    def export(self, path: Path) -> None:
        """Write the table as it is shown."""
        table = self.images.table
        if table is None:
            return
        text = table.dump(delimiter=_delimiter(path))
        try:
            with writing(path):
                replace_file(path, text.encode("utf-8"))
        except FairError as problem:
            self._model.fail(problem)

    def choose_import(self) -> None:
        """Ask which table to read."""
        name, _ = QFileDialog.getOpenFileName(
            self, "Read a table", "", "Tables (*.tsv *.csv *.txt)"
        )
        if name:
            self.read(Path(name))

    def read(self, path: Path) -> None:
        """Take over what a table file says otherwise."""
        whole = self.images.whole()
        if whole is None:
            return
        try:
            with reading(path):
                text = path.read_bytes().decode("utf-8-sig")
            count = self.images.apply(whole.changes(text, delimiter=_delimiter(path)))
        except UnicodeDecodeError:
            self._model.told.emit("error", f"{path.name} is no UTF-8 text: save it as CSV UTF-8.")
            return
        except FairError as problem:
            self._model.fail(problem)
            return
        cells = "1 cell" if count == 1 else f"{count} cells"
        self._model.told.emit("info", f"{path.name}: {cells} changed.")


def arranged(whole: Table, by: tuple[int, bool] | None, *, only: bool) -> list[int]:
    """Return the rows of a table in the order they are shown; runs in any thread.

    Parameters
    ----------
    by
        Column (0 is the image's name) and whether the order is turned round.
    only
        Whether only rows with a gap in an essential column, or in any if there is none, stay.
    """
    rows = list(range(len(whole.rows)))
    if by is not None and by[0] > 0:
        rows = whole.order(by[0] - 1, descending=by[1])
    elif by is not None and by[1]:
        rows.reverse()
    if not only:
        return rows
    essential = [
        path for path in whole.columns if fields()[split_path(path)[0]].level is Level.ESSENTIALS
    ]
    gaps = set(Table(whole.dataset, essential or whole.columns).with_gaps())
    return [row for row in rows if row in gaps]


def _delimiter(path: Path) -> str:
    return "," if path.suffix.lower() == ".csv" else "\t"
