"""Exact look-up: the one term that a label, an everyday name or an identifier stands for."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from napari_fair.model import Term
from napari_fair.vocabulary.identifiers import short_id
from napari_fair.vocabulary.packs import Entry, serving

_APART = re.compile(r"\.?[\s\-_\u2010-\u2015]+")  # "C. elegans" is also written without stop
# licences are cited as the address of the legal text or of the summary, in some language
_LICENCE_PAGE = re.compile(r"/?(?:legalcode|deed)?(?:\.[a-z]{2}(?:[-_][a-z]+)?)?/?$")


def key(text: str) -> str:
    """Return text as names are compared: case, hyphens and runs of spaces do not matter."""
    return _APART.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def address_key(text: str) -> str:
    """Return a web address in the form in which addresses are compared."""
    bare = re.sub(r"^https?://(?:www\.)?", "", text.strip().casefold())
    return _LICENCE_PAGE.sub("", bare)


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


def find_entry(text: str, vocabulary: str) -> Entry | None:
    """Return the pack's entry for what `text` names exactly, or None."""
    id = short_id(text, vocabulary)
    if id and (entry := by_id(vocabulary).get(id)):
        return entry
    return by_name(vocabulary).get(key(text)) or by_address(vocabulary).get(address_key(text))


@cache
def by_id(vocabulary: str) -> dict[str, Entry]:
    """Return the entries that serve a kind of field by their short id."""
    return {entry.id: entry for pack in serving(vocabulary) for entry in pack.entries}


@cache
def by_name(vocabulary: str) -> dict[str, Entry]:
    """Return the entries by compared name; a label goes before others' synonyms."""
    entries = [entry for pack in serving(vocabulary) for entry in pack.entries]
    names: dict[str, Entry] = {}
    for entry in entries:
        names.setdefault(key(entry.label), entry)
    for entry in entries:
        for name in (entry.id, *entry.names, entry.extra.get("name", "")):
            if name:
                names.setdefault(key(name), entry)
    return names


@cache
def by_address(vocabulary: str) -> dict[str, Entry]:
    """Return the entries by compared IRI."""
    return {
        address_key(entry.iri): entry
        for pack in serving(vocabulary)
        for entry in pack.entries
        if entry.iri
    }
