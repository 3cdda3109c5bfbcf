"""A section of the form that folds; its rows are made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_fair.model import Level, State
from napari_fair.viewer.block_chooser import BlockChooser
from napari_fair.viewer.channel_row import ChannelRow
from napari_fair.viewer.fact_row import FactRow
from napari_fair.viewer.field_row import FieldRow
from napari_fair.viewer.pairs_row import PairsRow
from napari_fair.viewer.qt_text import ElidedLabel, lay_out, restyle

if TYPE_CHECKING:
    from napari_fair.viewer.sections import Slot
    from napari_fair.viewer.state import AnnotationModel

Row = FieldRow | FactRow | ChannelRow
Make = Callable[[], list[Row]]


class FoldingSection(QFrame):
    """A title that opens and closes the rows below it; closed, it sums them up in a line.

    Attributes
    ----------
    slots
        The fields it asks now; `rows` are made from them when it is opened.
    chooser
        Which named blocks the image uses; None for what images do not share.
    pairs
        Free key-value pairs of the section's blocks, below the rows.
    waits
        Whether it is open, and its rows are still to be made.
    filled
        Rows were made: the Tab key has more to go through.
    """

    filled = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("section")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.title = title
        self.slots: tuple[Slot, ...] = ()
        self.rows: list[Row] = []
        self.chooser: BlockChooser | None = None
        self.pairs: list[PairsRow] = []
        self.missing: list[str] = []
        self.settled = False
        self.has_free_text = False
        self.waits = False
        self._make: Make | None = None
        self._kinds: tuple[str, ...] = ()
        self._always = False
        self._model: AnnotationModel | None = None
        self._arrange()
        self.fold(True)

    def _arrange(self) -> None:
        self.button = QPushButton(self)
        self.button.setObjectName("section_title")
        self.button.clicked.connect(self.toggle)
        self.summary = ElidedLabel(parent=self)
        self.summary.elide = Qt.TextElideMode.ElideRight
        self.summary.setProperty("role", "muted")
        self.complete = QLabel(self)
        self.complete.setProperty("role", "state")
        self._top = top = QHBoxLayout()
        top.setContentsMargins(10, 0, 10, 0)
        top.setSpacing(8)
        top.addWidget(self.button)
        top.addWidget(self.summary, 1)
        top.addWidget(self.complete)
        self.body = QWidget(self)
        self.body.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._inner = QVBoxLayout(self.body)
        self._inner.setContentsMargins(10, 0, 10, 6)
        self._inner.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.body)

    # rows

    def ask(self, slots: tuple[Slot, ...], make: Make) -> None:
        """Say what the section asks from now on; `make` is called when it is (or gets) open."""
        self.slots, self._make = slots, make

    def fill(self) -> None:
        """Make the rows, unless they are made; those that stay keep the cursor."""
        self.waits = False
        if self._make is None:
            return
        make, self._make = self._make, None
        before, self.rows = self.rows, make()
        for row in before:
            if row not in self.rows and row.parentWidget() is self.body:
                row.hide()
                self._inner.removeWidget(row)
        for place, row in enumerate(self.rows):
            if self._inner.indexOf(row) != place:
                self._inner.insertWidget(place, row)
            row.show()
        self.filled.emit()

    def share(self, model: AnnotationModel, kinds: tuple[str, ...], *, always: bool) -> None:
        """Say of which kinds the blocks are that the section's values stand in.

        Parameters
        ----------
        always
            Whether names and free pairs are offered even where there is nothing to share yet.
        """
        self._model = model
        linked = _linked(kinds)
        if self.chooser is not None and self.chooser.kinds != linked:
            self._top.removeWidget(self.chooser)
            self.chooser.hide()
            self.chooser.deleteLater()
            self.chooser = None
        self._kinds, self._always = kinds, always

    def _share(self) -> None:
        """Make, show or hide what is shared; only an open section has it."""
        model = self._model
        if model is None or not self.open or self.waits:
            if self.chooser is not None:
                self.chooser.hide()
            return
        linked = _linked(self._kinds)
        if linked and self.chooser is None:
            self.chooser = BlockChooser(model, linked, self)
            self._top.insertWidget(2, self.chooser, 1)
            self.filled.emit()
        if self.chooser is not None:
            wanted = self.chooser.wanted(always=self._always)
            self.chooser.setVisible(wanted)
            if wanted:
                self.chooser.refresh()
        self._show_pairs(model)

    def _show_pairs(self, model: AnnotationModel) -> None:
        for row in [row for row in self.pairs if row.kind not in self._kinds]:
            row.hide()
        known = {row.kind: row for row in self.pairs}
        for kind in self._kinds:
            wanted = self._always or bool(model.blocks.pairs(kind))
            wanted = wanted and (kind != "image" or model.image is not None)
            if kind not in known and wanted:
                known[kind] = PairsRow(model, kind, self.body)
                self.pairs.append(known[kind])
                self._inner.addWidget(known[kind])
                self.filled.emit()
            if kind in known:
                known[kind].setVisible(wanted)
                known[kind].refresh()

    @property
    def open(self) -> bool:
        """Whether the rows are shown."""
        return not self.body.isHidden()

    def toggle(self) -> None:
        """Open it if it is closed, close it if it is open."""
        self.fold(self.open)
        lay_out()

    @property
    def unmade(self) -> bool:
        """Whether its rows are not made yet, or others are asked now."""
        return self._make is not None

    def fold(self, closed: bool, *, later: bool = False) -> None:
        """Close or open the section; what is shown again is refreshed first.

        Parameters
        ----------
        later
            Whether `catch_up` is called soon, which makes the rows.
        """
        self.waits = later and not closed
        if not closed and not self.open and not later:
            self.fill()
            for row in self.rows:
                row.refresh()
        self.body.setVisible(not closed)
        self.summary.setVisible(closed)
        self._share()
        self.button.setText(f"{'▸' if closed else '▾'}  {self.title}")
        self.button.setAccessibleName(f"{self.title}, {'closed' if closed else 'open'}")
        if self._model is not None:
            self.sum_up(self._model)

    # values

    def refresh(self) -> None:
        """Show the values of an open section."""
        if self.open and not self.waits:
            self.catch_up()

    def catch_up(self) -> None:
        """Make the rows that are asked, and show their values."""
        self.fill()
        for row in self.rows:
            row.refresh()
        self._share()

    def sum_up(self, model: AnnotationModel) -> None:
        """Show the summary and whether something essential is missing."""
        self._model = model
        views = [(slot, model.view(slot.path)) for slot in self.slots]
        given = [view.text for _, view in views if view.state is State.GIVEN]
        self.summary.setText(" · ".join(text.split(" <")[0] for text in given))
        essential = [
            (slot.path, view.state)
            for slot, view in views
            if slot.editable and slot.field.level is Level.ESSENTIALS
        ]
        self.has_free_text = any(view.not_yet_a_term for _, view in views)
        self.missing = [path for path, state in essential if state in (None, State.EMPTY)]
        unknown = [path for path, state in essential if state is State.UNKNOWN]
        self.settled = bool(essential) and not self.missing and not unknown
        said = sum(view.state is not None for _, view in views)
        self._show_completeness(len(unknown), said)

    def _show_completeness(self, unknown: int, said: int) -> None:
        text, tone, tip, missing = "", "", "", len(self.missing)
        if missing and not self.open:
            text, tone = f"▲ {missing} missing", "warning"
        elif unknown and not missing:
            text = f"? {unknown} unknown"
        elif said == len(self.slots) or (self.settled and self._only_essentials()):
            text, tone, tip = "✓", "good", "Nothing is missing here"
        elif not self.open:
            text, tip = f"{said} of {len(self.slots)}", "Filled in, of what is asked here"
        self.complete.setText(text)
        self.complete.setToolTip(tip)
        restyle(self.complete, tone=tone)

    def _only_essentials(self) -> bool:
        return all(s.field.level is Level.ESSENTIALS or not s.editable for s in self.slots)


def _linked(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the kinds of blocks that an image can be linked to."""
    return tuple(kind for kind in kinds if kind not in ("study", "image"))
