from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import histories
from napari_fair.model import Dataset, Person, Study
from napari_fair.provenance import History
from napari_fair.sidecar.crate_document import new_document, parse_document
from napari_fair.sidecar.crate_reader import read_entities
from napari_fair.sidecar.crate_writer import entities
from records import datasets


lenient = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=20)


@st.composite
def datasets_with_history(draw: st.DrawFn) -> Dataset:
    dataset = draw(datasets())
    history = draw(histories(tuple(person.id for person in dataset.people)))
    return history.onto(dataset)


def _empty() -> Dataset:
    people = (Person(id="one", name="A"), Person(id="two", name="B", orcid="0000-0002-1825-0097"))
    return Dataset(id="d", created="2026-11-23", study=Study(id="s"), people=people)


@given(histories(("one", "two")))
def test_a_history_comes_back_from_its_crate_as_it_was(history: History) -> None:
    dataset = history.onto(_empty())
    document = parse_document(new_document(entities(dataset)).dump())
    reading = read_entities(document.graph, today="2000-01-01")
    assert reading.notes == ()
    said = [step.model_dump_json() for step in dataset.steps]
    assert [step.model_dump_json() for step in reading.dataset.steps] == said
    assert reading.dataset.data == dataset.data
    assert reading.dataset.environments == dataset.environments


@lenient
@given(datasets_with_history())
def test_a_whole_record_with_a_history_comes_back(dataset: Dataset) -> None:
    assert read_entities(entities(dataset), today="2000-01-01").dataset == dataset


@lenient
@given(datasets_with_history())
def test_a_history_of_images_elsewhere_comes_back_too(dataset: Dataset) -> None:
    written = entities(dataset, source_folder="/share/raw")
    assert read_entities(written, today="2000-01-01").dataset == dataset
