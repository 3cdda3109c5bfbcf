"""A fact of the file that is shown and not edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from napari_fair.viewer import wording
from napari_fair.viewer.qt_text import ElidedLabel

if TYPE_CHECKING:
    from napari_fair.viewer.sections import Slot
    from napari_fair.viewer.state import AnnotationModel

_LABEL_WIDTH = 120


class FactRow(QWidget):
    """Label, value and origin on one line."""

    def __init__(self, model: AnnotationModel, slot: Slot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._model, self.slot = model, slot
        label = ElidedLabel(slot.label, self)
        label.setProperty("role", "label")
        label.setFixedWidth(_LABEL_WIDTH)
        self.value = ElidedLabel(parent=self)
        self.value.setAccessibleName(slot.field.label)
        self.mark = ElidedLabel(parent=self)
        self.mark.elide = Qt.TextElideMode.ElideRight
        self.mark.setProperty("role", "id")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 2, 1)
        layout.setSpacing(6)
        layout.addWidget(label)
        layout.addWidget(self.value, 1)
        layout.addWidget(self.mark)

    def refresh(self) -> None:
        """Show what the record holds now."""
        view = self._model.view(self.slot.path)
        text = view.text
        if view.field.unit == "" and "date" in self.slot.path:
            text = wording.date_line(text)
        self.value.setText(text.replace("\n", " "))
        self.value.setToolTip(text)
        quick = self._model.quick
        if quick.only_differing:
            self.mark.setText(f"last: {quick.said_before(self.slot.path)}")
        else:
            self.mark.setText(wording.origin_mark(view, essential=False).text)
        self.mark.setToolTip(wording.origin_tooltip(view))
