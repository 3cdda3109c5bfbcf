from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folders import opened, write_image
from napari_fair.model import Dataset, Kind, fields
from napari_fair.session import Change, Session, Table, filled_down, open_folder, pasted, replaced
from napari_fair.session.spreadsheets import guarded, unguarded
from records import datasets

COLUMNS = ("biosample.organism", "biosample.extrinsic_variables", "image.physical_size_x")


@pytest.fixture
def session(folder: Path) -> Session:
    names = ["WT_00uM.ome.tif", "WT_10uM.ome.tif", "KO_10uM.ome.tif"]
    return opened(folder, *(write_image(folder / name) for name in names))[0]


def _texts(session: Session, column: int) -> list[str]:
    table = Table(session.dataset, COLUMNS)
    return [table.cell(row, column).text for row in range(len(table.rows))]


def test_cells_tell_inherited_from_own_and_missing(session: Session) -> None:
    session.set("biosample.organism", "human")
    table = Table(session.dataset, COLUMNS)
    session.set("biosample.organism", "mouse", image=table.rows[1][1].id)
    table = Table(session.dataset, COLUMNS)
    assert [table.cell(row, 0).level for row in range(3)] == ["dataset", "image", "dataset"]
    assert table.cell(0, 1).missing
    assert table.cell(0, 2).level == "file"
    assert table.with_gaps() == [0, 1, 2]


def test_filling_down_is_one_edit_that_undo_takes_back(session: Session) -> None:
    table = Table(session.dataset, COLUMNS)
    session.set("biosample.extrinsic_variables", "drug A; 10 µM", image=table.rows[0][1].id)
    table = Table(session.dataset, COLUMNS)
    assert session.set_many(filled_down(table, [0, 1, 2], [1])) == []
    assert _texts(session, 1) == ["drug A; 10 µM"] * 3
    session.undo()
    assert _texts(session, 1) == ["drug A; 10 µM", "", ""]


def test_a_block_of_cells_is_pasted_and_what_is_no_value_is_said(session: Session) -> None:
    table = Table(session.dataset, COLUMNS)
    changes = pasted(table, 1, 1, 'drug B\t0.2 µm\r\n"drug\nC"\tsmall\r\noutside\tx')
    problems = session.set_many(changes)
    assert _texts(session, 1) == ["", "drug B", "drug\nC"]
    assert _texts(session, 2) == ["0.1 µm", "0.2 µm", "0.1 µm"]
    assert len(problems) == 1
    assert "small" in problems[0]


def test_a_text_is_replaced_wherever_it_stands(session: Session) -> None:
    table = Table(session.dataset, COLUMNS)
    session.set_many(pasted(table, 0, 1, "drug A\ndrug B\ndrug A"))
    session.set_many(replaced(Table(session.dataset, COLUMNS), "drug A", "DMSO", [1]))
    assert _texts(session, 1) == ["DMSO", "drug B", "DMSO"]


def test_rows_sort_by_number_where_there_is_one(session: Session) -> None:
    table = Table(session.dataset, COLUMNS)
    session.set_many(pasted(table, 0, 2, "10 µm\n9 µm"))
    table = Table(session.dataset, COLUMNS)
    assert table.order(2) == [2, 1, 0]
    assert table.order(2, descending=True) == [0, 1, 2]


def test_a_table_survives_a_crash(session: Session, folder: Path) -> None:
    table = Table(session.dataset, COLUMNS)
    session.set_many(pasted(table, 0, 1, "drug A\ndrug B"))
    session.close()
    again = open_folder(folder)
    assert again.recover_draft() == []
    assert _texts(again, 1)[:2] == ["drug A", "drug B"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "must begin"),
        ("image\tindex\tfoo.bar\n", "is no field"),
        ("image\tindex\tbiosample.organism\nother.tif\t0\tx\n", "no image of this folder"),
    ],
)
def test_a_table_of_something_else_is_refused(session: Session, text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        Table(session.dataset, COLUMNS).changes(text)


@given(st.text())
def test_no_cell_can_become_a_formula(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(guarded(text)) == text


_LOSSLESS = [
    name
    for name, field in fields().items()
    if field.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.INTEGER) and not field.repeated
]


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
@given(datasets(), st.sampled_from(["\t", ",", ";"]))
def test_a_table_that_comes_back_unchanged_changes_nothing(dataset: Dataset, mark: str) -> None:
    table = Table(dataset, list(fields()))
    assert table.changes(table.dump(delimiter=mark), delimiter=mark) == []


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
@given(datasets(), st.text(min_size=1))
def test_exactly_the_cells_that_were_edited_are_changed(dataset: Dataset, new: str) -> None:
    table = Table(dataset, _LOSSLESS)
    if not table.rows:
        return
    edited = [Change(table.rows[0][1].id, _LOSSLESS[0], table.cell(0, 0).text, new)]
    other = Table(dataset, _LOSSLESS[:1])
    source, image = table.rows[0]
    text = f"image\tindex\t{_LOSSLESS[0]}\n"
    text += "\t".join([_quoted(guarded(source.path)), str(image.index), _quoted(guarded(new))])
    expected = edited if edited[0].before != new else []
    assert other.changes(text) == expected


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
