"""Ids that follow from what they name, so that the same record has the same bytes everywhere."""

from __future__ import annotations

from uuid import UUID, uuid5

NAMESPACE = UUID("6f1d5c0e-3b1f-5d0a-9a55-9d0f6a6f2c11")


def derived_id(*parts: object) -> str:
    """Return the UUIDv5 of a sequence of names."""
    return str(uuid5(NAMESPACE, "\n".join(str(part) for part in parts)))


def source_id(dataset_id: str, path: str) -> str:
    """Return the id that a source gets when it is first seen at a relative path."""
    return derived_id(dataset_id, "source", path)


def image_id(source: str, index: int) -> str:
    """Return the id of an image by its source's id and its number inside the source."""
    return derived_id(source, "image", index)


def person_id(name: str, orcid: str) -> str:
    """Return the id of a person, the same wherever the ORCID iD (or else the name) is."""
    return derived_id("person", orcid or name)
