"""The Describe tab: sections of fields that fold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_fair.model import State
from napari_fair.viewer.channel_row import ChannelRow
from napari_fair.viewer.fact_row import FactRow
from napari_fair.viewer.field_row import FieldRow
from napari_fair.viewer.qt_text import ElidedLabel, restyle
from napari_fair.viewer.sections import Section, sections

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel

Row = FieldRow | FactRow | ChannelRow


class FoldingSection(QFrame):
    """A title that opens and closes the rows below it; closed, it sums them up in a line."""

    def __init__(self, title: str, rows: list[Row], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("section")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._title, self.rows = title, rows
        self.missing: list[str] = []
        self.settled = False
        self.button = QPushButton(self)
        self.button.setObjectName("section_title")
        self.button.clicked.connect(lambda: self.fold(self.body.isVisibleTo(self)))
        self.summary = ElidedLabel(parent=self)
        self.summary.elide = Qt.TextElideMode.ElideRight
        self.summary.setProperty("role", "muted")
        self.complete = QLabel(self)
        self.complete.setProperty("role", "state")
        top = QHBoxLayout()
        top.setContentsMargins(10, 0, 10, 0)
        top.setSpacing(8)
        top.addWidget(self.button)
        top.addWidget(self.summary, 1)
        top.addStretch()
        top.addWidget(self.complete)
        self.body = QWidget(self)
        self.body.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        inner = QVBoxLayout(self.body)
        inner.setContentsMargins(10, 0, 10, 6)
        inner.setSpacing(0)
        for row in rows:
            inner.addWidget(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.body)
        self.fold(False)

    def fold(self, closed: bool) -> None:
        """Close or open the section."""
        self.body.setVisible(not closed)
        self.summary.setVisible(closed)
        self.button.setText(f"{'▸' if closed else '▾'}  {self._title}")
        self.button.setAccessibleName(f"{self._title}, {'closed' if closed else 'open'}")

    def refresh(self, model: AnnotationModel) -> None:
        """Show values, the summary and whether something essential is missing."""
        for row in self.rows:
            row.refresh()
        fields = [row for row in self.rows if isinstance(row, FieldRow)]
        views = [model.view(row.slot.path) for row in fields]
        given = [view.text for view in views if view.state is State.GIVEN]
        self.summary.setText(" · ".join(text.split(" <")[0] for text in given))
        essential = [
            (row.slot.path, view.state)
            for row, view in zip(fields, views, strict=True)
            if row.essential
        ]
        self.missing = [path for path, state in essential if state in (None, State.EMPTY)]
        unknown = [path for path, state in essential if state is State.UNKNOWN]
        self.settled = bool(fields) and not self.missing and not unknown
        self._show_completeness(len(self.missing), len(unknown))

    def _show_completeness(self, missing: int, unknown: int) -> None:
        text, tone, tip = "", "", ""
        if self.settled:
            text, tone, tip = "✓", "good", "Nothing is missing here"
        elif missing and not self.body.isVisibleTo(self):
            text, tone = f"▲ {missing} missing", "warning"
        elif unknown and not missing:
            text = f"? {unknown} unknown"
        self.complete.setText(text)
        self.complete.setToolTip(tip)
        restyle(self.complete, tone=tone)


class Form(QWidget):
    """All sections of the image shown; built anew for another image or level."""

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("form")
        self._model = model
        self.folds: list[FoldingSection] = []
        self._popup_style = ""
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addStretch()

    @property
    def rows(self) -> list[Row]:
        """All rows, from top to bottom."""
        return [row for fold in self.folds for row in fold.rows]

    def rebuild(self) -> None:
        """Make the rows for the image and level shown now; complete sections start closed."""
        for fold in self.folds:
            self._layout.removeWidget(fold)
            fold.hide()
            fold.deleteLater()
        self.folds = []
        if self._model.session is None or self._model.renamed is not None:
            return
        found = sections(self._model.level, self._model.known_facts(), self._model.sizes())
        for section in found:
            self._add(section.title, self._rows(section))
            if section.title == "Sample" and self._model.channels():
                self._add("Channels", [ChannelRow(self._model, i) for i in self._model.channels()])
        self.refresh()
        self.set_popup_style(self._popup_style)
        for fold in self.folds:
            if any(isinstance(row, FieldRow) for row in fold.rows):
                fold.fold(fold.settled)

    def _rows(self, section: Section) -> list[Row]:
        return [
            FieldRow(self._model, slot) if slot.editable else FactRow(self._model, slot)
            for slot in section.slots
        ]

    def _add(self, title: str, rows: list[Row]) -> None:
        fold = FoldingSection(title, rows, self)
        self._layout.insertWidget(self._layout.count() - 1, fold)
        self.folds.append(fold)

    def refresh(self) -> None:
        """Show what the record holds now."""
        if self._model.session is not None:
            for fold in self.folds:
                fold.refresh(self._model)

    def set_popup_style(self, sheet: str) -> None:
        """Style the lists of terms."""
        self._popup_style = sheet
        for row in self.rows:
            if isinstance(row, FieldRow):
                row.set_popup_style(sheet)

    def commit(self) -> None:
        """Keep what is typed in the field that has the focus."""
        for row in self.rows:
            if isinstance(row, FieldRow | ChannelRow):
                row.commit()

    def focus_chain(self) -> list[QWidget]:
        """Return what the Tab key goes through, from top to bottom."""
        chain: list[QWidget] = []
        for fold in self.folds:
            chain.append(fold.button)
            for row in fold.rows:
                if isinstance(row, FieldRow):
                    chain.append(row.editor)
                elif isinstance(row, ChannelRow):
                    chain += row.editors.values()
        return chain

    def row(self, path: str) -> FieldRow | None:
        """Return the row of a field."""
        rows = (row for row in self.rows if isinstance(row, FieldRow))
        return next((row for row in rows if row.slot.path == path), None)

    def paths(self) -> list[str]:
        """Return the paths of all fields that can be edited or looked at."""
        found: list[str] = []
        for row in self.rows:
            found += row.editors if isinstance(row, ChannelRow) else [row.slot.path]
        return found

    def missing(self) -> list[str]:
        """Return the paths of essential fields that nobody has said anything about."""
        return [path for fold in self.folds for path in fold.missing]

    def open_for(self, row: FieldRow) -> None:
        """Open the section that a row stands in."""
        next(fold for fold in self.folds if row in fold.rows).fold(False)
