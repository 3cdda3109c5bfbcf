"""An OME-XML document of any schema version, with its planes summed up while it is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from napari_fair.files import DamagedDocument, strip_elements
from napari_fair.headers.ome_planes import PlaneSummary

Element = Any
"""An lxml element; lxml is imported when the first document is parsed."""

_STRIPPED = frozenset({"Plane", "TiffData", "UUID", "BinData"})
_SEQUENCE = re.compile(rb"<(/?)(?:\w[\w.\-]*:)?(Plane|TiffData|Pixels)(?=[\s/>])(?:[^>]*?(/)>)?")
_ROOT = re.compile(rb"<(?:\w[\w.\-]*:)?OME[\s/>]")
_HEAD = 1 << 16


@dataclass
class OmeDocument:
    """The document without its planes.

    Attributes
    ----------
    root
        The ``OME`` element.
    images
        Its ``Image`` elements in order.
    planes
        One summary an image, in the same order.
    file_names
        Names of the files that hold the pixels, in order of first mention.
    companion
        Name of the document that holds the metadata (``BinaryOnly``), empty otherwise.
    damaged, notes
        Whether it had to be repaired, and how.
    """

    root: Element
    images: list[Element]
    planes: list[PlaneSummary]
    file_names: list[str] = field(default_factory=list)
    companion: str = ""
    damaged: bool = False
    notes: tuple[str, ...] = ()

    def by_id(self, name: str) -> dict[str, Element]:
        """Return the elements of one local name by their ``ID``; the first of each wins."""
        found: dict[str, Element] = {}
        for element in elements(self.root, name, deep=True):
            found.setdefault(element.get("ID", ""), element)
        return found


def looks_like_ome(data: bytes) -> bool:
    """Whether bytes are the beginning of an OME-XML document."""
    head = data[:_HEAD].replace(b"\0", b"")
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<") and bool(_ROOT.search(head))


def parse_document(data: bytes, name: str) -> OmeDocument:
    """Parse a document.

    Raises
    ------
    DamagedDocument
        If it is not OME-XML or nothing of it can be used safely.
    """
    seen: list[tuple[str, Mapping[str, str]]] = []
    parsed = strip_elements(data, _STRIPPED, lambda tag, held: seen.append((tag, held)), name=name)
    root = parsed.root
    if local_name(root) != "OME":
        raise DamagedDocument(f"{name!r} is XML but not OME-XML; choose another file.")
    images = list(elements(root, "Image"))
    binary_only = child(root, "BinaryOnly")
    return OmeDocument(
        root=root,
        images=images,
        planes=_planes(data, seen, images),
        file_names=_file_names(seen),
        companion=binary_only.get("MetadataFile", "") if binary_only is not None else "",
        damaged=parsed.damaged,
        notes=parsed.notes,
    )


def local_name(element: Element) -> str:
    """Return an element's name without its namespace; empty for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def elements(parent: Element, *names: str, deep: bool = False) -> Iterator[Element]:
    """Yield children (or, `deep`, all descendants) by local name."""
    for element in parent.iter() if deep else parent:
        if local_name(element) in names:
            yield element


def child(parent: Element | None, *names: str) -> Element | None:
    """Return the first child with one of some local names."""
    return None if parent is None else next(elements(parent, *names), None)


def _file_names(seen: list[tuple[str, Mapping[str, str]]]) -> list[str]:
    names = (held.get("FileName", "") for tag, held in seen if tag == "UUID")
    return [name for name in dict.fromkeys(names) if name]


def _planes(
    data: bytes, seen: list[tuple[str, Mapping[str, str]]], images: list[Element]
) -> list[PlaneSummary]:
    summaries = [PlaneSummary() for _ in images]
    if not summaries:
        return summaries
    counted = [(tag, held) for tag, held in seen if tag in ("Plane", "TiffData")]
    alone = len(images) == 1
    owners = [0] * len(counted) if alone else _owners(data, [tag for tag, _ in counted])
    for owner, (tag, held) in zip(owners, counted, strict=False):
        if owner < len(summaries):
            summaries[owner].add(tag, held)
    return summaries


def _owners(data: bytes, tags: list[str]) -> list[int]:
    """Return which image each plane belongs to, from the order of tags in the bytes.

    Planes were dropped while parsing, so their parents are gone. Where the bytes do not show the
    same tags as the parser saw (comments, other encodings), none is assigned.
    """
    owners, names, image = [], [], 0
    for match in _SEQUENCE.finditer(data):
        closing, name, empty = match.groups()
        if name == b"Pixels":
            image += bool(closing or empty)
        elif not closing:
            owners.append(image)
            names.append(name.decode())
    return owners if names == tags else []
