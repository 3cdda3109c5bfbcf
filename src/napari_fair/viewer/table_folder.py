"""The line above the table that offers the images of the folder which nobody opened yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from napari_fair.viewer.state import AnnotationModel

if TYPE_CHECKING:
    from napari_fair.headers import ImageSet
    from napari_fair.session import Session
    from napari_fair.session.folder_images import Gathered, Prepared

_LIST, _READ, _PREPARE = "folder", "folder headers", "folder images"
_LOOK = 200
"""Milliseconds between looks at how far the reading is."""


class FolderImages(QFrame):
    """Says how many more images the folder has, adds them on demand, and tells how far it is.

    Nothing joins the table, and so the crate, that a person did not ask for.
    """

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._model = model
        self._session: Session | None = None
        self._folder = Path()
        self._known = 0
        self._found: list[Path | ImageSet] = []
        self._so_far = (0, 0)
        self.reading = False
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setMinimumWidth(60)
        self.add = QPushButton("&Add them", self)
        self.add.setToolTip("Read their headers and show them as rows; files are not changed")
        self.add.clicked.connect(self.add_all)
        self.stop = QPushButton("S&top", self)
        self.stop.setToolTip("Keep the images that were read so far")
        self.stop.clicked.connect(lambda: model.runner.cancel(_READ))
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK)
        self._clock.timeout.connect(self._say)
        self._arrange()
        self._say()

    def _arrange(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(9, 4, 6, 4)
        line.setSpacing(8)
        line.addWidget(self._words, 1)
        for button in (self.add, self.stop):
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            line.addWidget(button)

    @property
    def text(self) -> str:
        """What the line says."""
        return self._words.text()

    # listing

    def look(self) -> None:
        """List the folder of the image shown, if that was not done for the images known."""
        session, source = self._model.session, self._model.source
        if session is None or source is None or self.reading:
            return
        folder = (session.folder / source.path).parent
        known = len(session.dataset.sources)
        if (session, folder, known) == (self._session, self._folder, self._known):
            return
        if (session, folder) != (self._session, self._folder):
            self._found = []
        self._session, self._folder, self._known = session, folder, known
        self._say()
        self._list()

    def _list(self) -> None:
        from napari_fair.session.folder_images import unopened

        session, folder = self._session, self._folder
        if session is None:
            return
        dataset, root = session.dataset, session.folder
        self._model.runner.run(
            _LIST, lambda: unopened(dataset, root, folder), self._listed, self._model.fail
        )

    def _listed(self, found: list[Path | ImageSet]) -> None:
        self._found = found
        self._say()

    # reading

    def add_all(self) -> None:
        """Read the headers of the images listed and add them to the table."""
        from napari_fair.session.folder_images import gather

        session, found = self._session, self._found
        if session is None or not found or self.reading:
            return
        self.reading, self._so_far = True, (0, len(found))
        self._clock.start()
        dataset, root = session.dataset, session.folder

        def work(progress: Callable[[int, int], None] | None, cancelled: object) -> Gathered:
            return gather(dataset, root, found, self._counting(progress), cancelled)  # type: ignore[arg-type]

        self._model.runner.run_long(
            _READ,
            "Reading image headers",
            work,
            lambda gathered: self._prepare(session, gathered),
            self._failed,
        )
        self._say()

    def _counting(self, progress: Callable[[int, int], None] | None) -> Callable[[int, int], None]:
        def count(so_far: int, total: int) -> None:
            self._so_far = (so_far, total)
            if progress is not None:
                progress(so_far, total)

        return count

    def _prepare(self, session: Session, gathered: Gathered) -> None:
        from napari_fair.session.folder_images import prepare

        dataset, root = session.dataset, session.folder
        self._model.runner.run(
            _PREPARE,
            lambda: prepare(dataset, root, gathered),
            lambda prepared: self._join(session, gathered, prepared),
            self._failed,
        )

    def _join(self, session: Session, gathered: Gathered, prepared: Prepared) -> None:
        from napari_fair.session.folder_images import join

        if not join(session, prepared):
            self._prepare(session, gathered)  # something else was edited meanwhile
            return
        self._tell(gathered, prepared)
        self._finish()

    def _tell(self, gathered: Gathered, prepared: Prepared) -> None:
        count = len(prepared.sources)
        added = "1 image was added" if count == 1 else f"{count} images were added"
        stopped = ", then it was stopped" if gathered.stopped else ""
        self._model.told.emit("info", f"{added}{stopped}. Save writes their sidecars.")
        for note in prepared.notes[:3]:
            self._model.told.emit("warning", note)
        if len(prepared.notes) > 3:
            rest = f"{len(prepared.notes) - 3} more images could not be added."
            self._model.told.emit("warning", rest)

    def _failed(self, error: Exception) -> None:
        self._finish()
        self._model.fail(error)

    def _finish(self) -> None:
        self.reading, self._session, self._found = False, None, []
        self._clock.stop()
        self._say()
        self.look()

    def _say(self) -> None:
        self.add.setVisible(not self.reading)
        self.stop.setVisible(self.reading)
        self.setVisible(self.reading or bool(self._found))
        if self.reading:
            self._words.setText(f"Reading headers: {self._so_far[0]} of {self._so_far[1]}")
            return
        count = len(self._found)
        images = "1 more image" if count == 1 else f"{count} more images"
        self._words.setText(f"This folder has {images}.")
        self.add.setText("&Add it" if count == 1 else f"&Add all {count}")
