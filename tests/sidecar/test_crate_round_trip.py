from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from napari_fair.model import Dataset
from napari_fair.sidecar.crate_document import new_document, parse_document
from napari_fair.sidecar.crate_reader import read_entities
from napari_fair.sidecar.crate_writer import entities
from records import datasets

lenient = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)


@lenient
@given(datasets())
def test_a_record_comes_back_from_its_crate_as_it_was(dataset: Dataset) -> None:
    document = parse_document(new_document(entities(dataset)).dump())
    reading = read_entities(document.graph, today="2000-01-01")
    assert reading.notes == ()
    assert reading.dataset == dataset
    assert reading.ours


@lenient
@given(datasets())
def test_the_same_record_has_the_same_bytes(dataset: Dataset) -> None:
    once = new_document(entities(dataset)).dump()
    again = Dataset.model_validate_json(dataset.model_dump_json())
    assert new_document(entities(again)).dump() == once


@lenient
@given(datasets())
def test_a_record_of_images_elsewhere_comes_back_too(dataset: Dataset) -> None:
    written = entities(dataset, source_folder="//share/raw")
    reading = read_entities(written, today="2000-01-01")
    assert reading.dataset == dataset
    assert reading.source_folder == "//share/raw"
    assert not [e for e in written if e["@id"] == "./" and "hasPart" in e and not dataset.sources]
