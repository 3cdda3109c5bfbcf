"""What a save would change in the record, field by field, in the form's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from napari_fair.model import Dataset, Image, ImageSource, field, resolved, split_path


class Change(NamedTuple):
    """A field's label and its texts before and after; empty when there is none."""

    label: str
    before: str
    after: str


def changes(before: Dataset | None, after: Dataset, source_id: str) -> list[Change]:
    """Return how one source's record changes.

    Parameters
    ----------
    before
        The record on disk, None when there is none.
    after
        The record to write.
    source_id
        The source whose images are compared, in `after`.
    """
    found = next((source for source in after.sources if source.id == source_id), None)
    if found is None:
        return []
    several = len(found.images) > 1
    listed: list[Change] = []
    for image in found.images:
        old = _texts(before, image.id)
        for label, text in _texts(after, image.id).items():
            if old.get(label, "") != text:
                name = f"{label} (image {image.index + 1})" if several else label
                listed.append(Change(name, old.get(label, ""), text))
    return listed


def _texts(dataset: Dataset | None, image_id: str) -> dict[str, str]:
    """Return label and text of everything that is known about an image."""
    held = dataset.image(image_id) if dataset is not None else None
    return dict(_labelled(dataset, *held)) if dataset is not None and held else {}


def _labelled(dataset: Dataset, source: ImageSource, image: Image) -> Iterator[tuple[str, str]]:
    from napari_fair.session import text_of

    for path, held in resolved(dataset, source, image):
        name, index = split_path(path)
        declared = field(name)
        label = declared.label if index is None else f"{declared.label} {index + 1}"
        yield label, text_of(dataset, declared, held.recorded) or held.recorded.state.value
