"""The index of a pack: arrays that are built once, kept in a file, and read where they lie.

All texts are UTF-8 in one array of bytes with the places where each begins, so that an index of
millions of names needs no object a name and may stay on the disk.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_fair.vocabulary.keys import address_key, joined, key, words
from napari_fair.vocabulary.rows import Row

Bytes: TypeAlias = NDArray[np.uint8]
Places: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = NDArray[np.uint32]


WORD_WIDTH = 16
"""How many bytes of a word are compared when it may be mistyped."""


@dataclass(frozen=True)
class Texts:
    """Texts in order, and a number for each.

    Attributes
    ----------
    letters : uint8, shape (bytes,)
        All texts, one after the other.
    starts : int64, shape (texts + 1,)
        Where each text begins.
    numbers : uint32, shape (texts,)
        What each text stands for: a row, a name.
    """

    letters: Bytes
    starts: Places
    numbers: Numbers

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.starts) - 1

    def at(self, place: int) -> bytes:
        """Return one text."""
        return self.letters[self.starts[place] : self.starts[place + 1]].tobytes()

    def first_from(self, text: bytes, low: int = 0) -> int:
        """Return the place of the first text that is not before `text`; texts must be sorted."""
        high = len(self)
        while low < high:
            middle = (low + high) // 2
            if self.at(middle) < text:
                low = middle + 1
            else:
                high = middle
        return low

    def beginning_with(self, text: bytes) -> tuple[int, int]:
        """Return the places, from and to, of the texts that begin with `text`."""
        low = self.first_from(text)
        # 0xff is in no UTF-8 text, so this is behind all that begin with `text`
        return low, self.first_from(text + b"\xff", low)

    def equal_to(self, text: bytes) -> NDArray[np.uint32]:
        """Return the numbers of the texts that are `text`."""
        low = high = self.first_from(text)
        while high < len(self) and self.at(high) == text:
            high += 1
        return self.numbers[low:high]


@dataclass(frozen=True)
class Tables:
    """All that is looked up in a pack.

    Attributes
    ----------
    rows
        The pack's lines as they are; the number is the line's prior, 0 to 255.
    names
        All names as they are compared, sorted; the number is the row.
    kinds : uint8, shape (names,)
        `LABEL`, `NAME` or `RELATED`.
    ids, addresses
        Short ids and explicit IRIs as they are compared, sorted; the number is the row.
    joined
        Names of several words without spaces, sorted; the number is the name.
    words
        The different words, sorted; the number is where the word's names begin in `word_names`.
    word_names : uint32
        For each word the names in which it occurs.
    word_letters : uint8, shape (WORD_WIDTH, words)
        The first bytes of each word.
    """

    rows: Texts
    names: Texts
    kinds: Bytes
    ids: Texts
    addresses: Texts
    joined: Texts
    words: Texts
    word_names: Numbers
    word_letters: Bytes

    def names_with_words(self, low: int, high: int) -> Numbers:
        """Return the names with a word from place `low` to before `high`, some repeatedly."""
        begin = int(self.words.numbers[low]) if low < len(self.words) else len(self.word_names)
        end = int(self.words.numbers[high]) if high < len(self.words) else len(self.word_names)
        return self.word_names[begin:end]


TEXTS = tuple(field.name for field in fields(Tables) if field.type == "Texts")
ARRAYS = tuple(field.name for field in fields(Tables) if field.type != "Texts")


def build(rows: Iterable[Row]) -> Tables:
    """Return the index of rows, which are ordered from common to rare; each is read once."""
    seen = _Seen()
    for row in rows:
        seen.add(row)
    order = sorted(range(len(seen.keys)), key=seen.keys.__getitem__)
    keys = [seen.keys[place] for place in order]
    chosen = np.array(order, dtype=np.int64)
    word_texts, word_names = _words(keys)
    spaced = sorted((joined(k.decode()).encode(), n) for n, k in enumerate(keys) if b" " in k)
    return Tables(
        rows=_texts(seen.lines, np.frombuffer(seen.priors, dtype=np.uint8)),
        names=_texts(keys, np.array(seen.rows, dtype=np.uint32)[chosen]),
        kinds=np.frombuffer(seen.kinds, dtype=np.uint8)[chosen],
        ids=_sorted(seen.ids),
        addresses=_sorted(seen.addresses),
        joined=_texts([text for text, _ in spaced], [name for _, name in spaced]),
        words=word_texts,
        word_names=word_names,
        word_letters=_first_letters(word_texts),
    )


class _Seen:
    """What is taken from the rows as they pass."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.priors = bytearray()
        self.keys: list[bytes] = []
        self.kinds = bytearray()
        self.rows = array("I")
        self.ids: list[tuple[bytes, int]] = []
        self.addresses: list[tuple[bytes, int]] = []

    def add(self, row: Row) -> None:
        number = len(self.lines)
        self.lines.append(row.line().encode())
        self.priors.append(row.prior)
        self.ids.append((key(row.id).encode(), number))
        if row.iri:
            self.addresses.append((address_key(row.iri).encode(), number))
        kinds: dict[str, int] = {}
        for kind, text in row.named():
            kinds.setdefault(key(text), kind)
        for compared, kind in kinds.items():
            if compared:
                self.keys.append(compared.encode())
                self.kinds.append(kind)
                self.rows.append(number)


def _words(keys: Sequence[bytes]) -> tuple[Texts, Numbers]:
    """Return the different words, each with the place where its names begin, and the names."""
    numbers: dict[str, int] = {}
    of_word, in_name = array("I"), array("I")
    for name, compared in enumerate(keys):
        for word in dict.fromkeys(words(compared.decode())):
            of_word.append(numbers.setdefault(word, len(numbers)))
            in_name.append(name)
    found = sorted((word.encode(), number) for word, number in numbers.items())
    rank = np.empty(len(found), dtype=np.int64)
    rank[[number for _, number in found]] = np.arange(len(found))
    ranked = rank[np.frombuffer(of_word, dtype=np.uint32)] if of_word else rank[:0]
    by_word = np.argsort(ranked, kind="stable")
    begins = np.searchsorted(ranked[by_word], np.arange(len(found)))
    names = np.frombuffer(in_name, dtype=np.uint32)[by_word] if in_name else _no_numbers()
    return _texts([word for word, _ in found], begins), names


def _first_letters(texts: Texts) -> Bytes:
    letters = np.zeros((WORD_WIDTH, len(texts)), dtype=np.uint8)
    lengths = np.diff(texts.starts)
    for place in range(WORD_WIDTH):
        long_enough = np.flatnonzero(lengths > place)
        letters[place, long_enough] = texts.letters[texts.starts[long_enough] + place]
    return letters


def _sorted(pairs: list[tuple[bytes, int]]) -> Texts:
    ordered = sorted(pairs)
    return _texts([text for text, _ in ordered], [number for _, number in ordered])


def _texts(texts: Sequence[bytes], numbers: Sequence[int] | NDArray[np.generic]) -> Texts:
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=starts[1:])
    return Texts(
        letters=np.frombuffer(b"".join(texts), dtype=np.uint8),
        starts=starts,
        numbers=np.asarray(numbers, dtype=np.uint32),
    )


def _no_numbers() -> Numbers:
    return np.zeros(0, dtype=np.uint32)
