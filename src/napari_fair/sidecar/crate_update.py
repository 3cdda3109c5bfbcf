"""What changed in the record, carried over to a document that others may have written in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from napari_fair.model import POOLS
from napari_fair.sidecar.crate_document import CrateDocument, new_document, with_own_terms
from napari_fair.sidecar.crate_graph import Entity, as_list, one_or_many

_SETS = frozenset({"hasPart", "mentions", "about", "conformsTo", "input", "measurementMethod"})
"""Properties that list things in no order: ours are added behind what is there."""

_LISTS = frozenset(
    {
        *("people", "conflicts", "recordedSteps", "recordedData", "softwareEnvironments"),
        *POOLS.values(),
    }
)
"""Properties of ours whose order the record knows: what others added comes behind."""


def update(
    document: CrateDocument, before: Iterable[Entity], after: Iterable[Entity]
) -> CrateDocument:
    """Return the document with our changes and nothing else changed.

    Parameters
    ----------
    document
        The document as it lies on disk.
    before
        The entities of the record that was read from it.
    after
        The entities of the record to be written.
    """
    ours_before = {entity["@id"]: entity for entity in before}
    ours_after = {entity["@id"]: entity for entity in after}
    on_disk = {entity["@id"]: entity for entity in document.graph}
    if on_disk == ours_before == ours_after:
        return document  # in whichever order it is
    if on_disk == ours_before:
        head = with_own_terms(document.head)
        return CrateDocument(head, tuple(ours_after.values()), document.indent)
    known = _as_on_disk(ours_before, on_disk)
    merged = {id: _changed(entity, known, ours_after) for id, entity in on_disk.items()}
    gone = [id for id in known if id not in ours_after and _only_ours(merged[id])]
    added = {id: entity for id, entity in ours_after.items() if id not in on_disk}
    graph = _in_order({**merged, **added}, set(gone), last=list(on_disk)[-1:])
    return CrateDocument(with_own_terms(document.head), tuple(graph), document.indent)


def fresh(after: Iterable[Entity]) -> CrateDocument:
    """Return a document that holds the record alone."""
    return new_document(list(after))


def _as_on_disk(ours: dict[str, Entity], on_disk: dict[str, Entity]) -> dict[str, Entity]:
    """Return our entities without what the document does not state: that is still to be added."""
    return {
        id: {name: value for name, value in entity.items() if name in on_disk[id]}
        for id, entity in ours.items()
        if id in on_disk
    }


def _changed(entity: Entity, before: dict[str, Entity], after: dict[str, Entity]) -> Entity:
    old, new = before.get(entity["@id"], {}), after.get(entity["@id"], {})
    changed = dict(entity)
    for name in [*new, *(name for name in old if name not in new)]:
        if name == "@id" or old.get(name) == new.get(name):
            continue
        value = _value(name, entity.get(name), old.get(name), new.get(name))
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return changed


def _value(name: str, disk: Any, old: Any, new: Any) -> Any:
    if name == "@type":
        return one_or_many(list(dict.fromkeys([*as_list(disk), *as_list(new)]))) if new else disk
    if name in _LISTS:
        others = [entry for entry in as_list(disk) if entry not in [*as_list(old), *as_list(new)]]
        listed = as_list(new) + others
    elif name in _SETS:
        dropped = [entry for entry in as_list(old) if entry not in as_list(new)]
        kept = [entry for entry in as_list(disk) if entry not in dropped]
        listed = kept + [entry for entry in as_list(new) if entry not in kept]
    else:
        return new
    return one_or_many(listed) if listed else None


def _only_ours(entity: Entity) -> bool:
    """Whether nothing is left of an entity but its id and type."""
    return set(entity) <= {"@id", "@type"}


def _in_order(entities: dict[str, Entity], gone: set[str], *, last: list[str]) -> list[Entity]:
    """Return the entities without those that are gone and that nobody refers to."""
    referred = {id for entity in entities.values() for id in _referred(entity)}
    kept = [e for id, e in entities.items() if id not in gone or id in referred]
    return [e for e in kept if e["@id"] not in last] + [e for e in kept if e["@id"] in last]


def _referred(entity: Entity) -> Iterable[str]:
    for value in entity.values():
        for entry in as_list(value):
            if isinstance(entry, dict) and isinstance(entry.get("@id"), str):
                yield entry["@id"]
