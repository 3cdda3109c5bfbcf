"""Images of a folder that nobody opened yet: listed, read, and taken into the record at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.files import FairError, relative_posix
from napari_fair.headers import ImageSet, image_paths, image_sets, read_header, read_image_set
from napari_fair.model import Dataset, Header, ImageSource
from napari_fair.session.edits import with_sources
from napari_fair.session.ingest import add_header, moved_source
from napari_fair.session.lone_sidecars import seeds, with_seeds
from napari_fair.session.table import same_besides_sources

if TYPE_CHECKING:
    from napari_fair.session.session import Session

Progress = Callable[[int, int], None] | None
Cancelled = Callable[[], bool] | None


def unopened(dataset: Dataset, root: Path, folder: Path) -> list[Path | ImageSet]:
    """Return the images of a folder that a record does not have; subfolders are not looked into.

    Files whose names clearly say that they are the planes of one image count as that image.

    Parameters
    ----------
    root
        The folder that the record is of.
    folder
        Where to look.

    Raises
    ------
    UnreadableFile
        If the folder cannot be listed.
    """
    known = {file.path for source in dataset.sources for file in source.files}
    files = [path for path in image_paths(folder, recursive=False) if not _in(root, path, known)]
    new = set(files)
    sets = [found for found in image_sets(folder) if new.issuperset(found.files)]
    planes = {path for found in sets for path in found.files}
    return [*sets, *(path for path in files if path not in planes)]


def _in(root: Path, path: Path, known: set[str]) -> bool:
    with suppress(FairError):
        return relative_posix(root, path) in known
    return False


@dataclass
class Gathered:
    """What the headers of several images say.

    Attributes
    ----------
    notes
        Sentences about images that were left out.
    stopped
        Whether a person stopped it before all were read.
    """

    headers: list[Header] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stopped: bool = False


def gather(
    dataset: Dataset,
    root: Path,
    found: Sequence[Path | ImageSet],
    progress: Progress = None,
    cancelled: Cancelled = None,
) -> Gathered:
    """Read the headers of images; runs in any thread. When it is stopped, those read so far count.

    Left out is what cannot be read, and what has the content of an image that is gone: only a
    person knows whether it was renamed.
    """
    gone = dataset.model_copy(update={"sources": _gone(dataset, root)})
    gathered = Gathered()
    for number, image in enumerate(found):
        if cancelled is not None and cancelled():
            gathered.stopped = True
            break
        try:
            header = read_header(image) if isinstance(image, Path) else read_image_set(image)
            moved = moved_source(gone, root, header)
        except (FairError, OSError) as problem:
            gathered.notes.append(str(problem))
            continue
        if moved is None:
            gathered.headers.append(header)
        else:
            gathered.notes.append(_renamed(header, moved))
        if progress is not None:
            progress(number + 1, len(found))
    return gathered


def _gone(dataset: Dataset, root: Path) -> tuple[ImageSource, ...]:
    return tuple(
        source
        for source in dataset.sources
        if source.files[0].sha256 and not (root / source.path).exists()
    )


def _renamed(header: Header, moved: ImageSource) -> str:
    name = Path(header.path).name
    return f"{name} has the content of {moved.path}, which is gone: open it to say what it is."


@dataclass(frozen=True)
class Prepared:
    """Sources that are ready to join a record, worked out for what its images shared then.

    Attributes
    ----------
    base
        The record that they were worked out for.
    shared
        That record, without sources, with what the new ones add: instruments, conflicts, and what
        sidecars beside them say.
    """

    base: Dataset
    shared: Dataset
    sources: tuple[ImageSource, ...]
    notes: tuple[str, ...]


def prepare(dataset: Dataset, root: Path, gathered: Gathered) -> Prepared:
    """Work out what headers add to a record; runs in any thread."""
    shared = dataset.model_copy(update={"sources": ()})
    sources: list[ImageSource] = []
    notes = list(gathered.notes)
    for header in gathered.headers:
        try:
            one, source = add_header(shared, root, header)
            one = with_seeds(one, seeds(root, source))
        except (FairError, OSError) as problem:
            notes.append(str(problem))
            continue
        sources += one.sources
        shared = one.model_copy(update={"sources": ()})
    return Prepared(dataset, shared, tuple(sources), tuple(notes))


def join(session: Session, prepared: Prepared) -> bool:
    """Take prepared sources into a session's record, as drafts until they are saved.

    False, and nothing is done, if what images share changed meanwhile: prepare them again.
    """
    dataset = session.dataset
    if not same_besides_sources(dataset, prepared.base):
        return False
    known = {source.path for source in dataset.sources}
    new = [source for source in prepared.sources if source.path not in known]
    shared = prepared.shared.model_copy(update={"sources": dataset.sources})
    session.adopt(with_sources(shared, new))
    session.changed.emit()
    return True
