"""Which names of a pack answer what was typed, and how well.

A whole name goes before its beginning, that before the beginning of one of its words, that before
the inside of a word, that before a word that is nearly the one typed, that before a name that is
only some of the typed words. Among equals the shorter name, a label, and the term that is more
common win.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_fair.vocabulary.keys import joined, spellings, words
from napari_fair.vocabulary.near import near_words
from napari_fair.vocabulary.tables import Numbers, Tables, Texts

Scores: TypeAlias = NDArray[np.float64]

_ID, _WHOLE, _BEGINNING, _WORDS, _INSIDE, _ID_BEGINNING, _NEAR = 110.0, 95, 80, 65, 50, 45, 40
_JOINED, _OTHERWISE = -2.0, -4.0
"""How much less a name counts that was typed with other spaces, or in another spelling."""
_SHARE = 9.0
"""How much more a name counts that was typed to its end."""
_OF_KIND = np.array([3.0, 2.5, 0.0])
"""How much more labels and names count than words that only lead to a term."""
_PRIOR = 3.0 / 255
_WITHIN = 25.0
_NAMES_OF_A_TERM = 64
_MOST_TYPED = 6
_MOST_WORDS = 2000
_MOST_NAMES = 100_000
"""How many names a beginning is looked for in: one letter in millions of names says little."""
_JOINED_FROM, _INSIDE_FROM, _ID_FROM = 3, 3, 4


@dataclass(frozen=True, slots=True)
class Found:
    """A row of a pack, the compared name that answered, and its score."""

    row: int
    name: str
    score: float


@dataclass(frozen=True)
class _Answers:
    """Names, by place, and how well each answers."""

    names: NDArray[np.int64]
    scores: Scores

    def first(self, most: int) -> _Answers:
        """Return the first of them."""
        return _Answers(self.names[:most], self.scores[:most])


_NONE = np.zeros(0, dtype=np.int64)


def ranked(tables: Tables, sought: str, id: str, limit: int) -> list[Found]:
    """Return the rows that answer a compared text, best first.

    Parameters
    ----------
    tables
        The pack's index.
    sought
        The text, as names are compared.
    id
        The identifier that the text spells, compared; empty when it spells none.
    limit
        The most rows returned.
    """
    found = {int(row): Found(int(row), id, _ID) for row in tables.ids.equal_to(id.encode()) if id}
    answers = [_beginning(tables, sought), _joined(tables, sought), _with_words(tables, sought)]
    answers += [_spelt(tables, other) for other in spellings(sought)]
    for looser in (_inside, _nearly, _within):
        if not _enough(tables, answers, limit):
            answers.append(looser(tables, sought))
    for each in (*_best(tables, _together(answers), limit), *_ids(tables, sought, limit)):
        found.setdefault(each.row, each)
    return sorted(found.values(), key=lambda each: -each.score)[:limit]


def _beginning(tables: Tables, sought: str) -> _Answers:
    low, high = tables.names.beginning_with(sought.encode())
    names = np.arange(low, min(high, low + _MOST_NAMES))
    return _Answers(names, _of_beginnings(tables.names, names, sought))


def _spelt(tables: Tables, other: str) -> _Answers:
    """Return the names that are another spelling of what was typed."""
    names = _whole(tables, other)
    return _Answers(names, np.full(len(names), _WHOLE + _OTHERWISE))


def _whole(tables: Tables, text: str) -> NDArray[np.int64]:
    """Return the names that are a text."""
    low, high = tables.names.beginning_with(text.encode())
    names = np.arange(low, min(high, low + _NAMES_OF_A_TERM))  # whole names stand first
    whole: NDArray[np.int64] = names[_share(tables.names, names, text) == 1]
    return whole


def _within(tables: Tables, sought: str) -> _Answers:
    """Return the names that are some of the typed words: *mouse liver* is a liver."""
    typed = words(sought)[:_MOST_TYPED]
    found = [
        (names, len(part) / len(sought))
        for part in _parts(typed)
        for text in (part, *spellings(part))
        if len(names := _whole(tables, text))
    ]
    scores = [np.full(len(names), _WITHIN + _SHARE * share) for names, share in found]
    return _Answers(
        np.concatenate([_NONE, *(names for names, _ in found)]),
        np.concatenate([np.zeros(0), *scores]),
    )


def _parts(typed: list[str]) -> list[str]:
    """Return the runs of some words that are long enough to mean something."""
    ends = range(1, len(typed) + 1)
    runs = (typed[first:end] for end in ends for first in range(end))
    joined_up = (" ".join(run) for run in runs if len(run) < len(typed))
    return [part for part in joined_up if len(part) >= _INSIDE_FROM]


def _of_beginnings(texts: Texts, places: NDArray[np.int64], sought: str) -> Scores:
    share = _share(texts, places, sought)
    return np.where(share == 1, _WHOLE, _BEGINNING + _SHARE * share)


def _joined(tables: Tables, sought: str) -> _Answers:
    tight = joined(sought)
    if len(tight) < _JOINED_FROM:
        return _all_of(tables.word_names[:0])
    low, high = tables.joined.beginning_with(tight.encode())
    high = min(high, low + _MOST_NAMES)
    names = tables.joined.numbers[low:high].astype(np.int64)
    scores = _of_beginnings(tables.joined, np.arange(low, high), tight)
    if tight != sought:
        single = _beginning(tables, tight)
        names, scores = np.append(names, single.names), np.append(scores, single.scores)
    return _Answers(names, scores + _JOINED)


def _with_words(tables: Tables, sought: str) -> _Answers:
    """Return the names that have words with the beginnings typed, in any order."""

    def beginning(word: str) -> _Answers:
        low, high = tables.words.beginning_with(word.encode())
        return _all_of(tables.names_with_words(low, high))

    return _scored(tables, sought, _WORDS, _each_word(sought, beginning))


def _inside(tables: Tables, sought: str) -> _Answers:
    """Return the names that have words with the typed ones inside."""

    def inside(word: str) -> _Answers:
        if len(word) < _INSIDE_FROM:
            return _all_of(tables.names_with_words(*tables.words.beginning_with(word.encode())))
        return _all_of(_names_of(tables, _words_around(tables.words, word.encode()))[0])

    return _scored(tables, sought, _INSIDE, _each_word(sought, inside))


def _words_around(texts: Texts, part: bytes) -> NDArray[np.int64]:
    letters, place = texts.letters.tobytes(), -1
    found: list[int] = []
    while (place := letters.find(part, place + 1)) >= 0 and len(found) < _MOST_WORDS:
        word = int(np.searchsorted(texts.starts, place, side="right")) - 1
        if place + len(part) <= texts.starts[word + 1]:
            found.append(word)
    return np.unique(np.array(found, dtype=np.int64))


def _nearly(tables: Tables, sought: str) -> _Answers:
    """Return the names with words that begin nearly like those typed."""

    def near(word: str) -> _Answers:
        typed = word.encode()
        similar, differences = near_words(typed, tables.word_letters)
        if not len(similar):
            return _all_of(tables.names_with_words(*tables.words.beginning_with(typed)))
        names, counts = _names_of(tables, similar)
        return _Answers(names.astype(np.int64), np.repeat(1 - differences / len(typed), counts))

    likeness = _each_word(sought, near)
    share = _share(tables.names, likeness.names, sought)
    return _Answers(likeness.names, (_NEAR - _SHARE) * likeness.scores + _SHARE * share)


def _names_of(tables: Tables, places: NDArray[np.intp]) -> tuple[Numbers, NDArray[np.int64]]:
    """Return the names with the words at some places, and how many each word has."""
    parts = [tables.names_with_words(int(place), int(place) + 1) for place in places]
    names = np.concatenate(parts) if parts else tables.word_names[:0]
    return names, np.array([len(part) for part in parts], dtype=np.int64)


def _each_word(sought: str, answer: Callable[[str], _Answers]) -> _Answers:
    """Return the names that answer each of the words, with the mean of their likenesses."""
    typed = words(sought)
    answers = sorted((answer(word) for word in typed), key=lambda each: len(each.names))
    if len(answers) < 2:
        return answers[0].first(_MOST_NAMES) if answers else _Answers(_NONE, np.zeros(0))
    common = _once(answers[0])
    for each in answers[1:]:
        both = np.isin(each.names, common.names)
        again = _once(_Answers(each.names[both], each.scores[both]))
        places = np.searchsorted(common.names, again.names)
        common = _Answers(again.names, common.scores[places] + again.scores)
    return _Answers(common.names, common.scores / len(typed))


def _once(answers: _Answers) -> _Answers:
    """Keep each name once, with its best score."""
    order = np.lexsort((-answers.scores, answers.names))
    names, first = np.unique(answers.names[order], return_index=True)
    return _Answers(names, answers.scores[order][first])


def _all_of(names: NDArray[np.generic]) -> _Answers:
    return _Answers(names.astype(np.int64), np.ones(len(names)))


def _scored(tables: Tables, sought: str, base: float, answers: _Answers) -> _Answers:
    share = _share(tables.names, answers.names, sought)
    return _Answers(answers.names, base + _SHARE * share)


def _share(texts: Texts, places: NDArray[np.int64], sought: str) -> Scores:
    """Return how much of each text was typed, at most 1."""
    lengths = texts.starts[places + 1] - texts.starts[places]
    share: Scores = np.minimum(1.0, len(sought.encode()) / np.maximum(lengths, 1))
    return share


def _enough(tables: Tables, answers: list[_Answers], limit: int) -> bool:
    """Return whether so many different terms were found."""
    names = _together(answers).names
    if len(names) > limit * _NAMES_OF_A_TERM:
        return True
    return len(np.unique(tables.names.numbers[names])) >= limit


def _together(answers: list[_Answers]) -> _Answers:
    names = np.concatenate([each.names for each in answers])
    return _Answers(names, np.concatenate([each.scores for each in answers]))


def _best(tables: Tables, answers: _Answers, limit: int) -> Iterable[Found]:
    """Yield the best rows, each with its best name; ties go by row, then by name."""
    names = answers.names
    rows = tables.names.numbers[names]
    prior = tables.rows.numbers[rows] * _PRIOR
    scores = answers.scores + _OF_KIND[tables.kinds[names]] + prior
    kept = limit * _NAMES_OF_A_TERM
    if len(scores) > kept:
        enough = np.flatnonzero(scores >= np.partition(scores, -kept)[-kept])
        names, rows, scores = names[enough], rows[enough], scores[enough]
    seen: set[int] = set()
    for place in np.lexsort((names, rows, -scores)).tolist():
        row = int(rows[place])
        if row not in seen:
            seen.add(row)
            yield Found(row, tables.names.at(int(names[place])).decode(), float(scores[place]))
        if len(seen) == limit:
            return


def _ids(tables: Tables, sought: str, limit: int) -> Iterable[Found]:
    if len(sought) < _ID_FROM:
        return
    low, high = tables.ids.beginning_with(sought.encode())
    for place in range(low, min(high, low + limit)):
        whole = len(tables.ids.at(place)) == len(sought.encode())
        row = int(tables.ids.numbers[place])
        yield Found(row, tables.ids.at(place).decode(), _ID if whole else _ID_BEGINNING)
