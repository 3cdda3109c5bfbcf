"""OME-XML sidecars: their names, writing them from the record, and what a lone one gives back.

Everything here imports lxml and the schema only when it is first used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_fair.sidecar.ome_names import is_tiff, sidecar_name

if TYPE_CHECKING:
    from napari_fair.model import (
        Dataset,
        EventNote,
        ImageSource,
        KeyValue,
        Planes,
        Recorded,
        SourceFile,
    )

__all__ = [
    "LoneImage",
    "LoneSidecar",
    "OmeSidecar",
    "is_ours",
    "is_tiff",
    "project",
    "read_sidecar",
    "schema_errors",
    "sidecar_name",
    "why_not",
]


@dataclass(frozen=True)
class OmeSidecar:
    """An OME-XML sidecar ready to be written.

    Attributes
    ----------
    data
        The document, schema-valid; the same record gives the same bytes.
    notes
        Sentences for people: what was upgraded, moved away or could not be said.
    path
        Where it belongs: the path that was asked for or, when a companion file cannot point at
        the planes, the ``.omexml`` beside it. Whoever writes checks that this one is free.
    """

    data: bytes = field(repr=False)
    notes: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True)
class LoneImage:
    """What a sidecar says about one image.

    Attributes
    ----------
    values
        Values by path, of origin ``sidecar``.
    texts
        Text forms by path of what needs blocks of the record: people and instruments.
    pairs
        Its own free key-value pairs.
    planes, notes
        When and where each plane was taken, and what was noted meanwhile (without the image's id).
    """

    values: dict[str, Recorded[Any]]
    texts: dict[str, str]
    pairs: tuple[KeyValue, ...] = ()
    planes: Planes | None = None
    notes: tuple[EventNote, ...] = ()


@dataclass(frozen=True)
class LoneSidecar:
    """What an OME-XML sidecar of ours says when it is found without a crate.

    Attributes
    ----------
    files
        The source's files: path relative to the sidecar, size, SHA-256 (empty while pending).
    values, texts
        What all images share, as in `LoneImage`.
    images
        What each image says beyond that, in the document's order.
    pairs
        Free key-value pairs of the blocks that all images use, by the kind of block.
    states
        What the devices of the microscope were set to.
    """

    files: tuple[SourceFile, ...]
    values: dict[str, Recorded[Any]]
    texts: dict[str, str]
    images: tuple[LoneImage, ...]
    pairs: dict[str, tuple[KeyValue, ...]] = field(default_factory=dict)
    states: tuple[KeyValue, ...] = ()


def project(
    dataset: Dataset, source: ImageSource, *, ome_xml: bytes | None, sidecar_path: str
) -> OmeSidecar | None:
    """Return a source's record as OME-XML.

    Parameters
    ----------
    dataset, source
        The record and its source.
    ome_xml
        The source's own OME-XML. The result is then that document with our additions, and with
        what makes it invalid moved to an annotation.
    sidecar_path
        Where it will lie, relative to the same folder as the source's paths. A name that ends in
        ``.companion.ome`` makes it point at the source's TIFF files, any other describes only.

    Returns
    -------
    OmeSidecar or None
        None when there is no valid document, e.g. because sizes are unknown; `why_not` says why.
    """
    from napari_fair.sidecar.ome_projection import CannotProject, project_source

    try:
        data, path, notes = project_source(dataset, source, ome_xml, sidecar_path)
    except CannotProject:
        return None
    return OmeSidecar(data, notes, path)


def why_not(
    dataset: Dataset, source: ImageSource, *, ome_xml: bytes | None, sidecar_path: str
) -> str:
    """Return the sentence that says why `project` gives None, empty when it does not."""
    from napari_fair.sidecar.ome_projection import CannotProject, project_source

    try:
        project_source(dataset, source, ome_xml, sidecar_path)
    except CannotProject as error:
        return str(error)
    return ""


def is_ours(data: bytes) -> bool:
    """Return whether an OME-XML document is a sidecar that this package wrote.

    It is when it begins with our mark and has the annotation that identifies the source. A file
    that other software converted from one of ours lacks the mark.
    """
    from napari_fair.sidecar.ome_lone import has_own_annotation

    return has_own_annotation(data)


def read_sidecar(data: bytes, *, where: str = "") -> LoneSidecar:
    """Return what a lone sidecar of ours gives back.

    Parameters
    ----------
    data
        The document.
    where
        Its name, kept with the values.

    Raises
    ------
    napari_fair.files.FairError
        If it cannot be read at all.
    """
    from napari_fair.sidecar.ome_lone import read_acquired, read_lone

    files, found = read_lone(data, where)
    values, texts = _common([v for v, _, _ in found]), _common([t for _, t, _ in found])
    acquired = read_acquired(data)
    images = tuple(
        LoneImage(_beyond(v, values), _beyond(t, texts), p.get("image", ()), planes, notes)
        for (v, t, p), (planes, notes, _) in zip(found, acquired, strict=True)
    )
    states = next((states for _, _, states in acquired if states), ())
    pairs = _common_pairs([p for _, _, p in found])
    return LoneSidecar(files, values, texts, images, pairs, states)


def schema_errors(data: bytes) -> list[str]:
    """Return what the official OME 2016-06 schema says against a document; empty when valid."""
    from napari_fair.sidecar.ome_schema import schema_errors as errors

    return errors(data)


def _common(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what all images say alike and is no fact of a single image."""
    from napari_fair.model import fields

    first, *others = found or [{}]
    return {
        path: value
        for path, value in first.items()
        if path in fields()
        and not fields()[path].per_image
        and all(other.get(path) == value for other in others)
    }


def _common_pairs(
    found: list[dict[str, tuple[KeyValue, ...]]],
) -> dict[str, tuple[KeyValue, ...]]:
    """Return the pairs of blocks that are the same for all images."""
    first, *others = found or [{}]
    return {
        kind: pairs
        for kind, pairs in first.items()
        if kind != "image" and all(other.get(kind) == pairs for other in others)
    }


def _beyond(values: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    return {path: value for path, value in values.items() if path not in common}
