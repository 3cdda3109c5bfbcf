"""A channel on one line: its colour, its name and what glowed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_fair.files import FairError
from napari_fair.model import State
from napari_fair.viewer import wording
from napari_fair.viewer.dye_offer import DyeOffer
from napari_fair.viewer.field_editors import Editor, make_editor
from napari_fair.viewer.qt_text import restyle
from napari_fair.viewer.remark_line import RemarkLine
from napari_fair.viewer.sections import Slot
from napari_fair.viewer.state import sentence_of
from napari_fair.viewer.term_editor import TermEditor

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel

_FIRST = {"name": "Channel", "fluor": "Stain", "target": "What it shows"}
"""Fields on the first line, with the words that stand in them as long as they are empty."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class ChannelRow(QWidget):
    """The fields of one channel: name, stain and target on one line, the others below.

    Parameters
    ----------
    slots
        The channel's fields, its name first.
    """

    def __init__(
        self,
        model: AnnotationModel,
        index: int,
        slots: list[Slot],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._model, self._index, self.slots = model, index, tuple(slots)
        self._dot = QLabel(self)
        self._dot.setFixedSize(10, 10)
        self.editors: dict[str, Editor] = {}
        self._error = QLabel(self)
        self._error.setProperty("role", "error")
        self._error.setTextFormat(Qt.TextFormat.PlainText)
        self._error.setWordWrap(True)
        self._error.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 4)
        layout.setSpacing(3)
        first = [slot for slot in slots if slot.field.attribute in _FIRST]
        layout.addLayout(self._first_line(first))
        layout.addLayout(self._further([slot for slot in slots if slot not in first]))
        self.offer = DyeOffer(model, index, self)
        self.offer.wanted = self._asks_wavelengths
        self._remark = RemarkLine(lambda _text: None, self)
        for widget in (self._error, self._remark, self.offer):
            layout.addWidget(widget)

    def _first_line(self, slots: list[Slot]) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self._dot)
        for slot in slots:
            editor = self._editor(slot)
            line.addWidget(editor, 2 if slot.field.attribute == "name" else 3)
        return line

    def _further(self, slots: list[Slot]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(16, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        for place, slot in enumerate(slots):
            row, column = divmod(place, 2)
            label = QLabel(slot.field.label, self)
            label.setProperty("role", "label")
            editor = self._editor(slot)
            label.setBuddy(editor)
            grid.addWidget(label, 2 * row, column)
            grid.addWidget(editor, 2 * row + 1, column)
            grid.setColumnStretch(column, 1)
        return grid

    def _editor(self, slot: Slot) -> Editor:
        editor = make_editor(slot.field, self)
        editor.setObjectName(slot.path)
        editor.setMinimumWidth(60)
        first = slot.field.attribute in _FIRST
        editor.setPlaceholderText(_FIRST.get(slot.field.attribute, "") if first else "")
        editor.setAccessibleName(f"{slot.field.label}, channel {self._index + 1}")
        editor.setAccessibleDescription(slot.field.why)
        editor.committed.connect(lambda text, path=slot.path: self._commit(path, text))
        editor.typed.connect(lambda text, path=slot.path: self._say(path, text))
        self.editors[slot.path] = editor
        return editor

    @property
    def _asks_wavelengths(self) -> bool:
        return any(slot.field.attribute == "excitation_wavelength" for slot in self.slots)

    def stops(self) -> list[QWidget]:
        """Return what the Tab key goes through."""
        return [*self.editors.values(), *self.offer.stops()]

    def set_popup_style(self, sheet: str) -> None:
        """Style the lists of terms."""
        for editor in self.editors.values():
            if isinstance(editor, TermEditor):
                editor.set_popup_style(sheet)

    def forget(self) -> None:
        """Another image is shown: what was refused for the last one goes."""
        self._error.hide()
        self.offer.wanted = self._asks_wavelengths
        for editor in self.editors.values():
            editor.discard()
            restyle(editor, invalid="false")

    def refresh(self) -> None:
        """Show what the record holds now."""
        if self._model.session is None:
            return
        for path, editor in self.editors.items():
            view = self._model.view(path)
            if not (editor.hasFocus() and editor.dirty) and editor.property("invalid") != "true":
                editor.show_value(view.text if view.state is State.GIVEN else "")
            mark = wording.origin_mark(view, essential=False)
            editor.lock(bool(view.locked_by))
            tips = [view.field.label, view.field.why, wording.origin_tooltip(view)]
            editor.setToolTip("\n".join(tips if mark.word != "⋯" else tips[:2]))
        self._show_colour(self._model.text(f"channel.{self._index}.color"))
        self.offer.refresh()
        if not any(editor.hasFocus() and editor.dirty for editor in self.editors.values()):
            kept = (self._model.kept_remark(path) for path in self.editors)
            self._remark.show_remark(next((remark for remark in kept if remark is not None), None))

    def _say(self, path: str, text: str) -> None:
        self._remark.show_remark(self._model.remark(path, text))

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
        if sentence:
            self._remark.show_remark(None)
        else:
            self.offer.wanted = self.offer.wanted or path.endswith(".fluor")
            self.editors[path].show_value(self._model.text(path))
        self.refresh()
