"""Two people's changes of one record: what only one changed is taken, the rest is listed.

The record on disk wins where both changed a value; ours then becomes a conflict to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from napari_fair.model import (
    POOLS,
    Block,
    Conflict,
    Dataset,
    EventNote,
    Image,
    ImageSource,
    Person,
    Recorded,
    derived_id,
)
from napari_fair.session.steps import merged_history

_T = TypeVar("_T")
_Values = Mapping[str, Recorded[Any]]


def merge(base: Dataset | None, ours: Dataset, theirs: Dataset) -> Dataset:
    """Return both records' changes since they were one.

    Parameters
    ----------
    base
        The record as we read it; None when there was no crate then.
    ours, theirs
        The record with our changes, and the record on disk.
    """
    return _Merge(base, ours, theirs).result()


def _pick(base: _T, ours: _T, theirs: _T) -> _T:
    """Return what changed; theirs when both did."""
    return ours if theirs == base else theirs


class _Merge:
    def __init__(self, base: Dataset | None, ours: Dataset, theirs: Dataset) -> None:
        self._base, self._theirs = base, theirs
        self._ours = ours if base is not None else _aligned(ours, theirs)
        self._conflicts: list[Conflict] = []
        self._namesakes: list[Person] = []

    def result(self) -> Dataset:
        ours, theirs = self._ours, self._theirs
        base = self._base
        study = self._block(base.study if base else None, ours.study, theirs.study, "study")
        merged = theirs.model_copy(
            update={
                "study": study.model_copy(update={"id": theirs.study.id}),
                "people": (*self._listed("people", self._person), *self._namesakes),
                "notes": self._notes(),
                **{pool: self._blocks(pool, name) for name, pool in POOLS.items()},
                "defaults": self._values(
                    theirs.id, base.defaults if base else {}, ours.defaults, theirs.defaults
                ),
                "uses": _pick(base.uses, ours.uses, theirs.uses) if base else _uses(ours, theirs),
            }
        )
        sources = self._listed("sources", self._source)
        ordered = {source.path: source for source in sources}
        listed = dict.fromkeys([*theirs.conflicts, *ours.conflicts, *self._conflicts])
        decided = base.conflicts if base else ()
        open_ = [
            c
            for c in listed
            if not (c in decided and (c not in ours.conflicts or c not in theirs.conflicts))
        ]
        merged = merged_history(base, ours, theirs).onto(merged)
        return merged.model_copy(
            update={
                "sources": tuple(ordered[path] for path in sorted(ordered)),
                "conflicts": tuple(open_),
            }
        )

    def _notes(self) -> tuple[EventNote, ...]:
        notes = self._listed("notes", lambda base, ours, theirs: _pick(base, ours, theirs))
        return tuple(sorted(notes, key=lambda note: (note.time, note.id)))

    def _person(self, base: Person | None, ours: Person, theirs: Person) -> Person:
        """Merge a person part by part; where both changed one, ours is kept to choose from."""
        parts = [name for name in type(ours).model_fields if name != "id"]
        merged = {
            name: _pick(getattr(base, name, None), getattr(ours, name), getattr(theirs, name))
            for name in parts
        }
        clash = [
            name
            for name in parts
            if merged[name] != getattr(ours, name) != getattr(base, name, None)
        ]
        authors = self._theirs.study.authors
        if clash and authors is not None and authors.value and theirs.id in authors.value:
            ours = ours.model_copy(update={"id": derived_id(ours.id, ours.model_dump_json())})
            self._namesakes.append(ours)
            chosen = tuple(ours.id if id == theirs.id else id for id in authors.value)
            self._conflicts.append(
                Conflict(
                    subject=self._theirs.study.id,
                    path="study.authors",
                    candidates=(authors, authors.model_copy(update={"value": chosen})),
                )
            )
        return theirs.model_copy(update=merged)

    def _blocks(self, name: str, kind: str) -> tuple[Any, ...]:
        return self._listed(name, lambda b, o, t: self._block(b, o, t, kind))

    def _listed(self, name: str, both: Callable[[Any, Any, Any], Any]) -> tuple[Any, ...]:
        """Merge lists of things with ids: added, taken away, or changed on one side or both."""
        base = _by_id(getattr(self._base, name) if self._base else ())
        ours, theirs = _by_id(getattr(self._ours, name)), _by_id(getattr(self._theirs, name))
        merged: list[Any] = []
        for id in dict.fromkeys([*theirs, *ours]):
            before, mine, yours = base.get(id), ours.get(id), theirs.get(id)
            if mine is not None and yours is not None:
                merged.append(both(before, mine, yours) if mine != yours else yours)
            elif before is None or (mine or yours) != before:
                merged.append(mine if mine is not None else yours)
        return tuple(merged)

    def _block(self, base: Block | None, ours: Block, theirs: Block, kind: str) -> Block:
        values = self._values(
            theirs.id,
            {f"{kind}.{n}": v for n, v in base.recorded()} if base is not None else {},
            {f"{kind}.{n}": v for n, v in ours.recorded()},
            {f"{kind}.{n}": v for n, v in theirs.recorded()},
        )
        cleared = {name: None for name, _ in theirs.recorded()}
        label = _pick(base.label if base is not None else "", ours.label, theirs.label)
        update = {path.split(".")[1]: value for path, value in values.items()}
        pairs = _pick(base.pairs if base is not None else (), ours.pairs, theirs.pairs)
        return theirs.model_copy(update={**cleared, **update, "label": label, "pairs": pairs})

    def _values(
        self, subject: str, base: _Values, ours: _Values, theirs: _Values
    ) -> dict[str, Recorded[Any]]:
        merged: dict[str, Recorded[Any]] = {}
        for path in dict.fromkeys([*theirs, *ours]):
            before, mine, yours = base.get(path), ours.get(path), theirs.get(path)
            kept = _pick(before, mine, yours)
            if kept is not None:
                merged[path] = kept
            if before not in (mine, yours) and not _same(mine, yours):
                candidates = tuple(value for value in (yours, mine) if value is not None)
                if len(candidates) == 2:
                    conflict = Conflict(subject=subject, path=path, candidates=candidates)
                    self._conflicts.append(conflict)
        return merged

    def _source(
        self, base: ImageSource | None, ours: ImageSource, theirs: ImageSource
    ) -> ImageSource:
        pairs = {image.index: image for image in theirs.images}
        before = {image.index: image for image in base.images} if base is not None else {}
        for image in ours.images:
            yours = pairs.get(image.index)
            merged = self._image(before.get(image.index), image, yours) if yours else image
            pairs[image.index] = merged
        plain = {
            name: _pick(getattr(base, name, None), getattr(ours, name), getattr(theirs, name))
            for name in ("format", "files", "store", "uses", "sidecar", "states")
        }
        overrides = self._values(
            theirs.id, base.overrides if base else {}, ours.overrides, theirs.overrides
        )
        images = tuple(pairs[index] for index in sorted(pairs))
        return theirs.model_copy(update={**plain, "overrides": overrides, "images": images})

    def _image(self, base: Image | None, ours: Image, theirs: Image) -> Image:
        """Merge an image: facts are read from the file, the newer reading (ours) is taken."""
        before = base.overrides if base is not None else {}
        overrides = self._values(theirs.id, before, ours.overrides, theirs.overrides)
        uses = _pick(base.uses if base is not None else theirs.uses, ours.uses, theirs.uses)
        return theirs.model_copy(
            update={
                "facts": ours.facts or theirs.facts,
                "overrides": overrides,
                "uses": uses,
                "pairs": _pick(base.pairs if base is not None else (), ours.pairs, theirs.pairs),
                "planes": ours.planes if ours.planes is not None else theirs.planes,
            }
        )


def _aligned(ours: Dataset, theirs: Dataset) -> Dataset:
    """Return our record, begun apart from theirs, with their ids for what is the same."""
    renamed: dict[str, Any] = {}
    for kind in type(ours.uses).model_fields:
        pool = POOLS[kind]
        mine, yours = getattr(ours.uses, kind), getattr(theirs.uses, kind)
        if mine is not None and yours is not None:
            renamed[pool] = tuple(
                block.model_copy(update={"id": yours}) if block.id == mine else block
                for block in getattr(ours, pool)
            )
    known = {source.path: source for source in theirs.sources}
    renamed["sources"] = tuple(
        _renamed(source, known[source.path]) if source.path in known else source
        for source in ours.sources
    )
    ids = {
        image.id: known_image.id
        for source in ours.sources
        if source.path in known
        for image, known_image in _pairs(source, known[source.path])
    }
    renamed["notes"] = tuple(
        note.model_copy(update={"image": ids.get(note.image, note.image)}) for note in ours.notes
    )
    return ours.model_copy(update=renamed)


def _pairs(ours: ImageSource, theirs: ImageSource) -> list[tuple[Image, Image]]:
    """Return the images that both have, by their number in the source."""
    known = {image.index: image for image in theirs.images}
    return [(image, known[image.index]) for image in ours.images if image.index in known]


def _renamed(ours: ImageSource, theirs: ImageSource) -> ImageSource:
    ids = {image.index: image.id for image in theirs.images}
    images = tuple(
        image.model_copy(update={"id": ids.get(image.index, image.id)}) for image in ours.images
    )
    return ours.model_copy(update={"id": theirs.id, "images": images})


def _by_id(things: Sequence[Any]) -> dict[str, Any]:
    return {thing.id: thing for thing in things}


def _same(mine: Recorded[Any] | None, yours: Recorded[Any] | None) -> bool:
    if mine is None or yours is None:
        return mine is yours
    return mine.value == yours.value and mine.state == yours.state


def _uses(ours: Dataset, theirs: Dataset) -> Any:
    """Return default links of two records that were begun apart: theirs, ours where they lack."""
    stated = theirs.uses.model_dump(exclude_none=True)
    return theirs.uses.model_copy(update={**ours.uses.model_dump(exclude_none=True), **stated})
