"""The last word of the official schema on a document in the making."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from napari_fair.sidecar.ome_names import NS
from napari_fair.sidecar.ome_schema import tree_errors
from napari_fair.sidecar.ome_tidy import BULK, CannotBeMadeValid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_fair.sidecar.ome_xml import Original

_KEPT_FOR_VALIDATION = 8
_ROUNDS = 6


def make_valid(root: etree._Element, original: Original) -> None:
    """Check against the official schema and move away what it still refuses.

    The bulk of `Plane` and `TiffData`, already checked by `tidy`, is left out of this check: it
    would take seconds.

    Raises
    ------
    CannotBeMadeValid
        If the document is still invalid after a few rounds.
    """
    bulk = list(_lift_bulk(root))
    try:
        for _ in range(_ROUNDS):
            errors = tree_errors(root)
            if not errors:
                return
            _move_refused(root, [(e.path, e.attribute) for e in errors], original)
        raise CannotBeMadeValid(f"the schema says: {errors[0].message}")
    finally:
        for parent, position, nodes in reversed(bulk):
            parent[position:position] = nodes


def _lift_bulk(root: etree._Element) -> Iterator[tuple[etree._Element, int, list[etree._Element]]]:
    """Take out runs of bulk elements; yield where they go back, to be undone in reverse."""
    for pixels in root.iterfind(f"{NS}Image/{NS}Pixels"):
        for tag in BULK:
            rest = pixels.findall(tag)[_KEPT_FOR_VALIDATION:]
            if rest and not (tag == BULK[1] and any(map(len, rest))):
                position = pixels.index(rest[0])
                if pixels[position + len(rest) - 1] is rest[-1]:
                    del pixels[position : position + len(rest)]
                    yield pixels, position, rest


def _move_refused(root: etree._Element, places: list[tuple[str, str]], original: Original) -> None:
    tree = root.getroottree()
    found = [(_nodes(tree, path), attribute) for path, attribute in places]
    for nodes, attribute in found:
        for node in nodes:
            if node is root and not attribute:
                raise CannotBeMadeValid("the schema refuses its OME element")
            if not _inside(root, node):
                continue
            if attribute and node.get(attribute) is not None:
                original.move_attribute(node, attribute)
            elif node is not root:
                original.move_element(node)


def _nodes(tree: etree._ElementTree, path: str) -> list[etree._Element]:
    try:
        found: Any = tree.xpath(path) if path else []
    except etree.XPathError:
        return []
    return [node for node in found if etree.iselement(node)]


def _inside(root: etree._Element, node: etree._Element) -> bool:
    step: etree._Element | None = node
    while step is not None and step is not root:
        step = step.getparent()
    return step is root
