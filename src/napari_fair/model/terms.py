"""Terms of controlled vocabularies, and organizations."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from napari_fair.model.recorded import Frozen

Iri = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+)?$")]
"""An absolute address, or empty."""


class Term(Frozen):
    """A concept by label and, when it is known to a vocabulary, by IRI.

    A term without `iri` is free text that is "not yet a term".
    """

    label: str
    iri: Iri = ""


class Organization(Frozen):
    """An institution, best with its ROR (https://ror.org) address."""

    name: str
    ror: Iri = ""
