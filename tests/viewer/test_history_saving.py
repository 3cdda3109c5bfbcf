"""Results that are saved from the History tab."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from napari import Viewer
from napari.layers import Image, Labels, Points, Shapes
from pytestqt.qtbot import QtBot

from napari_fair.files import Cancelled, FairError, sha256_file
from napari_fair.headers import read_header
from napari_fair.model import DataKind
from napari_fair.provenance import History
from napari_fair.provenance.identity import identity_of
from napari_fair.session import open_folder
from napari_fair.viewer import theme
from napari_fair.viewer.dock import FairDock
from napari_fair.viewer.history_page import HistoryPage
from napari_fair.viewer.recorder import Recorder
from napari_fair.viewer.recorder_results import Result, save
from napari_fair.viewer.runner import Immediately
from napari_fair.viewer.state import AnnotationModel

LABELS = np.arange(30, dtype="uint16").reshape(5, 6)


def _result(values: Any, kind: DataKind = DataKind.LABELS, **facts: Any) -> Result:
    said = {"data": "d", "name": "nuclei", "content": identity_of(values).content_sha256, **facts}
    return Result(kind=kind, values=values, **said)


def test_labels_are_an_ome_tiff_with_pixel_size_and_units(tmp_path: Path) -> None:
    (kept,) = save([_result(LABELS, scale=(0.5, 0.25), units=("µm", "µm"))], tmp_path)
    assert kept.path == tmp_path / "nuclei.ome.tif"
    assert kept.sha256 == sha256_file(kept.path).sha256
    with tifffile.TiffFile(kept.path) as tiff:
        assert tiff.is_ome and (tiff.asarray() == LABELS).all()
        text = tiff.ome_metadata or ""
    assert 'PhysicalSizeX="0.25" PhysicalSizeXUnit="µm"' in text
    assert 'PhysicalSizeY="0.5" PhysicalSizeYUnit="µm"' in text


def test_no_size_is_written_where_the_layer_has_none(tmp_path: Path) -> None:
    (kept,) = save([_result(LABELS, scale=(1.0, 1.0), units=("pixel", "pixel"))], tmp_path)
    assert kept.path is not None
    with tifffile.TiffFile(kept.path) as tiff:
        assert "PhysicalSize" not in (tiff.ome_metadata or "")


@pytest.mark.parametrize("kind", ["bool", "int64", "uint64", "float16", "complex128"])
def test_types_that_ome_has_not_are_written_as_they_are(tmp_path: Path, kind: str) -> None:
    (kept,) = save([_result(LABELS.astype(kind))], tmp_path)
    if kept.path is None:
        assert kept.problem and not list(tmp_path.iterdir())
        return
    assert kept.path.name == "nuclei.tif"
    assert tifffile.imread(kept.path).dtype == kind


def test_no_file_is_written_over_and_names_are_made_safe(tmp_path: Path) -> None:
    (tmp_path / "a_b.ome.tif").write_bytes(b"somebody's")
    results = [_result(LABELS + n, name=name) for n, name in enumerate(("a/b", "../a b", "CON"))]
    names = [one.path.name for one in save(results, tmp_path) if one.path is not None]
    assert names == ["a_b-2.ome.tif", "a_b-3.ome.tif", "CON_.ome.tif"]
    assert (tmp_path / "a_b.ome.tif").read_bytes() == b"somebody's"


def test_what_was_saved_elsewhere_is_recognised_by_its_values(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "by-the-menu.tif", LABELS)
    tifffile.imwrite(tmp_path / "other.tif", LABELS + 1)
    (kept,) = save([_result(LABELS)], tmp_path)
    assert kept.found and kept.path == tmp_path / "by-the-menu.tif"
    assert len(list(tmp_path.iterdir())) == 2


def test_data_that_changed_meanwhile_is_not_saved_as_what_was_recorded(tmp_path: Path) -> None:
    (kept,) = save([_result(LABELS, content="0" * 64)], tmp_path)
    assert kept.path is None and "changed" in kept.problem and not list(tmp_path.iterdir())


def test_points_shapes_and_tables_are_csv(tmp_path: Path) -> None:
    points = np.array([[0.1, 2.0], [1 / 3, 4.0]])
    corners = [np.array([[0.0, 1.0], [2.0, 3.0]])]
    table = {"area": np.array([1.5, 2.5]), "name": np.array(["a,b", "c"])}
    kept = save(
        [
            _result(points, DataKind.POINTS, name="spots"),
            _result(corners, DataKind.SHAPES, name="lines", shape_types=("line",)),
            _result(table, DataKind.TABLE, name="measurements of nuclei"),
        ],
        tmp_path,
    )
    rows = [
        list(csv.reader(one.path.read_text().splitlines())) for one in kept if one.path is not None
    ]
    assert [float(value) for value in rows[0][2][1:]] == [1 / 3, 4.0]
    assert rows[1][1:] == [["0", "line", "0", "0.0", "1.0"], ["0", "line", "1", "2.0", "3.0"]]
    assert rows[2] == [["area", "name"], ["1.5", "a,b"], ["2.5", "c"]]


def test_a_folder_that_is_none_and_a_wish_to_stop_are_heeded(tmp_path: Path) -> None:
    with pytest.raises(FairError, match="is no folder"):
        save([_result(LABELS)], tmp_path / "gone")
    with pytest.raises(Cancelled):
        save([_result(LABELS)], tmp_path, cancelled=lambda: True)
    assert not list(tmp_path.iterdir())


# ---- in the tab ------------------------------------------------------------------------------


@pytest.fixture
def model(tmp_path: Path, qtbot: QtBot) -> Iterator[AnnotationModel]:
    path = tmp_path / "cells.tif"
    tifffile.imwrite(path, LABELS)
    model = AnnotationModel(Immediately())
    model.session = open_folder(tmp_path)
    model.image_id = model.session.add(read_header(path)).images[0].id
    yield model
    model.session.close(keep_draft=False)


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer()


@pytest.fixture
def page(qtbot: QtBot, model: AnnotationModel, viewer: Viewer) -> Iterator[HistoryPage]:
    recorder = Recorder(viewer)
    recorder.start()
    page = HistoryPage(model)
    page.set_colours(theme.palette("dark"))
    qtbot.addWidget(page)
    page.heed(recorder)
    with qtbot.waitExposed(page):
        page.show()
    yield page
    recorder.close()


def _settled(page: HistoryPage, qtbot: QtBot) -> None:
    over: list[bool] = []
    page.settle(lambda: over.append(True))
    recorder = page.recorder
    assert recorder is not None
    qtbot.waitUntil(lambda: bool(over) and not recorder.busy, timeout=10_000)
    assert recorder.states.wait(10)
    qtbot.waitUntil(lambda: not recorder.busy)
    page.keep()
    page.refresh()


def test_saved_results_have_path_and_checksum_in_the_record(
    page: HistoryPage, qtbot: QtBot, viewer: Viewer, model: AnnotationModel, tmp_path: Path
) -> None:
    viewer.open(tmp_path / "cells.tif", plugin="napari")
    viewer.add_layer(Labels(LABELS, name="nuclei"))
    viewer.add_layer(Points(np.ones((2, 2)), name="spots"))
    viewer.add_layer(Shapes([np.array([[0, 0], [4, 4]])], shape_type="line", name="lines"))
    viewer.add_layer(Image(LABELS * 2.0, name="double"))
    _settled(page, qtbot)
    assert page.unsaved.text() == "4 results are in no file yet"
    assert page.save_results.isVisible()
    results = tmp_path / "results"
    results.mkdir()
    page.saving.save_in(results)
    assert "Saved nuclei.ome.tif, spots.csv, lines.csv, double.ome.tif" in page.verdict.text()
    assert not page.save_results.isVisible()
    assert model.session is not None
    refs = {ref.name: ref for ref in History.of(model.session.dataset).data if ref.path}
    assert refs["nuclei"].path == "results/nuclei.ome.tif"
    assert refs["nuclei"].sha256 == sha256_file(results / "nuclei.ome.tif").sha256
    assert refs["spots"].path == "results/spots.csv"
    model.session.save(())
    crate = (tmp_path / "ro-crate-metadata.json").read_text("utf-8")
    assert "results/nuclei.ome.tif" in crate and refs["nuclei"].sha256 in crate


def test_a_folder_elsewhere_is_refused(
    page: HistoryPage, qtbot: QtBot, viewer: Viewer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    viewer.add_layer(Labels(LABELS, name="nuclei"))
    _settled(page, qtbot)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    page.saving.save_in(elsewhere)
    assert "Choose" in page.verdict.text() and not list(elsewhere.iterdir())


def test_a_result_that_changes_after_it_was_saved_is_in_no_file_again(
    page: HistoryPage, qtbot: QtBot, viewer: Viewer, tmp_path: Path
) -> None:
    viewer.open(tmp_path / "cells.tif", plugin="napari")
    layer = viewer.add_layer(Labels(LABELS.copy(), name="nuclei"))
    _settled(page, qtbot)
    page.saving.save_in(tmp_path)
    # the file that was opened holds the same values
    assert "Already saved: cells.tif" in page.verdict.text()
    layer.data = LABELS + 7
    _settled(page, qtbot)
    assert page.unsaved.text() == "1 result is in no file yet"
    page.saving.save_in(tmp_path)
    assert "Saved nuclei.ome.tif" in page.verdict.text()


def test_recording_can_begin_before_there_is_an_image(viewer: Viewer, qtbot: QtBot) -> None:
    dock = FairDock(viewer)
    viewer.window.add_dock_widget(dock)
    place = dock.pages.indexOf(dock.late_history)
    assert not dock.tabs.isHidden() and dock.tabs.isTabVisible(place)
    hidden = [dock.tabs.tabText(n) for n in range(4) if not dock.tabs.isTabVisible(n)]
    assert hidden == ["Table", "Readiness"]
    dock.tabs.setCurrentIndex(place)
    dock.history.head.button.click()
    assert dock.recorder.recording
    viewer.add_layer(Labels(LABELS, name="nuclei"))
    qtbot.waitUntil(lambda: bool(dock.recorder.ledger.steps), timeout=10_000)
    dock.recorder.close()
