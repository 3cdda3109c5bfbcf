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
        vocabularies=frozenset({"imaging_method", "contrast_mechanism", "fluorophore"}),
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


_ONTOLOGIES = {
    prefix.casefold(): prefix
    for prefix in (
        *("BTO", "CHEBI", "CHMO", "CL", "CLO", "DOID", "EFO", "EMAPA", "FBbt", "FBdv", "FMA"),
        *("GO", "HANCESTRO", "HP", "HsapDv", "MA", "MONDO", "MP", "MmusDv", "NCIT", "OBI", "PATO"),
        *("PO", "SO", "UBERON", "UO", "WBbt", "WBls", "XAO", "ZFA", "ZFS"),
    )
}
_ONTOLOGY_TERM = re.compile(
    rf"(?:{_OBO}|https?://identifiers\.org/(?:[a-z]+[:/])?|https?://www\.ebi\.ac\.uk/efo/)"
    rf"({'|'.join(_ONTOLOGIES)})[:_]([A-Z]?[0-9]{{2,12}})/?",
    re.IGNORECASE,
)
_HOMES = {"EFO": "http://www.ebi.ac.uk/efo/EFO_{}"}


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
    return _recognise(text, vocabulary)[0]


def iri_of(text: str, vocabulary: str = "") -> str:
    """Return the IRI that an identifier in any spelling stands for, in a pack or not.

    Returns
    -------
    str
        Empty when `text` is written like no identifier known here.
    """
    return _recognise(text, vocabulary)[1]


def _recognise(text: str, vocabulary: str) -> tuple[str, str]:
    """Return short form and IRI, both empty when the text is no identifier."""
    text = text.strip()
    if found := _ONTOLOGY_TERM.fullmatch(text):
        prefix, local = _ONTOLOGIES[found[1].casefold()], found[2].upper()
        home = _HOMES.get(prefix, f"http://purl.obolibrary.org/obo/{prefix}_{{}}")
        return f"{prefix}:{local}", home.format(local)
    for scheme in SCHEMES:
        local_part = scheme.local_part(text, vocabulary)
        if local_part is not None:
            local_part = local_part.replace("CVCL:", "CVCL_")
            return scheme.id.format(local_part), scheme.iri.format(local_part)
    return "", ""
