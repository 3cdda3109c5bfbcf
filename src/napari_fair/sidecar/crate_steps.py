"""Steps as actions of Process Run Crate, with the software that they name.

Each part becomes properties that others read. What these do not give back is added in full in
`recorded`, so that nothing is lost.
"""

from __future__ import annotations

import hashlib

from napari_fair.model import Confidence, Dataset, ManualWork, Parameter, Slot, Step, StepKind, Tool
from napari_fair.sidecar.crate_data import DataWriter, add_environment, with_recorded
from napari_fair.sidecar.crate_graph import Entity, Graph, one_or_many, ref
from napari_fair.sidecar.crate_steps_reader import (
    COMPLETED,
    FAILED,
    LOCAL_USER,
    UNKNOWN_SOFTWARE,
    StepReader,
    packed,
)
from napari_fair.sidecar.crate_terms import process_profile
from napari_fair.sidecar.crate_values import person_entity_id

_SENTENCES = {
    Confidence.REPLAYABLE: "Recorded with its function and parameters.",
    Confidence.DECLARED: "Described by a person or a workflow file.",
    Confidence.OPAQUE: "Only its outcome is known.",
}


def add_history(dataset: Dataset, graph: Graph, *, external: bool) -> Entity:
    """Add what was done to a graph, and return the properties that the root gains.

    Parameters
    ----------
    external
        Whether images and results lie in another folder than the crate, so that they are no files
        of it.
    """
    data = DataWriter(dataset, graph, external=external)
    refs = [data.add(piece) for piece in dataset.data]
    places = [add_environment(place, graph, data.parts) for place in dataset.environments]
    writer = _StepWriter(dataset, graph, data)
    steps = [writer.add(step) for step in dataset.steps]
    writer.finish()
    data.finish()
    listed = {
        "hasPart": data.parts,
        "mentions": [*steps, *data.mentions],
        "recordedSteps": steps,
        "recordedData": refs,
        "softwareEnvironments": places,
        "conformsTo": [graph.add(process_profile())] if steps else [],
    }
    return {name: found for name, found in listed.items() if found}


class _StepWriter:
    """Adds steps to a graph."""

    def __init__(self, dataset: Dataset, graph: Graph, data: DataWriter) -> None:
        self._graph, self._data = graph, data
        self._reader = StepReader(graph)
        self._people = {p.id: person_entity_id(p.id, graph) for p in dataset.people}
        self._inputs: dict[str, dict[str, None]] = {}
        self._steps: list[Step] = []

    def add(self, step: Step) -> dict[str, str]:
        """Add a step as an action; one that gave nothing activates (see the profile)."""
        software = self._software(step.tool)
        entity = {
            "@id": f"#{step.id}",
            "@type": _action(step),
            "name": step.name or step.tool.name or f"{step.kind.value} step",
            "description": _description(step),
            "instrument": ref(software),
            "agent": self._agent(step.agent),
            "actionStatus": FAILED if step.failed else COMPLETED,
            **self._used(step, software),
            **_texts(step),
        }
        if step.manual is not None:
            entity["manualWork"] = self._manual(step.manual)
        if step.environment:
            entity["softwareEnvironment"] = ref(f"#{step.environment}")
        self._steps.append(step)
        return self._graph.add(entity)

    def finish(self) -> None:
        """List parameters with their software, and add in full what does not read back."""
        for software, names in self._inputs.items():
            entity = self._graph[software]
            self._graph.put({**entity, "input": one_or_many([ref(name) for name in names])})
        for step in self._steps:
            id = f"#{step.id}"
            found = self._reader.step(id)
            self._graph.put(with_recorded(self._graph[id], step, found))

    def _used(self, step: Step, software: str) -> Entity:
        """Return what a step was given and what it gave."""
        values = [self._parameter(p, step.tool.function, software) for p in step.parameters]
        given = [*self._slots(step.inputs), *values]
        gave = self._slots(step.outputs)
        if step.failed and not gave:  # the profile asks for a result, and the error is all there is
            error = {"@type": "PropertyValue", "name": "error", "value": step.error or "unknown"}
            gave = [self._graph.add_by_content("error", error)]
        entity: Entity = {}
        if given:
            entity["object"] = one_or_many(given)
        if gave:
            entity["result"] = one_or_many(gave)
        for name, slots in (("inputSlots", step.inputs), ("outputSlots", step.outputs)):
            if slots:
                entity[name] = one_or_many([_line(slot) for slot in slots])
        return entity

    def _slots(self, slots: tuple[Slot, ...]) -> list[dict[str, str]]:
        found = [entry for slot in slots for entry in self._data.entities_of(slot.data)]
        return [ref(id) for id in dict.fromkeys(found)]

    def _software(self, tool: Tool) -> str:
        entity: Entity = {"@id": _software_id(tool), "@type": "SoftwareApplication"}
        entity["name"] = tool.package or tool.name or "Unknown software"
        if tool.version:
            entity["version"] = tool.version
        if entity["@id"].startswith("http"):
            entity["url"] = tool.homepage or entity["@id"]
        if tool.purl:
            entity["identifier"] = tool.purl
        self._graph.add(entity)
        return str(entity["@id"])

    def _parameter(self, parameter: Parameter, function: str, software: str) -> dict[str, str]:
        formal: Entity = {"@type": "FormalParameter", "name": parameter.name or "value"}
        formal["additionalType"] = _additional_type(parameter)
        if function:
            formal["function"] = function
        declared = self._graph.add_by_content("parameter", formal)
        self._inputs.setdefault(software, {})[declared["@id"]] = None
        value, value_type = packed(parameter)
        entity: Entity = {
            "@type": "PropertyValue",
            "name": parameter.name or "value",
            "value": value,
            "exampleOfWork": declared,
        }
        if value_type:
            entity["valueType"] = value_type
        if parameter.unit:
            entity["unitText"] = parameter.unit
        again = self._reader.parameter(entity)
        return self._graph.add_by_content("value", with_recorded(entity, parameter, again))

    def _agent(self, person: str) -> dict[str, str]:
        if person in self._people:
            return ref(self._people[person])
        return self._graph.add({"@id": LOCAL_USER, "@type": "Person", "name": "Unknown person"})

    def _manual(self, work: ManualWork) -> dict[str, str]:
        entity: Entity = {"@type": "ManualWork", "strokes": work.strokes, "minutes": work.minutes}
        boxes = [f"{first}:{last}" for first, last in work.bounding_box]
        for name, values in (
            ("modes", list(work.modes)),
            ("labelsTouched", list(work.labels_touched)),
            ("planes", list(work.planes)),
            ("boundingBox", boxes),
        ):
            if values:
                entity[name] = one_or_many(values)
        return self._graph.add_by_content("manual", entity)


def _action(step: Step) -> str:
    if not step.outputs and not step.failed:
        return "ActivateAction"
    return "UpdateAction" if step.kind is StepKind.UPDATE else "CreateAction"


def _texts(step: Step) -> Entity:
    texts = {
        "startTime": step.started,
        "endTime": step.ended,
        "error": step.error,
        "stepKind": step.kind.value,
        "confidence": step.confidence.value,
        "observed": step.observed,
        "gap": step.gap,
        "note": step.comment,
        "toolName": step.tool.name,
        "function": step.tool.function,
        "plugin": step.tool.plugin,
    }
    return {name: text for name, text in texts.items() if text}


def _description(step: Step) -> str:
    tool = step.tool
    named = " ".join(part for part in (tool.package or tool.name, tool.version) if part)
    how = f"{tool.function} of {named}" if tool.function and named else tool.function or named
    done = f"Done with {how}. " if how else ""
    return f"{done}{_SENTENCES[step.confidence]}"


def _software_id(tool: Tool) -> str:
    """Return the project's own page with the version, as far as they are known."""
    if tool.homepage.startswith(("http://", "https://")):
        return f"{tool.homepage}#{tool.version}" if tool.version else tool.homepage
    if tool.package and not tool.package.startswith("pkg:"):
        version = f"{tool.version}/" if tool.version else ""
        return f"https://pypi.org/project/{tool.package}/{version}"
    if not tool.name:
        return UNKNOWN_SOFTWARE
    digest = hashlib.sha256(f"{tool.name}\0{tool.version}\0{tool.package}".encode()).hexdigest()
    return f"#software-{digest[:10]}"


_ADDITIONAL_TYPES: dict[type, str] = {
    bool: "Boolean",
    int: "Integer",
    float: "Float",
    str: "Text",
    tuple: "List",
}


def _additional_type(parameter: Parameter) -> str:
    return _ADDITIONAL_TYPES.get(type(parameter.value), "Text")


def _line(slot: Slot) -> str:
    return f"{slot.passed_as or 'data'} {slot.data} {slot.name}"
