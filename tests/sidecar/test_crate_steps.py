from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyses import analysis
from folders import opened, write_image
from histories import histories
from napari_fair.model import (
    Confidence,
    DataKind,
    DataRef,
    Dataset,
    ManualWork,
    Parameter,
    Person,
    Slot,
    Step,
    StepKind,
    Study,
    Tool,
)
from napari_fair.provenance import History
from napari_fair.session import Session, open_folder
from napari_fair.sidecar.crate_document import new_document, parse_document
from napari_fair.sidecar.crate_graph import as_list
from napari_fair.sidecar.crate_reader import read_entities
from napari_fair.sidecar.crate_writer import entities
from napari_fair.sidecar.validation import validate
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


# ---- as others read it -----------------------------------------------------------------------


def _recorded(folder: Path) -> Session:
    """A complete record with an analysis in a folder."""
    session, _ = opened(folder, write_image(folder / "a.ome.tif"))
    for field, text in (
        ("study.title", "Spindles"),
        ("study.description", "Spindles of dividing cells"),
        ("study.authors", AUTHOR),
        ("study.license", "CC-BY-4.0"),
        ("study.keywords", "mitosis; spindle"),
    ):
        session.set(field, text)
    agent = session.dataset.people[0].id
    history = analysis(folder)
    steps = tuple(step.model_copy(update={"agent": agent}) for step in history.steps)
    failed = steps[0].model_copy(
        update={"id": "f" * 8, "failed": True, "error": "ValueError: odd", "outputs": ()}
    )
    opaque = Step(
        id="0" * 8,
        kind=StepKind.UPDATE,
        name="Correction",
        tool=Tool(name="napari", package="napari", version="0.9", homepage="https://napari.org"),
        inputs=steps[2].outputs,
        outputs=(Slot(data="corrected"),),
        manual=ManualWork(strokes=12, labels_touched=(1, 4), bounding_box=((0, 3), (2, 9))),
        ended="2026-11-23T10:00:00+00:00",
        agent=agent,
    )
    corrected = DataRef(id="corrected", name="corrected", kind=DataKind.LABELS)
    session.record_history(History((*steps, failed), history.data, history.environments))
    session.record(opaque, corrected)
    session.save()
    return session


AUTHOR = (
    "Josiah Carberry <0000-0002-1825-0097> <jc@example.org> @ Brown University "
    "<https://ror.org/05gq02987>"
)


def _graph(folder: Path) -> dict[str, dict[str, Any]]:
    document = json.loads((folder / "ro-crate-metadata.json").read_bytes())
    return {entity["@id"]: entity for entity in document["@graph"]}


def test_the_public_validator_finds_nothing_wrong(tmp_path: Path) -> None:
    _recorded(tmp_path)
    verdicts = validate(tmp_path)
    if any("not installed" in verdict.reason for verdict in verdicts):
        pytest.skip("the RO-Crate validator is not installed")
    about_steps = [v for v in verdicts if v.check == "Process Run Crate 0.5"]
    assert {v.level for v in about_steps} == {"required", "recommended"}
    assert [issue.message for v in verdicts for issue in v.issues] == []


def test_each_step_is_an_action_chained_by_its_data(tmp_path: Path) -> None:
    _recorded(tmp_path)
    graph = _graph(tmp_path)
    root = graph["./"]
    assert root["conformsTo"] == {"@id": "https://w3id.org/ro/wfrun/process/0.5"}
    actions = [graph[ref["@id"]] for ref in root["recordedSteps"]]
    assert [action["@type"] for action in actions] == ["CreateAction"] * 4 + ["UpdateAction"]
    assert all({"@id": action["@id"]} in root["mentions"] for action in actions)
    blur, threshold, label, failed, correction = actions
    assert {"@id": "cells.tif"} in blur["object"]
    assert blur["result"] in threshold["object"]
    assert label["result"] == {"@id": "labels.tif"}
    assert correction["object"] == label["result"]
    assert failed["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert failed["error"] == "ValueError: odd"


def test_parameters_and_software_are_told_as_the_profile_asks(tmp_path: Path) -> None:
    _recorded(tmp_path)
    graph = _graph(tmp_path)
    blur = graph[graph["./"]["recordedSteps"][0]["@id"]]
    software = graph[blur["instrument"]["@id"]]
    assert software["@id"] == f"{software['url']}#{software['version']}"
    assert software["identifier"] == f"pkg:pypi/scipy@{software['version']}"
    values = [graph[ref["@id"]] for ref in blur["object"]]
    (sigma,) = [entity for entity in values if entity["@type"] == "PropertyValue"]
    assert (sigma["name"], sigma["value"]) == ("sigma", 2.0)
    formal = graph[sigma["exampleOfWork"]["@id"]]
    assert (formal["@type"], formal["name"]) == ("FormalParameter", "sigma")
    assert {"@id": formal["@id"]} in as_list(software["input"])


def test_results_that_nobody_saved_say_so(tmp_path: Path) -> None:
    _recorded(tmp_path)
    graph = _graph(tmp_path)
    blur = graph[graph["./"]["recordedSteps"][0]["@id"]]
    assert graph[blur["result"]["@id"]]["creativeWorkStatus"] == "not saved"
    assert "creativeWorkStatus" not in graph["labels.tif"]


def test_steps_of_other_programs_stay_as_they_are(tmp_path: Path) -> None:
    foreign = {
        "@id": "#run-1",
        "@type": "CreateAction",
        "name": "Somebody's run",
        "instrument": {"@id": "https://example.org/tool"},
        "result": {"@id": "#out"},
        "odd": "kept",
    }
    tool = {"@id": "https://example.org/tool", "@type": "SoftwareApplication", "name": "Tool"}
    document = {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            },
            {"@id": "./", "@type": "Dataset", "name": "Old", "mentions": {"@id": "#run-1"}},
            foreign,
            tool,
        ],
    }
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(document, indent=2))
    assert open_folder(tmp_path).dataset.steps == ()
    _recorded(tmp_path)
    graph = _graph(tmp_path)
    assert graph["#run-1"] == foreign
    assert graph[tool["@id"]] == tool
    assert graph["./"]["mentions"][0] == {"@id": "#run-1"}
    again = open_folder(tmp_path).dataset.steps
    assert len(again) == 5
    assert "run-1" not in {step.id for step in again}


@pytest.mark.parametrize(("version", "profile"), [("1.2", None), ("1.3", "0.6")])
def test_a_crate_of_another_version_claims_no_profile_that_does_not_fit(
    tmp_path: Path, version: str, profile: str | None
) -> None:
    document = {
        "@context": f"https://w3id.org/ro/crate/{version}/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": f"https://w3id.org/ro/crate/{version}"},
            },
            {"@id": "./", "@type": "Dataset", "name": "Old"},
        ],
    }
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(document))
    _recorded(tmp_path)
    graph = _graph(tmp_path)
    expected = {"@id": f"https://w3id.org/ro/wfrun/process/{profile}"} if profile else None
    assert graph["./"].get("conformsTo") == expected
    assert [id for id in graph if "wfrun" in id] == ([expected["@id"]] if expected else [])
    before = (tmp_path / "ro-crate-metadata.json").read_bytes()
    open_folder(tmp_path).save()
    assert (tmp_path / "ro-crate-metadata.json").read_bytes() == before


def test_a_step_that_somebody_broke_is_left_alone_and_said(tmp_path: Path) -> None:
    session = _recorded(tmp_path)
    session.close()
    path = tmp_path / "ro-crate-metadata.json"
    broken = path.read_text().replace('"confidence":"opaque"', '"confidence":"sure"')
    path.write_text(broken)
    again = open_folder(tmp_path)
    assert len(again.dataset.steps) == 4
    assert any("step" in note and "left alone" in note for note in again.notes)
    again.set("study.title", "Other")
    again.save()
    assert '"confidence":"sure"' in path.read_text()


def test_data_that_is_told_twice_is_what_was_told_first(tmp_path: Path) -> None:
    session = _recorded(tmp_path)
    pieces = session.dataset.data
    session.close()
    path = tmp_path / "ro-crate-metadata.json"
    document = json.loads(path.read_text())
    graph = {entity["@id"]: entity for entity in document["@graph"]}
    first = graph["./"]["recordedData"][0]["@id"]
    own = graph[first].get("dataId", first.removeprefix("#"))
    twin = {**graph[first], "@id": "#twin", "dataId": own, "name": "another"}
    document["@graph"].append(twin)
    graph["./"]["recordedData"].append({"@id": "#twin"})
    path.write_text(json.dumps(document))
    again = open_folder(tmp_path)
    assert [piece.id for piece in again.dataset.data] == [piece.id for piece in pieces]
    assert again.dataset.data[0].name == pieces[0].name
    assert any("more than once" in note for note in again.notes)
    again.close()


def test_a_thousand_steps_are_saved_within_a_second(tmp_path: Path) -> None:
    session, _ = opened(tmp_path, write_image(tmp_path / "a.ome.tif"))
    data = tuple(DataRef(id=str(uuid4()), name=f"d{n}", shape=(9, 9)) for n in range(1001))
    steps = tuple(
        Step(
            id=str(uuid4()),
            name=f"Blur {n}",
            tool=Tool(function="m:blur", package="m", version="1", homepage="https://m.example"),
            parameters=(Parameter(name="sigma", value=n / 10), Parameter(name="mode", value="x")),
            inputs=(Slot(name="image", data=data[n].id),),
            outputs=(Slot(data=data[n + 1].id),),
            confidence=Confidence.REPLAYABLE,
        )
        for n in range(1000)
    )
    session.record_history(History(steps, data))
    session.save()
    session.record(Step(id="last"))
    start = time.perf_counter()
    session.save()
    assert time.perf_counter() - start < 1
    assert open_folder(tmp_path).dataset.steps[:1000] == steps


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["@id", "@value", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(histories(("one",)), st.data())
def test_no_damage_to_a_history_keeps_the_rest_from_being_read(
    history: History, data: st.DataObject
) -> None:
    written = entities(history.onto(_empty()))
    for _ in range(3):
        entity = data.draw(st.sampled_from(written))
        name = data.draw(st.sampled_from(sorted(entity)))
        if name != "@id" and entity["@id"] not in ("./", "ro-crate-metadata.json"):
            entity[name] = data.draw(anything)
    reading = read_entities(written, today="2000-01-01")
    assert reading.dataset.id == "d"
