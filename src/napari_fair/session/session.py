"""One open folder: every edit, undo and save of its record passes here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from psygnal import Signal
from pydantic import ValidationError

from napari_fair.files import (
    DamagedDocument,
    FairError,
    LossyDocument,
    UnreadableFile,
    relative_posix,
)
from napari_fair.model import (
    Conflict,
    Dataset,
    Header,
    ImageSource,
    Origin,
    Recorded,
    State,
    Study,
    derived_id,
    field,
    split_path,
    value_type,
)
from napari_fair.session.edits import (
    decided,
    declared_field,
    for_field,
    only,
    pruned,
    put,
    put_many,
    set_override,
    with_source,
    with_sources_of,
)
from napari_fair.session.elsewhere import remember, remembered
from napari_fair.session.ingest import add_header, moved_source
from napari_fair.session.journal import Draft, Edit, Journal
from napari_fair.session.lone_sidecars import Disagreements, seeds
from napari_fair.session.merge import merge
from napari_fair.session.presets import Preset
from napari_fair.session.saving import SaveJob, SavePlan, SaveReport, with_checksums
from napari_fair.session.table import Change
from napari_fair.session.texts import InvalidValue, Parsing
from napari_fair.session.views import FieldView, view
from napari_fair.sidecar import METADATA_FILE, CrateContents, crate_bytes, parse_crate, read_crate

_MOST_UNDO = 500


def open_folder(folder: Path, *, crate: Path | None = None) -> Session:
    """Open the record of a folder; writes nothing.

    Parameters
    ----------
    folder
        Where the images are.
    crate
        Where the crate is (to be) written when `folder` itself cannot be.

    Raises
    ------
    FairError
        If the folder cannot be read.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise UnreadableFile(f"{folder} is no folder: name the folder that the images are in.")
    own = folder / f"{folder.name}.crate"
    if crate is None and not (folder / METADATA_FILE).exists():
        crate = own if own.is_dir() else remembered(folder)
    if crate is not None:
        return Session(folder, crate.resolve(), read_crate(crate), ())
    try:
        return Session(folder, folder, read_crate(folder), ())
    except (DamagedDocument, LossyDocument) as problem:
        note = f"{problem} The record is kept in {own.name} instead."
        return Session(folder, own, read_crate(own), (note,))


class Session:
    """The record of one folder, its edits, and how they get to disk.

    It belongs to the thread that made it; jobs run anywhere.

    Attributes
    ----------
    folder, crate_folder
        Where the images are, and where the crate is.
    notes
        Sentences for people about what was found.
    draft
        Unsaved edits of an earlier run, to be recovered or discarded.
    """

    changed = Signal()

    def __init__(
        self,
        folder: Path,
        crate_folder: Path,
        contents: CrateContents | None,
        notes: tuple[str, ...],
    ) -> None:
        self.folder, self.crate_folder = folder, crate_folder
        self._contents = contents
        self._dataset = contents.dataset if contents is not None else _new_dataset()
        self._saved = {source.id for source in self._dataset.sources}
        self._past: list[Dataset] = []
        self._future: list[Dataset] = []
        # how many steps back and forth can be told by what the journal holds
        self._told = {"undo": 0, "redo": 0}
        self._edits: list[Edit] = []
        self._journaled: set[str] = set()
        self._journal = Journal(folder, contents.sha256 if contents is not None else "")
        self.draft: Draft | None = self._journal.draft()
        if contents is None and self.draft is not None and self.draft.dataset:
            self._dataset = _new_dataset(self.draft.dataset)
        self.notes = (*notes, *self._found_notes())

    def _found_notes(self) -> Iterable[str]:
        if self._contents is None:
            return ()
        if self._contents.ours:
            return self._contents.notes
        text = "the folder has an RO-Crate of another program: it is extended, after a backup."
        return (f"{self.folder.name}: {text}",)

    # ---- the record ----

    @property
    def dataset(self) -> Dataset:
        """The record as it is now."""
        return self._dataset

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """What a person has to decide."""
        return self._dataset.conflicts

    @property
    def unsaved(self) -> bool:
        """Whether the record has changes that are on no disk but in the journal."""
        return bool(self._edits)

    def sources(self) -> tuple[ImageSource, ...]:
        """Return all sources, drafts included."""
        return self._dataset.sources

    def saved(self, source: str) -> bool:
        """Return whether a source is part of the folder's crate."""
        return source in self._saved

    def source_at(self, path: Path) -> ImageSource | None:
        """Return the source that a file or store belongs to."""
        with suppress(FairError):
            return self._dataset.source(relative_posix(self.folder, path))
        return None

    def view(self, path: str, image: str | None = None) -> FieldView:
        """Return what forms show of a field."""
        return view(self._dataset, path, image)

    # ---- edits ----

    def add(self, header: Header) -> ImageSource:
        """Take what a file says about itself into the record, as a draft until it is saved."""
        before = self._dataset
        self._dataset, source = add_header(before, self.folder, header)
        known = before.source(source.path)
        if known is None:
            self._seed(source)
        else:
            disagreements = Disagreements(before, known, header, self.crate_folder)
            self._dataset = disagreements.added_to(self._dataset)
            self.notes += disagreements.notes
        self.changed.emit()
        return source

    def set(
        self,
        path: str,
        text: str,
        *,
        image: str | None = None,
        origin: str = Origin.TYPED,
        where: str = "",
    ) -> None:
        """Set a field to what a text says; a blank text clears it.

        Raises
        ------
        InvalidValue
            If the text is no value of the field; nothing is changed then.
        """
        declared = declared_field(path)
        parsing = Parsing(self._dataset)
        recorded = parsing.recorded(declared, text, origin=str(origin), where=where)
        changed = put(parsing.dataset, path, image, recorded)
        arguments = {"text": text, "image": image, "origin": str(origin), "where": where}
        self._apply({"do": "set", "path": path, **arguments}, changed)

    def set_many(
        self, changes: Iterable[Change], *, origin: str = Origin.TABLE, where: str = ""
    ) -> list[str]:
        """Set many fields as one edit; returns sentences about texts not taken.

        A change that names no image is one of the blocks that images share.
        """
        problems: list[str] = []
        parsing = Parsing(self._dataset)
        taken: list[Change] = []
        values: dict[str, dict[str, Recorded[Any] | None]] = {}
        for change in changes:
            with _collecting(problems):
                declared = declared_field(change.path)
                recorded = parsing.recorded(declared, change.after, origin=str(origin), where=where)
                if change.image:
                    values.setdefault(change.image, {})[change.path] = recorded
                else:
                    parsing.dataset = put(parsing.dataset, change.path, None, recorded)
                taken.append(change)
        told = [[change.image, change.path, change.after] for change in taken]
        changed = put_many(parsing.dataset, values)
        edit = {"do": "table", "changes": told, "origin": str(origin), "where": where}
        self._apply(edit, changed)
        return problems

    def set_state(
        self,
        path: str,
        state: State,
        *,
        image: str | None = None,
        origin: str = Origin.TYPED,
        where: str = "",
    ) -> None:
        """Record that there is no value, and why: unknown, not applicable, or empty."""
        declared_field(path)
        recorded: Recorded[Any] = Recorded(state=state, origin=str(origin), where=where)
        changed = put(self._dataset, path, image, recorded)
        arguments = {"image": image, "origin": str(origin), "where": where}
        self._apply({"do": "state", "path": path, "state": state.value, **arguments}, changed)

    def drop_override(self, path: str, image: str) -> None:
        """Let an image inherit a field again."""
        changed = set_override(self._dataset, path, image, None)
        self._apply({"do": "drop", "path": path, "image": image}, changed)

    def apply_preset(self, preset: Preset, *, image: str | None = None) -> list[str]:
        """Set what a preset holds; returns sentences about values that could not be used."""
        states = {p: s.value for p, s in preset.states.items() if s is not State.EMPTY}
        texts = {**preset.values, **states}
        problems: list[str] = []
        changes: list[Change] = []
        for path, text in texts.items():
            with _collecting(problems):
                changes.append(Change(for_field(path, image) or "", path, "", text))
        # other values of an instrument can be kept once it is known which one is meant
        changes.sort(key=lambda change: change.path != "acquisition.instrument")
        problems += self.set_many(changes, origin=Origin.PRESET, where=preset.where)
        for path in (path for path, state in preset.states.items() if state is State.EMPTY):
            origin = {"origin": Origin.PRESET, "where": preset.where}
            self.set_state(path, State.EMPTY, image=for_field(path, image), **origin)
        return problems

    def decide(self, conflict: Conflict, choice: int) -> None:
        """Settle a conflict by taking one of its candidates."""
        rest = tuple(c for c in self._dataset.conflicts if c != conflict)
        dataset = self._dataset.model_copy(update={"conflicts": rest})
        # what an image goes on to inherit is settled for it, or it would be asked again
        if choice != 0 or not declared_field(conflict.path).per_image:
            dataset = decided(dataset, conflict, conflict.candidates[choice])
        edit = {"do": "decide", "conflict": conflict.model_dump(mode="json"), "choice": choice}
        self._apply(edit, dataset)

    def undo(self) -> bool:
        """Take back the last edit; False when there is none."""
        return self._step(self._past, self._future, "undo")

    def redo(self) -> bool:
        """Do the last edit that was taken back again; False when there is none."""
        return self._step(self._future, self._past, "redo")

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to do again."""
        return bool(self._future)

    def _step(self, source: list[Dataset], target: list[Dataset], name: str) -> bool:
        if not source:
            return False
        other = "redo" if name == "undo" else "undo"
        after = with_sources_of(source.pop(), self._dataset)
        if self._told[name]:
            self._keep({"do": name})
            self._told[name] -= 1
            self._told[other] += 1
        else:
            self._keep(_become(after))
            self._told = {"undo": 0, "redo": 0}
        target.append(self._dataset)
        self._dataset = after
        self.changed.emit()
        return True

    def _apply(self, edit: Edit, dataset: Dataset) -> None:
        if dataset == self._dataset:
            return
        self._keep(edit)
        self._past = [*self._past[1 - _MOST_UNDO :], self._dataset]
        self._future.clear()
        self._told = {"undo": self._told["undo"] + 1, "redo": 0}
        self._dataset = dataset
        self.changed.emit()

    def _keep(self, edit: Edit) -> None:
        """Put an edit into the journal, before it is shown as kept."""
        images = {edit.get("image"), *(change[0] for change in edit.get("changes", ()))}
        known = self._saved | self._journaled
        for source in self._dataset.sources if images - {None, ""} else ():
            if source.id not in known and any(image.id in images for image in source.images):
                self._journaled.add(source.id)
                self._journal.append({"do": "add", "source": source.model_dump(mode="json")})
        self._journal.append({**edit, "dataset": self._dataset.id})
        if self._journal.problem and self._journal.problem not in self.notes:
            self.notes += (self._journal.problem,)
        self._edits.append(edit)

    # ---- drafts ----

    def recover_draft(self) -> list[str]:
        """Do the edits of an earlier run again; returns sentences about what could not be."""
        problems: list[str] = []
        draft, self.draft = self.draft, None
        for edit in draft.replay() if draft is not None else ():
            try:
                self._replay(edit)
            except (ValueError, LookupError, TypeError, AttributeError, StopIteration) as problem:
                problems.append(f"An unsaved edit could not be done again: {problem}")
        if draft is not None:
            draft.discard()
        return problems

    def discard_draft(self) -> None:
        """Forget the edits of an earlier run."""
        draft, self.draft = self.draft, None
        if draft is not None:
            draft.discard()

    def _replay(self, edit: Edit) -> None:
        image = edit.get("image")
        told = {"origin": edit.get("origin", ""), "where": edit.get("where", "")}
        actions: dict[str, Callable[[], object]] = {
            "set": lambda: self.set(edit["path"], edit["text"], image=image, **told),
            "state": lambda: self.set_state(
                edit["path"], State(edit["state"]), image=image, **told
            ),
            "table": lambda: self.set_many(
                [Change(image, path, "", text) for image, path, text in edit["changes"]],
                origin=edit["origin"],
                where=edit.get("where", ""),
            ),
            "add": lambda: self._adopt(ImageSource.model_validate(edit["source"])),
            "relocate": lambda: self._relocated(edit["source"], edit["path"]),
            "drop": lambda: self.drop_override(edit["path"], edit["image"]),
            "decide": lambda: self.decide(_read_conflict(edit["conflict"]), edit["choice"]),
            "become": lambda: self._become(edit["crate"]),
            "undo": self.undo,
            "redo": self.redo,
        }
        actions[edit["do"]]()

    def _become(self, crate: str) -> None:
        record = parse_crate(self.folder, crate.encode()).dataset
        self._apply({"do": "become", "crate": crate}, with_sources_of(record, self._dataset))

    def _adopt(self, source: ImageSource) -> None:
        if self._dataset.source(source.path) is None:
            self._dataset = with_source(self._dataset, source)

    # ---- sidecars found without a crate, and images that were moved ----

    def _seed(self, source: ImageSource) -> None:
        """Take over what a sidecar of ours beside a new source says."""
        for seed in seeds(self.folder, source):
            with suppress(InvalidValue, ValueError, KeyError):
                if seed.recorded is not None:
                    self._dataset = put(self._dataset, seed.path, seed.image, seed.recorded)
                else:
                    parsing = Parsing(self._dataset)
                    recorded = parsing.recorded(
                        field(seed.path), seed.text, origin=Origin.SIDECAR, where=seed.where
                    )
                    self._dataset = put(parsing.dataset, seed.path, seed.image, recorded)

    def moved_from(self, header: Header) -> ImageSource | None:
        """Return the saved source that a new file is by size and checksum, if its file is gone.

        Reads the new file when the size fits: call it where reading may take its time.
        """
        known = self.source_at(Path(header.path))
        return moved_source(self._dataset, self.folder, header) if known is None else None

    def relocate(self, source: ImageSource, path: Path) -> None:
        """Let a source's record follow its file to a new name; its sidecar's name follows too."""
        self._relocated(source.id, path.resolve().relative_to(self.folder).as_posix())

    def _relocated(self, source: str, path: str) -> None:
        found = next(known for known in self._dataset.sources if known.id == source)
        moved = found.files[0].model_copy(update={"path": path})
        changed = found.model_copy(update={"files": (moved,), "sidecar": None})
        edit = {"do": "relocate", "source": source, "path": path}
        self._apply(edit, with_source(self._dataset, changed))

    # ---- saving ----

    def save_job(self, sources: Iterable[str] | None = None) -> SaveJob:
        """Return the job that writes the record with these sources added to those saved before.

        Parameters
        ----------
        sources
            Ids of sources to save; None for all.
        """
        chosen = {s.id for s in self._dataset.sources} if sources is None else set(sources)
        scope = self._saved | chosen
        snapshot = self._dataset
        dataset = only(snapshot, scope)
        count = len(self._edits)
        return SaveJob(self.folder, self.crate_folder, dataset, self._contents, edits=count)

    def plan(self, sources: Iterable[str] | None = None) -> SavePlan:
        """Return what a save would write."""
        return self.save_job(sources).plan()

    def checksum_job(self) -> SaveJob:
        """Return the job that completes pending checksums of saved sources and writes them."""
        return with_checksums(self.save_job(()))

    def finish(self, report: SaveReport) -> None:
        """Adopt what a job wrote; edits made since the job was taken stay unsaved."""
        later = self._edits[report.job.edits :]
        written = {source.path for source in report.dataset.sources}
        drafts = [s for s in self._dataset.sources if s.path not in written]
        now = only(self._dataset, {source.id for source in report.job.dataset.sources})
        merged = merge(report.job.dataset, now, report.dataset) if later else report.dataset
        for draft in drafts:
            merged = with_source(merged, draft)
        self._dataset, self._contents = merged, report.crate
        self._saved = {source.id for source in report.dataset.sources}
        saved = self._journal.restart(report.crate.sha256)
        if self.crate_folder.parent != self.folder and self.crate_folder != self.folder:
            remember(self.folder, self.crate_folder)
        self._edits.clear()
        self._journaled.clear()
        stepped = any(edit["do"] in ("undo", "redo", "become") for edit in later)
        for edit in [_become(merged)] if stepped else later:
            self._keep(edit)
        saved()
        self._told = {"undo": 0 if stepped else len(later), "redo": 0}
        self._rebase(report)
        self.changed.emit()

    def _rebase(self, report: SaveReport) -> None:
        """Bring what others wrote into the steps to go back to, or undo would take it away."""
        written, found = report.job.dataset, report.dataset
        if _said(written) == _said(found):
            return
        for steps in (self._past, self._future):
            steps[:] = [
                merge(written, step, found).model_copy(update={"conflicts": found.conflicts})
                for step in steps
            ]

    def save(self, sources: Iterable[str] | None = None, *, checksums: bool = False) -> SaveReport:
        """Write the record now; with `checksums` the large files' too."""
        job = self.save_job(sources)
        report = (with_checksums(job) if checksums else job).run()
        self.finish(report)
        return report

    def close(self, *, keep_draft: bool = True) -> None:
        """End the session; unsaved edits stay as a draft, unless they are not to be kept."""
        if self._edits and keep_draft:
            self._journal.release()
        else:
            self._journal.close()


def _new_dataset(id: str = "") -> Dataset:
    id = id or str(uuid4())
    study = Study(id=derived_id(id, "study"))
    return Dataset(id=id, created=date.today().isoformat(), study=study)


def _read_conflict(data: dict[str, Any]) -> Conflict:
    kind = field(split_path(data["path"])[0]).kind
    candidates = tuple(value_type(kind).validate_python(c) for c in data["candidates"])
    return Conflict(subject=data["subject"], path=data["path"], candidates=candidates)


def _become(dataset: Dataset) -> Edit:
    """Return the edit that a step to before the journal's beginning is: the record as a crate."""
    return {"do": "become", "crate": crate_bytes(dataset, None).decode()}


def _said(dataset: Dataset) -> tuple[Any, ...]:
    """Return what people said in a record: not its files and what a save finds out about them."""
    kept = pruned(dataset)
    said = tuple((s.id, s.overrides, s.uses, s.images) for s in kept.sources)
    return (kept.model_copy(update={"sources": ()}), said)


@contextmanager
def _collecting(problems: list[str]) -> Iterator[None]:
    """Collect what is wrong with one of several edits and go on with the next."""
    try:
        yield
    except (FairError, ValidationError, KeyError) as problem:
        problems.append(str(problem))
