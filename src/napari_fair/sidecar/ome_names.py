"""What OME sidecars are called, and the namespaces they use."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_fair.model import ImageSource

OME = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
NS = f"{{{OME}}}"
REMBI = "https://w3id.org/napari-fair/rembi/v1/"
"""Namespace of our map annotations; the name of a component follows."""
OWN_ID = "Annotation:napari-fair:"
"""How the ids of our annotations begin."""
MARK = "<!-- napari-fair sidecar: ro-crate-metadata.json holds the record this was written from -->"
"""First line of our sidecars; whoever converts one leaves it out."""
COMPANION = ".companion.ome"
METADATA_ONLY = ".omexml"
TIFF_FORMATS = frozenset({"OME-TIFF", "ImageJ TIFF", "TIFF"})

# File systems allow 255 bytes; replacing a file needs some of them for a temporary name.
_LONGEST_NAME = 230


def sidecar_name(
    source: ImageSource,
    *,
    has_foreign_companion: bool = False,
    metadata_only: bool = False,
    exists: Callable[[str], bool],
) -> str:
    """Return the path of a source's OME-XML sidecar.

    Parameters
    ----------
    source
        The image source; the sidecar lies in the folder of its first file.
    has_foreign_companion
        Whether a companion file that is not ours describes the source already.
    metadata_only
        Whether to take the name of a sidecar that does not point at pixels in any case.
    exists
        Tells whether a path is taken by a file that is not ours.

    Returns
    -------
    str
        Path relative to the same folder as the source's paths, ``/`` between parts.

    Notes
    -----
    Bio-Formats takes ``.companion.ome`` for the description of TIFF files, fails on one that
    points at anything else, and opens any ``.ome.xml`` as an image with empty pixels; it leaves
    ``.omexml`` alone.
    """
    folder, slash, name = source.path.rstrip("/").rpartition("/")
    companion = is_tiff(source) and not has_foreign_companion and not metadata_only
    for suffix in _suffixes(companion=companion):
        path = folder + slash + _fitting(name, suffix)
        if not exists(path):
            return path
    raise AssertionError("unreachable")  # the suffixes never end


def is_tiff(source: ImageSource) -> bool:
    """Return whether a companion file can point at the source's pixels."""
    return source.format in TIFF_FORMATS and not source.store


def without_pixels(sidecar_path: str) -> str:
    """Return the name to use instead when a companion file cannot point at the pixels."""
    if not sidecar_path.endswith(COMPANION):
        return sidecar_path
    return sidecar_path.removesuffix(COMPANION) + METADATA_ONLY


def _suffixes(*, companion: bool) -> Iterator[str]:
    if companion:
        yield COMPANION
    yield METADATA_ONLY
    yield ".fair" + METADATA_ONLY
    number = 2
    while True:
        yield f".fair-{number}{METADATA_ONLY}"
        number += 1


def _fitting(name: str, suffix: str) -> str:
    encoded = name.encode("utf-8", "surrogatepass")
    room = _LONGEST_NAME - len(suffix)
    if len(encoded) <= room:
        return name + suffix
    mark = f"~{sha256(encoded).hexdigest()[:10]}"
    return encoded[: room - len(mark)].decode("utf-8", "ignore") + mark + suffix
