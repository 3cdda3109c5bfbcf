"""Free key-value pairs of images as columns of the table: a path a key, a text a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from napari_fair.model import Dataset, Image, ImageSource, KeyValue
from napari_fair.session.texts import InvalidValue

FROM_NAMES = "file name"
"""Namespace of pairs that were read off names and that nobody looked at since."""

_PREFIX = "pair:"
_JOIN = "; "


def pair_path(key: str) -> str:
    """Return the path of the column that holds the pairs of a key."""
    return f"{_PREFIX}{key}"


def is_pair(path: str) -> bool:
    """Return whether a column holds pairs of a key and no field."""
    return len(path) > len(_PREFIX) and path.startswith(_PREFIX)


def key_of(path: str) -> str:
    """Return the key of a column of pairs; the inverse of `pair_path`."""
    return path.removeprefix(_PREFIX)


def pair_text(image: Image, key: str) -> str:
    """Return what an image says for a key; several values are joined by semicolons."""
    return _JOIN.join(pair.value for pair in image.pairs if pair.key == key)


def is_guess(image: Image, key: str) -> bool:
    """Return whether all that an image says for a key was read off its name."""
    return all(pair.namespace == FROM_NAMES for pair in image.pairs if pair.key == key)


def checked_pairs(pairs: tuple[KeyValue, ...]) -> tuple[KeyValue, ...]:
    """Return pairs; raises `InvalidValue` if one has no key or no value."""
    if any(not pair.key.strip() or not pair.value.strip() for pair in pairs):
        raise InvalidValue("A pair needs both a key and a value.")
    return pairs


def confirmed(before: Iterable[KeyValue], pairs: Iterable[KeyValue]) -> tuple[KeyValue, ...]:
    """Return pairs that a person gave: those that are new are no guesses any more."""
    known = set(before)
    return tuple(
        pair.model_copy(update={"namespace": ""})
        if pair.namespace == FROM_NAMES and pair not in known
        else pair
        for pair in pairs
    )


def with_text(image: Image, key: str, text: str, namespace: str = "") -> Image:
    """Return an image that says a text for a key; a blank one takes its pairs away.

    They stay where they stood. Where a key stands several times, semicolons part the values.

    Parameters
    ----------
    namespace
        Of a key that stood for nothing yet, or only for a guess.
    """
    before = [pair for pair in image.pairs if pair.key == key]
    if _JOIN.join(pair.value for pair in before) == text.strip():
        return image
    parts = text.split(";") if len(before) > 1 else [text]
    values = [part.strip() for part in parts if part.strip()]
    told = next((p.namespace for p in before if p.namespace != FROM_NAMES), namespace)
    new = [KeyValue(namespace=told, key=key, value=value) for value in values]
    place = next((n for n, pair in enumerate(image.pairs) if pair.key == key), len(image.pairs))
    rest = [pair for pair in image.pairs if pair.key != key]
    return image.model_copy(update={"pairs": (*rest[:place], *new, *rest[place:])})


Said = Mapping[str, Mapping[str, tuple[str, str]]]
"""Text and namespace by the image's id and the column's path."""


def put_pairs(dataset: Dataset, said: Said) -> Dataset:
    """Return the record with pairs of many images; raises `KeyError` for an unknown image."""
    touched: dict[str, ImageSource] = {}
    for id in said:
        found = dataset.image(id)
        if found is None:
            raise KeyError(id)
        touched[found[0].id] = found[0]
    if not touched:
        return dataset
    changed = {id: _with_pairs(source, said) for id, source in touched.items()}
    sources = tuple([changed.get(source.id, source) for source in dataset.sources])
    return dataset.model_copy(update={"sources": sources})


def _with_pairs(source: ImageSource, said: Said) -> ImageSource:
    images = list(source.images)
    for place, image in enumerate(images):
        for path, (text, namespace) in said.get(image.id, {}).items():
            images[place] = with_text(images[place], key_of(path), text, namespace)
    return source.model_copy(update={"images": tuple(images)})


def keys_in(dataset: Dataset) -> list[str]:
    """Return the keys that images have pairs of, in the order in which they first stand."""
    images = (image for source in dataset.sources for image in source.images)
    return list(dict.fromkeys(pair.key for image in images for pair in image.pairs))
