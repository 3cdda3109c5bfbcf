"""Review changes: what changes in the record, and every file that Save would write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_fair.viewer.changes import Change

if TYPE_CHECKING:
    from napari_fair.session import PlannedFile, SavePlan

_ACTIONS = {"create": "+ new", "update": "✎ update", "unchanged": "✓ unchanged"}
_MOST_LINES = 200


class ReviewDialog(QDialog):
    """The changed fields above, the planned files below; *Save* accepts."""

    def __init__(
        self, changes: list[Change], plan: SavePlan, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("What Save will write")
        self.resize(560, 440)
        self.fields = _tree(["Field", "Before", "After"], "Changed fields", self)
        for change in changes:
            item = QTreeWidgetItem([change.label, change.before or "–", change.after or "–"])
            item.setToolTip(1, change.before)
            item.setToolTip(2, change.after)
            self.fields.addTopLevelItem(item)
        self.files = _tree(["File", "Action"], "Planned files", self)
        for file in plan.files:
            self.files.addTopLevelItem(_file(file))
        self._size_columns()
        self._arrange(len(changes))

    def _size_columns(self) -> None:
        for tree, stretched in ((self.fields, (1, 2)), (self.files, (0,))):
            header = tree.header()
            if header is None:
                continue
            header.setStretchLastSection(False)
            for column in range(tree.columnCount()):
                wide = column in stretched
                mode = QHeaderView.ResizeMode
                header.setSectionResizeMode(column, mode.Stretch if wide else mode.ResizeToContents)

    def _arrange(self, changed: int) -> None:
        count = "1 field changes" if changed == 1 else f"{changed} fields change"
        self.save = QPushButton("&Save", self)
        self.save.setProperty("primary", "true")
        self.save.setDefault(True)
        self.save.clicked.connect(self.accept)
        cancel = QPushButton("&Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addWidget(QLabel(f"{count if changed else 'No field changes'}:", self))
        layout.addWidget(self.fields, 3)
        layout.addWidget(QLabel("Files; open one to see its lines. No image is touched.", self))
        layout.addWidget(self.files, 2)
        layout.addLayout(buttons)


def _file(file: PlannedFile) -> QTreeWidgetItem:
    lines = file.changes
    item = QTreeWidgetItem([file.path.name, _ACTIONS.get(file.action, file.action)])
    item.setToolTip(0, str(file.path))
    item.addChildren([QTreeWidgetItem([line]) for line in lines[:_MOST_LINES]])
    if len(lines) > _MOST_LINES:
        item.addChild(QTreeWidgetItem([f"… and {len(lines) - _MOST_LINES} more lines"]))
    return item


def _tree(headers: list[str], name: str, parent: QWidget) -> QTreeWidget:
    tree = QTreeWidget(parent)
    tree.setHeaderLabels(headers)
    tree.setAccessibleName(name)
    tree.setRootIsDecorated(headers[0] == "File")
    tree.setTextElideMode(Qt.TextElideMode.ElideRight)
    tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    return tree
