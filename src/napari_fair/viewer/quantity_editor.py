"""A number and its unit; a pasted ``100 ms`` fills in both."""

from __future__ import annotations

import re

from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QMenu, QPushButton, QWidget

from napari_fair.model.units import MICRO, canonical_unit, convert
from napari_fair.viewer.editors import LineEditor

_UNITS = {
    f"{MICRO}m": ("nm", f"{MICRO}m", "mm"),
    "nm": ("nm", f"{MICRO}m"),
    "s": (f"{MICRO}s", "ms", "s", "min", "h"),
}
"""Units offered for a canonical one; any other that converts can be typed."""
_PARTS = re.compile(r"^([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*(.*)$")


class QuantityEditor(LineEditor):
    """The number is typed, the unit stands at the right end and opens a list (F4).

    A value that is kept is shown in another unit when one is chosen; while a number is typed, the
    unit chosen is the number's.
    """

    def __init__(self, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canonical = self._unit = unit
        self._kept = ""
        self._length = 0
        self.unit = QPushButton(unit, self)
        self.unit.setProperty("inside", "true")
        self.unit.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.unit.setCursor(Qt.CursorShape.ArrowCursor)
        self._offered = _UNITS.get(unit, (unit,))
        self.unit.setEnabled(len(self._offered) > 1)
        self.unit.clicked.connect(self.open_units)
        self._say_unit()

    def value(self) -> str:
        """Return number and unit as one text."""
        text = self.text().strip()
        match = _PARTS.match(text)
        return f"{text} {self._unit}" if match is not None and not match[2] else text

    def show_value(self, text: str, note: str = "") -> None:
        """Show a value, in the unit that was chosen last."""
        self._kept = text
        match = _PARTS.match(text)
        number = match[1] if match is not None else text
        if match is not None and match[2]:
            shown = convert(float(match[1].replace(",", ".")), match[2], self._unit)
            if shown is None:
                self._unit = match[2]
            else:
                number = f"{shown:.12g}"
        super().show_value(number)
        self._shown, self._length = self.value(), len(number)
        self._say_unit()

    def discard(self) -> None:
        """Go back to the value that was shown last."""
        self.show_value(self._kept)

    def setPlaceholderText(self, text: str | None) -> None:
        """Show an example without its unit, which stands at the right."""
        words = (text or "").removesuffix(f" {self._canonical}")
        super().setPlaceholderText(words)

    def setAccessibleName(self, name: str | None) -> None:
        """Name the number, and its unit after it."""
        super().setAccessibleName(name)
        self.unit.setAccessibleName(f"Unit of {name}")

    # units

    def open_units(self) -> None:
        """Offer the units in a list below."""
        menu = self.unit_menu()
        menu.popup(self.mapToGlobal(QPoint(self.width() - menu.sizeHint().width(), self.height())))

    def unit_menu(self) -> QMenu:
        """Return the list of units."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for unit in self._offered:
            action = menu.addAction(unit)
            if action is not None:
                action.setCheckable(True)
                action.setChecked(unit == self._unit)
                action.triggered.connect(lambda _=False, unit=unit: self.choose_unit(unit))
        return menu

    def choose_unit(self, unit: str) -> None:
        """Take another unit for the number that is typed, or show the kept one in it."""
        typed = self.dirty
        self._unit = unit
        if typed:
            self._say_unit()
            self.typed.emit(self.value())
        else:
            self.show_value(self._kept)

    def commit(self) -> None:
        """Hand on the value; a unit that was typed with it is the one to go on with."""
        self._take_unit()
        super().commit()

    def _edited(self, text: str) -> None:
        pasted = len(text) - self._length > 1
        self._length = len(text)
        if pasted:
            self._take_unit()
        super()._edited(text)

    def _take_unit(self) -> None:
        """Move a unit from the text to where units stand."""
        match = _PARTS.match(self.text().strip())
        stated = canonical_unit(match[2]) if match is not None and match[2] else None
        if match is not None and stated in self._offered:
            self._unit = str(stated)
            self.setText(match[1])
            self._say_unit()

    def _say_unit(self) -> None:
        arrow = " ▾" if len(self._offered) > 1 else ""
        self.unit.setText(f"{self._unit}{arrow}")
        self._place_note()

    def _taken(self) -> int:
        button = getattr(self, "unit", None)  # Qt lays out before the button is there
        if button is None:
            return 0
        match = _PARTS.match(self.text().strip())
        button.setVisible(match is None or not match[2])
        wide: int = button.sizeHint().width()
        button.setGeometry(self.width() - wide - 2, 2, wide, self.height() - 4)
        return wide

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """F4 opens the list of units."""
        if event is not None and event.key() == Qt.Key.Key_F4 and self.unit.isEnabled():
            self.open_units()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        """Make room anew when the font changes."""
        super().changeEvent(event)
        self._place_note()
