"""The many spellings of an identifier, its one short form and its IRI."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Scheme:
    """How the identifiers of one vocabulary are written.

    Attributes
    ----------
    vocabularies
        The kinds of fields where the number alone names a term of this scheme.
    spellings
        Everything that may stand before the part that identifies, as a regular expression.
    local
        The part that identifies, as a regular expression.
    id, iri
        Templates of the short form and of the IRI.
    """

    vocabularies: frozenset[str]
    spellings: str
    local: str
    id: str
    iri: str
    number: bool = False

    def local_part(self, text: str, vocabulary: str) -> str | None:
        """Return the identifying part of `text`, or None when it is no such identifier."""
        bare = "?" if vocabulary in self.vocabularies else ""
        match = re.fullmatch(f"(?:{self.spellings}){bare}({self.local})/?", text, re.IGNORECASE)
        if match is None:
            return None
        return str(int(match[1])) if self.number else match[1].upper()


_OBO = r"(?:https?://purl\.obolibrary\.org/obo/|obo:)?"

SCHEMES = (
    Scheme(
        vocabularies=frozenset({"organism"}),
        spellings=rf"{_OBO}NCBITaxon[:_]|NCBI:txid|txid|taxid:|taxon(?:omy)?:"
        r"|https?://identifiers\.org/(?:taxonomy[:/]|NCBITaxon:)"
        r"|https?://www\.ncbi\.nlm\.nih\.gov/taxonomy/"
        r"|https?://www\.ncbi\.nlm\.nih\.gov/Taxonomy/Browser/wwwtax\.cgi\?id=",
        local=r"[0-9]{1,9}",
        id="NCBITaxon:{}",
        iri="http://purl.obolibrary.org/obo/NCBITaxon_{}",
        number=True,
    ),
    Scheme(
        vocabularies=frozenset({"imaging_method"}),
        spellings=rf"{_OBO}FBbi[:_]|https?://identifiers\.org/FBbi:",
        local=r"[0-9]{8}",
        id="FBbi:{}",
        iri="http://purl.obolibrary.org/obo/FBbi_{}",
    ),
    Scheme(
        vocabularies=frozenset({"cell_line", "biological_entity"}),
        spellings=r"https?://(?:www|web)\.(?:cellosaurus\.org|expasy\.org/cellosaurus)/|RRID:"
        r"|cellosaurus:|https?://identifiers\.org/cellosaurus:|",
        local=r"CVCL[_:][0-9A-Z]{4}",
        id="{}",
        iri="https://www.cellosaurus.org/{}",
    ),
)


def short_id(text: str, vocabulary: str = "") -> str:
    """Return the short form of an identifier in any spelling, e.g. ``NCBITaxon:9606``.

    Parameters
    ----------
    text
        An identifier, a compact identifier or an IRI.
    vocabulary
        The kind of field; ``9606`` alone is a taxon only where an organism is asked for.

    Returns
    -------
    str
        Empty when `text` is written like no identifier known here.
    """
    scheme, local = _recognise(text, vocabulary)
    return scheme.id.format(local) if scheme else ""


def iri_of(text: str, vocabulary: str = "") -> str:
    """Return the IRI that an identifier in any spelling stands for, in a pack or not.

    Returns
    -------
    str
        Empty when `text` is written like no identifier known here.
    """
    scheme, local = _recognise(text, vocabulary)
    return scheme.iri.format(local) if scheme else ""


def _recognise(text: str, vocabulary: str) -> tuple[Scheme | None, str]:
    text = text.strip()
    for scheme in SCHEMES:
        local = scheme.local_part(text, vocabulary)
        if local is not None:
            return scheme, local.replace("CVCL:", "CVCL_")
    return None, ""
