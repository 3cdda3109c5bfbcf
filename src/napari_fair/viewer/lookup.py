"""What is known of a file or a crate's image: the slow part of looking at one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.files import UnreadableFile, confine, shown
from napari_fair.viewer.crate_places import crate_places

if TYPE_CHECKING:
    from napari_fair.model import Header, ImageSource
    from napari_fair.session import Session
    from napari_fair.viewer.sessions import OpenSessions


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
    from napari_fair.headers import read_header

    header = read_header(path)
    session = sessions.prepared(path.parent)
    return Found(session, header, session.moved_from(header))


def find_in_crate(crate: Path, image: str, sessions: OpenSessions) -> Found:
    """Open a crate's session and read the header of one of its images; runs in any thread.

    Raises
    ------
    FairError, OSError
        If the crate cannot be read or does not hold the image.
    """
    from napari_fair.headers import read_header

    session = sessions.prepared(*crate_places(crate if crate.is_dir() else crate.parent))
    held = session.dataset.image(image)
    if held is None:
        raise UnreadableFile(f"{shown(crate)} no longer holds this image; open its file instead.")
    place = confine(session.folder, held[0].path)
    return Found(session, read_header(place) if place.exists() else None)
