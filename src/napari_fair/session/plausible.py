"""Values that are hardly right: taken as they are said, but told in a plain sentence.

Nothing is refused here. The limits are wide, so that few true values are doubted; what depends on
other values of an image is told by `remarks` and the calibration guard.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from napari_fair.model import Field, Kind, Quantity, Recorded
from napari_fair.model.units import convert


@dataclass(frozen=True)
class Usual:
    """The range in which values of a field lie, in its unit, and the same in words."""

    low: float
    high: float
    words: str


_PIXEL = Usual(1e-5, 1e4, "Pixels measure 10 pm to 10 mm")
_LIGHT = Usual(200, 2000, "Microscopes use light of 200 to 2000 nm")
_STAGE = Usual(-1e6, 1e6, "Stages move less than a metre")
_COUNT = Usual(1, 1e7, "It is between one and ten million")

USUAL: dict[str, Usual] = {
    "image.physical_size_x": _PIXEL,
    "image.physical_size_y": _PIXEL,
    "image.physical_size_z": Usual(1e-5, 1e4, "Focal planes are 10 pm to 10 mm apart"),
    "image.time_increment": Usual(1e-9, 31_557_600, "Frames are 1 ns to a year apart"),
    "image.size_x": _COUNT,
    "image.size_y": _COUNT,
    "image.size_z": _COUNT,
    "image.size_c": _COUNT,
    "image.size_t": Usual(1, 1e9, "It is at least one"),
    "image.stage_x": _STAGE,
    "image.stage_y": _STAGE,
    "image.stage_z": _STAGE,
    "channel.excitation_wavelength": _LIGHT,
    "channel.emission_wavelength": _LIGHT,
    "channel.exposure_time": Usual(1e-9, 86_400, "Exposures take 1 ns to a day"),
    "channel.pinhole_size": Usual(0.1, 1e4, "Pinholes measure 0.1 µm to 10 mm"),
    "channel.samples_per_pixel": Usual(1, 100, "It is 1, or 3 for colour"),
    "objective.nominal_magnification": Usual(0.01, 5e6, "It is 0.01 to 5,000,000"),
    "objective.lens_na": Usual(0.001, 1.7, "Lenses have apertures of 0.001 to 1.7"),
    "objective.working_distance": Usual(1, 1e6, "Lenses work at 1 µm to 1 m"),
    "light_source.wavelength": _LIGHT,
    "environment.temperature": Usual(-270, 1500, "Samples are kept at -270 to 1500 °C"),
    "environment.co2": Usual(0, 100, "Gas contains 0 to 100 % of it"),
    "environment.humidity": Usual(0, 100, "Humidity is 0 to 100 %"),
}
"""Usual ranges by field; dates are looked at apart."""

_FIRST_DIGITAL = date(1975, 1, 1)
"""The first digital camera was built in 1975."""
_CLOCKS_BEGIN = (date(1970, 1, 1), date(1980, 1, 1), date(1904, 1, 1), date(1900, 1, 1))
"""What computers write that do not know the date."""
_TAKEN = frozenset({"image.acquisition_date", "instrument.calibrated", "annotation.created"})


def implausible(declared: Field, recorded: Recorded[Any] | None) -> str:
    """Return a sentence about a value that is hardly right, empty when nothing is odd.

    Parameters
    ----------
    declared
        The field.
    recorded
        Its value, of which a quantity may be in any unit.
    """
    if recorded is None or not recorded.given:
        return ""
    if declared.kind in (Kind.DATE, Kind.DATETIME):
        return _odd_date(declared, str(recorded.value))
    usual = USUAL.get(declared.name)
    return _odd_number(declared, recorded.value, usual) if usual is not None else ""


def _odd_number(declared: Field, value: Any, usual: Usual) -> str:
    number: float | None
    if isinstance(value, Quantity):
        number = convert(value.value, value.unit, declared.unit)
    else:
        number = value if isinstance(value, int | float) else None
    if number is None or usual.low <= number <= usual.high:
        return ""
    return f"{usual.words}: is {number:g} {declared.unit}".rstrip() + " right?"


def _odd_date(declared: Field, text: str) -> str:
    day = datetime.fromisoformat(text).date()
    if declared.name not in _TAKEN:
        odd = not 1900 <= day.year <= date.today().year + 20
        return f"The year {day.year} is unusual here: is {day.isoformat()} right?" if odd else ""
    if day > date.today():
        return f"{day.isoformat()} is in the future: was the clock right?"
    if day in _CLOCKS_BEGIN:
        return f"Computers that do not know the date write {day.isoformat()}: is it right?"
    if day < _FIRST_DIGITAL:
        return f"There were no digital images before 1975: is {day.isoformat()} right?"
    return ""
