from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.model import Dataset, Organization, Quantity, State, Study, Term, field
from napari_fair.session.texts import (
    InvalidValue,
    Parsing,
    orcid_is_valid,
    parts,
    term_id,
    text_of,
)

CARBERRY = (
    "Josiah Carberry <0000-0002-1825-0097> <jc@example.org> "
    "@ Brown University <https://ror.org/05gq02987>"
)


def empty() -> Dataset:
    return Dataset(id="d", created="2026-01-01", study=Study(id="s"))


def parse(path: str, text: str) -> tuple[Any, Dataset]:
    parsing = Parsing(empty())
    recorded = parsing.recorded(field(path), text, origin="typed", where="")
    return recorded, parsing.dataset


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("study.title", "  A title ", "A title"),
        ("study.keywords", "mitosis; ; live imaging", ("mitosis", "live imaging")),
        ("image.size_x", "512", 512),
        ("objective.lens_na", "1,4", 1.4),
        ("image.physical_size_x", "108 nm", Quantity(value=0.108, unit="µm")),
        ("image.physical_size_x", "0.1 μm", Quantity(value=0.1, unit="µm")),
        ("image.physical_size_x", "0.1 micron", Quantity(value=0.1, unit="µm")),
        ("channel.exposure_time", "100 ms", Quantity(value=0.1, unit="s")),
        ("image.stage_x", "-3 mm", Quantity(value=-3000.0, unit="µm")),
        ("study.date_published", "2027-03-01", "2027-03-01"),
        ("image.acquisition_date", "2026-11-20T14:03", "2026-11-20T14:03:00"),
        ("study.publisher", "Brown University", Organization(name="Brown University")),
        ("study.data_management_plan", "10.5281/zenodo.1", "https://doi.org/10.5281/zenodo.1"),
        ("study.data_management_plan", "https://x.org/a", "https://x.org/a"),
        ("instrument.stand", "inverted", "Inverted"),
        ("annotation.type", "tracks; Class labels", ("tracks", "class_labels")),
        ("environment.temperature", "-20 °C", Quantity(value=-20.0, unit="°C")),
        ("environment.temperature", "310.15 kelvin", Quantity(value=37.0, unit="°C")),
        ("image.physical_size_x", "0.5 thou", Quantity(value=12.7, unit="µm")),
    ],
)
def test_a_text_becomes_the_value_it_says(path: str, text: str, value: Any) -> None:
    recorded, _ = parse(path, text)
    assert recorded.value == value


@pytest.mark.parametrize(
    "text", ["Homo sapiens", "human", "9606", "NCBITaxon:9606", "NCBI:txid9606"]
)
def test_an_organism_is_found_by_label_id_or_friendly_name(text: str) -> None:
    recorded, _ = parse("biosample.organism", text)
    iri = "http://purl.obolibrary.org/obo/NCBITaxon_9606"
    assert recorded.value == (Term(label="Homo sapiens", iri=iri),)
    assert term_id(recorded.value, "organism") == "NCBITaxon:9606"


def test_free_text_is_kept_as_not_yet_a_term() -> None:
    recorded, _ = parse("biosample.biological_entity", "my favourite line; HeLa")
    assert recorded.value[0] == Term(label="my favourite line")
    assert recorded.value[1].iri.endswith("CVCL_0030")


def test_a_licence_may_be_an_spdx_id_or_an_address() -> None:
    by_id, _ = parse("study.license", "CC-BY-4.0")
    assert by_id.value.iri == "https://creativecommons.org/licenses/by/4.0/"
    by_address, _ = parse("study.license", "https://creativecommons.org/licenses/by/4.0/")
    assert by_address.value == by_id.value
    own, _ = parse("study.license", "https://example.org/our-licence")
    assert own.value.iri == "https://example.org/our-licence"


def test_a_person_is_read_with_all_parts_and_written_the_same() -> None:
    recorded, dataset = parse("study.authors", CARBERRY)
    person = dataset.person(recorded.value[0])
    assert person is not None
    assert (person.name, person.orcid, person.email) == (
        "Josiah Carberry",
        "0000-0002-1825-0097",
        "jc@example.org",
    )
    assert person.affiliation == Organization(
        name="Brown University", ror="https://ror.org/05gq02987"
    )
    assert text_of(dataset, field("study.authors"), recorded) == CARBERRY


def test_a_person_named_again_with_less_keeps_what_is_known() -> None:
    parsing = Parsing(parse("study.authors", CARBERRY)[1])
    parsing.recorded(field("study.authors"), "Josiah Carberry", origin="typed", where="")
    assert [person.orcid for person in parsing.dataset.people] == ["0000-0002-1825-0097"]


def test_roles_are_part_of_a_persons_text() -> None:
    text = "Josiah Carberry [investigation, data-curation] @ Brown University"
    recorded, dataset = parse("study.authors", text.replace("data-curation", "Data curation"))
    assert dataset.people[0].roles == ("investigation", "data-curation")
    assert text_of(dataset, field("study.authors"), recorded) == text


@pytest.mark.parametrize(
    ("text", "state"),
    [("unknown", State.UNKNOWN), ("Not applicable", State.NOT_APPLICABLE)],
)
def test_states_have_words(text: str, state: State) -> None:
    recorded, dataset = parse("biosample.organism", text)
    assert recorded.state is state
    assert text_of(dataset, field("biosample.organism"), recorded) == state.value


@pytest.mark.parametrize(
    ("path", "text", "hint"),
    [
        ("image.physical_size_x", "0.1", "0.1 µm"),
        ("image.physical_size_x", "0 µm", "more than zero"),
        ("image.physical_size_x", "-1 µm", "more than zero"),
        ("image.physical_size_x", "3 s", "does not convert"),
        ("image.physical_size_x", "3 pixel", "does not convert"),
        ("image.physical_size_x", "small", "a number and a unit"),
        ("image.size_x", "many", "whole number"),
        ("objective.lens_na", "high", "a number"),
        ("objective.lens_na", "nan", "needs a number"),
        ("objective.lens_na", "inf", "needs a number"),
        ("image.physical_size_x", "1e400 µm", "needs a number"),
        ("image.physical_size_x", "1e308 m", "too large in µm"),
        ("image.physical_size_x", "10 px", "does not convert"),
        ("image.physical_size_x", "1 9**9**9**9", "does not convert"),
        ("image.size_x", "9" * 25, "too large"),
        ("environment.co2", "-1 %", "less than zero"),
        ("study.date_published", "20/11/2026", "year-month-day"),
        ("image.acquisition_date", "yesterday", "2026-11-20"),
        ("study.authors", "Josiah Carberry <0000-0002-1825-0098>", "check digit"),
        ("study.authors", "Josiah Carberry <what is this>", "neither an ORCID"),
        ("study.authors", "<0000-0002-1825-0097>", "needs a name"),
        ("study.authors", "Josiah Carberry @ <https://ror.org/05gq02987>", "needs a name"),
        ("study.authors", "Josiah Carberry @ Brown <https://example.org>", "ROR"),
        ("study.title", "lone \ud800 surrogate", "cannot be stored"),
        ("study.data_management_plan", "in the drawer", "web address or a DOI"),
        ("instrument.stand", "sideways", "Upright, Inverted"),
        ("study.authors", "Josiah Carberry [cook]", "CRediT roles"),
    ],
)
def test_what_is_no_value_is_refused_with_a_hint(path: str, text: str, hint: str) -> None:
    with pytest.raises(InvalidValue, match=hint) as caught:
        parse(path, text)
    assert field(path).label in str(caught.value)


def test_a_separator_inside_an_address_does_not_separate() -> None:
    assert parts("a <https://x.org/?q=1;2>; b") == ["a <https://x.org/?q=1;2>", "b"]


@given(st.text(alphabet="abc <>;@", max_size=30))
def test_parts_are_never_blank(text: str) -> None:
    assert all(part.strip() for part in parts(text))


@given(st.from_regex(r"[0-9]{15}[0-9X]", fullmatch=True), st.integers(0, 14))
def test_an_orcid_with_one_wrong_digit_is_found_out(digits: str, place: int) -> None:
    if orcid_is_valid(digits):
        wrong = str((int(digits[place]) + 1) % 10)
        assert not orcid_is_valid(digits[:place] + wrong + digits[place + 1 :])
