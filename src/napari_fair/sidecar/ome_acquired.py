"""What an acquisition told beyond fields, in OME-XML: planes, device states, event notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_fair.sidecar.ome_annotations import Annotations
from napari_fair.sidecar.ome_names import NS
from napari_fair.sidecar.ome_xml import element, insert

if TYPE_CHECKING:
    from lxml import etree

    from napari_fair.model import EventNote, ImageSource, Plane, Planes
    from napari_fair.sidecar.ome_pairs import Pairs

STATES, EVENT = "device_states", "event"

_MICROMETRE = "\u00b5m"


def write_planes(image: etree._Element, planes: Planes | None) -> None:
    """Write the planes of an image, unless its document has planes of its own.

    Planes that the image's sizes leave no room for are left out: a `Plane` beyond them would
    point nowhere.
    """
    pixels = image.find(NS + "Pixels")
    if planes is None or pixels is None or pixels.find(NS + "Plane") is not None:
        return
    sizes = {axis: int(pixels.get(f"Size{axis}") or 1) for axis in "ZCT"}
    for plane in planes.rows():
        if plane.the_z < sizes["Z"] and plane.the_c < sizes["C"] and plane.the_t < sizes["T"]:
            insert(pixels, _plane(plane))


def _plane(plane: Plane) -> etree._Element:
    made = element("Plane", TheZ=str(plane.the_z), TheT=str(plane.the_t), TheC=str(plane.the_c))
    for name, value in (("DeltaT", plane.delta_t), ("ExposureTime", plane.exposure_time)):
        if value is not None:
            made.set(name, repr(value))
            made.set(f"{name}Unit", "s")
    positions = (plane.position_x, plane.position_y, plane.position_z)
    for axis, value in zip("XYZ", positions, strict=True):
        if value is not None:
            made.set(f"Position{axis}", repr(value))
            made.set(f"Position{axis}Unit", _MICROMETRE)
    return made


def annotate_acquisition(
    node: etree._Element,
    annotations: Annotations,
    source: ImageSource,
    notes: list[EventNote],
) -> None:
    """Annotate an image with the states of the devices and with what was noted meanwhile."""
    annotations.link(node, STATES, [(state.key, state.value) for state in source.states])
    for note in notes:
        annotations.link(node, EVENT, note_pairs(note))


def note_pairs(note: EventNote) -> Pairs:
    """Return an event note as pairs; frames are counted from 0, positions in micrometres."""
    places = {
        "TheT": note.the_t,
        "TheC": note.the_c,
        "TheZ": note.the_z,
        "PositionX": note.position_x,
        "PositionY": note.position_y,
        "PositionZ": note.position_z,
    }
    pairs = [("Id", note.id), ("Time", note.time), ("Text", note.text), ("Author", note.author)]
    pairs += [(name, repr(value)) for name, value in places.items() if value is not None]
    return [(name, text) for name, text in pairs if text]
