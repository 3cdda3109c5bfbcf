"""Review changes: every file that Save would write, and what changes in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from napari_fair.session import SavePlan

_ACTIONS = {"create": "+ new", "update": "✎ update", "unchanged": "✓ unchanged"}


class ReviewDialog(QDialog):
    """The planned files as a tree; *Save* accepts."""

    def __init__(self, plan: SavePlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("What Save will write")
        self.resize(520, 380)
        self.files = QTreeWidget(self)
        self.files.setHeaderLabels(["File and changes", "Action"])
        self.files.setAccessibleName("Planned files and changes")
        for file in plan.files:
            item = QTreeWidgetItem([file.path.name, _ACTIONS.get(file.action, file.action)])
            item.setToolTip(0, str(file.path))
            item.addChildren([QTreeWidgetItem([change]) for change in file.changes])
            self.files.addTopLevelItem(item)
            item.setExpanded(len(file.changes) <= 20)
        self.files.resizeColumnToContents(1)
        header = self.files.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(0, header.ResizeMode.Stretch)
        note = QLabel("The image files are not touched.", self)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, parent=self)
        self.save = buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.files, note, buttons):
            layout.addWidget(widget)
