"""How a listener or a watcher changes the record: by itself, or through whoever has it open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from napari_fair.files import is_within
from napari_fair.live.beginning import begin_record
from napari_fair.model import Header, ImageSource
from napari_fair.session import Preset, Session, open_folder
from napari_fair.session.edits import with_sources

Change = Callable[[Session], None]
"""What is done to a record, in the thread that it belongs to."""


class Record(Protocol):
    """Where changes of records go."""

    def change(self, folder: Path, place: Path | None, change: Change, *, final: bool) -> None:
        """Change the record of a folder; `place` is the image that it is about.

        What is not final is about an image whose files are still being written.
        """

    def close(self) -> None:
        """Let go of all records."""


class OwnRecord:
    """Opens the records itself; all of them belong to the thread that uses this.

    Parameters
    ----------
    preset
        What a record that is begun holds from the start.
    save
        Whether it is saved: a first sidecar while an image is being written, all in the end.
    """

    def __init__(self, preset: Preset | None, *, save: bool) -> None:
        self._preset, self._save = preset, save
        self._sessions: dict[Path, Session] = {}

    def change(self, folder: Path, place: Path | None, change: Change, *, final: bool) -> None:
        """Change a record, that of the place's own folder when it lies elsewhere, and save it."""
        if place is not None and not is_within(folder, place):
            folder = place.parent
        session = self._session(folder)
        change(session)
        at = session.source_at(place) if place is not None else None
        if final and self._save:
            session.save([at.id] if at is not None else [])
        elif self._save and at is not None:
            _save_running(session, at)

    def _session(self, folder: Path) -> Session:
        session = self._sessions.get(folder)
        if session is None:
            session = self._sessions[folder] = open_folder(folder)
            if self._preset is not None:
                begin_record(session, self._preset)
        return session

    def close(self) -> None:
        """Let go of all records."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()


class DeliveredRecord:
    """Hands changes to whoever has the folder open, such as the dock.

    Parameters
    ----------
    deliver
        Runs a change in the session's own thread.
    """

    def __init__(self, deliver: Callable[[Change], None]) -> None:
        self._deliver = deliver

    def change(self, folder: Path, place: Path | None, change: Change, *, final: bool) -> None:
        """Hand a change on."""
        self._deliver(change)

    def close(self) -> None:
        """Nothing is held."""


def _save_running(session: Session, source: ImageSource) -> None:
    """Write what is known of an image that is still being written; its files are not read."""
    job = replace(session.save_job([source.id]), checksum_limit=0)
    header = Header(path=str(session.folder / source.path))
    report = job.write_sidecars({source.id: header})
    session.adopt(with_sources(session.dataset, report.sources))
    job = replace(session.save_job([source.id]), checksum_limit=0, as_is=frozenset({source.id}))
    session.finish(job.run())
