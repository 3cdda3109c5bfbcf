"""A folder's RO-Crate: read into a record, and a record written into it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from operator import is_
from pathlib import Path

from napari_fair.files import UnreadableFile, reading, shown
from napari_fair.files.json_documents import MAX_JSON_BYTES
from napari_fair.model import Dataset
from napari_fair.sidecar.crate_document import CrateDocument, parse_document
from napari_fair.sidecar.crate_graph import Entity
from napari_fair.sidecar.crate_lines import CrateLines
from napari_fair.sidecar.crate_reader import read_entities, root_id, spec_version
from napari_fair.sidecar.crate_terms import METADATA_FILE
from napari_fair.sidecar.crate_update import fresh, update
from napari_fair.sidecar.crate_writer import entities, for_version, with_root


@dataclass(frozen=True)
class CrateContents:
    """A crate as it lies on disk.

    Attributes
    ----------
    folder
        The crate's folder.
    dataset
        The record that it holds; of another program's crate what its root dataset says.
    document
        The document, with everything that others wrote.
    sha256
        Checksum of the document's bytes.
    ours
        Whether this program has written a record into it.
    source_folder
        Where the images are, when that is not the crate's folder.
    notes
        Sentences about what was left alone.
    """

    folder: Path
    dataset: Dataset
    document: CrateDocument
    sha256: str
    ours: bool
    source_folder: str
    notes: tuple[str, ...]


def read_crate(folder: Path) -> CrateContents | None:
    """Read the crate of a folder; None when there is none.

    Raises
    ------
    DamagedDocument, LossyDocument, UnreadableFile
        If the document cannot be read, or not be written again without loss.
    """
    path = folder / METADATA_FILE
    if not path.exists():
        return None
    with reading(path):
        if not path.is_file():
            raise UnreadableFile(f"{shown(path)} is not a file; remove it or rename it.")
        with path.open("rb") as stream:
            data = stream.read(MAX_JSON_BYTES + 1)
    return parse_crate(folder, data)


def parse_crate(folder: Path, data: bytes) -> CrateContents:
    """Read a crate's document from its bytes; see `read_crate`."""
    document = parse_document(data, name=str(folder / METADATA_FILE))
    found = read_entities(document.graph, today=date.today().isoformat())
    return CrateContents(
        folder=folder,
        dataset=found.dataset,
        document=document,
        sha256=hashlib.sha256(data).hexdigest(),
        ours=found.ours,
        source_folder=found.source_folder,
        notes=found.notes,
    )


def crate_bytes(
    dataset: Dataset,
    on_disk: CrateContents | None,
    *,
    source_folder: str = "",
    lines: CrateLines | None = None,
) -> bytes:
    """Return the crate's document with this record.

    Parameters
    ----------
    dataset
        The record to write.
    on_disk
        The crate that is there now: what others wrote into it stays.
    source_folder
        Where the images are, when that is not the crate's folder.
    lines
        What the crate was made of last time, for whoever writes it again and again.
    """
    after = entities(dataset, source_folder=source_folder, lines=lines)
    document = _document(after, on_disk, lines)
    data = document.dump()
    if lines is not None:
        alone = not document.indent and _same(document.graph, after)
        lines.offer(dataset, document.head, hashlib.sha256(data).hexdigest() if alone else "")
    return data


def _document(
    after: list[Entity], on_disk: CrateContents | None, lines: CrateLines | None
) -> CrateDocument:
    if on_disk is None:
        return fresh(after)
    if lines is not None and lines.sha256 == on_disk.sha256:
        return CrateDocument(on_disk.document.head, tuple(after))
    before = entities(on_disk.dataset, source_folder=on_disk.source_folder)
    root = root_id(on_disk.document.graph)
    version = spec_version(on_disk.document.graph)
    ours = (with_root(for_version(each, version), root) for each in (before, after))
    return update(on_disk.document, *ours)


def _same(graph: tuple[Entity, ...], after: list[Entity]) -> bool:
    """Whether a document holds what the record says and nothing else."""
    if len(graph) != len(after):
        return False
    if all(map(is_, graph, after)):
        return True
    return {entity["@id"]: entity for entity in graph} == {e["@id"]: e for e in after}


def contents_again(
    folder: Path, dataset: Dataset, lines: CrateLines, *, source_folder: str
) -> CrateContents | None:
    """Return the crate that was just written, without reading it; None if others wrote into it.

    Its document holds no entities: they follow from the record.
    """
    lines.wrote()
    if not lines.sha256:
        return None
    document = CrateDocument(lines.head, ())
    return CrateContents(folder, dataset, document, lines.sha256, True, source_folder, ())
