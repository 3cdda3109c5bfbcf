"""What the button *Presets* offers: use one, keep one, look after those there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QMenu, QWidget

from napari_fair.session.preset_shelf import save_preset
from napari_fair.viewer.known_presets import KnownPresets
from napari_fair.viewer.preset_dialogs import ManagePresetsDialog, SavePresetDialog, fill_menu

if TYPE_CHECKING:
    from napari_fair.session import Preset
    from napari_fair.viewer.state import AnnotationModel


class PresetActions:
    """Fills the menu of presets and does what is chosen in it.

    Parameters
    ----------
    commit
        Keeps what is typed in the form: a preset is taken of, or comes on top of that.
    """

    def __init__(
        self, model: AnnotationModel, menu: QMenu, commit: Callable[[], object], parent: QWidget
    ) -> None:
        self._model, self._menu, self._commit, self._parent = model, menu, commit, parent
        self.known = KnownPresets(parent)
        self.known.arrived.connect(self._refill)
        menu.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List the presets there are, then what else can be done."""
        others = {
            "&Save what the form holds …": self.save,
            "From a &file …": self.choose,
            "&Manage …": self.manage,
        }
        fill_menu(self._menu, self.known, self.use, others)

    def _refill(self) -> None:
        if self._menu.isVisible():
            self.fill()

    def choose(self) -> None:
        """Ask for a preset file and fill the form from it."""
        path, _ = QFileDialog.getOpenFileName(
            self._parent, "Fill the form from a preset", "", "Presets (*.toml)"
        )
        if path:
            self.use(Path(path))

    def save(self) -> None:
        """Ask what to keep as a preset, and keep it."""
        self._commit()
        dialog = SavePresetDialog(self._size, self.known, self._parent)
        if dialog.exec():
            preset = self._model.preset(dialog.name.text(), dialog.chosen())
            self._model.runner.run(
                "preset", lambda: save_preset(preset), lambda _path: None, self._model.fail
            )

    def _size(self, parts: list[str]) -> int:
        preset: Preset = self._model.preset("", parts)
        return len(preset.values) + len(preset.states)

    def manage(self) -> None:
        """Show the presets there are; one may be used or deleted."""
        dialog = ManagePresetsDialog(self.known, self._parent)
        chosen = dialog.chosen() if dialog.exec() else None
        if chosen is not None:
            self.use(chosen)

    def use(self, path: Path) -> None:
        """Fill the form from a preset file; values that could not be used are told."""
        self._commit()
        for sentence in self._model.apply_preset(path):
            self._model.told.emit("warning", sentence)
