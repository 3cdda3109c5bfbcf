"""The parts of the Live tab: each shows one thing of the live session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.viewer import live_words as words
from napari_fair.viewer.live_choices import PARTS, Choice, chosen
from napari_fair.viewer.qt_text import ElidedLabel, restyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_fair.live import LiveImage
    from napari_fair.session import Preset


def plain(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """Return a label that wraps and takes its text as it is."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setMinimumWidth(60)
    return label


class Card(QFrame):
    """A part of the page with a title above it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("section")
        self.title = plain(title, "name", self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(10, 8, 10, 8)
        self.column.setSpacing(6)
        self.column.addWidget(self.title)
        self.title.setVisible(bool(title))


class StateCard(QFrame):
    """What is listened to, where images are saved, and how far the running one is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sign, self.words = QLabel(self), plain("", "name", self)
        self.place = ElidedLabel(parent=self)
        self.place.setProperty("role", "muted")
        self.choose = QPushButton("&Folder …", self)
        self.choose.setToolTip("Choose the folder that the images of this session are saved in")
        self.image = ElidedLabel(parent=self)
        self.frames = QLabel(self)
        self.frames.setProperty("role", "muted")
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(5)
        self.problem = plain("", "error", self)
        self.listen = QPushButton("Listen to &Micro-Manager", self)
        self.listen.setToolTip("Listen to the Micro-Manager that runs in this Python, if one does")
        self._arrange()

    def _arrange(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(self.words)
        texts.addWidget(self.place)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(texts, 1)
        top.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignTop)
        line = QHBoxLayout()
        line.addWidget(self.image, 1)
        line.addWidget(self.frames)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(5)
        layout.addLayout(top)
        layout.addWidget(self.listen, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(line)
        layout.addWidget(self.bar)
        layout.addWidget(self.problem)

    def show_state(
        self, sentence: str, *, listening: bool, place: str, tip: str, problem: str
    ) -> None:
        """Show what is listened to."""
        self.sign.setText("●" if listening else "○")
        restyle(self.sign, tone="good" if listening else "")
        self.words.setText(sentence)
        self.place.setText(place)
        self.place.setToolTip(tip)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def show_image(self, image: LiveImage | None, *, running: bool) -> None:
        """Show how far the image that is being taken is, or the one taken last."""
        for widget in (self.image, self.frames):
            widget.setVisible(image is not None)
        self.bar.setVisible(running)
        if image is None:
            return
        self.image.setText(image.name)
        self.frames.setText(words.progress(image))
        self.frames.setAccessibleName(f"{image.name}: {self.frames.text()}")
        if running:
            self.bar.setRange(0, image.expected or 0)
            self.bar.setValue(image.frames)


class BeginCard(Card):
    """Who, project, sample and microscope, chosen once; then one line."""

    def __init__(self, begun: Callable[[dict[str, Choice]], object], parent: QWidget) -> None:
        super().__init__("This session", parent)
        self._begun = begun
        self._preset: Preset | None = None
        self._offers: dict[str, list[Choice]] = {}
        self.boxes: dict[str, QComboBox] = {}
        self.form = QWidget(self)
        grid = QGridLayout(self.form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, part in enumerate(PARTS):
            box = _choice_box(part.hint)
            label = plain(part.label, "label", self)
            label.setBuddy(box)
            box.setAccessibleName(part.label)
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
            self.boxes[part.key] = box
        self.button = QPushButton("&Begin", self)
        self.button.setProperty("primary", "true")
        self.button.clicked.connect(self.begin)
        grid.addWidget(self.button, len(PARTS), 1, Qt.AlignmentFlag.AlignRight)
        self.said = plain("", "", self)
        self.change = QPushButton("&Change", self)
        self.change.setProperty("link", "true")
        self.change.clicked.connect(lambda: self.unfold(True))
        self.sum_up = QPushButton("S&um up", self)
        self.sum_up.setToolTip("What was taken, what is missing, minutes spent on metadata")
        self.summary = plain("", "muted", self)
        line = QHBoxLayout()
        line.addWidget(self.said, 1)
        line.addWidget(self.change, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(self.form)
        self.column.addLayout(line)
        self.column.addWidget(self.summary)
        self.column.addWidget(self.sum_up, 0, Qt.AlignmentFlag.AlignLeft)
        self.unfold(True)

    def offer(self, offers: dict[str, list[Choice]]) -> None:
        """Offer what presets and earlier records hold; what is typed stays."""
        self._offers = offers
        for key, box in self.boxes.items():
            typed = box.currentText()
            box.clear()
            box.addItems([choice.label for choice in offers.get(key, ())])
            box.setCurrentIndex(-1)
            box.setEditText(typed)

    def begin(self) -> None:
        """Take what is chosen for all images from now on."""
        found = {
            part.key: choice
            for part in PARTS
            for choice in [
                chosen(part, self.boxes[part.key].currentText(), self._offers.get(part.key, ()))
            ]
            if choice is not None
        }
        if found:
            self._begun(found)

    def unfold(self, form: bool) -> None:
        """Show the form, or the line that it became."""
        self.form.setVisible(form)
        self.said.setVisible(not form)
        self.change.setVisible(not form)

    def show_summary(self, sentences: Sequence[str], *, possible: bool) -> None:
        """Show the summary as of when it was asked for."""
        self.summary.setText("\n".join(sentences))
        self.summary.setVisible(bool(sentences))
        self.sum_up.setVisible(possible)

    def show_preset(self, preset: Preset | None) -> None:
        """Show what was chosen, also by somebody else or before the dock was closed."""
        if preset is self._preset or preset is None:
            return
        self._preset = preset
        said = [preset.values.get(part.field, "") for part in PARTS]
        self.said.setText(" · ".join(filter(None, said)) or preset.name)
        for part in PARTS:
            self.boxes[part.key].setEditText(preset.values.get(part.field, ""))
        self.unfold(False)


def _choice_box(hint: str) -> QComboBox:
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    line = box.lineEdit()
    if line is not None:
        line.setPlaceholderText(hint)
    return box


class ChecklistCard(Card):
    """What is missing for the image that is shown, each with the way to its field."""

    def __init__(self, go_to: Callable[[str], object], parent: QWidget) -> None:
        super().__init__("", parent)
        self.title.show()
        self._go_to = go_to
        self._shown: tuple[tuple[str, str, str], ...] | None = None
        self.buttons: list[QPushButton] = []
        self.rows = QWidget(self)
        self.column.addWidget(self.rows)

    def show_report(self, report: Any, name: str) -> None:
        """Show a readiness report; None while there is none."""
        self.setVisible(report is not None)
        if report is None:
            return
        from napari_fair.live.sitting import Checklist

        gaps = tuple((gap.title, gap.action, gap.field) for gap in report.to_go)
        unchecked = sum(str(result.status) == "not checked" for result in report.results)
        self.title.setText(Checklist(report.to_go, unchecked).sentence)
        self.title.setToolTip(name)
        if gaps != self._shown:
            self._shown = gaps
            self._rebuild(gaps)

    def _rebuild(self, gaps: tuple[tuple[str, str, str], ...]) -> None:
        self.column.removeWidget(self.rows)
        self.rows.deleteLater()
        self.rows, self.buttons = QWidget(self), []
        layout = QVBoxLayout(self.rows)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for title, action, field in gaps:
            sign = QLabel("▲", self.rows)
            sign.setProperty("tone", "warning")
            label = ElidedLabel(title, self.rows)
            label.elide = Qt.TextElideMode.ElideRight
            label.setToolTip(action)
            button = QPushButton("Fill in", self.rows)
            button.setAccessibleName(f"Fill in {title}")
            button.clicked.connect(partial(self._go_to, field))
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(sign)
            line.addWidget(label, 1)
            line.addWidget(button)
            layout.addLayout(line)
            self.buttons.append(button)
        self.column.addWidget(self.rows)
