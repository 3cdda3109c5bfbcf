"""Save results … of the History tab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QFileDialog

from napari_fair.files import Cancelled, is_within, shown
from napari_fair.viewer.recorder_results import Kept, save, sentence_of

if TYPE_CHECKING:
    from napari_fair.viewer.history_page import HistoryPage
    from napari_fair.viewer.recorder import Recorder
    from napari_fair.viewer.state import AnnotationModel


class ResultSaving:
    """Writes what is in no file yet into a folder that the person accepts."""

    def __init__(self, page: HistoryPage, model: AnnotationModel) -> None:
        self._page, self._model = page, model
        self._running = False
        page.save_results.clicked.connect(self.press)

    def show(self, recorder: Recorder) -> None:
        """Offer to save while there is something to save."""
        saved = {ref.id for ref in self._page.history.data if ref.path}
        count = sum(one not in saved for one in recorder.unsaved())
        words = "1 result is" if count == 1 else f"{count} results are"
        self._page.unsaved.setText(f"{words} in no file yet")
        for widget in (self._page.unsaved, self._page.save_results):
            widget.setVisible(count > 0 or self._running)

    def press(self) -> None:
        """Ask for a folder; while something is being saved: stop."""
        if self._running:
            self._model.runner.cancel("results")
        elif self._model.session is None or self._model.without_file:
            self._tell("Open the image's file first: results are saved beside it.", "warning")
        else:
            self._page.settle(self._ask)

    def _ask(self) -> None:
        session = self._model.session
        if session is None:
            return
        folder = QFileDialog.getExistingDirectory(
            self._page, "Save the results in", str(session.folder)
        )
        if folder:
            self.save_in(Path(folder))

    def save_in(self, folder: Path) -> None:
        """Save all results that are in no file, in a worker."""
        session, recorder = self._model.session, self._page.recorder
        if session is None or recorder is None:
            return
        if not is_within(session.folder, folder):
            name = shown(session.folder)
            self._tell(
                f"Choose {name} or a folder in it: the record tells of nothing else.", "error"
            )
            return
        saved = {ref.id for ref in self._page.history.data if ref.path}
        results = recorder.results(without=saved)

        def work(progress: Any, cancelled: Any) -> list[Kept]:
            return save(results, folder, progress, cancelled)

        self._set_running(True)
        self._tell("Saving the results …", "")
        self._model.runner.run_long("results", "Save results", work, self._done, self._failed)

    def _done(self, kept: list[Kept]) -> None:
        self._set_running(False)
        recorder = self._page.recorder
        if recorder is not None:
            for one in kept:
                if one.path is not None:
                    recorder.states.saved_as(one.result.data, one.path, one.sha256)
        self._page.keep()
        self._page.refresh()
        self._tell(*sentence_of(kept))

    def _failed(self, error: Exception) -> None:
        self._set_running(False)
        stopped = isinstance(error, Cancelled)
        self._tell("Saving was stopped." if stopped else f"Saving ended: {error}", "warning")

    def _set_running(self, on: bool) -> None:
        self._running = on
        self._page.save_results.setText("&Stop" if on else "Save &results …")

    def _tell(self, text: str, tone: str) -> None:
        self._page.show_verdict(text, tone)
