"""What a save would write, and the writing: sidecars first, then the crate that lists them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from napari_fair.files import (
    Cancelled,
    FairError,
    FileChanging,
    backup_once,
    confine,
    folder_lock,
    is_within,
    manifest_digest,
    reading,
    sha256_file,
    write_if_changed,
)
from napari_fair.headers import read_header
from napari_fair.model import (
    POOLS,
    Conflict,
    Dataset,
    EventNote,
    Header,
    ImageSource,
    SourceFile,
    resolved,
)
from napari_fair.session.edits import pruned
from napari_fair.session.merge import merge
from napari_fair.sidecar import (
    METADATA_FILE,
    CrateContents,
    CrateLines,
    contents_again,
    crate_bytes,
    parse_crate,
    read_crate,
)
from napari_fair.sidecar.lock_files import lock_name, lock_text
from napari_fair.sidecar.ome import is_ours, project, sidecar_name, why_not
from napari_fair.sidecar.ome_names import COMPANION, MARK, METADATA_ONLY

_WRITERS = 8
AT_ONCE = 16 * 2**20
"""Files up to this size (bytes) are checksummed within a save; larger ones stay pending."""

Progress = Callable[[int, int], None]
Cancel = Callable[[], bool]


@dataclass(frozen=True)
class PlannedFile:
    """A file that a save would write: ``create``, ``update``, ``unchanged`` or ``remove``."""

    path: Path
    action: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SavePlan:
    """All that a save would write, in order, and sentences about what it would not."""

    files: tuple[PlannedFile, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SaveReport:
    """What a save did.

    Attributes
    ----------
    dataset
        The record as it lies on disk now, what others wrote meanwhile included.
    crate
        The crate on disk now.
    written
        Files that were created or changed.
    pending
        Paths of image files whose checksum is still to come.
    conflicts
        What others and we both changed, to be decided.
    notes
        Sentences for people.
    job
        The save itself.
    """

    job: SaveJob
    dataset: Dataset
    crate: CrateContents
    written: tuple[Path, ...]
    pending: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SaveJob:
    """A save of one snapshot; it can run in any thread.

    Attributes
    ----------
    folder
        Where the images are.
    crate_folder
        Where the crate is written; another folder than `folder` when that cannot be.
    dataset
        The record to write: only images that the user saved.
    base
        The crate that the record's changes started from.
    checksum_limit
        Size in bytes up to which files are checksummed now; None for all, 0 for none.
    edits
        How many of the session's unsaved edits the record holds.
    as_is
        Ids of sources whose sidecars were written already and say all that there is to say.
    lines
        What the crate was made of last time, for whoever writes it again and again.
    """

    folder: Path
    crate_folder: Path
    dataset: Dataset
    base: CrateContents | None
    checksum_limit: int | None = AT_ONCE
    edits: int = 0
    as_is: frozenset[str] = frozenset()
    lines: CrateLines | None = None

    def plan(self) -> SavePlan:
        """Return what `run` would write; writes nothing."""
        rendered = _Rendering(self, hashing=False).result()
        files = [_planned(path, data) for path, data in rendered.files]
        files += [PlannedFile(path, "remove") for path in rendered.outdated]
        return SavePlan(tuple(files), tuple(rendered.notes))

    def run(self, progress: Progress | None = None, cancelled: Cancel | None = None) -> SaveReport:
        """Write the sidecars and the crate.

        Raises
        ------
        FairError
            If the folder cannot be written or is locked; nothing is half written then.
        Cancelled
            If `cancelled` says so before writing began.
        """
        self.crate_folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(self.crate_folder) as lock:
            rendered = _Rendering(self, progress=progress, cancelled=cancelled).result()
            lock.check()
            written = self._write_all(rendered)
            for path in rendered.outdated:
                path.unlink(missing_ok=True)
        crate = self._written(rendered)
        before = self.dataset.conflicts
        return SaveReport(
            job=self,
            dataset=rendered.dataset,
            crate=crate,
            written=tuple(written),
            pending=tuple(_pending(rendered.dataset)),
            conflicts=tuple(c for c in rendered.dataset.conflicts if c not in before),
            notes=tuple(rendered.notes),
        )

    def _written(self, rendered: _Rendered) -> CrateContents:
        data = rendered.files[-1][1]
        if self.lines is not None:
            elsewhere = "" if self.crate_folder == self.folder else str(self.folder)
            place = self.crate_folder
            known = contents_again(place, rendered.dataset, self.lines, source_folder=elsewhere)
            if known is not None:
                return known
        return parse_crate(self.crate_folder, data)

    def write_sidecars(self, headers: Mapping[str, Header]) -> SidecarReport:
        """Write the sidecars of some sources and leave the crate for later.

        Parameters
        ----------
        headers
            What the files say, by the ids of the sources.
        """
        rendering = _Rendering(self, merging=False)
        return rendering.sidecars(headers, self._write)

    def _write_all(self, rendered: _Rendered) -> list[Path]:
        """Write all files, the crate when the others are safe; returns those that changed."""
        *others, crate = rendered.files

        def put(file: tuple[Path, bytes]) -> bool:
            return self._write(*file, rendered)

        # a disk makes many files safe in hardly more time than one
        with ThreadPoolExecutor(_WRITERS) as writers:
            changed = list(writers.map(put, others))
        changed.append(put(crate))
        return [path for (path, _), new in zip(rendered.files, changed, strict=True) if new]

    def _write(self, path: Path, data: bytes, rendered: _Rendered) -> bool:
        if path in rendered.kept_once:
            backup = backup_once(path)
            if backup is not None:
                rendered.notes.append(f"{path.name} was kept as it was in {backup.name}.")
        return write_if_changed(path, data)


@dataclass(frozen=True)
class SidecarReport:
    """Sources with the sidecars that were written, and sentences about what was not."""

    sources: tuple[ImageSource, ...]
    notes: tuple[str, ...]


@dataclass
class _Rendered:
    """Files to write, the crate last, and the record that they hold."""

    dataset: Dataset
    files: list[tuple[Path, bytes]] = field(default_factory=list)
    kept_once: list[Path] = field(default_factory=list)
    outdated: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _Rendering:
    """Renders a job's files from its record and what lies on disk."""

    def __init__(
        self,
        job: SaveJob,
        *,
        hashing: bool = True,
        merging: bool = True,
        progress: Progress | None = None,
        cancelled: Cancel | None = None,
    ) -> None:
        self._job, self._hashing = job, hashing
        self._progress, self._cancelled = progress, cancelled
        self._on_disk = _on_disk(job) if merging else None
        self._out = _Rendered(self._merged() if merging else job.dataset)
        self._before = job.base.dataset if job.base is not None else None
        # what others wrote meanwhile may be about every image
        alike = _shared_part(self._out.dataset) == _shared_part(job.dataset)
        self._as_is = job.as_is if alike else frozenset()
        before = self._before.sources if self._before is not None and merging else ()
        self._sources_before = {source.id: source for source in before}

    def result(self) -> _Rendered:
        sources = tuple(self._rendered_sources())
        self._out.dataset = self._out.dataset.model_copy(update={"sources": sources})
        job = self._job
        elsewhere = "" if job.crate_folder == job.folder else str(job.folder)
        told = (self._out.dataset, self._on_disk)
        data = crate_bytes(*told, source_folder=elsewhere, lines=job.lines)
        path = job.crate_folder / METADATA_FILE
        if self._on_disk is not None and not self._on_disk.ours:
            self._out.kept_once.append(path)
        for place in self._out.dataset.environments:
            lock = (job.crate_folder / lock_name(place), lock_text(place).encode())
            self._out.files += [lock] if place.packages else []
        self._out.files.append((path, data))
        self._out.outdated.extend(self._outdated())
        return self._out

    def sidecars(
        self, headers: Mapping[str, Header], write: Callable[[Path, bytes, _Rendered], bool]
    ) -> SidecarReport:
        """Write the sidecars of some sources; one that another computer just wrote stays."""
        made: list[tuple[ImageSource, Path, bytes]] = []
        bare: list[ImageSource] = []
        for source in self._out.dataset.sources:
            if source.id not in headers:
                continue
            try:
                changed = self._with_sidecar(self._measured(source), headers[source.id])
            except (FairError, OSError) as problem:
                self._note(source, str(problem))
                continue
            files, self._out.files = self._out.files, []
            made += [(changed, path, data) for path, data in files]
            bare += [] if files else [changed]

        def put(each: tuple[ImageSource, Path, bytes]) -> ImageSource | None:
            source, path, data = each
            try:
                if not _is_newer(path, self._job.folder / source.path):
                    write(path, data, self._out)
            except (FairError, OSError) as problem:
                self._note(source, str(problem))
                return None
            return source

        with ThreadPoolExecutor(_WRITERS) as writers:
            written = [source for source in writers.map(put, made) if source is not None]
        return SidecarReport((*written, *bare), tuple(self._out.notes))

    def _rendered_sources(self) -> Iterable[ImageSource]:
        sources = self._out.dataset.sources
        for number, source in enumerate(sources):
            if self._cancelled is not None and self._cancelled():
                raise Cancelled
            yield self._source(source)
            if self._progress is not None:
                self._progress(number + 1, len(sources))

    def _outdated(self) -> Iterable[Path]:
        """Yield our unchanged sidecars of files that have another name now."""
        used = {s.sidecar.path for s in self._out.dataset.sources if s.sidecar is not None}
        known = {source.id for source in self._out.dataset.sources}
        for source in self._before.sources if self._before is not None else ():
            sidecar = source.sidecar
            if sidecar is None or sidecar.path in used or source.id not in known:
                continue
            path = self._job.crate_folder / sidecar.path
            # a stranger's crate can name any file as its sidecar: only what we wrote may go
            if _may_be_sidecar(sidecar.path) and is_within(self._job.crate_folder, path):
                data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
                if hashlib.sha256(data).hexdigest() == sidecar.sha256 and is_ours(data):
                    yield path

    def _merged(self) -> Dataset:
        job, disk = self._job, self._on_disk
        known = job.base.sha256 if job.base is not None else ""
        if disk is None or disk.sha256 == known:
            return pruned(job.dataset)
        base = job.base.dataset if job.base is not None else None
        return pruned(merge(base, job.dataset, disk.dataset))

    def _source(self, source: ImageSource) -> ImageSource:
        if source.id in self._as_is:
            return self._as_written(source)
        path = self._job.folder / source.path
        if not path.exists():
            self._out.notes.append(f"{source.path} is not there: its record was kept as it is.")
            return source
        try:
            for file in source.files:
                confine(self._job.folder, file.path)
            source = self._measured(source)
            if self._unchanged(source):
                return source
            return self._with_sidecar(source, read_header(path))
        except FairError as problem:
            self._out.notes.append(str(problem))
            return source

    def _as_written(self, source: ImageSource) -> ImageSource:
        """Return a source with the sidecar that lies there, whoever wrote it last."""
        sidecar = source.sidecar
        if source.id in self._sources_before or sidecar is None:
            return source
        digest = _sha256(self._job.crate_folder / sidecar.path)
        sidecar = sidecar.model_copy(update={"sha256": digest or sidecar.sha256})
        return source.model_copy(update={"sidecar": sidecar})

    def _unchanged(self, source: ImageSource) -> bool:
        """Whether a source's sidecar on disk says all that there is to say."""
        if self._before is None or source.sidecar is None:
            return False
        before = self._sources_before.get(source.id)
        if before is None or before != source or self._before.people != self._out.dataset.people:
            return False
        same = _notes_about(self._before, source) == _notes_about(self._out.dataset, source)
        same = same and all(
            list(resolved(self._before, before, image))
            == list(resolved(self._out.dataset, source, image))
            for image in source.images
        )
        return (
            same and _sha256(self._job.crate_folder / source.sidecar.path) == source.sidecar.sha256
        )

    def _note(self, source: ImageSource, note: str) -> None:
        self._out.notes.append(note if source.path in note else f"{source.path}: {note}")

    # ---- files and checksums ----

    def _measured(self, source: ImageSource) -> ImageSource:
        files = tuple(
            self._store(file) if source.store else self._file(file) for file in source.files
        )
        return source.model_copy(update={"files": files})

    def _file(self, file: SourceFile) -> SourceFile:
        path = self._job.folder / file.path
        size = path.stat().st_size if path.exists() else None
        if size is None or (file.sha256 and size == file.size):
            return file
        if file.sha256:
            self._out.notes.append(
                f"{file.path} is not the file that was described (its size was {file.size} bytes "
                f"and is {size}): its checksum is taken anew."
            )
        limit = self._job.checksum_limit
        pending = SourceFile(path=file.path, size=size)
        if not self._hashing or limit == 0 or (limit is not None and size > limit):
            return pending
        try:
            digest = sha256_file(path, cancelled=self._cancelled)
        except FileChanging as problem:
            self._out.notes.append(str(problem))
            return pending
        return SourceFile(path=file.path, size=digest.size, sha256=digest.sha256)

    def _store(self, file: SourceFile) -> SourceFile:
        path = self._job.folder / file.path
        limited = self._job.checksum_limit is not None
        later = self._job.checksum_limit == 0 or (limited and not _is_small(path))
        if file.sha256 or not self._hashing or later:
            return file
        digest = manifest_digest(path, cancelled=self._cancelled)
        return SourceFile(path=file.path, size=digest.size, sha256=digest.sha256)

    # ---- the OME sidecar ----

    def _with_sidecar(self, source: ImageSource, header: Header) -> ImageSource:
        name = self._sidecar_name(source, header)
        dataset = self._out.dataset
        ome = project(dataset, source, ome_xml=header.ome_xml, sidecar_path=name)
        if ome is not None and ome.path != name and self._taken(ome.path):
            name = sidecar_name(source, metadata_only=True, exists=self._taken)
            ome = project(dataset, source, ome_xml=header.ome_xml, sidecar_path=name)
        if ome is None:
            why = why_not(dataset, source, ome_xml=header.ome_xml, sidecar_path=name)
            self._note(source, why)
            return source.model_copy(update={"sidecar": None})
        for note in ome.notes:
            self._note(source, note)
        path = confine(self._job.crate_folder, ome.path)
        if source.sidecar is not None and _sha256(path) not in ("", source.sidecar.sha256):
            self._out.kept_once.append(path)
        self._out.files.append((path, ome.data))
        written = SourceFile(path=ome.path, sha256=hashlib.sha256(ome.data).hexdigest())
        return source.model_copy(update={"sidecar": written})

    def _sidecar_name(self, source: ImageSource, header: Header) -> str:
        kept = source.sidecar.path if source.sidecar is not None else ""
        named = kept and Path(kept).name.startswith(Path(source.path).name[:40])
        if named and _may_be_sidecar(kept) and not self._taken(kept):
            return kept
        elsewhere = self._job.crate_folder != self._job.folder
        if elsewhere:
            first = source.files[0].model_copy(update={"path": Path(source.path).name})
            source = source.model_copy(update={"files": (first, *source.files[1:])})
        return sidecar_name(
            source,
            has_foreign_companion=any(file.endswith(".companion.ome") for file in header.files),
            metadata_only=elsewhere,
            exists=self._taken,
        )

    def _taken(self, name: str) -> bool:
        path = self._job.crate_folder / name
        return path.exists() and not (path.is_file() and _is_our_file(path))


def _is_newer(sidecar: Path, image: Path) -> bool:
    """Whether there is a sidecar of ours that was written after the image's last change."""
    try:
        after = sidecar.stat().st_mtime_ns > image.stat().st_mtime_ns
    except OSError:
        return False
    return after and _is_our_file(sidecar)


def _on_disk(job: SaveJob) -> CrateContents | None:
    """Return the crate on disk; it is not read again where it is what the job started from."""
    path = job.crate_folder / METADATA_FILE
    if job.base is not None and _sha256(path) == job.base.sha256:
        return job.base
    return read_crate(job.crate_folder)


def _shared_part(dataset: Dataset) -> tuple[object, ...]:
    study = tuple(dataset.study.recorded())
    pools = tuple(getattr(dataset, pool) for pool in POOLS.values())
    return (study, dataset.people, pools, dataset.defaults, dataset.uses)


def _notes_about(dataset: Dataset, source: ImageSource) -> list[EventNote]:
    if not dataset.notes:
        return []
    ids = {image.id for image in source.images}
    return [note for note in dataset.notes if note.image in ids]


def with_checksums(job: SaveJob) -> SaveJob:
    """Return the job that also checksums what a save leaves pending."""
    return replace(job, checksum_limit=None)


def _pending(dataset: Dataset) -> Iterable[str]:
    return (f.path for source in dataset.sources for f in source.files if not f.sha256)


def _planned(path: Path, data: bytes) -> PlannedFile:
    if not path.exists():
        return PlannedFile(path, "create")
    before = path.read_bytes()
    if before == data:
        return PlannedFile(path, "unchanged")
    return PlannedFile(path, "update", tuple(_changes(before, data)))


def _changes(before: bytes, after: bytes) -> Iterable[str]:
    """Return changed lines, as ``- old`` and ``+ new``."""
    from difflib import unified_diff

    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    for line in unified_diff(old, new, lineterm="", n=0):
        if line[:1] in "+-" and not line.startswith(("+++", "---")):
            yield f"{line[0]} {line[1:]}"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _may_be_sidecar(path: str) -> bool:
    return path.endswith((COMPANION, METADATA_ONLY))


def _is_our_file(path: Path) -> bool:
    """Whether a file is a sidecar of ours; reads on only in what begins as one."""
    with reading(path), path.open("rb") as stream:
        begin = stream.read(1024)
        return MARK.encode() in begin and is_ours(begin + stream.read())


def _is_small(store: Path, most: int = 400) -> bool:
    return all(number < most for number, _ in enumerate(store.rglob("*")))
