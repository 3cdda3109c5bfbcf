"""Below a channel: the wavelengths that the vocabulary knows of its dye, to be taken or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from napari_fair.files import FairError
from napari_fair.viewer.state import sentence_of

if TYPE_CHECKING:
    from napari_fair.session.fluorophores import WavelengthOffer
    from napari_fair.viewer.state import AnnotationModel


class DyeOffer(QWidget):
    """Hidden where there is nothing to add; nothing that the file says is replaced.

    Attributes
    ----------
    wanted
        Whether to offer anything: where wavelengths are asked, or a dye was just chosen.
    """

    def __init__(self, model: AnnotationModel, channel: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._channel = model, channel
        self._offer: WavelengthOffer | None = None
        self.wanted = False
        self.words = QLabel(self)
        self.words.setProperty("role", "muted")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.take = QPushButton("Take", self)
        self.take.clicked.connect(self._take)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.take)
        self.hide()

    def stops(self) -> list[QWidget]:
        """Return what the Tab key goes through."""
        return [self.take]

    def refresh(self) -> None:
        """Say what the vocabulary could add."""
        offer = self._model.wavelengths_offered(self._channel) if self.wanted else None
        if offer == self._offer:
            return
        self._offer = offer
        self.setVisible(offer is not None)
        if offer is None:
            return
        missing = _listed(offer.missing)
        self.words.setText(f"{offer.dye}: {missing}, where it absorbs and emits most.")
        self.take.setAccessibleName(f"Take {missing} from the vocabulary")
        self.take.setToolTip("Marked as taken from the vocabulary; what the file says stays")

    def _take(self) -> None:
        if self._offer is None:
            return
        try:
            self._model.take_wavelengths(self._offer, self._offer.missing)
        except (FairError, OSError) as error:
            self._model.told.emit("error", sentence_of(error))


def _listed(wavelengths: dict[str, float]) -> str:
    return ", ".join(
        f"{'excitation' if 'excitation' in path else 'emission'} {value:g} nm"
        for path, value in wavelengths.items()
    )
