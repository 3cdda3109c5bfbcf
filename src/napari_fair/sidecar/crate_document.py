"""The crate's document as text: one entity a line, so that a change is a small difference."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from napari_fair.files import DamagedDocument, LossyDocument, read_json
from napari_fair.sidecar.crate_graph import Entity, as_list
from napari_fair.sidecar.crate_terms import METADATA_FILE, context, own_terms


@dataclass(frozen=True)
class CrateDocument:
    """A crate's metadata document as it lies on disk.

    Attributes
    ----------
    head
        Everything beside ``@graph``, the context included.
    graph
        The entities.
    indent
        Spaces of indentation of a document of other programs; 0 for one entity a line.
    """

    head: dict[str, Any]
    graph: tuple[Entity, ...]
    indent: int = 0

    def dump(self) -> bytes:
        """Return the document's bytes."""
        if self.indent:
            whole = {**self.head, "@graph": list(self.graph)}
            return (json.dumps(whole, indent=self.indent, ensure_ascii=False) + "\n").encode()
        head = b"".join(
            orjson.dumps(key) + b":" + orjson.dumps(value) + b",\n"
            for key, value in self.head.items()
        )
        lines = bytearray(b"{" + head + b'"@graph":[')
        separator = b"\n"
        for entity in self.graph:  # thousands of lines at once take 20 times the memory
            lines += separator + orjson.dumps(entity)
            separator = b",\n"
        lines += b"\n]}\n" if self.graph else b"\n\n]}\n"
        return bytes(lines)


def new_document(entities: list[Entity]) -> CrateDocument:
    """Return a document of ours with these entities."""
    return CrateDocument({"@context": context()}, tuple(entities))


def parse_document(data: bytes, *, name: str = METADATA_FILE) -> CrateDocument:
    """Read a crate's metadata document.

    Raises
    ------
    DamagedDocument
        If it is no JSON, or no RO-Crate.
    LossyDocument
        If writing it again would change what others wrote (numbers that do not fit, keys that
        stand twice).
    """
    found = read_json(data, name=name)
    if not found.lossless:
        raise LossyDocument(
            f"{name} cannot be extended without changing what others wrote ({found.problem}): "
            "it is left as it is."
        )
    whole = found.value
    graph = whole.get("@graph") if isinstance(whole, dict) else None
    if not isinstance(graph, list) or not all(_is_entity(entity) for entity in graph):
        raise DamagedDocument(
            f"{name} is JSON but no RO-Crate (it has no list of entities with ids): check which "
            "program wrote it; it is left as it is."
        )
    ids = [entity["@id"] for entity in graph]
    if len(ids) != len(set(ids)):
        twice = next(id for id in ids if ids.count(id) > 1)
        raise LossyDocument(f"{name} describes {twice} twice: it is left as it is.")
    head = {key: value for key, value in whole.items() if key != "@graph"}
    word = min(_other_meanings(head), default=None)
    if word is not None:
        raise LossyDocument(
            f"{name} uses the word {word!r} in another meaning than this record would: it is left "
            "as it is."
        )
    return CrateDocument(head, tuple(graph), _indent(data))


def _other_meanings(head: dict[str, Any]) -> Iterator[str]:
    """Yield our terms that the document's context defines as something else."""
    own = own_terms()
    for entry in as_list(head.get("@context")):
        for word in own.keys() & entry.keys() if isinstance(entry, dict) else ():
            stated = entry[word]
            stated = stated.get("@id") if isinstance(stated, dict) else stated
            if not isinstance(stated, str) or _full(stated, entry) != _full(own[word], own):
                yield word


def _full(iri: str, context: dict[str, Any]) -> str:
    prefix, colon, name = iri.partition(":")
    known = context.get(prefix) if not name.startswith("//") else None
    return (f"{known}{name}" if colon and isinstance(known, str) else iri).split("://")[-1]


def with_own_terms(head: dict[str, Any]) -> dict[str, Any]:
    """Return the head of a document whose context defines our terms, all else kept."""
    stated = head.get("@context", [])
    contexts = stated if isinstance(stated, list) else [stated]
    ours = [entry for entry in contexts if isinstance(entry, dict) and "recordId" in entry]
    if not ours:
        return {**head, "@context": [*contexts, own_terms()]}
    others = {word: iri for word, iri in ours[0].items() if not str(iri).startswith("fair:")}
    complete = {**others, **own_terms()}  # another version of ours knew other terms
    if complete == ours[0]:
        return head
    return {**head, "@context": [complete if entry is ours[0] else entry for entry in contexts]}


def _is_entity(entity: Any) -> bool:
    return isinstance(entity, dict) and isinstance(entity.get("@id"), str)


def _indent(data: bytes) -> int:
    if data.startswith(b'{"@context":') and b'"@graph":[\n{' in data:
        return 0
    match = re.match(rb"\s*\{\s*?\n( +)\"", data)
    return len(match[1]) if match else 0
