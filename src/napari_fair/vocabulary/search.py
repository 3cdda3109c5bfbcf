"""Search as one types: by the beginning of a name, of a word, anywhere, or nearly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_fair.model import Term
from napari_fair.vocabulary.identifiers import short_id
from napari_fair.vocabulary.keys import key
from napari_fair.vocabulary.packs import Entry, Pack, entry_at, serving

if TYPE_CHECKING:
    from napari_fair.vocabulary.ranking import Found


@dataclass(frozen=True)
class Match:
    """A term that a search found, by which of its names, and how well (0 to 100)."""

    term: Term
    id: str
    pack: str
    matched: str
    score: float


def search(text: str, vocabulary: str, limit: int = 10) -> list[Match]:
    """Return the terms that `text` may mean, best first.

    The same text gives the same answer every time; equally good terms stand in the order of the
    packs, which is from common to rare.

    Parameters
    ----------
    text
        The first letters, one or several words, a mistyped name or an identifier.
    vocabulary
        The kind of field, as `napari_fair.model.Field.vocabulary` has it.
    limit
        The most matches returned.
    """
    sought, limit = key(text), max(limit, 0)
    if not sought or not limit:
        return []
    id = key(short_id(text, vocabulary))
    ranked = [
        (-found.score, order, place, pack, found)
        for order, pack in enumerate(serving(vocabulary))
        for place, found in enumerate(_ranked(pack, sought, id, limit))
    ]
    matches: dict[str, Match] = {}
    for _, _, _, pack, found in sorted(ranked, key=lambda each: each[:3]):
        entry = entry_at(pack, found.row)
        matches.setdefault(entry.iri or entry.id, _match(pack, entry, found))
        if len(matches) == limit:
            break
    return list(matches.values())


def warm_up(vocabulary: str = "") -> None:
    """Load the indexes, so that the first keystroke need not wait; call it from a worker thread.

    Parameters
    ----------
    vocabulary
        The kind of field; empty for all.
    """
    from napari_fair.vocabulary.packs import packs

    for pack in serving(vocabulary) if vocabulary else packs():
        _ranked(pack, "a", "", 1)


def _ranked(pack: Pack, sought: str, id: str, limit: int) -> list[Found]:
    from napari_fair.vocabulary.ranking import ranked

    return ranked(pack.tables, sought, id, limit)


def _match(pack: Pack, entry: Entry, found: Found) -> Match:
    names = (entry.label, entry.id, *entry.names, entry.extra.get("name", ""), *entry.related)
    matched = next((name for name in names if key(name) == found.name), entry.label)
    return Match(entry.term, entry.id, pack.name, matched, round(min(found.score, 100.0), 2))
