"""What the licence of a record allows, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from napari_fair.model import Term
from napari_fair.vocabulary.index import find_entry


@dataclass(frozen=True)
class Licence:
    """A licence for people.

    Attributes
    ----------
    spdx, url, name
        Its SPDX id, canonical address and full name.
    summary
        What it allows, in one sentence.
    bioimage_archive
        ``yes`` when the BioImage Archive takes it, ``unknown`` when that was not verified.
    """

    spdx: str
    url: str
    name: str
    summary: str
    bioimage_archive: str


def describe_licence(term: Term) -> Licence | None:
    """Return what is known about a licence, or None when it is not in the pack."""
    entry = find_entry(term.iri or term.label, "license")
    if entry is None:
        return None
    return Licence(
        spdx=entry.id,
        url=entry.iri,
        name=entry.extra["name"],
        summary=entry.extra["summary"],
        bioimage_archive=entry.extra["bioimage_archive"],
    )
