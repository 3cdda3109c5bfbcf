"""The second image costs next to nothing: counted in clicks, key chords and texts typed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tifffile
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

from napari_fair.model import Level
from napari_fair.sidecar import read_crate
from napari_fair.viewer.known_presets import KnownPresets
from napari_fair.viewer.preset_dialogs import ManagePresetsDialog, SavePresetDialog

if TYPE_CHECKING:
    from napari import Viewer

    from napari_fair.viewer.dock import FairDock


@pytest.fixture(autouse=True)
def _presets_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "napari_fair.session.preset_shelf.user_data_path", lambda *_, **__: tmp_path / "data"
    )


class Person:
    """Uses the dock and counts: a click, a key chord or one contiguous text is one interaction."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.interactions = 0

    def click(self, widget: QWidget) -> None:
        assert widget.isVisible() and widget.isEnabled()
        self._qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
        self.interactions += 1

    def type(self, widget: QWidget, text: str) -> None:
        assert widget.isVisible() and widget.isEnabled()
        self._qtbot.keyClicks(widget, text)
        self.interactions += 1


@pytest.fixture
def person(qtbot: QtBot) -> Person:
    return Person(qtbot)


@pytest.fixture
def shown(
    qtbot: QtBot, make_napari_viewer_proxy: Callable[..., Viewer]
) -> Callable[[Path], FairDock]:
    """Return a function that opens a file in napari and returns the dock that shows it."""
    viewer = make_napari_viewer_proxy(show=True)
    docks: list[Any] = []

    def show(path: Path) -> FairDock:
        viewer.open(path)
        if not docks:
            docks.append(viewer.window.add_plugin_dock_widget("napari-fair", "FAIR annotation")[1])
        dock: FairDock = docks[0]
        qtbot.waitUntil(lambda: dock.settled and dock.model.file_name == path.name)
        qtbot.waitUntil(lambda: dock.model.image is not None)
        return dock

    return show


@pytest.fixture
def second(ome_tiff: Path) -> Path:
    """An image beside the first one, made the same way."""
    return Path(shutil.copy(ome_tiff, ome_tiff.with_name("HeLa_mitosis_04.ome.tif")))


def _describe(dock: FairDock) -> None:
    """Say something that is shared, and something of this image alone."""
    model = dock.model
    model.set("study.title", "Spindles")
    model.set("biosample.organism", "human")
    model.only_this_image("biosample.extrinsic_variables")
    model.set("biosample.extrinsic_variables", "nocodazole")
    model.set("channel.1.fluor", "Alexa Fluor 488 on tubulin")
    model.set("channel.1.target", "microtubule")
    model.set("environment.temperature", "37 °C")


SAID = (
    *("study.title", "biosample.organism", "biosample.extrinsic_variables"),
    *("channel.1.fluor", "channel.1.target", "environment.temperature"),
)


def test_the_second_similar_image_is_saved_in_at_most_three_interactions(
    qtbot: QtBot,
    shown: Callable[[Path], FairDock],
    person: Person,
    ome_tiff: Path,
    second: Path,
) -> None:
    dock = shown(ome_tiff)
    _describe(dock)
    said = {path: dock.model.text(path) for path in SAID}
    dock.save()
    qtbot.waitUntil(lambda: bool(dock.model.saving.written) and dock.settled)
    assert all(said.values())

    shown(second)  # counted from here
    assert dock.model.text("biosample.extrinsic_variables") == ""
    person.click(dock.quick.same)
    person.click(dock.footer.save)
    qtbot.waitUntil(lambda: bool(dock.model.saving.written) and dock.settled)
    assert person.interactions <= 3

    assert second.with_name(f"{second.name}.companion.ome").exists()
    dataset = read_crate(ome_tiff.parent).dataset
    assert [source.path for source in dataset.sources] == [ome_tiff.name, second.name]
    assert {path: dock.model.text(path) for path in SAID} == said
    shown_as = dock.model.view("channel.1.target")
    assert (shown_as.origin, shown_as.where) == ("previous", ome_tiff.name)


def test_undo_takes_back_what_the_last_image_gave(
    shown: Callable[[Path], FairDock], person: Person, ome_tiff: Path, second: Path
) -> None:
    dock = shown(ome_tiff)
    _describe(dock)
    shown(second)
    person.click(dock.quick.same)
    assert not dock.quick.same.isEnabled()
    assert dock.quick.same.text().startswith("✓")
    dock.model.undo()
    assert dock.model.text("biosample.extrinsic_variables") == ""
    assert dock.quick.same.isEnabled()


def test_the_first_image_has_no_last_one(shown: Callable[[Path], FairDock], ome_tiff: Path) -> None:
    dock = shown(ome_tiff)
    assert not dock.quick.same.isEnabled()
    assert "no last image" in dock.quick.same.toolTip()
    assert not dock.quick.differ.isVisible()


def test_what_differs_shows_only_that_and_what_it_was(
    shown: Callable[[Path], FairDock], person: Person, ome_tiff: Path
) -> None:
    dock = shown(ome_tiff)
    dock.model.set("study.title", "Spindles")
    other = ome_tiff.with_name("other.ome.tif")
    pixels = tifffile.imread(ome_tiff)[:3]
    sizes = {"PhysicalSizeX": 0.2, "PhysicalSizeXUnit": "µm"}
    tifffile.imwrite(other, pixels, ome=True, metadata={"axes": "ZCYX", **sizes})
    shown(other)
    assert dock.quick.differ.text().endswith("&differ")
    person.click(dock.quick.differ)
    differing = dock.form.paths()
    assert {"image.size_z", "image.physical_size_x"} <= set(differing)
    assert "image.size_x" not in differing and "study.title" not in differing
    row = dock.form.row("image.physical_size_x")
    assert row is not None and row.mark.text() == "last: 0.108 µm"
    person.click(dock.quick.differ)
    assert "study.title" in dock.form.paths()


def test_a_preset_is_saved_from_the_form_and_offered_in_the_menu(
    qtbot: QtBot,
    shown: Callable[[Path], FairDock],
    ome_tiff: Path,
    second: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dock = shown(ome_tiff)
    _describe(dock)

    def answer(dialog: SavePresetDialog) -> bool:
        dialog.name.setText("HeLa in drug A")
        assert not dialog.ok.isEnabled()
        assert not dialog.parts["instrument"].isEnabled()
        dialog.parts["sample"].setChecked(True)
        return dialog.ok.isEnabled()

    monkeypatch.setattr(SavePresetDialog, "exec", answer)
    for _ in range(2):
        dock.presets.save()
        qtbot.waitUntil(lambda: dock.settled)
    shown(second)
    menu = dock.quick.presets.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    first = menu.actions()[0]
    assert first.text() == "HeLa in drug A (version 2)"
    dock.model.set("biosample.organism", "mouse")
    first.trigger()
    view = dock.model.view("biosample.organism")
    assert (view.text, view.where) == ("Homo sapiens", "HeLa in drug A, version 2")


def test_presets_can_be_deleted(
    qtbot: QtBot, shown: Callable[[Path], FairDock], ome_tiff: Path
) -> None:
    from napari_fair.session.preset_shelf import save_preset, saved_presets

    dock = shown(ome_tiff)
    dock.model.set("biosample.organism", "human")
    save_preset(dock.model.preset("Mine", ["sample"]))
    dialog = ManagePresetsDialog(KnownPresets())
    qtbot.addWidget(dialog)
    assert dialog.list.count() == 1
    dialog.delete.click()
    assert dialog.list.count() == 0 and not saved_presets()
    assert not dialog.use.isEnabled()


def test_a_level_that_asks_more_keeps_what_was_said(
    shown: Callable[[Path], FairDock], ome_tiff: Path
) -> None:
    dock = shown(ome_tiff)
    dock.model.set_level(Level.EXPERT)
    dock.model.set("channel.0.filter_set", "447/60")
    dock.model.set_level(Level.ESSENTIALS)
    assert "instrument.stand" not in dock.form.paths()
    dock.model.set_level(Level.EXPERT)
    assert dock.model.text("channel.0.filter_set") == "447/60"
