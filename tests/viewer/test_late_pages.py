"""What nobody sees yet is made when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from pytestqt.qtbot import QtBot

from napari_fair.model import Level
from napari_fair.viewer import dock as dock_module
from napari_fair.viewer.dock import FairDock
from napari_fair.viewer.models import model_of
from napari_fair.viewer.subjects import Subject, SubjectKind


@pytest.fixture
def dock(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, ome_tiff: Path) -> Iterator[FairDock]:
    shown = Subject(SubjectKind.FILE, ome_tiff, ome_tiff.name)
    monkeypatch.setattr(dock_module, "subject_of", lambda layer: shown)
    viewer = ViewerModel()
    viewer.add_image(np.zeros((8, 8)), name=ome_tiff.name)
    model_of(viewer).set_level(Level.EXPERT)
    dock = FairDock(viewer)
    qtbot.addWidget(dock)
    dock.resize(360, 650)
    with qtbot.waitExposed(dock):
        dock.show()
    qtbot.waitUntil(lambda: dock.model.image is not None)
    yield dock
    dock.hide()
    dock.recorder.stop()
    dock.model.runner.drop("header", "plan", "readiness", "vocabulary", "live choices")
    dock.model.close()


def test_pages_are_made_when_they_are_first_shown(dock: FairDock) -> None:
    late = (dock.late_table, dock.late_history, dock.late_rules, dock.late_live)
    assert [page.made for page in late] == [None] * 4
    for tab, page in enumerate(late[:3], 1):
        dock.tabs.setCurrentIndex(tab)
        assert page.made is not None and page.made.isVisible()
    assert dock.late_live.made is None
    dock.show_live()
    assert dock.late_live.made is not None


def test_recording_needs_the_history_to_take_the_steps(dock: FairDock) -> None:
    assert dock.late_history.made is None
    dock.recorder.start()
    assert dock.late_history.made is not None


def test_rows_out_of_sight_follow_by_themselves(qtbot: QtBot, dock: FairDock) -> None:
    qtbot.waitUntil(lambda: dock.settled)
    assert not dock.form.waiting
    opened = [fold for fold in dock.form.folds if fold.open]
    assert sum(len(fold.slots) for fold in opened) > 20
    assert all(fold.rows for fold in opened)


def test_a_field_that_is_not_made_yet_is_found_at_once(dock: FairDock) -> None:
    dock.model.set_level(Level.ESSENTIALS)
    dock.model.set_level(Level.EXPERT)
    assert dock.go_to("environment.temperature")
    assert dock.model.view("environment.temperature").state is None


def test_a_row_that_is_made_early_shows_what_is_set(dock: FairDock) -> None:
    row = dock.form.row("study.title")
    assert row is not None
    dock.model.set("study.title", "Mitosis")
    assert row.editor.text() == "Mitosis"
