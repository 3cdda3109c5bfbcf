"""Columns that file and folder names propose: what each part may mean, image by image.

Nothing is taken before a person has seen it, and what is taken says that it is a guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from statistics import fmean

from napari_fair.session.image_pairs import pair_path
from napari_fair.session.name_tokens import WORDY, Token, settled, tokens_of

_FIELDS = {
    "genotype": "biosample.intrinsic_variables",
    "treatment": "biosample.extrinsic_variables",
    "concentration": "biosample.extrinsic_variables",
    "organism": "biosample.organism",
    "sample": "biosample.biological_entity",
    "well": "image.well",
    "date": "image.acquisition_date",
    "magnification": "objective.nominal_magnification",
    "temperature": "environment.temperature",
    "channel": "channel.0.name",
}
_NOT_OFFERED = frozenset(
    (*("word", "number", "position", "plane", "image", "channel", "roi", "slide", "run", "cell"),)
)
"""Kinds that tell images apart rather than say what they show: only taken when asked for."""


@dataclass(frozen=True)
class NameColumn:
    """One proposed column.

    Attributes
    ----------
    title
        What people call it, e.g. ``Concentration``.
    kind
        What its parts may mean, see `Token`.
    texts
        For each name the part as it stands there, empty where it is missing.
    values
        For each name what it says, e.g. ``10 µM``.
    target
        Path of the field, or of the free pair, that it goes to unless a person says otherwise.
    offered
        Whether it is taken unless a person says otherwise.
    """

    title: str
    kind: str
    texts: tuple[str, ...]
    values: tuple[str, ...]
    target: str
    offered: bool

    @property
    def varies(self) -> bool:
        """Whether not all names say the same."""
        return len(set(self.values)) > 1


@dataclass(frozen=True)
class _Place:
    """Where a part stands: level 0 is the file's name, 1 the folder above it, and so on."""

    level: int
    kind: str
    number: int


def proposed(paths: Sequence[str]) -> list[NameColumn]:
    """Return the columns that names propose, those of folders first, then as they stand in names.

    Parameters
    ----------
    paths
        Relative paths with ``/`` between folders, one an image.
    """
    levels = _levels(paths)
    columns: list[NameColumn] = []
    for level in sorted(levels, reverse=True):
        columns += _columns_of(levels[level], level)
    seen = {column.kind for column in columns if not column.title.endswith(_IN_FOLDER)}
    return [
        replace(column, offered=False)
        if column.title.endswith(_IN_FOLDER) and (column.kind in seen or not column.varies)
        else column
        for column in columns
    ]


_IN_FOLDER = " (folder)"


def _levels(paths: Sequence[str]) -> dict[int, list[str]]:
    """Return the names at each level of folders, empty where a path has no such folder."""
    parts = [PurePosixPath(path).parts[::-1] for path in paths]
    deepest = max((len(part) for part in parts), default=0)
    return {
        level: [part[level] if level < len(part) else "" for part in parts]
        for level in range(deepest)
    }


def _columns_of(names: Sequence[str], level: int) -> list[NameColumn]:
    tokens = settled([tokens_of(name) for name in names])
    placed = _placed(tokens, level)
    order: dict[_Place, list[int]] = {}
    for row in placed:
        for position, place in enumerate(row):
            order.setdefault(place, []).append(position)
    by_place = sorted(order, key=lambda place: (fmean(order[place]), place.kind, place.number))
    kinds = _kinds_of_words(placed)
    return [_column(place, placed, kinds.get(place, place.kind), kinds) for place in by_place]


_Row = Mapping[_Place, Token]


def _placed(names: Sequence[Sequence[Token]], level: int) -> list[_Row]:
    """Give each part of each name its place: by its kind, or among words by its neighbours."""
    words = aligned([[t for t in tokens if t.kind in WORDY] for tokens in names])
    return [
        dict(_places(tokens, in_row, level)) for tokens, in_row in zip(names, words, strict=True)
    ]


def _places(
    tokens: Sequence[Token], words: Sequence[int], level: int
) -> Iterator[tuple[_Place, Token]]:
    counts: Counter[str] = Counter()
    column = iter(words)
    for token in tokens:
        if token.kind in WORDY:
            yield _Place(level, "word", next(column)), token
        else:
            yield _Place(level, token.kind, counts[token.kind]), token
            counts[token.kind] += 1


def aligned(rows: Sequence[Sequence[Token]]) -> list[list[int]]:
    """Return for the words of each name the column that each stands in.

    Names with the most common number of words make the columns; in the others words find theirs
    by what stands in a column elsewhere, in their order. What fits nowhere stands in columns of
    its own behind the others.
    """
    counts = Counter(len(row) for row in rows)
    width = max(counts, key=lambda length: (counts[length], length), default=0)
    known: list[set[str]] = [set() for _ in range(width)]
    kinds: list[set[str]] = [set() for _ in range(width)]
    for row in rows:
        for place, token in enumerate(row if len(row) == width else ()):
            known[place].add(token.text)
            kinds[place].add(token.kind)
    return [list(range(width)) if len(row) == width else _fitted(row, known, kinds) for row in rows]


def _fitted(
    row: Sequence[Token], known: Sequence[set[str]], kinds: Sequence[set[str]]
) -> list[int]:
    """Fit words to columns in order so that the most stand where they stand elsewhere."""
    width, count = len(known), len(row)

    def worth(token: int, column: int) -> int:
        word = row[token]
        same_kind = word.kind != "word" and word.kind in kinds[column]
        return 1 + 8 * (word.text in known[column]) + 4 * same_kind

    best = [[0] * (width + 1) for _ in range(count + 1)]
    for t in reversed(range(count)):
        for c in reversed(range(width)):
            best[t][c] = max(best[t + 1][c], best[t][c + 1], worth(t, c) + best[t + 1][c + 1])
    places, column, extra = [], 0, width
    for t in range(count):
        while column < width and best[t][column] == best[t][column + 1]:
            column += 1
        if column < width and best[t][column] == worth(t, column) + best[t + 1][column + 1]:
            places.append(column)
            column += 1
        else:
            places.append(extra)
            extra += 1
    return places


def _kinds_of_words(rows: Sequence[_Row]) -> dict[_Place, str]:
    """Decide for columns of words what they mean: as the words that are known, or by the dose."""
    told: dict[_Place, Counter[str]] = {}
    for row in rows:
        following = [*row.values(), None][1:]
        for (place, token), after in zip(row.items(), following, strict=True):
            if place.kind != "word":
                continue
            counts = told.setdefault(place, Counter())
            if token.kind != "word":
                counts[token.kind] += 2
            elif after is not None and after.kind == "concentration":
                counts["treatment"] += 1
    return {place: max(counts, key=counts.__getitem__) for place, counts in told.items() if counts}


def _column(
    place: _Place, rows: Sequence[_Row], kind: str, kinds: Mapping[_Place, str]
) -> NameColumn:
    tokens = [row.get(place) for row in rows]
    title = _title(place, kind, kinds)
    key = title.removesuffix(_IN_FOLDER).lower()
    return NameColumn(
        title=title,
        kind=kind,
        texts=tuple(token.text if token is not None else "" for token in tokens),
        values=tuple(token.value if token is not None else "" for token in tokens),
        target=_FIELDS.get(kind) or pair_path(key),
        offered=kind not in _NOT_OFFERED,
    )


def _title(place: _Place, kind: str, kinds: Mapping[_Place, str]) -> str:
    """Return ``Concentration``, ``Channel 2``, ``Part 1`` or ``Plate (folder)``."""
    if place.kind == "word":
        same = [p for p in kinds if kinds[p] == kind and p.number < place.number]
        number = place.number if kind == "word" else len(same)
    else:
        number = place.number
    word = {"word": "part", "sample": "what was imaged"}.get(kind, kind)
    numbered = f"{word} {number + 1}" if number or kind in ("word", "number") else word
    return numbered[0].upper() + numbered[1:] + (_IN_FOLDER if place.level else "")
