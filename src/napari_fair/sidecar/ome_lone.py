"""What an OME-XML sidecar of ours gives back when it is found without its crate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_fair.files import FairError, parse_xml
from napari_fair.model import SourceFile
from napari_fair.sidecar.ome_acquired import EVENT, STATES
from napari_fair.sidecar.ome_annotations import ORIGINAL, PERSON, SOURCE
from napari_fair.sidecar.ome_names import MARK, NS, OWN_ID, REMBI
from napari_fair.sidecar.ome_pairs import values_from
from napari_fair.sidecar.ome_xml import images

if TYPE_CHECKING:
    from lxml import etree

    from napari_fair.model import Recorded

_NOT_COMPONENTS = frozenset({SOURCE, ORIGINAL, PERSON, STATES, EVENT})
Found = tuple[dict[str, "Recorded[Any]"], dict[str, str]]


def has_own_annotation(data: bytes) -> bool:
    """Return whether a document begins as our sidecars do and names its source."""
    if MARK.encode() not in data[: 2 * len(MARK)]:
        return False
    try:
        return SOURCE in {component for component, _ in _own(parse_xml(data).root).values()}
    except FairError:
        return False


def read_lone(data: bytes, where: str) -> tuple[tuple[SourceFile, ...], list[Found]]:
    """Return the source's files, and values and text forms of each image.

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
        for reference in image.iterfind(NS + "AnnotationRef"):
            component, pairs = own.get(reference.get("ID") or "", ("", []))
            if component == SOURCE:
                files = files or _files(pairs)
            elif component and component not in _NOT_COMPONENTS:
                more, more_texts = values_from(component, pairs, where)
                values.update(more)
                texts.update(more_texts)
        found.append((values, texts))
    return files, found


def _own(root: etree._Element) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Return component and pairs of our annotations by id."""
    path = f"{NS}StructuredAnnotations/{NS}MapAnnotation"
    return {
        node.get("ID") or "": ((node.get("Namespace") or "").removeprefix(REMBI), _pairs(node))
        for node in root.iterfind(path)
        if (node.get("ID") or "").startswith(OWN_ID)
        and (node.get("Namespace") or "").startswith(REMBI)
    }


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
