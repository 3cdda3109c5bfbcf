"""The Table tab: all images of the folder as rows, fields as columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import (
    QDialog,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from superqt import QFlowLayout

from napari_fair.model import Level
from napari_fair.session import Change, Table
from napari_fair.viewer import theme
from napari_fair.viewer.qt_text import ElidedLabel
from napari_fair.viewer.table_columns import (
    first_columns,
    in_order,
    is_essential,
    possible_columns,
)
from napari_fair.viewer.table_dialogs import ColumnsDialog, ReplaceDialog
from napari_fair.viewer.table_edits import LargeEdits
from napari_fair.viewer.table_files import TableFiles
from napari_fair.viewer.table_folder import FolderImages
from napari_fair.viewer.table_grid import ImageGrid
from napari_fair.viewer.table_model import ImageTable, allowed
from napari_fair.viewer.table_names import NamesDialog
from napari_fair.viewer.table_plate import PlateDialog

if TYPE_CHECKING:
    from napari_fair.session import Session
    from napari_fair.session.file_names import NameColumn
    from napari_fair.session.plates import Conditions, InWell
    from napari_fair.session.readings import Reading
    from napari_fair.viewer.state import AnnotationModel
    from napari_fair.viewer.theme import Palette

_LEGEND = (
    "Grey: inherited · bold: this image's own · dotted: not yet a term · amber: missing · "
    "slanted: not saved yet"
)


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
        self._colours: Palette | None = None
        self.images = ImageTable()
        self.images.told.connect(lambda sentence: model.told.emit("warning", sentence))
        self.edits = LargeEdits(model)
        self.edits.changed.connect(self._count)
        self.images.elsewhere = self._change
        self.grid = ImageGrid(self.images, self)
        self.files = TableFiles(model, self.images, self)
        self.folder = FolderImages(model, self)
        self._make_buttons()
        self.note = ElidedLabel(_LEGEND, self)
        self.note.elide = Qt.TextElideMode.ElideRight
        self.note.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(6)
        layout.addLayout(self._line())
        layout.addWidget(self.folder)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.note)
        self.grid.rows_left.connect(self.take_out)
        header = self.grid.horizontalHeader()
        if header is not None:
            header.sectionClicked.connect(self.sort)

    def _make_buttons(self) -> None:
        self.names = QPushButton("&From file names …", self)
        self.names.setToolTip("Fill columns from the parts of file and folder names")
        self.names.clicked.connect(self.from_file_names)
        self.plate = QPushButton("&Plate …", self)
        self.plate.setToolTip("Paint sample and treatment onto the wells of a plate")
        self.plate.clicked.connect(self.paint_plate)
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

    def _line(self) -> QFlowLayout:
        line = QFlowLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setHorizontalSpacing(6)
        line.setVerticalSpacing(6)
        for button in self._buttons():
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            line.addWidget(button)
        return line

    def _buttons(self) -> list[QPushButton]:
        return [self.missing, self.choose, self.names, self.plate, self.more, self.wider]

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        deeds: list[tuple[str, str, Callable[[], object]] | None] = [
            ("&Fill down", "Ctrl+D", self.grid.fill_down),
            ("&Copy", "Ctrl+C", self.grid.copy),
            ("&Paste", "Ctrl+V", self.grid.paste),
            ("Find and &replace …", "", self.find_and_replace),
            ("&Take rows out", "", lambda: self.take_out(self.grid.chosen()[0])),
            None,
            ("&Undo", "Ctrl+Z", self._model.undo),
            ("R&edo", "Ctrl+Shift+Z", self._model.redo),
            None,
            ("&Write as XLSX, CSV or TSV …", "", self.files.choose_export),
            ("Re&ad XLSX, CSV or TSV …", "", self.files.choose_import),
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
        return [*self._buttons(), self.folder.add, self.folder.stop, self.grid]

    # showing

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with what the record became meanwhile."""
        super().showEvent(event)
        self.refresh()

    def set_colours(self, colours: Palette) -> None:
        """Take the colours of the theme."""
        self._colours = colours
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
        self.folder.look()
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
        working = "Working it out … " if self.edits.waiting else ""
        self.note.setText(f"{working}{few}{_LEGEND}")

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
        if _accepted(dialog):
            self.show_columns(dialog.chosen())

    def take_out(self, rows: Sequence[int]) -> None:
        """Take rows out again that no save has written; the image shown stays."""
        from napari_fair.session.drafts import take_out

        session, table, shown = self._model.session, self.images.table, self._model.source
        if session is None or table is None or not rows:
            return
        if self._model.saving.busy:
            self._model.told.emit("info", "Wait until it is saved.")
            return
        chosen = {table.rows[row][0].id for row in rows}
        gone = take_out(session, chosen - ({shown.id} if shown is not None else set()))
        self._model.told.emit("info", _taken_out(gone, len(chosen) - gone))

    def find_and_replace(self) -> None:
        """Ask for a text and what to put in its place, in the selected columns or in all."""
        table = self.images.table
        if table is None:
            return
        columns = [c for c in self.grid.chosen()[1] if self.images.editable(c + 1)]
        dialog = ReplaceDialog(table, columns or self._editable(), self._model.runner, self)
        if _accepted(dialog):
            self.images.change(dialog.cells, dialog.work())

    def _editable(self) -> list[int]:
        return [c for c in range(len(self.images.columns)) if self.images.editable(c + 1)]

    def from_file_names(self) -> None:
        """Work out what names may mean, then ask what of it to take."""
        from napari_fair.session.file_names import proposed

        table = self.images.table
        if table is None or not table.rows:
            return
        paths = [source.path for source, _ in table.rows]
        self._model.runner.run(
            "names",
            lambda: proposed(paths),
            lambda columns: self._ask_names(table, columns),
            self._model.fail,
        )

    def _ask_names(self, table: Table, columns: list[NameColumn]) -> None:
        session = self._model.session
        if session is None:
            return
        if not columns:
            self._model.told.emit("info", "The names hold nothing that could be a column.")
            return
        dialog = NamesDialog(
            table.dataset, table.rows, columns, self._model.runner, session.locks, self
        )
        if _accepted(dialog):
            readings = dialog.readings
            self._take(lambda: readings)

    def paint_plate(self) -> None:
        """Work out which image is of which well, then ask for the conditions of wells."""
        from napari_fair.session.plates import conditions_of, images_in_wells

        whole = self.images.whole()
        if whole is None:
            return

        def work() -> tuple[list[InWell], Conditions]:
            images = images_in_wells(whole.dataset, whole.rows)
            return images, conditions_of(whole.dataset, images)

        self._model.runner.run(
            "wells", work, lambda found: self._ask_plate(*found), self._model.fail
        )

    def _ask_plate(self, images: list[InWell], conditions: Conditions) -> None:
        from napari_fair.session.plates import painted

        if not images:
            sentence = "No image has a well: fill the column Well, or name files such as B03.tif."
            self._model.told.emit("info", sentence)
            return
        dialog = PlateDialog(images, conditions, self._colours, self)
        if _accepted(dialog):
            changed = dialog.changed()
            self._take(lambda: painted(images, changed))

    def _take(self, readings: Callable[[], list[Reading]]) -> None:
        """Take values as one edit, and show their columns."""
        from napari_fair.session.many_changes import taken_readings

        session = self._model.session
        if session is not None:
            locks = session.locks
            self.edits.run(
                lambda dataset: taken_readings(dataset, readings(), locks),
                lambda worked: self._show_also(worked.paths),
            )

    def _change(self, changes: Callable[[], Iterable[Change]]) -> None:
        """Make changes of many cells."""
        from napari_fair.session.many_changes import changed_cells

        session = self._model.session
        if session is not None:
            locks = session.locks
            self.edits.run(lambda dataset: changed_cells(dataset, allowed(changes()), locks))

    def _show_also(self, paths: Collection[str]) -> None:
        new = in_order(set(paths) - set(self.images.columns))
        if new:
            self.show_columns([*self.images.columns, *new])


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
    essential = [path for path in whole.columns if is_essential(path)]
    gaps = set(Table(whole.dataset, essential or whole.columns).with_gaps())
    return [row for row in rows if row in gaps]


def _taken_out(gone: int, kept: int) -> str:
    """Return what was taken out, and why the rest was not."""
    out = "1 file was taken out." if gone == 1 else f"{gone} files were taken out."
    if not kept:
        return f"{out} Undo brings it back." if gone == 1 else f"{out} Undo brings them back."
    why = "only what is neither saved nor shown can be taken out"
    stay = "1 stays" if kept == 1 else f"{kept} stay"
    return f"{out} {stay}: {why}." if gone else f"Nothing was taken out: {why}."


def _accepted(dialog: QDialog) -> bool:
    """Ask, and let the dialog go when what was said in it was read."""
    accepted = bool(dialog.exec())
    dialog.deleteLater()
    return accepted
