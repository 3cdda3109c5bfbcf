"""Changes of a record, each a new record."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from typing import Any

from napari_fair.model import (
    POOLS,
    SHARED_BLOCKS,
    Block,
    Conflict,
    Dataset,
    Facts,
    Field,
    Image,
    ImageSource,
    Recorded,
    derived_id,
    field,
    linked_block,
    resolve,
    split_path,
)
from napari_fair.session.texts import InvalidValue


def set_shared(
    dataset: Dataset, path: str, recorded: Recorded[Any] | None, of: str | None = None
) -> Dataset:
    """Return the record with a value of a block that images share; None takes it away.

    Parameters
    ----------
    of
        The image whose block is meant; without it the one that images use by default.
    """
    kind, attribute = field(path).name.split(".")
    dataset, block = with_block_of(dataset, kind, of)
    return _with_value(dataset, kind, block, attribute, recorded)


def _with_value(
    dataset: Dataset, kind: str, block: Block, attribute: str, recorded: Recorded[Any] | None
) -> Dataset:
    if recorded is not None:
        recorded = recorded.replacing(getattr(block, attribute))
    return with_block(dataset, kind, block.model_copy(update={attribute: recorded}))


def with_block(dataset: Dataset, kind: str, block: Block) -> Dataset:
    """Return the record with a block put in place of the one with its id."""
    if kind == "study":
        return dataset.model_copy(update={"study": block})
    pool = tuple(block if b.id == block.id else b for b in getattr(dataset, POOLS[kind]))
    return dataset.model_copy(update={POOLS[kind]: pool})


def set_default(dataset: Dataset, path: str, recorded: Recorded[Any] | None) -> Dataset:
    """Return the record with a value for all images whose file says nothing; None drops it."""
    defaults = {name: value for name, value in dataset.defaults.items() if name != path}
    if recorded is not None:
        defaults[path] = recorded.replacing(dataset.defaults.get(path))
    return dataset.model_copy(update={"defaults": defaults})


def set_override(
    dataset: Dataset, path: str, image: str, recorded: Recorded[Any] | None
) -> Dataset:
    """Return the record with a value for one image alone; None drops it."""
    source, found = image_of(dataset, image)
    overrides = dict(found.overrides)
    before = resolve(dataset, source, found, path)
    if recorded is None:
        overrides.pop(path, None)
    else:
        overrides[path] = recorded.replacing(before.recorded if before else None)
    return with_image(dataset, source, found.model_copy(update={"overrides": overrides}))


def put_many(dataset: Dataset, values: Mapping[str, Mapping[str, Recorded[Any] | None]]) -> Dataset:
    """Return the record with values of many images, by image id and path; None drops one.

    Fields of the study are set for all; the others become overrides of their image.
    """
    for changes in values.values():
        for path, recorded in changes.items():
            if path.startswith("study."):
                dataset = set_shared(dataset, path, recorded)
    held = (dataset.image(image) for image in values)
    touched = {source.id: source for source, _ in filter(None, held)}
    changed = {
        id: source.model_copy(
            update={
                "images": tuple(
                    _overridden(dataset, source, image, values.get(image.id, {}))
                    for image in source.images
                )
            }
        )
        for id, source in touched.items()
    }
    sources = tuple([changed.get(source.id, source) for source in dataset.sources])
    return dataset.model_copy(update={"sources": sources})


def _overridden(
    dataset: Dataset,
    source: ImageSource,
    image: Image,
    changes: Mapping[str, Recorded[Any] | None],
) -> Image:
    overrides = dict(image.overrides)
    for path, recorded in changes.items():
        if path.startswith("study."):
            continue
        before = resolve(dataset, source, image, path)
        if recorded is None:
            overrides.pop(path, None)
        else:
            overrides[path] = recorded.replacing(before.recorded if before else None)
    return image.model_copy(update={"overrides": overrides})


def with_source(dataset: Dataset, source: ImageSource) -> Dataset:
    """Return the record with a source added, or put in place of the one with its id."""
    others = [known for known in dataset.sources if known.id != source.id]
    insort(others, source, key=lambda each: each.path)
    return dataset.model_copy(update={"sources": tuple(others)})


def with_sources(dataset: Dataset, sources: Iterable[ImageSource]) -> Dataset:
    """Return the record with sources added, or put in place of those with their ids."""
    by_id = {source.id: source for source in (*dataset.sources, *sources)}
    ordered = sorted(by_id.values(), key=lambda each: each.path)
    return dataset.model_copy(update={"sources": tuple(ordered)})


def with_image(dataset: Dataset, source: ImageSource, image: Image) -> Dataset:
    """Return the record with an image of a source put in place of the one with its id."""
    images = tuple(image if known.id == image.id else known for known in source.images)
    return with_source(dataset, source.model_copy(update={"images": images}))


def image_of(dataset: Dataset, image: str) -> tuple[ImageSource, Image]:
    """Return an image and its source.

    Raises
    ------
    KeyError
        If the record has no image of this id.
    """
    found = dataset.image(image)
    if found is None:
        raise KeyError(image)
    return found


def pruned(dataset: Dataset) -> Dataset:
    """Return the record without people and instruments that nothing refers to."""
    told = dict(dataset.study.recorded())
    values: list[Recorded[Any]] = [*told.values()]
    for pool in POOLS.values():
        values += [value for block in getattr(dataset, pool) for _, value in block.recorded()]
    for part in _with_facts(dataset):
        values += part.values()
    for conflict in dataset.conflicts:
        values += conflict.candidates
    named = {id for value in values for id in _ids(value)}
    named |= {step.agent for step in dataset.steps}
    return dataset.model_copy(
        update={
            "people": tuple(person for person in dataset.people if person.id in named),
            "instruments": tuple(i for i in dataset.instruments if i.id in named),
        }
    )


def declared_field(path: str) -> Field:
    """Return the declaration of the field that a path names; raises `InvalidValue` for none."""
    try:
        return field(split_path(path)[0])
    except ValueError as problem:
        raise InvalidValue(str(problem)) from None


def for_field(path: str, image: str | None) -> str | None:
    """Return the image if the field is one of images, None if it is one that images share."""
    return image if declared_field(path).per_image else None


def put(
    dataset: Dataset,
    path: str,
    image: str | None,
    recorded: Recorded[Any] | None,
    of: str | None = None,
) -> Dataset:
    """Return the record with a value where it belongs: the image's own, or the shared block's.

    `of` names the image whose shared block is meant, see `set_shared`.
    """
    declared = declared_field(path)
    if image is not None and declared.block != "study":
        return set_override(dataset, path, image, recorded)
    if declared.per_image:
        return set_default(dataset, path, recorded)
    try:
        return set_shared(dataset, path, recorded, of)
    except ValueError as problem:
        raise InvalidValue(str(problem)) from None


def only(dataset: Dataset, scope: set[str]) -> Dataset:
    """Return the record with these sources alone."""
    left_out = {i.id for s in dataset.sources if s.id not in scope for i in s.images}
    return dataset.model_copy(
        update={
            "sources": tuple(s for s in dataset.sources if s.id in scope),
            "conflicts": tuple(c for c in dataset.conflicts if c.subject not in left_out),
        }
    )


def with_sources_of(dataset: Dataset, now: Dataset) -> Dataset:
    """Return an earlier record with sources that were opened since: opening is not undone."""
    known = {source.id: source for source in dataset.sources}
    sources = [
        with_facts_of(known[source.id], source) if source.id in known else source
        for source in now.sources
    ]
    gone = {source.id for source in now.sources}
    sources += [source for source in dataset.sources if source.id not in gone]
    ordered = tuple(sorted(sources, key=lambda each: each.path))
    return dataset.model_copy(update={"sources": ordered})


def with_facts_of(source: ImageSource, now: ImageSource) -> ImageSource:
    """Return an earlier source with what its files say now: reading them is not undone."""
    if _read_alike(source, now) or source.path != now.path:
        return source
    before = {image.index: image for image in source.images}
    images = tuple(
        image.model_copy(
            update={
                "overrides": before[image.index].overrides if image.index in before else {},
                "uses": before[image.index].uses if image.index in before else image.uses,
                "pairs": before[image.index].pairs if image.index in before else image.pairs,
            }
        )
        for image in now.images
    )
    told = {"overrides": source.overrides, "uses": source.uses, "images": images}
    return now.model_copy(update=told)


def _read_alike(source: ImageSource, now: ImageSource) -> bool:
    """Whether nothing was read of a source in between; edits leave these objects alone."""
    if source is now:
        return True
    alike = (
        source.files is now.files
        and source.sidecar is now.sidecar
        and source.states is now.states
        and source.format == now.format
        and source.store is now.store
        and len(source.images) == len(now.images)
    )
    for before, after in zip(source.images, now.images, strict=False) if alike else ():
        alike = alike and before.facts is after.facts and before.planes is after.planes
    return alike or source == now


def decided(dataset: Dataset, conflict: Conflict, choice: Recorded[Any]) -> Dataset:
    """Return the record with the chosen value where the conflict is about."""
    if dataset.image(conflict.subject) is not None:
        return set_override(dataset, conflict.path, conflict.subject, choice)
    source = next((s for s in dataset.sources if s.id == conflict.subject), None)
    if source is not None:
        overrides = {**source.overrides, conflict.path: choice}
        return with_source(dataset, source.model_copy(update={"overrides": overrides}))
    if declared_field(conflict.path).per_image:
        return set_default(dataset, conflict.path, choice)
    kind, attribute = conflict.path.split(".")
    pool: tuple[Block, ...] = getattr(dataset, POOLS[kind]) if kind in POOLS else ()
    meant = next((block for block in pool if block.id == conflict.subject), None)
    if meant is not None:
        return _with_value(dataset, kind, meant, attribute, choice)
    return set_shared(dataset, conflict.path, choice)


def _with_facts(dataset: Dataset) -> list[Facts]:
    images = [image for source in dataset.sources for image in source.images]
    return [
        dataset.defaults,
        *(source.overrides for source in dataset.sources),
        *(part for image in images for part in (image.facts, image.overrides)),
    ]


def _ids(recorded: Recorded[Any]) -> list[str]:
    value = recorded.value
    if isinstance(value, str):
        return [value]
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, tuple) else []


def link_in_force(
    dataset: Dataset, source: ImageSource | None, image: Image | None, *, kind: str
) -> str | None:
    """Return the id that an image is linked to by itself, its source or the dataset.

    Instruments are no links but values of acquisitions: there is none for them.
    """
    links = (part.uses for part in (image, source, dataset) if part is not None)
    return next((id for link in links if (id := getattr(link, kind, None)) is not None), None)


def with_block_of(dataset: Dataset, name: str, of: str | None) -> tuple[Dataset, Block]:
    """Return the block of a kind that an image (or images by default) uses, made if need be."""
    if name not in SHARED_BLOCKS:
        raise ValueError(f"{name} holds facts of an image: name the image.")
    source, found = image_of(dataset, of) if of is not None else (None, None)
    block = linked_block(dataset, source, found, name)
    if block is not None:
        return dataset, block
    if name == "instrument":
        if len(dataset.instruments) == 1:
            return dataset, dataset.instruments[0]
        raise ValueError("Say which instrument first (acquisition.instrument).")
    id = link_in_force(dataset, source, found, kind=name)
    if id is None:
        id = derived_id(dataset.id, name)
        uses = dataset.uses.model_copy(update={name: id})
        dataset = dataset.model_copy(update={"uses": uses})
    pool: tuple[Block, ...] = getattr(dataset, POOLS[name])
    known = next((block for block in pool if block.id == id), None)
    if known is not None:
        return dataset, known
    made = SHARED_BLOCKS[name](id=id)
    return dataset.model_copy(update={POOLS[name]: (*pool, made)}), made
