"""Exact look-up: the one term that a label, an everyday name or an identifier stands for."""

from __future__ import annotations

from functools import lru_cache

from napari_fair.model import Term
from napari_fair.vocabulary.identifiers import short_id
from napari_fair.vocabulary.keys import address_key, key
from napari_fair.vocabulary.packs import Entry, Pack, entry_at, serving, vocabularies
from napari_fair.vocabulary.rows import RELATED


def find(text: str, vocabulary: str) -> Term | None:
    """Return the term that `text` names exactly, or None.

    Parameters
    ----------
    text
        A label, an everyday name, a synonym, an identifier in any spelling (``9606``,
        ``NCBI:txid9606``, ``FBbi_00000253``, the IRI), or for licences an SPDX id or an address.
        Case and hyphens do not matter.
    vocabulary
        The kind of field, as `napari_fair.model.Field.vocabulary` has it.

    Notes
    -----
    Words that may mean several things (*yeast*, *widefield*) are found by `search` only.
    """
    entry = find_entry(text, vocabulary)
    return entry.term if entry else None


@lru_cache(maxsize=4096)
def find_entry(text: str, vocabulary: str) -> Entry | None:
    """Return the pack's entry for what `text` names exactly, or None."""
    return with_id(text, vocabulary) or _named(text, vocabulary) or with_address(text, vocabulary)


def with_id(text: str, vocabulary: str) -> Entry | None:
    """Return the entry with an identifier in any spelling, or None."""
    sought = key(short_id(text, vocabulary) or text).encode()
    for pack in serving(vocabulary):
        for row in pack.tables.ids.equal_to(sought):
            return entry_at(pack, int(row))
    return None


def with_address(address: str, vocabulary: str = "") -> Entry | None:
    """Return the entry with an IRI, in one vocabulary or in any, or None."""
    sought = address_key(address).encode()
    for name in [vocabulary] if vocabulary else vocabularies():
        if short_id(address, name) and (entry := with_id(address, name)):
            return entry
        for pack in serving(name) if sought else ():
            for row in pack.tables.addresses.equal_to(sought):
                return entry_at(pack, int(row))
    return None


def forget() -> None:
    """Forget what was found, because the packs changed."""
    find_entry.cache_clear()


def _named(text: str, vocabulary: str) -> Entry | None:
    """Return the one entry of this name; a label goes before others' synonyms."""
    sought = key(text).encode()
    found = [each for pack in serving(vocabulary) for each in _names(pack, sought)]
    best = min((kind for kind, _, _ in found), default=RELATED)
    if not sought or best == RELATED:
        return None
    entries = {
        entry.iri or entry.id: entry
        for entry in reversed([entry_at(pack, row) for kind, pack, row in found if kind == best])
    }
    return entries.popitem()[1] if len(entries) == 1 else None


def _names(pack: Pack, sought: bytes) -> list[tuple[int, Pack, int]]:
    tables = pack.tables
    low, high = tables.names.first_from(sought), len(tables.names)
    found = []
    while low < high and tables.names.at(low) == sought:
        found.append((int(tables.kinds[low]), pack, int(tables.names.numbers[low])))
        low += 1
    return found
