"""The JSON Schema of the record takes what records hold, and nothing else."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from napari_fair.model import Dataset, Quantity, Recorded, fields, join_path
from records import datasets


@cache
def validator() -> Draft202012Validator:
    schema = Dataset.model_json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@given(datasets())
@settings(max_examples=25)
def test_every_record_follows_the_schema(dataset: Dataset) -> None:
    assert [e.message for e in validator().iter_errors(dataset.model_dump(mode="json"))] == []


def with_default(path: str, recorded: object) -> dict[str, Any]:
    study = {"id": "s"}
    return {"id": "d", "created": "2026-11-23", "study": study, "defaults": {path: recorded}}


@pytest.mark.parametrize("name", fields())
def test_a_field_has_the_type_of_its_kind(name: str) -> None:
    declared = fields()[name]
    path = join_path(name, 0 if declared.repeated else None)
    wrong = {"value": {"no": "value of any kind"}, "state": "given"}

    assert not validator().is_valid(with_default(path, wrong))
    assert validator().is_valid(with_default(path, {"state": "unknown", "value": None}))


@pytest.mark.parametrize("path", ["image.no_such_field", "channel.name", "image.0.size_x", "x"])
def test_no_other_paths_are_taken(path: str) -> None:
    assert not validator().is_valid(with_default(path, {"state": "unknown", "value": None}))


def test_a_quantity_needs_number_and_unit() -> None:
    said = Recorded(value=Quantity(value=0.1, unit="µm")).model_dump(mode="json")
    assert validator().is_valid(with_default("image.physical_size_x", said))
    said["value"] = 0.1
    assert not validator().is_valid(with_default("image.physical_size_x", said))
