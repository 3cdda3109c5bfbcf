"""What a file says about itself."""

from __future__ import annotations

from pydantic import Field

from napari_fair.model.fields import KeyValue
from napari_fair.model.image import Facts
from napari_fair.model.origin import Frozen
from napari_fair.model.planes import Planes


class ImageHeader(Frozen):
    """The facts of one image of a file, by path, and what is known of each of its planes.

    Attributes
    ----------
    others
        What a second place in the file says about some of the `facts`, where it differs.
    """

    index: int
    facts: Facts = {}
    others: Facts = {}
    planes: Planes | None = None


class Header(Frozen):
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
    ome_xml: bytes | None = Field(default=None, repr=False)
