"""The sessions that one viewer has open, one a folder."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

if TYPE_CHECKING:
    from napari_fair.session import Session


class OpenSessions:
    """Sessions by folder, opened once and kept until the viewer goes.

    Attributes
    ----------
    changed
        The record of one of them changed.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._open: dict[Path, Session] = {}
        self._drafts: set[Path] = set()

    def open(self, folder: Path, crate: Path | None = None) -> Session:
        """Return the session of a folder; `crate` when its crate lies elsewhere.

        Raises
        ------
        FairError
            If the folder cannot be read.
        """
        from napari_fair.session import open_folder

        folder = folder.resolve()
        if folder not in self._open:
            self._adopt(folder, open_folder(folder, crate=crate))
        return self._open[folder]

    def draft(self, key: str) -> Session:
        """Return the session of an image without a file, in an empty folder of its own."""
        folder = (Path(tempfile.gettempdir()) / f"napari-fair-draft-{key}").resolve()
        folder.mkdir(mode=0o700, exist_ok=True)
        self._drafts.add(folder)
        return self.open(folder)

    def moved(self, session: Session, crate: Path) -> Session:
        """Return a session of the same folder that writes its crate elsewhere."""
        from napari_fair.session import open_folder

        folder = session.folder.resolve()
        self._let_go(folder)
        moved = open_folder(folder, crate=crate)
        self._adopt(folder, moved)
        return moved

    def close(self) -> None:
        """Close all; unsaved edits of images with files stay as drafts for the next start."""
        for folder in list(self._open):
            self._let_go(folder)

    def _adopt(self, folder: Path, session: Session) -> None:
        self._open[folder] = session
        session.changed.connect(self._heard)

    def _heard(self) -> None:
        self.changed.emit()

    def _let_go(self, folder: Path) -> None:
        session = self._open.pop(folder)
        session.changed.disconnect(self._heard)
        session.close(keep_draft=folder not in self._drafts)
        if folder in self._drafts:
            self._drafts.discard(folder)
            with suppress(OSError):
                folder.rmdir()
