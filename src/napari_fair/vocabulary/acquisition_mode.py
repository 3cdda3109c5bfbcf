"""Imaging methods and OME's two words for them, AcquisitionMode and ContrastMethod."""

from __future__ import annotations

from functools import cache

from napari_fair.model import Term
from napari_fair.vocabulary.index import find_entry
from napari_fair.vocabulary.packs import Entry, packs

_METHODS = "imaging_method"
_ANY = "*"


def acquisition_mode_of(term: Term) -> tuple[str, str]:
    """Return OME's AcquisitionMode and ContrastMethod for an imaging method.

    Either is empty when OME's schema (2016-06) has no word that is true of the method, or when
    the term is free text.
    """
    entry = find_entry(term.iri, _METHODS) if term.iri else None
    if entry is None:
        return "", ""
    return entry.extra.get("acquisition_mode", ""), entry.extra.get("contrast_method", "")


def method_for_acquisition_mode(mode: str, contrast: str = "") -> Term | None:
    """Return the imaging method that OME's words stand for, or None when they leave it open.

    ``WideField`` alone does not say whether light was transmitted or emitted; together with
    ``Fluorescence`` it does. ``MultiPhotonMicroscopy`` gives the general term, because it does
    not say how many photons.
    """
    words = _words()
    entry = words.get(f"{mode}/{contrast}".casefold()) or words.get(f"{mode}/{_ANY}".casefold())
    return entry.term if entry else None


@cache
def _words() -> dict[str, Entry]:
    return {
        words.casefold(): entry
        for pack in packs()
        if pack.name == _METHODS
        for entry in pack.entries
        for words in entry.extra["from_ome"].split("|")
        if words
    }
