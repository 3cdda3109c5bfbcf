"""Values that only the facility edits, as the table shows them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_fair.headers import read_header
from napari_fair.session import Preset, Session, open_folder
from napari_fair.viewer import theme
from napari_fair.viewer.table_grid import ImageGrid
from napari_fair.viewer.table_model import ImageTable

COLUMNS = ("acquisition.instrument", "study.title", "pair:dish")
ROLE = Qt.ItemDataRole


@pytest.fixture
def session(ome_tiff: Path) -> Session:
    """Five images of one instrument, which a preset locks."""
    for number in range(4, 8):
        shutil.copy(ome_tiff, ome_tiff.with_name(f"HeLa_mitosis_{number:02}.ome.tif"))
    session = open_folder(ome_tiff.parent)
    for path in sorted(ome_tiff.parent.glob("*.tif")):
        session.add(read_header(path))
    first = session.sources()[0].images[0].id
    values = {"acquisition.instrument": "Spinning disk 2"}
    preset = Preset("Ti2", values=values, locked=("acquisition.instrument",))
    assert session.apply_preset(preset, image=first) == []
    return session


@pytest.fixture
def table(session: Session) -> ImageTable:
    images = ImageTable()
    images.set_colours(theme.palette("dark"))
    images.show(session, COLUMNS)
    return images


def test_a_locked_cell_has_a_padlock_and_says_who_edits_it(qtbot: QtBot, table: ImageTable) -> None:
    cell = table.index(0, 1)
    assert not cell.data(ROLE.DecorationRole).isNull()
    assert "whoever keeps the preset “Ti2”" in cell.data(ROLE.ToolTipRole)
    assert not table.flags(cell) & Qt.ItemFlag.ItemIsEditable
    assert cell.data(ROLE.DisplayRole) == "Spinning disk 2"


@pytest.mark.parametrize("column", [2, 3])
def test_other_cells_are_edited_as_ever(qtbot: QtBot, table: ImageTable, column: int) -> None:
    cell = table.index(0, column)
    assert cell.data(ROLE.DecorationRole) is None
    assert table.flags(cell) & Qt.ItemFlag.ItemIsEditable


def test_what_is_pasted_over_a_lock_is_told_and_the_rest_is_taken(
    qtbot: QtBot, table: ImageTable, session: Session
) -> None:
    told: list[str] = []
    table.told.connect(told.append)
    grid = ImageGrid(table)
    qtbot.addWidget(grid)
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    clipboard.setText("\n".join(["Another one\tMitosis"] * 5))
    grid.setCurrentIndex(table.index(0, 1))
    grid.paste()
    assert len(told) == 1
    assert told[0].startswith("Instrument is locked by the preset “Ti2”: ask whoever keeps")
    assert told[0].endswith(
        "It stays as it is for HeLa_mitosis_03.ome.tif, HeLa_mitosis_04.ome.tif, "
        "HeLa_mitosis_05.ome.tif and 2 more."
    )
    assert session.view("acquisition.instrument").text == "Spinning disk 2"
    image = session.sources()[-1].images[0].id
    assert session.view("study.title", image).text == "Mitosis"


def test_a_locked_cell_can_be_copied(qtbot: QtBot, table: ImageTable) -> None:
    grid = ImageGrid(table)
    qtbot.addWidget(grid)
    grid.choose(0, 1)
    grid.copy()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "Spinning disk 2"
