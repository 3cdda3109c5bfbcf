"""Words that are nearly the one typed, all compared at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_fair.vocabulary.tables import WORD_WIDTH, Bytes

_SHORT, _LONG = 4, 7


def errors_allowed(length: int) -> int:
    """Return how many typing errors a word of so many letters is forgiven."""
    return 0 if length < _SHORT else 1 if length < _LONG else 2


def near_words(typed: bytes, letters: Bytes) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
    """Return the words that begin nearly like `typed`, and in how many places they differ.

    Parameters
    ----------
    typed
        A word or its beginning, UTF-8.
    letters : shape (WORD_WIDTH, words)
        The first bytes of the words, zero behind their ends.

    Returns
    -------
    words : int, ascending
    differences : uint8
        Letters left out, added, replaced, or swapped with their neighbour (optimal string
        alignment), to the beginning of the word that is nearest.
    """
    typed = typed[:WORD_WIDTH]
    allowed = errors_allowed(len(typed))
    candidates = _sharing_letters(typed, letters, allowed)
    if not allowed or not len(candidates):
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.uint8)
    differences = _differences(typed, letters[:, candidates], allowed)
    near = differences <= allowed
    return candidates[near], differences[near]


def _sharing_letters(typed: bytes, letters: Bytes, allowed: int) -> NDArray[np.intp]:
    """Leave out words that lack too many of the typed letters: each error explains one."""
    begin = letters[: min(WORD_WIDTH, len(typed) + allowed)]
    missing = np.zeros(letters.shape[1], dtype=np.uint8)
    for letter in sorted(set(typed)):
        missing += ~(begin == letter).any(axis=0)
    return np.flatnonzero(missing <= allowed)


def _differences(typed: bytes, letters: Bytes, allowed: int) -> NDArray[np.uint8]:
    width = min(WORD_WIDTH, len(typed) + allowed)
    far = np.full(letters.shape[1], 2 * WORD_WIDTH, dtype=np.uint8)
    before: list[NDArray[np.uint8]] = []
    last = [np.full_like(far, place) for place in range(width + 1)]
    for row, letter in enumerate(typed, start=1):
        line = [far] * (width + 1)
        if row <= allowed:
            line[0] = np.full_like(far, row)
        for place in range(max(1, row - allowed), min(width, row + allowed) + 1):
            differs = letters[place - 1] != letter
            best = np.minimum(last[place - 1] + differs, last[place] + np.uint8(1))
            np.minimum(best, line[place - 1] + np.uint8(1), out=best)
            if row > 1 and place > 1:
                swapped = (letters[place - 2] == letter) & (letters[place - 1] == typed[row - 2])
                np.minimum(best, np.where(swapped, before[place - 2] + np.uint8(1), far), out=best)
            line[place] = best
        before, last = last, line
    nearest: NDArray[np.uint8] = np.minimum.reduce(last[max(0, len(typed) - allowed) :])
    return nearest
