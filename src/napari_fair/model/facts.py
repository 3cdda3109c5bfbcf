"""What a file says about itself: light forms, so that asking a file takes a moment only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_fair.model.origin import Origin, State, Trust

if TYPE_CHECKING:
    from napari_fair.model.blocks import KeyValue
    from napari_fair.model.planes import Planes


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that a file states; its attributes are those of `Recorded`.

    Nothing is validated here: readers keep only what fits the field, and `recorded_facts`
    validates what joins a record.
    """

    value: Any = None
    state: State = State.GIVEN
    origin: str = Origin.HEADER.value
    where: str = ""
    trust: Trust = Trust.STATED
    original: str = ""

    @property
    def given(self) -> bool:
        """Whether there is a value."""
        return self.state is State.GIVEN


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """The facts of one image of a file, by path, and what is known of each of its planes.

    Attributes
    ----------
    others
        What a second place in the file says about some of the `facts`, where it differs.
    """

    index: int
    facts: Mapping[str, Fact] = field(default_factory=dict)
    others: Mapping[str, Fact] = field(default_factory=dict)
    planes: Planes | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What a file, set or store says about itself, read without its pixels.

    Attributes
    ----------
    path
        The path that was asked for.
    format
        The format's name, e.g. ``OME-TIFF``; empty when it was not recognised.
    images
        One entry a scene, series or position, in the file's order.
    files
        Absolute paths of all files of the set, the first one first.
    store
        Whether the source is a folder (OME-Zarr).
    warnings
        Sentences for people: what is wrong or doubtful, and what to do.
    damaged
        Whether the file or its metadata is broken; `images` then holds what could be read.
    states
        The properties of the microscope's devices, when an acquisition told them.
    ome_xml
        The file's own OME-XML document, byte for byte, if it has one.
    """

    path: str
    format: str = ""
    images: tuple[ImageHeader, ...] = ()
    files: tuple[str, ...] = ()
    store: bool = False
    warnings: tuple[str, ...] = ()
    damaged: bool = False
    states: tuple[KeyValue, ...] = ()
    ome_xml: bytes | None = field(default=None, repr=False)
