"""What is known of a file or a crate's image: the slow part of looking at one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.files import FairError, UnreadableFile, confine, shown
from napari_fair.viewer.crate_places import crate_places
from napari_fair.viewer.subjects import CRATE_NAME

if TYPE_CHECKING:
    from napari_fair.model import Header, ImageSource
    from napari_fair.session import Session
    from napari_fair.viewer.sessions import OpenSessions


_HIGHEST = 4
"""How many folders up a crate is looked for, the file's own included."""


@dataclass(frozen=True)
class Found:
    """A session, the image's header, and the source that the file was known as before.

    Attributes
    ----------
    header
        None for an image whose file is gone.
    renamed
        A saved source whose file is gone and has the same size and checksum.
    """

    session: Session
    header: Header | None
    renamed: ImageSource | None = None


def find_file(path: Path, sessions: OpenSessions) -> Found:
    """Read a file's header and open its folder's session; runs in any thread.

    Raises
    ------
    FairError, OSError
        If the folder or the file cannot be read.
    """
    from napari_fair.headers import read_source

    header = read_source(path)
    inside = path.is_dir() and not header.store and len(header.files) > 1
    session = _recording(Path(header.files[0]) if inside else path, sessions)
    return Found(session, header, session.moved_from(header))


def _recording(path: Path, sessions: OpenSessions) -> Session:
    """Return the session of the folder, or of one above whose crate holds the file."""
    for folder in list(path.parents)[1:_HIGHEST]:
        if not (folder / CRATE_NAME).is_file() or (path.parent / CRATE_NAME).is_file():
            continue
        with suppress(FairError, OSError):
            session = sessions.prepared(folder)
            if session.source_at(path) is not None:
                return session
    return sessions.prepared(path.parent)


def find_in_crate(crate: Path, image: str, sessions: OpenSessions) -> Found:
    """Open a crate's session and read the header of one of its images; runs in any thread.

    Raises
    ------
    FairError, OSError
        If the crate cannot be read or does not hold the image.
    """
    from napari_fair.headers import read_source

    session = sessions.prepared(*crate_places(crate if crate.is_dir() else crate.parent))
    held = session.dataset.image(image)
    if held is None:
        raise UnreadableFile(f"{shown(crate)} no longer holds this image; open its file instead.")
    place = confine(session.folder, held[0].path)
    return Found(session, read_source(place) if place.exists() else None)
