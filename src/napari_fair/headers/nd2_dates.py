"""The date in an ND2: local text in the order of the computer's language, and a day number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_TEXT = re.compile(
    r"(\d{1,4})[/.\-]\s?(\d{1,2})[/.\-]\s?(\d{2,4})\.?\s+(\d{1,2})[:.](\d\d)[:.](\d\d)\s*([AaPp]\.?[Mm]\.?)?"
)
_JULIAN_UNIX_EPOCH = 2440587.5
_UNIX_EPOCH = datetime(1970, 1, 1)
_LARGEST_ZONE = timedelta(hours=15)
_BELIEVED_DAYS = (2440587.5, 2488070.0)  # 1970 to 2100


@dataclass(frozen=True, slots=True)
class Nd2Date:
    """A date as ISO 8601, where it was read, and the file's words if they are different."""

    iso: str
    where: str
    original: str
    stated: bool


def acquisition_date(written: str, julian_day: float | None) -> Nd2Date | None:
    """Return the date, without a time zone when it comes from the text.

    A text like ``03/04/2019`` means two days; the day number of the first frame (UTC) decides.
    Without one it is taken only when both readings are the same or one is impossible.
    """
    utc = _from_julian(julian_day)
    choices = _readings(written)
    if utc is not None:
        near = [choice for choice in choices if abs(choice - utc) <= _LARGEST_ZONE]
        choices = near or ([] if len(choices) > 1 else choices)
    if len(choices) == 1:
        return Nd2Date(choices[0].isoformat(), "text info, date", written, stated=True)
    if utc is None:
        return None
    iso = utc.isoformat(timespec="milliseconds") + "Z"
    return Nd2Date(iso, "first frame, Julian day", f"{julian_day}", stated=False)


def _from_julian(day: float | None) -> datetime | None:
    if day is None or not _BELIEVED_DAYS[0] < day < _BELIEVED_DAYS[1]:
        return None
    return _UNIX_EPOCH + timedelta(days=day - _JULIAN_UNIX_EPOCH)


def _readings(written: str) -> list[datetime]:
    match = _TEXT.fullmatch(written.strip())
    if match is None:
        return []
    first, second, third, *clock, half = match.groups()
    if len(first) == 4:
        orders = [(first, second, third)]
    elif half:
        orders = [(third, first, second)]  # only months-first countries count to twelve
    else:
        orders = [(third, second, first), (third, first, second)]
    found: dict[datetime, None] = {}
    for year, month, day in orders:
        date = _date(year, month, day, clock, half or "")
        if date is not None:
            found[date] = None
    return list(found)


def _date(year: str, month: str, day: str, clock: list[str], half: str) -> datetime | None:
    hour, minute, second = (int(part) for part in clock)
    if half:
        hour = hour % 12 + (12 if half.lower().startswith("p") else 0)
    century = 2000 if len(year) == 2 else 0
    try:
        return datetime(int(year) + century, int(month), int(day), hour, minute, second)
    except ValueError:
        return None
