"""Quantities, units as files and people write them, and their canonical symbols."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, ClassVar

MICRO = "\u00b5"
UNKNOWN_UNITS = frozenset({"", "px", "pixel", "pixels", "unit", "units", "reference frame"})

# canonical symbol: (dimension, factor to the dimension's base unit, spellings seen in files)
_UNITS: dict[str, tuple[str, float, str]] = {
    "m": ("length", 1.0, "meter metre meters metres"),
    "cm": ("length", 1e-2, "centimeter centimetre centimeters centimetres"),
    "dm": ("length", 0.1, "decimeter decimetre decimeters decimetres"),
    "mm": ("length", 1e-3, "millimeter millimetre millimeters millimetres"),
    f"{MICRO}m": (
        "length",
        1e-6,
        "um \u03bcm micron microns micrometer micrometre micrometers micrometres "
        "\\u00b5m \u00c2\u00b5m \u00ce\u00bcm \ufffdm",
    ),
    "nm": ("length", 1e-9, "nanometer nanometre nanometers nanometres"),
    "pm": ("length", 1e-12, "picometer picometre picometers picometres"),
    "\u00c5": ("length", 1e-10, "angstrom angstroms ångström a\u030a \u212b"),
    "fm": ("length", 1e-15, "femtometer femtometre"),
    "thou": ("length", 2.54e-5, "mil"),
    "ft": ("length", 0.3048, "foot feet"),
    "in": ("length", 0.0254, "inch inches"),
    "km": ("length", 1e3, "kilometer kilometre"),
    "s": ("time", 1.0, "sec second seconds secs"),
    "ms": ("time", 1e-3, "msec millisecond milliseconds"),
    f"{MICRO}s": ("time", 1e-6, "us \u03bcs microsecond microseconds usec"),
    "ns": ("time", 1e-9, "nanosecond nanoseconds"),
    "ps": ("time", 1e-12, "picosecond picoseconds"),
    "fs": ("time", 1e-15, "femtosecond femtoseconds"),
    "cs": ("time", 1e-2, "centisecond centiseconds"),
    "min": ("time", 60.0, "minute minutes mins"),
    "h": ("time", 3600.0, "hour hours hr hrs"),
    "d": ("time", 86400.0, "day days"),
    "\u00b0C": ("temperature", 1.0, "degC celsius \u2103 deg.C"),
    "%": ("fraction", 0.01, "percent pct"),
    "mW": ("power", 1e-3, "milliwatt"),
    "W": ("power", 1.0, "watt"),
}
_SPELLINGS = {
    spelling: symbol
    for symbol, (_, _, spellings) in _UNITS.items()
    for spelling in [symbol, *spellings.split()]
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit symbol, in the field's canonical unit where it can be converted."""

    value: float
    unit: str

    # what pydantic goes by where a quantity is a part of the record
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}

    def __post_init__(self) -> None:
        try:
            number = float(self.value)
        except (TypeError, OverflowError):
            number = inf
        if not isfinite(number):
            raise ValueError(f"{self.value!r} is not a number that can have a unit")
        self.unit.encode()  # a lone surrogate is no text that a record can hold
        object.__setattr__(self, "value", number)


def canonical_unit(text: str) -> str | None:
    """Return the symbol for a unit in any spelling, or None when it names no length or time.

    Case matters for symbols of one or two letters (``mm`` is no ``Mm``), not for words.
    """
    text = text.strip()
    if text in _SPELLINGS:
        return _SPELLINGS[text]
    return _SPELLINGS.get(text.lower()) if len(text) > 2 else None


def convert(value: float, unit: str, to: str) -> float | None:
    """Convert between two units of one dimension; None when that makes no sense.

    Parameters
    ----------
    value
        The number in `unit`.
    unit, to
        Units in any spelling that `canonical_unit` knows.
    """
    source, target = canonical_unit(unit), canonical_unit(to)
    if source is None or target is None:
        return value if unit == to else None
    if source == target:
        return value
    source_dimension, source_factor, _ = _UNITS[source]
    target_dimension, target_factor, _ = _UNITS[target]
    if source_dimension != target_dimension:
        return None
    # twelve digits hide the noise of multiplying by 1e-6 and dividing again
    return float(f"{value * source_factor / target_factor:.12g}")
