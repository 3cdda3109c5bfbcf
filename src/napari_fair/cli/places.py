"""Which record a path on the command line belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.model import Dataset, Header, ImageSource
    from napari_fair.session import Session
    from napari_fair.sidecar import CrateContents

CRATE = "ro-crate-metadata.json"


@dataclass(frozen=True)
class Place:
    """A folder with images, where its crate is when that is elsewhere, and the image named."""

    folder: Path
    crate: Path | None = None
    image: Path | None = None


@dataclass(frozen=True)
class Opened:
    """A record, and the sources of it that a path names.

    Attributes
    ----------
    recorded
        Whether the sources are part of a crate; otherwise it is what their files say.
    """

    session: Session
    sources: tuple[ImageSource, ...]
    recorded: bool

    @property
    def crate(self) -> Path | None:
        """The crate's metadata file, None when there is none yet."""
        path = self.session.crate_folder / CRATE
        return path if path.is_file() else None

    @property
    def dataset(self) -> Dataset:
        """The record with the sources that the path names."""
        return self.session.dataset.model_copy(update={"sources": self.sources})


class Homes:
    """Finds the folder whose crate lists an image, in or above the folder that the image is in."""

    def __init__(self) -> None:
        self._crates: dict[Path, CrateContents | None] = {}

    def of(self, image: Path, default: Path) -> Path:
        """Return the folder whose record an image is in, `default` when it is in none."""
        from napari_fair.files import FairError, relative_posix

        place = image.parent.resolve() / image.name
        for folder in place.parents:
            contents = self._crate(folder)
            if contents is not None:
                try:
                    listed = contents.dataset.source(relative_posix(folder, place)) is not None
                except FairError:
                    listed = False
                return folder if listed else default.resolve()
        return default.resolve()

    def _crate(self, folder: Path) -> CrateContents | None:
        from napari_fair.files import FairError
        from napari_fair.sidecar import read_crate

        if folder not in self._crates:
            try:
                self._crates[folder] = read_crate(folder) or read_crate(own_crate(folder))
            except FairError:
                self._crates[folder] = None
        return self._crates[folder]


def own_crate(folder: Path) -> Path:
    """Return where the crate of a folder is that cannot hold it itself."""
    return folder / f"{folder.name}.crate"


def place_of(path: Path) -> Place:
    """Return the record that an image, a folder, or a crate belongs to."""
    from napari_fair.headers.ome_zarr import is_store

    if path.name == CRATE:
        path = path.parent
    if path.is_dir() and not is_store(path):
        return _place_of_folder(path.resolve())
    return Place(Homes().of(path, path.parent), image=path)


def _place_of_folder(folder: Path) -> Place:
    """Return a folder's place; a crate that is apart from its images names their folder."""
    from napari_fair.files import FairError
    from napari_fair.sidecar import read_crate

    try:
        contents = read_crate(folder)
    except FairError:
        return Place(folder)
    stated = contents.source_folder if contents is not None and contents.ours else ""
    # Merely looking at a network address can hand a stranger the user's credentials.
    if not stated or stated.startswith(("\\\\", "//")) or not Path(stated).is_dir():
        return Place(folder)
    return Place(Path(stated), crate=folder)


@contextmanager
def opened(path: str) -> Iterator[Opened]:
    """Open the record that a path names, without leaving a trace of having done so.

    An image that is in no record, and the images of a folder without one, are as their files
    describe them.

    Raises
    ------
    FairError
        If there is neither a record nor an image, or it cannot be read.
    """
    from napari_fair.session import open_folder

    place = place_of(Path(path))
    session = open_folder(place.folder, crate=place.crate)
    try:
        yield _named_image(session, place.image) if place.image else _whole_folder(session)
    finally:
        session.close(keep_draft=False)


def source_at(session: Session, image: Path) -> ImageSource | None:
    """Return the source that a file or store of the session's folder belongs to."""
    from napari_fair.files import relative_posix

    return session.dataset.source(relative_posix(session.folder, image))


def _named_image(session: Session, image: Path) -> Opened:
    source = source_at(session, image)
    if source is not None:
        return Opened(session, (source,), recorded=True)
    added = session.add(image_header(image))
    return Opened(session, (added,), recorded=session.saved(added.id))


def _whole_folder(session: Session) -> Opened:
    from napari_fair.files import UnreadableFile, shown
    from napari_fair.headers import image_paths

    if not session.sources():
        for image in image_paths(session.folder, recursive=False):
            session.add(image_header(image))
        if not session.sources() and not (session.crate_folder / CRATE).is_file():
            raise UnreadableFile(
                f"{shown(session.folder)} holds neither images nor a record; "
                "name a folder with images."
            )
        return Opened(session, session.sources(), recorded=False)
    return Opened(session, session.sources(), recorded=True)


def image_header(image: Path) -> Header:
    """Return the header of a file that must be an image, or a plane of a set that is one.

    Raises
    ------
    UnreadableFile
        If it cannot be read, is no image, or is a sidecar that this program wrote.
    """
    from napari_fair.files import UnreadableFile, shown
    from napari_fair.headers import read_source

    header = read_source(image.resolve() if image.is_dir() else image)
    if not header.format and not header.images:
        raise UnreadableFile(" ".join(header.warnings))
    if header.format == "OME-XML" and header.ome_xml and _is_sidecar(header.ome_xml):
        raise UnreadableFile(f"{shown(image)} is a sidecar; name the image that it describes.")
    return header


def _is_sidecar(document: bytes) -> bool:
    from napari_fair.sidecar.ome import is_ours

    return is_ours(document)
