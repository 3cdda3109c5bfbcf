"""Which image a layer shows: told from public layer attributes, without Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

CRATE_NAME = "ro-crate-metadata.json"
METADATA_KEY = "napari-fair"
"""The one key of ``layer.metadata`` that is used; it holds the id of an image and nothing else."""

_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]+://", re.IGNORECASE)


class SubjectKind(StrEnum):
    """Where the pixels of the active layer are."""

    NOTHING = "nothing"
    FILE = "file"
    CRATE = "crate"
    DRAFT = "draft"
    ADDRESS = "address"
    GONE = "gone"


@dataclass(frozen=True)
class Subject:
    """What the dock looks at.

    Attributes
    ----------
    path
        The image's file or store, or the crate for an image that was reopened from its record.
    name
        What to call it before its header was read.
    key
        The layer's id for images without a file; layers of one file share an empty key.
    image
        Id of the image, known only for layers that were opened from a crate.
    """

    kind: SubjectKind
    path: Path | None = None
    name: str = ""
    key: str = ""
    image: str = ""


NOTHING = Subject(SubjectKind.NOTHING)


def subject_of(layer: Any) -> Subject:
    """Return the image that a layer is a view of.

    Layers of one file have equal subjects, so switching between the channels of one image
    changes nothing.
    """
    if layer is None:
        return NOTHING
    text = layer.source.path
    if not text:
        return Subject(SubjectKind.DRAFT, name=layer.name, key=str(layer.unique_id))
    if _ADDRESS.match(str(text)):
        return Subject(SubjectKind.ADDRESS, name=str(text), key=str(layer.unique_id))
    path = Path(text).absolute()
    if not path.exists():
        return Subject(SubjectKind.GONE, path, path.name)
    image = _image_id(layer)
    if image and _is_crate(path):
        return Subject(SubjectKind.CRATE, path, path.name, image=image)
    return Subject(SubjectKind.FILE, path, path.name)


def has_annotations(layer: Any) -> bool:
    """Return whether a layer holds marks on images: labels, points or shapes."""
    from napari.layers import Labels, Points, Shapes

    return isinstance(layer, Labels | Points | Shapes)


def is_drawn(layer: Any) -> bool:
    """Return whether a layer holds marks that no file holds: it belongs to the image shown."""
    return has_annotations(layer) and not layer.source.path


def sentence_for(subject: Subject) -> str:
    """Return why an image cannot be saved as it is and what to do; empty when it can."""
    match subject.kind:
        case SubjectKind.DRAFT:
            return (
                "This layer has no file yet. What you type is kept as a draft; "
                "Save asks where the image is or should go."
            )
        case SubjectKind.ADDRESS:
            return (
                "This image lies at a web address. What you type is kept as a draft; "
                "Save asks for a copy on your disk."
            )
        case SubjectKind.GONE:
            return f"“{subject.name}” is no longer there. Move it back, or open it where it is now."
        case SubjectKind.NOTHING:
            return "Open an image, or select its layer, to describe it."
        case _:
            return ""


def _image_id(layer: Any) -> str:
    value = layer.metadata.get(METADATA_KEY)
    return value if isinstance(value, str) else ""


def _is_crate(path: Path) -> bool:
    return path.name == CRATE_NAME or (path.is_dir() and (path / CRATE_NAME).is_file())
