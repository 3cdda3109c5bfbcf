"""Which image a layer shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_fair.viewer.subjects import METADATA_KEY, SubjectKind, sentence_for, subject_of


def test_channels_of_one_file_are_one_subject(ome_tiff: Path) -> None:
    first, second = (subject_of(_Layer(str(ome_tiff))) for _ in range(2))
    assert first == second
    assert (first.kind, first.path) == (SubjectKind.FILE, ome_tiff)


def test_a_layer_from_a_script_is_a_draft_and_says_what_to_do() -> None:
    layer = ViewerModel().add_image(np.zeros((4, 4)), name="mine")
    subject = subject_of(layer)
    assert subject.kind is SubjectKind.DRAFT
    assert "Save asks" in sentence_for(subject)


def test_two_layers_without_files_are_two_subjects() -> None:
    viewer = ViewerModel()
    one, two = (viewer.add_image(np.zeros((4, 4)), name="mine") for _ in range(2))
    assert subject_of(one) != subject_of(two)


class _Source:
    def __init__(self, path: str) -> None:
        self.path = path


class _Layer:
    """A layer whose source says what napari's reader of web addresses would say."""

    name, unique_id, metadata = "far", "7", {METADATA_KEY: 3}

    def __init__(self, path: str) -> None:
        self.source = _Source(path)


@pytest.mark.parametrize("address", ["https://example.org/a.zarr", "s3://bucket/a.zarr"])
def test_an_address_is_not_taken_for_a_file(address: str) -> None:
    assert subject_of(_Layer(address)).kind is SubjectKind.ADDRESS


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    subject = subject_of(_Layer(str(tmp_path / "moved.tif")))
    assert subject.kind is SubjectKind.GONE
    assert "moved.tif" in sentence_for(subject)


def test_foreign_objects_in_layer_metadata_are_ignored(plain_tiff: Path) -> None:
    assert subject_of(_Layer(str(plain_tiff))).image == ""
