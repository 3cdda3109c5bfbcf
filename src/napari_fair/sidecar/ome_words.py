"""OME's own words and number forms for what files and people write in other ways."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from napari_fair.model.units import canonical_unit

if TYPE_CHECKING:
    from napari_fair.sidecar.ome_elements import SimpleType

_PIXEL_TYPES = {
    "float32": "float",
    "single": "float",
    "float64": "double",
    "complex64": "complex",
    "complex128": "double-complex",
    "bool": "bit",
    "boolean": "bit",
    "i1": "int8",
    "i2": "int16",
    "i4": "int32",
    "u1": "uint8",
    "u2": "uint16",
    "u4": "uint32",
    "f4": "float",
    "f8": "double",
}
_PIXEL_TYPE_NAMES = frozenset(
    {
        *("int8", "int16", "int32", "uint8", "uint16", "uint32"),
        *("float", "double", "complex", "double-complex", "bit"),
    }
)
_UNIT_TYPES = frozenset({"UnitsLength", "UnitsTime"})


def pixel_type(dtype: str) -> str | None:
    """Return OME's name of a numpy data type, None where OME has none (64-bit integers)."""
    name = dtype.strip().lstrip("<>=|").lower()
    name = _PIXEL_TYPES.get(name, name)
    return name if name in _PIXEL_TYPE_NAMES else None


def color(text: str) -> str | None:
    """Return ``#RRGGBB`` as OME writes it: red, green, blue and alpha in one signed integer."""
    if re.fullmatch(r"#[0-9a-fA-F]{6}", text) is None:
        return None
    return str(_signed(int(text[1:] + "ff", 16)))


def date_time(text: str) -> str | None:
    """Return a date with time of day as XML Schema writes it; a naive one stays naive.

    A date alone gives None: midnight would be invented.
    """
    if re.fullmatch(r"\d{4}-\d\d-\d\d|\d{8}|\d{4}-?W\d\d(-?\d)?", text.strip()):
        return None
    try:
        return datetime.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return None


def number(value: float) -> str:
    """Return a number in the fewest digits that give it back."""
    text = repr(float(value))
    return text.removesuffix(".0")


def word(text: str, words: frozenset[str]) -> str | None:
    """Return the one of OME's words that a text means, whatever its case and spaces."""
    squeezed = _squeezed(text)
    if not squeezed:
        return None
    return next((word for word in sorted(words) if _squeezed(word) == squeezed), None)


def mended(text: str, kind: SimpleType) -> str | None:
    """Return a valid text with the meaning of an invalid one, None when there is none.

    ``Other`` stands for words that OME does not know; whoever calls keeps the original.
    """
    if kind.name in _UNIT_TYPES:
        unit = canonical_unit(text)
        return unit if unit in kind.values else None
    if kind.name.startswith("Units"):  # their case matters: mW is no MW
        return text.strip() if text.strip() in kind.values else None
    if kind.name == "PixelType":
        return pixel_type(text) or word(text, kind.values)
    if kind.values and not kind.listed:
        return word(text, kind.values) or ("Other" if "Other" in kind.values else None)
    mend = _MENDERS.get(kind.base)
    result = mend(text.strip()) if mend and not kind.patterns else None
    return result if result is not None and kind.allows(result) else None


def _squeezed(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value


def _mended_integer(text: str) -> str | None:
    whole = re.fullmatch(r"([+-]?\d{1,10})(\.0*)?", text)
    if whole is None:
        return None
    value = int(whole[1])
    return str(_signed(value)) if value < 2**32 else None


def _mended_boolean(text: str) -> str | None:
    return {"true": "true", "false": "false", "yes": "true", "no": "false"}.get(text.lower())


_MENDERS = {"int": _mended_integer, "boolean": _mended_boolean, "dateTime": date_time}
