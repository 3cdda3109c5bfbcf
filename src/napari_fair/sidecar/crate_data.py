"""Data that steps used or gave, and the environments they ran in, as entities of the crate."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import orjson

from napari_fair.files import UnsafePath, crate_id
from napari_fair.model import DataRef, Dataset, SoftwareEnvironment
from napari_fair.sidecar.crate_graph import Entity, Graph, one_or_many, ref
from napari_fair.sidecar.crate_steps_reader import UNSAVED, read_data, read_environment
from napari_fair.sidecar.crate_terms import METADATA_FILE, media_type
from napari_fair.sidecar.lock_files import lock_name, lock_text

_STORES = (".zarr", ".n5")


def with_recorded(entity: Entity, wanted: Any, found: Any) -> Entity:
    """Return an entity with what its properties do not give back, in full."""
    if found == wanted:
        return entity
    said, read = wanted.model_dump(mode="json"), found.model_dump(mode="json") if found else {}
    missing = {name: value for name, value in said.items() if not _same(read, name, value)}
    return {**entity, "recorded": orjson.dumps(missing).decode()}


def _same(read: dict[str, Any], name: str, value: Any) -> bool:
    # 1, 1.0 and True are equal, but not the same parameter
    return name in read and orjson.dumps(read[name]) == orjson.dumps(value)


class DataWriter:
    """Adds data to a graph and collects what the root has to list.

    Data that alone is in a file, which is no image of the record, is that file's entity. Other
    data (a channel of a file, one state of a file that was written several times, a layer that
    nobody saved) has an entity of its own, whose `encoding` is the file, if there is one.
    """

    def __init__(self, dataset: Dataset, graph: Graph, *, external: bool) -> None:
        self._graph, self._external = graph, external
        self._claims = Counter(piece.path for piece in dataset.data)
        self._stores = {s.path for s in dataset.sources if s.store}
        self._taken = {file.path for s in dataset.sources for file in s.files}
        self._taken |= {s.sidecar.path for s in dataset.sources if s.sidecar is not None}
        self._entities: dict[str, tuple[str, ...]] = {}
        self._pieces: list[tuple[str, DataRef]] = []
        self.parts: list[dict[str, str]] = []
        self.mentions: list[dict[str, str]] = []

    def add(self, piece: DataRef) -> dict[str, str]:
        """Add a piece of data; returns the reference that stands for it."""
        file = self._file_id(piece.path)
        alone = self._claims[piece.path] == 1 and piece.path not in self._taken
        if file and alone and not self._external:
            own = {**_file(file, piece.path), "dataId": piece.id}
            self.parts.append(ref(file))
        else:
            own = {"@id": f"#{piece.id}", "@type": "CreativeWork"}
            if file:
                own["encoding"] = self._listed_file(file, piece.path)
        self._graph.add({**own, **_described(piece)})
        self._pieces.append((own["@id"], piece))
        files = (file,) if file and own["@id"] != file else ()
        self._entities[piece.id] = (own["@id"], *files)
        return ref(own["@id"])

    def finish(self) -> None:
        """Add in full what does not read back."""
        for id, piece in self._pieces:
            entity = self._graph[id]
            self._graph.put(with_recorded(entity, piece, read_data(entity)))

    def entities_of(self, id: str) -> tuple[str, ...]:
        """Return the entities that stand for a piece of data: itself, then its file."""
        return self._entities.get(id, ())

    def _file_id(self, path: str) -> str:
        """Return the file's entity, empty for data that is in none that the crate can name."""
        store = path in self._stores or path.lower().endswith(_STORES)
        try:
            file = crate_id(path, directory=store) if path else ""
        except UnsafePath:
            return ""
        if file in ("./", METADATA_FILE):
            return ""
        return f"#file/{file}" if file and self._external else file

    def _listed_file(self, file: str, path: str) -> dict[str, str]:
        if file not in self._graph:
            entity = _file(file, path)
            if self._external:
                name = path.rsplit("/", 1)[-1]
                entity = {"@id": file, "@type": "CreativeWork", "name": name}
            self._graph.add(entity)
            (self.mentions if self._external else self.parts).append(ref(file))
        return ref(file)


def _file(id: str, path: str) -> Entity:
    if id.endswith("/"):
        return {"@id": id, "@type": "Dataset"}
    return {"@id": id, "@type": "File", "encodingFormat": media_type("", path)}


def _described(piece: DataRef) -> Entity:
    entity: Entity = {"name": piece.name or piece.kind.value, "dataKind": piece.kind.value}
    if not piece.saved:
        entity["creativeWorkStatus"] = UNSAVED
    if piece.size is not None:
        entity["contentSize"] = str(piece.size)
    if piece.pending:
        entity["checksumPending"] = True
    values: dict[str, Any] = {
        "sha256": piece.sha256,
        "contentSha256": piece.content_sha256,
        "arrayType": piece.dtype,
        "arrayShape": one_or_many(list(piece.shape)),
        "pixelScale": one_or_many(list(piece.scale)),
        "pixelUnits": one_or_many(list(piece.units)),
    }
    return {**entity, **{name: value for name, value in values.items() if value not in ("", [])}}


# ---- environments ----------------------------------------------------------------------------


def add_environment(
    place: SoftwareEnvironment, graph: Graph, parts: list[dict[str, str]]
) -> dict[str, str]:
    """Add where steps ran, with its lock file among the crate's parts."""
    entity: Entity = {
        "@id": f"#{place.id}",
        "@type": "SoftwareEnvironment",
        "name": f"{place.python or 'Python'} on {place.system or 'an unknown system'}",
    }
    for name in ("system", "machine", "python", "processor"):
        if text := getattr(place, name):
            entity[name] = text
    for name in ("graphics", "plugins", "packages"):
        if listed := list(getattr(place, name)):
            entity[name] = one_or_many(listed)
    if place.packages:
        entity["lockFile"] = _lock(place, graph)
        parts.append(entity["lockFile"])
    return graph.add(with_recorded(entity, place, read_environment(entity)))


def _lock(place: SoftwareEnvironment, graph: Graph) -> dict[str, str]:
    text = lock_text(place).encode()
    return graph.add(
        {
            "@id": crate_id(lock_name(place)),
            "@type": "File",
            "name": "Versions of all packages",
            "encodingFormat": "text/plain",
            "contentSize": str(len(text)),
            "sha256": hashlib.sha256(text).hexdigest(),
        }
    )
