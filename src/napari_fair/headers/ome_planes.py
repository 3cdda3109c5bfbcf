"""What the planes of an image say together: exposure, time step, first stage position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import isclose

from napari_fair.headers.sheet import Sheet, as_integer, as_number
from napari_fair.model import Trust
from napari_fair.model.units import convert

_EVEN = 0.05
_FEWEST_TIMES = 3
_ENOUGH = 2  # to know that they differ
_MOST_CHANNELS = 10_000


@dataclass
class PlaneSummary:
    """Summed up while the document is parsed, so that 100,000 planes take no memory.

    Attributes
    ----------
    planes
        How many there were.
    exposures
        The exposure texts, with units, seen in each channel.
    times
        Seconds from the start by time point, of the first channel and focal plane.
    position
        Stage position of the first plane, attribute names and texts.
    first_ifd
        Which directory of which file holds the first plane, -1 when unsaid.
    """

    planes: int = 0
    exposures: dict[str, set[tuple[str, str | None]]] = field(default_factory=dict)
    times: dict[int, float] = field(default_factory=dict)
    position: dict[str, str] = field(default_factory=dict)
    first_ifd: int = -1

    def add(self, tag: str, held: Mapping[str, str]) -> None:
        """Take in one ``Plane`` or ``TiffData`` element by its attributes."""
        if tag == "TiffData":
            if self.first_ifd < 0:
                self.first_ifd = as_integer(held.get("IFD", "0")) or 0
            return
        if not self.planes:
            self.position = {k: v for k, v in held.items() if k.startswith("Position")}
        self.planes += 1
        channel = held.get("TheC", "0")
        exposure = held.get("ExposureTime")
        if exposure is not None:
            seen = self.exposures.get(channel)
            if seen is None:
                seen = self.exposures[channel] = set()
            if len(seen) < _ENOUGH:
                seen.add((exposure, held.get("ExposureTimeUnit")))
        if channel == "0" and held.get("TheZ", "0") == "0" and "DeltaT" in held:
            self._time(held)

    def _time(self, held: Mapping[str, str]) -> None:
        point, written = as_integer(held.get("TheT", "0")), as_number(held["DeltaT"])
        if point is None or written is None:
            return
        seconds = convert(written, held.get("DeltaTUnit", "s"), "s")
        if seconds is not None:
            self.times.setdefault(point, seconds)

    def record(self, sheet: Sheet, place: str) -> None:
        """Write what the planes agree on; `place` is where the ``Pixels`` element lies."""
        for written_channel, seen in self.exposures.items():
            channel = as_integer(written_channel)
            if len(seen) == 1 and channel is not None and 0 <= channel < _MOST_CHANNELS:
                written, unit = next(iter(seen))
                if as_number(written) == 0:
                    continue
                path, where = f"channel.{channel}.exposure_time", f"{place}/Plane/@ExposureTime"
                sheet.quantity(path, written, unit, where, default="s")
        self._record_step(sheet, place)
        self._record_position(sheet, place)

    def _record_step(self, sheet: Sheet, place: str) -> None:
        if "image.time_increment" in sheet.facts or len(self.times) < _FEWEST_TIMES:
            return
        times = [self.times[point] for point in sorted(self.times)]
        if sorted(self.times) != list(range(len(times))):
            return
        mean = (times[-1] - times[0]) / (len(times) - 1)
        steps = [later - earlier for earlier, later in pairwise(times)]
        if mean > 0 and all(isclose(step, mean, rel_tol=_EVEN) for step in steps):
            sheet.quantity(
                "image.time_increment",
                float(f"{mean:.6g}"),
                "s",
                f"{place}/Plane/@DeltaT",
                trust=Trust.DERIVED,
            )

    def _record_position(self, sheet: Sheet, place: str) -> None:
        for axis in "XYZ":
            written = self.position.get(f"Position{axis}")
            unit = self.position.get(f"Position{axis}Unit", "reference frame")
            # The schema's default unit is a frame of the stage's own, which no length follows from.
            if written is not None and convert(1.0, unit, "m") is not None:
                path, where = f"image.stage_{axis.lower()}", f"{place}/Plane[0]/@Position{axis}"
                sheet.quantity(path, written, unit, where)
