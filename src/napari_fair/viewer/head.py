"""The head of the dock: which image this is and what its file says first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QImage, QPixmap
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_fair.viewer import wording
from napari_fair.viewer.qt_text import ElidedLabel, restyle

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel

_THUMBNAIL = 52


class Head(QWidget):
    """Thumbnail, file name, dimensions, pixel sizes and date; a choice when there are scenes."""

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.thumbnail = QLabel(self)
        self.thumbnail.setFixedSize(_THUMBNAIL, _THUMBNAIL)
        self.thumbnail.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.thumbnail.setAccessibleName("Thumbnail")
        self.name = ElidedLabel(parent=self)
        self.name.setProperty("role", "name")
        self.dimensions = ElidedLabel(parent=self)
        self.dimensions.setProperty("role", "muted")
        self.calibration = ElidedLabel(parent=self)
        self.calibration.setProperty("role", "muted")
        self.calibration.elide = Qt.TextElideMode.ElideRight
        self.scenes = QComboBox(self)
        self.scenes.setAccessibleName("Image of the file")
        self.scenes.setMinimumContentsLength(8)
        self.scenes.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.scenes.activated.connect(self._choose)
        self._arrange()

    def _arrange(self) -> None:
        lines = QVBoxLayout()
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(1)
        for widget in (self.name, self.dimensions, self.calibration, self.scenes):
            lines.addWidget(widget)
        lines.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 8)
        layout.setSpacing(10)
        layout.addWidget(self.thumbnail, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(lines, 1)

    def refresh(self) -> None:
        """Show the image that the model looks at."""
        model = self._model
        self.name.setText(model.file_name or "No image")
        known = model.image is not None
        source = model.source
        self.dimensions.setText(
            wording.dimensions_line(source.format, model.text) if source else ""
        )
        self.dimensions.setVisible(known)
        self.calibration.setVisible(known)
        if known:
            self._show_calibration()
        self._show_scenes()

    def _show_calibration(self) -> None:
        size = wording.pixel_size_line(self._model.text)
        date = self._model.text("image.acquisition_date")
        self.calibration.setText(f"{size} · {wording.date_line(date)}" if date else size)
        unknown = size == wording.UNKNOWN_PIXEL_SIZE
        restyle(self.calibration, tone="warning" if unknown else "")

    def _show_scenes(self) -> None:
        scenes = self._model.scenes()
        self.scenes.setVisible(len(scenes) > 1)
        self.scenes.clear()
        for id, name in scenes:
            self.scenes.addItem(name, id)
        self.scenes.setCurrentIndex(self.scenes.findData(self._model.image_id))

    def _choose(self, place: int) -> None:
        self._model.choose_image(str(self.scenes.itemData(place)))

    def show_thumbnail(self, pixels: Any) -> None:
        """Show a layer's thumbnail.

        Parameters
        ----------
        pixels
            RGBA, shape ``(height, width, 4)``, uint8; None for no layer.
        """
        self.thumbnail.setVisible(pixels is not None)
        if pixels is None:
            return
        height, width = pixels.shape[:2]
        image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
        self.thumbnail.setPixmap(
            QPixmap.fromImage(image).scaled(
                _THUMBNAIL,
                _THUMBNAIL,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
