"""People who made or described the images."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from napari_fair.model.recorded import Frozen
from napari_fair.model.terms import Organization

CREDIT_ROLES = (
    *("conceptualization", "data-curation", "formal-analysis", "funding-acquisition"),
    *("investigation", "methodology", "project-administration", "resources", "software"),
    *("supervision", "validation", "visualization", "writing-original-draft"),
    "writing-review-editing",
)
"""The roles of CRediT (https://credit.niso.org), as the last part of their addresses."""


class Person(Frozen):
    """A person, best with an ORCID iD.

    Attributes
    ----------
    id
        UUID of this entry; authors of the study are lists of these.
    orcid
        The 16-digit iD with hyphens, without the address in front.
    roles
        What the person did, as CRediT roles (see `CREDIT_ROLES`).
    """

    id: str
    name: str
    orcid: Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d{4}-\d{4}-\d{3}[\dX])?$")] = ""
    email: str = ""
    affiliation: Organization | None = None
    roles: tuple[str, ...] = ()


def organization_text(organization: Organization) -> str:
    """Return the text form of an institution: its name and, in angle brackets, its ROR address."""
    return f"{organization.name} <{organization.ror}>" if organization.ror else organization.name


def person_text(person: Person) -> str:
    """Return the text form of a person: ``Name <ORCID> <e-mail> [roles] @ Institution <ROR>``."""
    found = [person.name, *(f"<{part}>" for part in (person.orcid, person.email) if part)]
    if person.roles:
        found.append(f"[{', '.join(person.roles)}]")
    if person.affiliation is not None:
        found.append(f"@ {organization_text(person.affiliation)}")
    return " ".join(found)
