from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from napari_fair.files import DamagedDocument, LossyDocument
from napari_fair.model import Dataset, Person, Recorded, Study
from napari_fair.sidecar import crate_bytes, parse_crate, read_crate
from records import datasets

FOREIGN: dict[str, Any] = {
    "@context": ["https://w3id.org/ro/crate/1.2/context", {"lab": "https://lab.example/terms#"}],
    "@graph": [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "Their title",
            "author": ["Jane Doe", {"@id": "#max"}],
            "hasPart": {"@id": "notes.txt"},
            "lab": {"@id": "#lab"},
        },
        {"@id": "#max", "@type": "Person", "name": "Max", "jobTitle": "technician"},
        {"@id": "notes.txt", "@type": "File", "name": "Notes"},
        {"@id": "#lab", "@type": "Organization", "temperature": 21.50, "nested": {"a": [1, 2]}},
    ],
}


def _bytes(document: Any) -> bytes:
    return json.dumps(document, indent=4).encode()


def _by_id(data: bytes) -> dict[str, Any]:
    return {entity["@id"]: entity for entity in json.loads(data)["@graph"]}


def _with_title(dataset: Dataset, title: str) -> Dataset:
    study = dataset.study.model_copy(update={"title": Recorded(value=title)})
    return dataset.model_copy(update={"study": study})


def test_a_foreign_crate_is_read_as_far_as_it_says_something() -> None:
    crate = parse_crate(Path("x"), _bytes(FOREIGN))
    assert not crate.ours
    assert crate.dataset.study.title == Recorded(value="Their title", origin="sidecar")
    assert [person.name for person in crate.dataset.people] == ["Max", "Jane Doe"]


def test_extending_a_foreign_crate_keeps_all_that_others_wrote() -> None:
    crate = parse_crate(Path("x"), _bytes(FOREIGN))
    written = crate_bytes(_with_title(crate.dataset, "My title"), crate)
    after, before = _by_id(written), _by_id(_bytes(FOREIGN))
    for id in ("#lab", "notes.txt", "ro-crate-metadata.json"):
        assert after[id] == before[id]
    assert after["#max"]["jobTitle"] == "technician"
    assert after["./"]["lab"] == {"@id": "#lab"}
    assert after["./"]["hasPart"] == {"@id": "notes.txt"}
    assert after["./"]["author"] == before["./"]["author"]
    assert after["./"]["name"] == "My title"
    assert json.loads(written)["@context"][:2] == FOREIGN["@context"]
    again = parse_crate(Path("x"), written)
    assert again.ours
    assert again.dataset.study.title == Recorded(value="My title")
    assert crate_bytes(again.dataset, again) == written


def test_the_indentation_of_others_is_kept() -> None:
    crate = parse_crate(Path("x"), _bytes(FOREIGN))
    assert b'\n    "@context": [\n        "https' in crate_bytes(crate.dataset, crate)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=10)
@given(datasets())
def test_a_record_written_into_a_foreign_crate_comes_back(dataset: Dataset) -> None:
    crate = parse_crate(Path("x"), _bytes({**FOREIGN, "@graph": FOREIGN["@graph"][:1]}))
    written = crate_bytes(dataset, crate)
    assert parse_crate(Path("x"), written).dataset == dataset


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=10)
@given(datasets(), datasets())
def test_a_record_replaces_another_without_a_trace(first: Dataset, second: Dataset) -> None:
    crate = parse_crate(Path("x"), crate_bytes(first, None))
    assert crate_bytes(second, crate) == crate_bytes(second, None)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=10)
@given(datasets(), datasets())
def test_changing_a_record_leaves_others_entities_alone(first: Dataset, second: Dataset) -> None:
    document = json.loads(crate_bytes(first, None))
    theirs = {"@id": "#theirs", "@type": "Thing", "name": "A note"}
    document["@graph"].insert(1, theirs)
    document["@graph"][-1]["theirs"] = {"@id": "#theirs"}
    crate = parse_crate(Path("x"), json.dumps(document).encode())
    assert crate.dataset == first
    written = crate_bytes(second, crate)
    assert _by_id(written)["#theirs"] == theirs
    assert _by_id(written)["./"]["theirs"] == {"@id": "#theirs"}
    assert parse_crate(Path("x"), written).dataset == second


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"not json", DamagedDocument),
        (b"[]", DamagedDocument),
        (b'{"@graph": [1]}', DamagedDocument),
        (b'{"@graph": [{"@id": "./", "n": 12345678901234567890123}]}', LossyDocument),
        (b'{"@graph": [{"@id": "./", "a": 1, "a": 2}]}', LossyDocument),
        (b'{"@graph": [{"@id": "./"}, {"@id": "./"}]}', LossyDocument),
    ],
)
def test_a_crate_that_cannot_be_extended_safely_is_refused(
    data: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"ro-crate-metadata\.json"):
        parse_crate(Path("x"), data)


@pytest.mark.parametrize("path", ["../secret.tif", "/etc/passwd", "..%2Fsecret.tif", "C:/x.tif"])
def test_a_crate_whose_paths_leave_the_folder_loses_only_these(path: str) -> None:
    graph = [
        FOREIGN["@graph"][0],
        {"@id": "./", "@type": "Dataset", "recordId": "r", "name": "T"},
        {"@id": path, "@type": "File", "imageFormat": "TIFF"},
        {"@id": "good.tif", "@type": "File", "imageFormat": "TIFF"},
    ]
    crate = parse_crate(Path("x"), _bytes({**FOREIGN, "@graph": graph}))
    assert [source.path for source in crate.dataset.sources] == ["good.tif"]
    assert path in crate.notes[0]


def test_a_folder_without_a_crate_has_none(tmp_path: Path) -> None:
    assert read_crate(tmp_path) is None


def test_a_study_without_values_is_a_study() -> None:
    dataset = Dataset(id="a", created="2026-01-01", study=Study(id="b"))
    assert parse_crate(Path("x"), crate_bytes(dataset, None)).dataset == dataset


def test_people_keep_their_order_when_one_was_there_before() -> None:
    ann = Person(id="a", name="Ann", orcid="0000-0002-1825-0097")
    bob = Person(id="b", name="Bob", orcid="0000-0001-5109-3700")
    empty = Dataset(id="d", created="2026-01-01", study=Study(id="s"))
    first, second = (empty.model_copy(update={"people": p}) for p in ((ann,), (bob, ann)))
    document = json.loads(crate_bytes(first, None))
    document["@graph"].insert(1, {"@id": "#theirs", "@type": "Thing"})
    crate = parse_crate(Path("x"), json.dumps(document).encode())
    assert parse_crate(Path("x"), crate_bytes(second, crate)).dataset == second
