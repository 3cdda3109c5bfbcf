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
    vocabularies,
)
from napari_fair.vocabulary.keys import key

OBO = r"http://purl\.obolibrary\.org/obo/"
IRIS = {
    "analysis_operation": r"http://edamontology\.org/operation_\S+",
    "anatomy": OBO + r"UBERON_\d{7}",
    "cell_component": OBO + r"GO_\d{7}",
    "cell_line": r"https://www\.cellosaurus\.org/CVCL_[0-9A-Z]{4}",
    "cell_type": OBO + r"CL_\d{7}",
    "contrast_mechanism": OBO + r"FBbi_\d{8}",
    "fluorophore": OBO + r"(?:FBbi|CHEBI)_\d+|https://www\.fpbase\.org/protein/[a-z0-9-]+/|",
    "imaging_method": OBO + r"FBbi_\d{8}",
    "license": r"https:\S+/",
    "study_type": r"http://www\.ebi\.ac\.uk/efo/EFO_\d{7}",
    "organism": OBO + r"NCBITaxon_[1-9]\d*",
}
LICENCES = {"Apache-2.0", "CC0-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-4.0"}


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_a_pack_says_whose_work_it_is(pack: Pack) -> None:
    assert pack.count == len(pack.entries) > 0
    for said in (pack.title, pack.source, pack.version, pack.licence, pack.attribution):
        assert said.strip()


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_ids_labels_and_iris_of_a_pack_are_unique_and_well_formed(pack: Pack) -> None:
    for texts in (
        [entry.id for entry in pack.entries],
        [entry.label for entry in pack.entries],
        [entry.iri for entry in pack.entries if entry.iri],
    ):
        assert [text for text, count in Counter(texts).items() if count > 1 or not text] == []
    odd = [e.iri for e in pack.entries if not re.fullmatch(IRIS[pack.name], e.iri)]
    assert odd == []


def test_only_dyes_of_no_vocabulary_have_no_iri() -> None:
    without = {pack.name: [e for e in pack.entries if not e.iri] for pack in packs()}
    assert {name for name, entries in without.items() if entries} == {"fluorophore"}
    assert all(entry.id == entry.label for entry in without["fluorophore"])


def test_the_packs_are_small_enough_to_ship() -> None:
    assert sum(pack.path.stat().st_size for pack in packs()) < 3_000_000


def test_the_licences_of_the_packs_allow_to_pass_them_on() -> None:
    assert {pack.licence for pack in packs()} <= LICENCES
    assert [p.name for p in packs() if p.licence == "CC-BY-SA-4.0"] == ["analysis_operation"]


def test_the_page_of_licences_names_every_pack_with_its_licence() -> None:
    page = (packs()[0].path.parent / "LICENCES.md").read_text("utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ")][2:]
    said = {cells[1].strip(): re.split("[;,]", cells[3])[0].strip() for cells in rows}
    assert said == {pack.name: pack.licence for pack in packs()}


def test_wavelengths_of_fluorophores_are_plausible() -> None:
    dyes = next(pack for pack in packs() if pack.name == "fluorophore")
    known = [e.extra for e in dyes.entries if e.extra["excitation"] and e.extra["emission"]]
    assert len(known) > 100
    for extra in known:
        assert 300 <= int(extra["excitation"]) < int(extra["emission"]) <= 850, extra


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


def test_the_room_needs_only_the_model() -> None:
    import napari_fair.vocabulary as room

    for module in Path(room.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("napari_fair."):
                assert node.module.split(".")[1] in {"model", "vocabulary"}
