"""Script, Notebook and Replay of the History tab."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.files import Cancelled, FairError
from napari_fair.model import Confidence, StepKind
from napari_fair.provenance import History
from napari_fair.viewer.recorder_files import arrays_in

if TYPE_CHECKING:
    from napari_fair.provenance.registry import Allowed
    from napari_fair.provenance.replay import Replay
    from napari_fair.viewer.history_page import HistoryPage
    from napari_fair.viewer.state import AnnotationModel

_SIGNS = {
    "exact": ("✓", "good"),
    "within tolerance": ("✓", "good"),
    "different": ("✕", "error"),
    "not verified": ("○", ""),
}


class HistoryActions:
    """What the buttons below the list do.

    Attributes
    ----------
    result
        What came of the last replay.
    """

    def __init__(self, page: HistoryPage, model: AnnotationModel) -> None:
        self._page, self._model = page, model
        self.result: Replay | None = None
        page.script.clicked.connect(lambda: self._settled(self._ask_script))
        page.notebook.clicked.connect(lambda: self._settled(self._ask_notebook))
        page.replay.clicked.connect(self._replay_or_stop)
        self._running = False

    def _settled(self, then: Callable[[], object]) -> None:
        if self._model.session is None or self._model.without_file:
            self._tell(
                "Open the image's file first: a script reads its data from there.", "warning"
            )
            return
        self._page.settle(then)

    def history(self) -> History:
        """Return the history of the folder shown, as its record has it."""
        session = self._model.session
        return History.of(session.dataset) if session is not None else History()

    @property
    def _folder(self) -> Path:
        session = self._model.session
        if session is None:
            raise FairError("No folder is open.")
        return session.folder

    # ---- script and notebook ----

    def _ask_script(self) -> None:
        from napari_fair.provenance.script import script

        path = self._where("Keep the script", "analysis.py", "Python (*.py)")
        if path is not None:
            self.write(path, script(self.history(), allowed=_allowed()).encode())

    def _ask_notebook(self) -> None:
        import orjson

        from napari_fair.provenance.script import notebook

        path = self._where("Keep the notebook", "analysis.ipynb", "Jupyter notebook (*.ipynb)")
        if path is not None:
            cells = notebook(self.history(), allowed=_allowed())
            self.write(path, orjson.dumps(cells, option=orjson.OPT_INDENT_2))

    def _where(self, title: str, name: str, kind: str) -> Path | None:
        found, _ = QFileDialog.getSaveFileName(self._page, title, str(self._folder / name), kind)
        return Path(found) if found else None

    def write(self, path: Path, data: bytes) -> None:
        """Write a file, or say why it could not be."""
        from napari_fair.files.atomic import replace

        try:
            replace(path, data)
        except (FairError, OSError) as problem:
            self._tell(f"{path.name} was not written: {problem}", "error")
            return
        gaps = sum(
            s.confidence is not Confidence.REPLAYABLE and not s.failed for s in self.history().steps
        )
        rest = f" {gaps} steps are gaps in it: supply their results." if gaps else ""
        self._tell(f"✓ Wrote {path.name}.{rest}", "good")

    # ---- replay ----

    def _replay_or_stop(self) -> None:
        if self._running:
            self._model.runner.cancel("replay")
        else:
            self._settled(self._begin)

    def _begin(self) -> None:
        history, allowed = self.history(), _allowed()
        asked = allowed.to_approve(_functions(history))
        if asked:
            dialog = ApproveDialog(asked, self._page)
            dialog.accepted.connect(lambda: self.run(history, _allowed(dialog.approved())))
            dialog.setModal(False)
            dialog.show()
        else:
            self.run(history, allowed)

    def run(self, history: History, allowed: Allowed) -> None:
        """Run the steps again in a worker, and show the verdict."""
        folder = self._folder

        def work(progress: Any, cancelled: Any) -> Replay:
            from napari_fair.provenance.replay import replay

            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as out:
                return replay(
                    history,
                    folder,
                    load=arrays_in,
                    allowed=allowed,
                    out=Path(out),
                    progress=progress,
                    cancelled=cancelled,
                )

        self._set_running(True)
        self._tell("Running the steps again …", "")
        runner = self._model.runner
        runner.run_long("replay", "Replay", work, self._done, self._failed)

    def _done(self, result: Replay) -> None:
        self.result = result
        self._set_running(False)
        sentence = f"Ran again: {result.sentence}."
        self._page.show_verdict(sentence, _tone(result), verdicts_of(result))

    def _failed(self, error: Exception) -> None:
        self._set_running(False)
        stopped = isinstance(error, Cancelled)
        self._tell("Replay was stopped." if stopped else f"Replay ended: {error}", "warning")

    def _set_running(self, on: bool) -> None:
        self._running = on
        self._page.replay.setText("&Stop" if on else "Repla&y")

    def _tell(self, text: str, tone: str) -> None:
        self._page.show_verdict(text, tone)


class ApproveDialog(QDialog):
    """Lists the functions that no installed plugin registers; each is approved by itself."""

    def __init__(self, functions: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Run these functions?")
        self.resize(420, 260)
        words = QLabel(
            "No installed plugin registers these functions, but the history names them. "
            "Tick those that you know and trust; the others are not run.",
            self,
        )
        words.setWordWrap(True)
        self.list = QListWidget(self)
        for function in functions:
            item = QListWidgetItem(function)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.go = QPushButton("&Replay", self)
        self.go.setProperty("primary", "true")
        self.go.clicked.connect(self.accept)
        cancel = QPushButton("&Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self.list)
        layout.addLayout(buttons)

    def approved(self) -> list[str]:
        """Return the functions that were ticked."""
        items = [self.list.item(row) for row in range(self.list.count())]
        ticked = Qt.CheckState.Checked
        return [item.text() for item in items if item is not None and item.checkState() == ticked]


def verdicts_of(result: Replay) -> dict[str, tuple[str, str]]:
    """Return words and tone for each step that was run again, by id."""
    found: dict[str, tuple[str, str]] = {}
    for one in result.steps:
        if one.step.failed:
            continue
        sign, tone = _SIGNS[one.verdict.value]
        why = "; ".join(part for part in (one.reason, *one.differences) if part)
        text = f"{sign} Ran again: {one.verdict.value}{f' ({why})' if why else ''}"
        found[one.step.id] = (text.replace("Ran again: not", "Not"), tone)
    return found


def _tone(result: Replay) -> str:
    words = {one.verdict.value for one in result.steps if not one.step.failed}
    if "different" in words:
        return "error"
    return "good" if words <= {"exact", "within tolerance"} else "warning"


def _functions(history: History) -> list[str]:
    return [
        step.tool.function
        for step in history.steps
        if step.confidence is Confidence.REPLAYABLE
        and step.kind is not StepKind.OPEN
        and not step.failed
    ]


def _allowed(approved: Iterable[str] = ()) -> Allowed:
    from napari_fair.provenance.registry import Allowed

    return Allowed(approved=approved)
