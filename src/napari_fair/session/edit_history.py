"""The edits of one open folder in order: the journal first, then the record; undo and redo."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from napari_fair.model import Dataset, ImageSource
from napari_fair.session.edits import only, pruned, with_sources, with_sources_of
from napari_fair.session.journal import Draft, Edit, Journal
from napari_fair.session.merge import merge
from napari_fair.session.saving import SaveReport
from napari_fair.session.steps import EDITS as STEP_EDITS
from napari_fair.session.steps import with_history_of
from napari_fair.sidecar import crate_bytes

_MOST_UNDO = 500
TAKE_OUT = "take out"
"""An edit that is a step also where the drafts that it is about are not told of."""


class EditHistory:
    """The record as it is now, and the way it came there.

    Attributes
    ----------
    dataset
        The record now. Facts of files replace it without an edit.
    saved
        Ids of the sources that are part of the folder's crate.
    edits
        What is on no disk but in the journal.
    """

    def __init__(self, folder: Path, dataset: Dataset, sha256: str) -> None:
        self.dataset = dataset
        self.saved = {source.id for source in dataset.sources}
        self.edits: list[Edit] = []
        self._past: list[Dataset] = []
        self._future: list[Dataset] = []
        # for each step to do again the sources that taking it back had brought back
        self._returned: list[set[str]] = []
        # how many steps back and forth can be told by what the journal holds
        self._told = {"undo": 0, "redo": 0}
        self._journaled: set[str] = set()
        self._journal = Journal(folder, sha256)

    @property
    def draft(self) -> Draft | None:
        """Unsaved edits of an earlier run."""
        return self._journal.draft()

    @property
    def problem(self) -> str:
        """Why edits cannot be kept in the journal, if they cannot."""
        return self._journal.problem

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to do again."""
        return bool(self._future)

    def apply(self, edit: Edit, dataset: Dataset) -> bool:
        """Keep an edit and what the record is after it; False when it changes nothing."""
        if dataset == self.dataset and edit["do"] != TAKE_OUT:
            return False
        self._keep(edit)
        if len(dataset.sources) < len(self.dataset.sources):
            self._journaled &= _ids(dataset)
        self._past = [*self._past[1 - _MOST_UNDO :], self.dataset]
        self._future.clear()
        self._returned.clear()
        self._told = {"undo": self._told["undo"] + 1, "redo": 0}
        self.dataset = dataset
        return True

    def note(self, edit: Edit, dataset: Dataset) -> bool:
        """Keep a fact that undo goes past; False when it changes nothing."""
        if dataset == self.dataset:
            return False
        self._keep(edit)
        self.dataset = dataset
        return True

    def undo(self) -> bool:
        """Take back the last edit; False when there is none."""
        known = _ids(self.dataset)
        done = self._step(self._past, self._future, "undo")
        if done:
            self._returned.append(_ids(self.dataset) - known)
        return done

    def redo(self) -> bool:
        """Do the last edit that was taken back again; False when there is none."""
        left = self._returned.pop() - self.saved if self._returned else set()
        return self._step(self._future, self._past, "redo", left)

    def _step(
        self,
        source: list[Dataset],
        target: list[Dataset],
        name: str,
        left: Collection[str] = (),
    ) -> bool:
        if not source:
            return False
        other = "redo" if name == "undo" else "undo"
        now = only(self.dataset, _ids(self.dataset) - set(left)) if left else self.dataset
        after = with_history_of(with_sources_of(source.pop(), now), self.dataset)
        if self._told[name]:
            self._keep({"do": name})
            self._told[name] -= 1
            self._told[other] += 1
        else:
            self._keep(become(after))
            self._told = {"undo": 0, "redo": 0}
        target.append(self.dataset)
        self.dataset = after
        return True

    def _keep(self, edit: Edit) -> None:
        """Put an edit into the journal, before it is shown as kept."""
        images = {edit.get("image"), edit.get("of"), *edit.get("images", ())}
        images |= {change[0] for change in edit.get("changes", ())}
        self.tell_drafts(self.dataset, images - {None, ""})
        self._journal.append({**edit, "dataset": self.dataset.id})
        self.edits.append(edit)

    def tell_drafts(self, dataset: Dataset, images: Collection[str]) -> None:
        """Put the drafts of images into the journal, which edits of them need; in any thread."""
        told = self._journaled  # a save that ends meanwhile begins another one
        known = self.saved | told
        new = _sources_of(dataset, images, known)
        if new:
            self._journal.append(
                *({"do": "add", "source": one.model_dump(mode="json")} for one in new)
            )
            told |= {source.id for source in new}

    def adopt(self, report: SaveReport) -> None:
        """Go on from what a save wrote; edits made since its job was taken stay unsaved."""
        later = self.edits[report.job.edits :]
        merged = self._with_later_edits(report) if later else report.dataset
        written = {source.path for source in report.dataset.sources}
        drafts = (source for source in self.dataset.sources if source.path not in written)
        merged = with_sources(merged, drafts)
        self.dataset = merged
        self.saved = {source.id for source in report.dataset.sources}
        done = self._journal.restart(report.crate.sha256)
        self.edits.clear()
        self._journaled = set()
        stepped = any(edit["do"] in ("undo", "redo", "become") for edit in later)
        for edit in [become(merged)] if stepped else later:
            self._keep(edit)
        done()
        told = 0 if stepped else sum(edit["do"] not in STEP_EDITS for edit in later)
        self._told = {"undo": told, "redo": 0}
        self._rebase(report)

    def _with_later_edits(self, report: SaveReport) -> Dataset:
        now = only(self.dataset, {source.id for source in report.job.dataset.sources})
        return merge(report.job.dataset, now, report.dataset)

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

    def close(self, *, keep_draft: bool) -> None:
        """Let go of the journal; unsaved edits stay in it as a draft if they are to be kept."""
        if self.edits and keep_draft:
            self._journal.release()
        else:
            self._journal.close()


_FEW = 100
"""Images that are looked up one by one."""


def _sources_of(
    dataset: Dataset, images: Collection[str], known: Collection[str]
) -> list[ImageSource]:
    """Return the sources of images, each once, without those of known ids."""
    if len(images) > _FEW:
        rest = (source for source in dataset.sources if source.id not in known)
        return [source for source in rest if any(i.id in images for i in source.images)]
    held = (dataset.image(image) for image in sorted(images))
    found = {source.id: source for source, _ in filter(None, held)}
    return [source for source in found.values() if source.id not in known]


def become(dataset: Dataset) -> Edit:
    """Return the edit that a step to before the journal's beginning is: the record as a crate."""
    return {"do": "become", "crate": crate_bytes(dataset, None).decode()}


def _ids(dataset: Dataset) -> set[str]:
    return {source.id for source in dataset.sources}


def _said(dataset: Dataset) -> tuple[Any, ...]:
    """Return what people said in a record: not its files and what a save finds out about them."""
    kept = pruned(dataset)
    said = tuple((s.id, s.overrides, s.uses, s.images) for s in kept.sources)
    return (kept.model_copy(update={"sources": ()}), said)
