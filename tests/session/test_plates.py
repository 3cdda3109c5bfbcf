"""Plates of any size: every well has one name, and painted wells give their images values."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folders import opened, write_image
from napari_fair.session import Session
from napari_fair.session.plates import (
    LAYOUTS,
    Condition,
    Layout,
    conditions_of,
    images_in_wells,
    layout_for,
    painted,
    place_of,
    well_name,
)
from napari_fair.session.readings import TakeReadings
from napari_fair.session.record_changes import do

DRUG = Condition(("HeLa", "", "drug A 10 µM", "test"))


def test_the_plates_are_those_of_the_trade() -> None:
    assert [layout.size for layout in LAYOUTS] == [6, 12, 24, 48, 96, 384, 1536]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.size))
def test_every_well_has_a_name_of_its_own_that_finds_it(layout: Layout) -> None:
    places = [(row, column) for row in range(layout.rows) for column in range(layout.columns)]
    names = [layout.well(*place) for place in places]
    assert len(set(names)) == layout.size
    assert [layout.place(name) for name in names] == places
    assert layout_for(names).size == max(layout.size, 96)


@given(st.sampled_from(LAYOUTS), st.integers(0, 31), st.integers(0, 47))
def test_a_well_is_the_same_however_it_is_written(layout: Layout, row: int, column: int) -> None:
    name = layout.well(row, column)
    letters = name.rstrip("0123456789")
    for text in (name.lower(), f"{letters}{column + 1}", f"{letters}:{column + 1}", f"Well {name}"):
        assert place_of(text) == (row, column)
        assert well_name(text) == name


@pytest.mark.parametrize("text", ["", "A0", "A49", "AG1", "12", "B", "A1B2"])
def test_what_is_no_well_is_none(text: str) -> None:
    assert place_of(text) is None and well_name(text) == text


@pytest.fixture
def session(folder: Path) -> Session:
    names = ["B02_f1.ome.tif", "B02_f2.ome.tif", "C03_f1.ome.tif", "overview.ome.tif"]
    return opened(folder, *(write_image(folder / name) for name in names))[0]


def _rows(session: Session) -> list:  # type: ignore[type-arg]
    return [(source, image) for source in session.sources() for image in source.images]


def _paint(session: Session, wells: dict[str, Condition | None]) -> None:
    images = images_in_wells(session.dataset, _rows(session))
    readings = painted(images, {("", well): said for well, said in wells.items()})
    do(session, TakeReadings(readings=tuple(readings)))


def _treatments(session: Session) -> list[str]:
    path = "biosample.extrinsic_variables"
    return [session.view(path, image.id).text for _, image in _rows(session)]


def test_wells_come_from_the_record_and_else_from_names(session: Session) -> None:
    third = session.sources()[2].images[0].id
    session.set("image.well", "d4", image=third)
    found = images_in_wells(session.dataset, _rows(session))
    assert [(image.well, image.guessed) for image in found] == [
        ("B02", True),
        ("B02", True),
        ("D04", False),
    ]


def test_painting_gives_all_images_of_a_well_its_condition_in_one_step(session: Session) -> None:
    _paint(session, {"B02": DRUG})
    assert _treatments(session) == ["drug A 10 µM", "drug A 10 µM", "", ""]
    first = session.sources()[0].images[0].id
    assert session.view("biosample.biological_entity", first).text == "HeLa"
    assert session.view("biosample.extrinsic_variables", first).where == "well B02"
    well = session.view("image.well", first)
    assert (well.text, well.origin, well.trust) == ("B02", "file name", "guessed")
    session.undo()
    assert _treatments(session) == [""] * 4 and not session.can_undo


def test_a_plate_shows_again_what_was_painted_and_clears_it(session: Session) -> None:
    _paint(session, {"B02": DRUG, "C03": Condition(("", "", "DMSO", "control"))})
    images = images_in_wells(session.dataset, _rows(session))
    said = conditions_of(session.dataset, images)
    assert {well: condition.texts[2] for (_, well), condition in said.items()} == {
        "B02": "drug A 10 µM",
        "C03": "DMSO",
    }
    _paint(session, {"B02": None})
    assert _treatments(session) == ["", "", "DMSO", ""]
    session.set("biosample.extrinsic_variables", "other", image=session.sources()[0].images[0].id)
    images = images_in_wells(session.dataset, _rows(session))
    assert ("", "B02") not in conditions_of(session.dataset, images)


def test_plates_of_a_screen_are_kept_apart(folder: Path) -> None:
    names = ["plate1_A01.ome.tif", "plate2_A01.ome.tif", "plate2_B02.ome.tif"]
    session = opened(folder, *(write_image(folder / name) for name in names))[0]
    images = images_in_wells(session.dataset, _rows(session))
    assert [(image.plate, image.well) for image in images] == [
        ("1", "A01"),
        ("2", "A01"),
        ("2", "B02"),
    ]
    readings = painted(images, {("2", "A01"): DRUG})
    assert {reading.image for reading in readings} == {images[1].row[1].id}
