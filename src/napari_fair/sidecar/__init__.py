"""The record as sidecars that others read: RO-Crate, which is the record, and OME-XML."""

from __future__ import annotations

from napari_fair.sidecar.crate import (
    CrateContents,
    contents_again,
    crate_bytes,
    parse_crate,
    read_crate,
)
from napari_fair.sidecar.crate_lines import CrateLines
from napari_fair.sidecar.crate_terms import METADATA_FILE

__all__ = [
    "METADATA_FILE",
    "CrateContents",
    "CrateLines",
    "contents_again",
    "crate_bytes",
    "parse_crate",
    "read_crate",
]
