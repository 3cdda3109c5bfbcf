"""XML of strangers: nothing fetched, nothing expanded, and as much read as there is."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from napari_fair.files.errors import DamagedDocument, UnreadableFile, reading, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Set

    from lxml import etree

MAX_XML_BYTES = 256 << 20

_PART = 1 << 20

# C0 control characters that XML 1.0 forbids.
_CONTROLS = bytes(c for c in range(0x20) if c not in b"\t\n\r")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][\w.\-]*)["']""")
# Encodings in which the declaration itself is plain ASCII. Other codecs of Python are no character
# sets (idna, punycode) or hide markup (utf-7).
_CHARACTER_SETS = re.compile(
    r"iso-?8859-\d+|latin-?\d|windows-\d+|cp\d+|koi8-[ru]|shift_jis|euc[-_]\w+|gb\w+|big5"
)
# A declared UTF-16 that can be read as ASCII is left over from text that was stored as UTF-8.
_UTF8_NAMES = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "unicode"})
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]+)|([0-9]+));")
_START_TAG = re.compile(rb"<[^!?/\s]")
_SKIPPED_IN_PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_PARSER_OPTIONS: dict[str, Any] = {
    "encoding": "utf-8",
    "huge_tree": True,
    "load_dtd": False,
    "no_network": True,
    "resolve_entities": False,
}


@dataclass(frozen=True, slots=True)
class ParsedXML:
    """
    An XML document as read.

    Attributes
    ----------
    root
        The root element. Comments and processing instructions are kept, so iterate with care.
    damaged
        Whether something had to be repaired or is missing.
    notes
        What that was, one sentence each.
    """

    root: etree._Element
    damaged: bool
    notes: tuple[str, ...]


def parse_xml(data: bytes | Path, *, recover: bool = True, name: str | None = None) -> ParsedXML:
    """
    Parse a document without network, DTD or entities.

    Bytes that are not UTF-8 are read as Latin-1, characters that XML forbids are dropped, and what
    is not well-formed is read as far as it goes; each leaves a note. NUL bytes and white space
    after the end, as TIFF tags have them, are no damage.

    Parameters
    ----------
    data
        The document or its file.
    recover
        Whether to accept a document that is not well-formed.
    name
        What to call the document in an error; the path by default.

    Raises
    ------
    DamagedDocument
        It declares entities, is larger than `MAX_XML_BYTES`, has no root element or, unless
        `recover`, is not well-formed.
    UnreadableFile
        The file cannot be read.
    """
    from lxml import etree

    name = _name_of(data, name)
    text, notes = _prepare(_load(data, name), name)
    try:
        root = etree.fromstring(text, etree.XMLParser(**_PARSER_OPTIONS))
    except etree.XMLSyntaxError as error:
        if not recover:
            raise _damaged(name, f"is not well-formed XML ({_line(str(error))})") from error
    else:
        return ParsedXML(root, bool(notes), notes)
    text, notes = _without_forbidden_references(text, notes)
    parser = etree.XMLParser(**_PARSER_OPTIONS, recover=True)
    try:
        found = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise _damaged(name, "is not XML") from error
    return _recovered(found, parser.error_log, notes, name)


def strip_elements(
    data: bytes | Path,
    tags: Set[str],
    summarise: Callable[[str, Mapping[str, str]], None],
    *,
    name: str | None = None,
) -> ParsedXML:
    """
    Parse a document and drop some elements on the way, so that they never pile up in memory.

    An OME-XML document may hold a hundred thousand `Plane` and `TiffData`; a summary is enough.

    Parameters
    ----------
    data
        The document or its file.
    tags
        Local names of the elements to drop, with all they contain, in any namespace.
    summarise
        Called for each dropped element, in document order of their ends, with its local name and
        its attributes.
    name
        What to call the document in an error; the path by default.

    Returns
    -------
    ParsedXML
        The rest. A truncated document gives what there was, marked as damaged.

    Raises
    ------
    DamagedDocument
        As in `parse_xml`.
    UnreadableFile
        The file cannot be read.
    """
    from lxml import etree

    name = _name_of(data, name)
    text, notes = _prepare(_load(data, name), name)
    text, notes = _without_forbidden_references(text, notes)
    wanted = [f"{{*}}{tag}" for tag in sorted(tags)]
    events = etree.iterparse(
        BytesIO(text), events=("end",), tag=wanted, recover=True, **_PARSER_OPTIONS
    )
    try:
        _drop((element for _, element in events), summarise)
    except etree.XMLSyntaxError as error:
        raise _damaged(name, "is not XML") from error
    root = events.root
    if root is not None and wanted:
        # A truncated document ends inside an element that never had its end.
        _drop(list(root.iter(*wanted)), summarise)
    return _recovered(root, events.error_log, notes, name)


def _drop(
    elements: Iterable[etree._Element], summarise: Callable[[str, Mapping[str, str]], None]
) -> None:
    names: dict[str, str] = {}
    told = cast("Callable[[str, Any], None]", summarise)
    for element in elements:
        parent = element.getparent()
        if parent is None:
            continue
        tag = element.tag
        name = names.get(tag)
        if name is None:
            name = names[tag] = tag.rpartition("}")[2]
        told(name, element.attrib)
        parent.remove(element)


def _recovered(
    root: etree._Element | None, log: etree._ListErrorLog, notes: tuple[str, ...], name: str
) -> ParsedXML:
    if root is None:
        raise _damaged(name, "holds no XML element")
    errors = log.filter_from_errors()
    if errors:
        first = errors[0]
        notes += (f"It is not well-formed in line {first.line}: {_line(first.message)}.",)
    return ParsedXML(root, bool(notes), notes)


def _name_of(data: bytes | Path, name: str | None) -> str:
    if name is not None:
        return name
    return str(data) if isinstance(data, Path) else "the XML document"


def _load(data: bytes | Path, name: str) -> bytes:
    if isinstance(data, bytes):
        content = data
    else:
        with reading(data):
            if not data.is_file() and data.exists():
                raise UnreadableFile(f"{shown(data)} is not a file; choose a file.")
            with data.open("rb") as stream:
                content = stream.read(MAX_XML_BYTES + 1)
    if len(content) > MAX_XML_BYTES:
        raise _damaged(name, f"is larger than {MAX_XML_BYTES >> 20} MiB")
    return content


def _prepare(data: bytes, name: str) -> tuple[bytes, tuple[str, ...]]:
    """Return clean UTF-8 that declares no entities, and notes on what was repaired."""
    text, notes = _as_utf8(data)
    text = text.rstrip(b"\0 \t\r\n")
    clean = _without_controls(text)
    if len(clean) != len(text):
        notes += ("It held control characters, which were dropped.",)
    _refuse_entities(clean, name)
    return clean, notes


def _without_controls(text: bytes) -> bytes:
    """Drop control characters; a long text that has none is not copied."""
    starts = range(0, len(text), _PART)
    parts = (text[start : start + _PART] for start in starts)
    if all(len(part.translate(None, delete=_CONTROLS)) == len(part) for part in parts):
        return text
    return text.translate(None, delete=_CONTROLS)


def _as_utf8(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    # The parser is told UTF-8 and never follows the declaration itself: an odd encoding could
    # smuggle entity declarations past the check.
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            content = data if mark in (b"<\0", b"\0<") else data[len(mark) :]
            return _mended_utf8(content) if encoding == "utf-8" else _transcode(content, encoding)
    declared = _DECLARED.match(data)
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if encoding in _UTF8_NAMES:
        return _mended_utf8(data)
    if _CHARACTER_SETS.fullmatch(encoding) and _is_codec(encoding):
        return _transcode(data, encoding)
    text, notes = _mended_utf8(data)
    return text, (f"It declares the encoding {encoding}, which is not known.", *notes)


def _is_codec(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def _transcode(data: bytes, encoding: str) -> tuple[bytes, tuple[str, ...]]:
    try:
        return data.decode(encoding).encode(), ()
    except UnicodeError:
        text = data.decode(encoding, "replace").encode("utf-8", "replace")
        return text, (f"It held bytes that are not {encoding}, which were replaced.",)


def _mended_utf8(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    try:
        data.decode()
    except UnicodeDecodeError:
        escaped = data.decode("utf-8", "surrogateescape")
        text = _ESCAPED_BYTE.sub(lambda found: chr(ord(found.group()) - 0xDC00), escaped)
        return text.encode(), ("It held bytes that are not UTF-8, which were read as Latin-1.",)
    return data, ()


def _refuse_entities(text: bytes, name: str) -> None:
    if b"<!ENTITY" not in text:
        return
    position = 0
    while skipped := _SKIPPED_IN_PROLOG.match(text, position):
        position = skipped.end()
    # After a sound prolog and the root's start, these characters can only be comment or CDATA.
    if not _START_TAG.match(text, position):
        raise _damaged(name, "declares XML entities, which may be an attack, and was not read")


def _without_forbidden_references(
    text: bytes, notes: tuple[str, ...]
) -> tuple[bytes, tuple[str, ...]]:
    """Replace references to characters that XML forbids; OIR files have been seen with `&#0;`."""
    clean = _REFERENCE.sub(_mended_reference, text)
    if clean == text:
        return text, notes
    return clean, (*notes, "It referred to characters that XML forbids, which were replaced.")


def _mended_reference(reference: re.Match[bytes]) -> bytes:
    return reference.group() if _allowed(reference) else "\ufffd".encode()


def _allowed(reference: re.Match[bytes]) -> bool:
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    if len(digits) > 10:
        return False
    code = int(digits, base)
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


def _line(message: str) -> str:
    return " ".join(message.split()).rstrip(".")[:200]


def _damaged(name: str, why: str) -> DamagedDocument:
    return DamagedDocument(f"{shown(name)} {why}; repair it or move it away.")
