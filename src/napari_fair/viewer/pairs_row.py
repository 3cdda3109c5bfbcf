"""Free key-value pairs of a block or an image: a row of boxes each, behind *More…*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_fair.files import FairError
from napari_fair.model import KeyValue
from napari_fair.viewer.editors import LineEditor
from napari_fair.viewer.qt_text import tab_through
from napari_fair.viewer.state import sentence_of

if TYPE_CHECKING:
    from napari_fair.viewer.state import AnnotationModel

_WORDS = {
    "image": "this image",
    "study": "the study",
    "component": "this part of the study",
    "biosample": "the sample",
    "specimen": "the specimen",
    "acquisition": "the acquisition",
    "instrument": "the instrument",
    "annotation": "the annotations",
    "correlation": "the correlation",
    "analysis": "the analysis",
}


class PairsRow(QWidget):
    """What no field asks for: key, value and, for whoever needs it, a namespace.

    Parameters
    ----------
    kind
        The kind of block whose pairs these are, or ``image``.
    """

    def __init__(self, model: AnnotationModel, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._model, self.kind = model, kind
        self.lines: list[PairLine] = []
        self._shown: tuple[KeyValue, ...] = ()
        self.more = QPushButton("More …", self)
        self.more.setProperty("link", "true")
        self.more.setToolTip(f"Say something of {_WORDS[kind]} that no field asks for")
        self.more.setAccessibleName(f"More about {_WORDS[kind]}: add a key and a value")
        self.more.clicked.connect(self.add_line)
        self._error: QLabel | None = None
        self._list = QVBoxLayout()
        self._list.setSpacing(3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 3)
        layout.setSpacing(2)
        layout.addLayout(self._list)
        layout.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def stops(self) -> list[QWidget]:
        """Return what the Tab key goes through."""
        return [*(stop for line in self.lines for stop in line.stops()), self.more]

    def refresh(self) -> None:
        """Show what the record holds; a line that is not complete yet stays."""
        pairs = self._model.blocks.pairs(self.kind)
        if pairs == self._shown:
            return
        self._shown = pairs
        complete = [line for line in self.lines if line.pair() is not None]
        if [line.pair() for line in complete] == list(pairs):
            return
        for line in complete:
            self._drop(line)
        for place, pair in enumerate(pairs):
            self._insert(place, pair)

    def forget(self) -> None:
        """Another image is shown: lines that were not complete go."""
        self._say("")
        for line in [line for line in self.lines if line.pair() is None]:
            self._drop(line)

    def add_line(self) -> None:
        """Add an empty line and go to it."""
        line = self._insert(len(self.lines), None)
        line.boxes["key"].setFocus()

    def _insert(self, place: int, pair: KeyValue | None) -> PairLine:
        line = PairLine(pair, self)
        line.changed.connect(self.commit)
        line.remove.clicked.connect(lambda: self._remove(line))
        self.lines.insert(place, line)
        self._list.insertWidget(place, line)
        line.show()
        following = self.lines[place + 1].boxes["key"] if place + 1 < len(self.lines) else self.more
        tab_through(line.stops(), following)
        return line

    def _drop(self, line: PairLine) -> None:
        self.lines.remove(line)
        self._list.removeWidget(line)
        line.hide()
        line.deleteLater()

    def _remove(self, line: PairLine) -> None:
        self._drop(line)
        self.more.setFocus()
        self.commit()

    def commit(self) -> None:
        """Keep the pairs that are complete."""
        pairs = [pair for line in self.lines if (pair := line.pair()) is not None]
        if tuple(pairs) == self._model.blocks.pairs(self.kind):
            return
        try:
            self._model.blocks.set_pairs(self.kind, pairs)
        except (FairError, OSError) as error:
            self._say(sentence_of(error))
            return
        self.refresh()
        self._say("")

    @property
    def error(self) -> QLabel:
        """Why the pairs were not kept; made when there is something to say."""
        if self._error is None:
            self._error = QLabel(self)
            self._error.setProperty("role", "error")
            self._error.setTextFormat(Qt.TextFormat.PlainText)
            self._error.setWordWrap(True)
            self._list.addWidget(self._error)
        return self._error

    def _say(self, sentence: str) -> None:
        if not sentence and self._error is None:
            return
        self.error.setText(f"✕ Not kept: {sentence}" if sentence else "")
        self.error.setVisible(bool(sentence))


class PairLine(QWidget):
    """One pair: key, value, namespace and a cross."""

    changed = Signal()

    def __init__(self, pair: KeyValue | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.boxes: dict[str, LineEditor] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for name, words, stretch in (
            ("key", "Key", 3),
            ("value", "Value", 4),
            ("namespace", "Namespace", 3),
        ):
            box = LineEditor(self)
            box.setPlaceholderText(words)
            box.setAccessibleName(words)
            box.setMinimumWidth(40)
            box.show_value(getattr(pair, name) if pair is not None else "")
            box.committed.connect(lambda _text: self.changed.emit())
            self.boxes[name] = box
            layout.addWidget(box, stretch)
        self.boxes["namespace"].setToolTip(
            "Whose key it is, e.g. the address of your lab or standard; may stay empty"
        )
        self.remove = QPushButton("✕", self)
        self.remove.setProperty("link", "true")
        self.remove.setAccessibleName("Take this pair away")
        layout.addWidget(self.remove)

    def stops(self) -> list[QWidget]:
        """Return what the Tab key goes through."""
        return [*self.boxes.values(), self.remove]

    def pair(self) -> KeyValue | None:
        """Return the pair; None as long as key or value are missing."""
        texts = {name: box.text().strip() for name, box in self.boxes.items()}
        return KeyValue(**texts) if texts["key"] and texts["value"] else None
