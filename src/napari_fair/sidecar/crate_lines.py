"""What a crate was made of last time: to write it again costs little more than to join lines.

A watched folder gets images all day, and its crate is written again with each. What the images
before have to say is still the same then, and nobody else has written into the document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from napari_fair.model import POOLS, Dataset, ImageSource
from napari_fair.sidecar.crate_graph import Entity, Graph

Reference = dict[str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one source adds to a crate.

    Attributes
    ----------
    source
        The source; a record that was changed has another object.
    entities
        What is added to the graph, in order.
    parts, mentions, images
        What the root lists, and the entities of images by their ids.
    """

    source: ImageSource
    entities: tuple[Entity, ...]
    parts: tuple[Reference, ...]
    mentions: tuple[Reference, ...]
    images: tuple[tuple[str, str], ...]


class CrateLines:
    """The pieces of a crate, kept by whoever writes it again and again.

    Attributes
    ----------
    head, sha256
        Of the document that was written last: all beside the entities, and its checksum; empty
        when it holds more than our record.
    """

    def __init__(self) -> None:
        self._pieces: dict[str, Piece] = {}
        self._shared: dict[str, Entity] = {}
        self._about: tuple[Any, ...] = ()
        self.head: dict[str, Any] = {}
        self.sha256 = ""
        self._offered: tuple[dict[str, Any], str] = ({}, "")

    def begin(self, dataset: Dataset, *, external: bool) -> None:
        """Forget what can be told in another way now: what images share has changed."""
        pools = (getattr(dataset, pool) for pool in POOLS.values())
        about = (dataset.id, dataset.people, *pools, external)
        if about != self._about:
            self._pieces.clear()
            self._shared.clear()
            self._about = about

    def piece(self, source: ImageSource, make: Callable[[], Piece]) -> Piece:
        """Return what a source adds, made anew where the source is not what it was."""
        known = self._pieces.get(source.id)
        if known is None or known.source is not source:
            known = self._pieces[source.id] = make()
        return known

    def recorded(self, graph: Graph, add: Callable[[], None]) -> tuple[Entity, ...]:
        """Return what a function adds to a graph; equal entities of several sources are one."""
        with graph.recording() as told:
            add()
        return tuple(self._one(entity) for entity in told)

    def _one(self, entity: Entity) -> Entity:
        if not entity["@id"].startswith("#"):
            return entity
        known = self._shared.setdefault(entity["@id"], entity)
        return known if known == entity else entity

    def offer(self, dataset: Dataset, head: dict[str, Any], sha256: str) -> None:
        """Note what is to be written; sources that the record does not have are forgotten.

        Parameters
        ----------
        sha256
            Empty when the document holds more than our record.
        """
        self._offered = (head, sha256)
        if len(self._pieces) > len(dataset.sources):
            ids = {source.id for source in dataset.sources}
            self._pieces = {id: piece for id, piece in self._pieces.items() if id in ids}

    def wrote(self) -> None:
        """Note that what was offered lies on the disk."""
        self.head, self.sha256 = self._offered
