"""Values in force of many images at once are those of each image by itself."""

from __future__ import annotations

from hypothesis import given

from napari_fair.model import POOLS, Dataset, Uses, fields, join_path, resolve, resolve_all
from records import datasets


@given(datasets())
def test_many_images_at_once_have_the_values_of_each_by_itself(dataset: Dataset) -> None:
    kept = {name: getattr(dataset, pool) for name, pool in POOLS.items() if name != "instrument"}
    uses = Uses(**{name: blocks[0].id for name, blocks in kept.items() if blocks})
    dataset = dataset.model_copy(update={"uses": uses})
    places = [(source, image) for source in dataset.sources for image in source.images]
    for field in fields().values():
        path = join_path(field.name, 0 if field.repeated else None)
        held = [resolve(dataset, *place, path) for place in places]
        assert list(resolve_all(dataset, places, path)) == [h and h.recorded for h in held]
