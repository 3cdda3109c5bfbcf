"""What is said beside a field while it is typed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from napari_fair.headers import read_header
from napari_fair.session import InvalidValue, Session, open_folder
from napari_fair.session.remarks import (
    email_remark,
    kept_remark,
    orcid_remark,
    remark_on,
    ror_remark,
)

FUTURE = (date.today() + timedelta(days=3)).isoformat()


@pytest.fixture
def session(folder: Path, image: Path) -> Session:
    opened = open_folder(folder)
    opened.add(read_header(image))
    return opened


@pytest.mark.parametrize(
    ("path", "text", "tone", "words"),
    [
        ("environment.temperature", "37", "", "Add the unit"),
        ("channel.0.exposure_time", "100 ms", "good", "Kept as 0.1 s"),
        ("channel.0.exposure_time", "100 kg", "error", "does not convert to s"),
        ("channel.0.exposure_time", "100 flurb", "error", "'flurb' does not convert"),
        ("channel.0.exposure_time", "-1 s", "error", "more than zero"),
        ("channel.0.excitation_wavelength", "4880 nm", "warning", "is 4880 nm right?"),
        ("channel.0.excitation_wavelength", "0.488 µm", "good", "Kept as 488 nm"),
        ("study.authors", "Josiah <0000-0002-1825-0098>", "error", "check digit is wrong"),
        ("study.authors", "Josiah <0000-0002-1825-0097>", "good", "ORCID"),
        ("study.publisher", "Brown <https://ror.org/05gq02986>", "error", "check digits are wrong"),
        ("study.publisher", "Brown <https://ror.org/05gq02987>", "good", "ROR"),
        ("study.data_management_plan", "10.1038", "error", "not complete"),
        ("study.data_management_plan", "10.1038/abc", "good", "DOI"),
        ("study.data_management_plan", "my drawer", "error", "web address or a DOI"),
        ("study.publications", "Nature 2021; 10.1038/", "warning", "no complete DOI"),
        ("study.license", "CC-BY-4.0", "good", "BioImage Archive accepts"),
        ("study.license", "CC-BY-NC-4.0", "warning", "Not checked"),
        ("study.license", "ask me", "warning", "no licence that archives know"),
        ("study.date_published", "2027-02-30", "error", "year-month-day"),
        ("study.date_published", "2027-", "", "year-month-day"),
        ("image.acquisition_date", FUTURE, "warning", "in the future"),
        ("image.acquisition_date", "2026-11-20T14:03:00", "", "time zone is not known"),
        ("objective.lens_na", "much", "error", "a number"),
        ("objective.lens_na", "14", "warning", "is 14 right?"),
    ],
)
def test_a_text_is_checked_in_plain_words(
    session: Session, path: str, text: str, tone: str, words: str
) -> None:
    said = remark_on(session.dataset, path, text)
    assert said is not None and (said.tone, words in said.text) == (tone, True), said


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("study.title", "Spindles"),
        ("study.date_published", "2027-03-01"),
        ("image.acquisition_date", "2026-11-20T14:03:00+01:00"),
        ("channel.0.exposure_time", "0.1 s"),
        ("channel.0.exposure_time", "unknown"),
        ("study.authors", "Josiah Carberry"),
        ("study.publications", "10.1038/s41592-021-01166-8; Nature 2021"),
        ("study.publisher", ""),
    ],
)
def test_nothing_is_said_of_what_is_well(session: Session, path: str, text: str) -> None:
    assert remark_on(session.dataset, path, text) is None


@pytest.mark.parametrize(
    ("immersion", "aperture", "odd"),
    [
        ("Air", "1.2", True),
        ("Dry", "0.95", False),
        ("Water", "1.2", False),
        ("Water", "1.4", True),
        ("Oil", "1.49", False),
        ("", "1.4", False),
        ("Glycerol", "1.3", False),
    ],
)
def test_the_aperture_is_compared_with_the_immersion(
    session: Session, immersion: str, aperture: str, odd: bool
) -> None:
    image = session.sources()[0].images[0].id
    session.set("objective.immersion", immersion, image=image)
    said = remark_on(session.dataset, "objective.lens_na", aperture, image)
    assert (said is not None) is odd
    session.set("objective.lens_na", aperture, image=image)
    assert (kept_remark(session.dataset, "objective.immersion", image) is not None) is odd


def test_emission_below_excitation_is_odd_except_with_several_photons(session: Session) -> None:
    image = session.sources()[0].images[0].id
    session.set("channel.0.excitation_wavelength", "800 nm", image=image)
    path = "channel.0.emission_wavelength"
    said = remark_on(session.dataset, path, "525 nm", image)
    assert said is not None and "multiphoton" in said.text
    session.set("acquisition.imaging_method", "two-photon laser scanning microscopy")
    assert remark_on(session.dataset, path, "525 nm", image) is None


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("0000-0002-18", ""),
        ("0000-0002-1825-0097", "good"),
        ("https://orcid.org/0000-0002-1825-0097", "good"),
        ("0000-0002-1825-0079", "error"),
        ("0000-0002-1694-233X", "good"),
    ],
)
def test_orcid_digits_are_counted_and_checked(text: str, tone: str) -> None:
    said = orcid_remark(text)
    assert said is not None and said.tone == tone


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("https://ror.org/05g", ""),
        ("05gq02987", "good"),
        ("https://ror.org/013meh722", "good"),
        ("https://ror.org/013meh723", "error"),
        ("https://ror.org/013mhe722", "error"),
    ],
)
def test_ror_characters_are_checked(text: str, tone: str) -> None:
    said = ror_remark(text)
    assert said is not None and said.tone == tone


def test_an_email_is_told_from_none() -> None:
    assert email_remark("jc@") is not None
    assert email_remark("jc@example.org") is None and email_remark("") is None


def test_a_wrong_ror_address_is_not_taken(session: Session) -> None:
    with pytest.raises(InvalidValue, match="check digits"):
        session.set("study.publisher", "Brown <https://ror.org/05gq02988>")
