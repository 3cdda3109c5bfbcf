"""What an acquisition told beyond fields, as crate entities: planes, device states, event notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from napari_fair.model import EventNote, KeyValue, Planes
from napari_fair.sidecar.crate_graph import Entity, Graph, as_list, one_or_many, ref, refs, text_of

_MOST_PLANES = 5_000_000
_COLUMNS = {
    "the_z": "TheZ",
    "the_c": "TheC",
    "the_t": "TheT",
    "delta_t": "DeltaT",
    "exposure_time": "ExposureTime",
    "position_x": "PositionX",
    "position_y": "PositionY",
    "position_z": "PositionZ",
}
"""OME's name of each column; seconds and micrometres."""
_PLACES = {
    "the_t": "timeIndex",
    "the_c": "channelIndex",
    "the_z": "planeIndex",
    "position_x": "stageX",
    "position_y": "stageY",
    "position_z": "stageZ",
}
TERMS = (
    *("DeviceStates", "channelIndex", "deviceState", "deviceStates", "notes", "operator"),
    *("planeIndex", "planes", "stageX", "stageY", "stageZ", "timeIndex"),
)
"""Terms that these entities use beyond schema.org's."""


def planes_text(planes: Planes) -> str:
    """Return planes as JSON: columns by OME's names, a column of equal values as that value."""
    held: dict[str, Any] = {"Count": len(planes)}
    for name, column in _COLUMNS.items():
        values = getattr(planes, name)
        same = len(set(values)) == 1
        held[column] = values[0] if same else list(values)
    return orjson.dumps(held).decode()


def read_planes(written: object) -> Planes | None:
    """Return the planes of a text of `planes_text`, None when it is none."""
    if not isinstance(written, str):
        return None
    try:
        held = orjson.loads(written)
        count = held["Count"]
        if not isinstance(count, int) or not 0 <= count <= _MOST_PLANES:
            return None
        return Planes(
            **{
                name: tuple(value) if isinstance(value, list) else (value,) * count
                for name, column in _COLUMNS.items()
                for value in [held[column]]
            }
        )
    except (ValueError, KeyError, TypeError):
        return None


def add_states(entity: Entity, states: tuple[KeyValue, ...], graph: Graph) -> None:
    """Link an entity to the states of the devices, which sources with the same ones share."""
    if states:
        lines = [f"{state.key}\t{state.value}" for state in states]
        name = "States of the microscope's devices when the acquisition began"
        held = {"@type": "DeviceStates", "name": name, "deviceState": one_or_many(lines)}
        entity["deviceStates"] = graph.add_by_content("states", held)


def read_states(entity: Entity, graph: Graph) -> tuple[KeyValue, ...]:
    """Return the device states that an entity links to; the inverse of `add_states`."""
    lines = [
        line
        for id in refs(entity.get("deviceStates"))
        for line in as_list(graph[id].get("deviceState"))
        if isinstance(line, str)
    ]
    split = (line.partition("\t") for line in lines)
    return tuple(KeyValue(key=key, value=value) for key, _, value in split)


def add_note(note: EventNote, graph: Graph, images: Mapping[str, str]) -> dict[str, str]:
    """Add an event note and return a reference to it.

    Parameters
    ----------
    images
        The entity that stands for each image, by the image's id.
    """
    entity: Entity = {
        "@id": f"#note-{note.id}",
        "@type": "Comment",
        "name": f"Note of {note.time}",
        "text": note.text,
        "dateCreated": note.time,
    }
    if note.image:
        entity["subject"] = note.image
    if note.image in images:
        entity["about"] = ref(images[note.image])
    if note.author:
        entity["operator"] = note.author
    for name, term in _PLACES.items():
        if getattr(note, name) is not None:
            entity[term] = getattr(note, name)
    return graph.add(entity)


def read_note(entity: Entity) -> EventNote | None:
    """Return the note that an entity is; the inverse of `add_note`."""
    try:
        return EventNote(
            id=text_of(entity.get("@id")).removeprefix("#note-"),
            text=text_of(entity.get("text")),
            time=text_of(entity.get("dateCreated")),
            image=text_of(entity.get("subject")),
            author=text_of(entity.get("operator")),
            **{name: entity.get(term) for name, term in _PLACES.items()},
        )
    except ValidationError:
        return None
