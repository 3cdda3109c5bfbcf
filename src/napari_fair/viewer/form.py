"""The Describe tab: sections of fields that fold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget

from napari_fair.files import FairError
from napari_fair.model import Field, Level, fields, split_path
from napari_fair.session.record_changes import MapTerms, do
from napari_fair.session.relevance import relevant
from napari_fair.session.unmapped import FreeText, unmapped
from napari_fair.viewer.channel_row import ChannelRow
from napari_fair.viewer.fact_row import FactRow
from napari_fair.viewer.field_row import FieldRow
from napari_fair.viewer.folding import FoldingSection, Row
from napari_fair.viewer.mapping_dialog import MappingDialog
from napari_fair.viewer.qt_text import lay_out
from napari_fair.viewer.sections import (
    CHANNELS,
    READ_ONLY,
    Section,
    Slot,
    channel_slots,
    sections,
)

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel

DIFFERS = "Differs from"
_IN_SIGHT = 16
"""Rows that fill a high dock: sections below them are made a moment later, one after the other."""


class Form(QWidget):
    """All sections of the image shown.

    Sections and rows are made when they are first needed and used again for other images and
    levels.
    """

    filled = Signal()

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("form")
        self._model = model
        self.folds: list[FoldingSection] = []
        self._known: dict[str, FoldingSection] = {}
        self._made: dict[tuple[object, ...], Row] = {}
        self._asked: dict[str, tuple[Slot, ...]] = {}
        self._popup_style = ""
        self._warm = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._catch_up)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.map_terms = QPushButton("Map free text to terms …", self)
        self.map_terms.setProperty("link", "true")
        self.map_terms.setToolTip("Texts that are not yet terms, of all images in one list")
        self.map_terms.clicked.connect(self.find_unmapped)
        self.map_terms.hide()
        self._layout.addWidget(self.map_terms, 0, Qt.AlignmentFlag.AlignLeft)
        self._layout.addStretch()

    @property
    def rows(self) -> list[Row]:
        """All rows made, from top to bottom."""
        return [row for fold in self.folds for row in fold.rows]

    # what is asked

    def rebuild(self) -> None:
        """Ask what the image and level shown now need; complete sections start closed."""
        for row in self.rows:
            if not isinstance(row, FactRow):
                row.forget()
        for fold in self.folds:
            for pairs in fold.pairs:
                pairs.forget()
        self._ask()
        above = 0
        for fold in self.folds:
            closed = not fold.missing and not self._shown_anyway(fold)
            later = fold.unmade and above >= _IN_SIGHT
            if fold.open is closed:
                fold.fold(closed, later=later)  # what is opened is refreshed
            elif not closed:
                fold.waits = later
                fold.refresh()
            above += 0 if closed else len(fold.slots)
        if self.isVisible():
            lay_out()
        if self.waiting:
            self._later.start()

    @property
    def waiting(self) -> bool:
        """Whether rows that cannot be seen yet are still to be made."""
        return any(fold.waits for fold in self.folds)

    def _catch_up(self) -> None:
        """Make the rows of one more section."""
        fold = next((fold for fold in self.folds if fold.waits), None)
        if fold is not None:
            fold.catch_up()
            lay_out()
            self._later.start()

    def _shown_anyway(self, fold: FoldingSection) -> bool:
        """Return whether a section with nothing missing starts open: channels are few."""
        few = fold.title == CHANNELS or fold.title.startswith(DIFFERS)
        return few or (not fold.settled and self._has_essentials(fold))

    @staticmethod
    def _has_essentials(fold: FoldingSection) -> bool:
        return any(slot.editable and slot.field.level is Level.ESSENTIALS for slot in fold.slots)

    def _ask(self) -> None:
        """Work out which fields are asked, and sum up what the record says of them."""
        wanted = [section for section in self._sections() if section.slots]
        self.folds = [self._fold(section.title) for section in wanted]
        for place, section in enumerate(wanted):
            fold = self._known[section.title]
            if self._layout.indexOf(fold) != place:
                self._layout.insertWidget(place, fold)
            if self._asked.get(section.title) != section.slots:
                self._asked[section.title] = section.slots
                fold.ask(section.slots, partial(self._rows, section))
            fold.share(self._model, section.kinds, always=self._names_blocks())
            fold.sum_up(self._model)
            fold.show()
        for fold in self._known.values():
            if fold not in self.folds:
                fold.hide()
        self.map_terms.setVisible(any(fold.has_free_text for fold in self.folds))

    def _names_blocks(self) -> bool:
        """Return whether names and free pairs are offered where nothing needs them yet."""
        return self._model.level is not Level.ESSENTIALS

    def _fold(self, title: str) -> FoldingSection:
        if title not in self._known:
            self._known[title] = FoldingSection(title, self)
            self._known[title].filled.connect(self.filled)
        return self._known[title]

    def _sections(self) -> list[Section]:
        model = self._model
        if model.session is None or model.renamed is not None:
            return []
        if model.quick.only_differing:
            return [self._differing()]
        held, case = model.held_paths(), model.circumstances()

        def asked(field: Field) -> bool:
            return relevant(field, case)

        channels = tuple(
            slot
            for index in model.channels()
            for slot in channel_slots(index, model.level, held, asked)
        )
        return [
            Section(CHANNELS, channels) if section.title == CHANNELS else section
            for section in sections(model.level, held, asked, model.indices)
        ]

    def _differing(self) -> Section:
        paths = self._model.quick.differing()
        slots = ((path, fields()[split_path(path)[0]]) for path in paths)
        title = f"{DIFFERS} {self._model.quick.last_name}"
        return Section(
            title, tuple(Slot(path, one, one.name not in READ_ONLY) for path, one in slots)
        )

    # rows

    def _rows(self, section: Section) -> list[Row]:
        if section.title == CHANNELS:
            return self._channel_rows(section.slots)
        return [self._row(slot) for slot in section.slots]

    def _row(self, slot: Slot) -> Row:
        key = (slot.path, slot.editable)
        if key not in self._made:
            made = FieldRow(self._model, slot) if slot.editable else FactRow(self._model, slot)
            if isinstance(made, FieldRow):
                made.map_asked.connect(self.find_unmapped)
            self._keep(key, made)
        return self._made[key]

    def _channel_rows(self, slots: tuple[Slot, ...]) -> list[Row]:
        by_channel: dict[int, list[Slot]] = {}
        for slot in slots:
            by_channel.setdefault(int(slot.path.split(".")[1]), []).append(slot)
        for index, own in by_channel.items():
            key = (index, *own)
            if key not in self._made:
                self._keep(key, ChannelRow(self._model, index, own))
        return [self._made[(index, *own)] for index, own in by_channel.items()]

    def _keep(self, key: tuple[object, ...], row: Row) -> None:
        if not isinstance(row, FactRow):
            row.set_popup_style(self._popup_style)
        self._made[key] = row

    # values

    def refresh(self) -> None:
        """Show what the record holds now, and ask what it makes sense to ask now."""
        if self._model.session is not None:
            self._ask()
            self._refresh_values()

    def _refresh_values(self) -> None:
        for fold in self.folds:
            fold.refresh()

    def set_popup_style(self, sheet: str) -> None:
        """Style the lists of terms."""
        self._popup_style = sheet
        for row in self._made.values():
            if not isinstance(row, FactRow):
                row.set_popup_style(sheet)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Load the vocabularies in the background before the first letter is typed."""
        super().showEvent(event)
        if not self._warm:
            self._warm = True
            self._model.warm_up()

    def commit(self) -> None:
        """Keep what is typed in the field that has the focus."""
        for row in self.rows:
            if isinstance(row, FieldRow | ChannelRow):
                row.commit()
        for fold in self.folds:
            for pairs in fold.pairs:
                pairs.commit()

    # free text

    def find_unmapped(self) -> None:
        """List all texts that are not yet terms, and map those that a person chooses."""
        session = self._model.session
        if session is None:
            return
        self.commit()
        dataset = session.dataset
        self._model.runner.run(
            "unmapped", lambda: unmapped(dataset), self._ask_for_terms, self._model.fail
        )

    def _ask_for_terms(self, texts: list[FreeText]) -> None:
        if not texts:
            self._model.told.emit("info", "All texts that should be terms are terms.")
            return
        dialog = MappingDialog(texts, self)
        if dialog.exec() and self._model.session is not None:
            try:
                do(self._model.session, MapTerms(mappings=dialog.mappings()))
            except FairError as refusal:
                self._model.fail(refusal)

    # finding

    def focus_chain(self) -> list[QWidget]:
        """Return what the Tab key goes through, from top to bottom."""
        chain: list[QWidget] = []
        for fold in self.folds:
            chain.append(fold.button)
            if fold.chooser is not None:
                chain.append(fold.chooser.button)
            for row in fold.rows:
                if not isinstance(row, FactRow):
                    chain += row.stops()
            for pairs in fold.pairs:
                chain += pairs.stops()
        return [*chain, self.map_terms]

    def row(self, path: str) -> FieldRow | None:
        """Return the row of a field that is asked; its section's rows are made for it."""
        for fold in self.folds:
            if any(slot.path == path and slot.editable for slot in fold.slots):
                fold.fill()
                found = next(row for row in fold.rows if _is_row_of(row, path))
                found.refresh()
                return found if isinstance(found, FieldRow) else None
        return None

    def paths(self) -> list[str]:
        """Return the paths of all fields that are asked or shown, made or not."""
        return [slot.path for fold in self.folds for slot in fold.slots]

    def missing(self) -> list[str]:
        """Return the paths of essential fields that nobody has said anything about."""
        return [path for fold in self.folds for path in fold.missing]

    def open_for(self, row: FieldRow) -> None:
        """Open the section that a row stands in."""
        next(fold for fold in self.folds if row in fold.rows).fold(False)


def _is_row_of(row: Row, path: str) -> bool:
    return path in row.editors if isinstance(row, ChannelRow) else row.slot.path == path
