"""An OME-XML document of any schema version, with its planes summed up while it is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from napari_fair.files import DamagedDocument, strip_elements
from napari_fair.headers.ome_planes import PlaneSummary

Element = Any
"""An lxml element; lxml is imported when the first document is parsed."""

_STRIPPED = frozenset({"Plane", "TiffData", "BinData"})
_SEQUENCE = re.compile(rb"<(/?)(?:\w[\w.\-]*:)?(Plane|TiffData|Pixels)(?=[\s/>])(?:[^>]*?(/)>)?")
_IMAGE = re.compile(rb"<(?:\w[\w.\-]*:)?Image[\s>]")
_TIFF_DATA = rb"<(?:\w[\w.\-]*:)?TiffData\s[^<>]*/>"
_RUN = re.compile(rb"(" + _TIFF_DATA + rb")(?:\s*+" + _TIFF_DATA + rb")++")
_FILE_NAME = re.compile(rb"""\sFileName\s*=\s*(?:"([^"<]{1,4096})"|'([^'<]{1,4096})')""")
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
    thin = _thinned(data)
    reader = _PlaneReader(thin)
    parsed = strip_elements(thin, _STRIPPED, reader, name=name)
    root = parsed.root
    if local_name(root) != "OME":
        raise DamagedDocument(f"{name!r} is XML but not OME-XML; choose another file.")
    images = list(elements(root, "Image"))
    binary_only = child(root, "BinaryOnly")
    return OmeDocument(
        root=root,
        images=images,
        planes=reader.planes(len(images)),
        file_names=file_names(data),
        companion=binary_only.get("MetadataFile", "") if binary_only is not None else "",
        damaged=parsed.damaged,
        notes=parsed.notes,
    )


def _thinned(data: bytes) -> bytes:
    """Leave out `TiffData` that follow another one: only the first of an image is looked at.

    They may be half of a long document. One that holds elements, such as the name of a file, stays.
    """
    if b"<![CDATA[" in data:
        return data
    view, parts, end = memoryview(data), [], 0
    for run in _RUN.finditer(data):
        parts.append(view[end : run.end(1)])
        end = run.end()
    return b"".join([*parts, view[end:]]) if parts else data


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


def file_names(data: bytes) -> list[str]:
    """Return the names of pixel files in a document, in order of first mention.

    Found in the bytes: they stand in the `TiffData` elements, one in each, that are dropped.
    """
    if b"FileName" not in data:  # much faster than the pattern where planes are many
        return []
    found = dict.fromkeys(double or single for double, single in _FILE_NAME.findall(data))
    return [unescape(name.decode("utf-8", "replace")) for name in found]


class _PlaneReader:
    """Sums up planes image by image while they are dropped.

    Their parents are not known then. With one image there is no question; with several, the order
    of the tags in the bytes tells. Where the bytes do not show the same tags as the parser saw
    (comments, other encodings), none is assigned.
    """

    def __init__(self, data: bytes) -> None:
        several = len(_IMAGE.findall(data)) > 1
        self._owners = _owners(data) if several else None
        self._first = PlaneSummary()
        self._summaries = {0: self._first}
        self._agrees = True

    def __call__(self, tag: str, held: Mapping[str, str]) -> None:
        """Take in one dropped element."""
        if tag == "BinData":
            return
        if self._owners is None:
            self._first.add(tag, held)
            return
        known, owner = next(self._owners, ("", -1))
        self._agrees &= known == tag
        self._summaries.setdefault(owner, PlaneSummary()).add(tag, held)

    def planes(self, images: int) -> list[PlaneSummary]:
        """Return one summary an image."""
        agrees = self._agrees and (self._owners is None or next(self._owners, None) is None)
        return [
            self._summaries.get(image, PlaneSummary()) if agrees else PlaneSummary()
            for image in range(images)
        ]


def _owners(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield name and image number of each plane in the order of the bytes."""
    image = 0
    for match in _SEQUENCE.finditer(data):
        closing, name, empty = match.groups()
        if name == b"Pixels":
            image += bool(closing or empty)
        elif not closing:
            yield name.decode(), image
