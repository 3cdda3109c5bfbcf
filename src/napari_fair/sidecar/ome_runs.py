"""Runs of like `Plane` and `TiffData` elements: cut out of a document, and pasted back.

A document may hold a hundred thousand of them, and a tree of all would cost seconds. A run is what
follows an element and is like it: the same attributes with other whole numbers or other numbers,
everything else letter by letter. The element stays and stands for its run; when the document is
written, what became of it must go for all of the run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from napari_fair.sidecar.ome_elements import type_of
from napari_fair.sidecar.ome_names import NS
from napari_fair.sidecar.ome_xml import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

_MARK = "napari-fair-run"
_MARKED = re.compile(rb' napari-fair-run="(\d{1,9})"')
_MOST = 128 << 20  # bytes; `parse_xml` refuses twice as much
_WORTH = 4096  # bytes; shorter runs are faster left where they are
_MOST_SHAPES = 64
_FIRST = re.compile(
    rb"(?P<head><(?P<prefix>(?:[\w.-]{1,60}:)?)(?P<name>Plane|TiffData)"
    rb'(?: [A-Za-z]{1,40}="[^"<>&\t\n\r]{0,200}"){1,40})'
    rb"(?P<tail>[ \t\n]{0,9}/>|></(?P=prefix)(?P=name)>"
    rb"|>[ \t\n]{0,200}<(?P=prefix)UUID[^<>]{0,2000}>[^<>]{0,200}</(?P=prefix)UUID>"
    rb"[ \t\n]{0,200}</(?P=prefix)(?P=name)>)"
)
_ATTRIBUTE = re.compile(rb' ([A-Za-z]+)="([^"]*)"')
_CHANNEL = re.compile(rb' TheC="(\d+)"')
_WHOLE_NUMBER = rb"\d{1,9}"
_NUMBER = rb"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?"
# Many like elements in one step; without an upper limit the matcher's memory would grow with them.
_MANY_LIKE = rb"(?:[ \t\n]*%s){0,1000}"


class NotAlike(Exception):
    """What became of the first of a run need not go for the rest: take the whole document."""


@dataclass(frozen=True)
class Run:
    """The elements that follow one and are like it.

    Attributes
    ----------
    head, tail
        The text of the one that stays, up to the end of its attributes and from there.
    text
        The text of those that were cut out, ending alike.
    """

    head: bytes
    tail: bytes
    text: bytes = field(repr=False)


class Shortened:
    """A document without its runs, or a whole one.

    Attributes
    ----------
    text
        The document, with a mark at each element that stands for a run.
    runs
        What was cut out, in order; empty when the document is whole.
    """

    def __init__(self, text: bytes, runs: tuple[Run, ...] = ()) -> None:
        self.text, self.runs = text, runs
        self._firsts: dict[int, etree._Element] = {}

    def find_firsts(self, root: etree._Element) -> None:
        """Find the elements that stand for runs and take off their marks.

        Raises
        ------
        NotAlike
            If one is no element of the schema, e.g. because it stands in a comment.
        """
        for node in root.iter(NS + "Plane", NS + "TiffData") if self.runs else ():
            number = node.get(_MARK)
            if number is not None:
                del node.attrib[_MARK]
                self._firsts[int(number)] = node
        if len(self._firsts) != len(self.runs):
            raise NotAlike

    def forget_removed(self) -> None:
        """Let runs go whose first was just taken out with all its like."""
        self._firsts = {n: node for n, node in self._firsts.items() if node.getparent() is not None}

    def to_bytes(self, root: etree._Element) -> bytes:
        """Return the document as bytes with its runs in place.

        Raises
        ------
        NotAlike
            If the attributes of an element that stands for a run are not as they were.
        """
        for number, node in self._firsts.items():
            node.set(_MARK, str(number))
        data = to_bytes(root)
        return b"".join(self._pasted(data)) if self._firsts else data

    def _pasted(self, data: bytes) -> Iterator[bytes]:
        last, wanted = 0, set(self._firsts)
        for mark in _MARKED.finditer(data):
            number = int(mark[1])
            if number not in wanted or not data.endswith(self.runs[number].head, 0, mark.start()):
                raise NotAlike
            wanted.remove(number)
            run = self.runs[number]
            end = _element_end(data, mark.end(), run.head)
            tail = data[mark.end() : end]
            yield data[last : mark.start()] + tail
            yield run.text if run.tail == tail else run.text.replace(run.tail, tail)
            last = end
        if wanted:
            raise NotAlike
        yield data[last:]


def _element_end(data: bytes, position: int, head: bytes) -> int:
    """Return where an element ends whose attributes end at a position."""
    if data.startswith(b"/>", position):
        return position + 2
    close = b"</" + head[1:].partition(b" ")[0] + b">"
    return data.index(close, position) + len(close)


def shortened(data: bytes) -> Shortened | None:
    """Return a document without its long runs, None where it has none or is too large to read."""
    if len(data) > _MOST or _MARK.encode() in data:
        return None
    text = data.replace(b"\r\n", b"\n")  # as every XML parser does
    pieces: list[bytes] = []
    runs: list[Run] = []
    last = 0
    for start, end, tail in _runs(text):
        begin = text.index(tail, start)
        pieces += (text[last:begin], f' {_MARK}="{len(runs)}"'.encode(), tail)
        runs.append(Run(text[start:begin], tail, text[begin + len(tail) : end]))
        last = end
    return Shortened(b"".join([*pieces, text[last:]]), tuple(runs)) if runs else None


def _runs(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield where an element that stands for a run begins, where its run ends, and its tail."""
    shapes: dict[bytes, re.Pattern[bytes]] = {}
    seen: dict[re.Pattern[bytes], set[bytes]] = {}
    position = 0
    while (first := _FIRST.search(data, position)) is not None:
        if data[position : first.start()].strip():
            seen = {}  # another image, perhaps
        position = first.end()
        like = _like(first, shapes)
        if like is None:
            continue
        position = _end(like, data, position)
        known = seen.setdefault(like, set())
        firsts = _first_of_channels(data, first.start(), position, known)
        if position - first.start() > _WORTH * len(firsts):
            known.update(firsts.values())
            for start, end in pairwise([*firsts, position]):
                yield start, end, first["tail"]


def _first_of_channels(data: bytes, start: int, end: int, known: set[bytes]) -> dict[int, bytes]:
    """Return where elements begin that must stay, and their channels: the first of all and of each.

    So the tree can tell which attributes the planes of a channel have, and what is done to a
    channel's planes shows at one that stands for others.
    """
    firsts = {start: b""}
    new: set[bytes] = set()
    for found in _CHANNEL.finditer(data, start, end):
        if found[1] not in known and found[1] not in new:
            new.add(found[1])
            firsts[data.rindex(b"<", start, found.start())] = found[1]
    return firsts


def _end(like: re.Pattern[bytes], data: bytes, position: int) -> int:
    while (found := like.match(data, position)) is not None and found.end() > position:
        position = found.end()
    return position


def _like(
    first: re.Match[bytes], shapes: dict[bytes, re.Pattern[bytes]]
) -> re.Pattern[bytes] | None:
    """Return what matches many elements like one, None when the next one is surely none."""
    near = first.end() + 2 * len(first[0])
    if first.string.find(first["tail"], first.end(), near) < 0:
        return None
    shape = _shape(first)
    if shape and shape not in shapes and len(shapes) < _MOST_SHAPES:
        shapes[shape] = re.compile(_MANY_LIKE % shape)
    return shapes.get(shape)


def _shape(first: re.Match[bytes]) -> bytes:
    """Return the pattern of an element and its like, empty when the schema knows it not."""
    declared = type_of(first["name"].decode()).attributes
    parts = [re.escape(b"<" + first["prefix"] + first["name"])]
    for name, value in _ATTRIBUTE.findall(first["head"]):
        attribute = declared.get(name.decode())
        if attribute is None:
            return b""
        kind, pattern = attribute.type, re.escape(value)
        if not (kind.values or kind.patterns or kind.listed) and kind.above is kind.high is None:
            if kind.base == "int" and kind.low in (None, 0):
                pattern = _WHOLE_NUMBER
            elif kind.base == "float" and kind.low is None:
                pattern = _NUMBER
        parts.append(b' %s="%s"' % (name, pattern))
    return b"".join(parts) + re.escape(first["tail"])
