"""Layers of a real viewer and the record: what differs is said, and one click mends both."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from napari.layers import Image
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from napari_fair.headers import read_header
from napari_fair.session import open_folder
from napari_fair.session.calibration_notices import FROM_PARENT, Notice
from napari_fair.viewer.banner import Banner

if TYPE_CHECKING:
    from napari import Viewer

    from napari_fair.viewer.dock import FairDock

PLUGIN, WIDGET = "napari-fair", "FAIR annotation"
X = "image.physical_size_x"
Docked = Callable[..., "FairDock"]


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Viewer]) -> Viewer:
    viewer = make_napari_viewer_proxy(show=True)
    viewer.window.resize(1280, 720)
    return viewer


@pytest.fixture
def docked(qtbot: QtBot, viewer: Viewer) -> Docked:
    """Return a function that opens files and the dock on them."""

    def show(*paths: Path, plugin: str | None = None) -> FairDock:
        for path in paths:
            viewer.open(path, plugin=plugin)
        dock: Any = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)[1]
        qtbot.waitUntil(lambda: dock.settled and dock.model.session is not None)
        return dock

    return show


@pytest.fixture
def calibrated(tmp_path: Path) -> Path:
    """A stack of one channel whose header states its steps."""
    path = tmp_path / "stack.ome.tif"
    metadata = {
        "axes": "ZYX",
        "PhysicalSizeX": 0.1,
        "PhysicalSizeY": 0.1,
        "PhysicalSizeZ": 0.3,
        "Channel": {"Name": ["DAPI"]},
    }
    tifffile.imwrite(path, np.zeros((5, 24, 32), "uint8"), ome=True, metadata=metadata)
    return path


def _notices(qtbot: QtBot, dock: FairDock) -> tuple[Notice, ...]:
    qtbot.waitUntil(lambda: dock.settled)
    return dock.guard.notices


def _banner(qtbot: QtBot, dock: FairDock, label: str) -> Banner:
    qtbot.waitUntil(lambda: dock.settled)
    found = [b for b in dock.banners.banners if label in [x.text() for x in b.buttons]]
    assert len(found) == 1, [b.buttons for b in dock.banners.banners]
    return found[0]


def _click(qtbot: QtBot, dock: FairDock, label: str) -> None:
    banner = _banner(qtbot, dock, label)
    (button,) = [button for button in banner.buttons if button.text() == label]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.settled)


def _scale(layer: Image) -> list[float]:
    return [round(float(step), 6) for step in layer.scale]


def test_a_reader_that_loses_the_scale_is_caught_and_mended_by_one_click(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    (notice,) = _notices(qtbot, dock)
    assert notice.kind == "lost scale"
    _click(qtbot, dock, "Take it from the header")
    (layer,) = viewer.layers
    assert _scale(layer) == [0.3, 0.1, 0.1]
    assert [str(unit) for unit in layer.units] == ["micrometer"] * 3
    assert _notices(qtbot, dock) == ()
    assert not dock.model.session.unsaved


def test_both_values_stand_side_by_side(qtbot: QtBot, docked: Docked, calibrated: Path) -> None:
    dock = docked(calibrated)
    layer = dock._viewer.layers[0]
    layer.units = ("micrometer",) * 3
    layer.scale = (0.3, 0.2, 0.2)
    banner = _banner(qtbot, dock, "Take it from the header")
    assert banner.values[:2] == ["X and Y 0.1 µm", "X and Y 0.2 µm"]
    assert [b.text() for b in banner.buttons][1:] == ["Take it from the layer", "Leave it as it is"]


def test_a_scale_changed_in_napari_reaches_the_record_only_by_a_click_and_undo_takes_it_back(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    _click(qtbot, dock, "Take it from the header")
    (layer,) = viewer.layers
    layer.scale = (0.3, 0.2, 0.2)
    (notice,) = _notices(qtbot, dock)
    assert notice.kind == "layer disagrees"
    assert dock.model.text(X) == "0.1 µm"
    _click(qtbot, dock, "Take it from the layer")
    assert dock.model.text(X) == "0.2 µm"
    assert dock.model.view(X).origin == "layer"
    dock.model.undo()
    assert dock.model.text(X) == "0.1 µm"
    assert [notice.kind for notice in _notices(qtbot, dock)] == ["layer disagrees"]


def test_one_click_changes_layer_and_record_together(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    dock.model.set(X, "100 µm")
    dock.model.set("image.physical_size_y", "100 µm")
    qtbot.waitUntil(lambda: dock.settled)
    banners = dock.banners.banners
    assert len(banners) >= 1
    _click_first(qtbot, dock)
    assert dock.model.text(X) == "0.1 µm"
    assert _scale(viewer.layers[0])[1:] == [0.1, 0.1]


def _click_first(qtbot: QtBot, dock: FairDock) -> None:
    banner = dock.banners.banners[0]
    button = next(b for b in banner.buttons if b.text() == "Take it from the header")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.settled)


def test_what_is_left_as_it_is_stays_silent_until_it_changes(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    _click(qtbot, dock, "Leave it as it is")
    assert _notices(qtbot, dock) == ()
    viewer.layers[0].scale = (7, 7, 7)
    assert len(_notices(qtbot, dock)) > 0


def test_a_layer_made_by_a_plugin_that_forgot_the_scale_takes_that_of_its_parent(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    _click(qtbot, dock, "Take it from the header")
    original = viewer.layers[0]
    viewer.add_image(original.data + 1, name="blurred")
    assert [n.kind for n in _notices(qtbot, dock)][:1] == ["lost scale"]
    _click(qtbot, dock, FROM_PARENT)
    assert _scale(viewer.layers["blurred"]) == [0.3, 0.1, 0.1]
    assert all(not notice.remedies for notice in _notices(qtbot, dock))


def test_labels_without_the_scale_of_their_image_are_caught_and_good_ones_are_not(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    _click(qtbot, dock, "Take it from the header")
    good = viewer.layers[0]
    fine = {"scale": good.scale, "units": good.units, "axis_labels": good.axis_labels}
    viewer.add_labels(np.zeros((5, 24, 32), int), name="fine", **fine)
    viewer.add_points(np.zeros((1, 3)), name="spots", scale=good.scale, units=good.units)
    assert _notices(qtbot, dock) == ()
    viewer.add_labels(np.zeros((5, 24, 32), int), name="nuclei")
    (notice,) = _notices(qtbot, dock)
    assert "'nuclei'" in notice.text
    _click(qtbot, dock, FROM_PARENT)
    assert _scale(viewer.layers["nuclei"]) == [0.3, 0.1, 0.1]


def test_a_projection_takes_the_steps_of_the_axes_it_has(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    _click(qtbot, dock, "Take it from the header")
    viewer.add_labels(np.zeros((24, 32), int), name="flat")
    _click(qtbot, dock, FROM_PARENT)
    assert _scale(viewer.layers["flat"]) == [0.1, 0.1]


def test_a_copy_of_a_layer_is_the_same_image(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    from napari.layers._layer_actions import _duplicate_layer

    dock = docked(calibrated)
    _click(qtbot, dock, "Take it from the header")
    viewer.layers.selection.active = viewer.layers[0]
    _duplicate_layer(viewer.layers)
    viewer.layers.selection.active = viewer.layers[-1]
    qtbot.waitUntil(lambda: dock.settled)
    assert not viewer.layers[-1].source.path
    assert dock.model.file_name == calibrated.name
    assert _notices(qtbot, dock) == ()


def test_pixels_of_another_shape_are_nobodys_child(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    _click(qtbot, dock, "Take it from the header")
    viewer.add_image(np.zeros((7, 9)), name="unrelated")
    viewer.layers.selection.active = viewer.layers[0]
    qtbot.waitUntil(lambda: dock.settled)
    assert _notices(qtbot, dock) == ()


def test_a_renamed_layer_is_offered_as_name_of_its_channel(
    qtbot: QtBot, viewer: Viewer, docked: Docked, ome_tiff: Path
) -> None:
    _record(ome_tiff)
    dock = docked(ome_tiff.parent / "ro-crate-metadata.json", plugin=PLUGIN)
    assert _notices(qtbot, dock) == ()
    layer = viewer.layers[1]
    layer.name = layer.name.replace("488", "tubulin")
    assert dock.model.text("channel.1.name") == "488"
    _click(qtbot, dock, "Use as channel name")
    assert dock.model.text("channel.1.name") == "tubulin"
    assert dock.model.text("channel.0.name") == "DAPI"
    assert _notices(qtbot, dock) == ()
    dock.model.undo()
    assert dock.model.text("channel.1.name") == "488"


def test_an_axis_that_is_named_anew_is_offered_to_the_record(
    qtbot: QtBot, viewer: Viewer, docked: Docked, tmp_path: Path
) -> None:
    path = tmp_path / "pages.tif"
    tifffile.imwrite(path, np.zeros((6, 24, 32), "uint8"), metadata=None)
    dock = docked(path)
    before = (dock.model.text("image.size_z"), dock.model.text("image.size_t"))
    viewer.layers[0].axis_labels = ("z", "y", "x") if before[1] == "6" else ("t", "y", "x")
    _click(qtbot, dock, "Take it from the layer")
    assert (dock.model.text("image.size_z"), dock.model.text("image.size_t")) == before[::-1]


def test_a_scale_with_units_that_nobody_else_knows_is_offered(
    qtbot: QtBot, viewer: Viewer, docked: Docked, plain_tiff: Path
) -> None:
    dock = docked(plain_tiff)
    layer = viewer.layers[0]
    layer.units = ("nanometer", "nanometer")
    layer.scale = (130, 130)
    assert dock.model.text(X) == ""
    _click(qtbot, dock, "Take it from the layer")
    assert dock.model.text(X) == "0.13 µm"
    assert dock.model.view(X).origin == "layer"


def test_a_file_without_calibration_gets_a_calm_sentence_and_no_button(
    qtbot: QtBot, docked: Docked, plain_tiff: Path
) -> None:
    dock = docked(plain_tiff)
    (notice,) = _notices(qtbot, dock)
    assert notice.kind == "scale of one" and not notice.remedies
    assert not dock.banners.banners


def _record(path: Path) -> None:
    session = open_folder(path.parent)
    session.add(read_header(path))
    session.save()
    session.close()


def test_layers_opened_from_the_record_raise_no_alarm(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    _record(ome_tiff)
    dock = docked(ome_tiff.parent / "ro-crate-metadata.json", plugin=PLUGIN)
    assert _notices(qtbot, dock) == ()


def test_channels_of_one_file_are_one_image_and_scenes_are_images_of_their_own(
    qtbot: QtBot,
    viewer: Viewer,
    docked: Docked,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("napari_fair.viewer.image_choice.ask_which", lambda _: [0, 1])
    path = tmp_path / "scenes.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        for width, size in ((32, 0.1), (48, 0.5)):
            metadata = {"axes": "CYX", "PhysicalSizeX": size, "PhysicalSizeY": size}
            writer.write(np.zeros((2, 24, width), "uint8"), metadata=metadata)
    _record(path)
    dock = docked(tmp_path / "ro-crate-metadata.json", plugin=PLUGIN)
    assert len(viewer.layers) == 4
    assert dock.model.source is not None and len(dock.model.source.images) == 2
    seen = []
    for layer in viewer.layers:
        viewer.layers.selection.active = layer
        qtbot.waitUntil(lambda: dock.settled)
        seen.append((dock.model.text("image.size_x"), dock.model.text(X)))
        assert _notices(qtbot, dock) == ()
    assert seen == [("32", "0.1 µm")] * 2 + [("48", "0.5 µm")] * 2


def test_the_scene_of_the_active_layer_is_shown_and_not_measured_by_another(
    qtbot: QtBot, viewer: Viewer, docked: Docked, tmp_path: Path
) -> None:
    from napari.layers._source import layer_source

    path = tmp_path / "scenes.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        for width, size in ((32, 0.1), (48, 0.5)):
            metadata = {"axes": "YX", "PhysicalSizeX": size, "PhysicalSizeY": size}
            writer.write(np.zeros((24, width), "uint8"), metadata=metadata)
    units = ("micrometer", "micrometer")
    with layer_source(path=str(path), reader_plugin="another"):
        for width, size in ((32, 0.1), (48, 0.5)):
            viewer.add_image(np.zeros((24, width)), scale=(size, size), units=units)
    dock = docked()
    assert dock.model.text("image.size_x") == "48"
    assert _notices(qtbot, dock) == ()
    viewer.layers.selection.active = viewer.layers[0]
    qtbot.waitUntil(lambda: dock.settled)
    assert dock.model.text("image.size_x") == "32"
    assert _notices(qtbot, dock) == ()


def _planes(folder: Path) -> Path:
    folder.mkdir()
    for z in range(4):
        tifffile.imwrite(folder / f"cell_z{z:03d}.tif", np.zeros((24, 32), "uint8"))
    return folder


@pytest.mark.parametrize("whole", [True, False])
def test_a_folder_of_single_planes_is_one_image_with_a_note(
    qtbot: QtBot, docked: Docked, tmp_path: Path, whole: bool
) -> None:
    folder = _planes(tmp_path / "planes")
    dock = docked(folder if whole else folder / "cell_z001.tif")
    session = dock.model.session
    assert session is not None and session.folder == folder.resolve()
    assert [len(source.files) for source in session.sources()] == [4]
    assert dock.model.text("image.size_z") == "4"
    assert dock.model.view("image.size_z").trust == "guessed"
    assert any("check that they are" in text for _, _, text in dock.banners._texts())


def test_a_closed_dock_watches_no_layer(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    layer = viewer.layers[0]
    counts = {name: len(layer.events[name].callbacks) for name in ("scale", "units", "name")}
    with qtbot.waitSignal(dock.destroyed):
        viewer.window.remove_dock_widget(dock)
        dock.deleteLater()
    after = {name: len(layer.events[name].callbacks) for name in counts}
    assert after == {name: count - 1 for name, count in counts.items()}
    layer.scale = (9, 9, 9)
    viewer.add_image(np.zeros((4, 4)))


def test_a_layer_that_is_removed_is_no_longer_watched(
    qtbot: QtBot, viewer: Viewer, docked: Docked, calibrated: Path
) -> None:
    dock = docked(calibrated)
    added = viewer.add_image(np.zeros((24, 32)))
    qtbot.waitUntil(lambda: dock.settled)
    del viewer.layers[added.name]
    stirred: list[bool] = []
    dock.guard.stirred.connect(lambda: stirred.append(True))
    qtbot.waitUntil(lambda: dock.settled)
    added.scale = (3, 3)
    assert stirred == []


_REAL = os.environ.get("NAPARI_FAIR_TESTDATA", "")
_GOOD = (
    "NEUBIAS_training-resources/**/xy_8bit__PCNA.tif",
    "NEUBIAS_training-resources/**/xyz_8bit__mitotic_plate_calibrated.tif",
    "NEUBIAS_training-resources/**/xyzc_16bit__spots.tif",
    "sebi06_czitools/**/*.ome.tiff",
)


@pytest.mark.skipif(not _REAL, reason="needs NAPARI_FAIR_TESTDATA")
@pytest.mark.parametrize("pattern", _GOOD)
def test_a_good_real_file_raises_no_alarm_once_its_layer_has_the_headers_scale(
    qtbot: QtBot, viewer: Viewer, docked: Docked, pattern: str
) -> None:
    path = next(Path(_REAL).glob(pattern))
    dock = docked(path)
    if any(notice.remedies for notice in _notices(qtbot, dock)):
        _click(qtbot, dock, "Take it from the header")
    assert [n for n in _notices(qtbot, dock) if n.remedies] == []
    dock.model.close()
