"""The record out of the entities of an RO-Crate, ours or somebody else's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from napari_fair.files import UnsafePath, path_from_crate_id
from napari_fair.model import (
    POOLS,
    SHARED_BLOCKS,
    Block,
    Conflict,
    Dataset,
    EventNote,
    Image,
    ImageSource,
    Recorded,
    SourceFile,
    Study,
    Uses,
    derived_id,
    fields,
    image_id,
    join_path,
    source_id,
)
from napari_fair.sidecar.crate_acquired import read_note, read_planes, read_states
from napari_fair.sidecar.crate_graph import Entity, Graph, as_list, refs, text_of
from napari_fair.sidecar.crate_steps_reader import read_history
from napari_fair.sidecar.crate_terms import METADATA_FILE, SETTINGS, SPECIFICATION, VARIANT_TYPES
from napari_fair.sidecar.crate_values import bare_names, decode, read_pairs, read_person

_BLOCK_OF_TYPE = {kind: block for block, kind in VARIANT_TYPES.items()}
_REPEATED = {field.block for field in fields().values() if field.repeated}
_B = TypeVar("_B", bound=Block)


@dataclass(frozen=True)
class CrateReading:
    """What a crate's document gives back.

    Attributes
    ----------
    dataset
        The record; for a crate of other programs what its root dataset says.
    ours
        Whether this program wrote a record into it.
    source_folder
        Where the images are when that is not the crate's folder.
    notes
        Sentences about what was left alone.
    """

    dataset: Dataset
    ours: bool
    source_folder: str
    notes: tuple[str, ...]


def read_entities(entities: Iterable[Entity], *, today: str) -> CrateReading:
    """Read the record out of a crate's entities; never fails, what is not ours is left alone.

    Parameters
    ----------
    entities
        The ``@graph``.
    today
        Date (ISO 8601) for records of crates that do not say when they were begun.
    """
    graph = Graph({e["@id"]: e for e in entities if isinstance(e.get("@id"), str)})
    return _Reader(graph, today).read()


def root_id(entities: Iterable[Entity]) -> str:
    """Return the id of the root dataset; other programs have others than ``./``."""
    about = next((e.get("about") for e in entities if e["@id"] == METADATA_FILE), None)
    return next(iter(refs(about)), "./")


def spec_version(entities: Iterable[Entity]) -> str:
    """Return the version of RO-Crate that a document says it follows, empty when it says none."""
    stated = next((e.get("conformsTo") for e in entities if e["@id"] == METADATA_FILE), None)
    named = [id.removeprefix(SPECIFICATION) for id in refs(stated) if id.startswith(SPECIFICATION)]
    return named[0].split("/")[0].removesuffix("-DRAFT") if named else ""


class _Reader:
    def __init__(self, graph: Graph, today: str) -> None:
        self._graph = graph
        self._root_id = root_id(graph)
        self._root = graph[self._root_id]
        self._id = text_of(self._root.get("recordId"))
        self._today = today
        self._notes: list[str] = []

    def read(self) -> CrateReading:
        root, external = self._root, text_of(self._root.get("sourceFolder"))
        dataset = Dataset(
            id=self._id or derived_id("foreign crate", self._root_id, root.get("name")),
            created=text_of(root.get("dateCreated"))[:10] or self._today,
            study=self._study(),
            people=tuple(self._people()),
            **{pool: self._blocks(name, pool) for name, pool in POOLS.items()},
            defaults=self._defaults(),
            uses=_uses(root),
            notes=tuple(self._event_notes()),
            conflicts=tuple(self._conflicts()),
        )
        if self._id:
            sources = sorted(self._sources(), key=lambda source: source.path)
            done = read_history(root, self._graph)
            self._notes.extend(done.notes)
            parts = {"steps": done.steps, "data": done.data, "environments": done.environments}
            dataset = dataset.model_copy(update={"sources": tuple(sources), **parts})
        return CrateReading(dataset, bool(self._id), external, tuple(self._notes))

    def _study(self) -> Study:
        defaulted = as_list(self._root.get("defaulted"))
        stated = {name: value for name, value in self._root.items() if name not in defaulted}
        values: dict[str, Any] = decode("study", stated, self._graph)
        id = text_of(self._root.get("studyId")) or derived_id("study", self._root_id)
        label = text_of(self._root.get("studyLabel"))
        return Study(id=id, label=label, pairs=read_pairs(self._root, self._graph), **values)

    def _people(self) -> Iterable[Any]:
        listed = refs(self._root.get("people")) or refs(self._root.get("author"))
        found = (read_person(id, self._graph) for id in dict.fromkeys(listed))
        known = [person for person in found if person is not None and person.name]
        return [*known, *bare_names(self._root.get("author"))]

    def _blocks(self, name: str, listed: str) -> tuple[Any, ...]:
        block = SHARED_BLOCKS[name]
        return tuple(
            block(
                id=id.removeprefix("#"),
                label=text_of(self._graph[id].get("name")),
                pairs=read_pairs(self._graph[id], self._graph),
                **decode(name, self._graph[id], self._graph),
            )
            for id in refs(self._root.get(listed))
        )

    def _defaults(self) -> _Values:
        listed = [self._graph[id] for id in refs(self._root.get("defaults"))]
        return self._parts(listed[0], 0)[1] if listed else {}

    def _event_notes(self) -> Iterable[EventNote]:
        found = (read_note(self._graph[id]) for id in refs(self._root.get("notes")))
        return (note for note in found if note is not None and note.text)

    def _conflicts(self) -> Iterable[Conflict]:
        for id in refs(self._root.get("conflicts")):
            entity = self._graph[id]
            try:
                yield Conflict(
                    subject=text_of(entity.get("subject")),
                    path=text_of(entity.get("path")),
                    candidates=tuple(
                        _candidate(text_of(entity.get("path")), text)
                        for text in as_list(entity.get("candidate"))
                    ),
                )
            except (ValidationError, ValueError):
                self._notes.append(f"A conflict ({id}) could not be read and was left alone.")

    # ---- sources ----

    def _sources(self) -> Iterable[ImageSource]:
        images: dict[str, list[Entity]] = {}
        sidecars: dict[str, Entity] = {}
        for entity in self._graph:
            for owner in refs(entity.get("isPartOf")):
                images.setdefault(owner, []).append(entity)
            for owner in refs(entity.get("about")):
                if entity.get("encodingFormat") == "application/xml":
                    sidecars.setdefault(owner, entity)
        for entity in self._graph:
            if "imageFormat" not in entity:
                continue
            try:
                id = entity["@id"]
                yield self._source(entity, images.get(id, []), sidecars.get(id))
            except (ValidationError, UnsafePath, KeyError) as problem:
                self._notes.append(f"{entity['@id']} was left alone: {_first_line(problem)}")

    def _source(self, entity: Entity, images: list[Entity], sidecar: Entity | None) -> ImageSource:
        members = refs(entity.get("hasPart")) if "Collection" in as_list(entity["@type"]) else []
        files = tuple(_file(self._graph[id]) for id in members or [entity["@id"]])
        store = entity["@id"].endswith("/")
        id = text_of(entity.get("recordId")) or source_id(self._id, files[0].path)
        types = as_list(entity["@type"])
        if "ImageObject" in types and len(types) > 1:
            overrides: _Values = {}
            read = [self._own_image(entity, id)]
        else:
            overrides = self._parts(entity, 0)[1]
            read = [self._image(image, id) for image in images]
        return ImageSource(
            id=id,
            format=text_of(entity.get("imageFormat")),
            files=files,
            store=store,
            images=tuple(sorted(read, key=lambda image: image.index)),
            overrides=overrides,
            uses=_uses(entity),
            sidecar=_file(sidecar) if sidecar is not None else None,
            states=read_states(entity, self._graph),
        )

    def _image(self, entity: Entity, source: str) -> Image:
        index = entity.get("imageIndex")
        index = index if isinstance(index, int) else 0
        facts, overrides = self._values(entity, index)
        id = text_of(entity.get("recordId")) or image_id(source, index)
        return Image(
            id=id,
            index=index,
            facts=facts,
            overrides=overrides,
            uses=_uses(entity),
            planes=read_planes(entity.get("planes")),
            pairs=read_pairs(entity, self._graph),
        )

    def _own_image(self, entity: Entity, source: str) -> Image:
        """Return the image of a source whose entity stands for both."""
        facts, overrides = self._values(entity, 0)
        return Image(
            id=image_id(source, 0),
            facts=facts,
            overrides=overrides,
            planes=read_planes(entity.get("planes")),
            pairs=read_pairs(entity, self._graph),
        )

    def _values(self, entity: Entity, index: int) -> tuple[_Values, _Values]:
        facts, overrides = self._part("image", entity, index, number=0)
        more_facts, more_overrides = self._parts(entity, index)
        return {**facts, **more_facts}, {**overrides, **more_overrides}

    def _parts(self, entity: Entity, index: int) -> tuple[_Values, _Values]:
        facts: _Values = {}
        overrides: _Values = {}
        for part in self._listed_parts(entity):
            block = _BLOCK_OF_TYPE.get(text_of(part.get("@type")), "")
            number = part.get("position", 0)
            if block and isinstance(number, int):
                found = self._part(block, part, index, number=number)
                facts |= found[0]
                overrides |= found[1]
        return facts, overrides

    def _listed_parts(self, entity: Entity) -> list[Entity]:
        settings = [self._graph[id] for id in refs(entity.get("settings"))]
        listed = [refs(shared.get(name)) for shared in settings for name in SETTINGS.values()]
        ids = [id for part in listed for id in part]
        return [self._graph[id] for id in [*ids, *refs(entity.get("variants"))]]

    def _part(
        self, block: str, part: Entity, index: int, *, number: int
    ) -> tuple[_Values, _Values]:
        """Return the facts and the overrides of one group of values by path."""
        in_force = decode(block, part, self._graph, index=index)
        overridden = {name for name in as_list(part.get("overrides")) if isinstance(name, str)}
        facts = {name: value for name, value in in_force.items() if name not in overridden}
        for id in refs(part.get("shadows")):
            facts |= decode(block, self._graph[id], self._graph, index=index)
        overrides = {name: value for name, value in in_force.items() if name in overridden}
        return _by_path(block, facts, number), _by_path(block, overrides, number)


_Values = dict[str, Recorded[Any]]


def _by_path(block: str, values: _Values, number: int) -> _Values:
    position = number if block in _REPEATED else None
    return {join_path(f"{block}.{name}", position): value for name, value in values.items()}


def _uses(entity: Entity) -> Uses:
    linked = {name: refs(entity.get(name)) for name in Uses.model_fields}
    return Uses(**{name: ids[0].removeprefix("#") for name, ids in linked.items() if ids})


_LONGEST_SIZE = 20
"""Digits; a larger number is no size of a file."""


def _file(entity: Entity) -> SourceFile:
    size = text_of(entity.get("contentSize"))
    return SourceFile(
        path=path_from_crate_id(entity["@id"].removeprefix("#file/").removesuffix("/")),
        size=int(size) if size.isdecimal() and len(size) < _LONGEST_SIZE else None,
        sha256=text_of(entity.get("sha256")) or text_of(entity.get("manifestSha256")),
    )


def _candidate(path: str, text: str) -> Recorded[Any]:
    from napari_fair.model import field, split_path, value_type

    recorded: Recorded[Any] = value_type(field(split_path(path)[0]).kind).validate_json(text)
    return recorded


def _first_line(problem: Exception) -> str:
    return str(problem).splitlines()[0]
