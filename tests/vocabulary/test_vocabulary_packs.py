from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from napari_fair.model import Term, fields
from napari_fair.vocabulary import (
    Pack,
    acquisition_mode_of,
    describe_licence,
    find,
    method_for_acquisition_mode,
    packs,
    search,
    vocabularies,
)
from napari_fair.vocabulary.index import key

IRI = {
    "NCBITaxon": r"http://purl\.obolibrary\.org/obo/NCBITaxon_[1-9]\d*",
    "FBbi": r"http://purl\.obolibrary\.org/obo/FBbi_\d{8}",
    "CVCL_": r"https://www\.cellosaurus\.org/CVCL_[0-9A-Z]{4}",
}


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_a_pack_says_whose_work_it_is(pack: Pack) -> None:
    assert pack.entries
    for said in (pack.title, pack.source, pack.version, pack.licence, pack.attribution):
        assert said.strip()


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_ids_labels_and_iris_of_a_pack_are_unique_and_well_formed(pack: Pack) -> None:
    for column in ("id", "iri", "label"):
        counts = Counter(getattr(entry, column) for entry in pack.entries)
        assert not [text for text, count in counts.items() if count > 1 or not text]
    for entry in pack.entries:
        pattern = next(
            (iri for start, iri in IRI.items() if entry.id.startswith(start)), "https:.*/"
        )
        assert re.fullmatch(pattern, entry.iri), entry.iri


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_no_exact_name_stands_for_two_terms(pack: Pack) -> None:
    names = Counter(
        name for entry in pack.entries for name in {key(entry.label), *map(key, entry.names)}
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_every_vocabulary_that_a_field_names_has_a_pack() -> None:
    named = {field.vocabulary for field in fields().values() if field.vocabulary}
    assert named <= set(vocabularies())


def test_the_pairs_with_ome_use_words_of_its_schema() -> None:
    ome_types = pytest.importorskip("ome_types")
    schema = (Path(ome_types.__file__).parent / "ome-2016-06.xsd").read_text("utf-8")
    words = set(re.findall(r'enumeration value="([^"]+)"', schema))
    methods = next(pack for pack in packs() if pack.name == "imaging_method")
    for entry in methods.entries:
        mode, contrast = acquisition_mode_of(entry.term)
        assert {mode, contrast} <= words | {""}
        for pair in filter(None, entry.extra["from_ome"].split("|")):
            assert set(pair.split("/")) <= words | {"", "*"}


@pytest.mark.parametrize(
    ("mode", "contrast", "number"),
    [
        ("SpinningDiskConfocal", "", "253"),
        ("SpinningDiskConfocal", "Fluorescence", "253"),
        ("LaserScanningConfocalMicroscopy", "", "252"),
        ("MultiPhotonMicroscopy", "Fluorescence", "255"),
        ("BrightField", "", "243"),
        ("BrightField", "Phase", "247"),
        ("", "DIC", "245"),
        ("WideField", "Fluorescence", "246"),
        ("TotalInternalReflection", "", "617"),
        ("SPIM", "", "369"),
    ],
)
def test_ome_words_give_the_imaging_method(mode: str, contrast: str, number: str) -> None:
    found = method_for_acquisition_mode(mode, contrast)
    assert found is not None
    assert found.iri == f"http://purl.obolibrary.org/obo/FBbi_{int(number):08d}"


@pytest.mark.parametrize(
    ("mode", "contrast"),
    [("WideField", ""), ("Other", ""), ("", ""), ("BrightField", "Fluorescence"), ("micron", "")],
)
def test_ome_words_that_leave_the_method_open_give_none(mode: str, contrast: str) -> None:
    assert method_for_acquisition_mode(mode, contrast) is None


def test_a_method_that_is_free_text_has_no_ome_words() -> None:
    assert acquisition_mode_of(Term(label="spinning disk")) == ("", "")
    two_photon = find("two-photon", "imaging_method")
    assert two_photon is not None
    assert acquisition_mode_of(two_photon) == ("MultiPhotonMicroscopy", "")


def test_a_licence_is_described_in_a_sentence() -> None:
    licence = describe_licence(Term(label="CC0-1.0"))
    assert licence is not None
    assert licence.url == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert licence.bioimage_archive == "yes"
    assert licence.summary.endswith(".")
    assert describe_licence(Term(label="our own terms")) is None


def first(text: str, vocabulary: str) -> str:
    return search(text, vocabulary)[0].term.label


@pytest.mark.parametrize(
    ("text", "vocabulary", "label"),
    [
        ("hela", "biological_entity", "HeLa"),
        ("u2", "biological_entity", "U2OS"),
        ("mouse", "organism", "Mus musculus"),
        ("9606", "organism", "Homo sapiens"),
        ("yeast", "organism", "Saccharomyces cerevisiae"),
        ("zebrafsh", "organism", "Danio rerio"),
        ("c elegans", "organism", "Caenorhabditis elegans"),
        ("confocl", "imaging_method", "confocal microscopy"),
        ("melanogaster", "organism", "Drosophila melanogaster"),
        ("confocal", "imaging_method", "confocal microscopy"),
        ("spinning", "imaging_method", "spinning disk confocal microscopy"),
        ("widefield", "imaging_method", "fluorescence microscopy"),
        ("stormm", "imaging_method", "STORM (stochastic optical reconstruction microscopy)"),
        ("lightsheet", "imaging_method", "selective plane illumination fluorescence microscopy"),
        ("cc by", "license", "CC-BY-4.0"),
        ("zero", "license", "CC0-1.0"),
    ],
)
def test_the_obvious_answer_is_first(text: str, vocabulary: str, label: str) -> None:
    assert first(text, vocabulary) == label


def test_a_search_says_what_matched_and_keeps_the_limit() -> None:
    matches = search("micro", "imaging_method", limit=3)
    assert len(matches) == 3
    assert matches == sorted(matches, key=lambda match: -match.score)
    mouse = search("mou", "organism")[0]
    assert (mouse.matched, mouse.pack, mouse.id) == ("mouse", "organism", "NCBITaxon:10090")


def test_nothing_like_it_gives_no_match() -> None:
    assert search("qqqqzzzz", "organism") == []
    assert search("  ", "organism") == []
    assert search("mouse", "no such vocabulary") == []


def test_the_room_needs_only_the_model() -> None:
    import napari_fair.vocabulary as room

    for module in Path(room.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("napari_fair."):
                assert node.module.split(".")[1] in {"model", "vocabulary"}
