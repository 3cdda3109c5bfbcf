"""Frames as they come: which plane of which image each one is, kept as a short row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NamedTuple

from napari_fair.model import Plane

Place = tuple[int, int]
"""Position and tile of an image in the sequence; each pair is an image."""


class Frame(NamedTuple):
    """One frame: its image, its plane, and the camera that took it."""

    place: Place
    plane: Plane
    camera: str


def frame_of(index: Mapping[str, int], meta: Mapping[str, Any]) -> Frame:
    """Return a frame by its event's index and its metadata (`FrameMetaV1`).

    Times are seconds since the acquisition began, positions micrometres.
    """
    position = meta.get("position") or {}
    plane = Plane(
        index.get("z", 0),
        index.get("c", 0),
        index.get("t", 0),
        _seconds(meta.get("runner_time_ms")),
        _seconds(meta.get("exposure_ms")),
        _number(position.get("x")),
        _number(position.get("y")),
        _number(position.get("z")),
    )
    place = (index.get("p", 0), index.get("g", 0))
    return Frame(place, plane, str(meta.get("camera_device") or ""))


def _number(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    # -0.0 is what a stage at rest reports; it is the same place
    return number + 0.0 if isfinite(number) else None


def _seconds(milliseconds: Any) -> float | None:
    number = _number(milliseconds)
    return None if number is None or number < 0 else number / 1000


@dataclass
class Frames:
    """The frames of an acquisition so far, by image.

    Attributes
    ----------
    planes
        The planes of each image in the order they were taken.
    states
        What the channel's devices were set to, by the channel's number.
    cameras
        In order of their first frame; several that see the same event are channels of their own.
    """

    planes: dict[Place, list[Plane]] = field(default_factory=dict)
    states: dict[int, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    cameras: list[str] = field(default_factory=list)
    count: int = 0
    last: Frame | None = None

    def add(self, frame: Frame, states: Any = ()) -> None:
        """Take a frame in; `states` are the channel's device properties."""
        self.count += 1
        self.last = frame
        if frame.camera not in self.cameras:
            self.cameras.append(frame.camera)
        channel = frame.plane.the_c
        if channel not in self.states and states:
            self.states[channel] = tuple(
                (str(held["dev"]), str(held["prop"]), str(held["val"])) for held in states
            )
        self.planes.setdefault(frame.place, []).append(frame.plane)
        self._by_camera.setdefault(frame.place, []).append(self.cameras.index(frame.camera))

    _by_camera: dict[Place, list[int]] = field(default_factory=dict)

    def images(self) -> Iterator[tuple[Place, list[Plane]]]:
        """Yield the images in the order of the sequence, each with its planes."""
        number = len(self.cameras)
        for place in sorted(self.planes):
            planes = self.planes[place]
            if number > 1:
                pairs = zip(planes, self._by_camera[place], strict=True)
                planes = [p._replace(the_c=p.the_c * number + camera) for p, camera in pairs]
            yield place, planes
