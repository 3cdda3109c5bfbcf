"""The foot of the dock: what Save writes, and Save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_fair.viewer.qt_text import lay_out

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel


class Footer(QFrame):
    """One sentence about the files, *Review changes* and *Save*."""

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("footer")
        self._model = model
        self.sentence = QLabel(self)
        self.sentence.setProperty("role", "muted")
        self.sentence.setTextFormat(Qt.TextFormat.RichText)
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("What Save writes")
        self.cancel = QPushButton("Cancel checksum", self)
        self.cancel.setToolTip("The checksum stays pending; Save takes it up again.")
        self.cancel.clicked.connect(model.saving.cancel_checksums)
        self.review = QPushButton("&Review changes", self)
        self.save = QPushButton("&Save", self)
        self.save.setProperty("primary", "true")
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.cancel)
        buttons.addStretch()
        buttons.addWidget(self.review)
        buttons.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self.sentence)
        layout.addLayout(buttons)

    def refresh(self) -> None:
        """Show what the model would write, is writing or wrote."""
        saving = self._model.saving
        grows = saving.sentence != self.sentence.text()
        self.sentence.setText(saving.sentence)
        self.sentence.setVisible(bool(saving.sentence))
        plan = saving.plan
        paths = [str(file.path) for file in plan.files] if plan is not None else []
        self.sentence.setToolTip("\n".join(paths))
        self.cancel.setVisible(saving.checksums_running)
        self.review.setEnabled(plan is not None and not saving.busy)
        can_save = self._model.session is not None and not saving.busy
        self.save.setEnabled(can_save)
        images = self._model.blocks.images() if saving.all_images else 1
        words = "&Save" if images < 2 else f"&Save {images} images"
        self.save.setText("&Save …" if self._model.without_file else words)
        if grows and self.isVisible():
            lay_out()  # or the sentence is cut until the next turn
