"""Which value holds for an image: its own, its source's, a shared block's, or the file's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from napari_fair.model.dataset import POOLS, Dataset
from napari_fair.model.fields import Block, split_path
from napari_fair.model.image import Facts, Image, ImageSource
from napari_fair.model.origin import Recorded
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
    links = [part.uses for part in (image, source, dataset) if part is not None]
    id = next((used for link in links if (used := getattr(link, block, None)) is not None), None)
    pool: tuple[Block, ...] = getattr(dataset, POOLS[block]) if block in POOLS else ()
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
