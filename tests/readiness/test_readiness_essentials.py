from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_fair.files import FairError
from napari_fair.model import (
    AcquisitionProtocol,
    BioSample,
    Conflict,
    Dataset,
    Image,
    ImageSource,
    Instrument,
    Level,
    Person,
    Quantity,
    Recorded,
    SourceFile,
    Specimen,
    State,
    Study,
    Term,
    Trust,
    Uses,
    fields_at,
)
from napari_fair.readiness import Report, Result, Status, check, rule_set, rule_sets

HUMAN = Term(label="Homo sapiens", iri="http://purl.obolibrary.org/obo/NCBITaxon_9606")
HELA = Term(label="HeLa", iri="https://www.cellosaurus.org/CVCL_0030")
SPINNING = Term(
    label="spinning disk confocal microscopy", iri="http://purl.obolibrary.org/obo/FBbi_00000253"
)
CC_BY = Term(label="CC-BY-4.0", iri="https://creativecommons.org/licenses/by/4.0/")
PERSON = Person(id="p1", name="Josiah Carberry", orcid="0000-0002-1825-0097")
UNKNOWN: Recorded[Any] = Recorded(state=State.UNKNOWN)
NOT_APPLICABLE: Recorded[Any] = Recorded(state=State.NOT_APPLICABLE)


def said(value: Any, **more: Any) -> Recorded[Any]:
    return Recorded(value=value, **more)


def facts(**more: Recorded[Any] | None) -> dict[str, Recorded[Any]]:
    given: dict[str, Recorded[Any] | None] = {
        "size_z": said(1),
        "size_t": said(1),
        "physical_size_x": said(Quantity(value=0.108, unit="µm")),
        "physical_size_y": said(Quantity(value=0.108, unit="µm")),
        "acquisition_date": said("2026-11-20T14:03:00"),
        **more,
    }
    return {f"image.{name}": value for name, value in given.items() if value is not None}


def image(name: str = "i1", **more: Recorded[Any] | None) -> Image:
    return Image(id=name, facts=facts(**more))


def source(*images: Image) -> ImageSource:
    listed = tuple(one.model_copy(update={"index": n}) for n, one in enumerate(images))
    return ImageSource(id="s1", format="TIFF", files=(SourceFile(path="a.tif"),), images=listed)


def dataset(*images: Image, **more: Any) -> Dataset:
    study = {
        "title": said("Spindles of dividing HeLa cells"),
        "description": said("Time-lapse of dividing cells, treated or not."),
        "authors": said(("p1",)),
        "license": said(CC_BY),
        "keywords": said(("mitosis", "spindle")),
        "date_published": said("2027-03-01"),
    }
    study |= more.pop("study", {})
    sample = {"organism": said((HUMAN,)), "biological_entity": said((HELA,))}
    sample |= more.pop("biosample", {})
    protocol = {
        "imaging_method": said((SPINNING,)),
        "instrument": said("m1"),
        "parameters": said("60x/1.40 oil, 100 ms"),
    }
    protocol |= more.pop("acquisition", {})
    whole: dict[str, Any] = {
        "people": (PERSON,),
        "specimens": (Specimen(id="sp1", preparation=said("4 % PFA, DAPI")),),
        "instruments": (Instrument(id="m1", label="Nikon Ti2"),),
        "sources": (source(*images),) if images else (),
        **more,
    }
    return Dataset(
        id="d1",
        created="2026-11-22",
        study=Study(id="st1", **study),
        biosamples=(BioSample(id="b1", **sample),),
        acquisitions=(AcquisitionProtocol(id="a1", **protocol),),
        uses=Uses(biosample="b1", specimen="sp1", acquisition="a1"),
        **whole,
    )


def result(record: Dataset, rule: str) -> Result:
    return check(record).result(rule)


def test_a_complete_record_passes_all_fourteen_rules() -> None:
    report = check(dataset(image()))
    assert [r for r in report.results if r.status is not Status.PASSED] == []
    assert len(report.results) == 14
    assert report.ready
    assert report.summary == "Nothing missing for Essentials"
    assert all(r.evidence and not r.action and not r.images for r in report.results)


def test_an_empty_record_names_every_gap_with_a_next_action() -> None:
    report = check(
        Dataset(
            id="d",
            created="2026-11-22",
            study=Study(id="s"),
            sources=(
                source(Image(id="i1", facts={"image.size_z": said(1), "image.size_t": said(1)})),
            ),
        )
    )
    assert {r.status for r in report.results} == {Status.MISSING}
    assert report.summary == "14 things to go for Essentials"
    assert all(r.action.endswith(".") and r.images == ("i1",) for r in report.results)
    assert not report.ready


def test_every_field_declared_at_the_level_is_asked_for() -> None:
    asked = {field.name for rule in rule_set("essentials").rules for field in rule.fields}
    assert asked == {field.name for field in fields_at(Level.ESSENTIALS)}


def test_a_record_without_images_is_checked_as_far_as_it_goes() -> None:
    report = check(dataset())
    assert report.result("study.title").status is Status.PASSED
    for rule in ("image.acquisition_date", "pixel_size"):
        assert report.result(rule).status is Status.NOT_CHECKED
        assert report.result(rule).action == "Add an image."
    assert not report.ready
    assert report.summary == "Nothing missing for Essentials, 2 not checked"


@pytest.mark.parametrize(
    ("recorded", "status", "evidence"),
    [
        (UNKNOWN, Status.MISSING, "recorded as unknown"),
        (Recorded(state=State.EMPTY), Status.MISSING, "left empty"),
        (NOT_APPLICABLE, Status.NOT_APPLICABLE, "recorded as not applicable"),
        (None, Status.MISSING, "nothing is recorded"),
        (said("TBC"), Status.MISSING, "'TBC' is not an answer"),
        (said("  "), Status.MISSING, "'' is not an answer"),
        (said("A study of spindles"), Status.PASSED, "'A study of spindles'"),
        (
            said("A study", trust=Trust.GUESSED, origin="file name"),
            Status.PASSED,
            "'A study' (guessed: please confirm)",
        ),
        (said("A study", origin="inferred"), Status.PASSED, "'A study' (inferred)"),
    ],
)
def test_what_is_recorded_decides_the_status(
    recorded: Recorded[Any] | None, status: Status, evidence: str
) -> None:
    found = result(dataset(image(), study={"title": recorded}), "study.title")
    assert (found.status, found.evidence) == (status, evidence)


def test_free_text_is_partly_and_asks_for_the_term() -> None:
    found = result(
        dataset(image(), biosample={"organism": said((HUMAN, Term(label="yeast")))}),
        "biosample.organism",
    )
    assert found.status is Status.PARTLY
    assert found.evidence == "'yeast' is not yet a term"
    assert "yeast" in found.action


def test_a_label_that_belongs_to_another_iri_is_partly() -> None:
    wrong = Term(label="two-photon", iri=SPINNING.iri)
    found = result(
        dataset(image(), acquisition={"imaging_method": said((wrong,))}),
        "acquisition.imaging_method",
    )
    assert found.status is Status.PARTLY
    assert "spinning disk" in found.evidence


def test_authors_need_a_name_and_the_orcid_is_evidence() -> None:
    nameless = Person(id="p2", name=" ")
    plain = Person(id="p3", name="Ada")

    def authors(*people: Person) -> Result:
        ids = said(tuple(person.id for person in people))
        record = dataset(image(), study={"authors": ids}, people=(PERSON, nameless, plain))
        return result(record, "study.authors")

    assert authors(PERSON).evidence == "1 with a name, 1 with an ORCID iD"
    assert authors(plain).status is Status.PASSED
    assert authors(plain).evidence == "1 with a name, none with an ORCID iD"
    assert authors(nameless).status is Status.MISSING
    assert authors(Person(id="gone", name="X")).status is Status.MISSING
    assert authors(PERSON, nameless).status is Status.PARTLY


def test_an_instrument_needs_to_be_in_the_record_and_to_have_a_name() -> None:
    def instrument(*held: Instrument) -> Result:
        return result(dataset(image(), instruments=held), "acquisition.instrument")

    assert instrument(Instrument(id="m1", label="Ti2")).evidence == "'Ti2'"
    assert instrument(Instrument(id="m1", model=said("Ti2-E"))).evidence == "'Ti2-E'"
    assert instrument(Instrument(id="m1")).status is Status.PARTLY
    assert instrument().status is Status.MISSING


def test_plane_distance_and_time_step_are_asked_only_of_stacks_and_series() -> None:
    def pixel_size(**more: Recorded[Any] | None) -> Result:
        return result(dataset(image(**more)), "pixel_size")

    assert pixel_size().evidence == "Pixel size X 0.108 µm, Pixel size Y 0.108 µm"
    stack = pixel_size(size_z=said(20))
    assert (stack.status, stack.field) == (Status.PARTLY, "image.physical_size_z")
    assert "between focal planes" in stack.action
    series = pixel_size(size_t=said(5))
    assert (series.status, series.field) == (Status.PARTLY, "image.time_increment")
    whole = pixel_size(size_z=said(2), physical_size_z=said(Quantity(value=0.3, unit="µm")))
    assert whole.status is Status.PASSED
    assert "Plane distance Z 0.3 µm" in whole.evidence


def test_without_the_number_of_planes_the_plane_distance_is_not_checked() -> None:
    found = result(dataset(image(size_z=None)), "pixel_size")
    assert found.status is Status.PARTLY
    assert found.evidence.startswith("Plane distance Z: size_z is unknown")


def test_pixel_sizes_that_are_unknown_are_missing_and_one_of_two_is_partly() -> None:
    none = result(dataset(image(physical_size_x=UNKNOWN, physical_size_y=UNKNOWN)), "pixel_size")
    assert (none.status, none.field) == (Status.MISSING, "image.physical_size_x")
    assert none.evidence == "Pixel size X: recorded as unknown"
    one = result(dataset(image(physical_size_y=UNKNOWN)), "pixel_size")
    assert (one.status, one.field) == (Status.PARTLY, "image.physical_size_y")
    photo = dict.fromkeys(("physical_size_x", "physical_size_y"), NOT_APPLICABLE)
    assert result(dataset(image(**photo)), "pixel_size").status is Status.NOT_APPLICABLE


def test_a_rule_passes_only_when_all_images_have_it() -> None:
    images = [image(f"i{number}") for number in range(3)]
    images += [image(f"x{number}", acquisition_date=None) for number in range(2)]
    found = result(dataset(*images), "image.acquisition_date")
    assert found.status is Status.PARTLY
    assert found.evidence == "on 3 of 5 images; otherwise nothing is recorded"
    assert found.images == ("x0", "x1")


def test_an_override_counts_for_its_image_alone() -> None:
    special = image("i2").model_copy(update={"overrides": {"biosample.organism": UNKNOWN}})
    found = result(dataset(image("i1"), special), "biosample.organism")
    assert found.status is Status.PARTLY
    assert found.images == ("i2",)


def test_different_values_are_counted_and_guesses_told() -> None:
    guessed = said("2026-11-21T10:00:00", trust=Trust.GUESSED)
    found = result(
        dataset(image("i1"), image("i2", acquisition_date=guessed)), "image.acquisition_date"
    )
    assert found.status is Status.PASSED
    assert found.evidence == "2 different values on 2 images, guessed or inferred on 1"


@pytest.mark.parametrize(
    ("subject", "path"), [("st1", "study.title"), ("b1", "biosample.organism")]
)
def test_a_conflict_that_waits_for_a_person_is_partly(subject: str, path: str) -> None:
    conflict = Conflict(subject=subject, path=path, candidates=(said("a"), said("b")))
    report = check(dataset(image(), conflicts=(conflict,)))
    assert [r.rule for r in report.to_go] == [path]
    assert report.result(path).status is Status.PARTLY
    assert "decision" in report.result(path).evidence


def test_a_conflict_about_one_image_concerns_that_image() -> None:
    path = "image.physical_size_x"
    conflict = Conflict(subject="i2", path=path, candidates=(said("a"), said("b")))
    found = result(dataset(image("i1"), image("i2"), conflicts=(conflict,)), "pixel_size")
    assert (found.status, found.field, found.images) == (Status.PARTLY, path, ("i2",))


def test_one_thing_is_counted_in_the_singular() -> None:
    report: Report = check(dataset(image(), study={"title": None}))
    assert report.summary == "1 thing to go for Essentials"
    assert report.counts[Status.MISSING] == 1


def test_an_unknown_rule_set_is_named_in_one_sentence() -> None:
    assert rule_sets() == ["essentials"]
    with pytest.raises(FairError, match=r"'best'.*essentials"):
        check(dataset(), rules="best")
    with pytest.raises(KeyError):
        check(dataset()).result("no such rule")


MAYBE = st.sampled_from([None, UNKNOWN, NOT_APPLICABLE, said("2026-11-20T14:03:00")])


@settings(deadline=None, max_examples=50)
@given(st.lists(MAYBE, min_size=1, max_size=6))
def test_passed_means_that_no_image_lacks_it(dates: list[Recorded[Any] | None]) -> None:
    images = [image(f"i{n}", acquisition_date=date) for n, date in enumerate(dates)]
    record = dataset(*images)
    before = record.model_dump_json()
    found = result(record, "image.acquisition_date")
    lacking = [d for d in dates if d is None or d.state is State.UNKNOWN]
    assert len(found.images) == len(lacking)
    assert (found.status in (Status.PASSED, Status.NOT_APPLICABLE)) == (not lacking)
    assert record.model_dump_json() == before
