"""TIFF files that say nothing but their pages."""

from __future__ import annotations

import json
from typing import Any

from napari_fair.headers.resolution import Resolution, stated_resolution
from napari_fair.headers.sheet import Findings, Sheet
from napari_fair.headers.tiff_pages import Page, page_runs
from napari_fair.headers.tiff_structure import Directory, TiffStructure
from napari_fair.model import Trust

_SAMPLES = "TIFF tag 277 SamplesPerPixel"
_PAGES = "TIFF pages"
_DESCRIPTION = "TIFF tag 270 ImageDescription"


def record_plain(tiff: TiffStructure, findings: Findings) -> None:
    """Add an image for every run of pages of one shape.

    Pages that the file calls smaller copies are none. The file does not say what its pages are:
    they are taken for time points, as Bio-Formats does, and marked as guessed.
    """
    for page, directory, count in page_runs(tiff):
        sheet = findings.sheet()
        record_page(sheet, page)
        _record_planes(sheet, tiff, directory, page, count)
        record_resolution(sheet, tiff, directory)
        record_date(sheet, tiff, directory)


def record_page(sheet: Sheet, page: Page) -> None:
    """Record width, height, samples and pixel type of a page."""
    sheet.size("image.size_x", page.width, "TIFF tag 256 ImageWidth")
    sheet.size("image.size_y", page.height, "TIFF tag 257 ImageLength")
    if page.dtype:
        sheet.state("image.dtype", page.dtype, "TIFF tag 258 BitsPerSample")


def record_stack(sheet: Sheet, sizes: dict[str, int], where: str, **marks: Any) -> None:
    """Record the sizes along Z, C and T."""
    for axis in "zct":
        sheet.size(f"image.size_{axis}", sizes.get(axis, 1), where, **marks)


def record_resolution(sheet: Sheet, tiff: TiffStructure, directory: Directory) -> None:
    """Record a pixel size stated in centimetres; dots per inch in disguise are only a guess."""
    for axis, code in (("x", 282), ("y", 283)):
        stated = stated_resolution(tiff, directory, code)
        if stated is None:
            continue
        _doubt_resolution(sheet, stated)
        trust = Trust.GUESSED if stated.printer or stated.default else Trust.STATED
        path = f"image.physical_size_{axis}"
        sheet.quantity(path, stated.micrometres, "\u00b5m", stated.where, trust=trust)


def _doubt_resolution(sheet: Sheet, stated: Resolution) -> None:
    if stated.printer:
        sheet.doubt(
            f"{stated.where} is a printer's dots per inch written in centimetres "
            f"({stated.micrometres:.6g} \u00b5m a pixel)",
            "; check whether that is the pixel size.",
        )
    elif stated.default:
        sheet.doubt(
            f"{stated.where} is exactly 1 \u00b5m, which Micro-Manager writes when nobody "
            "calibrated it",
            "; check the pixel size.",
        )


def record_date(sheet: Sheet, tiff: TiffStructure, directory: Directory) -> None:
    """Record DateTime as a guess: many programs write the time of saving, not of acquisition."""
    written = tiff.text(directory, 306, 64)
    sheet.date("image.acquisition_date", written, "TIFF tag 306 DateTime", trust=Trust.GUESSED)


def _record_planes(
    sheet: Sheet, tiff: TiffStructure, directory: Directory, page: Page, count: int
) -> None:
    stated = _axes_of_tifffile(tiff.text(directory, 270), page, count)
    if stated is not None:
        stated["c"] *= page.samples
        record_stack(sheet, stated, f"{_DESCRIPTION}: axes")
        return
    sheet.size("image.size_z", 1, _PAGES, trust=_trust(count))
    sheet.size("image.size_c", page.samples, _SAMPLES)
    sheet.size("image.size_t", count, _PAGES, trust=_trust(count))


def _trust(pages: int) -> Trust:
    return Trust.GUESSED if pages > 1 else Trust.STATED


def _axes_of_tifffile(description: str, page: Page, count: int) -> dict[str, int] | None:
    """Return sizes from the JSON that tifffile leaves, when it names axes and fits the pages."""
    if not description.startswith("{") or len(description) > 10_000:
        return None
    try:
        held = json.loads(description)
        axes, shape = held.get("axes"), held.get("shape")
    except (ValueError, RecursionError, AttributeError):
        return None
    if not isinstance(axes, str) or not isinstance(shape, list) or len(axes) != len(shape):
        return None
    if not all(isinstance(size, int) and size > 0 for size in shape):
        return None
    sizes = {axis.lower(): size for axis, size in zip(axes, shape, strict=True)}
    stack = {axis: sizes.pop(axis, 1) for axis in "zct"}
    fits = (sizes.pop("x", 0), sizes.pop("y", 0)) == (page.width, page.height)
    sizes.pop("s", None)
    if not fits or sizes or stack["z"] * stack["c"] * stack["t"] != count:
        return None
    return stack
