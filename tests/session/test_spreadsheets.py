"""Tables as files: nothing is lost, nothing becomes a formula, nothing hostile is unpacked."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_fair.files import FairError
from napari_fair.session.spreadsheets import NoXlsx, read_rows, write_rows

openpyxl = pytest.importorskip("openpyxl")

cells = st.one_of(
    st.text(max_size=12),
    st.builds(str.__add__, st.sampled_from("=+-@'\t\r\n＝"), st.text(max_size=8)),
    st.sampled_from(["_x000D_", "_x5F_x000D_", "10", "1.50", "TRUE", "2026-11-23", "#REF!", "00"]),
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of one width that do not end with blank rows, as tables of images never do."""
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=5))
    return [["image"] * width, *([f"r{number}", *row[1:]] for number, row in enumerate(rows))]


@pytest.mark.parametrize("name", ["table.csv", "table.tsv", "table.xlsx", "table.XLSX"])
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=tables())
def test_every_text_comes_back_as_it_was(tmp_path: Path, name: str, rows: list[list[str]]) -> None:
    write_rows(tmp_path / name, rows)
    assert read_rows(tmp_path / name) == rows


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=cells.filter(bool))
def test_no_cell_of_an_xlsx_file_is_a_formula_or_a_number(tmp_path: Path, text: str) -> None:
    write_rows(tmp_path / "one.xlsx", [["image", text]])
    cell = openpyxl.load_workbook(tmp_path / "one.xlsx").active["B1"]
    assert cell.data_type == "s"
    assert cell.number_format == "@"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_of_a_text_file_looks_like_a_formula(tmp_path: Path, start: str) -> None:
    for name in ("t.csv", "t.tsv"):
        write_rows(tmp_path / name, [[f"{start}HYPERLINK(1)"]])
        assert (tmp_path / name).read_text("utf-8").lstrip('"').startswith("'")


def test_what_a_spreadsheet_made_of_texts_is_read_plainly(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    said = [10, 1.5, True, date(2026, 11, 23), datetime(2026, 11, 23, 14, 3), None, "=1+1"]
    book.active.append(said)
    book.active["G1"].data_type = "s"
    book.save(tmp_path / "edited.xlsx")
    first = ["10", "1.5", "yes", "2026-11-23", "2026-11-23T14:03:00", "", "=1+1"]
    assert read_rows(tmp_path / "edited.xlsx") == [first]


def test_blank_cells_at_the_end_of_a_row_are_blank_and_not_left_out(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.xlsx", [["image", "index", "a", "b"], ["x.tif", "0", "", ""]])
    assert read_rows(tmp_path / "t.xlsx")[1] == ["x.tif", "0", "", ""]


def test_a_text_too_long_for_a_cell_is_refused_and_not_cut(tmp_path: Path) -> None:
    with pytest.raises(FairError, match="too long"):
        write_rows(tmp_path / "t.xlsx", [["a" * 32_768]])
    assert not (tmp_path / "t.xlsx").exists()


def _zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"", "damaged"),
        (b"PK\x03\x04 not really", "damaged"),
        (_zipped({"a.txt": b"x"}), "no spreadsheet"),
        (_zipped({"xl/bomb.xml": b"0" * (300 << 20)}), "unpacks to more"),
        (_zipped({"xl/a.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), "entities"),
        (_zipped({"xl/a.xml": '<!DOCTYPE x SYSTEM "file:///etc/passwd">'.encode("utf-16")}), "ent"),
        (_zipped({"xl/a.xml": b" " * (1 << 16) + b"<!DOCTYPE x>"}), "entities"),
    ],
    ids=["empty", "cut", "other zip", "bomb", "entities", "utf-16", "far down"],
)
def test_a_hostile_or_damaged_file_is_refused_in_a_sentence(
    tmp_path: Path, data: bytes, hint: str
) -> None:
    (tmp_path / "t.xlsx").write_bytes(data)
    with pytest.raises(FairError, match=hint):
        read_rows(tmp_path / "t.xlsx")


def test_without_openpyxl_the_way_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(NoXlsx, match="CSV"):
        write_rows(tmp_path / "t.xlsx", [["a"]])


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FairError, match="UTF-8"):
        read_rows(tmp_path / "t.csv")
