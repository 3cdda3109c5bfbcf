"""show, check, validate, verify and vocabulary: verbs that read the record."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

SETTINGS = (
    "study.title=Spindles",
    "study.description=Dividing cells.",
    "study.authors=Josiah Carberry <0000-0002-1825-0097> <jc@example.org> @ Brown University",
    "study.license=CC-BY-4.0",
    "study.keywords=mitosis; spindle",
    "study.date_published=2027-03-01",
    "biosample.organism=Homo sapiens",
    "biosample.biological_entity=HeLa",
    "specimen.preparation=fixed",
    "acquisition.imaging_method=confocal microscopy",
    "acquisition.instrument=Ti2",
    "acquisition.parameters=60x",
    "image.acquisition_date=2026-11-20",
    "image.physical_size_x=0.1 µm",
    "image.physical_size_y=0.1 µm",
)


@pytest.fixture
def annotated(run: Any, folder: Path) -> Path:
    result = run("annotate", ".", *(word for text in SETTINGS for word in ("--set", text)))
    assert result.exit_code == 0, result.output
    return folder


# ---- show -----------------------------------------------------------------------------------


def test_show_gives_each_image_its_fields_with_value_text_and_origin(
    read: Any, annotated: Path
) -> None:
    document = read("show", "a b.ome.tif")

    (image,) = document["images"]
    assert (image["source"], image["index"], image["name"]) == ("a b.ome.tif", 0, "scene 0")
    organism = image["fields"]["biosample.organism"]
    assert organism["value"] == [
        {"label": "Homo sapiens", "iri": "http://purl.obolibrary.org/obo/NCBITaxon_9606"}
    ]
    assert (organism["text"], organism["state"]) == ("Homo sapiens", "given")
    assert (organism["origin"], organism["level"]) == ("typed", "dataset")
    size = image["fields"]["image.size_x"]
    assert (size["value"], size["origin"], size["level"]) == (8, "header", "file")
    calibrated = image["fields"]["image.physical_size_y"]
    assert (calibrated["value"], calibrated["unit"], calibrated["text"]) == (0.1, "µm", "0.1 µm")
    assert image["fields"]["acquisition.instrument"]["value"] == "Ti2"


def test_show_gives_people_the_study_and_where_the_crate_is(read: Any, annotated: Path) -> None:
    document = read("show", ".")

    assert document["people"] == [
        {
            "name": "Josiah Carberry",
            "orcid": "0000-0002-1825-0097",
            "email": "jc@example.org",
            "affiliation": {"name": "Brown University", "ror": None},
            "roles": [],
        }
    ]
    assert document["study"]["study.authors"]["value"] == document["people"]
    assert document["crate"] == str(annotated / "ro-crate-metadata.json")
    assert document["conflicts"] == []
    assert [source["path"] for source in document["sources"]] == ["a b.ome.tif", "ü#1.ome.tif"]


def test_an_image_without_a_record_is_shown_as_its_file_is(
    run: Any, read: Any, folder: Path, contents: Any
) -> None:
    before = contents(folder)

    document = read("show", "a b.ome.tif")

    assert (document["recorded"], document["crate"]) == (False, None)
    assert document["images"][0]["fields"]["image.size_x"]["value"] == 8
    assert contents(folder) == before
    assert run("show", "a b.ome.tif").exit_code == 0


def test_a_record_is_shown_even_when_the_image_is_gone(read: Any, annotated: Path) -> None:
    (annotated / "a b.ome.tif").unlink()

    assert read("show", "a b.ome.tif")["images"][0]["fields"]["study.title"]["text"] == "Spindles"


def test_a_folder_with_nothing_to_show_is_a_sentence(run: Any, tmp_path: Path) -> None:
    result = run("show", tmp_path)

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_all_fields_that_can_be_set_are_listed(read: Any, run: Any, annotated: Path) -> None:
    entries = {entry["name"]: entry for entry in read("show", "--fields")["fields"]}

    assert {"study.title", "biosample.organism", "image.physical_size_x"} <= set(entries)
    title = entries["study.title"]
    assert title["level"] == "essentials"
    assert title["label"] and title["why"] and title["example"]
    assert run("annotate", ".", "--set", "channel.0.fluor=DAPI").exit_code == 0
    assert "channel.0.fluor" in entries


# ---- check ----------------------------------------------------------------------------------


def test_a_complete_record_passes_the_check(run: Any, read: Any, annotated: Path) -> None:
    result = run("check", ".")

    assert result.exit_code == 0, result.output
    document = read("check", ".")
    assert document["rules"]["name"] == "essentials"
    assert {r["status"] for r in document["results"]} <= {"passed", "not applicable"}


def test_a_gap_has_the_images_the_reason_and_what_to_do(
    run: Any, read: Any, annotated: Path
) -> None:
    run("annotate", "ü#1.ome.tif", "--set", "biosample.organism=")
    run("annotate", "ü#1.ome.tif", "--set", "image.physical_size_x=")

    document = read("check", ".")

    (gap,) = [r for r in document["results"] if r["status"] in ("missing", "partly")]
    assert gap["images"] == [{"source": "ü#1.ome.tif", "index": 0}]
    assert gap["field"] == "image.physical_size_x"
    assert gap["action"]
    assert run("check", ".").exit_code == 1
    assert run("check", "a b.ome.tif").exit_code == 0


def test_a_folder_without_a_record_is_checked_by_its_files(
    run: Any, read: Any, folder: Path, contents: Any
) -> None:
    before = contents(folder)

    document = read("check", ".")

    assert document["recorded"] is False
    status = {result["rule"]: result["status"] for result in document["results"]}
    assert status["study.title"] == "missing"
    assert contents(folder) == before


def test_rules_that_do_not_exist_are_wrong_use(run: Any, folder: Path) -> None:
    result = run("check", ".", "--rules", "nonsense")

    assert result.exit_code == 2
    assert "nonsense" in result.stderr


# ---- validate -------------------------------------------------------------------------------


def test_sidecars_of_ours_pass_the_ome_schema(read: Any, annotated: Path) -> None:
    verdicts = read("validate", ".")["verdicts"]

    ome = [v for v in verdicts if v["check"].startswith("OME-XML")]
    assert [v["status"] for v in ome] == ["passed", "passed"]
    assert all(v["reason"] for v in verdicts if v["status"] == "not checked")


def test_an_invalid_sidecar_fails(run: Any, read: Any, annotated: Path) -> None:
    sidecar = annotated / "a b.ome.tif.companion.ome"
    sidecar.write_bytes(sidecar.read_bytes().replace(b"SizeX=", b"SizeQ="))

    result = run("validate", "a b.ome.tif.companion.ome")

    assert result.exit_code == 1
    assert "SizeQ" in result.stdout


def test_nothing_to_validate_is_a_sentence(run: Any, folder: Path) -> None:
    result = run("validate", ".")

    assert result.exit_code == 2
    assert "annotate" in result.stderr


# ---- verify ---------------------------------------------------------------------------------


def statuses(document: Any) -> dict[str, str]:
    return {f["path"]: f["status"] for f in document["files"] if f["kind"] == "image"}


def test_files_that_nobody_touched_are_unchanged(run: Any, read: Any, annotated: Path) -> None:
    document = read("verify", ".")

    assert {file["status"] for file in document["files"]} == {"unchanged"}
    assert {file["kind"] for file in document["files"]} == {"image", "sidecar"}
    assert run("verify", ".").exit_code == 0


def test_a_file_of_the_same_size_with_other_bytes_is_changed(
    run: Any, read: Any, annotated: Path
) -> None:
    image = annotated / "a b.ome.tif"
    data = bytearray(image.read_bytes())
    data[-1] ^= 1
    image.write_bytes(bytes(data))

    assert statuses(read("verify", "."))["a b.ome.tif"] == "changed"
    assert run("verify", ".").exit_code == 1
    assert run("verify", "ü#1.ome.tif").exit_code == 0


def test_missing_and_moved_files_are_told_apart(run: Any, read: Any, annotated: Path) -> None:
    (annotated / "a b.ome.tif").unlink()
    (annotated / "deep").mkdir()
    shutil.move(annotated / "ü#1.ome.tif", annotated / "deep" / "elsewhere.tif")

    document = read("verify", ".")

    assert statuses(document) == {"a b.ome.tif": "missing", "ü#1.ome.tif": "moved"}
    moved = next(file for file in document["files"] if file["status"] == "moved")
    assert moved["now"] == "deep/elsewhere.tif"
    assert run("verify", ".").exit_code == 1


def test_a_sidecar_that_somebody_edited_is_changed(run: Any, read: Any, annotated: Path) -> None:
    with (annotated / "a b.ome.tif.companion.ome").open("ab") as stream:
        stream.write(b"\n")

    files = {file["path"]: file["status"] for file in read("verify", ".")["files"]}

    assert files["a b.ome.tif.companion.ome"] == "changed"
    assert run("verify", ".").exit_code == 1


def test_verifying_writes_nothing_when_nothing_is_pending(
    run: Any, annotated: Path, contents: Any
) -> None:
    before = contents(annotated)

    run("verify", ".")

    assert contents(annotated) == before


def test_what_is_in_no_record_cannot_be_verified(run: Any, folder: Path) -> None:
    result = run("verify", "a b.ome.tif")

    assert result.exit_code == 2
    assert "annotate" in result.stderr


# ---- vocabulary -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["organism", "biosample.organism"])
def test_a_search_gives_terms_best_first(read: Any, kind: str) -> None:
    terms = read("vocabulary", "search", "fruit fly", "--field", kind)["terms"]

    assert terms[0] == {
        "iri": "http://purl.obolibrary.org/obo/NCBITaxon_7227",
        "id": "NCBITaxon:7227",
        "label": "Drosophila melanogaster",
        "pack": "organism",
    }


def test_a_search_without_a_hit_says_so(run: Any, read: Any) -> None:
    words = ("vocabulary", "search", "xqzzzw", "--field", "organism")

    assert run(*words).exit_code == 1
    assert read(*words) == {"terms": []}


def test_a_kind_that_no_pack_serves_is_wrong_use(run: Any) -> None:
    result = run("vocabulary", "search", "x", "--field", "nonsense")

    assert result.exit_code == 2
    assert "organism" in result.stderr


def test_the_packs_say_where_their_terms_come_from(read: Any) -> None:
    packs = read("vocabulary", "list")["packs"]

    assert {"organism", "imaging_method", "license"} <= {pack["name"] for pack in packs}
    assert all(pack["terms"] > 0 and pack["licence"] and pack["source"] for pack in packs)


def test_a_pack_of_the_labs_own_is_added_and_searched(run: Any, read: Any, tmp_path: Path) -> None:
    pack = tmp_path / "strains.tsv"
    pack.write_text("id\tlabel\tsynonyms\nLAB:1\tFluffy mouse line\tfluffy\n")
    added = read("vocabulary", "add", str(pack), "--field", "organism")
    assert added["terms"] == 1
    terms = read("vocabulary", "search", "fluffy", "--field", "organism")["terms"]
    assert terms[0]["label"] == "Fluffy mouse line"
    broken = tmp_path / "broken.tsv"
    broken.write_text("nothing")
    result = run("vocabulary", "add", str(broken))
    assert result.exit_code == 2
    assert "broken.tsv" in result.stderr
