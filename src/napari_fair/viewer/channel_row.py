"""A channel on one line: its colour, its name and what glowed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from napari_fair.files import FairError
from napari_fair.model import State
from napari_fair.viewer import wording
from napari_fair.viewer.editors import LineEditor
from napari_fair.viewer.qt_text import restyle
from napari_fair.viewer.sections import Slot, channel_slots
from napari_fair.viewer.state import sentence_of

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class ChannelRow(QWidget):
    """The fields of one channel; two stand beside each other."""

    def __init__(self, model: AnnotationModel, index: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._model, self._index = model, index
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 4)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(3)
        self._dot = QLabel(self)
        self._dot.setFixedSize(10, 10)
        self._grid.addWidget(self._dot, 0, 0)
        self.editors: dict[str, LineEditor] = {}
        for place, slot in enumerate(channel_slots(index, model.level)):
            self._grid.addWidget(self._editor(slot), place // 2, 1 + place % 2)
        self._error = QLabel(self)
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        self._grid.addWidget(self._error, 9, 1, 1, 2)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)

    def _editor(self, slot: Slot) -> LineEditor:
        editor = LineEditor(self)
        editor.setObjectName(slot.path)
        editor.setMinimumWidth(60)
        editor.setPlaceholderText(slot.field.label)
        editor.setAccessibleName(f"{slot.field.label}, channel {self._index + 1}")
        editor.setAccessibleDescription(slot.field.why)
        editor.committed.connect(lambda text, path=slot.path: self._commit(path, text))
        self.editors[slot.path] = editor
        return editor

    def refresh(self) -> None:
        """Show what the record holds now."""
        if self._model.session is None:
            return
        for path, editor in self.editors.items():
            view = self._model.view(path)
            if not (editor.hasFocus() and editor.dirty) and editor.property("invalid") != "true":
                editor.show_value(view.text if view.state is State.GIVEN else "")
            mark = wording.origin_mark(view, essential=False)
            tips = [view.field.label, view.field.why, wording.origin_tooltip(view)]
            editor.setToolTip("\n".join(tips if mark.word != "⋯" else tips[:2]))
        self._show_colour(self._model.text(f"channel.{self._index}.color"))

    def _show_colour(self, text: str) -> None:
        colour = text if _COLOUR.fullmatch(text) else "transparent"
        self._dot.setStyleSheet(
            f"background: {colour}; border: 1px solid palette(mid); border-radius: 5px;"
        )
        self._dot.setToolTip(f"Shown in {text}" if text else "No colour is stated")

    def commit(self) -> None:
        """Keep what is typed."""
        for editor in self.editors.values():
            editor.commit()

    def _commit(self, path: str, text: str) -> None:
        try:
            self._model.set(path, text)
            sentence = ""
        except (FairError, OSError) as error:
            sentence = f"✕ Not kept: {sentence_of(error)}"
        self._error.setText(sentence)
        self._error.setVisible(bool(sentence))
        restyle(self.editors[path], invalid=str(bool(sentence)).lower())
        self.refresh()
