"""The table as a file, out and in; the slow parts run elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QWidget

from napari_fair.session import Change, Table
from napari_fair.viewer.table_model import allowed

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel
    from napari_fair.viewer.table_model import ImageTable

_KINDS = "Tables (*.tsv *.csv *.xlsx)"


class TableFiles:
    """Writes the table as it is shown, and takes over what a file says otherwise."""

    def __init__(self, model: AnnotationModel, images: ImageTable, parent: QWidget) -> None:
        self._model, self._images, self._parent = model, images, parent

    def choose_export(self) -> None:
        """Ask where to write the table to."""
        name, _ = QFileDialog.getSaveFileName(
            self._parent, "Write the table", "images.xlsx", _KINDS
        )
        if name:
            self.export(Path(name))

    def export(self, path: Path) -> None:
        """Write the table as it is shown; the name's ending says which kind of file."""
        from napari_fair.session.spreadsheets import write_rows

        table = self._images.table
        if table is None:
            return
        self._model.runner.run(
            "table file",
            lambda: write_rows(path, table.texts()),
            lambda _: self._model.told.emit("info", f"{path.name} was written."),
            self._model.fail,
        )

    def choose_import(self) -> None:
        """Ask which table to read."""
        name, _ = QFileDialog.getOpenFileName(
            self._parent, "Read a table", "", "Tables (*.tsv *.csv *.txt *.xlsx)"
        )
        if name:
            self.read(Path(name))

    def read(self, path: Path) -> None:
        """Take over what a table file says otherwise, as one edit."""
        whole = self._images.whole()
        if whole is not None:
            self._model.runner.run(
                "table file",
                lambda: _changes(whole, path),
                lambda changes: self._take(path, changes),
                self._model.fail,
            )

    def _take(self, path: Path, changes: list[Change]) -> None:
        count = len(allowed(changes))
        self._images.change(count, lambda: changes)
        cells = "1 cell" if count == 1 else f"{count} cells"
        self._model.told.emit("info", f"{path.name}: {cells} changed.")


def _changes(whole: Table, path: Path) -> list[Change]:
    from napari_fair.session.spreadsheets import read_rows

    return whole.changes_of(read_rows(path))
