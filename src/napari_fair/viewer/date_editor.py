"""A date, or a date with time and time zone, typed or chosen from a calendar."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from qtpy.QtCore import QDate, QPoint, Qt, Signal
from qtpy.QtGui import QKeyEvent, QTextCharFormat
from qtpy.QtWidgets import (
    QCalendarWidget,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.viewer.editors import LineEditor

UNKNOWN_ZONE = "Not known"
_TIME = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$")


class DateEditor(LineEditor):
    """ISO text with a calendar behind the button at its right end (F4).

    Parameters
    ----------
    with_time
        Whether a time of day and a time zone can be said too; neither is ever made up.
    """

    def __init__(self, *, with_time: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._with_time = with_time
        self.popup: DatePopup | None = None
        self.button = QPushButton("▾", self)
        self.button.setProperty("inside", "true")
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.setCursor(Qt.CursorShape.ArrowCursor)
        self.button.setToolTip("Choose from a calendar (F4)")
        self.button.clicked.connect(self.open_calendar)

    def show_value(self, text: str, note: str = "") -> None:
        """Show a value; whether its time zone is known stands beside it."""
        super().show_value(text, zone_note(text))

    def lock(self, locked: bool) -> None:
        """Let the date only be read and copied, or be changed again."""
        super().lock(locked)
        self.button.setEnabled(not locked)

    def setAccessibleName(self, name: str | None) -> None:
        """Name the text and the button."""
        super().setAccessibleName(name)
        self.button.setAccessibleName(f"Calendar for {name}")

    def open_calendar(self) -> None:
        """Show the calendar below, at the date that is typed."""
        if self.popup is None:
            self.popup = DatePopup(with_time=self._with_time, parent=self)
            self.popup.chosen.connect(self._take)
        self.popup.start_from(self.text().strip())
        size = self.popup.sizeHint()
        self.popup.move(self.mapToGlobal(QPoint(self.width() - size.width(), self.height())))
        self.popup.show()
        self.popup.calendar.setFocus()

    def _take(self, text: str) -> None:
        self.setText(text)
        self.typed.emit(text)
        self.setFocus()
        self.commit()

    def _taken(self) -> int:
        button = getattr(self, "button", None)  # Qt lays out before the button is there
        if button is None:
            return 0
        wide: int = button.sizeHint().width()
        button.setGeometry(self.width() - wide - 2, 2, wide, self.height() - 4)
        return wide

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """F4 opens the calendar."""
        if event is not None and event.key() == Qt.Key.Key_F4 and self.button.isEnabled():
            self.open_calendar()
            return
        super().keyPressEvent(event)


def zone_note(text: str) -> str:
    """Return that the time zone of a date with time is not known, if it is not."""
    moment = _moment(text)
    if moment is None or len(text) <= len("2026-11-23"):
        return ""
    return "" if moment.tzinfo is not None else "time zone unknown"


class DatePopup(QFrame):
    """A calendar; below it, for a date with time, the time of day and the time zone."""

    chosen = Signal(str)

    def __init__(self, *, with_time: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("date_popup")
        self.calendar = QCalendarWidget(self)
        self.calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.calendar.setGridVisible(False)
        self.calendar.setAccessibleName("Calendar")
        self.calendar.setMinimumSize(300, 220)
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):  # red reads as an error
            self.calendar.setWeekdayTextFormat(day, QTextCharFormat())
        self.time, self.zone = QLineEdit(self), QComboBox(self)
        self.problem = QLabel(self)
        self.problem.setProperty("role", "error")
        self.problem.hide()
        self._with_time = with_time
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.calendar)
        layout.addLayout(self._time_line())
        layout.addWidget(self.problem)
        layout.addLayout(self._buttons())
        self.calendar.activated.connect(lambda _day: self._choose())
        if not with_time:
            self.calendar.clicked.connect(lambda _day: self._choose())

    def _time_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.time.setPlaceholderText("not known")
        self.time.setAccessibleName("Time of day, hours:minutes, empty if not known")
        self.zone.setAccessibleName("Time zone, as its distance from UTC")
        time, zone = QLabel("Time", self), QLabel("Time zone", self)
        for widget, stretch in ((time, 0), (self.time, 1), (zone, 0), (self.zone, 1)):
            widget.setVisible(self._with_time)
            line.addWidget(widget, stretch)
        self.time.returnPressed.connect(self._choose)
        return line

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        today = QPushButton("&Today", self)
        today.clicked.connect(lambda: self._show_day(date.today()))
        self.ok = QPushButton("&Use this date", self)
        self.ok.setProperty("primary", "true")
        self.ok.clicked.connect(self._choose)
        line.addWidget(today)
        line.addStretch()
        line.addWidget(self.ok)
        return line

    def start_from(self, text: str) -> None:
        """Show a date as it is typed; today if it is none."""
        moment = _moment(text)
        self._show_day(moment.date() if moment is not None else date.today())
        timed = moment is not None and len(text) > len("2026-11-23")
        self.time.setText(moment.time().isoformat("seconds") if timed and moment else "")
        self._offer_zones(moment)
        self.problem.hide()

    def _show_day(self, day: date) -> None:
        self.calendar.setSelectedDate(QDate(day.year, day.month, day.day))

    def _offer_zones(self, moment: datetime | None) -> None:
        """Offer no zone first, then the stated one, this computer's, and all full hours."""
        stated = moment.utcoffset() if moment is not None else None
        here = (moment or datetime.now()).replace(tzinfo=None).astimezone().utcoffset()
        hours = [timedelta(hours=hour) for hour in range(-12, 15)]
        offsets = [each for each in (stated, here, timedelta(0), *hours) if each is not None]
        self.zone.clear()
        self.zone.addItem(UNKNOWN_ZONE, None)
        for offset in dict.fromkeys(offsets):
            words = " (this computer)" if offset == here else ""
            self.zone.addItem(f"{_offset_text(offset)}{words}", offset)
        self.zone.setCurrentIndex(0 if stated is None else 1)

    def text(self) -> str | None:
        """Return what is chosen, ISO 8601; None if the time is none."""
        day = self.calendar.selectedDate()
        text = f"{day.year():04}-{day.month():02}-{day.day():02}"
        typed = self.time.text().strip()
        if not self._with_time or not typed:
            return text
        match = _TIME.match(typed)
        if match is None:
            return None
        clock = f"{int(match[1]):02}:{match[2]}:{match[3] or '00'}"
        offset = self.zone.currentData()
        return f"{text}T{clock}{'' if offset is None else _offset_text(offset)}"

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Escape leaves the date as it was."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _choose(self) -> None:
        text = self.text()
        if text is None:
            self.problem.setText("The time needs hours and minutes, e.g. 14:03; empty if unknown.")
            self.problem.show()
            self.time.setFocus()
            return
        self.close()
        self.chosen.emit(text)


def _offset_text(offset: timedelta) -> str:
    return datetime(2000, 1, 1, tzinfo=timezone(offset)).isoformat()[len("2000-01-01T00:00:00") :]


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
