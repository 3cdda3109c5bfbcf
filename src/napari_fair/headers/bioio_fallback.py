"""Formats without a reader of ours, through bioio and the readers that the user installed."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from napari_fair.headers.optional import optional, quiet
from napari_fair.headers.sheet import Findings, Sheet, as_number
from napari_fair.model import Trust

_MAX_SCENES = 1000
_MAX_CHANNELS = 1000


def bioio_is_there() -> bool:
    """Whether bioio is installed; it is not imported for the answer."""
    try:
        return find_spec("bioio") is not None
    except (ImportError, ValueError):
        return False


def read_with_bioio(path: Path, findings: Findings) -> bool:
    """Read what bioio knows of a file; False when none of its readers takes it."""
    if not bioio_is_there():
        return False
    try:
        with quiet():
            image = optional("bioio", "all").BioImage(path)
            _record_scenes(image, findings)
    except Exception:  # readers of others fail in their own ways
        return bool(findings.sheets)
    reader = type(image.reader).__module__.partition(".")[0]
    findings.warnings.add(f"{path.name!r} was read through {reader}, which you installed.")
    return bool(findings.sheets)


def _record_scenes(image: Any, findings: Findings) -> None:
    for number, scene in enumerate(list(image.scenes)[:_MAX_SCENES]):
        image.set_scene(number)
        sheet = findings.sheet()
        _record_sizes(sheet, image)
        sheet.text("image.name", str(scene), "bioio: scenes", trust=Trust.DERIVED)
        for index, name in enumerate(list(image.channel_names or ())[:_MAX_CHANNELS]):
            where = "bioio: channel_names"
            sheet.text(f"channel.{index}.name", str(name), where, trust=Trust.DERIVED)


def _record_sizes(sheet: Sheet, image: Any) -> None:
    where = "bioio: dims"
    sizes = {axis: int(getattr(image.dims, axis, 1) or 1) for axis in "XYZCTS"}
    sizes["C"] *= sizes.pop("S")
    for axis, size in sizes.items():
        sheet.size(f"image.size_{axis.lower()}", size, where, trust=Trust.DERIVED)
    sheet.state("image.dtype", str(image.dtype), "bioio: dtype", trust=Trust.DERIVED)
    for axis in "XYZ":
        length = as_number(getattr(image.physical_pixel_sizes, axis, None))
        # bioio does not say whether a size of 1 was stated or filled in.
        if length and length != 1:
            path, place = f"image.physical_size_{axis.lower()}", "bioio: physical_pixel_sizes"
            sheet.quantity(path, abs(length), "\u00b5m", place, trust=Trust.DERIVED)
    step = getattr(image, "time_interval", None)
    seconds = step.total_seconds() if isinstance(step, timedelta) else None
    if seconds and seconds > 0 and sizes["T"] > 1:
        path = "image.time_increment"
        sheet.quantity(path, seconds, "s", "bioio: time_interval", trust=Trust.DERIVED)
