"""Which fields the table shows as columns."""

from __future__ import annotations

from napari_fair.model import Dataset, Level, fields, fields_at, join_path, split_path

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
    return [*_FIRST, *in_order(own - set(_FIRST))]


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
    return found


def in_order(paths: set[str]) -> list[str]:
    """Return paths in the order of the form."""
    places = {name: place for place, name in enumerate(fields())}
    return sorted(paths, key=lambda path: (places[split_path(path)[0]], path))


def title_of(path: str) -> str:
    """Return what stands above a column."""
    name, index = split_path(path)
    label = fields()[name].label
    return label if index is None else f"{label} {index + 1}"
