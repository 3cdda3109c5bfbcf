"""The record as the entities of an RO-Crate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from napari_fair.files import crate_id
from napari_fair.model import (
    POOLS,
    Block,
    Conflict,
    Dataset,
    Image,
    ImageSource,
    Person,
    Recorded,
    SourceFile,
    Uses,
    field,
    image_id,
    resolve,
    source_id,
    split_path,
    value_type,
)
from napari_fair.sidecar.crate_acquired import add_note, add_states, planes_text
from napari_fair.sidecar.crate_graph import Entity, Graph, one_or_many, ref
from napari_fair.sidecar.crate_lines import CrateLines, Piece
from napari_fair.sidecar.crate_steps import add_history
from napari_fair.sidecar.crate_terms import (
    CRATE_VERSION,
    METADATA_FILE,
    PROCESS_VERSIONS,
    SETTINGS,
    TYPES,
    VARIANT_TYPES,
    descriptor,
    media_type,
    process_profile,
)
from napari_fair.sidecar.crate_values import (
    block_values,
    encode,
    organization,
    pairs,
    person,
    person_entity_id,
)

ROOT = "./"


def entities(
    dataset: Dataset, *, source_folder: str = "", lines: CrateLines | None = None
) -> list[Entity]:
    """Return the record as entities, the descriptor first and the root dataset last.

    Parameters
    ----------
    dataset
        The record.
    source_folder
        Where the images are, when that is not the crate's folder: they are then described, as
        contextual entities, and are no files of the crate.
    lines
        What the crate was made of last time.
    """
    graph = Graph()
    people = [person(someone, graph) for someone in dataset.people]
    shared = {
        pool: [_block(name, block, graph) for block in getattr(dataset, pool)]
        for name, pool in POOLS.items()
    }
    writer = _SourceWriter(dataset, graph, external=bool(source_folder))
    if lines is not None:
        lines.begin(dataset, external=bool(source_folder))
    for source in dataset.sources:
        if lines is None:
            writer.add(source)
        else:
            writer.add_again(source, lines)
    root: Entity = {
        "@id": ROOT,
        "@type": "Dataset",
        **encode("study", block_values(dataset.study), graph),
        "recordId": dataset.id,
        "studyId": dataset.study.id,
        "dateCreated": dataset.created,
        **_uses(dataset.uses),
    }
    done = add_history(dataset, graph, external=bool(source_folder))
    _list(root, "hasPart", [*writer.parts, *done.pop("hasPart", [])])
    _list(root, "mentions", [*writer.mentions, *done.pop("mentions", [])])
    _list(root, "people", people)
    for name, references in shared.items():
        _list(root, name, references)
    _list(root, "notes", [add_note(note, graph, writer.images) for note in dataset.notes])
    _list(root, "conflicts", [_conflict(c, graph) for c in dataset.conflicts])
    for name, references in done.items():
        _list(root, name, references)
    _list(root, "about", _subjects(dataset, graph))
    _list(root, "measurementMethod", _methods(dataset, graph))
    root |= pairs(dataset.study, graph)
    if dataset.defaults:
        values = _parts({}, _groups(dataset.defaults), graph, 0)
        root["defaults"] = graph.add_by_content("defaults", {"@type": "CreativeWork", **values})
    if dataset.study.label:
        root["studyLabel"] = dataset.study.label
    if source_folder:
        root["sourceFolder"] = source_folder
    _fill_in(root, dataset, graph)
    return [descriptor(), *graph, root]


def with_root(entities: Iterable[Entity], root: str) -> list[Entity]:
    """Return entities of ours whose root dataset has another id than ``./``."""
    if root == ROOT:
        return list(entities)
    renamed: dict[str, Entity] = {ROOT: {"@id": root}, METADATA_FILE: {"about": ref(root)}}
    return [entity | renamed.get(entity["@id"], {}) for entity in entities]


def for_version(entities: Iterable[Entity], version: str) -> list[Entity]:
    """Return entities of ours for a document of another version of RO-Crate than ours.

    There is no Process Run Crate for RO-Crate 1.2: what was done is then told without a profile.
    """
    if version == CRATE_VERSION:
        return list(entities)
    ours, listed = process_profile(), list(entities)
    theirs = process_profile(version) if version in PROCESS_VERSIONS else None
    found = [e if e["@id"] != ours["@id"] else theirs for e in listed]
    return [_follows(e, ours["@id"], theirs) for e in found if e is not None]


def _follows(entity: Entity, profile: str, other: Entity | None) -> Entity:
    if entity.get("conformsTo") != ref(profile):
        return entity
    rest = {name: value for name, value in entity.items() if name != "conformsTo"}
    return {**rest, "conformsTo": ref(other["@id"])} if other is not None else rest


def _list(entity: Entity, name: str, values: Iterable[Any]) -> None:
    listed = list(values)
    if listed:
        entity[name] = one_or_many(listed)


def _uses(uses: Uses) -> Entity:
    return {
        name: ref(f"#{id}") for name in Uses.model_fields if (id := getattr(uses, name)) is not None
    }


def _block(name: str, block: Block, graph: Graph) -> dict[str, str]:
    entity: Entity = {"@id": f"#{block.id}", "@type": TYPES[name]}
    if block.label:
        entity["name"] = block.label
    values = encode(name, block_values(block), graph)
    return graph.add({**entity, **values, **pairs(block, graph)})


def _conflict(conflict: Conflict, graph: Graph) -> dict[str, str]:
    adapter = value_type(field(split_path(conflict.path)[0]).kind)
    typed = (adapter.validate_python(c.model_dump()) for c in conflict.candidates)
    candidates = [recorded.model_dump_json(exclude_defaults=True) for recorded in typed]
    return graph.add_by_content(
        "conflict",
        {
            "@type": "Conflict",
            "subject": conflict.subject,
            "path": conflict.path,
            "candidate": one_or_many(candidates),
        },
    )


# ---- what searches need on the root, and what stands in for what nobody said ------------------


def _subjects(dataset: Dataset, graph: Graph) -> list[Any]:
    """List biosamples and taxa on the root itself, where searches look for them."""
    samples = [ref(f"#{sample.id}") for sample in dataset.biosamples]
    return samples + _terms_in_force(dataset, "biosample.organism", graph)


def _methods(dataset: Dataset, graph: Graph) -> list[Any]:
    return _terms_in_force(dataset, "acquisition.imaging_method", graph)


def _terms_in_force(dataset: Dataset, path: str, graph: Graph) -> list[Any]:
    held = [resolve(dataset, None, None, path)]
    held += [resolve(dataset, s, i, path) for s in dataset.sources for i in s.images]
    iris = [term.iri for found in held if found and found.value for term in found.value]
    return [ref(iri) for iri in dict.fromkeys(iris) if iri and iri in graph]


def _fill_in(root: Entity, dataset: Dataset, graph: Graph) -> None:
    """Add what a crate should have and nobody stated, and name it as filled in."""
    filled = []
    if "datePublished" not in root:
        root |= {"datePublished": dataset.created, "creativeWorkStatus": "Draft"}
        filled.append("datePublished")
    author = _first_author(dataset)
    if "publisher" not in root and author is not None and author.affiliation is not None:
        root["publisher"] = organization(author.affiliation, graph)
        filled.append("publisher")
    for someone in dataset.people:
        _reach_through(someone, graph)
    if filled:
        root["defaulted"] = one_or_many(filled)


def _first_author(dataset: Dataset) -> Person | None:
    authors = dataset.study.authors
    return dataset.person(authors.value[0]) if authors is not None and authors.value else None


def _reach_through(someone: Person, graph: Graph) -> None:
    """Let an institution be reached through the first of its people who gave an address."""
    entity = graph[person_entity_id(someone.id, graph)]
    if "affiliation" in entity and "contactPoint" in entity:
        institution = graph[entity["affiliation"]["@id"]]
        institution.setdefault("contactPoint", entity["contactPoint"])


# ---- sources and images ----------------------------------------------------------------------


class _SourceWriter:
    """Adds sources to a graph and collects what the root has to list."""

    def __init__(self, dataset: Dataset, graph: Graph, *, external: bool) -> None:
        self._dataset = dataset
        self._graph = graph
        self._external = external
        self.parts: list[dict[str, str]] = []
        self.mentions: list[dict[str, str]] = []
        self.images: dict[str, str] = {}

    def add(self, source: ImageSource) -> None:
        """Add a source with its files, images and sidecar."""
        files = [self._file(source, file) for file in source.files]
        entity = self._collection(source, files) if len(files) > 1 else files[0]
        entity |= {"imageFormat": source.format, **_uses(source.uses)}
        if source.id != source_id(self._dataset.id, source.path):
            entity["recordId"] = source.id
        add_states(entity, source.states, self._graph)
        if not self._external and _is_its_image(source):
            self.images[source.images[0].id] = entity["@id"]
            entity["@type"] = [entity["@type"], "ImageObject"]
            entity |= _image_values(source.images[0], self._graph)
        else:
            entity |= _parts({}, _groups(source.overrides), self._graph, 0)
            for image in source.images:
                self._graph.add(self._image(source, image, entity["@id"]))
        for added in (*files, entity) if len(files) > 1 else files:
            self._graph.add(added)
        (self.mentions if self._external else self.parts).extend(ref(f["@id"]) for f in files)
        if len(files) > 1:
            self.mentions.append(ref(entity["@id"]))
        if source.sidecar is not None:
            self._sidecar(source.sidecar, entity["@id"])

    def add_again(self, source: ImageSource, lines: CrateLines) -> None:
        """Add a source as it was added last time, if it is what it was."""
        made = False

        def make() -> Piece:
            nonlocal made
            made, parts, mentions, images = True, self.parts, self.mentions, self.images
            self.parts, self.mentions, self.images = [], [], {}
            told = lines.recorded(self._graph, lambda: self.add(source))
            own = tuple(self.parts), tuple(self.mentions), tuple(self.images.items())
            self.parts, self.mentions, self.images = parts, mentions, images
            return Piece(source, told, *own)

        piece = lines.piece(source, make)
        for entity in () if made else piece.entities:
            self._graph.add(entity)
        self.parts += piece.parts
        self.mentions += piece.mentions
        self.images |= piece.images

    def _file(self, source: ImageSource, file: SourceFile) -> Entity:
        entity: Entity = {
            "@id": crate_id(file.path, directory=source.store),
            "@type": "Dataset" if source.store else "File",
        }
        if self._external:
            name = file.path.rsplit("/", 1)[-1]
            entity |= {"@id": f"#file/{entity['@id']}", "@type": "ImageObject", "name": name}
        if not source.store:
            entity["encodingFormat"] = media_type(source.format, file.path)
        return {**entity, **_identity(file, store=source.store)}

    def _collection(self, source: ImageSource, files: list[Entity]) -> Entity:
        return {
            "@id": f"#set/{quote(source.path)}",
            "@type": "Collection",
            "name": f"{source.path} and {len(files) - 1} more",
            "mainEntity": ref(files[0]["@id"]),
            "hasPart": [ref(file["@id"]) for file in files],
        }

    def _sidecar(self, sidecar: SourceFile, about: str) -> None:
        entity: Entity = {
            "@id": crate_id(sidecar.path),
            "@type": "File",
            "about": ref(about),
            "encodingFormat": "application/xml",
            **_identity(sidecar, store=False),
        }
        self.parts.append(self._graph.add(entity))

    def _image(self, source: ImageSource, image: Image, part_of: str) -> Entity:
        entity: Entity = {
            "@id": f"#{quote(source.path)}/{image.index}",
            "@type": "ImageObject",
            "isPartOf": ref(part_of),
        }
        if image.index:
            entity["imageIndex"] = image.index
        if image.id != image_id(source.id, image.index):
            entity["recordId"] = image.id
        entity |= _uses(image.uses)
        self.images[image.id] = entity["@id"]
        return {**entity, **_image_values(image, self._graph)}


def _is_its_image(source: ImageSource) -> bool:
    """Whether a source is one file with one image, so that one entity can stand for both."""
    if len(source.files) > 1 or len(source.images) != 1 or source.overrides:
        return False
    image = source.images[0]
    return image.uses == Uses() and image == image.model_copy(
        update={"index": 0, "id": image_id(source.id, 0)}
    )


def _identity(file: SourceFile, *, store: bool) -> Entity:
    identity: Entity = {}
    if file.size is not None:
        identity["contentSize"] = str(file.size)
    if file.sha256:
        identity["manifestSha256" if store else "sha256"] = file.sha256
    return identity


_Groups = dict[tuple[str, int], dict[str, Recorded[Any]]]


def _groups(values: dict[str, Recorded[Any]]) -> _Groups:
    """Sort values by path into groups by block and index (0 for what is not repeated)."""
    groups: _Groups = {}
    for path, recorded in values.items():
        name, index = split_path(path)
        block, attribute = name.split(".")
        groups.setdefault((block, index or 0), {})[attribute] = recorded
    return groups


def _image_values(image: Image, graph: Graph) -> Entity:
    """Return what is known about an image: its own properties, and parts such as channels."""
    facts, overrides = _groups(image.facts), _groups(image.overrides)
    own = ("image", 0)
    properties = _part("image", facts.pop(own, {}), overrides.pop(own, {}), graph, image.index)
    if image.planes is not None:
        properties["planes"] = planes_text(image.planes)
    return {**properties, **_parts(facts, overrides, graph, image.index), **pairs(image, graph)}


def _parts(facts: _Groups, overrides: _Groups, graph: Graph, index: int) -> Entity:
    """Return groups of values as entities: settings, which images share, and variants of blocks."""
    settings: dict[str, list[Any]] = {}
    variants: list[Any] = []
    for block, number in sorted({*facts, *overrides}):
        values = facts.get((block, number), {}), overrides.get((block, number), {})
        part = {"@type": VARIANT_TYPES[block], **_part(block, *values, graph, index)}
        if number:
            part["position"] = number
        found = graph.add_by_content(block.replace("_", "-"), part)
        (settings.setdefault(SETTINGS[block], []) if block in SETTINGS else variants).append(found)
    properties: Entity = {}
    if settings:
        lists = {name: one_or_many(found) for name, found in settings.items()}
        shared = graph.add_by_content("settings", {"@type": "AcquisitionSettings", **lists})
        properties["settings"] = shared
    _list(properties, "variants", variants)
    return properties


def _part(
    block: str,
    facts: dict[str, Recorded[Any]],
    overrides: dict[str, Recorded[Any]],
    graph: Graph,
    index: int,
) -> Entity:
    """Return one group of values: those in force, and in `shadows` the facts they took over."""
    part = encode(block, {**facts, **overrides}, graph, index=index)
    if overrides:
        part["overrides"] = one_or_many(sorted(overrides))
    shadowed = {name: value for name, value in facts.items() if name in overrides}
    if shadowed:
        said = {"@type": VARIANT_TYPES[block], **encode(block, shadowed, graph, index=index)}
        part["shadows"] = graph.add_by_content("read", said)
    return part
