"""A line editor that looks up terms as one types, offline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from qtpy.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from qtpy.QtGui import (
    QFocusEvent,
    QFont,
    QKeyEvent,
    QPainter,
    QPalette,
    QStandardItem,
    QStandardItemModel,
)
from qtpy.QtWidgets import (
    QCompleter,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from napari_fair.viewer.editors import LineEditor

_NOTE = Qt.ItemDataRole.UserRole
_VALUE = Qt.ItemDataRole.UserRole + 1
_MOST = 8
_LEAST_WIDTH = 300


class Choice(NamedTuple):
    """One row of the list: what it is called, its identifier, and the text it stands for."""

    label: str
    note: str
    value: str


def choices(text: str, vocabulary: str) -> list[Choice]:
    """Return the terms that a text may mean, and the text itself as the last choice."""
    from napari_fair.vocabulary import search

    if not text:
        return []
    found = [
        Choice(_label(match.term.label, match.matched, text), match.id, match.id)
        for match in search(text, vocabulary, _MOST)
    ]
    if any(choice.label.casefold() == text.casefold() for choice in found):
        return found
    return [*found, Choice(f"Keep “{text}” as free text", "not yet a term", text)]


def _label(label: str, matched: str, text: str) -> str:
    """Say by which name a term was found when its label does not show it."""
    if text.casefold() in label.casefold() or matched.casefold() == label.casefold():
        return label
    return f"{label} ({matched})"


class TermEditor(LineEditor):
    """Terms by label, synonym or identifier; several are separated by ``;``."""

    def __init__(self, vocabulary: str, *, several: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vocabulary, self._several = vocabulary, several
        self._popup_style = ""
        self.textEdited.connect(self._look_up)

    @cached_property
    def _rows(self) -> QStandardItemModel:
        return QStandardItemModel(self)

    @cached_property
    def _completer(self) -> QCompleter:
        completer = QCompleter(self._rows, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(_MOST + 1)
        # QLineEdit.setCompleter would write each row that the arrows pass into the field
        completer.setWidget(self)
        completer.activated[QModelIndex].connect(self._choose)
        return completer

    @cached_property
    def list(self) -> QListView:
        """The terms that were found; made with the first letter."""
        found = QListView()
        self._completer.setPopup(found)
        # the completer gives every popup a delegate of its own
        found.setItemDelegate(_Rows(found))
        found.setStyleSheet(self._popup_style)
        return found

    @property
    def _listing(self) -> bool:
        return "list" in self.__dict__ and self.list.isVisible()

    def commit(self) -> None:
        """Hand on the text, unless the list of terms is open and a choice is still to come."""
        if not self._listing:
            super().commit()

    def set_popup_style(self, sheet: str) -> None:
        """Style the list, which is a window of its own."""
        self._popup_style = sheet
        if "list" in self.__dict__:
            self.list.setStyleSheet(sheet)

    def offered(self) -> Sequence[Choice]:
        """Return the rows of the list."""
        items = (self._rows.item(row) for row in range(self._rows.rowCount()))
        return [Choice(i.text(), i.data(_NOTE), i.data(_VALUE)) for i in items if i is not None]

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Close the list; what was typed is kept as it stands."""
        if event is None or event.reason() != Qt.FocusReason.PopupFocusReason:
            if self._listing:
                self.list.hide()
            self.commit()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Down opens the list."""
        down = event is not None and event.key() == Qt.Key.Key_Down and not event.modifiers()
        if down and not self.isReadOnly():
            self._look_up(self.text())
            return
        super().keyPressEvent(event)

    def _look_up(self, _text: str) -> None:
        self._rows.clear()
        for choice in choices(self._fragment(), self._vocabulary):
            item = QStandardItem(choice.label)
            item.setData(choice.note, _NOTE)
            item.setData(choice.value, _VALUE)
            item.setToolTip(f"{choice.label} – {choice.note}")
            self._rows.appendRow(item)
        if self._rows.rowCount():
            _ = self.list
            width = max(self.width(), _LEAST_WIDTH)  # a cell of a table may be narrow
            self._completer.complete(QRect(0, 0, width, self.height()))
        elif self._listing:
            self.list.hide()

    def _fragment(self) -> str:
        text = self.text()
        return (text.rpartition(";")[2] if self._several else text).strip()

    def _choose(self, index: QModelIndex) -> None:
        before = self.text().rpartition(";")[0] if self._several else ""
        value = str(index.data(_VALUE))
        self.setText(f"{before}; {value}" if before.strip() else value)
        self.list.hide()
        self.commit()


class _Rows(QStyledItemDelegate):
    """Draws the label left and the identifier right."""

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        if painter is None:
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        colours = option.palette
        group = QPalette.ColorGroup.Active
        if chosen:
            painter.fillRect(option.rect, colours.color(group, QPalette.ColorRole.Highlight))
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        area = option.rect.adjusted(8, 0, -8, 0)
        painter.save()
        painter.setPen(colours.color(group, role))
        note, small = str(index.data(_NOTE)), QFont(option.font)
        small.setPointSizeF(max(option.font.pointSizeF() - 1, 7))
        painter.setFont(small)
        painter.setOpacity(1.0 if chosen else 0.75)
        right = painter.boundingRect(area, 0, note)
        painter.drawText(area, _aligned(Qt.AlignmentFlag.AlignRight), note)
        painter.setOpacity(1.0)
        painter.setFont(option.font)
        room = area.adjusted(0, 0, -right.width() - 12, 0)
        label = option.fontMetrics.elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, _aligned(Qt.AlignmentFlag.AlignLeft), label)
        painter.restore()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(100, option.fontMetrics.height() + 10)


def _aligned(side: Qt.AlignmentFlag) -> int:
    return int((side | Qt.AlignmentFlag.AlignVCenter).value)
