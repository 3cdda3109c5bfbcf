"""Fields that only the facility edits: values of a preset that says so.

A lock holds where a value came from the preset; another instrument's preset may take its place. It
keeps people from changes by mistake, not from ones on purpose: the preset is a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from napari_fair.model import (
    POOLS,
    Block,
    Dataset,
    Facts,
    Field,
    Image,
    ImageSource,
    Origin,
    Recorded,
    field,
    resolve,
    split_path,
)
from napari_fair.session.edits import image_of
from napari_fair.session.presets import Preset, preset_name
from napari_fair.session.texts import InvalidValue

_MOST_NAMES = 3
_Change = tuple[str, Recorded[Any] | None, Recorded[Any] | None]


class PresetLocks:
    """What the presets of a user's folders lock.

    Parameters
    ----------
    presets
        All presets that are known; those that lock nothing are left out.
    """

    def __init__(self, presets: Iterable[Preset] = ()) -> None:
        self._locking: dict[str, list[Preset]] = {}
        for preset in presets:
            self.add(preset)

    def add(self, preset: Preset) -> None:
        """Know one more preset."""
        if preset.locked:
            self._locking.setdefault(preset.name, []).append(preset)

    def __bool__(self) -> bool:
        """Whether there is anything to lock."""
        return bool(self._locking)

    def by(self, path: str, origin: str, where: str) -> str:
        """Return the name of the preset that locks a value that came from there, else nothing."""
        if not self._locking or origin != Origin.PRESET.value:
            return ""
        name = preset_name(where)
        return name if any(each.locks(path) for each in self._locking.get(name, ())) else ""

    def refusal(
        self, dataset: Dataset, path: str, image: str | None, recorded: Recorded[Any] | None
    ) -> str:
        """Return why a field cannot be changed to a value, empty when it can."""
        if not self._locking:
            return ""
        source, found = image_of(dataset, image) if image is not None else (None, None)
        held = resolve(dataset, source, found, path)
        return self._refusal(path, held.recorded if held else None, recorded)

    def check(self, before: Dataset, after: Dataset) -> None:
        """Compare two records.

        Raises
        ------
        InvalidValue
            If a locked value was changed.
        """
        for change in _changes(before, after) if self._locking else ():
            sentence = self._refusal(*change)
            if sentence:
                raise InvalidValue(sentence)

    def _refusal(self, path: str, before: Recorded[Any] | None, after: Recorded[Any] | None) -> str:
        name = self._of(path, before)
        if not name or before == after or self._of(path, after):
            return ""
        return _sentence(field(split_path(path)[0]), name)

    def _of(self, path: str, recorded: Recorded[Any] | None) -> str:
        return self.by(path, recorded.origin, recorded.where) if recorded is not None else ""


def kept_for(dataset: Dataset, refused: Mapping[str, Sequence[str]]) -> list[str]:
    """Return why changes were refused, one sentence for all images that it holds for.

    Parameters
    ----------
    refused
        Ids of images by sentence; an empty id stands for what images share.
    """
    return [f"{sentence}{_kept(dataset, images)}" for sentence, images in refused.items()]


def _kept(dataset: Dataset, images: Sequence[str]) -> str:
    held = [dataset.image(image) for image in images[:_MOST_NAMES] if image]
    names = [PurePosixPath(place[0].path).name for place in held if place is not None]
    if not names:
        return ""
    more = f" and {len(images) - _MOST_NAMES} more" if len(images) > _MOST_NAMES else ""
    return f" It stays as it is for {', '.join(names)}{more}."


def _sentence(declared: Field, name: str) -> str:
    return (
        f"{declared.label} is locked by the preset “{name}”: ask whoever keeps that preset to "
        "change it, or use another one."
    )


def _changes(before: Dataset, after: Dataset) -> Iterator[_Change]:
    """Yield path, value before and value after of what may have changed."""
    for kind, block, changed in _blocks(before, after):
        for name, recorded in block.recorded():
            yield f"{kind}.{name}", recorded, getattr(changed, name)
    yield from _facts(before.defaults, after.defaults)
    kept = {source.id: source for source in after.sources}
    for source in before.sources:
        now = kept.get(source.id)
        if now is not None and now is not source:
            yield from _of_source(before, source, after, now)


def _blocks(before: Dataset, after: Dataset) -> Iterator[tuple[str, Block, Block]]:
    """Yield the kind of each block that is another object now; one taken away is used by none."""
    if before.study is not after.study:
        yield "study", before.study, after.study
    for kind, pool in POOLS.items():
        kept: dict[str, Block] = {block.id: block for block in getattr(after, pool)}
        for block in getattr(before, pool):
            changed = kept.get(block.id)
            if changed is not None and changed is not block:
                yield kind, block, changed


def _facts(before: Facts, after: Facts) -> Iterator[_Change]:
    for path, recorded in before.items():
        yield path, recorded, after.get(path)


def _of_source(
    before: Dataset, source: ImageSource, after: Dataset, now: ImageSource
) -> Iterator[_Change]:
    yield from _facts(source.overrides, now.overrides)
    kept = {image.id: image for image in now.images}
    for image in source.images:
        changed = kept.get(image.id)
        if changed is not None and changed is not image:
            yield from _of_image(before, (source, image), after, (now, changed))


def _of_image(
    before: Dataset,
    place: tuple[ImageSource, Image],
    after: Dataset,
    now: tuple[ImageSource, Image],
) -> Iterator[_Change]:
    """Yield what an image's own values changed of what is in force for it."""
    for path in {**place[1].overrides, **now[1].overrides}:
        if place[1].overrides.get(path) is now[1].overrides.get(path):
            continue
        held, holds = resolve(before, *place, path), resolve(after, *now, path)
        yield path, held.recorded if held else None, holds.recorded if holds else None
