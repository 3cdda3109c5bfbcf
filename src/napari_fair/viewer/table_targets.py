"""Choosing where a column goes: any field of an image, or a name of its own."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QKeyEvent, QWheelEvent
from qtpy.QtWidgets import QComboBox, QCompleter, QSizePolicy, QWidget

from napari_fair.model import fields
from napari_fair.session.image_pairs import is_pair, pair_path
from napari_fair.viewer.sections import READ_ONLY
from napari_fair.viewer.table_columns import title_of

_FIRST = (
    *("biosample.extrinsic_variables", "biosample.intrinsic_variables"),
    *("biosample.biological_entity", "biosample.organism", "specimen.experimental_status"),
    *("image.well", "image.acquisition_date", "channel.0.name", "channel.0.fluor"),
    *("environment.temperature", "objective.nominal_magnification"),
)


def targets() -> list[str]:
    """Return the paths of all fields that an image can have a value of its own for."""
    rest = [
        f"{field.block}.0.{field.attribute}" if field.repeated else name
        for name, field in fields().items()
        if field.block != "study" and name not in READ_ONLY
    ]
    return list(dict.fromkeys([*_FIRST, *rest]))


class TargetChoice(QComboBox):
    """A list of fields that can be typed into; a word that is no field is a name of its own."""

    changed = Signal()

    def __init__(self, target: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target = target
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(12)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        if is_pair(target):
            self.addItem(title_of(target))
        self._paths = {title_of(path): path for path in targets()}
        self.addItems(list(self._paths))
        self.setCurrentText(title_of(target))
        self._complete()
        self.setToolTip("A field, or any word: it becomes a column of its own")
        self.activated.connect(lambda _index: self._keep())
        edit = self.lineEdit()
        if edit is not None:
            edit.editingFinished.connect(self._keep)
            edit.setCursorPosition(0)

    def _complete(self) -> None:
        completer = QCompleter([self.itemText(row) for row in range(self.count())], self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)

    @property
    def target(self) -> str:
        """Path of the field or of the free pair that the column goes to."""
        return self._target

    def choose(self, words: str) -> None:
        """Choose a field by its label, or give the column a name of its own."""
        self.setCurrentText(words)
        self._keep()

    def _keep(self) -> None:
        words = " ".join(self.currentText().split())
        labels = {label.casefold(): path for label, path in self._paths.items()}
        chosen = labels.get(words.casefold()) or pair_path(words)
        if not words:
            self.setCurrentText(title_of(self._target))
        elif chosen != self._target:
            self._target = chosen
            self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Enter keeps what was typed; it does not answer the dialog."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._keep()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Let the list scroll: a wheel that passes by changes nothing."""
        if event is not None:
            event.ignore()
