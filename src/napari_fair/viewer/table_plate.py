"""Plates: conditions are painted onto wells, and the images of the wells take them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QIcon, QKeySequence, QPixmap
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QShortcut,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_fair.session.plates import (
    CONDITION_FIELDS,
    LAYOUTS,
    Condition,
    InWell,
    layout_for,
)
from napari_fair.viewer import theme
from napari_fair.viewer.table_cells import CellDelegate
from napari_fair.viewer.table_columns import title_of
from napari_fair.viewer.table_wells import COLOURS, WellGrid, WellLook

if TYPE_CHECKING:
    from napari_fair.viewer.theme import Palette

Key = tuple[str, str]
_BLANK = Condition(("",) * len(CONDITION_FIELDS))
_HINT = "Select wells, then press the number of a condition. Delete clears. Rings have images."


class PlateDialog(QDialog):
    """A plate above, the conditions below; images of the wells get them when it is accepted.

    Parameters
    ----------
    images, before
        The images in wells, and the conditions that wells have already.
    """

    def __init__(
        self,
        images: Sequence[InWell],
        before: Mapping[Key, Condition],
        colours: Palette | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Plate")
        self.resize(720, 640)
        self._counts = Counter((image.plate, image.well) for image in images)
        self._before = dict(before)
        known = list(dict.fromkeys(self._before.values()))
        self.conditions: list[Condition] = known or [_BLANK]
        self._wells: dict[Key, int | None] = {
            key: known.index(condition) for key, condition in self._before.items()
        }
        self._past: list[tuple[list[Condition], dict[Key, int | None]]] = []
        self._future: list[tuple[list[Condition], dict[Key, int | None]]] = []
        self._filling = False
        self._make_choices()
        self._make_conditions(colours)
        self._arrange()
        self._show_conditions()
        self._show_wells()

    # building

    def _make_choices(self) -> None:
        self.layouts = QComboBox(self)
        self.layouts.setAccessibleName("Size of the plate")
        for layout in LAYOUTS:
            self.layouts.addItem(f"{layout.size} wells", layout)
        best = layout_for([well for _, well in self._counts])
        self.layouts.setCurrentIndex(LAYOUTS.index(best))
        self.layouts.currentIndexChanged.connect(lambda _index: self._show_wells())
        self.plates = QComboBox(self)
        self.plates.setAccessibleName("Plate")
        for plate in sorted({plate for plate, _ in self._counts}):
            self.plates.addItem(f"Plate {plate}" if plate else "No plate", plate)
        self.plates.setVisible(self.plates.count() > 1)
        self.plates.currentIndexChanged.connect(lambda _index: self._show_wells())
        self.grid = WellGrid(self)
        self.grid.painted.connect(self._paint_by_key)
        for keys, do in (("Ctrl+Z", self.undo), ("Ctrl+Shift+Z", self.redo)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(do)

    def _make_conditions(self, colours: Palette | None) -> None:
        self.list = QTableWidget(0, len(CONDITION_FIELDS), self)
        self.list.setAccessibleName("Conditions")
        self.list.setHorizontalHeaderLabels([title_of(path) for path in CONDITION_FIELDS])
        self.list.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setTabKeyNavigation(False)
        self.list.setMinimumHeight(110)
        delegate = CellDelegate(lambda column: CONDITION_FIELDS[column], self)
        delegate.popup_style = theme.popup_style(colours) if colours is not None else ""
        self.list.setItemDelegate(delegate)
        self.list.itemChanged.connect(self._edited)
        across = self.list.horizontalHeader()
        if across is not None:
            across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
            across.setHighlightSections(False)
            across.setStretchLastSection(True)
            across.setDefaultSectionSize(160)
        self.add = QPushButton("&Add condition", self)
        self.add.clicked.connect(self.add_condition)
        self.paint = QPushButton("&Paint wells", self)
        self.paint.setToolTip("Give the wells selected the condition chosen (Enter)")
        self.paint.clicked.connect(lambda: self._paint_by_key(-1))
        self.clear = QPushButton("C&lear wells", self)
        self.clear.setToolTip("Let the images of the wells selected inherit again (Delete)")
        self.clear.clicked.connect(lambda: self._paint_by_key(None))

    def _arrange(self) -> None:
        top, middle = QHBoxLayout(), QHBoxLayout()
        for widget in (self.layouts, self.plates):
            top.addWidget(widget)
        top.addStretch()
        hint = QLabel(_HINT, self)
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        for button in (self.paint, self.clear, self.add):
            middle.addWidget(button)
        middle.addStretch()
        self.summary = QLabel(self)
        self.summary.setProperty("role", "muted")
        self.summary.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.grid, 3)
        layout.addWidget(hint)
        layout.addLayout(middle)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.summary)
        layout.addLayout(self._answers())

    def _answers(self) -> QHBoxLayout:
        self.take = QPushButton("&Use these values", self)
        self.take.setProperty("primary", "true")
        self.take.setAutoDefault(False)
        self.take.clicked.connect(self.accept)
        cancel = QPushButton("&Cancel", self)
        cancel.clicked.connect(self.reject)
        line = QHBoxLayout()
        line.addStretch()
        line.addWidget(cancel)
        line.addWidget(self.take)
        for button in (self.add, self.paint, self.clear, cancel):
            button.setAutoDefault(False)  # Enter paints
        return line

    # showing

    @property
    def plate(self) -> str:
        """The plate shown, empty where names tell of none."""
        return str(self.plates.currentData() or "")

    def _show_wells(self) -> None:
        counts = {well: n for (plate, well), n in self._counts.items() if plate == self.plate}
        painted_here = {well for plate, well in self._wells if plate == self.plate}
        looks = {well: self._look(well, counts.get(well, 0)) for well in {*counts, *painted_here}}
        layout = self.layouts.currentData()
        self.grid.show_plate(layout, looks)
        outside = sum(n for well, n in counts.items() if layout.place(well) is None)
        self._say(outside)

    def _look(self, well: str, images: int) -> WellLook:
        number = self._wells.get((self.plate, well))
        if number is None:
            return WellLook(images)
        said = ", ".join(text for text in self.conditions[number].texts if text)
        return WellLook(images, number, said)

    def _say(self, outside: int) -> None:
        images = sum(self._counts[key] for key in self.changed())
        gets = "1 image gets" if images == 1 else f"{images} images get"
        words = f"{gets} other values." if images else "Nothing is changed yet."
        if outside:
            words += f" {outside} images are of wells that this plate has not: choose a larger one."
        self.summary.setText(words)
        self.take.setEnabled(bool(images))

    def _show_conditions(self) -> None:
        chosen = max(self.list.currentRow(), 0)
        self._filling = True
        self.list.setRowCount(len(self.conditions))
        for row, condition in enumerate(self.conditions):
            number = QTableWidgetItem(_icon(row), str(row + 1))
            self.list.setVerticalHeaderItem(row, number)
            for column, text in enumerate(condition.texts):
                self.list.setItem(row, column, QTableWidgetItem(text))
        self._filling = False
        self.list.setCurrentCell(min(chosen, len(self.conditions) - 1), 0)

    # what people do

    def add_condition(self) -> None:
        """Add a condition that says nothing yet, and edit it."""
        self._remember()
        self.conditions = [*self.conditions, _BLANK]
        self._show_conditions()
        self.list.setCurrentCell(len(self.conditions) - 1, 0)
        self.list.setFocus()

    def say(self, number: int, column: int, text: str) -> None:
        """Say what a condition holds; wells painted with it follow."""
        texts = list(self.conditions[number].texts)
        if texts[column] == text.strip():
            return
        self._remember()
        texts[column] = text.strip()
        self.conditions = list(self.conditions)
        self.conditions[number] = Condition(tuple(texts))
        self._show_conditions()
        self._show_wells()

    def _edited(self, item: QTableWidgetItem) -> None:
        if not self._filling:
            self.say(item.row(), item.column(), item.text())

    def _paint_by_key(self, number: int | None) -> None:
        chosen = max(self.list.currentRow(), 0) if number == -1 else number
        if chosen is None or chosen < len(self.conditions):
            self.paint_wells(self.grid.chosen(), chosen)

    def paint_wells(self, wells: Sequence[str], number: int | None) -> None:
        """Give wells of the plate shown a condition by its number from 0, or None to clear."""
        if not wells:
            return
        self._remember()
        self._wells = {**self._wells, **{(self.plate, well): number for well in wells}}
        self._show_wells()

    def _remember(self) -> None:
        self._past.append((self.conditions, self._wells))
        self._future.clear()

    def undo(self) -> None:
        """Take back the last stroke or text."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._step(self._future, self._past)

    def _step(
        self,
        source: list[tuple[list[Condition], dict[Key, int | None]]],
        target: list[tuple[list[Condition], dict[Key, int | None]]],
    ) -> None:
        if source:
            target.append((self.conditions, self._wells))
            self.conditions, self._wells = source.pop()
            self._show_conditions()
            self._show_wells()

    # the answer

    def changed(self) -> dict[Key, Condition | None]:
        """Return the condition of each well, by plate, that has another one now."""
        now = {
            key: None if number is None else self.conditions[number]
            for key, number in self._wells.items()
        }
        return {key: said for key, said in now.items() if (said or _BLANK) != self._was(key)}

    def _was(self, key: Key) -> Condition:
        return self._before.get(key, _BLANK)


def _icon(number: int) -> QIcon:
    picture = QPixmap(12, 12)
    picture.fill(QColor(COLOURS[number % len(COLOURS)]))
    return QIcon(picture)
