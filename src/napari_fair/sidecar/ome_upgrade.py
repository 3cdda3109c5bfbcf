"""Brings OME-XML of older schemas to 2016-06 with the transforms that ome-types ships."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lxml import etree

from napari_fair.sidecar.ome_names import OME
from napari_fair.sidecar.ome_schema import ome_types_folder

_NAMESPACE = re.compile(
    r"https?://www\.openmicroscopy\.org/Schemas/(?P<part>\w+)/(?P<version>\d{4}-\d\d)s?/?",
    re.IGNORECASE,
)
_ROOT = "http://www.openmicroscopy.org/Schemas/"
_FIRST = "http://www.openmicroscopy.org/XMLschemas/OME/FC/ome.xsd"
_SHORT_PARTS = frozenset({"ome", "sa", "spw", "roi", "ca", "std"})
_MOST_STEPS = 12


class UnknownSchema(Exception):
    """A document of a schema that there is no way from."""


def upgraded(root: etree._Element) -> tuple[etree._Element, str]:
    """Return the document in schema 2016-06, and the version it came in, empty if that was it.

    Misspelt namespaces (``Schemas/ome/``, ``2013-06s``) are put right first.

    Raises
    ------
    UnknownSchema
        If the version is not known or a transform fails.
    """
    _mend_namespaces(root)
    version = came_in = _version(root)
    for _ in range(_MOST_STEPS):
        if version == "2016-06":
            return root, "" if came_in == version else came_in
        root = _step(root, version)
        version = _version(root)
    raise UnknownSchema(f"its schema version {came_in} is not known")


def _step(root: etree._Element, version: str) -> etree._Element:
    transform = _transforms().get(version)
    if transform is None:
        raise UnknownSchema(f"its schema version {version or 'is missing'} is not known")
    try:
        result = _compiled(transform)(root)
    except etree.XSLTError as error:
        raise UnknownSchema(f"it could not be upgraded from {version}") from error
    found: etree._Element | None = result.getroot()
    if found is None:
        raise UnknownSchema(f"nothing was left of it when upgraded from {version}")
    etree.cleanup_namespaces(found)
    return found


def _version(root: etree._Element) -> str:
    namespace = _namespace(root)
    if namespace == _FIRST:
        return "2003-FC"
    return namespace.removeprefix(_ROOT + "OME/") if namespace.startswith(_ROOT + "OME/") else ""


def _namespace(node: etree._Element) -> str:
    # a damaged document may hold names that lxml itself would refuse
    tag = node.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def _mend_namespaces(root: etree._Element) -> None:
    if _namespace(root) == OME:
        return
    for node in root.iter("*"):
        namespace = _namespace(node)
        mended = _mended(namespace)
        if mended != namespace:
            node.tag = f"{{{mended}}}{str(node.tag).rpartition('}')[2]}"


def _mended(namespace: str) -> str:
    found = _NAMESPACE.fullmatch(namespace)
    if found is None:
        return namespace
    part = found["part"]
    known = part.upper() if part.lower() in _SHORT_PARTS else part
    return f"{_ROOT}{known}/{found['version']}"


@cache
def _transforms() -> dict[str, str]:
    folder = ome_types_folder() / "transforms"
    return {path.name.split("-to-")[0]: str(path) for path in sorted(folder.glob("*.xsl"))}


def _compiled(path: str) -> Any:
    allowed: Any = etree.XSLTAccessControl
    return etree.XSLT(etree.parse(path), access_control=allowed.DENY_ALL)
