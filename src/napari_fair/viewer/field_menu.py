"""What else there is to say about a field: that it has no value, and for which images it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QApplication, QMenu, QWidget

from napari_fair.model import POOLS, Kind, State

if TYPE_CHECKING:
    from napari_fair.viewer.sections import Slot
    from napari_fair.viewer.state import AnnotationModel

Change = Callable[[], object]


class FieldMenu(QMenu):
    """The menu behind a field's mark; it is filled when it opens.

    Parameters
    ----------
    do
        Makes a change and says why it was refused.

    Attributes
    ----------
    said
        There is no value, and why; the argument is a `State`.
    map_asked
        Texts that are no terms are to be mapped.
    """

    said = Signal(object)
    map_asked = Signal()

    def __init__(
        self, model: AnnotationModel, slot: Slot, do: Callable[[Change], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._model, self._slot, self._do = model, slot, do
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Offer what can be said now."""
        self.clear()
        if self._model.session is None:
            return
        locked_by = self._model.view(self._slot.path).locked_by
        if locked_by:
            self._add("&Copy", self._copy)
            self.addSection(f"Locked by the preset “{locked_by}”".replace("&", "&&"))
            return
        for state, words in (
            (State.UNKNOWN, "&Unknown"),
            (State.NOT_APPLICABLE, "&Not applicable"),
            (State.EMPTY, "&Clear"),
        ):
            self._add(words, lambda _=False, state=state: self.said.emit(state))
        if self._slot.field.kind in (Kind.TERM, Kind.TERMS):
            self._add("&Map free text to terms …", lambda: self.map_asked.emit())
        if self._model.image_id is not None and self._model.shareable(self._slot.path):
            self._offer_images()

    def _offer_images(self) -> None:
        """Offer to share the value, or to have it for the image shown alone."""
        self.addSeparator()
        model, path = self._model, self._slot.path
        own = model.is_own(path)
        alone = "Only for &this image"
        self._add(alone, lambda: self._do(lambda: model.only_this_image(path)), own)
        shared = "For &all images" + self._of_block()
        self._add(shared, lambda: self._do(lambda: model.all_images(path)), not own)

    def _of_block(self) -> str:
        """Say which images share the value where several blocks are used."""
        kind = self._slot.field.block
        uses = self._model.blocks.all(kind) if kind in POOLS else []
        block = self._model.blocks.used(kind) if len(uses) > 1 else None
        name = next((use.name for use in uses if block and use.id == block.id), "")
        return f" that use “{name}”".replace("&", "&&") if name else ""

    def _copy(self) -> None:
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self._model.text(self._slot.path))

    def _add(self, words: str, do: Callable[..., object], checked: bool | None = None) -> None:
        action = self.addAction(words)
        if action is None:
            return
        if checked is not None:
            action.setCheckable(True)
            action.setChecked(checked)
        action.triggered.connect(do)
