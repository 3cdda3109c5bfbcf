"""Settings of the plugin in napari's Preferences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from napari.components import ViewerModel
from npe2 import PluginManifest
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QMenu

from napari_fair.model import Level
from napari_fair.session import Preset, preset_shelf
from napari_fair.session.preset_shelf import preset_folders, save_preset, use_library
from napari_fair.viewer.dock import FairDock
from napari_fair.viewer.known_presets import KnownPresets
from napari_fair.viewer.models import model_of
from napari_fair.viewer.preferences import Preferences, preferences, take_presets
from napari_fair.viewer.preset_dialogs import fill_menu
from napari_fair.viewer.recorder import recorder_of
from napari_fair.viewer.sessions import OpenSessions

pytestmark = pytest.mark.usefixtures("plugin_settings")


@pytest.fixture
def settings(plugin_settings: None, npe2pm: Any) -> Iterator[Any]:
    """The settings that the manifest declares, in a folder of the test."""
    from napari.settings import get_plugin_settings

    npe2pm.register(PluginManifest.from_distribution("napari-fair"))
    yield get_plugin_settings("napari-fair").start
    use_library(None)


def test_nothing_is_set_as_long_as_napari_does_not_know_the_plugin() -> None:
    assert preferences() == Preferences()


def test_what_is_set_is_taken(settings: Any, tmp_path: Path) -> None:
    settings.presets_folder = str(tmp_path)
    settings.level = "Expert"
    settings.record = True
    assert preferences() == Preferences(tmp_path, Level.EXPERT, record=True)


def test_presets_of_the_lab_are_found_as_soon_as_their_folder_is_set(
    settings: Any, tmp_path: Path
) -> None:
    take_presets()
    assert tmp_path not in preset_folders()
    settings.presets_folder = str(tmp_path)
    assert tmp_path in preset_folders()
    settings.presets_folder = ""
    assert tmp_path not in preset_folders()


def test_the_form_starts_with_the_level_that_is_set(settings: Any) -> None:
    settings.level = "Publish"
    assert model_of(ViewerModel()).level is Level.PUBLISH


def test_recording_starts_with_the_first_dock_and_can_be_switched_off(
    qtbot: QtBot, settings: Any
) -> None:
    settings.record = True
    viewer = ViewerModel()
    dock = FairDock(viewer)
    qtbot.addWidget(dock)
    dock.show()
    recorder = recorder_of(viewer)
    assert recorder.on
    recorder.stop()
    dock.hide()
    dock.show()
    assert not recorder.on
    dock.hide()
    dock.model.close()


def test_a_share_that_does_not_answer_keeps_no_menu_waiting(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = save_preset(Preset("Ti2", values={"study.title": "Mitosis"}), tmp_path)
    known, answered = KnownPresets(), Event()
    answer = {path: preset_shelf.read_preset(path)}

    def slow() -> dict[Path, Preset]:
        assert answered.wait(10)
        return answer

    monkeypatch.setattr(preset_shelf, "saved_presets", slow)
    menu = QMenu()
    qtbot.addWidget(menu)
    fill_menu(menu, known, lambda _path: None, {})
    assert menu.actions()[0].text().startswith("Still reading")
    with qtbot.waitSignal(known.arrived):
        answered.set()
    fill_menu(menu, known, lambda _path: None, {})
    assert menu.actions()[0].text() == "Ti2 (version 1)"


def test_for_an_image_without_a_file_no_library_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> dict[Path, Preset]:
        raise AssertionError("the share was asked in the window's thread")

    monkeypatch.setattr("napari_fair.session.session.saved_presets", unreachable)
    sessions = OpenSessions()
    assert not sessions.draft("of a test").locks
    sessions.close()
