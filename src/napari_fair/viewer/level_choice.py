"""Essentials, Publish or Expert: how much the form asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from napari_fair.model import Level

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel

_TIPS = {
    Level.ESSENTIALS: "What every image needs to be understood and found",
    Level.PUBLISH: "And what archives and journals ask",
    Level.EXPERT: "And everything else that the record can hold",
}


class LevelChoice(QWidget):
    """Three buttons in a row, of which one is down."""

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.buttons: dict[Level, QPushButton] = {}
        group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for level in Level:
            button = QPushButton(level.value.capitalize(), self)
            button.setProperty("segment", "true")
            button.setCheckable(True)
            button.setToolTip(_TIPS[level])
            button.clicked.connect(lambda _=False, level=level: model.set_level(level))
            group.addButton(button)
            layout.addWidget(button, 1)
            self.buttons[level] = button

    def refresh(self) -> None:
        """Show the model's level."""
        self.buttons[self._model.level].setChecked(True)
