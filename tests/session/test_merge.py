from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from napari_fair.model import (
    BioSample,
    Dataset,
    Image,
    ImageSource,
    Person,
    Recorded,
    SourceFile,
    Study,
    Term,
    Uses,
)
from napari_fair.session.merge import merge
from records import datasets

quick = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)


def record(title: str = "", keywords: tuple[str, ...] = (), **more: Any) -> Dataset:
    said: dict[str, Any] = {"title": Recorded(value=title)} if title else {}
    said |= {"keywords": Recorded(value=keywords)} if keywords else {}
    return Dataset(id="d", created="2026-01-01", study=Study(id="s", **said), **more)


def source(path: str, **overrides: str) -> ImageSource:
    stated = {f"image.{name}": Recorded(value=value) for name, value in overrides.items()}
    image = Image(id=f"{path}/0", overrides=stated)
    return ImageSource(id=path, format="TIFF", files=(SourceFile(path=path),), images=(image,))


@quick
@given(datasets(), datasets())
def test_what_only_one_side_changed_is_taken(base: Dataset, changed: Dataset) -> None:
    changed = changed.model_copy(update={"id": base.id, "created": base.created})
    changed = changed.model_copy(
        update={"study": changed.study.model_copy(update={"id": base.study.id})}
    )
    assert merge(base, base, changed) == changed
    assert merge(base, changed, changed) == changed
    assert merge(base, base, base) == base


def test_changes_of_different_fields_are_both_taken() -> None:
    base = record("Old", ("a",))
    merged = merge(base, record("New", ("a",)), record("Old", ("a", "b")))
    assert merged == record("New", ("a", "b"))


def test_where_both_changed_the_disk_wins_and_ours_is_listed() -> None:
    merged = merge(record("Old"), record("Ours"), record("Theirs"))
    assert merged.study.title == Recorded(value="Theirs")
    (conflict,) = merged.conflicts
    assert (conflict.subject, conflict.path) == ("s", "study.title")
    assert [candidate.value for candidate in conflict.candidates] == ["Theirs", "Ours"]


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    assert merge(record("Old"), record("New"), record("New")) == record("New")


def test_images_added_on_both_sides_are_all_there() -> None:
    base = record(sources=(source("a.tif"),))
    ours = record(sources=(source("a.tif"), source("c.tif")))
    theirs = record(sources=(source("a.tif"), source("b.tif")))
    merged = merge(base, ours, theirs)
    assert [each.path for each in merged.sources] == ["a.tif", "b.tif", "c.tif"]


def test_an_image_taken_away_on_one_side_stays_away_unless_the_other_changed_it() -> None:
    base = record(sources=(source("a.tif"), source("b.tif")))
    ours = record(sources=(source("a.tif"), source("b.tif", name="new")))
    gone = record(sources=())
    assert [each.path for each in merge(base, ours, gone).sources] == ["b.tif"]


def test_overrides_of_one_image_are_merged_field_by_field() -> None:
    base = record(sources=(source("a.tif", name="x"),))
    ours = record(sources=(source("a.tif", name="y"),))
    theirs = record(sources=(source("a.tif", name="x", description="d"),))
    (merged,) = merge(base, ours, theirs).sources
    assert {k: v.value for k, v in merged.images[0].overrides.items()} == {
        "image.name": "y",
        "image.description": "d",
    }


def test_two_changes_of_one_person_are_asked_about() -> None:
    def with_mail(email: str) -> Dataset:
        person = Person(id="p", name="Ann", email=email)
        authors: Recorded[Any] = Recorded(value=("p",))
        study = Study(id="s", authors=authors)
        return Dataset(id="d", created="2026-01-01", study=study, people=(person,))

    merged = merge(with_mail(""), with_mail("ours@x.org"), with_mail("theirs@x.org"))
    (conflict,) = merged.conflicts
    assert conflict.path == "study.authors"
    mails = [merged.person(value.value[0]) for value in conflict.candidates]
    assert [person.email for person in mails if person] == ["theirs@x.org", "ours@x.org"]
    assert merge(with_mail(""), with_mail("a@x.org"), with_mail("")) == with_mail("a@x.org")


def test_records_begun_apart_become_one() -> None:
    def begun(id: str, organism: str, title: str) -> Dataset:
        sample = BioSample(id=f"sample of {id}", organism=Recorded(value=(Term(label=organism),)))
        image = Image(id=f"image of {id}")
        files = (SourceFile(path="a.tif"),)
        return Dataset(
            id=id,
            created="2026-01-01",
            study=Study(id=f"study of {id}", title=Recorded(value=title)),
            biosamples=(sample,),
            uses=Uses(biosample=sample.id),
            sources=(ImageSource(id=f"a of {id}", format="TIFF", files=files, images=(image,)),),
        )

    merged = merge(None, begun("1", "mouse", "T"), begun("2", "rat", "T"))
    assert merged.id == "2"
    assert len(merged.sources) == len(merged.biosamples) == 1
    (conflict,) = merged.conflicts
    assert conflict.path == "biosample.organism"
    assert merged.biosamples[0].organism == Recorded(value=(Term(label="rat"),))


def test_a_conflict_decided_on_one_side_is_decided() -> None:
    open_ = merge(record("Old"), record("Ours"), record("Theirs"))
    decided = open_.model_copy(update={"conflicts": ()})
    assert merge(open_, decided, open_).conflicts == ()
    assert merge(open_, open_, decided).conflicts == ()
