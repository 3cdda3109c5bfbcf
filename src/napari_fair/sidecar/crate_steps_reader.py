"""Steps, data and environments out of the entities of a crate of ours.

Actions that other programs wrote are not read: they stay in the document as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from napari_fair.files import UnsafePath, path_from_crate_id
from napari_fair.model import (
    DataRef,
    ManualWork,
    Parameter,
    SoftwareEnvironment,
    Step,
)
from napari_fair.sidecar.crate_graph import Entity, Graph, as_list, content_id, refs, text_of
from napari_fair.sidecar.crate_values import person_id_of

COMPLETED = "http://schema.org/CompletedActionStatus"
FAILED = "http://schema.org/FailedActionStatus"
LOCAL_USER = "#local-user"
UNKNOWN_SOFTWARE = "#unknown-software"
UNSAVED = "not saved"

_M = TypeVar("_M", bound=BaseModel)
_Data = dict[str, Any]


@dataclass(frozen=True)
class HistoryReading:
    """What was done, as a crate tells it, and sentences about what could not be read."""

    steps: tuple[Step, ...] = ()
    data: tuple[DataRef, ...] = ()
    environments: tuple[SoftwareEnvironment, ...] = ()
    notes: tuple[str, ...] = ()


def read_history(root: Entity, graph: Graph) -> HistoryReading:
    """Return what the root lists as recorded; what cannot be read is left alone."""
    notes: list[str] = []
    reader = StepReader(graph)

    def listed(name: str, what: str, read: Callable[[str], _M | None]) -> tuple[_M, ...]:
        found = {id: read(id) for id in refs(root.get(name))}
        notes.extend(
            f"A {what} ({id}) could not be read and was left alone."
            for id, thing in found.items()
            if thing is None
        )
        return _once([thing for thing in found.values() if thing is not None], what, notes)

    return HistoryReading(
        listed("recordedSteps", "step", reader.step),
        listed("recordedData", "description of data", lambda name: read_data(graph[name])),
        listed("softwareEnvironments", "environment", lambda name: read_environment(graph[name])),
        tuple(notes),
    )


def _once(things: list[_M], what: str, notes: list[str]) -> tuple[_M, ...]:
    """Return the first of each id: what a second one says of the same thing is not believed."""
    first: dict[str, _M] = {}
    for thing in things:
        id = str(getattr(thing, "id", ""))
        if first.setdefault(id, thing) is not thing:
            notes.append(f"A {what} ({id}) is there more than once; the first was read.")
    return tuple(first.values())


def edited_parameters(entities: Iterable[Entity]) -> dict[str, tuple[str, ...]]:
    """Return which parameters of steps somebody changed in the document, by id of the step.

    A parameter's id follows from its value when it is written, so a value that was changed by hand
    does not fit its id. Saving the record takes the value as it is.
    """
    graph = Graph({e["@id"]: e for e in entities if isinstance(e.get("@id"), str)})
    edited = {
        e["@id"]
        for e in graph
        if e["@id"].startswith("#value-") and e["@id"] != content_id("value", e)
    }
    found: dict[str, tuple[str, ...]] = {}
    for entity in graph if edited else ():
        named = [
            text_of(graph[id].get("name")) for id in refs(entity.get("object")) if id in edited
        ]
        if named:
            found[entity["@id"].removeprefix("#")] = tuple(named)
    return found


class StepReader:
    """Reads steps from actions."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def step(self, id: str) -> Step | None:
        """Return the step that an action is; None when it is none of ours."""
        entity = self._graph[id]
        if not entity:
            return None
        used = [self._graph[name] for name in refs(entity.get("object"))]
        values = [e for e in used if "exampleOfWork" in e and e.get("@type") == "PropertyValue"]
        data: _Data = {
            "id": id.removeprefix("#"),
            "tool": self._tool(entity),
            "parameters": [self.parameter(value) for value in values],
            "inputs": _slots(entity.get("inputSlots")),
            "outputs": _slots(entity.get("outputSlots")),
            "failed": entity.get("actionStatus") == FAILED,
            "agent": self._agent(entity),
            "environment": next(iter(refs(entity.get("softwareEnvironment"))), "")[1:],
            "manual": self._manual(entity),
        }
        for name, key in _STEP_TEXTS.items():
            if key in entity:
                data[name] = entity[key]
        return _model(Step, data, entity)

    def parameter(self, entity: Entity) -> Parameter | None:
        """Return the parameter that a property value is."""
        value, type_name = _unpacked(entity)
        data = {"name": entity.get("name"), "value": value, "type_name": type_name}
        return _model(Parameter, {**data, "unit": entity.get("unitText", "")}, entity)

    def _tool(self, action: Entity) -> _Data:
        id = next(iter(refs(action.get("instrument"))), "")
        software = self._graph[id]
        purl, version = text_of(software.get("identifier")), text_of(software.get("version"))
        package = ""
        if purl.startswith("pkg:pypi/"):
            package = text_of(software.get("name"))
        elif purl.startswith("pkg:"):
            package = purl.removesuffix(f"@{version}") if version else purl
        url = text_of(software.get("url"))
        return {
            "name": action.get("toolName", ""),
            "function": action.get("function", ""),
            "plugin": action.get("plugin", ""),
            "package": package,
            "version": version,
            "homepage": "" if url == id and version else url,
        }

    def _agent(self, action: Entity) -> str:
        id = next(iter(refs(action.get("agent"))), "")
        return "" if id == LOCAL_USER else person_id_of(id, self._graph)

    def _manual(self, action: Entity) -> ManualWork | None:
        id = next(iter(refs(action.get("manualWork"))), "")
        entity = self._graph[id]
        if not entity:
            return None
        boxes = [text_of(box).split(":") for box in as_list(entity.get("boundingBox"))]
        data = {
            "strokes": entity.get("strokes", 0),
            "minutes": entity.get("minutes", 0.0),
            "modes": as_list(entity.get("modes")),
            "labels_touched": as_list(entity.get("labelsTouched")),
            "planes": as_list(entity.get("planes")),
            "bounding_box": [[int(edge) for edge in box if _is_int(edge)] for box in boxes],
        }
        return _model(ManualWork, data, {})


_STEP_TEXTS = {
    "name": "name",
    "kind": "stepKind",
    "confidence": "confidence",
    "gap": "gap",
    "error": "error",
    "started": "startTime",
    "ended": "endTime",
    "comment": "note",
    "observed": "observed",
}


def read_data(entity: Entity) -> DataRef | None:
    """Return the data that an entity describes."""
    id = text_of(entity.get("@id"))
    own = text_of(entity.get("dataId"))
    file = id if own else next(iter(refs(entity.get("encoding"))), "")
    size = text_of(entity.get("contentSize"))
    data: _Data = {
        "id": own or id.removeprefix("#"),
        "name": entity.get("name", ""),
        "kind": entity.get("dataKind"),
        "path": _path(file),
        "size": int(size) if _is_int(size) else None,
        "pending": entity.get("checksumPending", False),
        "sha256": entity.get("sha256", ""),
        "content_sha256": entity.get("contentSha256", ""),
        "dtype": entity.get("arrayType", ""),
        "shape": as_list(entity.get("arrayShape")),
        "scale": as_list(entity.get("pixelScale")),
        "units": as_list(entity.get("pixelUnits")),
    }
    return _model(DataRef, data, entity)


def read_environment(entity: Entity) -> SoftwareEnvironment | None:
    """Return the environment that an entity describes."""
    data: _Data = {"id": text_of(entity.get("@id")).removeprefix("#")}
    for name in ("system", "machine", "python", "processor"):
        data[name] = entity.get(name, "")
    for name in ("graphics", "plugins", "packages"):
        data[name] = as_list(entity.get(name))
    return _model(SoftwareEnvironment, data, entity)


# ---- values of parameters --------------------------------------------------------------------


def packed(parameter: Parameter) -> tuple[Any, str]:
    """Return a parameter's value as one JSON scalar, and the word that says how to read it."""
    if parameter.value is None:
        return "None", parameter.type_name or "none"
    if isinstance(parameter.value, tuple):
        return orjson.dumps(parameter.value).decode(), parameter.type_name
    return parameter.value, parameter.type_name


def _unpacked(entity: Entity) -> tuple[Any, str]:
    value, kind = entity.get("value"), text_of(entity.get("valueType"))
    if kind == "none":
        return None, ""
    if kind == "viewer":
        return None, kind
    if kind in ("list", "tuple") or kind.startswith("array:"):
        try:
            items = orjson.loads(text_of(value))
        except orjson.JSONDecodeError:
            return value, kind
        return (tuple(items), kind) if isinstance(items, list) else (value, kind)
    return value, kind


# ---- small things ----------------------------------------------------------------------------


def _model(kind: type[_M], data: _Data, entity: Entity) -> _M | None:
    """Return a part of the record; what the entity has in full goes before its properties."""
    try:
        in_full = orjson.loads(text_of(entity.get("recorded")) or "{}")
        if not isinstance(in_full, dict):
            return None
        return kind.model_validate({**data, **in_full})
    except (ValidationError, ValueError, UnicodeEncodeError):
        return None


def _slots(stored: Any) -> list[_Data]:
    found = []
    for line in as_list(stored):
        passed_as, _, rest = text_of(line).partition(" ")
        data, _, name = rest.partition(" ")
        word = "" if passed_as == "data" else passed_as
        found.append({"passed_as": word, "data": data, "name": name})
    return found


def _path(file: str) -> str:
    if not file:
        return ""
    try:
        return path_from_crate_id(file.removeprefix("#file/").removesuffix("/"))
    except UnsafePath:
        return ""


_LONGEST_NUMBER = 20


def _is_int(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(text) < _LONGEST_NUMBER
