"""All texts that are not yet terms, in one place: each becomes a term in all images at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from napari_fair.model import Term
    from napari_fair.session.unmapped import FreeText, Mapping

_MOST = 8
_TERM = Qt.ItemDataRole.UserRole
_KEPT = "stays free text"


class MappingDialog(QDialog):
    """Lists the texts with the number of their images, and looks up terms for each.

    Parameters
    ----------
    texts
        What is not yet a term.
    """

    def __init__(self, texts: Sequence[FreeText], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Map free text to terms")
        self.resize(620, 460)
        self._texts = tuple(texts)
        self._terms: dict[int, Term] = {}
        self.list = QTreeWidget(self)
        self.sought = QLineEdit(self)
        self.found = QListWidget(self)
        self.hint = QLabel(self)
        self.ok = QPushButton(self)
        self._arrange()
        self._connect()
        self._fill()

    def _arrange(self) -> None:
        self.list.setHeaderLabels(["Text", "Field", "Images", "Becomes"])
        self.list.setRootIsDecorated(False)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setAccessibleName("Texts that are not yet terms")
        self.sought.setAccessibleName("Look up a term for the selected text")
        self.sought.setClearButtonEnabled(True)
        self.found.setAccessibleName("Terms found, Enter takes one")
        self.found.setMaximumHeight(170)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setWordWrap(True)
        self.hint.setProperty("role", "muted")
        self.ok.setProperty("primary", "true")
        self.keep = QPushButton("&Keep as free text", self)
        self.cancel = QPushButton("&Cancel", self)
        buttons = QHBoxLayout()
        for widget in (self.keep, None, self.cancel, self.ok):
            if widget is None:
                buttons.addStretch()
            else:
                widget.setAutoDefault(False)
                buttons.addWidget(widget)
        layout = QVBoxLayout(self)
        for part in (self.list, self.hint, self.sought, self.found):
            layout.addWidget(part)
        layout.setStretch(0, 1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.list.currentItemChanged.connect(lambda *_: self._show_row())
        self.sought.textEdited.connect(self._look_up)
        self.sought.returnPressed.connect(lambda: self._take(self.found.item(0)))
        self.found.itemActivated.connect(self._take)
        self.found.itemClicked.connect(self._take)
        self.keep.clicked.connect(lambda: self._set(None))
        self.cancel.clicked.connect(self.reject)
        self.ok.clicked.connect(self.accept)

    def _fill(self) -> None:
        for each in self._texts:
            row = QTreeWidgetItem([each.text, each.field.label, str(each.images), _KEPT])
            row.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            row.setToolTip(0, each.text)
            self.list.addTopLevelItem(row)
        header = self.list.header()
        if header is not None:
            header.setStretchLastSection(True)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(0, 190)
            header.resizeSection(1, 130)
            header.resizeSection(2, 60)
        self.list.setCurrentItem(self.list.topLevelItem(0))
        self._say()

    @property
    def row(self) -> int:
        """The row that is selected, -1 for none."""
        item = self.list.currentItem()
        return self.list.indexOfTopLevelItem(item) if item is not None else -1

    def _show_row(self) -> None:
        if self.row >= 0:
            each = self._texts[self.row]
            self.hint.setText(f"What is meant by “{each.text}” in {each.field.label}?")
            self.sought.setText(each.text)
            self._look_up(each.text)

    def _look_up(self, text: str) -> None:
        from napari_fair.vocabulary import search

        self.found.clear()
        if self.row < 0:
            return
        for match in search(text, self._texts[self.row].field.vocabulary, _MOST):
            item = QListWidgetItem(f"{match.term.label}   {match.id}")
            item.setData(_TERM, match.term)
            item.setToolTip(match.term.iri)
            self.found.addItem(item)
        if not self.found.count():
            item = QListWidgetItem("No term found: try another word for it above.")
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.found.addItem(item)

    def _take(self, item: QListWidgetItem | None) -> None:
        term = item.data(_TERM) if item is not None else None
        if term is not None:
            self._set(term)

    def _set(self, term: Term | None) -> None:
        """Choose a term for the selected text, or none, and go on to the next."""
        row = self.row
        item = self.list.topLevelItem(row)
        if item is None:
            return
        if term is None:
            self._terms.pop(row, None)
        else:
            self._terms[row] = term
        item.setText(3, term.label if term is not None else _KEPT)
        self._say()
        following = self.list.topLevelItem(row + 1)
        if following is not None:
            self.list.setCurrentItem(following)

    def _say(self) -> None:
        count = len(self._terms)
        words = "1 text" if count == 1 else f"{count} texts"
        self.ok.setText(f"&Map {words} in all images")
        self.ok.setEnabled(count > 0)

    def mappings(self) -> tuple[Mapping, ...]:
        """Return what was chosen."""
        from napari_fair.session.unmapped import Mapping

        return tuple(
            Mapping(field=self._texts[row].field.name, text=self._texts[row].text, term=term)
            for row, term in sorted(self._terms.items())
        )
