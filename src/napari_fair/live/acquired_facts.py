"""An acquisition's setup and frames as the facts of images, each with where it was said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from math import isclose

from napari_fair.headers.lens_names import record_lens_name
from napari_fair.headers.ome_channels import record_word
from napari_fair.headers.ome_words import BINNINGS
from napari_fair.headers.sentences import Warnings
from napari_fair.headers.sheet import Sheet, as_integer, as_number
from napari_fair.live.frames import Frames, Place
from napari_fair.live.microscope import answer_facts, lens_device
from napari_fair.live.setup import Setup
from napari_fair.model import (
    Header,
    ImageHeader,
    KeyValue,
    Origin,
    Plane,
    Planes,
    Trust,
)

_MICROMETRE = "\u00b5m"
_FILTER = re.compile(r"filter|dichroic|emission|excitation|wheel|cube|reflector", re.IGNORECASE)
_EVEN = 0.05
SUMMARY, FRAMES, SEQUENCE = "acquisition summary", "frame metadata", "acquisition plan"


def acquired_header(
    setup: Setup, frames: Frames, answers: Mapping[str, Mapping[str, str]], path: str = ""
) -> Header:
    """Return what an acquisition says, as if a file had said it.

    Parameters
    ----------
    setup, frames
        What was told when it began, and the frames so far.
    answers
        What a person said of devices that Micro-Manager knows by name only: texts by field, by
        the device's (or channel's) key; see `microscope`.
    path
        Where the data are being saved; empty when nowhere.
    """
    warnings = Warnings()
    entries = list(frames.images()) or [((0, 0), [])]
    images = [
        _image(number, setup, frames, place, planes, answers, warnings)
        for number, (place, planes) in enumerate(entries)
    ]
    files = (path,) if path else ()
    said = warnings.all(len(images))
    states = tuple(device_states(setup))
    return Header(path=path, images=tuple(images), files=files, warnings=said, states=states)


def device_states(setup: Setup) -> Iterable[KeyValue]:
    """Yield the properties of all devices, and what was attached to the sequence."""
    for device in setup.devices:
        for name, value in device.properties.items():
            yield KeyValue(key=f"{device.label}-{name}", value=value)
    for key, text in setup.remarks.items():
        yield KeyValue(key=f"sequence-{key}", value=text)


def merged_header(file: Header, acquired: Header) -> Header:
    """Return a written file's header with what the acquisition said besides.

    Sizes, pixel type and plane order are the file's: an acquisition that was stopped may have
    written less, or more, than was seen. All else is what the microscope said.
    """
    by_index = {image.index: image for image in acquired.images}
    images = tuple(
        _merged(image, by_index[image.index]) if image.index in by_index else image
        for image in file.images
    )
    return replace(
        file,
        images=images or acquired.images,
        states=acquired.states,
        warnings=(*file.warnings, *acquired.warnings),
    )


def _merged(file: ImageHeader, acquired: ImageHeader) -> ImageHeader:
    kept = {path: fact for path, fact in file.facts.items() if path in _OF_THE_FILE}
    facts = {**file.facts, **acquired.facts, **kept}
    return replace(file, facts=facts, planes=acquired.planes)


_OF_THE_FILE = {
    *(f"image.size_{axis}" for axis in "xyzct"),
    *("image.dtype", "image.dimension_order", "image.compression"),
}


def _image(
    number: int,
    setup: Setup,
    frames: Frames,
    place: Place,
    planes: list[Plane],
    answers: Mapping[str, Mapping[str, str]],
    warnings: Warnings,
) -> ImageHeader:
    sheet = Sheet(number, warnings)
    _record_sizes(sheet, setup, frames, planes)
    _record_calibration(sheet, setup, planes)
    _record_place(sheet, setup, place, planes)
    _record_channels(sheet, setup, frames, planes)
    _record_camera(sheet, setup, frames)
    _record_lens(sheet, setup)
    told = Origin.ACQUISITION.value
    facts = {path: replace(fact, origin=told) for path, fact in sheet.facts.items()}
    facts |= answer_facts(setup, len(frames.cameras) or 1, answers)
    return ImageHeader(index=number, facts=facts, planes=Planes.of(planes) if planes else None)


def _record_sizes(sheet: Sheet, setup: Setup, frames: Frames, planes: list[Plane]) -> None:
    for axis, size in (("x", setup.width), ("y", setup.height)):
        if size:
            sheet.size(f"image.size_{axis}", size, f"{SUMMARY}: image_infos")
    if setup.dtype:
        sheet.state("image.dtype", setup.dtype, f"{SUMMARY}: image_infos")
    cameras = max(len(frames.cameras), 1)
    for axis in "zct":
        taken = {getattr(plane, f"the_{axis}") for plane in planes}
        planned = setup.planned.get(axis, 1) * (cameras if axis == "c" else 1)
        if taken:
            sheet.size(f"image.size_{axis}", max(taken) + 1, FRAMES)
        else:
            sheet.size(f"image.size_{axis}", max(planned, 1), SEQUENCE)


def _record_calibration(sheet: Sheet, setup: Setup, planes: list[Plane]) -> None:
    if setup.pixel_size:
        where = f"{SUMMARY}: pixel_size_um"
        for axis in "xy":
            sheet.quantity(f"image.physical_size_{axis}", setup.pixel_size, _MICROMETRE, where)
    steps = [abs(after - before) for before, after in pairwise(setup.z_positions)]
    if steps and steps[0] and all(isclose(step, steps[0], rel_tol=1e-3) for step in steps):
        where = f"{SEQUENCE}: z_plan"
        sheet.quantity("image.physical_size_z", round(steps[0], 6), _MICROMETRE, where)
    _record_time_step(sheet, setup, planes)


def _record_time_step(sheet: Sheet, setup: Setup, planes: list[Plane]) -> None:
    """Record the time between frames as it was; a plan that is too fast is not kept."""
    times: dict[int, float] = {}
    for plane in planes:
        if plane.delta_t is not None:
            times.setdefault(plane.the_t, plane.delta_t)
    if len(times) < 2:
        return
    points = sorted(times)
    mean = (times[points[-1]] - times[points[0]]) / (points[-1] - points[0])
    if mean <= 0:
        return
    sheet.quantity("image.time_increment", float(f"{mean:.6g}"), "s", FRAMES, trust=Trust.DERIVED)
    steps = [(times[b] - times[a]) / (b - a) for a, b in pairwise(points)]
    if setup.interval and not isclose(mean, setup.interval, rel_tol=_EVEN):
        sheet.doubt(f"Time steps of {setup.interval:g} s were planned, {mean:.3g} s were taken")
    elif not all(isclose(step, mean, rel_tol=_EVEN, abs_tol=0.02) for step in steps):
        sheet.doubt(f"Time steps are uneven, from {min(steps):.3g} s to {max(steps):.3g} s")


def _record_place(sheet: Sheet, setup: Setup, place: Place, planes: list[Plane]) -> None:
    sheet.date("image.acquisition_date", setup.begun, f"{SUMMARY}: datetime")
    sheet.text("image.software", setup.software, f"{SUMMARY}: system_info")
    names = setup.position_names
    if place[0] < len(names):
        sheet.text("image.name", names[place[0]], f"{SEQUENCE}: stage_positions")
    for axis in "xyz" if planes else "":
        position = getattr(planes[0], f"position_{axis}")
        if position is not None:
            sheet.quantity(f"image.stage_{axis}", position, _MICROMETRE, FRAMES)


def _record_channels(sheet: Sheet, setup: Setup, frames: Frames, planes: list[Plane]) -> None:
    cameras = frames.cameras if len(frames.cameras) > 1 else [""]
    exposures: dict[int, set[float | None]] = {}
    for plane in planes:
        exposures.setdefault(plane.the_c, set()).add(plane.exposure_time)
    for number, channel in enumerate(setup.channels):
        for offset, camera in enumerate(cameras):
            name = f"{channel.config} ({camera})" if camera else channel.config
            path = f"channel.{number * len(cameras) + offset}.name"
            sheet.text(path, name, f"{SEQUENCE}: channels")
    for number, seen in exposures.items():
        exposure = next(iter(seen))
        if len(seen) == 1 and exposure:
            sheet.quantity(f"channel.{number}.exposure_time", exposure, "s", FRAMES)
        source = number // len(cameras)
        filters = _filters(setup, frames.states.get(source, ()))
        if filters:
            where = f"{FRAMES}: property_values"
            sheet.text(f"channel.{number}.filter_set", filters, where, trust=Trust.DERIVED)


def _filters(setup: Setup, states: Iterable[tuple[str, str, str]]) -> str:
    """Return what the devices that look like filters were set to."""
    found = [
        f"{label} {value}"
        for label, name, value in states
        if name == "Label" and _FILTER.search(label) and value.casefold() not in ("", "empty")
    ]
    return ", ".join(found)


def _record_camera(sheet: Sheet, setup: Setup, frames: Frames) -> None:
    for number, label in enumerate(frames.cameras or [setup.camera]):
        device = setup.device(label)
        if device is None:
            continue
        where = f"{SUMMARY}: devices[{label}]"
        model = device.properties.get("CameraName") or device.name
        sheet.text(f"detector.{number}.model", model, where)
        binning = device.properties.get("Binning", "")
        size = as_integer(binning)
        words = f"{size}x{size}" if size else binning
        record_word(sheet, f"detector.{number}.binning", words, BINNINGS, f"{where} Binning")
        gain = as_number(device.properties.get("Gain"))
        if gain is not None:
            path = f"detector.{number}.gain"
            sheet.number(path, gain, f"{where} Gain", positive=False)


def _record_lens(sheet: Sheet, setup: Setup) -> None:
    found = lens_device(setup)
    label = found[0].properties.get("Label", "") if found is not None else ""
    if found is not None and label:
        where = f"{SUMMARY}: devices[{found[0].label}] Label"
        sheet.text("objective.model", label, where, trust=found[1])
        record_lens_name(sheet, label, where)
