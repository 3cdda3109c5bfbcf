"""An image is found by its id, however the record became what it is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from napari_fair.model import Dataset, Image, ImageSource, SourceFile, Study

counts = st.lists(st.integers(0, 3), max_size=5)


def _sources(images: list[int], first: int) -> tuple[ImageSource, ...]:
    return tuple(
        ImageSource(
            id=f"s{number}",
            format="TIFF",
            files=(SourceFile(path=f"{number:03}.tif"),),
            images=tuple(Image(id=f"{number}/{place}", index=place) for place in range(count)),
        )
        for number, count in enumerate(images, first)
    )


@settings(deadline=None)
@given(counts, counts, st.integers(0, 4))
def test_a_copy_with_other_sources_finds_its_own_images(
    before: list[int], after: list[int], first: int
) -> None:
    dataset = Dataset(
        id="d", created="2026-11-23", study=Study(id="s"), sources=_sources(before, 0)
    )
    assert dataset.image("no such") is None
    copy = dataset.model_copy(update={"sources": _sources(after, first)})
    for record in (copy, dataset):
        for source in record.sources:
            for image in source.images:
                assert record.image(image.id) == (source, image)
    known = {image.id for source in copy.sources for image in source.images}
    for gone in {image.id for source in dataset.sources for image in source.images} - known:
        assert copy.image(gone) is None
    assert copy == copy.model_copy() and dict(copy).keys() == Dataset.model_fields.keys()
    assert dataset.model_dump() == dataset.model_copy().model_dump()
