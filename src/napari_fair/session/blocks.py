"""Blocks that images share: what they are called, which image uses which, and linking them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
    Uses,
    fields,
    linked_block,
)
from napari_fair.session.edits import image_of, link_in_force, with_block_of
from napari_fair.session.texts import InvalidValue, text_of

INSTRUMENT = "acquisition.instrument"
"""Instruments are chosen by this value of acquisitions, all other blocks by links."""

WORDS = {
    "component": "component",
    "biosample": "sample",
    "specimen": "specimen",
    "acquisition": "acquisition",
    "annotation": "annotation method",
    "correlation": "correlation",
    "analysis": "analysis",
    "instrument": "instrument",
}
"""What people call a block of each kind."""

_TOLD = frozenset({Kind.TEXT, Kind.TERM, Kind.TERMS, Kind.TEXTS, Kind.LONG_TEXT, Kind.CHOICE})
_LONGEST = 44


@dataclass(frozen=True)
class BlockUse:
    """A block and how many images use it.

    Attributes
    ----------
    name
        Its label, or what its first values say.
    images
        How many images use it, by themselves or as their source or the dataset does.
    default
        Whether images use it unless they say otherwise.
    """

    id: str
    name: str
    label: str
    images: int
    default: bool


def pool_of(dataset: Dataset, kind: str) -> tuple[Block, ...]:
    """Return all blocks of a kind."""
    found: tuple[Block, ...] = getattr(dataset, POOLS[kind])
    return found


def block_at(dataset: Dataset, kind: str, id: str) -> Block:
    """Return a block by its id; raises `InvalidValue` if there is none."""
    blocks = (dataset.study,) if kind == "study" else pool_of(dataset, kind)
    found = next((block for block in blocks if block.id == id), None)
    if found is None:
        raise InvalidValue(f"This {WORDS.get(kind, kind)} is no longer there: choose another one.")
    return found


def block_used(dataset: Dataset, kind: str, image: str | None) -> Block | None:
    """Return the block that an image, or by default all images, uses."""
    source, found = image_of(dataset, image) if image is not None else (None, None)
    return linked_block(dataset, source, found, kind)


def block_name(dataset: Dataset, kind: str, block: Block) -> str:
    """Return what a block is called: its label, or else what its first values say."""
    if block.label:
        return block.label
    texts = [_short(dataset, declared, block) for declared in _telling(kind)]
    said = ", ".join([text for text in texts if text][:2])
    if not said:
        return f"Unnamed {WORDS.get(kind, kind)}"
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1].rstrip()}…"


def _telling(kind: str) -> list[Field]:
    return [f for f in fields().values() if f.block == kind and f.kind in _TOLD]


def _short(dataset: Dataset, declared: Field, block: Block) -> str:
    recorded = getattr(block, declared.attribute)
    if recorded is None or not recorded.given:
        return ""
    return text_of(dataset, declared, recorded).split(" <")[0].split("\n")[0]


def uses_of(dataset: Dataset, kind: str) -> list[BlockUse]:
    """Return all blocks of a kind with the number of images that use each."""
    used = images_by_block(dataset, kind)
    default = linked_block(dataset, None, None, kind)
    return [
        BlockUse(
            block.id,
            block_name(dataset, kind, block),
            block.label,
            used[block.id],
            default is not None and block.id == default.id,
        )
        for block in pool_of(dataset, kind)
    ]


def images_by_block(dataset: Dataset, kind: str) -> Counter[str]:
    """Count the images that use each block of a kind, by the block's id."""
    total, apart = _apart(dataset.sources)
    usual = linked_block(dataset, None, None, kind)
    count: Counter[str] = Counter()
    if usual is not None and total > len(apart):
        count[usual.id] = total - len(apart)
    for source, image in apart:
        block = linked_block(dataset, source, image, kind)
        if block is not None:
            count[block.id] += 1
    return count


_Apart = tuple[int, list[tuple[ImageSource, Image]]]
_last: tuple[tuple[ImageSource, ...], _Apart] = ((), (0, []))


def _apart(sources: tuple[ImageSource, ...]) -> _Apart:
    """Return the number of images, and those that may not use what all use by default.

    The last answer is kept: forms ask for each kind of block after every edit.
    """
    global _last
    known, answer = _last
    if known is not sources:
        total = sum(len(source.images) for source in sources)
        found = [(s, i) for s in sources for i in s.images if _chooses(s) or _chooses(i)]
        answer = (total, found)
        _last = (sources, answer)
    return answer


def _chooses(part: ImageSource | Image) -> bool:
    return INSTRUMENT in part.overrides or any(part.uses.__dict__.values())


def image_count(dataset: Dataset) -> int:
    """Return how many images a record has."""
    return sum(len(source.images) for source in dataset.sources)


def removable(dataset: Dataset, kind: str, id: str) -> bool:
    """Return whether nothing uses a block, so that it can go."""
    if images_by_block(dataset, kind)[id]:
        return False
    default = linked_block(dataset, None, None, kind)
    alone = not image_count(dataset)
    return not (alone and default is not None and default.id == id)


def checked_label(dataset: Dataset, kind: str, label: str, id: str = "") -> str:
    """Return a label without blanks around it.

    Raises
    ------
    InvalidValue
        If it is empty or another block of the kind has it.
    """
    label = " ".join(label.split())
    if not label:
        raise InvalidValue(f"The {WORDS[kind]} needs a name, e.g. what tells it from the others.")
    for block in pool_of(dataset, kind):
        if block.id != id and block.label.casefold() == label.casefold():
            raise InvalidValue(f"There is already one called “{label}”: choose another name.")
    return label


def free_label(dataset: Dataset, kind: str, label: str) -> str:
    """Return a label that no block of the kind has, with a number at its end if need be."""
    known = {block.label.casefold() for block in pool_of(dataset, kind)}
    number, found = 1, label
    while found.casefold() in known:
        number += 1
        found = f"{label} {number}"
    return found


# ---- linking --------------------------------------------------------------------------------


def linked(dataset: Dataset, image: str | None, links: Mapping[str, str]) -> Dataset:
    """Return the record with an image linked to blocks, by kind and id."""
    for kind, id in links.items():
        if image is not None:
            dataset = used_by_image(dataset, kind, id, image)
    return dataset


def used_by_image(dataset: Dataset, kind: str, id: str, image: str) -> Dataset:
    """Return the record with one image using a block."""
    block_at(dataset, kind, id)
    source, found = image_of(dataset, image)
    if kind == "instrument":
        inherited = linked_block(dataset, source, _without(found, INSTRUMENT), kind)
        overrides = _chosen(found.overrides, inherited, id)
        changed = found.model_copy(update={"overrides": overrides})
    else:
        above = link_in_force(dataset, source, None, kind=kind)
        changed = found.model_copy(update={"uses": _with(found.uses, kind, id, above)})
    return _replacing(dataset, lambda s: _image_replaced(s, changed) if s.id == source.id else s)


def used_by_source(dataset: Dataset, kind: str, id: str, source: str) -> Dataset:
    """Return the record with all images of a source using a block."""
    block_at(dataset, kind, id)
    if not any(known.id == source for known in dataset.sources):
        raise InvalidValue("This file is no longer in the record: choose another one.")
    if kind == "instrument":
        usual = linked_block(dataset, None, None, kind)
        return _replacing(
            dataset,
            lambda s: (
                _cleared_of(s, kind).model_copy(
                    update={"overrides": _chosen(s.overrides, usual, id)}
                )
                if s.id == source
                else s
            ),
        )
    usual_id = getattr(dataset.uses, kind)
    return _replacing(
        dataset,
        lambda s: (
            _cleared_of(s, kind).model_copy(update={"uses": _with(s.uses, kind, id, usual_id)})
            if s.id == source
            else s
        ),
    )


def used_by_all(dataset: Dataset, kind: str, id: str) -> Dataset:
    """Return the record with all images using a block, now and when more are added."""
    block_at(dataset, kind, id)
    dataset = _replacing(dataset, lambda s: _cleared_of(s, kind))
    if kind != "instrument":
        uses = dataset.uses.model_copy(update={kind: id})
        return dataset.model_copy(update={"uses": uses})
    dataset, _ = with_block_of(dataset, "acquisition", None)
    acquisitions = tuple(
        block.model_copy(update={"instrument": Recorded(value=id).replacing(block.instrument)})
        for block in dataset.acquisitions
    )
    return dataset.model_copy(update={"acquisitions": acquisitions})


def _with(uses: Uses, kind: str, id: str, above: str | None) -> Uses:
    return uses.model_copy(update={kind: None if id == above else id})


def _chosen(overrides: Facts, inherited: Block | None, id: str) -> Facts:
    """Return overrides that choose an instrument, unless it is inherited anyhow."""
    rest = {path: value for path, value in overrides.items() if path != INSTRUMENT}
    if inherited is not None and inherited.id == id:
        return rest
    return {**rest, INSTRUMENT: Recorded(value=id).replacing(overrides.get(INSTRUMENT))}


def _without(image: Image, path: str) -> Image:
    rest = {name: value for name, value in image.overrides.items() if name != path}
    return image.model_copy(update={"overrides": rest})


def _cleared_of(source: ImageSource, kind: str) -> ImageSource:
    """Return a source that, as its images, uses what the dataset does."""
    if not (_chooses(source) or any(map(_chooses, source.images))):
        return source
    images = tuple(_image_cleared_of(image, kind) for image in source.images)
    if kind == "instrument":
        rest = {path: value for path, value in source.overrides.items() if path != INSTRUMENT}
        return source.model_copy(update={"images": images, "overrides": rest})
    uses = source.uses.model_copy(update={kind: None})
    return source.model_copy(update={"images": images, "uses": uses})


def _image_cleared_of(image: Image, kind: str) -> Image:
    if kind == "instrument":
        return _without(image, INSTRUMENT) if INSTRUMENT in image.overrides else image
    if getattr(image.uses, kind) is None:
        return image
    return image.model_copy(update={"uses": image.uses.model_copy(update={kind: None})})


def _image_replaced(source: ImageSource, image: Image) -> ImageSource:
    images = tuple(image if known.id == image.id else known for known in source.images)
    return source.model_copy(update={"images": images})


def _replacing(dataset: Dataset, change: Callable[[ImageSource], ImageSource]) -> Dataset:
    return dataset.model_copy(update={"sources": tuple(map(change, dataset.sources))})
