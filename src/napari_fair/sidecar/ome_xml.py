"""Small work on OME-XML trees: clean text, elements in schema order, what was moved away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid5

from lxml import etree

from napari_fair.sidecar.ome_elements import element_types
from napari_fair.sidecar.ome_names import MARK, NS, OME

if TYPE_CHECKING:
    from collections.abc import Iterator

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SPACE = UUID("b5a3b8f6-5d0c-5a0e-9a55-0f7f6a3c7d01")
_MOST_PREFIXES = 50
# Bio-Formats writes characters beyond the first plane as two references and cannot read them back.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")
_BEYOND_FIRST_PLANE = re.compile(rb"[\xf0-\xf4]")


def clean(text: str) -> str:
    """Return a text that XML may hold and Bio-Formats can read; U+FFFD stands for the rest."""
    return _UNWRITABLE.sub("\ufffd", text)


def local(element: etree._Element) -> str:
    """Return an element's name without namespace, empty for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def steady_uuid(*parts: str) -> str:
    """Return the same UUID (version 5) for the same texts, as OME-XML writes it."""
    return f"urn:uuid:{uuid5(_SPACE, chr(0).join(parts))}"


def new_document() -> etree._Element:
    """Return an empty OME element."""
    root = etree.Element(NS + "OME", nsmap=cast("dict[str, str]", {None: OME, "xsi": _XSI}))
    declare_schema(root)
    return root


def declare_schema(root: etree._Element) -> None:
    """Say where the schema is."""
    root.set(f"{{{_XSI}}}schemaLocation", f"{OME} {OME}/ome.xsd")


def element(name: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    """Return a new OME element with clean text and attributes."""
    made = etree.Element(NS + name, nsmap=cast("dict[str, str]", {None: OME}))
    for key, value in attributes.items():
        made.set(key, clean(value))
    if text is not None:
        made.text = clean(text)
    return made


def insert(parent: etree._Element, child: etree._Element) -> etree._Element:
    """Put a child where the schema wants it: after its like and after what comes before."""
    children = element_types()[local(parent)].children
    rank = children[str(child.tag)].rank
    for before in parent.iterchildren(reversed=True):
        known = children.get(before.tag) if isinstance(before.tag, str) else None
        if known is not None and known.rank <= rank:
            before.addnext(child)
            return child
    parent.insert(0, child)
    return child


def child(parent: etree._Element, name: str) -> etree._Element:
    """Return the first child of this name, made where there is none."""
    found = parent.find(NS + name)
    return insert(parent, element(name)) if found is None else found


def images(root: etree._Element) -> list[etree._Element]:
    """Return the document's images in order."""
    return root.findall(NS + "Image")


def place(node: etree._Element, attribute: str = "") -> str:
    """Return where a node stands, from the nearest id: ``Image:0/Pixels/@PhysicalSizeX``."""
    names = [f"@{attribute}"] if attribute else []
    step: etree._Element | None = node
    while step is not None:
        id = step.get("ID")
        names.append(id if id else local(step))
        if id:
            break
        step = step.getparent()
    return "/".join(reversed(names))


class Original:
    """What a document said before it was made valid or a person decided otherwise.

    Pairs of place and text, each kept once, in the order in which they came.
    """

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], None] = {}

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def add(self, place: str, text: str) -> None:
        """Keep a text."""
        self._pairs[place, text] = None

    def add_attribute(self, node: etree._Element, name: str) -> None:
        """Keep an attribute's text."""
        self.add(place(node, name.replace(NS, "")), node.get(name) or "")

    def move_attribute(self, node: etree._Element, name: str) -> None:
        """Keep an attribute's text and take it out."""
        self.add_attribute(node, name)
        del node.attrib[name]

    def move_element(self, node: etree._Element) -> None:
        """Keep an element as text and take it out."""
        parent = node.getparent()
        assert parent is not None  # noqa: S101 - only elements inside a document move
        text = _without_unused_prefixes(etree.tostring(node, encoding="unicode", with_tail=False))
        self.add(f"{place(parent)}/{local(node)}", text)
        parent.remove(node)


def _without_unused_prefixes(text: str) -> str:
    """Leave out declarations that an element only has because it stands alone now."""
    declared = re.findall(r' xmlns:([\w.-]+)="([^"]*)"', text.partition(">")[0])
    for prefix, uri in declared[:_MOST_PREFIXES]:
        if f"<{prefix}:" not in text and f" {prefix}:" not in text:
            text = text.replace(f' xmlns:{prefix}="{uri}"', "", 1)
    return text.replace(f' xmlns="{OME}"', "", 1)


def to_bytes(root: etree._Element) -> bytes:
    """Return the document as UTF-8 with declaration, in characters that Bio-Formats can read."""
    data = _serialised(root)
    if _BEYOND_FIRST_PLANE.search(data):
        _clean_tree(root)
        data = _serialised(root)
    return data


def _serialised(root: etree._Element) -> bytes:
    body: bytes = etree.tostring(root, encoding="UTF-8", with_tail=False)
    body = body[body.index(b"?>") + 2 :].lstrip() if body.startswith(b"<?xml") else body
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + MARK.encode() + b"\n" + body + b"\n"


def _clean_tree(root: etree._Element) -> None:
    for node in list(root.iter()):
        if not isinstance(node.tag, str):
            _take_out(node)
            continue
        if node.text and _UNWRITABLE.search(node.text):
            node.text = clean(node.text)
        if node.tail and _UNWRITABLE.search(node.tail):
            node.tail = clean(node.tail)
        for name, value in node.attrib.items():
            text = str(value)
            if _UNWRITABLE.search(text):
                node.set(name, clean(text))


def _take_out(node: etree._Element) -> None:
    """Remove a comment or instruction but not the text after it."""
    parent = node.getparent()
    if parent is None or not node.tail:
        if parent is not None:
            parent.remove(node)
        return
    previous = node.getprevious()
    if previous is not None:
        previous.tail = (previous.tail or "") + node.tail
    else:
        parent.text = (parent.text or "") + node.tail
    parent.remove(node)
