"""Which fields the table shows as columns."""

from __future__ import annotations

from napari_fair.model import Dataset, Level, fields, fields_at, join_path, split_path
from napari_fair.session.image_pairs import is_pair, key_of, keys_in, pair_path

_FIRST = (
    *("biosample.organism", "biosample.biological_entity", "biosample.extrinsic_variables"),
    *("acquisition.imaging_method", "image.physical_size_x", "image.acquisition_date"),
)


def first_columns(dataset: Dataset) -> list[str]:
    """Return the columns that a table starts with: what varies, then what people overrode."""
    own = {
        path
        for source in dataset.sources
        for image in source.images
        for path in image.overrides
        if not path.startswith("study.")
    }
    return [*_FIRST, *in_order(own - set(_FIRST)), *map(pair_path, keys_in(dataset))]


def possible_columns(dataset: Dataset, level: Level) -> list[str]:
    """Return all paths that can be columns at a level; of channels as many as any image has."""
    paths = {path for source in dataset.sources for image in source.images for path in image.facts}
    paths |= set(dataset.defaults)
    counts: dict[str, set[int]] = {}
    for path in paths:
        name, index = split_path(path)
        if index is not None:
            counts.setdefault(name.split(".")[0], set()).add(index)
    found: list[str] = []
    for field in fields_at(level):
        indices = sorted(counts.get(field.block, ())) if field.repeated else [None]
        found += [join_path(field.name, index) for index in indices]
    return [*found, *map(pair_path, keys_in(dataset))]


def in_order(paths: set[str]) -> list[str]:
    """Return paths in the order of the form, free pairs last."""
    places = {name: place for place, name in enumerate(fields())}
    last = len(places)
    return sorted(paths, key=lambda path: (places.get(split_path(path)[0], last), path))


def title_of(path: str) -> str:
    """Return what stands above a column."""
    if is_pair(path):
        return key_of(path)
    name, index = split_path(path)
    label = fields()[name].label
    return label if index is None else f"{label} {index + 1}"


def is_essential(path: str) -> bool:
    """Return whether a column's field is one of the essentials."""
    return not is_pair(path) and fields()[split_path(path)[0]].level is Level.ESSENTIALS


def why_asked(path: str) -> str:
    """Return the sentence that says what a column is for."""
    if is_pair(path):
        return "A key of this folder's own, which no field asks for."
    return f"{fields()[split_path(path)[0]].why}\n{path}"
