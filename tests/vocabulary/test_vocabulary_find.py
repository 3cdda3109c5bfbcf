from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.model import Term
from napari_fair.vocabulary import Entry, Pack, check_pair, find, iri_of, packs

HUMAN = Term(label="Homo sapiens", iri="http://purl.obolibrary.org/obo/NCBITaxon_9606")
SPINNING = Term(
    label="spinning disk confocal microscopy",
    iri="http://purl.obolibrary.org/obo/FBbi_00000253",
)


@pytest.mark.parametrize(
    "text",
    [
        "9606",
        "NCBITaxon:9606",
        "NCBITaxon_9606",
        "NCBI:txid9606",
        "obo:NCBITaxon_9606",
        "http://purl.obolibrary.org/obo/NCBITaxon_9606",
        "https://purl.obolibrary.org/obo/NCBITaxon_9606/",
        "https://www.ncbi.nlm.nih.gov/Taxonomy/Browser/wwwtax.cgi?id=9606",
        "Homo sapiens",
        "homo  SAPIENS",
        "Human",
        " human ",
    ],
)
def test_a_taxon_is_found_in_every_spelling(text: str) -> None:
    assert find(text, "organism") == HUMAN


@pytest.mark.parametrize(
    "text",
    [
        "FBbi_00000253",
        "FBbi:00000253",
        "fbbi:00000253",
        "obo:FBbi_00000253",
        "http://purl.obolibrary.org/obo/FBbi_00000253",
        "spinning disk",
        "Spinning-Disc confocal",
        "spinning disk confocal microscopy",
    ],
)
def test_an_imaging_method_is_found_in_every_spelling(text: str) -> None:
    assert find(text, "imaging_method") == SPINNING


@pytest.mark.parametrize("text", ["HeLa", "hela cells", "CVCL_0030", "RRID:CVCL_0030"])
def test_a_cell_line_is_a_biological_entity(text: str) -> None:
    found = find(text, "biological_entity")
    assert found == Term(label="HeLa", iri="https://www.cellosaurus.org/CVCL_0030")
    assert find(text, "cell_line") == found


@pytest.mark.parametrize(
    "text",
    [
        "CC-BY-4.0",
        "cc by 4.0",
        "https://creativecommons.org/licenses/by/4.0/",
        "http://creativecommons.org/licenses/by/4.0",
        "https://creativecommons.org/licenses/by/4.0/legalcode",
        "https://creativecommons.org/licenses/by/4.0/deed.de",
        "Creative Commons Attribution 4.0 International",
    ],
)
def test_a_licence_is_found_by_spdx_id_address_and_name(text: str) -> None:
    assert find(text, "license") == Term(
        label="CC-BY-4.0", iri="https://creativecommons.org/licenses/by/4.0/"
    )


@pytest.mark.parametrize(
    ("text", "vocabulary"),
    [
        ("yeast", "organism"),
        ("widefield", "imaging_method"),
        ("CC BY", "license"),
        ("293", "biological_entity"),
        ("hippocampus", "anatomy"),
        ("bladder", "biological_entity"),
        ("GFP", "fluorophore"),
        ("", "organism"),
        ("9606", "imaging_method"),
        ("NCBITaxon:999999999", "organism"),
        ("HeLa", "organism"),
        ("human", "no such vocabulary"),
    ],
)
def test_what_is_unknown_or_ambiguous_is_not_taken_for_a_term(text: str, vocabulary: str) -> None:
    assert find(text, vocabulary) is None


def some_of(pack: Pack) -> tuple[Entry, ...]:
    """Return all terms of a small pack, and every ninth of a large one."""
    return pack.entries if len(pack.entries) < 1000 else pack.entries[::9]


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_every_term_is_found_by_id_iri_label_and_its_own_names(pack: Pack) -> None:
    field = next(field for field in pack.fields if field != "biological_entity")
    lost = [
        (text, found)
        for entry in some_of(pack)
        for text in (entry.id, entry.iri, entry.label, *entry.names)
        if text and (found := find(text, field)) != entry.term
    ]
    assert lost == []


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_a_name_that_is_right_in_its_own_field_is_not_another_term_elsewhere(pack: Pack) -> None:
    wrong = [
        (entry.label, found)
        for entry in some_of(pack)
        for field in pack.fields
        if (found := find(entry.label, field)) not in (entry.term, None)
    ]
    assert wrong == []


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_iri_and_label_of_every_term_agree(pack: Pack) -> None:
    assert [said for entry in pack.entries if (said := check_pair(entry.term))] == []


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_a_term_of_another_label_does_not_agree(pack: Pack) -> None:
    first, second = [entry for entry in pack.entries if entry.iri][:2]
    mixed = Term(label=first.label, iri=second.iri)
    assert second.id in check_pair(mixed)


@given(st.text(max_size=60), st.sampled_from(["organism", "imaging_method", "license", "x"]))
def test_any_text_is_answered(text: str, vocabulary: str) -> None:
    found = find(text, vocabulary)
    assert found is None or found.iri


def test_an_id_that_no_pack_holds_still_has_an_iri() -> None:
    assert iri_of("NCBI:txid77777") == "http://purl.obolibrary.org/obo/NCBITaxon_77777"
    assert iri_of("77777", "organism").endswith("NCBITaxon_77777")
    assert iri_of("77777") == ""
    assert iri_of("CVCL_ZZZZ") == "https://www.cellosaurus.org/CVCL_ZZZZ"
    assert iri_of("two-photon", "imaging_method") == ""
    assert iri_of("uberon_0000955") == "http://purl.obolibrary.org/obo/UBERON_0000955"
    assert iri_of("EFO:0000001") == "http://www.ebi.ac.uk/efo/EFO_0000001"


def test_a_label_that_belongs_to_another_iri_is_reported() -> None:
    wrong = Term(label="two-photon", iri=SPINNING.iri)
    sentence = check_pair(wrong)
    assert "FBbi:00000253" in sentence
    assert "spinning disk confocal microscopy" in sentence
    assert "two-photon" in sentence


def test_a_pair_is_right_with_a_synonym_and_unchecked_outside_the_packs() -> None:
    assert check_pair(Term(label="Spinning disc", iri=SPINNING.iri)) == ""
    assert check_pair(Term(label="anything", iri="https://example.org/unknown")) == ""
    assert check_pair(Term(label="free text")) == ""
