from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.model import ImageSource, SourceFile
from napari_fair.sidecar.ome import sidecar_name


def source(path: str, format: str = "TIFF", store: bool = False) -> ImageSource:
    return ImageSource(id="s", format=format, files=(SourceFile(path=path),), store=store)


def free(path: str) -> bool:
    return False


@pytest.mark.parametrize("format", ["OME-TIFF", "ImageJ TIFF", "TIFF"])
def test_a_tiff_gets_a_companion_beside_its_first_file(format: str) -> None:
    name = sidecar_name(source("day 1/a.ome.tif", format), exists=free)
    assert name == "day 1/a.ome.tif.companion.ome"


def test_other_formats_get_a_name_that_bio_formats_leaves_alone() -> None:
    assert sidecar_name(source("a.czi", "CZI"), exists=free) == "a.czi.omexml"
    store = source("a.ome.zarr", "OME-Zarr 0.4", store=True)
    assert sidecar_name(store, exists=free) == "a.ome.zarr.omexml"


def test_a_tiff_with_a_foreign_companion_is_only_described() -> None:
    name = sidecar_name(source("a.tif"), has_foreign_companion=True, exists=free)
    assert name == "a.tif.omexml"


def test_a_name_that_belongs_to_somebody_else_is_never_taken() -> None:
    taken = {"a.tif.companion.ome", "a.tif.omexml", "a.tif.fair.omexml"}
    assert sidecar_name(source("a.tif"), exists=taken.__contains__) == "a.tif.fair-2.omexml"


def test_two_long_names_with_the_same_beginning_get_different_sidecars() -> None:
    first, second = (sidecar_name(source("f/" + "ä" * 120 + end), exists=free) for end in "ab")
    assert first != second
    assert first.startswith("f/ää")


@given(st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=255))
def test_every_name_fits_into_a_file_system(name: str) -> None:
    found = sidecar_name(source(name), exists=free)
    assert len(found.encode()) <= 255
    assert found.endswith(".companion.ome")
