"""The entities of a crate by their ids."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

Entity = dict[str, Any]


def ref(id: str) -> dict[str, str]:
    """Return a reference to an entity."""
    return {"@id": id}


def one_or_many(values: list[Any]) -> Any:
    """Return a single value bare, as RO-Crate 1.1 recommends, and several as a list."""
    return values[0] if len(values) == 1 else values


def as_list(value: Any) -> list[Any]:
    """Return a property's values as a list, whichever way it was written."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def refs(value: Any) -> list[str]:
    """Return the ids that a property refers to."""
    return [
        entry["@id"]
        for entry in as_list(value)
        if isinstance(entry, dict) and isinstance(entry.get("@id"), str)
    ]


def text_of(value: Any) -> str:
    """Return a property's text, empty when it is no text."""
    return value if isinstance(value, str) else ""


def content_id(kind: str, entity: Entity) -> str:
    """Return the id of an entity that follows from what it says."""
    said = {name: value for name, value in entity.items() if name != "@id"}
    digest = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"#{kind}-{digest[:10]}"


class Graph:
    """Entities by id; the first to state a property is believed, types add up."""

    def __init__(self, entities: Mapping[str, Entity] | None = None) -> None:
        self._entities: dict[str, Entity] = dict(entities or {})
        self._told: list[Entity] | None = None

    @contextmanager
    def recording(self) -> Iterator[list[Entity]]:
        """Give a list of what is added meanwhile, as it was added, so that it can be again."""
        told: list[Entity] = []
        self._told = told
        try:
            yield told
        finally:
            self._told = None

    def __getitem__(self, id: str) -> Entity:
        """Return an entity, an empty one when there is none of this id."""
        return self._entities.get(id, {})

    def __contains__(self, id: object) -> bool:
        return id in self._entities

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._entities.values())

    def add(self, entity: Entity) -> dict[str, str]:
        """Add an entity, or what it says that is new, and return a reference to it."""
        id = entity["@id"]
        if self._told is not None:
            self._told.append(entity)
        known = self._entities.setdefault(id, entity)
        if known is not entity:
            types = [*as_list(known.get("@type")), *as_list(entity.get("@type"))]
            self._entities[id] = {
                **entity,
                **known,
                "@type": one_or_many(list(dict.fromkeys(types))),
            }
        return ref(id)

    def put(self, entity: Entity) -> None:
        """Put an entity in the place of the one with its id."""
        self._entities[entity["@id"]] = entity

    def add_by_content(self, kind: str, entity: Entity) -> dict[str, str]:
        """Add an entity whose id follows from what it says, so that equal ones are shared."""
        return self.add({"@id": content_id(kind, entity), **entity})
