"""The History tab: the steps as they happened, what came from what, script and replay."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QImage, QPixmap, QShowEvent
from qtpy.QtWidgets import (
    QWidget,
)

from napari_fair.model import DataRef, StepKind
from napari_fair.provenance import History
from napari_fair.viewer import history_words as words
from napari_fair.viewer.history_actions import HistoryActions
from napari_fair.viewer.history_describe import DescribeDialog
from napari_fair.viewer.history_layout import HistoryLayout
from napari_fair.viewer.history_rows import StepRow
from napari_fair.viewer.history_saving import ResultSaving
from napari_fair.viewer.history_style import history_style, tones
from napari_fair.viewer.qt_text import restyle
from napari_fair.viewer.recorder_annotation import fill_annotation
from napari_fair.viewer.recorder_records import hand_over, part_of, shown_history

if TYPE_CHECKING:
    from napari_fair.viewer.recorder import Recorder
    from napari_fair.viewer.state import AnnotationModel
    from napari_fair.viewer.theme import Palette

_AT_ONCE = 40
"""Rows that are made at a time; earlier steps come with a button."""
_PAUSE = 80
"""Milliseconds after a step until it is shown."""
_REST = 1500
"""Milliseconds after the last step until the steps go into the record of the folder."""
_THUMBNAIL = 72
_PATIENCE = 300
_COMPARING = "Comparing the layers with their checksums …"


class HistoryPage(HistoryLayout):
    """Shows what the record of the folder and the recorder of this viewer know.

    Attributes
    ----------
    refreshed
        The list shows what there is now.
    """

    refreshed = Signal()
    _stirred = Signal()

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._recorder: Recorder | None = None
        self.history = History()
        self.rows: list[StepRow] = []
        self._shown: list[tuple[object, ...]] = []
        self._many = _AT_ONCE
        self._led_to = ""
        self._stale = True
        self._thumbnails: dict[str, QPixmap] = {}
        self._verdicts: dict[str, tuple[str, str]] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self.refresh)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self.keep)
        # the ledger also speaks from the checksums' thread
        self._stirred.connect(self._soon, Qt.ConnectionType.QueuedConnection)
        self._connect_widgets()
        self.buttons = HistoryActions(self, model)
        self.saving = ResultSaving(self, model)

    def _connect_widgets(self) -> None:
        self.narrow.activated.connect(self._narrowed)
        self.search.textChanged.connect(self._narrowed)
        self.as_graph.toggled.connect(self._turned)
        self.graph.chosen.connect(self.show_led_to)
        self.earlier.clicked.connect(self._more)
        self.elsewhere.clicked.connect(self.describe_elsewhere)

    def set_colours(self, colours: Palette) -> None:
        """Use these colours."""
        self.setStyleSheet(history_style(colours))
        self.graph.set_colours(colours, tones(colours))

    # ---- the recorder ----

    @property
    def recorder(self) -> Recorder | None:
        """The recorder that is shown."""
        return self._recorder

    def heed(self, recorder: Recorder) -> None:
        """Show what a recorder records."""
        self._recorder = recorder
        self.head.heed(recorder, self._people)
        recorder.changed.connect(self._stir)
        recorder.asked.connect(self._stir)
        recorder.ledger.changed.connect(self._stir)
        self.refresh()

    def _stir(self, *_: object) -> None:
        with suppress(RuntimeError):  # napari deletes the Qt part of a dock that is closed
            self._stirred.emit()

    def _soon(self) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def keep(self) -> None:
        """Put what has to do with the image's folder into its record."""
        session, recorder = self._model.session, self._recorder
        if session is None or recorder is None or not recorder.ledger.steps:
            return
        if self._model.without_file:
            return
        live, files = recorder.ledger.history, recorder.states.files()
        if hand_over(part_of(live, files, session.folder), session):
            fill_annotation(session, History.of(session.dataset))

    def settle(self, then: Callable[[], object]) -> None:
        """Record what is open and what changed without a word, then go on, e.g. to save."""
        recorder = self._recorder
        if recorder is None:
            then()
            return

        slow = QTimer(self)
        slow.setSingleShot(True)
        slow.timeout.connect(lambda: self.show_verdict(_COMPARING, ""))
        slow.start(_PATIENCE)

        def done() -> None:
            with suppress(RuntimeError):  # the dock was closed meanwhile
                slow.stop()
                slow.deleteLater()
                if self.verdict.text() == _COMPARING:
                    self.show_verdict("", "")
            self.keep()
            then()

        recorder.settle(done)

    # ---- showing ----

    def refresh(self) -> None:
        """Show what there is now; soon it goes into the record of the folder."""
        recorder = self._recorder
        if recorder is None:
            return
        self._rest.start()
        self._stale = not self.isVisible()
        if self._stale:
            return
        session = self._model.session
        stored = History.of(session.dataset) if session is not None else History()
        self.history = shown_history(stored, recorder.ledger.history)
        self._take_thumbnails()
        self.head.show_state(self.history.completeness())
        self.saving.show(recorder)
        self._show_rows()
        if self.as_graph.isChecked():
            self._show_graph()
        some = bool(self.history.steps)
        for button in (self.script, self.notebook, self.replay):
            button.setEnabled(some)
        self.refreshed.emit()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Show what came while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def _take_thumbnails(self) -> None:
        """Keep small pictures of the states that layers show now; no data is kept."""
        recorder = self._recorder
        for layer in recorder.states.layers() if recorder is not None else ():
            if recorder is None or recorder.left_out(layer):
                continue
            state = recorder.states.shown(str(layer.unique_id))
            if state and (state not in self._thumbnails or self.as_graph.isChecked()):
                self._thumbnails[state] = _picture(layer.thumbnail)

    def _chosen_steps(self) -> list[Any]:
        word, text = str(self.narrow.currentData()), self.search.text()
        steps = list(self.history.steps)
        if word == "led to":
            steps = list(self.history.led_to(self._led_to)) if self._led_to else []
            word = ""
        if not word and not text.strip():
            return steps
        ref = self._ref()
        return [step for step in steps if words.matches(step, text, word, ref)]

    def _ref(self) -> words.Ref:
        """Return what finds data by its id; what was read from a file is in that file."""
        refs = {ref.id: ref for ref in self.history.data}
        files: dict[str, str] = {}
        for step in self.history.steps:
            if step.kind is StepKind.OPEN and step.inputs:
                files |= {slot.data: step.inputs[0].data for slot in step.outputs}

        def find(id: str) -> DataRef | None:
            found, file = refs.get(id), refs.get(files.get(id, ""))
            if found is None or found.path or file is None:
                return found
            return found.model_copy(update={"path": file.path or file.name})

        return find

    def _show_rows(self) -> None:
        chosen = self._chosen_steps()
        self.earlier.setVisible(len(chosen) > self._many)
        self.earlier.setText(f"Show {min(_AT_ONCE, len(chosen) - self._many)} earlier steps")
        self.nothing.setText(self._why_empty())
        self.nothing.setVisible(not chosen)
        ref = self._ref()
        proposals = self._recorder.proposals if self._recorder is not None else {}
        wanted: list[tuple[object, ...]] = []
        for step in chosen[-self._many :]:
            known = tuple(ref(slot.data) for slot in (*step.inputs, *step.outputs))
            verdict = self._verdicts.get(step.id)
            wanted.append((step, proposals.get(step.id), verdict, known))
        if wanted == self._shown:
            return
        bar = self.scrolls[0].verticalScrollBar()
        at_end = bar is None or bar.value() >= bar.maximum() - 4
        self._replace_rows(wanted, ref)
        if at_end:
            QTimer.singleShot(0, self._to_end)

    def _replace_rows(self, wanted: list[tuple[object, ...]], ref: words.Ref) -> None:
        """Make the rows that are new or say something else; the others stay."""
        old = dict(zip(map(_key, self._shown), self.rows, strict=True))
        rows = []
        for one in wanted:
            key = _key(one)
            rows.append(old.pop(key) if key in old else self._row(one, ref))
        for row in old.values():
            self.rows_layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, row in enumerate(rows):
            if self.rows_layout.indexOf(row) != place + 2:
                self.rows_layout.insertWidget(place + 2, row)
        self.rows, self._shown = rows, wanted

    def _row(self, one: tuple[object, ...], ref: words.Ref) -> StepRow:
        step, proposal, verdict, _ = one
        row = StepRow(step, ref, proposal, self._agent(step))  # type: ignore[arg-type]
        if verdict is not None:
            row.say(*verdict)  # type: ignore[misc]
        row.confirmed.connect(self._confirm)
        row.described.connect(self.describe)
        row.led_to.connect(self.show_led_to)
        row.commented.connect(self._comment)
        return row

    def _agent(self, step: Any) -> str:
        session = self._model.session
        person = session.dataset.person(step.agent) if session is not None and step.agent else None
        return person.name if person is not None else ""

    def _people(self) -> list[tuple[str, str]]:
        """Return id and name of the people that the record knows."""
        session = self._model.session
        return [(one.id, one.name) for one in session.dataset.people] if session else []

    def _show_graph(self) -> None:
        history = self.history
        if str(self.narrow.currentData()) == "led to" and self._led_to:
            history = history.behind([self._led_to])
        self.graph.show_history(history, self._thumbnails)

    def _why_empty(self) -> str:
        if self.history.steps:
            return "No step is like that."
        if self._recorder is not None and self._recorder.on:
            return "Steps appear here as they happen: open an image, run a plugin, paint labels."
        return (
            "Press Record, and every step of the analysis is noted here: opened files, filters, "
            "segmentations, painted labels. Nothing leaves this computer."
        )

    def _to_end(self) -> None:
        bar = self.scrolls[0].verticalScrollBar()
        if bar is not None:
            bar.setValue(bar.maximum())

    def _more(self) -> None:
        self._many += _AT_ONCE
        self._show_rows()

    def _narrowed(self, _value: object = None) -> None:
        if str(self.narrow.currentData()) == "led to" and self._recorder is not None:
            self._led_to = self._recorder.active_state() or self._led_to
        self._many = _AT_ONCE
        self._show_rows()
        if self.as_graph.isChecked():
            self._show_graph()

    def _turned(self, graph: bool) -> None:
        self.views.setCurrentIndex(1 if graph else 0)
        if graph:
            self._take_thumbnails()
            self._show_graph()

    def show_led_to(self, data: str) -> None:
        """Show only the steps that led to a piece of data."""
        self._led_to = data
        self.as_graph.setChecked(False)
        self.narrow.setCurrentIndex(self.narrow.findData("led to"))
        self._many = _AT_ONCE
        self._show_rows()

    # ---- describing ----

    def _confirm(self, step_id: str) -> None:
        if self._recorder is not None:
            self._recorder.confirm(step_id)

    def _comment(self, step_id: str, text: str) -> None:
        if self._live(step_id) and self._recorder is not None:
            self._recorder.ledger.comment(step_id, text)
        elif self._model.session is not None:
            self._model.session.comment_step(step_id, text)
            self._soon()

    def _live(self, step_id: str) -> bool:
        """Return whether a step is of this viewer, and not of an earlier day."""
        recorder = self._recorder
        return recorder is not None and any(s.id == step_id for s in recorder.ledger.steps)

    def _declare(self, step_id: str, dialog: DescribeDialog) -> None:
        tool, said, comment = dialog.tool(), dialog.said(), dialog.comment.text().strip()
        if self._live(step_id) and self._recorder is not None:
            self._recorder.describe(step_id, tool, said, comment)
        elif self._model.session is not None:
            self._model.session.declare_step(step_id, tool, said, comment=comment or None)
            self._soon()

    def describe(self, step_id: str) -> None:
        """Ask what an opaque step was."""
        recorder = self._recorder
        if recorder is None:
            return
        step = self.history.step(step_id)
        found = recorder.proposals.get(step_id)
        tool = found.tool if found is not None else step.tool
        parameters = found.parameters if found is not None else step.parameters
        dialog = DescribeDialog(self, tool=tool, parameters=parameters)
        dialog.accepted.connect(lambda: self._declare(step_id, dialog))
        _show(dialog)

    def describe_elsewhere(self) -> None:
        """Ask about a step that was done elsewhere."""
        recorder = self._recorder
        if recorder is None:
            return
        dialog = DescribeDialog(self, layers=recorder.states.layers() or recorder.layers())
        dialog.accepted.connect(
            lambda: recorder.declare_elsewhere(
                dialog.tool(),
                dialog.said(),
                used=dialog.sources(),
                made=dialog.results(),
                ended=dialog.moment(),
                comment=dialog.comment.text().strip(),
            )
        )
        _show(dialog)

    def show_verdict(
        self, text: str, tone: str, steps: dict[str, tuple[str, str]] | None = None
    ) -> None:
        """Say what came of a script, a notebook or a replay.

        Parameters
        ----------
        steps
            Words and tone for single steps, by id.
        """
        if steps is not None:
            self._verdicts = steps
            self._show_rows()
        self.verdict.setText(text)
        self.verdict.setVisible(bool(text))
        restyle(self.verdict, tone=tone)

    def focus_chain(self) -> list[QWidget]:
        """Return what Tab goes through."""
        rows = [widget for row in self.rows for widget in row.focus_chain()]
        buttons = (self.save_results, self.elsewhere, self.script, self.notebook, self.replay)
        return [*self.head.focus_chain(), self.narrow, self.search, self.as_graph, *rows, *buttons]


def _show(dialog: DescribeDialog) -> None:
    """Show a dialog that nobody has to wait for."""
    dialog.setModal(False)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()


def _key(one: tuple[object, ...]) -> tuple[object, ...]:
    """Return what makes two rows the same; steps are compared as they are."""
    step, proposal, verdict, known = one
    return (id(step), id(proposal), verdict, known)


def _picture(pixels: Any) -> QPixmap:
    height, width = pixels.shape[:2]
    image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return QPixmap.fromImage(image).scaled(
        _THUMBNAIL,
        _THUMBNAIL,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
