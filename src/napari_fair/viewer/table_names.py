"""From file names: what the parts of names may mean, where they go, and what images would get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from napari_fair.session.file_names import NameColumn
from napari_fair.session.readings import Reading, Row, checked, off_names
from napari_fair.viewer.qt_text import ElidedLabel
from napari_fair.viewer.table_columns import title_of
from napari_fair.viewer.table_targets import TargetChoice

if TYPE_CHECKING:
    from napari_fair.model import Dataset
    from napari_fair.session.preset_locks import PresetLocks
    from napari_fair.viewer.runner import Runner

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_Texts = Mapping[tuple[str, str], str]
"""By image and path."""
_Found = tuple[list[Reading], _Texts, str]
_NAME = "names"
_MOST_SHOWN = 3
_MOST_MEASURED = 60
"""Rows that the widths of columns go by."""


class NamesDialog(QDialog):
    """The proposed columns above, the images with what they would get below.

    Attributes
    ----------
    readings
        What *Use these values* takes, for the choice as it is now.
    """

    def __init__(
        self,
        dataset: Dataset,
        rows: Sequence[Row],
        columns: Sequence[NameColumn],
        runner: Runner,
        locks: PresetLocks | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("From file names")
        self.resize(660, 560)
        self._dataset, self._rows, self._runner, self._locks = dataset, rows, runner, locks
        self.columns = list(columns)
        self.readings: list[Reading] = []
        self.checks: list[QCheckBox] = []
        self.targets: list[TargetChoice] = []
        self.preview = _Preview(rows)
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.take = QPushButton("&Use these values", self)
        self._arrange()
        self._work_out()

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        words = QLabel("What the parts of the names may mean. Check what is right:", self)
        words.setWordWrap(True)
        layout.addWidget(words)
        layout.addWidget(self._proposals(), 3)
        grid = QTableView(self)
        self.preview.setParent(grid)
        grid.setModel(self.preview)
        grid.setAccessibleName("What each image would get")
        grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        grid.setWordWrap(False)
        grid.setTabKeyNavigation(False)
        lines, header = grid.verticalHeader(), grid.horizontalHeader()
        if lines is not None and header is not None:
            lines.hide()
            lines.setDefaultSectionSize(24)
            header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
            header.setStretchLastSection(True)
            header.setHighlightSections(False)
            header.setMinimumSectionSize(60)
            header.setResizeContentsPrecision(_MOST_MEASURED)
        self._grid = grid
        layout.addWidget(grid, 4)
        self.summary.setProperty("role", "muted")
        layout.addWidget(self.summary)
        layout.addLayout(self._answers())

    def _proposals(self) -> QScrollArea:
        area, page = QScrollArea(self), QWidget(self)
        page.setObjectName("page")
        lines = QGridLayout(page)
        lines.setContentsMargins(2, 2, 8, 2)
        lines.setHorizontalSpacing(12)
        lines.setVerticalSpacing(4)
        for place, title in enumerate(("Part", "In the names", "Goes to")):
            label = QLabel(title, page)
            label.setProperty("role", "label")
            lines.addWidget(label, 0, place)
        for number, column in enumerate(self.columns, 1):
            self._add(number, column, lines, page)
        lines.setColumnStretch(1, 1)
        lines.setColumnStretch(2, 1)
        lines.setRowStretch(len(self.columns) + 1, 1)
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    def _add(self, number: int, column: NameColumn, lines: QGridLayout, page: QWidget) -> None:
        check = QCheckBox(column.title, page)
        check.setChecked(column.offered)
        check.setAccessibleDescription(_examples(column))
        texts = ElidedLabel(_examples(column), page)
        texts.elide = Qt.TextElideMode.ElideRight
        texts.setProperty("role", "muted")
        target = TargetChoice(column.target, page)
        target.setAccessibleName(f"{column.title} goes to")
        target.setEnabled(column.offered)
        check.toggled.connect(target.setEnabled)
        check.toggled.connect(lambda _on: self._work_out())
        target.changed.connect(self._work_out)
        self.checks.append(check)
        self.targets.append(target)
        for place, widget in enumerate((check, texts, target)):
            lines.addWidget(widget, number, place)

    def _answers(self) -> QHBoxLayout:
        self.take.setProperty("primary", "true")
        self.take.setDefault(True)
        self.take.clicked.connect(self.accept)
        cancel = QPushButton("&Cancel", self)
        cancel.clicked.connect(self.reject)
        line = QHBoxLayout()
        line.addStretch()
        line.addWidget(cancel)
        line.addWidget(self.take)
        return line

    # what would be taken

    def chosen(self) -> list[tuple[NameColumn, str]]:
        """Return the columns that are checked and where they go."""
        lines = zip(self.columns, self.checks, self.targets, strict=True)
        return [(column, target.target) for column, check, target in lines if check.isChecked()]

    def _work_out(self) -> None:
        """Work out elsewhere what the images would get."""
        self.take.setEnabled(False)
        chosen, dataset, rows, locks = self.chosen(), self._dataset, self._rows, self._locks

        def work() -> _Found:
            said, kept = off_names(dataset, rows, chosen)
            readings, problems = checked(dataset, said, locks)
            texts = {(reading.image, reading.path): reading.text for reading in readings}
            return readings, texts, _summary(readings, problems, kept)

        self._runner.run(_NAME, work, self._worked_out, self._failed)

    def _worked_out(self, found: _Found) -> None:
        self.readings, texts, summary = found
        self.preview.show([target for _, target in self.chosen()], texts)
        self._grid.resizeColumnsToContents()
        for column in range(self.preview.columnCount()):
            self._grid.setColumnWidth(column, min(self._grid.columnWidth(column) + 10, 240))
        self.summary.setText(summary)
        self.take.setEnabled(bool(self.readings))

    def _failed(self, error: Exception) -> None:
        self.summary.setText(str(error))

    def done(self, result: int) -> None:
        """Close; an answer that is still awaited is no longer wanted."""
        self._runner.drop(_NAME)
        super().done(result)


class _Preview(QAbstractTableModel):
    """Images with the values that they would get."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__()
        self._rows = rows
        self._paths: list[str] = []
        self._texts: _Texts = {}

    def show(self, paths: Sequence[str], texts: _Texts) -> None:
        """Show values, a column a field."""
        self.beginResetModel()
        self._paths = list(dict.fromkeys(paths))
        self._texts = texts
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of images."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of fields and one for the image's path."""
        return 0 if parent.isValid() else len(self._paths) + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a field's label."""
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return "Image" if section == 0 else title_of(self._paths[section - 1])

    def data(self, index: Index, role: int = 0) -> Any:
        """Return the image's path, or what it would get."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        source, image = self._rows[index.row()]
        if index.column() == 0:
            return source.path
        return self._texts.get((image.id, self._paths[index.column() - 1]), "")


def _examples(column: NameColumn) -> str:
    """Return the first different texts of a column and how many there are."""
    texts = list(dict.fromkeys(text for text in column.texts if text))
    shown = ", ".join(texts[:_MOST_SHOWN])
    more = len(texts) - _MOST_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _summary(readings: Sequence[Reading], problems: Sequence[str], kept: int) -> str:
    images = len({reading.image for reading in readings})
    values = "1 value" if len(readings) == 1 else f"{len(readings)} values"
    parts = [f"{values} for {images} {'image' if images == 1 else 'images'}, marked as guesses."]
    if kept:
        parts.append(f"{kept} stay as the file or a person says.")
    parts += list(problems[:2])
    if len(problems) > 2:
        parts.append(f"{len(problems) - 2} more texts fit no field.")
    return " ".join(parts)
