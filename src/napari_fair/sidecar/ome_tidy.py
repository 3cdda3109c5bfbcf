"""Makes a stranger's OME-XML valid: mends what has one meaning, moves the rest away as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

from napari_fair.sidecar.ome_elements import ElementType, element_types
from napari_fair.sidecar.ome_names import NS
from napari_fair.sidecar.ome_words import mended
from napari_fair.sidecar.ome_xml import element, insert, local

if TYPE_CHECKING:
    from napari_fair.sidecar.ome_elements import SimpleType
    from napari_fair.sidecar.ome_xml import Original

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
BULK = (NS + "TiffData", NS + "Plane")
"""Elements of which a document may hold a hundred thousand."""
_MANY = 100
_REMEMBERED = 20_000
# The schema's key references miss these because of how their paths are written.
_MAY_DANGLE = frozenset({"ROIRef", "Pump", "WellSampleRef"})


class CannotBeMadeValid(Exception):
    """A document that stays invalid; its text is kept and the record written anew."""


@dataclass
class _Walk:
    """What one walk over a document keeps in mind."""

    original: Original
    defined: list[tuple[etree._Element, ElementType]] = field(default_factory=list)
    referring: list[tuple[etree._Element, str, str]] = field(default_factory=list)
    valid: dict[ElementType, set[tuple[str, str]]] = field(default_factory=dict)
    shapes: dict[ElementType, set[tuple[str, ...]]] = field(default_factory=dict)


def tidy(root: etree._Element, original: Original) -> None:
    """Make a document follow the schema, element by element.

    Parameters
    ----------
    root
        The OME element; changed in place.
    original
        Takes what is changed or moved away.

    Notes
    -----
    Unit spellings, cases of words and integer colours are mended; ids are renamed with their
    references; elements are put in order. A value whose unit means nothing goes with its unit:
    alone it would be read in the default unit.
    """
    walk = _Walk(original)
    if not _keep(root, element_types()["OME"], walk):
        raise CannotBeMadeValid("its OME element cannot be made valid")
    _unify_ids(walk)


def _keep(node: etree._Element, kind: ElementType, walk: _Walk) -> bool:
    """Tidy an element and what it holds; False when it cannot stay."""
    if kind.open:
        return True
    marks = len(walk.defined), len(walk.referring)
    fits = _attributes_fit(node, kind, walk) and _text_fits(node, kind, walk)
    if fits and len(node):
        _tidy_children(node, kind, walk)
    fits = fits and all(_has_one(node, tags) for tags in kind.needed)
    if not fits:
        del walk.defined[marks[0] :], walk.referring[marks[1] :]
    return fits


def _has_one(node: etree._Element, tags: frozenset[str]) -> bool:
    if any(node.find(tag) is not None for tag in tags):
        return True
    if NS + "MetadataOnly" in tags:
        insert(node, element("MetadataOnly"))
        return True
    return False


def _attributes_fit(node: etree._Element, kind: ElementType, walk: _Walk) -> bool:
    items = _items(node)
    valid = walk.valid.setdefault(kind, set())
    shapes = walk.shapes.setdefault(kind, set())
    shape = tuple(name for name, _ in items)
    if shape in shapes and valid.issuperset(items):
        return True
    for name, value in items:
        if (name, value) not in valid and node.get(name) is not None:
            _tidy_attribute(node, kind, name, value, walk)
    _note_id(node, kind, walk)
    for name, attribute in kind.attributes.items():
        if attribute.required and node.get(name) is None and name != "ID":
            return False
    if "ID" not in kind.attributes and "Annotator" not in kind.attributes:
        items = _items(node)
        shapes.add(tuple(name for name, _ in items))
        if len(valid) < _REMEMBERED:
            valid.update(items)
    return True


def _items(node: etree._Element) -> list[tuple[str, str]]:
    return cast("list[tuple[str, str]]", node.items())


def _tidy_attribute(
    node: etree._Element, kind: ElementType, name: str, value: str, walk: _Walk
) -> None:
    declared = kind.attributes.get(name)
    if declared is None:
        if not name.startswith(_XSI):
            walk.original.move_attribute(node, name)
    elif name not in ("ID", "Annotator") and not declared.type.allows(value):
        new = mended(value, declared.type)
        walk.original.move_attribute(node, name)
        if new is not None:
            node.set(name, new)
        elif name.endswith("Unit") and node.get(measured := name.removesuffix("Unit")):
            walk.original.move_attribute(node, measured)


def _note_id(node: etree._Element, kind: ElementType, walk: _Walk) -> None:
    if kind.is_reference:
        walk.referring.append((node, "ID", kind.id_type))
    elif kind.id_type:
        walk.defined.append((node, kind))
    if "Annotator" in kind.attributes and node.get("Annotator") is not None:
        walk.referring.append((node, "Annotator", "ExperimenterID"))


def _text_fits(node: etree._Element, kind: ElementType, walk: _Walk) -> bool:
    if kind.text is None:
        if node.text and node.text.strip():
            walk.original.add(f"{local(node)}/text()", node.text.strip())
            node.text = None
        return True
    text = node.text or ""
    if kind.text.allows(text):
        return True
    new = mended(text, kind.text)
    if new is not None:
        walk.original.add(f"{local(node)}/text()", text)
        node.text = new
    return new is not None


def _tidy_children(node: etree._Element, kind: ElementType, walk: _Walk) -> None:
    seen: set[str] = set()
    plain = _valid_bulk(node, kind)
    ranks: list[int] = []
    kept: list[etree._Element] = []
    for inner in node:
        if inner.tail and not inner.tail.isspace():
            walk.original.add(f"{local(node)}/text()", inner.tail.strip())
            inner.tail = None
        tag = inner.tag
        if tag in plain:
            kept.append(inner)
            ranks.append(plain[tag])
            continue
        declared = kind.children.get(tag) if isinstance(tag, str) else None
        if declared is None and isinstance(tag, str):
            kept.append(inner)
            ranks.append(-1)
            continue
        fits = declared is None or (
            (declared.many or tag not in seen) and _keep(inner, declared.type, walk)
        )
        if fits and declared is not None:
            seen.add(tag)
        kept.append(inner)
        ranks.append(-1 if not fits else declared.rank if declared else max(ranks, default=0))
    for inner, rank in zip(kept, ranks, strict=True):
        if rank < 0:
            walk.original.move_element(inner)
    _sort(node, [(r, k) for r, k in zip(ranks, kept, strict=True) if r >= 0])


def _valid_bulk(node: etree._Element, kind: ElementType) -> dict[Any, int]:
    """Return the tags of which there are many that are all valid, with their place in the order."""
    if kind.name != "Pixels":
        return {}
    found = ((tag, node.findall(tag)) for tag in BULK)
    return {
        tag: kind.children[tag].rank
        for tag, nodes in found
        if len(nodes) > _MANY and _all_valid(nodes, kind.children[tag].type)
    }


def _all_valid(nodes: list[Any], kind: ElementType) -> bool:
    """Check many like elements at once, attribute by attribute; False when in doubt."""
    names: set[str] = set().union(*{tuple(node.keys()) for node in nodes})
    columns = {name: {node.get(name) for node in nodes} for name in names}
    required = {name for name, attribute in kind.attributes.items() if attribute.required}
    if not required <= names <= kind.attributes.keys():
        return False
    if any(None in columns[name] for name in required):
        return False
    inner = {(len(n), n[0].tag, n[0].text, *n[0].keys()) for n in nodes if len(n)}
    return all(
        kind.attributes[name].type.allows_all(values - {None}) for name, values in columns.items()
    ) and all(_is_plain_uuid(kind, *what) for what in inner)


def _is_plain_uuid(kind: ElementType, count: int, tag: str, text: str, *names: str) -> bool:
    child = kind.children.get(tag)
    if count != 1 or child is None or child.type.name != "UUID" or child.type.text is None:
        return False
    return child.type.text.allows(text or "") and set(names) <= child.type.attributes.keys()


def _sort(node: etree._Element, ranked: list[tuple[int, etree._Element]]) -> None:
    ranks = [rank for rank, _ in ranked]
    if all(a <= b for a, b in pairwise(ranks)):
        return
    node[:] = [inner for _, inner in sorted(ranked, key=lambda pair: pair[0])]


def _unify_ids(walk: _Walk) -> None:
    """Rename ids that are missing, malformed or taken, and drop references that lead nowhere."""
    taken: dict[str, set[str]] = {}
    names: dict[tuple[str, str], str] = {}
    wanting: list[tuple[etree._Element, ElementType]] = []
    for node, kind in walk.defined:
        old, used = node.get("ID"), taken.setdefault(kind.id_type, set())
        if old is None or old in used or not _id_type(kind).allows(old):
            wanting.append((node, kind))
        else:
            used.add(old)
            names[kind.id_type, old] = old
    numbers: dict[str, int] = {}
    for node, kind in wanting:
        old = node.get("ID")
        new = _free_id(kind.id_type, taken[kind.id_type], numbers)
        if old is not None:
            walk.original.add_attribute(node, "ID")
            names.setdefault((kind.id_type, old), new)
        node.set("ID", new)
    _follow(walk, names)


def _id_type(kind: ElementType) -> SimpleType:
    return kind.attributes["ID"].type


def _free_id(id_type: str, used: set[str], numbers: dict[str, int]) -> str:
    stem = id_type.removesuffix("ID")
    number = numbers.get(id_type, 0)
    while f"{stem}:{number}" in used:
        number += 1
    numbers[id_type] = number + 1
    used.add(f"{stem}:{number}")
    return f"{stem}:{number}"


def _follow(walk: _Walk, names: dict[tuple[str, str], str]) -> None:
    for node, attribute, id_type in walk.referring:
        old = node.get(attribute)
        new = names.get((id_type, old)) if old is not None else None
        if new is not None:
            if new != old:
                node.set(attribute, new)
        elif attribute == "Annotator":
            walk.original.move_attribute(node, attribute)
        elif local(node) not in _MAY_DANGLE and node.getparent() is not None:
            walk.original.move_element(node)
