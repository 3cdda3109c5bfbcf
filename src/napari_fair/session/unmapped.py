"""Free text where a term is wanted: where it stands, and terms in its place everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import is_
from typing import Any

from napari_fair.model import (
    POOLS,
    Block,
    Dataset,
    Facts,
    Field,
    Image,
    ImageSource,
    Kind,
    Recorded,
    Term,
    fields,
    split_path,
)
from napari_fair.model.recorded import Frozen
from napari_fair.session.blocks import images_by_block


class Mapping(Frozen):
    """A free text of one field, and the term that is meant by it."""

    field: str
    text: str
    term: Term


@dataclass(frozen=True)
class FreeText:
    """A text that is not yet a term.

    Attributes
    ----------
    field
        The field that it stands in.
    images
        How many images have it, by themselves or through a block they use.
    """

    field: Field
    text: str
    images: int


def unmapped(dataset: Dataset) -> list[FreeText]:
    """Return all free texts of a record, those of most images first."""
    found: dict[tuple[str, str], int] = {}

    def count(path: str, recorded: Recorded[Any] | None, images: int) -> None:
        for text in _free(recorded):
            key = (split_path(path)[0], text)
            found[key] = found.get(key, 0) + images

    total = sum(len(source.images) for source in dataset.sources)
    used_by = {kind: images_by_block(dataset, kind) for kind in POOLS}
    for kind, block in _blocks(dataset):
        used = total if kind == "study" else used_by[kind][block.id]
        for attribute, recorded in block.recorded():
            count(f"{kind}.{attribute}", recorded, used)
    for path, recorded in dataset.defaults.items():
        count(path, recorded, total)
    for source in dataset.sources:
        for path, recorded in source.overrides.items():
            count(path, recorded, len(source.images))
        for image in source.images:
            for path in _term_paths(image.facts) | _term_paths(image.overrides):
                count(path, image.overrides.get(path) or image.facts[path], 1)
    listed = [FreeText(fields()[path], text, images) for (path, text), images in found.items()]
    return sorted(listed, key=lambda each: (-each.images, each.field.label, each.text.casefold()))


def mapped(dataset: Dataset, mappings: Iterable[Mapping]) -> Dataset:
    """Return the record with terms in the place of free texts, wherever they stand.

    What a file says stays as it is: its images get the term as a value of their own.
    """
    terms = {(each.field, each.text): each.term for each in mappings}

    def put(path: str, recorded: Recorded[Any]) -> Recorded[Any]:
        return _replaced(recorded, split_path(path)[0], terms)

    def block(kind: str, known: Block) -> Block:
        update = {
            name: new
            for name, recorded in known.recorded()
            if (new := put(f"{kind}.{name}", recorded)) is not recorded
        }
        return known.model_copy(update=update) if update else known

    pools = {
        pool: tuple(block(kind, each) for each in getattr(dataset, pool))
        for kind, pool in POOLS.items()
    }
    return dataset.model_copy(
        update={
            **pools,
            "study": block("study", dataset.study),
            "defaults": _all(dataset.defaults, put),
            "sources": tuple(_source(source, put) for source in dataset.sources),
        }
    )


def images_saying(dataset: Dataset, mappings: Iterable[Mapping]) -> list[str]:
    """Return the ids of images that hold one of the texts themselves or through their file."""
    wanted = {(each.field, each.text) for each in mappings}

    def says(facts: Facts) -> bool:
        return any(
            (split_path(path)[0], text) in wanted
            for path in _term_paths(facts)
            for text in _free(facts[path])
        )

    return [
        image.id
        for source in dataset.sources
        for image in source.images
        if says(image.facts) or says(image.overrides) or says(source.overrides)
    ]


_Put = Callable[[str, Recorded[Any]], Recorded[Any]]


def _source(source: ImageSource, put: _Put) -> ImageSource:
    images = tuple(_image(image, put) for image in source.images)
    overrides = _all(source.overrides, put)
    if overrides is source.overrides and all(map(is_, images, source.images)):
        return source
    return source.model_copy(update={"images": images, "overrides": overrides})


def _image(image: Image, put: _Put) -> Image:
    overrides = _all(image.overrides, put)
    for path in _term_paths(image.facts):
        fact = image.facts[path]
        if path not in overrides and (new := put(path, fact)) is not fact:
            overrides = {**overrides, path: new}
    if overrides is image.overrides:
        return image
    return image.model_copy(update={"overrides": overrides})


def _all(facts: Facts, put: _Put) -> Facts:
    """Return values with terms put in; the same object when there is nothing to put."""
    changed = {
        path: new
        for path in _term_paths(facts)
        if (new := put(path, facts[path])) is not facts[path]
    }
    return {**facts, **changed} if changed else facts


def _replaced(
    recorded: Recorded[Any], path: str, terms: dict[tuple[str, str], Term]
) -> Recorded[Any]:
    chosen = [terms[path, text] for text in _free(recorded) if (path, text) in terms]
    if not chosen:
        return recorded
    value: Any = recorded.value
    if isinstance(value, tuple):
        new = (terms.get((path, each.label), each) if not each.iri else each for each in value)
        value = tuple(dict.fromkeys(new))
    else:
        value = chosen[0]
    return recorded.model_copy(update={"value": value}).replacing(recorded)


def _free(recorded: Recorded[Any] | None) -> Iterator[str]:
    value = recorded.value if recorded is not None else None
    for term in value if isinstance(value, tuple) else (value,):
        if isinstance(term, Term) and not term.iri:
            yield term.label


def _term_paths(facts: Facts) -> set[str]:
    """Return the few paths at which terms stand: most of what files say are numbers."""
    return set(filter(_of_terms, facts))


@lru_cache(maxsize=4096)
def _of_terms(path: str) -> bool:
    return fields()[split_path(path)[0]].kind in (Kind.TERM, Kind.TERMS)


def _blocks(dataset: Dataset) -> Iterator[tuple[str, Block]]:
    yield "study", dataset.study
    for kind, pool in POOLS.items():
        for block in getattr(dataset, pool):
            yield kind, block
