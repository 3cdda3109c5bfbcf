"""XML and JSON documents of strangers, read without trust."""

from __future__ import annotations

from napari_fair.files.json_documents import JsonDocument, dump_json, read_json
from napari_fair.files.xml_documents import ParsedXML, parse_xml, strip_elements

__all__ = [
    "JsonDocument",
    "ParsedXML",
    "dump_json",
    "parse_xml",
    "read_json",
    "strip_elements",
]
