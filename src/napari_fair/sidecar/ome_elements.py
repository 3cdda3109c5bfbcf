"""The OME schema's rules as a table: what an element may hold, and what a text may be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from napari_fair.sidecar.ome_names import NS
from napari_fair.sidecar.ome_schema import schema_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_FLOAT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_DIGITS = frozenset("0123456789.+-eE")
_LONGEST_ID = 1000
# The schema's pattern for the authority of an LSID, and one for the same texts that a hostile id
# cannot make backtrack for ever.
_AUTHORITY, _SAME_AUTHORITY = r"([\w\-\.]+\.[\w\-\.]+)+", r"[\w\-\.]+\.[\w\-\.]+"
_INTEGER = re.compile(r"[+-]?\d{1,19}")
_DATE_TIME = re.compile(
    r"(?P<year>-?\d{4,9})-(?P<day>(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))"
    r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d)?"
)
_RANGES = {"int": 2**31, "long": 2**63}


@dataclass(frozen=True, eq=False)
class SimpleType:
    """What a text may be.

    Attributes
    ----------
    name
        The schema's name for it, e.g. ``ImageID``, empty when it has none.
    base
        The XML Schema type it comes from, e.g. ``float``.
    values
        The words it is limited to, empty when it is not.
    """

    name: str
    base: str
    values: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()
    low: float | None = None
    above: float | None = None
    high: float | None = None
    length: int | None = None
    listed: bool = False

    def allows(self, text: str) -> bool:
        """Return whether a text is valid; stricter than XSD where NaN would pass for a size."""
        if self.listed:
            return all(part in self.values for part in text.split())
        if self.values:
            return text in self.values
        if self.base != "string":
            text = text.strip(" \t\r\n")
        if self.patterns and (
            len(text) > _LONGEST_ID or not all(p.fullmatch(text) for p in self.patterns)
        ):
            return False
        return self.base == "string" or self._lexical(text)

    def allows_all(self, texts: Collection[str]) -> bool:
        """Return whether all of many texts are surely valid, faster than one by one."""
        plain = not (self.values or self.patterns or self.listed)
        if plain and self.base == "int" and self.low in (None, 0):
            joined = "".join(texts)
            if joined.isascii() and joined.isdigit() and all(texts):
                return max(map(len, texts)) < 10
        if plain and self.base == "float" and self.low is self.above is self.high is None:
            return _DIGITS.issuperset("".join(texts)) and _are_numbers(texts)
        return all(map(self.allows, texts))

    def _lexical(self, text: str) -> bool:
        if self.base in ("float", "double"):
            return self._number(text)
        if self.base in _RANGES:
            if _INTEGER.fullmatch(text) is None:
                return False
            number, limit = int(text), _RANGES[self.base]
            return -limit <= number < limit and self._within(number)
        if self.base == "boolean":
            return text in ("true", "false", "0", "1")
        if self.base == "dateTime":
            return _is_date_time(text)
        if self.base == "hexBinary":
            digits = re.fullmatch(r"([0-9a-fA-F]{2})*", text)
            return digits is not None and self.length in (None, len(text) // 2)
        return True

    def _number(self, text: str) -> bool:
        if text in ("NaN", "INF", "-INF"):
            return (self.low, self.above, self.high) == (None, None, None)
        return _FLOAT.fullmatch(text) is not None and self._within(float(text))

    def _within(self, number: float) -> bool:
        return (
            isfinite(number)
            and (self.low is None or number >= self.low)
            and (self.above is None or number > self.above)
            and (self.high is None or number <= self.high)
        )


def _are_numbers(texts: Iterable[str]) -> bool:
    try:
        for _ in map(float, texts):
            pass
    except ValueError:
        return False
    return True


def _is_date_time(text: str) -> bool:
    from datetime import date

    found = _DATE_TIME.fullmatch(text)
    if found is None or int(found["year"]) == 0:
        return False
    try:  # leap years repeat every 400 years
        date.fromisoformat(f"{int(found['year']) % 400 + 400:04}-{found['day']}")
    except ValueError:
        return False
    return True


@dataclass(frozen=True, eq=False)
class Attribute:
    """An attribute of an element."""

    type: SimpleType
    required: bool


@dataclass(frozen=True, eq=False)
class Child:
    """What may stand inside an element: its place in the order, and whether there may be many."""

    rank: int
    type: ElementType
    many: bool


@dataclass(eq=False)
class ElementType:
    """What the schema allows in an element.

    Attributes
    ----------
    attributes
        By name.
    children
        By tag, with namespace.
    needed
        Sets of tags of which there must be one.
    text
        The type of its text, None for elements that only hold elements.
    open
        Whether anything may stand inside.
    """

    name: str
    attributes: dict[str, Attribute] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    needed: list[frozenset[str]] = field(default_factory=list)
    text: SimpleType | None = None
    open: bool = False

    @property
    def id_type(self) -> str:
        """The name of the type of its ``ID``, e.g. ``ImageID``; empty without."""
        attribute = self.attributes.get("ID")
        return attribute.type.name if attribute else ""

    @property
    def is_reference(self) -> bool:
        """Whether its ``ID`` is that of another element."""
        return bool(self.id_type) and (self.name.endswith("Ref") or self.name in _REFERENCES)


_REFERENCES = frozenset(
    {"LightSourceSettings", "DetectorSettings", "ObjectiveSettings", "Contact", "Leader", "Pump"}
)


@cache
def element_types() -> dict[str, ElementType]:
    """Return the schema's global elements by local name."""
    return _Reader(schema_document().getroot()).elements()


def type_of(*names: str) -> ElementType:
    """Return the type of an element by the names on the way to it, a global element first."""
    found = element_types()[names[0]]
    for name in names[1:]:
        found = found.children[NS + name].type
    return found


class _Reader:
    """Turns the schema document into a table; OME's uses few of the language's features."""

    def __init__(self, root: Any) -> None:
        self._elements = {node.get("name"): node for node in root.iterfind(_XSD + "element")}
        self._complex = {node.get("name"): node for node in root.iterfind(_XSD + "complexType")}
        self._simple = {node.get("name"): node for node in root.iterfind(_XSD + "simpleType")}
        self._groups: dict[str, list[str]] = {}
        for name, node in self._elements.items():
            if node.get("substitutionGroup"):
                self._groups.setdefault(node.get("substitutionGroup"), []).append(name)
        self._types: dict[Any, ElementType] = {}

    def elements(self) -> dict[str, ElementType]:
        return {name: self._element(node) for name, node in self._elements.items()}

    def _element(self, node: Any) -> ElementType:
        known = self._types.get(node)
        if known is not None:
            return known
        kind = self._types[node] = ElementType(node.get("name"))
        inline, named = node.find(_XSD + "complexType"), node.get("type")
        if inline is not None:
            self._fill(kind, inline)
        elif named in self._complex:
            self._fill(kind, self._complex[named])
        elif named is not None:
            kind.text = self._simple_type(named)
        elif node.find(_XSD + "simpleType") is not None:
            kind.text = self._restricted(node.find(_XSD + "simpleType"), "")
        else:
            kind.open = True
        return kind

    def _fill(self, kind: ElementType, node: Any) -> None:
        for part in node:
            tag = part.tag.removeprefix(_XSD)
            if tag in ("complexContent", "simpleContent"):
                self._extend(kind, part.find(_XSD + "extension"))
            elif tag in ("sequence", "choice"):
                self._particles(kind, part, many=part.get("maxOccurs") == "unbounded", must=True)
            elif tag == "attribute":
                self._attribute(kind, part)

    def _extend(self, kind: ElementType, extension: Any) -> None:
        base = extension.get("base")
        if base in self._complex:
            self._fill(kind, self._complex[base])
        else:
            kind.text = self._simple_type(base)
        self._fill(kind, extension)

    def _attribute(self, kind: ElementType, node: Any) -> None:
        named = node.get("type")
        simple = (
            self._simple_type(named)
            if named
            else self._restricted(node.find(_XSD + "simpleType"), "")
        )
        kind.attributes[node.get("name")] = Attribute(simple, node.get("use") == "required")

    def _particles(self, kind: ElementType, node: Any, *, many: bool, must: bool) -> None:
        choice = node.tag == _XSD + "choice"
        must = must and node.get("minOccurs", "1") != "0"
        rank = len(kind.children)
        group: set[str] = set()
        for part in node:
            tag = part.tag.removeprefix(_XSD)
            if tag in ("sequence", "choice"):
                self._particles(kind, part, many=many, must=must and not choice)
            elif tag == "any":
                kind.open = True
            elif tag == "element":
                tags = self._children(kind, part, rank=rank if choice else None, many=many)
                if choice:
                    group |= tags
                elif must and part.get("minOccurs", "1") != "0":
                    kind.needed.append(frozenset(tags))
        if choice and must and group and not node.findall(_XSD + "sequence"):
            kind.needed.append(frozenset(group))

    def _children(
        self, kind: ElementType, node: Any, *, rank: int | None, many: bool
    ) -> frozenset[str]:
        reference = node.get("ref")
        names = self._groups.get(reference, [reference]) if reference else [node.get("name")]
        rank = len(kind.children) if rank is None else rank
        repeated = many or node.get("maxOccurs", "1") != "1"
        for name in names:
            declared = self._elements[name] if reference else node
            kind.children[NS + name] = Child(rank, self._element(declared), repeated)
        return frozenset(NS + name for name in names)

    def _simple_type(self, name: str) -> SimpleType:
        if name.startswith("xsd:"):
            return SimpleType("", name.removeprefix("xsd:"))
        return self._restricted(self._simple[name], name)

    def _restricted(self, node: Any, name: str) -> SimpleType:
        items = node.find(_XSD + "list")
        if items is not None:
            item = self._restricted(items.find(_XSD + "simpleType"), "")
            return SimpleType(name, "list", values=item.values, listed=True)
        restriction = node.find(_XSD + "restriction")
        base = self._simple_type(restriction.get("base"))
        facets = {part.tag.removeprefix(_XSD): part.get("value") for part in restriction}
        words = frozenset(p.get("value") for p in restriction.iterfind(_XSD + "enumeration"))
        rule = facets.get("pattern", "").replace(_AUTHORITY, _SAME_AUTHORITY)
        pattern = (re.compile(rule),) if rule else ()
        return SimpleType(
            name,
            base.base,
            values=words or base.values,
            patterns=base.patterns + pattern,
            low=float(facets["minInclusive"]) if "minInclusive" in facets else base.low,
            above=float(facets["minExclusive"]) if "minExclusive" in facets else base.above,
            high=float(facets["maxInclusive"]) if "maxInclusive" in facets else base.high,
            length=int(facets["length"]) if "length" in facets else base.length,
        )
