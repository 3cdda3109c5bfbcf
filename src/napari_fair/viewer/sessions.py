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

    def prepared(self, folder: Path, crate: Path | None = None) -> Session:
        """Return the session of a folder, or a new one that nobody has yet; runs in any thread.

        Parameters
        ----------
        folder
            Where the images are.
        crate
            Where the crate is, when that is elsewhere.

        Raises
        ------
        FairError
            If the folder cannot be read.
        """
        from napari_fair.session import open_folder

        held = self._open.get(folder.resolve())
        return held if held is not None else open_folder(folder, crate=crate)

    def adopt(self, session: Session) -> Session:
        """Keep a session and listen to it; one that is already open for the folder goes before."""
        folder = session.folder.resolve()
        if folder not in self._open:
            self._open[folder] = session
            session.changed.connect(self._heard)
        return self._open[folder]

    def held(self, folder: Path) -> Session | None:
        """Return the session of a folder if it is open."""
        return self._open.get(folder.resolve())

    def all(self) -> list[Session]:
        """Return the sessions that are open."""
        return list(self._open.values())

    def draft(self, key: str) -> Session:
        """Return the session of an image without a file, in an empty folder of its own.

        Nothing in it is locked until a preset is used: no library is read for it, which may lie
        on a slow share.
        """
        from napari_fair.session import open_folder
        from napari_fair.session.preset_locks import PresetLocks

        folder = (Path(tempfile.gettempdir()) / f"napari-fair-draft-{key}").resolve()
        folder.mkdir(mode=0o700, exist_ok=True)
        self._drafts.add(folder)
        return self.held(folder) or self.adopt(open_folder(folder, locks=PresetLocks()))

    def moved(self, session: Session, crate: Path) -> Session:
        """Return a session of the same folder that writes its crate elsewhere."""
        from napari_fair.session import open_folder

        folder = session.folder.resolve()
        self._let_go(folder)
        return self.adopt(open_folder(folder, crate=crate, locks=session.locks))

    def close(self) -> None:
        """Close all; unsaved edits of images with files stay as drafts for the next start."""
        for folder in list(self._open):
            self._let_go(folder)

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
