"""Whether the IRI and the label of a term say the same."""

from __future__ import annotations

from napari_fair.model import Term
from napari_fair.vocabulary.index import with_address
from napari_fair.vocabulary.keys import key
from napari_fair.vocabulary.packs import Entry


def check_pair(term: Term) -> str:
    """Return a sentence when IRI and label of a term disagree, else an empty string.

    An IRI that is in no pack cannot be checked and gives an empty string too.
    """
    entry = with_address(term.iri) if term.iri else None
    if entry is None or key(term.label) in _accepted(entry):
        return ""
    return (
        f"{entry.id} is {entry.label!r}, not {term.label!r}: "
        f"correct the label, or choose the term that was meant."
    )


def _accepted(entry: Entry) -> set[str]:
    names = (entry.label, entry.id, *entry.names, *entry.related, entry.extra.get("name", ""))
    return {key(name) for name in names if name}
