"""What is engraved on a lens: magnification, numerical aperture, immersion."""

from __future__ import annotations

import re

from napari_fair.headers.sheet import Sheet
from napari_fair.model import Trust

# "63x/1.40 OIL", "63.0x1.40 OIL UV", "40X  NA:0.75", "60x Oil / 1.4", "UPLXAPO60XO", "40XWI"
_MAGNIFICATION = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[.,]\d+)?)\s?[xX\u00d7](S|\s?(?:WI|W|OIL|Oil|OI|O))?(?![a-zA-Z]|\.\d)"
)
_APERTURE = re.compile(
    r"[xX\u00d7]\s?(?:NA:?\s?|/\s?)?(\d[.,]\d{1,3})\b|/\s?(\d[.,]\d{1,3})\b|"
    r"\bNA[:=\s]?\s?(\d(?:[.,]\d{1,3})?)\b"
)
_IMMERSION = re.compile(
    r"(?<![A-Za-z])(oil|oel|\u00f6l|immersol|water|dry|air|glyc(?:erol)?|glycerin|"
    r"wi?|multi|imm|sil(?:icone)?)(?![A-Za-z])",
    re.IGNORECASE,
)
_WORDS = {
    "oil": "Oil",
    "oel": "Oil",
    "\u00f6l": "Oil",
    "immersol": "Oil",
    "water": "Water",
    "w": "Water",
    "wi": "Water",
    "o": "Oil",
    "oi": "Oil",
    "s": "Other",
    "sil": "Other",
    "silicone": "Other",
    "dry": "Air",
    "air": "Air",
    "glyc": "Glycerol",
    "glycerol": "Glycerol",
    "glycerin": "Glycerol",
    "multi": "Multi",
    "imm": "Multi",
}
_LARGEST_MAGNIFICATION = 250
_LARGEST_APERTURE = 1.7


def record_lens_name(sheet: Sheet, name: str, where: str) -> None:
    """Fill in, as derived, what a lens's name says and the file does not state otherwise."""
    name = name[:200]
    magnification = _MAGNIFICATION.search(name)
    if magnification:
        number = float(magnification[1].replace(",", "."))
        if 0 < number <= _LARGEST_MAGNIFICATION:
            _derive(sheet, "objective.nominal_magnification", number, where)
    aperture = _APERTURE.search(name)
    if aperture:
        number = float(next(filter(None, aperture.groups())).replace(",", "."))
        if 0 < number <= _LARGEST_APERTURE:
            _derive(sheet, "objective.lens_na", number, where)
    immersion = _IMMERSION.search(name)
    medium = (immersion[1] if immersion else magnification and magnification[2]) or ""
    if medium:
        _derive(sheet, "objective.immersion", _WORDS[medium.strip().lower()], where)


def _derive(sheet: Sheet, path: str, value: float | str, where: str) -> None:
    if path not in sheet.facts:
        sheet.state(path, value, where, trust=Trust.DERIVED)
