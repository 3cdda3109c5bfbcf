"""DeltaVision DV, R3D and D3D: a header of 1024 bytes, then one record for each section.

The Priism/IVE image format, in the byte order of the machine that wrote it. Lengths are µm,
wavelengths nm, times seconds.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from napari_fair.headers.deltavision_lenses import lenses
from napari_fair.headers.lens_names import record_lens_name
from napari_fair.headers.sheet import Findings, Sheet
from napari_fair.headers.time_points import record_even_step
from napari_fair.headers.window import Window, window
from napari_fair.model import Trust

_HEADER = 1024
_WHERE = "DeltaVision header"
_SECTIONS = "DeltaVision extended header"
_TYPES = {
    0: ("uint8", 1),
    1: ("int16", 2),
    2: ("float32", 4),
    4: ("complex64", 8),
    6: ("uint16", 2),
    7: ("int32", 4),
}
# which axis runs fastest, by the header's number of the sequence
_SEQUENCES = {0: "ztc", 1: "czt", 2: "zct"}
_MAX_TIMES = 100_000
_MOST_CHANNELS = 5
_STAMP, _STAGE, _EXPOSURE, _EXCITATION = 1, 2, 8, 10
_LOG_BYTES = 1 << 16
_LOG_DATE = "%a %b %d %H:%M:%S %Y"


@dataclass(frozen=True, slots=True)
class _Header:
    order: str
    width: int
    height: int
    sections: int
    type: int
    sizes: tuple[float, float, float]
    extended: int
    integers: int
    floats: int
    lens: int
    times: int
    sequence: int
    wavelengths: tuple[int, ...]

    @property
    def channels(self) -> int:
        return max(1, len(self.wavelengths))

    @property
    def depth(self) -> int:
        return max(1, self.sections // (self.channels * self.times))

    def section(self, **at: int) -> int:
        """Return the number of the section of a plane."""
        sizes = {"z": self.depth, "c": self.channels, "t": self.times}
        number, stride = 0, 1
        for axis in _SEQUENCES.get(self.sequence, "ztc"):
            number += at.get(axis, 0) * stride
            stride *= sizes[axis]
        return number


def read_deltavision(path: Path, findings: Findings) -> None:
    """Read a DeltaVision file, and the log that softWoRx leaves beside it."""
    findings.format = "DeltaVision"
    with window(path) as file:
        header = _header(file)
        if header is None:
            findings.damage(f"{path.name!r} is cut off inside its header.")
            return
        sheet = findings.sheet()
        _record_sizes(sheet, header, file, path, findings)
        _record_waves(sheet, header)
        _record_lens(sheet, header)
        _record_sections(sheet, header, file)
    _record_log(sheet, path, findings)


def _header(file: Window) -> _Header | None:
    data = file.read(0, _HEADER)
    if len(data) < _HEADER:
        return None
    order = "<" if data[96:98] == b"\xa0\xc0" else ">"
    width, height, sections, type_ = struct.unpack_from(f"{order}4i", data, 0)
    integers, floats = struct.unpack_from(f"{order}2h", data, 128)
    times, sequence = struct.unpack_from(f"{order}Hh", data, 180)
    count, *waves = struct.unpack_from(f"{order}6h", data, 196)
    return _Header(
        order,
        width,
        height,
        sections,
        type_,
        struct.unpack_from(f"{order}3f", data, 40),
        max(0, struct.unpack_from(f"{order}i", data, 92)[0]),
        max(0, integers),
        max(0, floats),
        struct.unpack_from(f"{order}h", data, 162)[0],
        max(1, times),
        sequence,
        tuple(waves[: max(0, min(count, _MOST_CHANNELS))]),
    )


def _record_sizes(
    sheet: Sheet, header: _Header, file: Window, path: Path, findings: Findings
) -> None:
    sheet.size("image.size_x", header.width, _WHERE)
    sheet.size("image.size_y", header.height, _WHERE)
    planes = header.depth * header.channels * header.times
    if planes != header.sections:
        findings.damage(
            f"{path.name!r} says {header.sections} sections but {header.channels} channels and "
            f"{header.times} time points; its sizes are doubtful."
        )
    sheet.size("image.size_z", header.depth, _WHERE)
    sheet.size("image.size_c", header.channels, _WHERE)
    sheet.size("image.size_t", header.times, _WHERE)
    name, width = _TYPES.get(header.type, ("", 0))
    if name:
        sheet.state("image.dtype", name, _WHERE)
        needed = header.width * header.height * header.sections * width
        if _HEADER + header.extended + needed > file.size:
            findings.damage(f"{path.name!r} is cut off: pixels lie beyond its end.")
    for axis, size in zip("xyz", header.sizes, strict=True):
        if size > 0:
            number = float(f"{size:.8g}")  # a 32-bit number
            sheet.quantity(f"image.physical_size_{axis}", number, "\u00b5m", _WHERE)


def _record_waves(sheet: Sheet, header: _Header) -> None:
    for index, wave in enumerate(header.wavelengths):
        if wave > 0:
            path = f"channel.{index}.emission_wavelength"
            sheet.quantity(path, wave, "nm", f"{_WHERE}: wavelength {index + 1}")


def _record_lens(sheet: Sheet, header: _Header) -> None:
    lens = lenses().get(header.lens)
    if lens is None:
        return
    where, number = f"{_WHERE}: lens number", str(header.lens)
    # The file holds the number only; its meaning is the same on all DeltaVisions.
    known = {
        "manufacturer": lens.manufacturer,
        "model": lens.model,
        "nominal_magnification": lens.magnification,
        "lens_na": lens.aperture,
        "immersion": lens.immersion,
    }
    for name, value in known.items():
        if value:
            path = f"objective.{name}"
            sheet.state(path, value, where, trust=Trust.DERIVED, original=number)
    if lens.working_distance:
        path = "objective.working_distance"
        sheet.quantity(path, lens.working_distance, "mm", where, trust=Trust.DERIVED)


def _record_sections(sheet: Sheet, header: _Header, file: Window) -> None:
    """Record what the sections' records say: 8 integers and 32 numbers each, usually."""
    if header.floats <= _EXCITATION:
        return
    place = f"{_SECTIONS}, section 0"
    for channel in range(header.channels):
        numbers = _numbers(file, header, header.section(c=channel))
        if numbers is None:
            return
        path = f"channel.{channel}"
        if _plausible(numbers[_EXPOSURE], 0, 1e4):
            seconds = float(f"{numbers[_EXPOSURE]:.7g}")
            sheet.quantity(f"{path}.exposure_time", seconds, "s", f"{_SECTIONS}: exposure")
        if _plausible(numbers[_EXCITATION], 100, 3000):
            wave = float(f"{numbers[_EXCITATION]:.7g}")
            sheet.quantity(f"{path}.excitation_wavelength", wave, "nm", f"{_SECTIONS}: excitation")
        if channel == 0:
            for axis, number in zip("xyz", numbers[_STAGE : _STAGE + 3], strict=True):
                if number != 0 and abs(number) < 1e7:
                    micrometres = float(f"{number:.8g}")
                    sheet.quantity(f"image.stage_{axis}", micrometres, "\u00b5m", place)
    if header.times > 1:
        _record_times(sheet, header, file)


def _record_times(sheet: Sheet, header: _Header, file: Window) -> None:
    stamps = []
    for time in range(min(header.times, _MAX_TIMES)):
        numbers = _numbers(file, header, header.section(t=time))
        if numbers is None:
            return
        stamps.append(numbers[_STAMP])
    record_even_step(sheet, stamps, f"{_SECTIONS}: time stamps")


def _numbers(file: Window, header: _Header, section: int) -> Sequence[float] | None:
    length = 4 * (header.integers + header.floats)
    if (section + 1) * length > header.extended:
        return None
    offset = _HEADER + section * length + 4 * header.integers
    return file.unpack(f"{header.order}{header.floats}f", offset)


def _plausible(number: float, low: float, high: float) -> bool:
    return low < number < high


def _record_log(sheet: Sheet, path: Path, findings: Findings) -> None:
    for log in (path.with_name(path.name + ".log"), path.with_suffix(".log")):
        if log.is_file():
            break
    else:
        return
    with log.open("rb") as stream:
        lines = stream.read(_LOG_BYTES).decode("latin-1").splitlines()
    held: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        held.setdefault(name.strip(), value.strip())
    if "Created" not in held and "Objective" not in held:
        return
    findings.files = [str(path.absolute()), str(log.absolute())]
    where = f"{log.name}: "
    _record_log_date(sheet, held.get("Created", ""), where)
    lens = held.get("Objective", "")
    if lens:
        for place in [place for place in sheet.facts if place.startswith("objective.")]:
            del sheet.facts[place]
        sheet.text("objective.model", lens, f"{where}Objective")
        record_lens_name(sheet, lens, f"{where}Objective")


def _record_log_date(sheet: Sheet, written: str, where: str) -> None:
    try:
        date = datetime.strptime(written, _LOG_DATE).isoformat()
    except ValueError:
        return
    sheet.date("image.acquisition_date", date, f"{where}Created", original=written)
