"""What an OME-XML sidecar of ours gives back when it is found without its crate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_fair.files import FairError, parse_xml
from napari_fair.model import SourceFile
from napari_fair.sidecar.ome_acquired import EVENT, STATES, read_note, read_planes, read_states
from napari_fair.sidecar.ome_annotations import ORIGINAL, PERSON, SOURCE
from napari_fair.sidecar.ome_free_pairs import kind_of, read_pairs
from napari_fair.sidecar.ome_names import MARK, NS, OWN_ID, REMBI
from napari_fair.sidecar.ome_pairs import values_from
from napari_fair.sidecar.ome_xml import images

if TYPE_CHECKING:
    from lxml import etree

    from napari_fair.model import EventNote, KeyValue, Planes, Recorded

_NOT_COMPONENTS = frozenset({SOURCE, ORIGINAL, PERSON, STATES, EVENT})
FreePairs = dict[str, tuple["KeyValue", ...]]
Found = tuple[dict[str, "Recorded[Any]"], dict[str, str], FreePairs]


def has_own_annotation(data: bytes) -> bool:
    """Return whether a document begins as our sidecars do and names its source."""
    if MARK.encode() not in data[: 2 * len(MARK)]:
        return False
    try:
        return SOURCE in {component for component, _ in _own(parse_xml(data).root).values()}
    except FairError:
        return False


def read_lone(data: bytes, where: str) -> tuple[tuple[SourceFile, ...], list[Found]]:
    """Return the source's files; values, text forms and free pairs by whose they are, of images.

    Raises
    ------
    FairError
        If the document cannot be read at all.
    """
    root = parse_xml(data, name=where or None).root
    own = _own(root)
    files: tuple[SourceFile, ...] = ()
    found: list[Found] = []
    for image in images(root):
        values: dict[str, Recorded[Any]] = {}
        texts: dict[str, str] = {}
        free: FreePairs = {}
        for reference in image.iterfind(NS + "AnnotationRef"):
            id = reference.get("ID") or ""
            component, pairs = own.get(id, ("", []))
            if kind := kind_of(id):
                free[kind] = (*free.get(kind, ()), *read_pairs(component, pairs))
            elif component == SOURCE:
                files = files or _files(pairs)
            elif component and component not in _NOT_COMPONENTS:
                more, more_texts = values_from(component, pairs, where)
                values.update(more)
                texts.update(more_texts)
        found.append((values, texts, {kind: pairs for kind, pairs in free.items() if pairs}))
    return files, found


Acquired = tuple["Planes | None", "tuple[EventNote, ...]", "tuple[KeyValue, ...]"]


def read_acquired(data: bytes) -> list[Acquired]:
    """Return the planes, event notes and states of devices of each image.

    Raises
    ------
    FairError
        If the document cannot be read at all.
    """
    root = parse_xml(data).root
    own = _own(root)
    found: list[Acquired] = []
    for image in images(root):
        named = (ref.get("ID") or "" for ref in image.iterfind(NS + "AnnotationRef"))
        linked = [own[id] for id in named if id in own]
        notes = (read_note(pairs) for component, pairs in linked if component == EVENT)
        states = [read_states(pairs) for component, pairs in linked if component == STATES]
        kept = tuple(note for note in notes if note is not None)
        found.append((read_planes(image), kept, states[0] if states else ()))
    return found


def _own(root: etree._Element) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Return component (of free pairs the namespace) and pairs of our annotations by id."""
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for node in root.iterfind(f"{NS}StructuredAnnotations/{NS}MapAnnotation"):
        id, namespace = node.get("ID") or "", node.get("Namespace") or ""
        if kind_of(id):
            found[id] = (namespace, _pairs(node))
        elif id.startswith(OWN_ID) and namespace.startswith(REMBI):
            found[id] = (namespace.removeprefix(REMBI), _pairs(node))
    return found


def _pairs(node: etree._Element) -> list[tuple[str, str]]:
    found = node.iterfind(f"{NS}Value/{NS}M")
    return [(pair.get("K") or "", "".join(map(str, pair.itertext()))) for pair in found]


def _files(pairs: list[tuple[str, str]]) -> tuple[SourceFile, ...]:
    files: list[SourceFile] = []
    for key, text in pairs:
        if key == "FileName":
            files.append(SourceFile(path=text))
        elif files and key == "Size" and text.isascii() and text.isdigit() and len(text) < 19:
            files[-1] = files[-1].model_copy(update={"size": int(text)})
        elif files and key == "SHA-256":
            files[-1] = files[-1].model_copy(update={"sha256": text})
    return tuple(files)
