"""One open folder: every edit, undo and save of its record passes here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from psygnal import Signal

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
    EventNote,
    Header,
    ImageSource,
    Origin,
    Recorded,
    State,
    Study,
    derived_id,
)
from napari_fair.session.edit_history import EditHistory
from napari_fair.session.edits import (
    decided,
    declared_field,
    for_field,
    only,
    put,
    set_override,
    with_source,
)
from napari_fair.session.elsewhere import remember, remembered
from napari_fair.session.ingest import add_header, moved_source
from napari_fair.session.journal import Draft, Edit
from napari_fair.session.lone_sidecars import Disagreements, seeds, with_acquired, with_seeds
from napari_fair.session.many_changes import changed_cells, collecting
from napari_fair.session.preset_locks import PresetLocks
from napari_fair.session.preset_shelf import saved_presets
from napari_fair.session.presets import Preset
from napari_fair.session.replayed import replay
from napari_fair.session.saving import SaveJob, SavePlan, SaveReport, with_checksums
from napari_fair.session.steps import StepRecorder
from napari_fair.session.table import Change
from napari_fair.session.texts import Parsing
from napari_fair.session.views import FieldView, view
from napari_fair.sidecar import METADATA_FILE, CrateContents, read_crate


def open_folder(
    folder: Path, *, crate: Path | None = None, locks: PresetLocks | None = None
) -> Session:
    """Open the record of a folder; writes nothing.

    Parameters
    ----------
    folder
        Where the images are.
    crate
        Where the crate is (to be) written when `folder` itself cannot be.
    locks
        What presets lock; by default those on this computer and in the libraries are read.

    Raises
    ------
    FairError
        If the folder cannot be read.
    """
    locks = locks if locks is not None else PresetLocks(saved_presets().values())
    folder = folder.resolve()
    if not folder.is_dir():
        raise UnreadableFile(f"{folder} is no folder: name the folder that the images are in.")
    own = folder / f"{folder.name}.crate"
    if crate is None and not (folder / METADATA_FILE).exists():
        crate = own if own.is_dir() else remembered(folder)
    if crate is not None:
        return Session(folder, crate.resolve(), read_crate(crate), (), locks)
    try:
        return Session(folder, folder, read_crate(folder), (), locks)
    except (DamagedDocument, LossyDocument) as problem:
        note = f"{problem} The record is kept in {own.name} instead."
        return Session(folder, own, read_crate(own), (note,), locks)


class Session(StepRecorder):
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
    locks
        What presets lock.
    """

    changed = Signal()

    def __init__(
        self,
        folder: Path,
        crate_folder: Path,
        contents: CrateContents | None,
        notes: tuple[str, ...],
        locks: PresetLocks,
    ) -> None:
        self.folder, self.crate_folder = folder, crate_folder
        self._contents = contents
        dataset = contents.dataset if contents is not None else _new_dataset()
        sha256 = contents.sha256 if contents is not None else ""
        self._history = EditHistory(folder, dataset, sha256)
        self.draft: Draft | None = self._history.draft
        if contents is None and self.draft is not None and self.draft.dataset:
            self._history.dataset = _new_dataset(self.draft.dataset)
        self.notes = (*notes, *self._found_notes())
        self.locks = locks

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
        return self._history.dataset

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """What a person has to decide."""
        return self.dataset.conflicts

    @property
    def unsaved(self) -> bool:
        """Whether the record has changes that are on no disk but in the journal."""
        return bool(self._history.edits)

    def sources(self) -> tuple[ImageSource, ...]:
        """Return all sources, drafts included."""
        return self.dataset.sources

    def saved(self, source: str) -> bool:
        """Return whether a source is part of the folder's crate."""
        return source in self._history.saved

    def source_at(self, path: Path) -> ImageSource | None:
        """Return the source that a file or store belongs to."""
        with suppress(FairError):
            return self.dataset.source(relative_posix(self.folder, path))
        return None

    def view(self, path: str, image: str | None = None) -> FieldView:
        """Return what forms show of a field."""
        shown = view(self.dataset, path, image)
        locked_by = self.locks.by(path, shown.origin, shown.where)
        return replace(shown, locked_by=locked_by) if locked_by else shown

    # ---- edits ----

    def add(self, header: Header) -> ImageSource:
        """Take what a file says about itself into the record, as a draft until it is saved."""
        before = self.dataset
        dataset, source = add_header(before, self.folder, header)
        self.adopt(dataset)
        known = before.source(source.path)
        if known is None:
            self._seed(source)
        else:
            disagreements = Disagreements(before, known, header, self.crate_folder)
            self.adopt(disagreements.added_to(self.dataset))
            self.notes += disagreements.notes
        self.changed.emit()
        return source

    def set(
        self,
        path: str,
        text: str,
        *,
        image: str | None = None,
        of: str | None = None,
        origin: str = Origin.TYPED,
        where: str = "",
    ) -> None:
        """Set a field to what a text says; a blank text clears it.

        Parameters
        ----------
        image
            The image that gets the value alone; without it the block that images share does.
        of
            The image whose shared block is meant, where images use different ones.

        Raises
        ------
        InvalidValue
            If the text is no value of the field; nothing is changed then.
        """
        declared = declared_field(path)
        parsing = Parsing(self.dataset)
        recorded = parsing.recorded(declared, text, origin=str(origin), where=where)
        changed = put(parsing.dataset, path, image, recorded, of)
        arguments = {"text": text, "image": image, "of": of, "origin": str(origin), "where": where}
        self.change({"do": "set", "path": path, **arguments}, changed)

    def set_many(
        self,
        changes: Iterable[Change],
        *,
        of: str | None = None,
        links: Mapping[str, str] | None = None,
        origin: str = Origin.TABLE,
        where: str = "",
    ) -> list[str]:
        """Set many fields as one edit; returns sentences about texts not taken.

        A change that names no image is one of the blocks that images share.

        Parameters
        ----------
        of
            The image whose shared blocks are meant, where images use different ones.
        links
            Blocks that `of` is linked to first, id by kind.
        """
        worked = changed_cells(
            self.dataset, changes, self.locks, of=of, links=links, origin=origin, where=where
        )
        self.change(worked.edit, worked.dataset)
        return list(worked.problems)

    def set_state(
        self,
        path: str,
        state: State,
        *,
        image: str | None = None,
        of: str | None = None,
        origin: str = Origin.TYPED,
        where: str = "",
    ) -> None:
        """Record that there is no value, and why: unknown, not applicable, or empty."""
        declared_field(path)
        recorded: Recorded[Any] = Recorded(state=state, origin=str(origin), where=where)
        changed = put(self.dataset, path, image, recorded, of)
        arguments = {"image": image, "of": of, "origin": str(origin), "where": where}
        self.change({"do": "state", "path": path, "state": state.value, **arguments}, changed)

    def drop_override(self, path: str, image: str) -> None:
        """Let an image inherit a field again."""
        changed = set_override(self.dataset, path, image, None)
        self.change({"do": "drop", "path": path, "image": image}, changed)

    def apply_preset(self, preset: Preset, *, image: str | None = None) -> list[str]:
        """Set what a preset holds; returns sentences about values that could not be used."""
        self.locks.add(preset)
        states = {p: s.value for p, s in preset.states.items() if s is not State.EMPTY}
        texts = {**preset.values, **states}
        problems: list[str] = []
        changes: list[Change] = []
        for path, text in texts.items():
            with collecting(problems):
                changes.append(Change(for_field(path, image) or "", path, "", text))
        # other values of an instrument can be kept once it is known which one is meant
        changes.sort(key=lambda change: change.path != "acquisition.instrument")
        problems += self.set_many(changes, of=image, origin=Origin.PRESET, where=preset.where)
        for path in (path for path, state in preset.states.items() if state is State.EMPTY):
            origin = {"origin": Origin.PRESET, "where": preset.where}
            self.set_state(path, State.EMPTY, image=for_field(path, image), of=image, **origin)
        return problems

    def decide(self, conflict: Conflict, choice: int) -> None:
        """Settle a conflict by taking one of its candidates."""
        rest = tuple(c for c in self.dataset.conflicts if c != conflict)
        dataset = self.dataset.model_copy(update={"conflicts": rest})
        # what an image goes on to inherit is settled for it, or it would be asked again
        if choice != 0 or not declared_field(conflict.path).per_image or _inside_a_file(conflict):
            dataset = decided(dataset, conflict, conflict.candidates[choice])
        edit = {"do": "decide", "conflict": conflict.model_dump(mode="json"), "choice": choice}
        self.change(edit, dataset)

    def change(self, edit: Edit, dataset: Dataset) -> None:
        """Make an edit: how the journal tells it, and the record as it is after it.

        `replayed` does again what the journal tells.

        Raises
        ------
        InvalidValue
            If a value would change that a preset locks; nothing is changed then.
        """
        self.locks.check(self.dataset, dataset)
        self._announce(self._history.apply(edit, dataset))

    def keep(self, edit: Edit, dataset: Dataset) -> None:
        """Keep a fact of what happened: it is in the journal, and undo goes past it."""
        self._announce(self._history.note(edit, dataset))

    def tell_drafts(self, dataset: Dataset, images: Iterable[str]) -> None:
        """Put drafts into the journal before a large edit of them is made; in any thread."""
        self._history.tell_drafts(dataset, set(images))

    def _announce(self, changed: bool) -> None:
        if changed and self._history.problem and self._history.problem not in self.notes:
            self.notes += (self._history.problem,)
        if changed:
            self.changed.emit()

    def adopt(self, dataset: Dataset) -> None:
        """Take facts of files into the record: no edit, and nothing to undo."""
        self._history.dataset = dataset

    def add_note(self, note: EventNote) -> None:
        """Keep what a person noted while images were taken; one of the same id is replaced."""
        others = [known for known in self.dataset.notes if known.id != note.id]
        notes = tuple(sorted([*others, note], key=lambda each: (each.time, each.id)))
        edit = {"do": "note", "note": note.model_dump(mode="json"), "image": note.image or None}
        self.change(edit, self.dataset.model_copy(update={"notes": notes}))

    def remove_note(self, id: str) -> None:
        """Take a note out of the record."""
        notes = tuple(note for note in self.dataset.notes if note.id != id)
        edit = {"do": "remove note", "id": id}
        self.change(edit, self.dataset.model_copy(update={"notes": notes}))

    def undo(self) -> bool:
        """Take back the last edit; False when there is none."""
        return self._stepped(self._history.undo())

    def redo(self) -> bool:
        """Do the last edit that was taken back again; False when there is none."""
        return self._stepped(self._history.redo())

    def _stepped(self, done: bool) -> bool:
        if done:
            self.changed.emit()
        return done

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to do again."""
        return self._history.can_redo

    # ---- drafts ----

    def recover_draft(self) -> list[str]:
        """Do the edits of an earlier run again; returns sentences about what could not be."""
        problems: list[str] = []
        draft, self.draft = self.draft, None
        for edit in draft.replay() if draft is not None else ():
            try:
                replay(self, edit)
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

    # ---- sidecars found without a crate, and images that were moved ----

    def _seed(self, source: ImageSource) -> None:
        """Take over what a sidecar of ours beside a new source says."""
        self.adopt(with_acquired(self.dataset, self.folder, source))
        self.adopt(with_seeds(self.dataset, seeds(self.folder, source)))

    def moved_from(self, header: Header) -> ImageSource | None:
        """Return the saved source that a new file is by size and checksum, if its file is gone.

        Reads the new file when the size fits: call it where reading may take its time.
        """
        known = self.source_at(Path(header.path))
        return moved_source(self.dataset, self.folder, header) if known is None else None

    def relocate(self, source: ImageSource, path: Path) -> None:
        """Let a source's record follow its file to a new name; its sidecar's name follows too."""
        name = path.resolve().relative_to(self.folder).as_posix()
        moved = source.files[0].model_copy(update={"path": name})
        changed = source.model_copy(update={"files": (moved,), "sidecar": None})
        edit = {"do": "relocate", "source": source.id, "path": name}
        self.change(edit, with_source(self.dataset, changed))

    # ---- saving ----

    def save_job(self, sources: Iterable[str] | None = None) -> SaveJob:
        """Return the job that writes the record with these sources added to those saved before.

        Parameters
        ----------
        sources
            Ids of sources to save; None for all.
        """
        chosen = {s.id for s in self.dataset.sources} if sources is None else set(sources)
        scope = self._history.saved | chosen
        snapshot = self.dataset
        dataset = only(snapshot, scope)
        count = len(self._history.edits)
        return SaveJob(self.folder, self.crate_folder, dataset, self._contents, edits=count)

    def plan(self, sources: Iterable[str] | None = None) -> SavePlan:
        """Return what a save would write."""
        return self.save_job(sources).plan()

    def checksum_job(self) -> SaveJob:
        """Return the job that completes pending checksums of saved sources and writes them."""
        return with_checksums(self.save_job(()))

    def finish(self, report: SaveReport) -> None:
        """Adopt what a job wrote; edits made since the job was taken stay unsaved."""
        self._history.adopt(report)
        self._contents = report.crate
        if self.crate_folder.parent != self.folder and self.crate_folder != self.folder:
            remember(self.folder, self.crate_folder)
        self.changed.emit()

    def save(self, sources: Iterable[str] | None = None, *, checksums: bool = False) -> SaveReport:
        """Write the record now; with `checksums` the large files' too."""
        job = self.save_job(sources)
        report = (with_checksums(job) if checksums else job).run()
        self.finish(report)
        return report

    def close(self, *, keep_draft: bool = True) -> None:
        """End the session; unsaved edits stay as a draft, unless they are not to be kept."""
        self._history.close(keep_draft=keep_draft)


def _new_dataset(id: str = "") -> Dataset:
    id = id or str(uuid4())
    study = Study(id=derived_id(id, "study"))
    return Dataset(id=id, created=date.today().isoformat(), study=study)


def _inside_a_file(conflict: Conflict) -> bool:
    """Return whether a file contradicts itself: it will do so again when it is read again."""
    return all(each.origin == Origin.HEADER for each in conflict.candidates)
