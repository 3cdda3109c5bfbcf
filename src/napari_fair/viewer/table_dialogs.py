"""Questions of the table: which columns, and what to replace by what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.session import Change, Table, replaced
from napari_fair.session.blocks import WORDS
from napari_fair.session.image_pairs import is_pair
from napari_fair.viewer.table_columns import title_of

if TYPE_CHECKING:
    from napari_fair.viewer.runner import Runner

_COUNT = "cells to replace"
_PATH = Qt.ItemDataRole.UserRole


class ColumnsDialog(QDialog):
    """A list of all fields with checks, narrowed by typing."""

    def __init__(
        self, possible: list[str], shown: list[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Columns")
        self.resize(360, 420)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Find a field")
        self.search.setAccessibleName("Find a field")
        self.list = QListWidget(self)
        self.list.setAccessibleName("Fields that can be columns")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for path in [*shown, *(path for path in possible if path not in shown)]:
            block = path.split(".")[0]
            place = "own key" if is_pair(path) else WORDS.get(block, block)
            item = QListWidgetItem(f"{title_of(path)}  ({place})")
            item.setData(_PATH, path)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if path in shown else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.search.textChanged.connect(self._narrow)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        layout.addLayout(_answers(self, "&Show"))

    def _narrow(self, text: str) -> None:
        for item in self._items():
            item.setHidden(text.casefold() not in item.text().casefold())

    def _items(self) -> list[QListWidgetItem]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item for item in items if item is not None]

    def check(self, path: str, on: bool = True) -> None:
        """Check or uncheck a field."""
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        for item in self._items():
            if item.data(_PATH) == path:
                item.setCheckState(state)

    def chosen(self) -> list[str]:
        """Return the paths that are checked; those shown before come first."""
        checked = Qt.CheckState.Checked
        return [str(i.data(_PATH)) for i in self._items() if i.checkState() == checked]


class ReplaceDialog(QDialog):
    """Find and replace; says how many cells it would change before it does."""

    def __init__(
        self, table: Table, columns: list[int], runner: Runner, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Find and replace")
        self._table, self._columns, self._runner = table, columns, runner
        self.wanted, self.by = QLineEdit(self), QLineEdit(self)
        self.count = QLabel(self)
        self.count.setProperty("role", "muted")
        self.count.setWordWrap(True)
        form = QFormLayout(self)
        form.addRow("&Find", self.wanted)
        form.addRow("Replace &by", self.by)
        form.addRow(self.count)
        form.addRow(_answers(self, "&Replace"))
        self.wanted.textChanged.connect(self._tell)
        self._tell()

    @property
    def cells(self) -> int:
        """How many cells are looked through."""
        return len(self._table.rows) * len(self._columns)

    def work(self) -> Callable[[], list[Change]]:
        """Return what works out the changes, in any thread."""
        table, wanted, by, columns = self._table, self.wanted.text(), self.by.text(), self._columns
        return lambda: replaced(table, wanted, by, columns)

    def _tell(self) -> None:
        self._runner.run(_COUNT, self.work(), self._counted, self._failed)

    def _counted(self, changes: list[Change]) -> None:
        names = [title_of(self._table.columns[column]) for column in self._columns]
        where = ", ".join(names) if len(names) < 4 else f"{len(names)} columns"
        cells = len(changes)
        self.count.setText(f"{cells} {'cell' if cells == 1 else 'cells'} in {where}")

    def _failed(self, error: Exception) -> None:
        self.count.setText(str(error))

    def done(self, result: int) -> None:
        """Close; a count that is still awaited is no longer wanted."""
        self._runner.drop(_COUNT)
        super().done(result)


def _answers(dialog: QDialog, words: str) -> QHBoxLayout:
    ok, cancel = QPushButton(words, dialog), QPushButton("&Cancel", dialog)
    ok.setProperty("primary", "true")
    ok.setDefault(True)
    ok.clicked.connect(dialog.accept)
    cancel.clicked.connect(dialog.reject)
    line = QHBoxLayout()
    line.addStretch()
    line.addWidget(cancel)
    line.addWidget(ok)
    return line
