"""Search as one types: by the beginning of a name, of a word, anywhere, or nearly."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from napari_fair.model import Term
from napari_fair.vocabulary.identifiers import short_id
from napari_fair.vocabulary.index import key
from napari_fair.vocabulary.packs import Entry, serving

_NEAR = 0.75
"""Similarity from which a name is taken for a mistyped one."""
_WEIGHT = {"label": 3.0, "name": 3.0, "related": 0.0}
"""How much more a term's own names count than words that only lead to it."""


@dataclass(frozen=True)
class Match:
    """A term that a search found, by which of its names, and how well (0 to 100)."""

    term: Term
    id: str
    pack: str
    matched: str
    score: float


@dataclass(frozen=True, slots=True)
class _Name:
    key: str
    text: str
    weight: float


def search(text: str, vocabulary: str, limit: int = 10) -> list[Match]:
    """Return the terms that `text` may mean, best first.

    Parameters
    ----------
    text
        The first letters, a word, a mistyped name or an identifier.
    vocabulary
        The kind of field, as `napari_fair.model.Field.vocabulary` has it.
    limit
        The most matches returned.
    """
    sought = key(text)
    if not sought:
        return []
    id = short_id(text, vocabulary)
    found = [
        match
        for pack, entry, names in _candidates(vocabulary)
        if (match := _match(pack, entry, names, sought, id))
    ]
    found.sort(key=lambda match: -match.score)
    return found[: max(limit, 0)]


@cache
def _candidates(vocabulary: str) -> list[tuple[str, Entry, tuple[_Name, ...]]]:
    return [
        (pack.name, entry, _names(entry)) for pack in serving(vocabulary) for entry in pack.entries
    ]


def _names(entry: Entry) -> tuple[_Name, ...]:
    kinds = (
        ("label", (entry.label, entry.id)),
        ("name", (*entry.names, entry.extra.get("name", ""))),
        ("related", entry.related),
    )
    return tuple(
        _Name(key(text), text, _WEIGHT[kind]) for kind, texts in kinds for text in texts if text
    )


def _match(pack: str, entry: Entry, names: tuple[_Name, ...], sought: str, id: str) -> Match | None:
    if id and id == entry.id:
        return Match(entry.term, entry.id, pack, entry.id, 100.0)
    score, name = max(
        ((_score(sought, name), name) for name in names), key=lambda scored: scored[0]
    )
    return Match(entry.term, entry.id, pack, name.text, round(score, 2)) if score else None


def _score(sought: str, name: _Name) -> float:
    """Rank: whole name, its beginning, a word's beginning, anywhere, nearly."""
    if name.key == sought:
        return 95.0 + name.weight
    share = len(sought) / max(len(name.key), 1)
    if name.key.startswith(sought):
        return 80.0 + name.weight + 9.0 * share
    if f" {sought}" in name.key:
        return 65.0 + name.weight + 9.0 * share
    if len(sought) > 2 and sought in name.key:
        return 50.0 + name.weight + 9.0 * share
    return _nearly(sought, name)


def _nearly(sought: str, name: _Name) -> float:
    if len(sought) < 4:
        return 0.0
    pieces = [name.key, name.key[: len(sought)], *name.key.split()]
    matcher = SequenceMatcher(b=sought, autojunk=False)
    best = 0.0
    for piece in pieces:
        matcher.set_seq1(piece)
        if matcher.real_quick_ratio() > max(best, _NEAR) and matcher.quick_ratio() > best:
            best = max(best, matcher.ratio())
    share = min(1.0, len(sought) / max(len(name.key), 1))
    return 40.0 * best + 3.0 * share + name.weight if best >= _NEAR else 0.0
