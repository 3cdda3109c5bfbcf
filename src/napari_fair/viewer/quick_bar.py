"""The line above the form: as the last image, presets, what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from napari_fair.files import FairError

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel


class QuickBar(QWidget):
    """Three buttons that save typing."""

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._seen: object = None
        self.same = QPushButton("Same as &last image", self)
        self.presets = QPushButton("&Presets", self)
        self.menu = QMenu(self.presets)
        self.presets.setMenu(self.menu)
        self.presets.setToolTip("Fill the form from a preset, or keep what it holds as one")
        self.differ = QPushButton(self)
        self.differ.setCheckable(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(6)
        for button in (self.same, self.presets, self.differ):
            layout.addWidget(button)
        layout.addStretch()
        self.same.clicked.connect(self._take_over)
        self.differ.clicked.connect(model.quick.show_only_differing)

    def refresh(self) -> None:
        """Show what there is to take over and how much differs."""
        quick, session = self._model.quick, self._model.session
        seen = (session and session.dataset, self._model.image_id, quick.only_differing)
        if self._seen is not None and seen == self._seen:
            return
        self._seen = seen
        last = quick.last_name
        self._show_same(last, len(quick.to_take_over()), len(quick.links_to_take_over()))
        self._show_differing(last, len(quick.differing()))

    def _show_same(self, last: str, values: int, links: int) -> None:
        count = values + links
        self.same.setEnabled(count > 0)
        blocks = f"{links} linked {'part' if links == 1 else 'parts'}" if links else ""
        what = " and ".join(filter(None, [_values(values) if values or not links else "", blocks]))
        tip = f"Takes over {what} from {last}"
        if not last:
            tip = "There is no last image yet"
        elif not count:
            tip = f"Everything said of {last} holds for this image too"
        self.same.setToolTip(tip)
        self.same.setText("Same as &last image" if count or not last else "✓ Same as &last image")

    def _show_differing(self, last: str, count: int) -> None:
        quick = self._model.quick
        self.differ.setVisible(bool(last))
        self.differ.setEnabled(count > 0)
        self.differ.setChecked(quick.only_differing)
        words = "Show a&ll" if quick.only_differing else f"{count} &differ"
        self.differ.setText(words if count else "None differ")
        self.differ.setToolTip(f"What the file says otherwise than {last}")
        self.differ.setAccessibleName(
            "Show all fields" if quick.only_differing else f"Show the {count} that differ"
        )

    def _take_over(self) -> None:
        try:
            problems = self._model.quick.same_as_last()
        except FairError as refusal:
            problems = [str(refusal)]
        for sentence in problems:
            self._model.told.emit("warning", sentence)


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"
