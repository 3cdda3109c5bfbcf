"""Values of the record as properties of crate entities, and back.

A value becomes the plain property that others read. Where it came from stands in a shared
`ValueOrigins` entity, one line a field: ``attribute: [state, ] origin; trust; place``.
What does not survive that way (the words of the file, a replaced value, a second label for one
IRI) is added to the property ``recorded`` in full, so nothing is lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from pydantic import ValidationError

from napari_fair.model import (
    Block,
    Field,
    Image,
    KeyValue,
    Kind,
    Organization,
    Person,
    Quantity,
    Recorded,
    State,
    Term,
    fields,
    person_id,
    value_type,
)
from napari_fair.sidecar.crate_graph import Entity, Graph, as_list, one_or_many, ref, refs, text_of
from napari_fair.vocabulary import describe_licence

Values = Mapping[str, Recorded[Any]]
"""Recorded values of one block by attribute."""


@cache
def block_fields(block: str) -> dict[str, Field]:
    """Return the fields of a block by attribute."""
    prefix = f"{block}."
    return {f.attribute: f for f in fields().values() if f.name.startswith(prefix)}


def encode(block: str, values: Values, graph: Graph, *, index: int = 0) -> Entity:
    """Return the properties that hold values of a block; what they refer to joins the graph.

    Parameters
    ----------
    block
        Short name of the block, e.g. ``biosample``.
    index
        The image's number; places in the file that name it are written without, to be shared.
    """
    properties: Entity = {}
    lines: list[str] = []
    in_full: list[str] = []
    for attribute, declaration in block_fields(block).items():
        if (recorded := values.get(attribute)) is None:
            continue
        if recorded.given:
            properties[declaration.crate] = _property(declaration, recorded.value, graph)
        line = _line(recorded, index)
        again = _decode_one(declaration, properties.get(declaration.crate), line, graph, index)
        if again == recorded:
            lines.append(f"{attribute}: {line}")
        else:
            in_full.append(_in_full(attribute, recorded))
    if lines:
        properties["origins"] = graph.add_by_content(
            "origins", {"@type": "ValueOrigins", "origin": one_or_many(lines)}
        )
    if in_full:
        properties["recorded"] = one_or_many(in_full)
    return properties


def decode(block: str, entity: Entity, graph: Graph, *, index: int = 0) -> dict[str, Recorded[Any]]:
    """Return the values of a block that an entity's properties hold; the inverse of `encode`.

    Properties without a line of origin, as other programs write them, have origin ``sidecar``.
    What is no value of the field is left out: it stays in the document.
    """
    origins = graph[next(iter(refs(entity.get("origins"))), "")]
    lines = dict(
        text.split(": ", 1) for text in as_list(origins.get("origin")) if ": " in text_of(text)
    )
    in_full = _read_in_full(entity.get("recorded"))
    values: dict[str, Recorded[Any]] = {}
    for attribute, declaration in block_fields(block).items():
        stored = entity.get(declaration.crate)
        if attribute in in_full:
            found = _validated(declaration, in_full[attribute])
        elif attribute in lines:
            found = _decode_one(declaration, stored, lines[attribute], graph, index)
        elif stored is not None:
            found = _decode_one(declaration, stored, "sidecar; stated; ", graph, index)
        else:
            continue
        if found is not None:
            values[attribute] = found
    return values


def block_values(block: Any) -> dict[str, Recorded[Any]]:
    """Return the values that a shared block holds, by attribute."""
    return dict(block.recorded())


def _line(recorded: Recorded[Any], index: int) -> str:
    state = "" if recorded.given else f"{recorded.state.value}, "
    where = recorded.where.replace(f"Image[{index}]", "Image[.]")
    return f"{state}{recorded.origin}; {recorded.trust.value}; {where}"


_STATES = {f"{state.value}, ": state for state in State if state is not State.GIVEN}


def _decode_one(
    declaration: Field, stored: Any, line: str, graph: Graph, index: int
) -> Recorded[Any] | None:
    parts = line.split("; ", 2)
    if len(parts) != 3:
        return None
    origin, trust, where = parts
    state = State.GIVEN
    if origin.startswith(tuple(_STATES)):
        prefix = next(prefix for prefix in _STATES if origin.startswith(prefix))
        state, origin = _STATES[prefix], origin.removeprefix(prefix)
    data = {
        "state": state,
        "origin": origin,
        "trust": trust,
        "where": where.replace("Image[.]", f"Image[{index}]"),
    }
    if state is State.GIVEN:
        try:
            data["value"] = _value(declaration, stored, graph)
        except ValueError:
            return None
    return _validated(declaration, data)


def _validated(declaration: Field, data: Any) -> Recorded[Any] | None:
    try:
        recorded: Recorded[Any] = value_type(declaration.kind).validate_python(data)
    except (ValidationError, UnicodeEncodeError):
        return None
    return recorded


def _in_full(attribute: str, recorded: Recorded[Any]) -> str:
    data = recorded.model_dump(mode="json", exclude_defaults=True)
    return orjson.dumps({attribute: data}).decode()


def _read_in_full(stored: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in as_list(stored):
        try:
            data = orjson.loads(text)
        except (orjson.JSONDecodeError, TypeError):
            continue
        if isinstance(data, dict):
            found.update(data)
    return found


# ---- one value -----------------------------------------------------------------------------


def _property(declaration: Field, value: Any, graph: Graph) -> Any:
    match declaration.kind:
        case Kind.QUANTITY:
            same = value.unit == declaration.unit
            return value.value if same else f"{value.value!r} {value.unit}"
        case Kind.TERM:
            return _term(declaration, value, graph)
        case Kind.TERMS:
            return one_or_many([_term(declaration, term, graph) for term in value])
        case Kind.TEXTS | Kind.CHOICES:
            return one_or_many(list(value))
        case Kind.PEOPLE:
            return one_or_many([ref(person_entity_id(id, graph)) for id in value])
        case Kind.ORGANIZATION:
            return organization(value, graph)
        case Kind.INSTRUMENT:
            return ref(f"#{value}")
        case _:
            return value


def _value(declaration: Field, stored: Any, graph: Graph) -> Any:
    match declaration.kind:
        case Kind.QUANTITY:
            return _read_quantity(stored, declaration.unit)
        case Kind.TERM:
            return _read_term(next(iter(as_list(stored)), None), graph)
        case Kind.TERMS:
            return tuple(_read_term(entry, graph) for entry in as_list(stored))
        case Kind.TEXTS | Kind.CHOICES:
            return tuple(as_list(stored))
        case Kind.PEOPLE:
            return tuple(person_id_of(id, graph) for id in author_ids(stored))
        case Kind.ORGANIZATION:
            return read_organization(next(iter(refs(stored)), ""), graph)
        case Kind.INSTRUMENT:
            return next(iter(refs(stored)), "").removeprefix("#") or None
        case Kind.NUMBER | Kind.INTEGER:
            return stored if isinstance(stored, int | float) else None
        case _:
            return stored if isinstance(stored, str) else None


def _read_quantity(stored: Any, unit: str) -> Quantity | None:
    if isinstance(stored, int | float):
        return Quantity(value=stored, unit=unit)
    number, _, written = text_of(stored).partition(" ")
    try:
        return Quantity(value=float(number), unit=written)
    except ValueError:
        return None


def _term(declaration: Field, term: Term, graph: Graph) -> Any:
    if not term.iri:
        return term.label
    if declaration.vocabulary == "license":
        known = describe_licence(term)
        description = known.summary if known is not None else f"The licence at {term.iri}"
        return graph.add(
            {
                "@id": term.iri,
                "@type": "CreativeWork",
                "name": term.label,
                "description": description,
            }
        )
    entity: Entity = {"@id": term.iri, "@type": "DefinedTerm", "name": term.label}
    if declaration.vocabulary == "organism":
        entity = {**entity, "@type": "Taxon", "scientificName": term.label}
    return graph.add(entity)


def _read_term(stored: Any, graph: Graph) -> Term | None:
    if isinstance(stored, str):
        return Term(label=stored)
    for id in refs(stored):
        return Term(label=text_of(graph[id].get("name")) or id, iri=id)
    return None


# ---- people and institutions ---------------------------------------------------------------

ORCID = "https://orcid.org/"
CREDIT = "https://credit.niso.org/contributor-roles/"


def organization(value: Organization, graph: Graph) -> dict[str, str]:
    """Add an organization to the graph and return a reference to it."""
    digest = hashlib.sha256(value.name.encode()).hexdigest()[:12]
    entity: Entity = {
        "@id": value.ror or f"#organization-{digest}",
        "@type": "Organization",
        "name": value.name,
    }
    if value.ror:
        entity["url"] = value.ror
    return graph.add(entity)


def read_organization(id: str, graph: Graph) -> Organization | None:
    """Return the organization that an entity describes."""
    name = text_of(graph[id].get("name"))
    if not name:
        return None
    return Organization(name=name, ror="" if id.startswith("#") else id)


def person(value: Person, graph: Graph) -> dict[str, str]:
    """Add a person to the graph and return a reference to the entity."""
    orcid = f"{ORCID}{value.orcid}" if value.orcid else ""
    entity: Entity = {"@id": orcid, "@type": "Person", "name": value.name, "recordId": value.id}
    if not orcid or orcid in graph:
        entity["@id"] = f"#{value.id}"
        if orcid:
            entity["identifier"] = orcid
    if value.affiliation is not None:
        entity["affiliation"] = organization(value.affiliation, graph)
        if read_organization(entity["affiliation"]["@id"], graph) != value.affiliation:
            entity["recorded"] = value.affiliation.model_dump_json()
    if value.roles:
        entity["creditRole"] = one_or_many([f"{CREDIT}{role}/" for role in value.roles])
    if value.email:
        entity["email"] = value.email
        entity["contactPoint"] = _contact(value, graph)
    return graph.add(entity)


def author_ids(stored: Any) -> list[str]:
    """Return the entity ids of authors; one that is a bare name gets an id that follows from it."""
    return [
        f"#{person_id(entry, '')}" if isinstance(entry, str) else entry["@id"]
        for entry in as_list(stored)
        if isinstance(entry, str) or refs(entry)
    ]


def bare_names(stored: Any) -> list[Person]:
    """Return the authors that are written as bare names."""
    names = [entry for entry in as_list(stored) if isinstance(entry, str) and entry]
    return [Person(id=person_id(name, ""), name=name) for name in names]


def _contact(value: Person, graph: Graph) -> dict[str, str]:
    address = {"@type": "ContactPoint", "name": value.name, "email": value.email}
    return graph.add_by_content("contact", {**address, "contactType": "author"})


def read_person(id: str, graph: Graph) -> Person | None:
    """Return the person that an entity describes; the inverse of `person`."""
    entity = graph[id]
    orcid = id if id.startswith(ORCID) else text_of(entity.get("identifier"))
    data = {
        "id": person_id_of(id, graph),
        "name": text_of(entity.get("name")),
        "email": text_of(entity.get("email")).removeprefix("mailto:"),
    }
    stated = [text_of(role) for role in as_list(entity.get("creditRole"))]
    roles = tuple(role.removeprefix(CREDIT).removesuffix("/") for role in stated if role)
    affiliation = _read_affiliation(entity, graph)
    for given in (orcid.removeprefix(ORCID), ""):
        try:
            return Person(**data, orcid=given, affiliation=affiliation, roles=roles)
        except ValidationError:
            continue
    return None


def _read_affiliation(entity: Entity, graph: Graph) -> Organization | None:
    try:
        return Organization.model_validate_json(text_of(entity.get("recorded")))
    except ValidationError:
        pass
    try:
        return read_organization(next(iter(refs(entity.get("affiliation"))), ""), graph)
    except ValidationError:
        return None


def person_entity_id(id: str, graph: Graph) -> str:
    """Return the entity id of a person of the record."""
    for entity in graph:
        if entity.get("recordId") == id and "Person" in as_list(entity.get("@type")):
            return str(entity["@id"])
    return f"#{id}"


def person_id_of(entity_id: str, graph: Graph) -> str:
    """Return the record's id of a person by its entity id; the inverse of `person_entity_id`."""
    return text_of(graph[entity_id].get("recordId")) or entity_id.removeprefix("#")


# ---- free pairs ----------------------------------------------------------------------------


def pairs(said: Block | Image, graph: Graph) -> Entity:
    """Return the property that lists the free key-value pairs of a block or an image."""
    listed = [
        graph.add_by_content(
            "pair",
            {
                "@type": "PropertyValue",
                "name": pair.key,
                "value": pair.value,
                **({"propertyID": pair.namespace} if pair.namespace else {}),
            },
        )
        for pair in said.pairs
    ]
    return {"pairs": one_or_many(listed)} if listed else {}


def read_pairs(entity: Entity, graph: Graph) -> tuple[KeyValue, ...]:
    """Return the free key-value pairs that an entity lists; the inverse of `pairs`."""
    found = [graph[id] for id in refs(entity.get("pairs"))]
    return tuple(
        KeyValue(
            namespace=text_of(pair.get("propertyID")),
            key=text_of(pair.get("name")),
            value=text_of(pair.get("value")),
        )
        for pair in found
    )
