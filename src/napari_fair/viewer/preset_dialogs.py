"""Presets in the dock: the menu, keeping a new one, and looking after those there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.files import FairError
from napari_fair.session import Preset
from napari_fair.session.preset_shelf import PARTS, presets_folder, remove_preset
from napari_fair.viewer.known_presets import KnownPresets

Count = Callable[[list[str]], int]


def fill_menu(
    menu: QMenu,
    presets: KnownPresets,
    use: Callable[[Path], None],
    others: dict[str, Callable[[], None]],
) -> None:
    """List the presets there are, then what else can be done."""
    menu.clear()
    menu.setToolTipsVisible(True)
    for path, preset in presets.read().items():
        action = menu.addAction(f"{preset.name} (version {preset.version})".replace("&", "&&"))
        if action is not None:
            action.setToolTip(_contents(preset))
            action.triggered.connect(lambda _=False, path=path: use(path))
    if presets.reading:
        waiting = menu.addAction("Still reading the folders of presets …")
        if waiting is not None:
            waiting.setEnabled(False)
    if not menu.isEmpty():
        menu.addSeparator()
    for words, do in others.items():
        action = menu.addAction(words)
        if action is not None:
            action.triggered.connect(lambda _=False, do=do: do())


def _contents(preset: Preset) -> str:
    lines = [f"{path}: {text}" for path, text in preset.values.items()]
    shown = [line if len(line) < 70 else f"{line[:68]}…" for line in lines[:8]]
    return "\n".join(shown + ([f"and {len(lines) - 8} more"] if len(lines) > 8 else []))


class SavePresetDialog(QDialog):
    """Asks for a name and for the parts of the record that a preset is to hold.

    Parameters
    ----------
    count
        How many values parts hold.
    """

    def __init__(self, count: Count, presets: KnownPresets, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save as a preset")
        self._count = count
        self._known = {preset.name.casefold(): preset for preset in presets.read().values()}
        self.name = QLineEdit(self)
        self.name.setPlaceholderText("e.g. Ti2 spinning disk, second floor")
        self.name.setAccessibleName("Name of the preset")
        self.name.setMinimumWidth(300)
        self.parts: dict[str, QCheckBox] = {}
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel("Name", self))
        layout.addWidget(self.name)
        layout.addWidget(QLabel("What it holds", self))
        for part in PARTS:
            self._add_part(part, layout)
        self.hint = QLabel(self)
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        layout.addWidget(self.hint)
        layout.addLayout(self._buttons())
        self.name.textChanged.connect(self._refresh)
        self._refresh()

    def _add_part(self, part: str, layout: QVBoxLayout) -> None:
        held = self._count([part])
        box = QCheckBox(f"{part.capitalize()}: {held} {'value' if held == 1 else 'values'}", self)
        box.setEnabled(held > 0)
        box.toggled.connect(self._refresh)
        self.parts[part] = box
        layout.addWidget(box)

    def _buttons(self) -> QHBoxLayout:
        self.ok = QPushButton("&Save preset", self)
        self.ok.setProperty("primary", "true")
        self.ok.clicked.connect(self.accept)
        cancel = QPushButton("&Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.ok)
        return buttons

    def chosen(self) -> list[str]:
        """Return the parts that are checked."""
        return [part for part, box in self.parts.items() if box.isChecked()]

    def _refresh(self) -> None:
        known = self._known.get(self.name.text().strip().casefold())
        self.ok.setEnabled(bool(self.name.text().strip() and self.chosen()))
        version = ""
        if known is not None:
            version = f"Replaces version {known.version} with version {known.version + 1}. "
        self.hint.setText(f"{version}One readable file; values say which version they came from.")


class ManagePresetsDialog(QDialog):
    """Lists the presets, and deletes those no longer wanted."""

    def __init__(self, presets: KnownPresets, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets = presets
        presets.arrived.connect(self._fill)
        self.setWindowTitle("Presets")
        self.resize(380, 320)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Presets")
        place = QLabel(f"They are files in {presets_folder()}", self)
        place.setProperty("role", "muted")
        place.setWordWrap(True)
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error = QLabel(self)
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.hide()
        self.use = QPushButton("&Use", self)
        self.use.setProperty("primary", "true")
        self.use.clicked.connect(self.accept)
        self.delete = QPushButton("&Delete", self)
        self.delete.clicked.connect(self._delete)
        close = QPushButton("&Close", self)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(self.delete)
        buttons.addStretch()
        buttons.addWidget(close)
        buttons.addWidget(self.use)
        layout = QVBoxLayout(self)
        for widget in (self.list, place, self.error):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.list.currentRowChanged.connect(self._allow)
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for path, preset in self._presets.read().items():
            held = len(preset.values) + len(preset.states)
            item = QListWidgetItem(f"{preset.name} · version {preset.version} · {held} values")
            item.setToolTip(_contents(preset))
            item.setData(Qt.ItemDataRole.UserRole, str(path))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._allow(self.list.currentRow())

    def chosen(self) -> Path | None:
        """Return the file of the preset that is selected."""
        item = self.list.currentItem()
        return Path(item.data(Qt.ItemDataRole.UserRole)) if item is not None else None

    def _allow(self, row: int) -> None:
        self.use.setEnabled(row >= 0)
        self.delete.setEnabled(row >= 0)

    def _delete(self) -> None:
        path = self.chosen()
        if path is None:
            return
        try:
            remove_preset(path)
        except FairError as problem:
            self.error.setText(str(problem))
            self.error.show()
        self._fill()
