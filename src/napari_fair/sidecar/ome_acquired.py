"""What an acquisition told beyond fields, in OME-XML: planes, device states, event notes."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from napari_fair.model import EventNote, KeyValue, Plane, Planes
from napari_fair.sidecar.ome_annotations import Annotations
from napari_fair.sidecar.ome_names import NS
from napari_fair.sidecar.ome_xml import element, insert

if TYPE_CHECKING:
    from lxml import etree

    from napari_fair.model import ImageSource
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


# ---- and back --------------------------------------------------------------------------------

_T = TypeVar("_T")
_PLANE = {
    "DeltaT": ("DeltaTUnit", "s"),
    "ExposureTime": ("ExposureTimeUnit", "s"),
    "PositionX": ("PositionXUnit", _MICROMETRE),
    "PositionY": ("PositionYUnit", _MICROMETRE),
    "PositionZ": ("PositionZUnit", _MICROMETRE),
}
_DEFAULTS = {"DeltaTUnit": "s", "ExposureTimeUnit": "s"}


def read_planes(image: etree._Element) -> Planes | None:
    """Return the planes of an image as `write_planes` writes them; None when it has none.

    A value in another unit than ours is left out: it was not written here.
    """
    found = [plane for node in image.iterfind(f"{NS}Pixels/{NS}Plane") if (plane := _read(node))]
    return Planes.of(found) if found else None


def _read(node: etree._Element) -> Plane | None:
    places = [_parsed(int, node.get(name)) for name in ("TheZ", "TheC", "TheT")]
    z, c, t = places
    if z is None or c is None or t is None or min(z, c, t) < 0:
        return None
    values = [
        _parsed(_finite, node.get(name)) if node.get(of, _DEFAULTS.get(of)) == unit else None
        for name, (of, unit) in _PLANE.items()
    ]
    return Plane(z, c, t, *values)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _parsed(kind: Callable[[str], _T], text: str | None) -> _T | None:
    try:
        return kind(text) if text is not None and len(text) < 40 else None
    except ValueError:
        return None


def read_states(pairs: Pairs) -> tuple[KeyValue, ...]:
    """Return states of devices from their pairs."""
    return tuple(KeyValue(key=key, value=value) for key, value in pairs if key)


def read_note(pairs: Pairs) -> EventNote | None:
    """Return an event note from its pairs; None when it lacks its id, time or text."""
    said: dict[str, Any] = dict(pairs)
    if not all(said.get(name) for name in ("Id", "Time", "Text")):
        return None
    counts = {f"the_{axis}": _parsed(int, said.get(f"The{axis.upper()}")) for axis in "tcz"}
    places = {
        f"position_{axis}": _parsed(_finite, said.get(f"Position{axis.upper()}")) for axis in "xyz"
    }
    told = {"id": said["Id"], "time": said["Time"], "text": said["Text"]}
    return EventNote(**told, author=said.get("Author", ""), **counts, **places)
