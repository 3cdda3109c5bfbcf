from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from napari_fair.files import Cancelled, FairError
from napari_fair.sidecar import crate_validation
from napari_fair.sidecar.crate_validation import VARIABLE, Unavailable, interpreters, run_profiles
from napari_fair.sidecar.validation import Issue, Verdict, VerdictStatus, validate

PASSED, FAILED, NOT_CHECKED = VerdictStatus
CRATE = "ro-crate-metadata.json"
PROCESS = "https://w3id.org/ro/wfrun/process/0.5"
ORCID, ROR = "https://orcid.org/0000-0002-1825-0097", "https://ror.org/05gq02987"
MAIL, NAPARI = "mailto:jc@example.org", "https://napari.org/"
ACTION = "#9b0c7f3e-6a39-4b1a-8d1a-0c4d8a5f1e22"
CC_BY = "https://creativecommons.org/licenses/by/4.0/"

Entity = dict[str, Any]


def ref(id: str) -> Entity:
    return {"@id": id}


def entities() -> dict[str, Entity]:
    """A Process Run Crate in which a person made labels from an image."""
    listed: list[Entity] = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": ref("./"),
            "conformsTo": ref("https://w3id.org/ro/crate/1.1"),
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "Nuclei of one field",
            "description": "One field of view and its labels.",
            "datePublished": "2026-11-22",
            "license": ref(CC_BY),
            "author": ref(ORCID),
            "publisher": ref(ROR),
            "conformsTo": ref(PROCESS),
            "hasPart": [ref("field%201.tif"), ref("labels.tif")],
            "mentions": ref(ACTION),
        },
        {"@id": PROCESS, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {"@id": CC_BY, "@type": "CreativeWork", "name": "CC BY 4.0", "description": "Attribution"},
        {
            "@id": ORCID,
            "@type": "Person",
            "name": "Josiah Carberry",
            "affiliation": ref(ROR),
            "contactPoint": ref(MAIL),
        },
        {
            "@id": ROR,
            "@type": "Organization",
            "name": "Brown University",
            "url": "https://www.brown.edu/",
            "contactPoint": ref(MAIL),
        },
        {
            "@id": MAIL,
            "@type": "ContactPoint",
            "name": "Josiah Carberry",
            "contactType": "researcher",
            "email": "jc@example.org",
            "identifier": "jc@example.org",
            "url": "https://example.org/jc",
        },
        *(
            {
                "@id": id,
                "@type": "File",
                "name": id,
                "description": "An image",
                "encodingFormat": "image/tiff",
            }
            for id in ("field%201.tif", "labels.tif")
        ),
        {
            "@id": ACTION,
            "@type": "CreateAction",
            "name": "Label nuclei",
            "description": "Painted by hand",
            "endTime": "2026-11-22T09:20:10+00:00",
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "agent": ref(ORCID),
            "instrument": ref(NAPARI),
            "object": ref("field%201.tif"),
            "result": ref("labels.tif"),
        },
        {
            "@id": NAPARI,
            "@type": "SoftwareApplication",
            "name": "napari",
            "version": "0.9.2",
            "url": NAPARI,
        },
    ]
    return {entity["@id"]: entity for entity in listed}


def write_crate(
    folder: Path,
    graph: dict[str, Entity] | None = None,
    context: Any = "https://w3id.org/ro/crate/1.1/context",
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("field 1.tif", "labels.tif"):
        (folder / name).write_bytes(b"II*\0")
    graph = entities() if graph is None else graph
    document = {"@context": context, "@graph": list(graph.values())}
    (folder / CRATE).write_text(json.dumps(document), "utf-8")
    return folder


def by_check(verdicts: list[Verdict]) -> dict[tuple[str, str], VerdictStatus]:
    return {(verdict.check, verdict.level): verdict.status for verdict in verdicts}


def issues(verdicts: list[Verdict]) -> list[Issue]:
    return [issue for verdict in verdicts for issue in verdict.issues]


# ---- the official RO-Crate validator ---------------------------------------------------------


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = write_crate(tmp_path_factory.mktemp("probe"))
    try:
        run_profiles(folder, [])
    except Unavailable as missing:
        pytest.skip(str(missing))


@pytest.mark.usefixtures("validator")
@pytest.mark.parametrize("name", ["plain", "a b#c %41 ü 😀"])
def test_a_good_crate_passes_at_both_levels_of_both_profiles(tmp_path: Path, name: str) -> None:
    said: list[str] = []
    verdicts = validate(write_crate(tmp_path / name), progress=said.append)
    assert issues(verdicts) == []
    assert by_check(verdicts) == {
        (check, level): PASSED
        for check in ("RO-Crate 1.1", "Process Run Crate 0.5")
        for level in ("required", "recommended")
    }
    assert said == ["Checking ro-crate-1.1", "Checking process-run-crate-0.5"]


def without(id: str, name: str) -> Callable[[dict[str, Entity]], object]:
    return lambda graph: graph[id].pop(name)


MUTATIONS = {
    "no licence": (without("./", "license"), "RO-Crate 1.1", "required"),
    "no publisher": (without("./", "publisher"), "RO-Crate 1.1", "recommended"),
    "no instrument": (without(ACTION, "instrument"), "Process Run Crate 0.5", "required"),
    "no result": (without(ACTION, "result"), "Process Run Crate 0.5", "recommended"),
    "undefined term": (
        lambda graph: graph["./"].update({"unheardOf": "x"}),
        "RO-Crate 1.1",
        "required",
    ),
    "missing file": (
        lambda graph: [
            graph["./"]["hasPart"].append(ref("gone.tif")),
            graph.update({"gone.tif": {"@id": "gone.tif", "@type": "File", "name": "gone"}}),
        ],
        "RO-Crate 1.1",
        "required",
    ),
}


@pytest.mark.usefixtures("validator")
@pytest.mark.parametrize("fault", MUTATIONS)
def test_a_crate_with_a_fault_fails_where_the_fault_is(tmp_path: Path, fault: str) -> None:
    spoil, check, level = MUTATIONS[fault]
    graph = entities()
    spoil(graph)
    verdicts = validate(write_crate(tmp_path, graph))
    assert by_check(verdicts)[check, level] is FAILED
    assert NOT_CHECKED not in by_check(verdicts).values()
    assert all(i.check and i.message and "./)" not in i.message for i in issues(verdicts))


@pytest.mark.usefixtures("validator")
def test_a_crate_that_is_no_run_is_checked_against_the_base_alone(tmp_path: Path) -> None:
    graph = entities()
    del graph["./"]["conformsTo"], graph[PROCESS]
    checks = by_check(validate(write_crate(tmp_path, graph)))
    assert checks == {("RO-Crate 1.1", "required"): PASSED, ("RO-Crate 1.1", "recommended"): PASSED}


@pytest.mark.usefixtures("validator")
def test_a_context_from_the_network_is_not_fetched_and_nothing_passes(tmp_path: Path) -> None:
    address = "https://example.invalid/terms/context"
    context = ["https://w3id.org/ro/crate/1.1/context", address]
    began = time.monotonic()
    verdicts = validate(write_crate(tmp_path, context=context))
    assert time.monotonic() - began < 60
    assert {verdict.status for verdict in verdicts} == {NOT_CHECKED}
    assert all(address in verdict.reason for verdict in verdicts)


@pytest.mark.usefixtures("validator")
@pytest.mark.parametrize("document", ["[]", "{}", '{"@context": 1, "@graph": [1, {"@id": 2}]}'])
def test_json_that_is_no_crate_fails_or_is_not_checked(tmp_path: Path, document: str) -> None:
    (tmp_path / CRATE).write_text(document, "utf-8")
    statuses = by_check(validate(tmp_path))
    assert statuses["RO-Crate 1.1", "required"] in (FAILED, NOT_CHECKED)
    assert PASSED not in {statuses["RO-Crate 1.1", "required"]}


# ---- crates, without the validator -----------------------------------------------------------


def test_a_crate_that_is_not_json_fails_with_a_sentence_that_names_it(tmp_path: Path) -> None:
    (tmp_path / CRATE).write_bytes(b"{not json")
    (verdict,) = validate(tmp_path)
    assert verdict.status is FAILED
    assert CRATE in verdict.issues[0].message


@pytest.mark.parametrize(
    ("id", "value", "check"),
    [
        (CRATE, "https://w3id.org/ro/crate/9.9", "RO-Crate 9.9"),
        ("./", "https://w3id.org/ro/wfrun/process/0.6", "Process Run Crate 0.6"),
    ],
)
def test_versions_that_the_validator_does_not_know_are_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, id: str, value: str, check: str
) -> None:
    monkeypatch.setattr(crate_validation, "interpreters", lambda: iter(()))
    graph = entities()
    graph[id]["conformsTo"] = ref(value)
    checks = by_check(validate(write_crate(tmp_path, graph)))
    assert checks[check, "required"] is checks[check, "recommended"] is NOT_CHECKED


def test_without_the_validator_nothing_is_passed_and_the_reason_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crate_validation, "interpreters", lambda: iter(()))
    monkeypatch.setenv(VARIABLE, "some/python")
    verdicts = validate(write_crate(tmp_path))
    assert {verdict.status for verdict in verdicts} == {NOT_CHECKED}
    for words in ("not installed", "pip install roc-validator rocraters", "some/python"):
        assert words in verdicts[0].reason


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Run this Python code in the place of the validator's script."""

    def put(code: str) -> Path:
        path = tmp_path / "script.py"
        path.write_text(code, "utf-8")
        monkeypatch.setattr(crate_validation, "_SCRIPT", path)
        monkeypatch.setattr(crate_validation, "interpreters", lambda: iter([Path(sys.executable)]))
        return write_crate(tmp_path / "crate")

    return put


SAY = "import json, sys, time\nsay = lambda **m: print(json.dumps(m), flush=True)\n"


def test_a_validator_that_hangs_is_ended_and_counts_as_not_checked(
    script: Callable[[str], Path],
) -> None:
    folder = script(SAY + "time.sleep(600)")
    verdicts = validate(folder, timeout=0.5)
    assert {(verdict.status, verdict.reason) for verdict in verdicts} == {
        (NOT_CHECKED, "it took too long")
    }


def test_a_validator_that_crashes_keeps_what_it_had_said(script: Callable[[str], Path]) -> None:
    done = "say(event='finished', profile='ro-crate-1.1', issues=[], checks=60, refused=[])"
    folder = script(f"{SAY}print('noise')\n{done}\nraise MemoryError('too big')")
    verdicts = validate(folder)
    assert [verdict.status for verdict in verdicts] == [PASSED] * 2 + [NOT_CHECKED] * 2
    assert "too big" in verdicts[-1].reason


def test_a_validator_that_made_no_check_has_passed_nothing(script: Callable[[str], Path]) -> None:
    empty = "say(event='finished', profile=p, issues=[], checks=0, refused=[])"
    folder = script(f"{SAY}for p in sys.argv[2:]: {empty}")
    assert {verdict.status for verdict in validate(folder)} == {NOT_CHECKED}


def test_a_validation_can_be_cancelled(script: Callable[[str], Path]) -> None:
    folder = script(SAY + "time.sleep(600)")
    with pytest.raises(Cancelled):
        validate(folder, cancelled=lambda: True)


def test_interpreters_are_looked_up_in_a_fixed_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touch(*parts: str) -> Path:
        path = tmp_path.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return path

    here, named = touch("here", "python"), touch("named", "python")
    own = touch("prefix", "validators", "bin", "python")
    windows = touch("prefix", "validators", "Scripts", "python.exe")
    beside = touch("path", "python3")
    touch("path", "rocrate-validator.exe" if os.name == "nt" else "rocrate-validator")
    monkeypatch.setattr(sys, "executable", str(here))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setenv(VARIABLE, str(named))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert list(interpreters()) == [here, named, own, windows, beside]


def test_a_named_interpreter_that_cannot_be_run_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_bytes(b"\0")
    monkeypatch.setattr(crate_validation, "interpreters", lambda: iter([broken]))
    with pytest.raises(Unavailable):
        run_profiles(write_crate(tmp_path / "crate"), ["ro-crate-1.1"])


# ---- OME-XML ---------------------------------------------------------------------------------

OME = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
    '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="4" SizeY="4" SizeZ="1" '
    'SizeC="1" SizeT="1"><MetadataOnly/></Pixels></Image><StructuredAnnotations>'
    '<XMLAnnotation ID="Annotation:napari-fair:0"><Value/></XMLAnnotation>'
    "</StructuredAnnotations></OME>"
)
FOREIGN = OME.replace("Annotation:napari-fair:0", "Annotation:0")
INVALID = OME.replace('SizeX="4"', 'SizeX="-4"')
LAUGHS = OME.replace("<OME", '<!DOCTYPE x [<!ENTITY a "aaaa">]><OME', 1)


def put(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, "utf-8")
    return folder


def test_our_own_sidecars_in_a_folder_are_checked_against_the_schema(tmp_path: Path) -> None:
    put(tmp_path, a__tif__companion__ome=OME, b__czi__omexml=INVALID)
    good, bad = validate(tmp_path)
    assert (good.path.name, good.status, good.issues) == ("a.tif.companion.ome", PASSED, ())
    assert (bad.path.name, bad.status) == ("b.czi.omexml", FAILED)
    assert "SizeX" in bad.issues[0].message
    assert good.check == "OME-XML 2016-06"


def test_foreign_ome_xml_is_checked_only_when_it_is_named(tmp_path: Path) -> None:
    put(tmp_path, a__tif__companion__ome=OME, other__companion__ome=FOREIGN, x__ome__xml=INVALID)
    assert [verdict.path.name for verdict in validate(tmp_path)] == ["a.tif.companion.ome"]
    assert validate(tmp_path / "other.companion.ome")[0].status is PASSED
    assert validate(tmp_path / "x.ome.xml")[0].status is FAILED


@pytest.mark.parametrize("document", ["", "<OME", "<html/>", LAUGHS])
def test_what_is_no_ome_xml_fails_without_being_expanded(tmp_path: Path, document: str) -> None:
    put(tmp_path, a__omexml=document)
    (verdict,) = validate(tmp_path / "a.omexml")
    assert verdict.status is FAILED
    assert verdict.issues[0].message


def listing(*ids: str) -> dict[str, Entity]:
    graph = entities()
    for id in ids:
        graph[id] = {"@id": id, "@type": "File", "about": ref("labels.tif")}
    return graph


def test_sidecars_that_the_crate_lists_are_checked_once_wherever_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crate_validation, "interpreters", lambda: iter(()))
    listed = ("b%20c.omexml", "sub/d.omexml", "gone.omexml", "../out.omexml", "labels.tif")
    folder = write_crate(tmp_path / "crate", listing(*listed))
    (folder / "sub").mkdir()
    put(tmp_path, out__omexml=OME)
    put(folder, **{"b c__omexml": OME})
    put(folder / "sub", d__omexml=FOREIGN)
    found = [verdict for verdict in validate(folder) if verdict.check == "OME-XML 2016-06"]
    assert [(verdict.path.name, verdict.status) for verdict in found] == [
        ("b c.omexml", PASSED),
        ("d.omexml", PASSED),
        ("gone.omexml", FAILED),
        (CRATE, FAILED),
    ]
    assert "not there" in found[2].issues[0].message
    assert "outside the folder" in found[3].issues[0].message


def test_an_image_stands_for_its_sidecars_and_its_crate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crate_validation, "interpreters", lambda: iter(()))
    folder = write_crate(tmp_path)
    put(folder, labels__tif__companion__ome=OME, c__omexml=OME)
    verdicts = validate(folder / "labels.tif")
    assert {verdict.path.name for verdict in verdicts} == {"labels.tif.companion.ome", CRATE}


@pytest.mark.parametrize("name", [".", "image.tif", "missing.tif", "missing.omexml", CRATE])
def test_nothing_to_check_is_one_sentence_that_names_the_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "image.tif").write_bytes(b"II*\0")
    path = tmp_path / name
    with pytest.raises(FairError, match=r"[^\n]+\.$") as error:
        validate(path)
    assert path.name in str(error.value)
