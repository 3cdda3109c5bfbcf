"""The folders and images that one ``annotate`` is about, made ready to be saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.cli.assignments import Assignment, assign, assignments, doubts, named
from napari_fair.cli.places import CRATE, Homes, image_header, source_at
from napari_fair.cli.terminal import progress

if TYPE_CHECKING:
    from napari_fair.model import ImageSource
    from napari_fair.session import SavePlan, SaveReport, Session

MANY = 50
"""New images up to this number are taken without asking."""


@dataclass
class Folder:
    """One folder's record and the images of it that are annotated.

    Attributes
    ----------
    paths
        The images as they were given, or found in a folder that was.
    ids
        Ids of their sources.
    plan, reports
        What would be written, or what was.
    failure
        Why nothing could be written; empty when it was.
    """

    session: Session
    paths: list[Path]
    ids: list[str] = field(default_factory=list)
    plan: SavePlan | None = None
    reports: list[SaveReport] = field(default_factory=list)
    failure: str = ""

    @property
    def sources(self) -> tuple[ImageSource, ...]:
        """The sources that are annotated."""
        return tuple(s for s in self.session.sources() if s.id in self.ids)


class Annotation:
    """What is to be annotated; nothing is written here.

    Attributes
    ----------
    folders
        Those with at least one image that could be read.
    problems
        Path and sentence for each file that could not be used, in whole or in part.
    sentences
        What else people should know.
    """

    def __init__(self, paths: Sequence[str], *, recursive: bool, to: Path | None) -> None:
        self.folders: list[Folder] = []
        self.problems: list[tuple[str, str]] = []
        self.sentences: list[str] = []
        self._paths, self._recursive, self._to = paths, recursive, to

    def prepare(
        self, preset: str, settings: Sequence[str], index: int | None, *, many: bool
    ) -> None:
        """Read headers and put all values into the records, in memory.

        Raises
        ------
        FairError
            If a value is wrong or there are more new images than `many` allows; then nothing is
            to be written.
        """
        from napari_fair.session.preset_shelf import find_preset

        found = find_preset(preset)[1] if preset else None
        what = assignments(found, settings)
        for place, paths in self._grouped().items():
            self.folders.append(Folder(self._open(place), paths))
            if found is not None:
                self.folders[-1].session.locks.add(found)
        self._refuse_many(many)
        self._add_headers()
        for folder in self.folders:
            self._assign(folder, what, index)

    def close(self) -> None:
        """End all sessions; what was not saved is forgotten."""
        for folder in self.folders:
            folder.session.close(keep_draft=False)

    # ---- which images ----

    def _grouped(self) -> dict[Path, list[Path]]:
        """Return the images by the folder that has, or will have, their record."""
        homes, groups = Homes(), dict[Path, list[Path]]()
        for path, default in self._expanded():
            paths = groups.setdefault(homes.of(path, default), [])
            if path not in paths:
                paths.append(path)
        return groups

    def _expanded(self) -> Iterator[tuple[Path, Path]]:
        """Yield each image, with the folder that a new record of it is for."""
        from napari_fair.files import FairError, shown
        from napari_fair.headers import image_paths
        from napari_fair.headers.ome_zarr import is_store

        for given in self._paths:
            path = Path(given)
            if not path.is_dir() or is_store(path):
                yield path, path.parent
                continue
            try:
                found = image_paths(path, recursive=self._recursive)
            except FairError as problem:
                self.problems.append((given, str(problem)))
                continue
            if not found:
                sentence = f"There are no images in {shown(given)}; name a folder with images."
                self.problems.append((given, sentence))
            yield from ((image, path) for image in found)

    def _open(self, folder: Path) -> Session:
        from napari_fair.session import open_folder

        if self._to is None:
            return open_folder(folder)
        return open_folder(folder, crate=_crate_elsewhere(folder, self._to))

    def _refuse_many(self, many: bool) -> None:
        from napari_fair.files import FairError

        new = sum(
            _source_or_none(folder.session, path) is None
            for folder in self.folders
            for path in folder.paths
        )
        if new > MANY and not many:
            raise FairError(
                f"These are {new} new images: add --yes if all of them belong to the record."
            )

    # ---- what their files say ----

    def _add_headers(self) -> None:
        total = sum(len(folder.paths) for folder in self.folders)
        done = 0
        with progress("Reading headers") as bar:
            for folder in self.folders:
                for path in folder.paths:
                    self._add_header(folder, path)
                    done += 1
                    bar(done, total)
        for folder in self.folders:
            if not folder.ids:
                folder.session.close(keep_draft=False)
        self.folders = [folder for folder in self.folders if folder.ids]

    def _add_header(self, folder: Folder, path: Path) -> None:
        from napari_fair.files import FairError
        from napari_fair.headers.planes_by_name import SEQUENCE

        try:
            header = image_header(path)
            moved = folder.session.moved_from(header)
            if moved is not None:
                folder.session.relocate(moved, path)
                self.sentences.append(f"{path.name} is {moved.path}: its record moved along.")
            source = folder.session.add(header)
        except FairError as problem:
            self.problems.append((str(path), str(problem)))
            return
        if header.format == SEQUENCE:
            self.sentences += header.warnings
        if header.damaged:
            self.problems += [(str(path), warning) for warning in header.warnings]
        if source.id not in folder.ids:
            folder.ids.append(source.id)

    # ---- what people say ----

    def _assign(self, folder: Folder, what: list[Assignment], index: int | None) -> None:
        session = folder.session
        target = named(session, folder.sources, index)
        unkept = assign(session, what, target)
        self.sentences += [s for s in doubts(session, what, target) if s not in self.sentences]
        self.problems += [(str(session.folder), sentence) for sentence in unkept]
        if any(assignment.path.startswith("acquisition.") for assignment in what):
            # A value that disagrees with a file is listed now, not only when it is opened again.
            for path in folder.paths:
                self._compare_again(session, path)

    def _compare_again(self, session: Session, path: Path) -> None:
        from napari_fair.files import FairError

        try:
            session.add(image_header(path))
        except FairError:
            return  # it was reported when it was first read


def _source_or_none(session: Session, path: Path) -> ImageSource | None:
    from napari_fair.files import FairError

    try:
        return source_at(session, path)
    except FairError:
        return None


def _crate_elsewhere(folder: Path, to: Path) -> Path:
    """Return where the crate of a folder goes outside of it.

    Raises
    ------
    FairError
        If the folder has its record already, or the place is taken by another folder's.
    """
    from napari_fair.files import FairError, shown
    from napari_fair.sidecar import read_crate

    if (folder / CRATE).exists():
        raise FairError(f"{shown(folder)} has a record of its own ({CRATE}); leave out --to.")
    crate = to.resolve() / f"{folder.name}.crate"
    there = read_crate(crate)
    if there is not None and Path(there.source_folder or crate) != folder:
        raise FairError(
            f"{shown(crate)} is the record of another folder; choose another place with --to."
        )
    return crate
