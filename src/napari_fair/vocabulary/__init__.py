"""Packs of controlled terms that come with the package, found offline by any of their names."""

from __future__ import annotations

from napari_fair.vocabulary.acquisition_mode import (
    acquisition_mode_of,
    method_for_acquisition_mode,
)
from napari_fair.vocabulary.added import Added, add_pack
from napari_fair.vocabulary.identifiers import iri_of, short_id
from napari_fair.vocabulary.index import find
from napari_fair.vocabulary.licences import Licence, describe_licence
from napari_fair.vocabulary.packs import Entry, Pack, packs, vocabularies
from napari_fair.vocabulary.pairs import check_pair
from napari_fair.vocabulary.search import Match, search, warm_up
from napari_fair.vocabulary.term_files import UnusablePack

__all__ = [
    "Added",
    "Entry",
    "Licence",
    "Match",
    "Pack",
    "UnusablePack",
    "acquisition_mode_of",
    "add_pack",
    "check_pair",
    "describe_licence",
    "find",
    "iri_of",
    "method_for_acquisition_mode",
    "packs",
    "search",
    "short_id",
    "vocabularies",
    "warm_up",
]
