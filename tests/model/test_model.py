from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from napari_fair.model import (
    BLOCKS,
    BioSample,
    Dataset,
    Image,
    ImageSource,
    Kind,
    Level,
    Quantity,
    Recorded,
    SourceFile,
    State,
    Study,
    Term,
    Uses,
    field,
    fields,
    fields_at,
    join_path,
    resolve,
    resolved,
    split_path,
    value_type,
)
from napari_fair.model.units import canonical_unit, convert


@pytest.mark.parametrize(
    ("unit", "symbol"),
    [
        ("micron", "µm"),
        ("um", "µm"),
        ("\u03bcm", "µm"),
        ("\\u00B5m", "µm"),
        ("Micrometer", "µm"),
        ("Âµm", "µm"),
        ("inch", "in"),
        ("sec", "s"),
        ("°C", "°C"),
        ("pixel", None),
        ("", None),
        ("Mm", None),
    ],
)
def test_units_are_known_in_many_spellings(unit: str, symbol: str | None) -> None:
    assert canonical_unit(unit) == symbol


@given(st.floats(1e-9, 1e9), st.sampled_from(["nm", "µm", "mm", "m", "in", "Å"]))
def test_converting_there_and_back_gives_the_same_length(value: float, unit: str) -> None:
    there = convert(value, unit, "µm")
    assert there is not None
    back = convert(there, "µm", unit)
    assert back == pytest.approx(value, rel=1e-9)


def test_lengths_do_not_become_times() -> None:
    assert convert(1, "µm", "s") is None


def test_every_field_says_all_that_forms_need() -> None:
    for declared in fields().values():
        assert declared.label
        assert declared.why.endswith((".", "?", "..."))
        assert declared.crate
        assert not declared.example or len(declared.example) < 120


def test_no_two_fields_of_a_block_share_a_label_or_a_term() -> None:
    for block in BLOCKS:
        of_block = [declared for declared in fields().values() if declared.block == block]
        assert len({declared.label for declared in of_block}) == len(of_block)
        assert len({declared.crate for declared in of_block}) == len(of_block)


def test_levels_contain_each_other() -> None:
    levels = [{declared.name for declared in fields_at(level)} for level in Level]
    assert levels[0] < levels[1] < levels[2] == set(fields())


def test_a_misspelt_field_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"did you mean biosample\.organism"):
        field("biosample.organsim")


@given(st.sampled_from(sorted(fields())), st.integers(0, 99))
def test_paths_split_and_join(name: str, index: int) -> None:
    path = join_path(name, index if fields()[name].repeated else None)
    assert join_path(*split_path(path)) == path
    assert split_path(path)[0] == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": None},
        {"value": ""},
        {"value": ()},
        {"value": "x", "state": State.UNKNOWN},
        {"value": float("nan")},
    ],
)
def test_a_value_and_its_state_agree(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Recorded[float | str | tuple[str, ...]](**wrong)


def test_a_fact_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(ValidationError):
        Image(id="i", facts={"image.size_x": Recorded(value="many")})
    with pytest.raises(ValueError, match="There is no field"):
        Image(id="i", facts={"image.size_w": Recorded(value=1)})


def _dataset() -> tuple[Dataset, ImageSource, Image]:
    image = Image(
        id="i",
        facts={
            "image.size_x": Recorded(value=5),
            "channel.1.name": Recorded(value="GFP"),
            "biosample.organism": Recorded(value=(Term(label="from the file"),)),
        },
    )
    source = ImageSource(id="s", format="TIFF", files=(SourceFile(path="a.tif"),), images=(image,))
    sample = BioSample(id="b", organism=Recorded(value=(Term(label="from the block"),)))
    dataset = Dataset(
        id="d",
        created="2026-01-01",
        study=Study(id="st", title=Recorded(value="T")),
        biosamples=(sample,),
        uses=Uses(biosample="b"),
        sources=(source,),
        defaults={"image.size_x": Recorded(value=9), "image.size_y": Recorded(value=9)},
    )
    return dataset, source, image


def _organism(dataset: Dataset, source: ImageSource, image: Image) -> tuple[str, str]:
    held = resolve(dataset, source, image, "biosample.organism")
    assert held is not None
    return held.value[0].label, held.level


def test_an_image_goes_before_its_source_before_the_block_before_the_file() -> None:
    dataset, source, image = _dataset()
    unlinked = dataset.model_copy(update={"uses": Uses()})
    assert _organism(unlinked, source, image) == ("from the file", "file")
    assert _organism(dataset, source, image) == ("from the block", "dataset")
    stated = {"biosample.organism": Recorded(value=(Term(label="stated"),))}
    source = source.model_copy(update={"overrides": stated})
    assert _organism(dataset, source, image) == ("stated", "source")
    image = image.model_copy(update={"overrides": stated})
    assert _organism(dataset, source, image) == ("stated", "image")


def test_what_holds_for_all_images_gives_way_to_the_file() -> None:
    dataset, source, image = _dataset()
    values = {path: held.value for path, held in resolved(dataset, source, image)}
    assert values["image.size_x"] == 5
    assert values["image.size_y"] == 9
    assert values["channel.1.name"] == "GFP"
    assert values["study.title"] == "T"


def test_a_record_survives_json() -> None:
    dataset, _, _ = _dataset()
    assert Dataset.model_validate_json(dataset.model_dump_json()) == dataset


def test_the_schema_of_the_record_documents_its_fields() -> None:
    schema = json.dumps(Dataset.model_json_schema())
    assert "Archives sort by species" in schema
    assert Term.__name__ in schema


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 10**400, None, "many"])
def test_a_quantity_has_a_finite_number(wrong: Any) -> None:
    with pytest.raises(ValueError):
        Quantity(value=wrong, unit="nm")


def test_a_quantity_is_read_as_strictly_as_the_rest_of_the_record() -> None:
    recorded = value_type(Kind.QUANTITY)
    assert recorded.validate_python({"value": {"value": 1, "unit": "nm"}}).value == Quantity(
        1, "nm"
    )
    for wrong in (
        {"value": 1},
        {"value": 1, "unit": "nm", "more": 1},
        {"value": 1, "unit": "\udc80"},
    ):
        with pytest.raises(ValueError):
            recorded.validate_python({"value": wrong})
