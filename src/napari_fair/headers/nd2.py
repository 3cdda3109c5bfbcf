"""Nikon ND2, through the package nd2 (BSD-3-Clause): chunk map, metadata and first frames only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from napari_fair.headers.lens_names import record_lens_name
from napari_fair.headers.nd2_attributes import record_attributes
from napari_fair.headers.nd2_dates import acquisition_date
from napari_fair.headers.nd2_words import CONTRASTS, MODES, immersion_of
from napari_fair.headers.ome_channels import record_word
from napari_fair.headers.ome_words import BINNINGS
from napari_fair.headers.optional import MissingReader, optional, quiet
from napari_fair.headers.sheet import Findings, Sheet, as_number
from napari_fair.headers.window import window
from napari_fair.model import Trust

_WHERE = "ND2: "
_MAX_POSITIONS = 10_000
_MOST_CHANNELS = 1000
_PLANE = re.compile(r"^Plane #\d+:", re.MULTILINE)
_EXPOSURE = re.compile(r"\{?Exposure(?: Time)?\}?:[ \t]*(\d+(?:[.,]\d+)?)[ \t]*(ms|\u00b5s|us|s)\b")
_BINNING = re.compile(r"\{?Binning\}?:[ \t]*(\d+x\d+)")
_CAMERA = re.compile(r"^[ \t]*Camera (?:Name|Type):[ \t]*(\S[^\r\n]*)", re.MULTILINE)
_STAND = re.compile(
    r"^[ \t]*(?:Microscope Settings:\s*)?Microscope:[ \t]*(\S[^\r\n]*)", re.MULTILINE
)


def read_nd2(path: Path, findings: Findings) -> None:
    """Read an ND2 file; each stage position is an image."""
    findings.format = "Nikon ND2"
    try:
        package = optional("nd2", "nd2")
    except MissingReader:
        with window(path) as held:
            record_attributes(held, findings)
        raise
    with quiet():
        try:
            opened = package.ND2File(path)
        except Exception as error:
            findings.damage(f"{path.name!r} is cut off or damaged: {_reason(error)}.")
            return
        with closing(opened) as file:
            _Parts(file, path, findings).record()


class _Parts:
    """Asks for one part after the other; a damaged one does not take the others with it."""

    def __init__(self, file: Any, path: Path, findings: Findings) -> None:
        self._file, self._path, self._findings = file, path, findings
        self._broken: list[str] = []

    def record(self) -> None:
        """Record all images."""
        sizes = self._ask("sizes", lambda: dict(self._file.sizes), {})
        dtype = self._ask("pixel type", lambda: str(self._file.dtype), "")
        channels = self._ask("channels", lambda: list(self._file.metadata.channels), [])
        loops = self._ask("experiment", lambda: list(self._file.experiment), [])
        text = self._ask("text", lambda: dict(self._file.text_info), {})
        frame = self._ask("first frame", lambda: self._file.frame_metadata(0).channels[0], None)
        if sizes:
            count = min(int(sizes.get("P", 1)), _MAX_POSITIONS)
            points = _points(loops)
            for position in range(count):
                sheet = self._findings.sheet()
                _record_sizes(sheet, sizes, dtype)
                self._guard("channels", _record_channels, sheet, channels[:_MOST_CHANNELS], text)
                self._guard("loops", _record_loops, sheet, sizes, loops, channels)
                self._guard("date", _record_date, sheet, text, frame)
                self._guard("instrument", _record_instrument, sheet, text)
                point = points[position] if position < len(points) else None
                self._guard("position", _record_position, sheet, point, frame, count)
        if self._broken:
            parts = ", ".join(dict.fromkeys(self._broken))
            self._findings.damage(f"{self._path.name!r} is damaged; not readable: {parts}.")

    def _ask(self, part: str, get: Callable[[], Any], default: Any) -> Any:
        try:
            return get()
        except Exception:  # whatever the reader trips over is damage of this part
            self._broken.append(part)
            return default

    def _guard(self, part: str, record: Callable[..., None], *values: Any) -> None:
        try:
            record(*values)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError):
            self._broken.append(part)


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")


def _points(loops: Sequence[Any]) -> list[Any]:
    for loop in loops:
        if loop.type == "XYPosLoop":
            return list(loop.parameters.points)
    return []


def _record_sizes(sheet: Sheet, sizes: dict[str, int], dtype: str) -> None:
    where = f"{_WHERE}ImageAttributes, experiment"
    held = {axis.upper(): int(size) for axis, size in sizes.items()}
    samples, channels = held.pop("S", 1), held.pop("C", 1)
    sheet.size("image.size_x", held.pop("X", 0), where)
    sheet.size("image.size_y", held.pop("Y", 0), where)
    sheet.size("image.size_z", held.pop("Z", 1), where)
    sheet.size("image.size_c", channels * samples, where)
    held.pop("P", None)
    times = 1
    for size in held.values():  # T, and loops that people defined themselves
        times *= size
    sheet.size("image.size_t", times, where)
    if dtype:
        sheet.state("image.dtype", dtype, f"{_WHERE}ImageAttributes")


def _record_channels(sheet: Sheet, channels: Sequence[Any], text: dict[str, str]) -> None:
    planes = _planes(text.get("description", ""), len(channels))
    for index, held in enumerate(channels):
        path, where = f"channel.{index}", f"{_WHERE}PictureMetadata, plane {index}"
        channel, microscope = held.channel, held.microscope
        sheet.text(f"{path}.name", channel.name, where)
        for name, wave in (
            ("excitation", channel.excitationLambdaNm),
            ("emission", channel.emissionLambdaNm),
        ):
            if as_number(wave):
                sheet.quantity(f"{path}.{name}_wavelength", round(wave, 6), "nm", where)
        color = channel.color
        rgb = f"#{color.r & 255:02x}{color.g & 255:02x}{color.b & 255:02x}"
        sheet.state(f"{path}.color", rgb, where)
        _record_flags(sheet, path, list(microscope.modalityFlags or ()), where)
        if held.volume.componentCount > 1:
            sheet.size(f"{path}.samples_per_pixel", held.volume.componentCount, where)
        exposure = _EXPOSURE.search(planes[index]) if index < len(planes) else None
        if exposure:
            number = exposure[1].replace(",", ".")
            sheet.quantity(f"{path}.exposure_time", number, exposure[2], f"{_WHERE}text info")
    if channels:
        _record_objective(sheet, channels[0])


def _planes(description: str, channels: int) -> list[str]:
    """Return what the description says of each channel; without headings there is one."""
    parts = _PLANE.split(description)[1:]
    if parts:
        return parts if len(parts) == channels else []
    return [description] if channels == 1 else []


def _record_flags(sheet: Sheet, path: str, flags: list[str], where: str) -> None:
    for field, words in (("acquisition_mode", MODES), ("contrast_method", CONTRASTS)):
        for flag, word in words.items():
            if flag in flags:
                original = ", ".join(flags)
                sheet.state(f"{path}.{field}", word, where, trust=Trust.DERIVED, original=original)
                break


def _record_objective(sheet: Sheet, channel: Any) -> None:
    where, microscope = f"{_WHERE}PictureMetadata, objective", channel.microscope
    sheet.text("objective.model", microscope.objectiveName, where)
    if (as_number(microscope.objectiveNumericalAperture) or 0) > 0:
        number = float(f"{microscope.objectiveNumericalAperture:.6g}")
        sheet.number("objective.lens_na", number, where)
    if (as_number(microscope.objectiveMagnification) or 0) > 0:
        sheet.number("objective.nominal_magnification", microscope.objectiveMagnification, where)
    record_lens_name(sheet, microscope.objectiveName or "", where)
    medium = immersion_of(as_number(microscope.immersionRefractiveIndex))
    if medium and "objective.immersion" not in sheet.facts:
        sheet.text("objective.immersion", medium, f"{where}: refractive index", trust=Trust.DERIVED)


def _record_loops(
    sheet: Sheet, sizes: dict[str, int], loops: Sequence[Any], channels: Sequence[Any]
) -> None:
    where = f"{_WHERE}calibration"
    volume = channels[0].volume if channels else None
    if volume is not None:
        for number, axis in enumerate("xyz"):
            size = as_number(volume.axesCalibration[number])
            if volume.axesCalibrated[number] and size and (axis != "z" or sizes.get("Z", 1) > 1):
                sheet.quantity(f"image.physical_size_{axis}", abs(size), "\u00b5m", where)
    for loop in loops:
        if loop.type == "ZStackLoop" and "image.physical_size_z" not in sheet.facts:
            step = as_number(loop.parameters.stepUm)
            if step:
                path = "image.physical_size_z"
                sheet.quantity(path, abs(step), "\u00b5m", f"{_WHERE}ZStackLoop")
        elif loop.type == "TimeLoop" and loop.count > 1:
            _record_period(sheet, loop.parameters)
        elif loop.type == "NETimeLoop" and len(loop.parameters.periods) == 1:
            _record_period(sheet, loop.parameters.periods[0])


def _record_period(sheet: Sheet, parameters: Any) -> None:
    """Record the measured mean of the periods, else the one that was asked for."""
    difference = parameters.periodDiff
    measured = as_number(difference.avg) if difference is not None else None
    if measured and measured > 0:
        where, trust = f"{_WHERE}TimeLoop, measured mean", Trust.DERIVED
        sheet.quantity("image.time_increment", measured, "ms", where, trust=trust)
    elif (as_number(parameters.periodMs) or 0) > 0:
        sheet.quantity("image.time_increment", parameters.periodMs, "ms", f"{_WHERE}TimeLoop")


def _record_date(sheet: Sheet, text: dict[str, str], frame: Any) -> None:
    day = None if frame is None else as_number(frame.time.absoluteJulianDayNumber)
    date = acquisition_date(text.get("date", ""), day)
    if date is not None:
        trust = Trust.STATED if date.stated else Trust.DERIVED
        where = f"{_WHERE}{date.where}"
        sheet.date("image.acquisition_date", date.iso, where, trust=trust, original=date.original)


def _record_instrument(sheet: Sheet, text: dict[str, str]) -> None:
    description, where = text.get("description", ""), f"{_WHERE}text info"
    stand = _STAND.search(description)
    if stand:
        sheet.text("microscope.model", stand[1], where)
    camera = _CAMERA.search(description)
    if camera:
        sheet.text("detector.0.model", camera[1], where)
        binning = _BINNING.search(description)
        record_word(sheet, "detector.0.binning", binning[1] if binning else "", BINNINGS, where)


def _record_position(sheet: Sheet, point: Any, frame: Any, positions: int) -> None:
    where = f"{_WHERE}XYPosLoop"
    if point is not None and positions > 1:
        sheet.text("image.name", point.name, where)
        place = point.stagePositionUm
    elif frame is not None:
        place, where = frame.position.stagePositionUm, f"{_WHERE}first frame"
    else:
        return
    for axis, number in zip("xyz", (place.x, place.y, place.z), strict=True):
        if as_number(number) is not None:
            micrometres = float(f"{number:.10g}")
            sheet.quantity(f"image.stage_{axis}", micrometres, "\u00b5m", where)
