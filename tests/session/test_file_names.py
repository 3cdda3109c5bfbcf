"""What names propose: found in any order, with any separator, and never invented."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folders import opened, write_image
from napari_fair.model import KeyValue
from napari_fair.session import Change, Session, open_folder
from napari_fair.session.file_names import NameColumn, proposed
from napari_fair.session.image_pairs import pair_path, pair_text
from napari_fair.session.many_changes import make, taken_readings, tell_drafts
from napari_fair.session.name_tokens import stem_of, tokens_of
from napari_fair.session.readings import TakeReadings, checked, off_names
from napari_fair.session.record_changes import do

PARTS = {
    "genotype": (("WT", "WT"), ("KO", "KO")),
    "concentration": (("10uM", "10 µM"), ("0.5nM", "0.5 nM"), ("0p5uM", "0.5 µM")),
    "replicate": (("rep2", "2"), ("rep10", "10")),
    "time": (("24h", "24 h"), ("30min", "30 min")),
    "well": (("B03", "B03"), ("E12", "E12")),
    "plate": (("plate1", "1"),),
    "date": (("2026-11-20", "2026-11-20"), ("20261120", "2026-11-20")),
    "channel": (("DAPI", "DAPI"), ("mCherry", "mCherry")),
}


def _by_kind(names: list[str]) -> dict[str, NameColumn]:
    return {column.kind: column for column in proposed(names)}


def test_the_example_of_the_manual() -> None:
    columns = proposed(["WT_10uM_rep2_t03.tif", "KO_0uM_rep1_t01.tif"])
    assert [(c.title, c.values) for c in columns] == [
        ("Genotype", ("WT", "KO")),
        ("Concentration", ("10 µM", "0 µM")),
        ("Replicate", ("2", "1")),
        ("Time point", ("3", "1")),
    ]
    assert all(column.offered for column in columns)
    assert columns[2].target == pair_path("replicate")


@st.composite
def names(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """A name of some parts in any order with any separator, and what they say."""
    kinds = draw(st.lists(st.sampled_from(sorted(PARTS)), unique=True, min_size=1))
    chosen = {kind: draw(st.sampled_from(PARTS[kind])) for kind in kinds}
    separator = draw(st.sampled_from(["_", "-", " ", "__", "_-_", "] ["]))
    ending = draw(st.sampled_from([".tif", ".ome.tif", ".CZI", ".ome.zarr", ""]))
    text = separator.join(text for text, _ in chosen.values()) + ending
    return text, {kind: value for kind, (_, value) in chosen.items()}


@settings(deadline=None)
@given(st.lists(names(), min_size=1, max_size=6))
def test_parts_are_found_whatever_their_order_separator_and_company(
    drawn: list[tuple[str, dict[str, str]]],
) -> None:
    columns = _by_kind([name for name, _ in drawn])
    for row, (name, said) in enumerate(drawn):
        for kind in PARTS:
            values = columns[kind].values[row] if kind in columns else ""
            assert values == said.get(kind, ""), (name, kind)


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="/"), max_size=20)))
def test_every_part_stands_in_its_own_name_and_nowhere_else(drawn: list[str]) -> None:
    for column in proposed(drawn):
        assert len(column.texts) == len(column.values) == len(drawn)
        for name, text, value in zip(drawn, column.texts, column.values, strict=True):
            assert text in name
            assert bool(text) == bool(value)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("H2B-mCherry_rep1", ["word", "replicate"]),
        ("drugA10uM", ["word", "concentration"]),
        ("well_Q04 wellz5", ["well", "well"]),
        ("well_C04 field 3 37C 20x", ["well", "position", "temperature", "magnification"]),
        ("10um_3D_2d", ["word", "word", "word"]),
        ("20261399_12345", ["number", "number"]),
        ("siCtrl_TP53KO", ["treatment", "genotype"]),
        ("日本_é", ["word", "word"]),
        ("", []),
        ("___", []),
    ],
)
def test_what_is_no_known_part_stays_a_word_or_number(name: str, kinds: list[str]) -> None:
    assert [token.kind for token in tokens_of(name)] == kinds


def test_endings_are_no_part_of_a_name() -> None:
    assert stem_of("a.b.ome.tif") == "a.b"
    assert stem_of("x.0.5.zarr") == "x.0.5"


def test_one_letter_with_numbers_is_no_plate() -> None:
    assert "well" not in _by_kind([f"cell_C{n}.tif" for n in (1, 2, 3)])
    assert "well" in _by_kind(["x_C01.tif", "x_D02.tif"])
    assert _by_kind(["A01_C1.tif", "B02_C2.tif"])["channel"].values == ("C1", "C2")


@pytest.mark.parametrize(
    ("names", "wells"),
    [
        (["A01.tif", "AF48.tif"], ("A01", "AF48")),
        (["x_R03C05.tif", "r32c48_y.tif"], ("C05", "AF48")),
        (["well_B2.tif", "well_Z48.tif", "wellaf48.tif"], ("B02", "Z48", "AF48")),
        (["r17c05f01p02-ch1sk1fk1fl1.tiff", "r01c12f10-ch2sk3fk1fl1.tiff"], ("Q05", "A12")),
        (["A01_T12_Z03.tif"], ("A01",)),
    ],
)
def test_wells_of_all_plates_are_read(names: list[str], wells: tuple[str, ...]) -> None:
    assert _by_kind(names)["well"].values == wells


@pytest.mark.parametrize(
    "names",
    [
        ["T12_Z03.tif", "T13_Z04.tif"],
        ["Q01.tif", "Z48.tif"],
        ["well_B99.tif"],
        ["R33C05.tif", "R03C49.tif", "R00C01.tif"],
        ["x_R1_C2.tif", "R1C2.tif"],
        ["A49.tif", "AG01.tif", "AF00.tif"],
    ],
)
def test_no_well_is_read_where_none_is_clear(names: list[str]) -> None:
    assert "well" not in _by_kind(names)


def test_names_of_plate_readers_are_taken_apart() -> None:
    columns = _by_kind(["r03c05f01p02-ch1sk12fk1fl1.tiff"])
    said = {kind: column.values[0] for kind, column in columns.items()}
    assert said == {
        "well": "C05",
        "position": "1",
        "plane": "2",
        "channel": "ch1",
        "time point": "12",
    }


def test_an_unknown_word_before_a_dose_is_a_treatment() -> None:
    columns = _by_kind(["DMSO_0uM_1.tif", "drugX_10uM_2.tif"])
    assert columns["treatment"].values == ("DMSO", "drugX")


def test_a_missing_word_moves_no_other_word() -> None:
    rows = ["exp_alpha_big.tif", "exp_beta_big.tif", "exp_big.tif", "exp_beta_big_odd.tif"]
    columns = {column.title: column.values for column in proposed(rows)}
    assert columns["Part 2"] == ("alpha", "beta", "", "beta")
    assert columns["Part 3"] == ("big", "big", "big", "big")
    assert columns["Part 4"] == ("", "", "", "odd")


def test_folders_propose_too_but_names_go_first() -> None:
    rows = ["plate1/WT_rep1.tif", "plate2/KO_rep2.tif", "WT_rep3.tif"]
    columns = {column.title: column for column in proposed(rows)}
    assert columns["Plate (folder)"].values == ("1", "2", "")
    assert columns["Plate (folder)"].offered
    twice = {c.title: c.offered for c in proposed(["WT/KO_1.tif", "KO/WT_2.tif"])}
    assert twice == {"Genotype (folder)": False, "Genotype": True, "Number 1": False}


# ---- taking ----


@pytest.fixture
def session(folder: Path) -> Session:
    found = ["WT_drugA_10uM_rep1.ome.tif", "KO_DMSO_rep2.ome.tif"]
    return opened(folder, *(write_image(folder / name) for name in found))[0]


def _take(session: Session, targets: dict[str, str] | None = None) -> int:
    rows = [(source, image) for source in session.sources() for image in source.images]
    columns = [c for c in proposed([source.path for source, _ in rows]) if c.offered]
    chosen = [(c, (targets or {}).get(c.title, c.target)) for c in columns]
    readings, kept = off_names(session.dataset, rows, chosen)
    good, _ = checked(session.dataset, readings)
    do(session, TakeReadings(readings=tuple(good)))
    return kept


def _said(session: Session, path: str) -> list[str]:
    return [session.view(path, source.images[0].id).text for source in session.sources()]


def _pairs(session: Session, key: str) -> list[str]:
    return [pair_text(source.images[0], key) for source in session.sources()]


def test_what_is_taken_is_a_guess_from_the_name_and_one_undo(session: Session) -> None:
    _take(session)
    assert _said(session, "biosample.extrinsic_variables") == ["DMSO", "drugA 10 µM"]
    assert session.sources()[0].images[0].pairs == (
        KeyValue(namespace="file name", key="replicate", value="2"),
    )
    assert _pairs(session, "replicate") == ["2", "1"]
    view = session.view("biosample.extrinsic_variables", session.sources()[1].images[0].id)
    assert (view.origin, view.trust, view.original) == ("file name", "guessed", "drugA, 10uM")
    assert view.where == "drugA, 10uM in WT_drugA_10uM_rep1.ome.tif"
    session.undo()
    assert _said(session, "biosample.extrinsic_variables") == ["", ""]
    assert _pairs(session, "replicate") == ["", ""]
    assert not session.can_undo


def test_what_a_person_said_is_not_replaced_by_a_guess(session: Session) -> None:
    first = session.sources()[0].images[0].id
    session.set("biosample.intrinsic_variables", "TP53 -/-", image=first)
    session.set_many([Change(first, pair_path("replicate"), "", "12")])
    assert _take(session) == 2
    assert _pairs(session, "replicate") == ["12", "1"]
    assert _said(session, "biosample.intrinsic_variables") == ["TP53 -/-", "WT"]
    _take(session)
    assert session.undo() and session.undo() and session.undo() and not session.can_undo


def test_a_column_goes_to_any_field_or_name(session: Session) -> None:
    _take(session, {"Genotype": "specimen.location", "Replicate": pair_path("dish; well")})
    assert _said(session, "specimen.location") == ["KO", "WT"]
    assert _pairs(session, "dish; well") == ["2", "1"]


def test_what_is_no_value_of_its_field_is_told(session: Session) -> None:
    rows = [(source, image) for source in session.sources() for image in source.images]
    columns = proposed([source.path for source, _ in rows])[:1]
    readings, _ = off_names(session.dataset, rows, [(columns[0], "image.stage_x")])
    good, problems = checked(session.dataset, readings)
    assert good == [] and len(problems) == 2 and "KO" in problems[0]


def test_what_was_taken_survives_a_crash(session: Session, folder: Path) -> None:
    _take(session)
    before = [source.images[0].pairs for source in session.sources()]
    session.close()
    again = open_folder(folder)
    assert again.recover_draft() == []
    assert [source.images[0].pairs for source in again.sources()] == before != [(), ()]
    view = again.view("biosample.intrinsic_variables", again.sources()[0].images[0].id)
    assert view.trust == "guessed"


def test_what_was_worked_out_elsewhere_survives_a_crash(session: Session, folder: Path) -> None:
    rows = [(source, image) for source in session.sources() for image in source.images]
    columns = [(c, c.target) for c in proposed([source.path for source, _ in rows]) if c.offered]
    readings, _ = off_names(session.dataset, rows, columns)
    worked = taken_readings(session.dataset, readings, session.locks)
    tell_drafts(session, worked)
    assert make(session, worked) and not make(session, worked)
    before = [source.images[0] for source in session.sources()]
    session.close()
    again = open_folder(folder)
    assert again.recover_draft() == []
    assert [source.images[0] for source in again.sources()] == before
    assert before[0].pairs and before[0].overrides
