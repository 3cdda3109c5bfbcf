"""Facts and recorded values as JSON holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_fair.model import (
        Conflict,
        Dataset,
        Fact,
        Image,
        ImageSource,
        Organization,
        Person,
        Recorded,
    )
    from napari_fair.session import FieldView

Json = dict[str, Any]


def fact_json(recorded: Fact | Recorded[Any]) -> Json:
    """Return a fact of a file: value, unit, origin, where, trust."""
    return {
        **value_json(None, "", recorded),
        "origin": recorded.origin,
        "where": recorded.where,
        "trust": recorded.trust.value,
    }


def view_json(dataset: Dataset, view: FieldView, recorded: Recorded[Any]) -> Json:
    """Return what is in force for a field: value, text form, state and where it came from."""
    return {
        **value_json(dataset, view.path, recorded),
        "text": view.text,
        "state": recorded.state.value,
        "origin": view.origin,
        "where": view.where,
        "trust": view.trust,
        "level": view.level,
    }


def value_json(dataset: Dataset | None, path: str, recorded: Fact | Recorded[Any]) -> Json:
    """Return a value and its unit; both null when there is no value."""
    from napari_fair.model import Quantity

    value = recorded.value
    if isinstance(value, Quantity):
        return {"value": value.value, "unit": value.unit}
    return {"value": _value(dataset, path, value), "unit": None}


def pairs_json(dataset: Dataset, source: ImageSource, image: Image) -> list[Json]:
    """Return the free pairs of an image, then those of the blocks that it uses."""
    from napari_fair.model import SHARED_BLOCKS, linked_block

    blocks = {kind: linked_block(dataset, source, image, kind) for kind in SHARED_BLOCKS}
    said = {"image": image.pairs, **{k: b.pairs for k, b in blocks.items() if b is not None}}
    return [{"of": kind, **pair.model_dump()} for kind, pairs in said.items() for pair in pairs]


def conflict_json(dataset: Dataset, conflict: Conflict) -> Json:
    """Return a conflict with its candidates, the one in force first."""
    found = dataset.image(conflict.subject)
    return {
        "subject": conflict.subject,
        "source": found[0].path if found is not None else None,
        "path": conflict.path,
        "candidates": [_candidate(dataset, conflict.path, c) for c in conflict.candidates],
    }


def _candidate(dataset: Dataset, path: str, recorded: Recorded[Any]) -> Json:
    from napari_fair.model import field, split_path
    from napari_fair.session import text_of

    text = text_of(dataset, field(split_path(path)[0]), recorded)
    return {**fact_json(recorded), **value_json(dataset, path, recorded), "text": text}


def person_json(person: Person) -> Json:
    """Return a person; null for what is not known."""
    organization = person.affiliation
    return {
        "name": person.name,
        "orcid": person.orcid or None,
        "email": person.email or None,
        "affiliation": _organization(organization) if organization is not None else None,
        "roles": list(person.roles),
    }


def _organization(organization: Organization) -> Json:
    return {"name": organization.name, "ror": organization.ror or None}


def _value(dataset: Dataset | None, path: str, value: Any) -> Any:
    if isinstance(value, str):
        return value if dataset is None or not path else _named(dataset, path, value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, tuple):
        return [_value(dataset, path, each) for each in value]
    from napari_fair.model import Organization  # header facts, which are plain, wait for no models

    if isinstance(value, Organization):
        return _organization(value)
    return {"label": value.label, "iri": value.iri or None}


def _named(dataset: Dataset, path: str, id: str) -> Any:
    """Return who or what an id of the record stands for; other texts are themselves."""
    from napari_fair.model import Kind, field, split_path

    kind = field(split_path(path)[0]).kind
    if kind is Kind.PEOPLE:
        person = dataset.person(id)
        return person_json(person) if person is not None else None
    if kind is Kind.INSTRUMENT:
        instrument = dataset.instrument(id)
        return instrument.label if instrument is not None else None
    return id
