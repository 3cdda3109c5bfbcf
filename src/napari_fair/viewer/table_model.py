"""The images of a folder as rows of a Qt model; cells are worked out when they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from psygnal import Signal as PlainSignal
from qtpy.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from qtpy.QtGui import QColor, QFont, QIcon

from napari_fair.session import Cell, Change, Table
from napari_fair.session.image_pairs import is_pair
from napari_fair.viewer.lock_mark import lock_icon
from napari_fair.viewer.sections import READ_ONLY
from napari_fair.viewer.table_columns import is_essential, title_of, why_asked
from napari_fair.viewer.wording import who_edits

if TYPE_CHECKING:
    from napari_fair.session import Session
    from napari_fair.viewer.theme import Palette

Index = QModelIndex | QPersistentModelIndex
NOT_A_TERM = Qt.ItemDataRole.UserRole
_ROLE = Qt.ItemDataRole
_NOWHERE = QModelIndex()
_AT_ONCE = 200
"""Cells that are changed in the thread of the window."""
_FEW = 50
"""Rows that are looked for one by one when they changed."""


class ImageTable(QAbstractTableModel):
    """Rows are images in the order shown; the first column is their name, then fields.

    Attributes
    ----------
    told
        Sentences about texts that were not taken.
    elsewhere
        Makes the changes that a function works out, without holding up the window.
    """

    told = PlainSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self._session: Session | None = None
        self.elsewhere: Callable[[Callable[[], Iterable[Change]]], None] | None = None
        self._colours: Palette | None = None
        self._order: list[int] | None = None
        self._columns: tuple[str, ...] = ()
        self._whole: Table | None = None
        self.table: Table | None = None
        self._last: tuple[Table | None, int, int, Cell] = (None, -1, -1, Cell(""))

    # what is shown

    def show(self, session: Session | None, columns: Sequence[str]) -> None:
        """Show a session's images with some fields as columns."""
        self.beginResetModel()
        self._session, self._columns, self._order = session, tuple(columns), None
        self._whole = Table(session.dataset, columns) if session is not None else None
        self.table = self._whole
        self.endResetModel()

    def arrange(self, rows: Iterable[int]) -> None:
        """Show only some images, in this order; numbers are those of `whole`."""
        if self._whole is None:
            return
        self.beginResetModel()
        self._order = list(rows)
        self.table = self._whole.arranged(self._order)
        self.endResetModel()

    def refresh(self) -> None:
        """Show the record as it is now; rows keep their places, new images come last."""
        session, whole = self._session, self._whole
        if session is None or whole is None or session.dataset is whole.dataset:
            return
        table, changed = whole.of(session.dataset)
        if changed is None and _ids(table) != _ids(whole):
            self.beginResetModel()
            self._order = _carried_over(self._order, _ids(whole), _ids(table))
            self._show(table)
            self.endResetModel()
            return
        self._show(table)
        self._announce(changed)

    def _show(self, whole: Table) -> None:
        self._whole = whole
        self.table = whole if self._order is None else whole.arranged(self._order)

    def _announce(self, changed: list[int] | None) -> None:
        """Have the cells of some rows, or all, drawn again; numbers are those of `whole`."""
        count = self.rowCount()
        if not count:
            return
        if changed is None or len(changed) > _FEW:
            rows = range(count)
        elif self._order is None:
            rows = range(min(changed, default=0), max(changed, default=-1) + 1)
        else:
            found = [shown for shown, row in enumerate(self._order) if row in changed]
            rows = range(min(found, default=0), max(found, default=-1) + 1)
        if rows:
            end = self.index(rows[-1], len(self._columns))
            self.dataChanged.emit(self.index(rows[0], 0), end)

    def whole(self) -> Table | None:
        """Return the table with all images, in the order of the record."""
        return self._whole

    def set_colours(self, colours: Palette) -> None:
        """Take the colours of the theme."""
        self._colours = colours
        self._announce(None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The paths of the columns after the image's name."""
        return self._columns

    # Qt's questions

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of images shown."""
        return 0 if parent.isValid() or self.table is None else len(self.table.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of fields and one for the image's name."""
        return 0 if parent.isValid() else len(self._columns) + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, and why it is asked as its tooltip."""
        if orientation is not Qt.Orientation.Horizontal:
            return section + 1 if role == _ROLE.DisplayRole else None
        if section == 0:
            return "Image" if role == _ROLE.DisplayRole else None
        path = self._columns[section - 1]
        if role == _ROLE.ToolTipRole:
            return why_asked(path)
        return title_of(path) if role == _ROLE.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return that fields can be edited, unless only the file can state them."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if not self.editable(index.column()) or self._locked(index):
            return flags
        return flags | Qt.ItemFlag.ItemIsEditable

    def locked_by(self, image: str, path: str) -> str:
        """Return the name of the preset that locks an image's value, else nothing."""
        session = self._session
        if session is None or not session.locks or is_pair(path):
            return ""
        return session.view(path, image).locked_by

    def _locked(self, index: Index) -> str:
        if self.table is None or index.column() == 0:
            return ""
        image = self.table.rows[index.row()][1].id
        return self.locked_by(image, self._columns[index.column() - 1])

    def editable(self, column: int) -> bool:
        """Return whether a column's cells can be changed."""
        return column > 0 and self._columns[column - 1] not in READ_ONLY

    def data(self, index: Index, role: int = 0) -> Any:
        """Return text, colour, weight or tooltip of a cell."""
        if self.table is None or not index.isValid():
            return None
        if index.column() == 0:
            return self._name(index.row(), role)
        cell = self._cell(self.table, index.row(), index.column() - 1)
        match role:
            case _ROLE.DisplayRole:
                return self._words(cell, index.column())
            case _ROLE.EditRole:
                return cell.text
            case _ROLE.FontRole:
                return _bold() if cell.level in ("image", "source") else None
            case _ROLE.ForegroundRole:
                return self._colour(cell, index.column())
            case _ROLE.BackgroundRole:
                return self._ground(cell, index.column())
            case _ROLE.DecorationRole:
                return self._sign(index)
            case _ROLE.ToolTipRole | _ROLE.AccessibleDescriptionRole:
                locked_by = self._locked(index)
                return who_edits(locked_by) if locked_by else _tooltip(cell)
            case _ if role == NOT_A_TERM:
                return cell.free
        return None

    def _cell(self, table: Table, row: int, column: int) -> Cell:
        """Return a cell; Qt asks for its text, colours and weight one after the other."""
        last = self._last
        if last[0] is not table or last[1] != row or last[2] != column:
            last = self._last = (table, row, column, table.cell(row, column))
        return last[3]

    def _name(self, row: int, role: int) -> Any:
        wanted = (_ROLE.DisplayRole, _ROLE.ToolTipRole, _ROLE.FontRole)
        if self.table is None or role not in wanted:
            return None
        source, image = self.table.rows[row]
        draft = self._session is not None and not self._session.saved(source.id)
        if role == _ROLE.FontRole:
            return _slanted() if draft else None
        name = PurePosixPath(source.path).name
        several = f" · {image.index + 1}" if len(source.images) > 1 else ""
        if role == _ROLE.ToolTipRole:
            return f"{source.path}\nNot saved yet: Delete takes it out" if draft else source.path
        return f"{name}{several}"

    def _words(self, cell: Cell, column: int) -> str:
        return "missing" if self._is_missing(cell, column) and not cell.text else cell.text

    def _is_missing(self, cell: Cell, column: int) -> bool:
        return cell.missing and is_essential(self._columns[column - 1])

    def _colour(self, cell: Cell, column: int) -> QColor | None:
        if self._colours is None:
            return None
        if self._is_missing(cell, column):
            return QColor(self._colours.warning)
        inherited = cell.level in ("dataset", "study")
        return QColor(self._colours.faint if inherited else self._colours.text)

    def _sign(self, index: Index) -> QIcon | None:
        locked = self._colours is not None and self._locked(index)
        return lock_icon(self._colours.muted) if self._colours is not None and locked else None

    def _ground(self, cell: Cell, column: int) -> QColor | None:
        if self._colours is None or not self._is_missing(cell, column):
            return None
        ground = QColor(self._colours.warning)
        ground.setAlpha(30)
        return ground

    # edits

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole.value) -> bool:
        """Give one image a value of its own; a blank text lets it inherit again."""
        if self.table is None or not self.editable(index.column()):
            return False
        image = self.table.rows[index.row()][1].id
        path, before = self._columns[index.column() - 1], self.data(index, _ROLE.EditRole)
        if str(value).strip() != before:
            self.apply([Change(image, path, before, str(value))])
        return True

    def apply(self, changes: Iterable[Change]) -> int:
        """Make changes as one edit; returns how many there were."""
        taken = allowed(changes)
        if self._session is not None and taken:
            for sentence in self._session.set_many(taken):
                self.told.emit(sentence)
        return len(taken)

    def change(self, cells: int, work: Callable[[], Iterable[Change]]) -> None:
        """Make changes as one edit; those of more than a few cells are worked out elsewhere.

        Parameters
        ----------
        cells
            How many cells `work`, which may run in any thread, goes through.
        """
        if self.elsewhere is None or cells <= _AT_ONCE:
            self.apply(work())
        else:
            self.elsewhere(work)


def allowed(changes: Iterable[Change]) -> list[Change]:
    """Return the changes of what people may change."""
    return [change for change in changes if change.path not in READ_ONLY]


def _ids(table: Table) -> list[str]:
    return [image.id for _, image in table.rows]


def _carried_over(order: list[int] | None, before: list[str], after: list[str]) -> list[int] | None:
    """Return an order of rows when images joined or left: the others keep their places."""
    if order is None:
        return None
    places = {id: row for row, id in enumerate(after)}
    new = set(after) - set(before)
    kept = [places[before[row]] for row in order if before[row] in places]
    return kept + [row for row, id in enumerate(after) if id in new]


def _bold() -> QFont:
    font = QFont()
    font.setBold(True)
    return font


def _slanted() -> QFont:
    font = QFont()
    font.setItalic(True)
    return font


def _tooltip(cell: Cell) -> str:
    held = {
        "image": "Of this image alone",
        "source": "Of this file",
        "dataset": "Inherited: the same for all images",
        "study": "Inherited from the study",
        "file": "The file says so",
    }.get(cell.level, "Nobody has said anything here yet")
    return f"{cell.text}\n{held}{', not yet a term' if cell.free else ''}".strip()
