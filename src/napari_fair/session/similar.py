"""What an image has in common with the last one: what can be taken over, and what differs."""

from __future__ import annotations

from typing import Any

from napari_fair.model import (
    POOLS,
    Dataset,
    Image,
    ImageSource,
    Recorded,
    Uses,
    field,
    fields,
    resolve,
)
from napari_fair.model.declaration import split_path
from napari_fair.session.edits import link_in_force
from napari_fair.session.table import Change
from napari_fair.session.texts import text_of

_ITS_OWN = frozenset(
    f"image.{attribute}"
    for attribute in ("name", "acquisition_date", "well", "stage_x", "stage_y", "stage_z")
)
"""What tells an image from all others: never taken over."""

Place = tuple[Dataset, ImageSource, Image]
"""An image in the record that it is in."""


def taken_over(last: Place, now: Place) -> list[Change]:
    """Return what makes an image as the last one was, without touching what is known of it.

    Of the same record, values that a person gave the last image alone; shared blocks are shared
    anyhow. Of another record, everything that was said there. What a person said of this image
    stays, and so does what its file says, unless the last file said the same and a person put it
    right. A change without an image is one of the blocks that images share.
    """
    found = _own_values(last, now)
    if last[0].id != now[0].id:
        found += _shared_values(last, now)
    return found


def links_taken_over(last: Place, now: Place) -> dict[str, str]:
    """Return the blocks that an image must use to be as the last one was, id by kind.

    What this image was linked to by a person stays; blocks of another record are not linked.
    """
    if last[0].id != now[0].id:
        return {}
    found: dict[str, str] = {}
    for kind in Uses.model_fields:
        used = link_in_force(*last, kind=kind)
        known = any(block.id == used for block in getattr(now[0], POOLS[kind]))
        own = getattr(now[2].uses, kind) is not None
        if used is not None and known and not own and used != link_in_force(*now, kind=kind):
            found[kind] = used
    return found


def _own_values(last: Place, now: Place) -> list[Change]:
    before, source, image = last
    said = {**before.defaults, **source.overrides, **image.overrides}
    if before.id == now[0].id:
        said = dict(image.overrides)
    return [
        Change(now[2].id, path, "", _text(before, path, recorded))
        for path, recorded in said.items()
        if path not in _ITS_OWN and _fits(path, last, now)
    ]


def _shared_values(last: Place, now: Place) -> list[Change]:
    held = {
        name: resolve(*last, name) for name, declared in fields().items() if not declared.per_image
    }
    return [
        Change("", name, "", _text(last[0], name, one.recorded))
        for name, one in held.items()
        if one is not None and one.level != "image" and resolve(*now, name) is None
    ]


def _fits(path: str, last: Place, now: Place) -> bool:
    """Return whether a value of the last image holds as well for this one."""
    image = now[2]
    if path in image.overrides or not _same_channel(path, last, now):
        return False
    fact, before = image.facts.get(path), last[2].facts.get(path)
    return fact is None or (before is not None and fact.value == before.value)


def _same_channel(path: str, last: Place, now: Place) -> bool:
    """Return whether a channel is there in both images and is called the same in both files."""
    _, index = split_path(path)
    if index is None:
        return True
    start = path.rpartition(".")[0] + "."
    there = any(fact.startswith(start) for fact in now[2].facts)
    names = [_value(place[2], f"{start}name") for place in (last, now)]
    return there and names[0] == names[1]


def _value(image: Image, path: str) -> Any:
    fact = image.facts.get(path)
    return fact.value if fact is not None else None


def _text(dataset: Dataset, path: str, recorded: Recorded[Any]) -> str:
    return text_of(dataset, field(split_path(path)[0]), recorded)


def differing(last: Image, now: Image) -> list[str]:
    """Return the paths of what the two files say differently, in the order of the form."""
    places = {name: place for place, name in enumerate(fields())}
    paths = {path for path in {*last.facts, *now.facts} if _value(last, path) != _value(now, path)}
    return sorted(paths, key=lambda path: (places[split_path(path)[0]], path))
