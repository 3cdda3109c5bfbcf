"""What the parts of a file name may mean: doses, replicates, wells, dates; all of it a guess.

The patterns are those of people's own habits, not of a standard. A part that fits none of them
stays a word, and words are never interpreted beyond the lists below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from napari_fair.model.units import MICRO

if TYPE_CHECKING:
    from napari_fair.model import Term


@dataclass(frozen=True)
class Token:
    """One part of a name.

    Attributes
    ----------
    kind
        What it may mean, e.g. ``concentration``; ``word`` or ``number`` when nobody knows.
    text
        How it stands in the name.
    value
        What it says in the text form of fields, e.g. ``10 µM``.
    """

    kind: str
    text: str
    value: str


WORDY = ("genotype", "treatment", "organism", "sample", "word")
"""Kinds that any word can be: which one, its place among the others must tell."""

_ENDINGS = (
    *(
        "tif",
        "tiff",
        "btf",
        "tf2",
        "tf8",
        "ome",
        "companion",
        "omexml",
        "xml",
        "zarr",
        "czi",
        "nd2",
    ),
    *("lif", "lof", "xlif", "xlef", "lsm", "oib", "oif", "oir", "vsi", "ims", "png", "jpg", "jpeg"),
    *("dv", "r3d", "d3d", "dcm", "mrc", "map", "rec", "stk", "zvi", "svs", "h5", "hdf5"),
)
_SUFFIX = re.compile(rf"(?i)(?:\.(?:{'|'.join(_ENDINGS)}))+$")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)([01]\d)\2([0-3]\d)(?!\d)")
_CLOCK = re.compile(r"[-_T ]([01]\d|2[0-3])([-_.h]?)([0-5]\d)\2([0-5]\d)(?!\d)")
_SEPARATORS = re.compile(r"[\s_;&#~()\[\]{}=]+|(?<!\d)[.,]|[.,](?!\d)|\+(?!/)")
_OTHER_SEPARATORS = re.compile(r"[_\s]")
_HYPHEN = re.compile(r"(?<=[^\W_])-(?=[^\W_])")
_HYPHEN_AT_NUMBER = re.compile(r"(?<=\d)-(?=[^\W_])|(?<=[^\W_])-(?=\d)")
_LETTER_AND_NUMBER = re.compile(r"([A-P]|A[A-F])-?(\d{1,2})")
_ROW_AND_COLUMN = re.compile(r"(?i)r(\d{2})c(\d{2})")
"""``R03C05``, as plate readers number rows and columns: two digits each."""
_ROWS, _COLUMNS = 32, 48
"""Of the largest plate, with 1536 wells."""
_NUMBER = r"\d+(?:[.,p]\d+)?"

_AMOUNTS = {"p": "p", "n": "n", "u": MICRO, "µ": MICRO, "μ": MICRO, "m": "m", "": ""}
_TIMES = {
    **dict.fromkeys(("ms", "msec"), "ms"),
    **dict.fromkeys(("s", "sec", "secs"), "s"),
    **dict.fromkeys(("min", "mins", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **{unit: unit for unit in ("hpf", "dpf", "hpi", "dpi", "wk")},
}

_GENOTYPES = re.compile(
    r"(?i:wt|wild-?type|[kd]ko|mut|mutant|het|hom|heterozygous|homozygous|null|parental|tg|ctl-?ko)"
    r"|[\w-]*[A-Za-z0-9]?(?:KO|KD|KI|OE|dKO)|ko|kd|ki|oe|[\w]+\+/[+-]|[\w]+-/-"
)
_TREATMENTS = re.compile(
    r"(?i:ctrl|ctl|control|untreated|treated|mock|vehicle|dmso|etoh|meoh|pbs|neg|negative|positive"
    r"|scr|scrambled?|nocodazole|taxol|paclitaxel|colchicine|starved|starvation|heatshock|hypoxia"
    r"|washout)|(?:si|sh|sg)[A-Z]\w+"
)
_CHANNELS = re.compile(
    r"(?i:dapi|hoechst\d*|[emsd]*[gyrcb]fp|m?cherry|m?scarlet|m?neongreen|td-?tomato|venus|cy[2357]"
    r"(?:\.5)?|fitc|tritc|texas-?red|sir|(?:a|af|alexa)-?(?:fluor-?)?\d{3}|bf|brightfield|dic|phase"
    r"|tl|trans|gcamp\w*)|(?:405|445|458|488|514|532|543|546|555|561|568|594|633|640|642|647)(?:nm|ex)?"
)
_PREFIXED: dict[str, tuple[str, ...]] = {
    "replicate": ("replicate", "replica", "repl", "rep", "r", "n"),
    "biological replicate": ("biorep", "bio", "br"),
    "technical replicate": ("techrep", "tech", "tr"),
    "time point": ("timepoint", "timept", "time", "frame", "tp", "t"),
    "plane": ("zslice", "slice", "plane", "z"),
    "position": (
        "position",
        "pos",
        "xy",
        "field",
        "fov",
        "site",
        "scene",
        "series",
        "tile",
        "s",
        "f",
        "p",
    ),
    "plate": ("plate", "pl"),
    "passage": ("passage",),
    "channel": ("channel", "chan", "ch", "c", "w"),
    "day": ("day",),
    **{
        word: (word,)
        for word in ("cell", "animal", "mouse", "fish", "embryo", "larva", "donor", "patient")
    },
    **{word: (word,) for word in ("subject", "sample", "clone", "section", "slide", "roi", "run")},
    **{word: (word,) for word in ("experiment", "batch", "image")},
}
_KIND_OF_PREFIX = {prefix: kind for kind, words in _PREFIXED.items() for prefix in words}
_KIND_OF_PREFIX |= {"exp": "experiment", "img": "image", "im": "image"}
_OF_LETTER = {"C": "channel", "F": "position", "P": "position", "D": "day", "N": "replicate"}
"""What one and the same letter before a number means where no plate is in sight."""


def tokens_of(name: str) -> list[Token]:
    """Return the parts of a file or folder name with what they may mean, in their order.

    A hyphen separates where nothing else does, and between words and numbers; in
    ``H2B-mCherry_rep1`` it belongs to the name of a construct.
    """
    found: list[Token] = []
    stem, end = stem_of(name), 0
    hyphens = not _OTHER_SEPARATORS.search(stem)
    for match in _DATE.finditer(stem):
        day = _day(match)
        if day is None or match.start() < end:
            continue
        found += _pieces(stem[end : match.start()], hyphens)
        clock = _CLOCK.match(stem, match.end())
        end = clock.end() if clock is not None else match.end()
        said = f"{day}T{clock[1]}:{clock[3]}:{clock[4]}" if clock is not None else day
        found.append(Token("date", stem[match.start() : end], said))
    return found + _pieces(stem[end:], hyphens)


def stem_of(name: str) -> str:
    """Return a name without what its ending says about the format."""
    stem = _SUFFIX.sub("", name)
    return stem if stem else name


def _day(match: re.Match[str]) -> str | None:
    try:
        return date(int(match[1]), int(match[3]), int(match[4])).isoformat()
    except ValueError:
        return None


def _pieces(text: str, hyphens: bool) -> list[Token]:
    parts = [part for whole in _SEPARATORS.split(text) if whole for part in _split(whole, hyphens)]
    return list(_read(parts))


def _split(part: str, hyphens: bool) -> list[str]:
    return [p for p in (_HYPHEN if hyphens else _HYPHEN_AT_NUMBER).split(part.strip("-")) if p]


def _read(parts: Sequence[str]) -> Iterator[Token]:
    """Recognise parts; a word such as ``rep`` takes the number that follows it."""
    place = 0
    while place < len(parts):
        part = parts[place]
        following = parts[place + 1] if place + 1 < len(parts) else ""
        both = _prefixed(part + following) if _takes(part, following) else None
        if both is not None:
            yield replace(both, text=following if len(part) > 1 else part + following)
            place += 2
            continue
        yield from _recognised(part)
        place += 1


def _takes(part: str, following: str) -> bool:
    if part.lower() == "well":
        return re.fullmatch(r"[A-Za-z]{1,2}-?\d{1,2}", following) is not None
    return len(part) > 1 and part.lower() in _KIND_OF_PREFIX and following.isdecimal()


def _recognised(part: str) -> list[Token]:
    for read in _READERS:
        token = read(part)
        if token is not None:
            return [token]
    return _glued(part) or [Token("word", part, part)]


_FIELD_OF_WELL = re.compile(r"(?i)(r\d{2}c\d{2})(f\d{2,4})(p\d{2,4})?")
_CHANNEL_AND_TIME = re.compile(r"(?i)(ch\d{1,2})sk(\d{1,5})(?:fk\d+fl\d+)?")


def _glued(part: str) -> list[Token]:
    """Take apart ``drugA10uM``: a word and the dose that follows it."""
    match = re.fullmatch(rf"([A-Za-z][\w-]*?)({_NUMBER}(?:[pnuµμm]?M|[munp]g(?:/?ml)?))", part)
    dose = _dose(match[2]) if match is not None else None
    if match is None or dose is None:
        return _of_plate_reader(part)
    return [*_recognised(match[1]), dose]


def _of_plate_reader(part: str) -> list[Token]:
    """Take apart ``r03c05f01p02`` and ``ch1sk2fk1fl1``: well, field, plane; channel, time point."""
    field = _FIELD_OF_WELL.fullmatch(part)
    well = _row_and_column(field[1]) if field is not None else None
    if field is not None and well is not None:
        plane = [_counted("plane", field[3])] if field[3] else []
        return [well, _counted("position", field[2]), *plane]
    taken = _CHANNEL_AND_TIME.fullmatch(part)
    if taken is None:
        return []
    time = Token("time point", taken[2], str(int(taken[2])))
    return [Token("channel", taken[1], taken[1]), time]


def _counted(kind: str, text: str) -> Token:
    return Token(kind, text, str(int(text[1:])))


# ---- one kind each --------------------------------------------------------------------------


def _dose(part: str) -> Token | None:
    molar = re.fullmatch(rf"({_NUMBER})([pnuµμm]?)M|({_NUMBER})(U)M", part)
    if molar is not None:
        number, prefix = molar[1] or molar[3], (molar[2] or molar[4] or "").lower()
        return Token("concentration", part, f"{_plain(number)} {_AMOUNTS[prefix]}M")
    mass = re.fullmatch(rf"({_NUMBER})([pnuµμm]?)g(?:(?:/|-|per)?(m|u|µ|μ)?([lL]))?", part)
    if mass is not None and (mass[2] or mass[4]):
        volume = f"/{_AMOUNTS[mass[3] or '']}{mass[4]}".replace("l", "L") if mass[4] else ""
        return Token("concentration", part, f"{_plain(mass[1])} {_AMOUNTS[mass[2]]}g{volume}")
    share = re.fullmatch(rf"({_NUMBER})(?:%|pct|percent)", part, re.IGNORECASE)
    return Token("concentration", part, f"{_plain(share[1])} %") if share is not None else None


def _duration(part: str) -> Token | None:
    match = re.fullmatch(rf"(?i:t|time)?({_NUMBER})([a-z]{{1,7}})", part)
    if match is None or match[2] not in _TIMES or part.lower() in ("2d", "3d"):
        return None
    return Token("time", part, f"{_plain(match[1])} {_TIMES[match[2]]}")


def _prefixed(part: str) -> Token | None:
    well = re.fullmatch(r"(?i:well)-?([A-Za-z]|[Aa][A-Fa-f])-?(\d{1,2})", part)
    if well is not None and 1 <= int(well[2]) <= _COLUMNS:
        return Token("well", part, f"{well[1].upper()}{int(well[2]):02}")
    match = re.fullmatch(r"([A-Za-z]+)-?(\d{1,6})", part)
    if match is None:
        return None
    kind = _KIND_OF_PREFIX.get(match[1].lower())
    if kind is None or (match[1] in _OF_LETTER and len(match[1]) == 1):
        return None
    return Token(kind, part, part if kind == "channel" else str(int(match[2])))


def _row_and_column(part: str) -> Token | None:
    match = _ROW_AND_COLUMN.fullmatch(part)
    if match is None or not (1 <= int(match[1]) <= _ROWS and 1 <= int(match[2]) <= _COLUMNS):
        return None
    row = int(match[1]) - 1
    letters = chr(ord("A") + row) if row < 26 else f"A{chr(ord('A') + row - 26)}"
    return Token("well", part, f"{letters}{int(match[2]):02}")


def _letter_and_number(part: str) -> Token | None:
    match = _LETTER_AND_NUMBER.fullmatch(part)
    if match is None or not 1 <= int(match[2]) <= _COLUMNS:
        return None
    return Token("well?", part, f"{match[1]}{int(match[2]):02}")


def _optics(part: str) -> Token | None:
    lens = re.fullmatch(r"(\d{1,3}(?:[.,]\d+)?)[xX]", part)
    if lens is not None:
        return Token("magnification", part, _plain(lens[1]))
    warm = re.fullmatch(r"(\d{1,2}(?:[.,]\d)?)(?:deg|°)?C", part)
    if warm is not None:
        return Token("temperature", part, f"{_plain(warm[1])} °C")
    if _CHANNELS.fullmatch(part):
        return Token("channel", part, part)
    return None


def _condition(part: str) -> Token | None:
    if _GENOTYPES.fullmatch(part):
        return Token("genotype", part, part)
    if _TREATMENTS.fullmatch(part):
        return Token("treatment", part, part)
    return None


def _number(part: str) -> Token | None:
    return Token("number", part, part) if re.fullmatch(r"\d+(?:[.,]\d+)?", part) else None


def _in_vocabulary(part: str) -> Token | None:
    """Recognise organisms and cell lines by their whole names."""
    if len(part) < 4 and not any(letter.isdigit() for letter in part):
        return None
    for kind, vocabulary in (("sample", "cell_line"), ("organism", "organism")):
        term = _found(part, vocabulary)
        if term is not None:
            return Token(kind, part, term.label)
    return None


def _found(part: str, vocabulary: str) -> Term | None:
    from napari_fair.vocabulary import find

    return find(part, vocabulary) if part[0].isalpha() else None


_READERS: tuple[Callable[[str], Token | None], ...] = (
    *(
        _dose,
        _duration,
        _prefixed,
        _row_and_column,
        _letter_and_number,
        _optics,
        _condition,
        _number,
    ),
    _in_vocabulary,
)


def _plain(number: str) -> str:
    """Return a number with a point; ``0p5`` and ``0,5`` are people's ways round it."""
    return f"{float(number.replace(',', '.').replace('p', '.')):.12g}"


def settled(names: Sequence[Sequence[Token]]) -> list[list[Token]]:
    """Decide for all names together whether a letter with a number is a well.

    ``B03`` and ``C04`` are; one and the same letter everywhere counts something (``C1``, ``F02``).
    """
    letters: dict[int, set[str]] = {}
    for tokens in names:
        for slot, token in enumerate(t for t in tokens if t.kind == "well?"):
            letters.setdefault(slot, set()).add(token.value[:-2])
    return [list(_settled(tokens, letters)) for tokens in names]


def _settled(tokens: Sequence[Token], letters: dict[int, set[str]]) -> Iterator[Token]:
    slot = 0
    for token in tokens:
        if token.kind != "well?":
            yield token
            continue
        letter = token.value[:-2]
        counted = _OF_LETTER.get(letter) if len(letters[slot]) == 1 else None
        slot += 1
        if counted is None:
            yield replace(token, kind="well")
        else:
            number = str(int(token.value[-2:]))
            said = token.text if counted == "channel" else number
            yield replace(token, kind=counted, value=said)
