"""Free text where terms are wanted, mapped in all images at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from folders import write_image
from napari_fair.headers import read_header
from napari_fair.model import Term
from napari_fair.session import Session, open_folder
from napari_fair.session.record_changes import MapTerms, do
from napari_fair.session.unmapped import Mapping, unmapped

HUMAN = Term(label="Homo sapiens", iri="http://purl.obolibrary.org/obo/NCBITaxon_9606")
TUBE = Term(label="microtubule", iri="http://purl.obolibrary.org/obo/GO_0005874")


@pytest.fixture
def session(folder: Path) -> Session:
    opened = open_folder(folder)
    for name in ("a.ome.tif", "b.ome.tif", "c.ome.tif"):
        opened.add(read_header(write_image(folder / name)))
    opened.set("biosample.organism", "our humans; mouse")
    return opened


def _images(session: Session) -> list[str]:
    return [image.id for source in session.sources() for image in source.images]


def test_free_texts_are_listed_with_the_number_of_their_images(session: Session) -> None:
    first, second, _ = _images(session)
    session.set("channel.0.target", "tubes", image=first)
    session.set("channel.0.target", "tubes", image=second)
    session.set("biosample.organism", "our beasts", image=first)
    found = {(each.field.name, each.text): each.images for each in unmapped(session.dataset)}
    assert found == {
        ("biosample.organism", "our humans"): 3,
        ("channel.target", "tubes"): 2,
        ("biosample.organism", "our beasts"): 1,
    }


def test_texts_become_terms_everywhere_in_one_step(session: Session) -> None:
    first, second, third = _images(session)
    session.set("channel.0.target", "tubes", image=first)
    session.set("channel.1.target", "tubes; other", image=second)
    before = session.dataset
    mappings = (
        Mapping(field="biosample.organism", text="our humans", term=HUMAN),
        Mapping(field="channel.target", text="tubes", term=TUBE),
    )
    do(session, MapTerms(mappings=mappings))
    assert session.view("biosample.organism", third).text == "Homo sapiens; Mus musculus"
    assert session.view("channel.0.target", first).text == "microtubule"
    assert session.view("channel.1.target", second).text == "microtubule; other"
    assert session.view("channel.0.target", first).replaced_text == "tubes"
    assert [each.text for each in unmapped(session.dataset)] == ["other"]
    session.undo()
    assert session.dataset == before


def test_two_texts_for_one_term_leave_one(session: Session) -> None:
    session.set("biosample.organism", "people; human beings here")
    texts = ("people", "human beings here")
    mappings = tuple(Mapping(field="biosample.organism", text=t, term=HUMAN) for t in texts)
    do(session, MapTerms(mappings=mappings))
    assert session.view("biosample.organism").text == "Homo sapiens"


def test_a_text_of_another_field_stays(session: Session) -> None:
    before = session.dataset
    do(
        session,
        MapTerms(mappings=(Mapping(field="study.study_type", text="our humans", term=TUBE),)),
    )
    assert session.dataset is before and not session.can_redo


def test_a_mapping_is_recovered_after_a_crash(session: Session, folder: Path) -> None:
    first = _images(session)[0]
    session.set("channel.0.target", "tubes", image=first)
    do(session, MapTerms(mappings=(Mapping(field="channel.target", text="tubes", term=TUBE),)))
    session.close()
    again = open_folder(folder)
    assert again.recover_draft() == []
    assert again.view("channel.0.target", first).text == "microtubule"
