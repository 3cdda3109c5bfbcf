"""Which value holds for an image: its own, its source's, a shared block's, or the file's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from napari_fair.model.blocks import Block
from napari_fair.model.dataset import POOLS, Dataset
from napari_fair.model.declaration import split_path
from napari_fair.model.image import Facts, Image, ImageSource, Uses
from napari_fair.model.recorded import Recorded
from napari_fair.model.registry import fields


@dataclass(frozen=True)
class Held:
    """A value in force, and the level that holds it: image, source, study, dataset or file."""

    recorded: Recorded[Any]
    level: str

    @property
    def value(self) -> Any:
        """The value itself, None when there is none."""
        return self.recorded.value


def linked_block(
    dataset: Dataset, source: ImageSource | None, image: Image | None, block: str
) -> Block | None:
    """Return the shared block of a kind (``biosample`` ...) that an image is linked to."""
    if block == "study":
        return dataset.study
    if block == "instrument":
        held = resolve(dataset, source, image, "acquisition.instrument")
        return dataset.instrument(held.value) if held and held.value else None
    if block not in POOLS:
        return None
    id = _link(block, *(part.uses for part in (image, source, dataset) if part is not None))
    pool: tuple[Block, ...] = getattr(dataset, POOLS[block])
    return next((candidate for candidate in pool if candidate.id == id), None)


def resolve(
    dataset: Dataset, source: ImageSource | None, image: Image | None, path: str
) -> Held | None:
    """Return the value in force for a field of an image, or None when nobody said anything.

    A person's override of the image goes first, then that of the source, then the shared block
    the image is linked to, then what the file says, then what was said for all images alike.
    Without an image, what images would inherit.
    """
    if image is not None and path in image.overrides:
        return Held(image.overrides[path], "image")
    if source is not None and path in source.overrides:
        return Held(source.overrides[path], "source")
    name = split_path(path)[0]
    block_name, attribute = name.split(".")
    if not fields()[name].per_image:
        block = linked_block(dataset, source, image, block_name)
        recorded = getattr(block, attribute) if block is not None else None
        if recorded is not None:
            return Held(recorded, "study" if block_name == "study" else "dataset")
    if image is not None and path in image.facts:
        return Held(image.facts[path], "file")
    if path in dataset.defaults:
        return Held(dataset.defaults[path], "dataset")
    return None


def resolve_all(
    dataset: Dataset, images: Sequence[tuple[ImageSource, Image]], path: str
) -> Iterator[Recorded[Any] | None]:
    """Yield for each of many images what `resolve` gives for a field, without the level.

    Shared blocks are looked up once, which makes it several times as fast.
    """
    name = split_path(path)[0]
    block_name, attribute = name.split(".")
    shared = not fields()[name].per_image
    blocks = _linked_blocks(dataset, images, block_name) if shared else repeat(None)
    default = dataset.defaults.get(path)
    for (source, image), block in zip(images, blocks, strict=False):
        if path in image.overrides:
            yield image.overrides[path]
        elif path in source.overrides:
            yield source.overrides[path]
        elif block is not None and (recorded := getattr(block, attribute)) is not None:
            yield recorded
        else:
            yield image.facts.get(path, default)


def _linked_blocks(
    dataset: Dataset, images: Sequence[tuple[ImageSource, Image]], block: str
) -> Iterable[Block | None]:
    """Return for each image what `linked_block` gives."""
    if block == "study":
        return repeat(dataset.study)
    ids: Iterator[Any]
    if block == "instrument":
        links = resolve_all(dataset, images, "acquisition.instrument")
        ids = (recorded.value if recorded is not None else None for recorded in links)
    else:
        ids = (_link(block, image.uses, source.uses, dataset.uses) for source, image in images)
    pool: Iterable[Block] = reversed(getattr(dataset, POOLS[block]))
    known = {candidate.id: candidate for candidate in pool}
    return (known.get(id) for id in ids)


def _link(block: str, *uses: Uses) -> str | None:
    return next((id for each in uses if (id := getattr(each, block)) is not None), None)


def resolved(dataset: Dataset, source: ImageSource, image: Image) -> Iterator[tuple[str, Held]]:
    """Yield path and value in force of everything that is known about an image."""
    repeated = sorted(
        {path for part in _holding(dataset, source, image) for path in part if _indexed(path)},
        key=lambda path: (path.split(".")[0], split_path(path)[1] or 0),
    )
    plain = [name for name, field in fields().items() if not field.repeated]
    for path in [*plain, *repeated]:
        held = resolve(dataset, source, image, path)
        if held is not None:
            yield path, held


def _holding(dataset: Dataset, source: ImageSource, image: Image) -> list[Facts]:
    return [image.facts, source.overrides, image.overrides, dataset.defaults]


def _indexed(path: str) -> bool:
    return split_path(path)[1] is not None
