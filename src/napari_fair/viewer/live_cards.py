"""The parts of the Live tab: each shows one thing of the live session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.files import FairError
from napari_fair.viewer import live_words as words
from napari_fair.viewer.live_choices import PARTS, Choice, chosen
from napari_fair.viewer.qt_text import ElidedLabel, restyle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_fair.live import LiveImage, Question
    from napari_fair.model import EventNote
    from napari_fair.session import Preset

_MOST_NOTES = 5


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


class QuestionsCard(Card):
    """What Micro-Manager does not know about the microscope: asked once, beside the work."""

    def __init__(
        self,
        answer: Callable[[Mapping[str, str]], object],
        not_now: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__("Questions", parent)
        self._answer = answer
        self._shown: tuple[Question, ...] = ()
        self.editors: dict[str, QLineEdit] = {}
        self.why = plain(words.WHY_ASKED, "muted", self)
        self.rows = QWidget(self)
        self.problem = plain("", "error", self)
        self.problem.hide()
        self.keep = QPushButton("&Remember", self)
        self.keep.setProperty("primary", "true")
        self.keep.clicked.connect(self.remember)
        self.open = QPushButton("&Answer …", self)
        self.open.clicked.connect(lambda: self.unfold(True))
        self.later = QPushButton("Not &now", self)
        self.later.clicked.connect(lambda: self.unfold(False))
        self.later.clicked.connect(lambda: not_now())
        buttons = QHBoxLayout()
        buttons.addStretch()
        for button in (self.later, self.open, self.keep):
            buttons.addWidget(button)
        for widget in (self.why, self.rows, self.problem):
            self.column.addWidget(widget)
        self.column.addLayout(buttons)
        self.unfold(False)

    def unfold(self, form: bool) -> None:
        """Show the form, or only how much there is to answer."""
        for widget in (self.rows, self.why, self.keep):
            widget.setVisible(form)
        self.open.setVisible(not form)

    def ask(self, questions: tuple[Question, ...]) -> None:
        """Ask these; what is typed for those that stay stays."""
        self.setVisible(bool(questions))
        if questions == self._shown:
            return
        typed = {key: editor.text() for key, editor in self.editors.items()}
        self.title.setText(words.asked_line(len(questions)))
        self._shown, self.editors = questions, {}
        unfolded = not self.rows.isHidden()
        self.column.removeWidget(self.rows)
        self.rows.hide()
        self.rows.deleteLater()
        self.rows = QWidget(self)
        grid = _rows_of(self.rows)
        for about, asked in groupby(questions, key=lambda question: question.about):
            title = plain(words.about(about), "name", self.rows)
            grid.addWidget(title, grid.rowCount(), 0, 1, 2)
            for question in asked:
                self._add(grid, question, typed.get(question.key, ""))
        self.column.insertWidget(2, self.rows)
        self.rows.setVisible(unfolded)

    def _add(self, grid: QGridLayout, question: Question, typed: str) -> None:
        row = grid.rowCount()
        label = plain(question.label, "label", self.rows)
        editor = QLineEdit(typed, self.rows)
        editor.setPlaceholderText(f"e.g. {question.example}" if question.example else "")
        editor.setToolTip(question.why)
        editor.setAccessibleName(f"{question.label}, {words.about(question.about)}")
        editor.returnPressed.connect(self.remember)
        label.setBuddy(editor)
        grid.addWidget(label, row, 0)
        grid.addWidget(editor, row, 1)
        self.editors[question.key] = editor

    def remember(self) -> None:
        """Keep the answers; what is left empty is not known and not asked again."""
        try:
            self._answer({key: editor.text() for key, editor in self.editors.items()})
        except FairError as problem:
            self.problem.setText(str(problem))
            self.problem.show()
        else:
            self.problem.hide()
            self.unfold(False)


def _rows_of(widget: QWidget) -> QGridLayout:
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, 118)
    grid.setColumnStretch(1, 1)
    return grid


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


class NotesCard(Card):
    """Event notes: a text, noted with its time, frame and stage position by one key."""

    KEY = "F8"

    def __init__(self, note: Callable[[str], object], forget: Callable[[str], object]) -> None:
        super().__init__("Notes")
        self._note, self._forget = note, forget
        self._seen: tuple[EventNote, ...] | None = None
        self.text = QLineEdit(self)
        self.text.setPlaceholderText("e.g. drug added")
        self.text.setAccessibleName("What happens")
        self.text.returnPressed.connect(self.press)
        self.button = QPushButton(f"&Note ({self.KEY})", self)
        self.button.setToolTip(
            f"{self.KEY} notes this text, wherever the cursor is in this window, with the time, "
            "the frame and where the stage stands"
        )
        self.button.clicked.connect(self.press)
        self.problem = plain("", "error", self)
        self.problem.hide()
        self.points = QCheckBox("Show as &points on the image", self)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.text, 1)
        line.addWidget(self.button)
        self.rows = QWidget(self)
        self.column.addLayout(line)
        self.column.addWidget(self.problem)
        self.column.addWidget(self.rows)
        self.column.addWidget(self.points)
        self.show_notes(())

    def press(self) -> None:
        """Note the text now; without one, ask for it."""
        text = self.text.text().strip()
        if not text:
            self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        try:
            self._note(text)
        except FairError as problem:
            self.problem.setText(str(problem))
            self.problem.show()
        else:
            self.problem.hide()
            self.text.selectAll()

    def show_notes(self, notes: Sequence[EventNote]) -> None:
        """List notes, newest first."""
        latest = tuple(reversed(notes[-_MOST_NOTES:]))
        self.title.setText(f"Notes ({len(notes)})" if notes else "Notes")
        self.points.setVisible(bool(notes))
        if latest == self._seen:
            return
        self._seen = latest
        self.column.removeWidget(self.rows)
        self.rows.deleteLater()
        self.rows = QWidget(self)
        grid = QGridLayout(self.rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, note in enumerate(latest):
            self._add(grid, row, note)
        self.rows.setVisible(bool(latest))
        self.column.insertWidget(3, self.rows)

    def _add(self, grid: QGridLayout, row: int, note: EventNote) -> None:
        time = plain(words.time_of(note.time), "muted", self.rows)
        time.setWordWrap(False)
        text = ElidedLabel(note.text, self.rows)
        text.elide = Qt.TextElideMode.ElideRight
        where = plain(words.place_of(note), "muted", self.rows)
        where.setVisible(bool(where.text()))
        gone = QPushButton("✕", self.rows)
        gone.setProperty("inside", "true")
        gone.setToolTip("Take this note back")
        gone.setAccessibleName(f"Take back the note {note.text}")
        gone.clicked.connect(partial(self._forget, note.id))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(text)
        column.addWidget(where)
        grid.addWidget(time, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(column, row, 1)
        grid.addWidget(gone, row, 2, Qt.AlignmentFlag.AlignTop)
