"""Safe files: replaced whole, locked, checksummed, confined to their folder, read without trust."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.files.atomic import backup_once, remove_leftovers, replace, write_if_changed
    from napari_fair.files.checksums import (
        FileDigest,
        ManifestDigest,
        manifest_digest,
        sha256_file,
    )
    from napari_fair.files.errors import (
        Cancelled,
        DamagedDocument,
        DiskFull,
        FairError,
        FileChanging,
        FolderLocked,
        FolderNotWritable,
        LossyDocument,
        UnreadableFile,
        UnsafePath,
        UnwritableFile,
        reading,
        shown,
        writing,
    )
    from napari_fair.files.json_documents import JsonDocument, dump_json, read_json
    from napari_fair.files.locks import FolderLock, folder_lock
    from napari_fair.files.paths import (
        confine,
        crate_id,
        is_within,
        path_from_crate_id,
        relative_posix,
    )
    from napari_fair.files.xml_documents import ParsedXML, parse_xml, strip_elements

_NAMES_OF_MODULE = {
    "atomic": ("backup_once", "remove_leftovers", "replace", "write_if_changed"),
    "checksums": ("FileDigest", "ManifestDigest", "manifest_digest", "sha256_file"),
    "errors": (
        *("Cancelled", "DamagedDocument", "DiskFull", "FairError", "FileChanging", "FolderLocked"),
        *("FolderNotWritable", "LossyDocument", "UnreadableFile", "UnsafePath", "UnwritableFile"),
        *("reading", "shown", "writing"),
    ),
    "json_documents": ("JsonDocument", "dump_json", "read_json"),
    "locks": ("FolderLock", "folder_lock"),
    "paths": ("confine", "crate_id", "is_within", "path_from_crate_id", "relative_posix"),
    "xml_documents": ("ParsedXML", "parse_xml", "strip_elements"),
}
_MODULE_OF_NAME = {name: module for module, names in _NAMES_OF_MODULE.items() for name in names}

__all__ = [
    "Cancelled",
    "DamagedDocument",
    "DiskFull",
    "FairError",
    "FileChanging",
    "FileDigest",
    "FolderLock",
    "FolderLocked",
    "FolderNotWritable",
    "JsonDocument",
    "LossyDocument",
    "ManifestDigest",
    "ParsedXML",
    "UnreadableFile",
    "UnsafePath",
    "UnwritableFile",
    "backup_once",
    "confine",
    "crate_id",
    "dump_json",
    "folder_lock",
    "is_within",
    "manifest_digest",
    "parse_xml",
    "path_from_crate_id",
    "read_json",
    "reading",
    "relative_posix",
    "remove_leftovers",
    "replace",
    "sha256_file",
    "shown",
    "strip_elements",
    "write_if_changed",
    "writing",
]


def __getattr__(name: str) -> object:
    module = _MODULE_OF_NAME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
