"""OME-TIFF, alone, in sets of several files, and with the metadata in a companion (BinaryOnly)."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import cast

from napari_fair.headers.ome_document import OmeDocument
from napari_fair.headers.ome_files import companion_of, document_bytes, parsed, pixel_files
from napari_fair.headers.ome_images import record_images
from napari_fair.headers.resolution import stated_resolution
from napari_fair.headers.sheet import Findings, Sheet
from napari_fair.headers.tiff_levels import record_levels
from napari_fair.headers.tiff_pages import Page, page_of
from napari_fair.headers.tiff_structure import MAX_TEXT_BYTES, Directory, TiffStructure
from napari_fair.model import Quantity

OME_TIFF = "OME-TIFF"
_APART = 0.01


def read_ome_tiff(path: Path, tiff: TiffStructure, first: Directory, findings: Findings) -> bool:
    """Read the OME-XML of a TIFF; False when there is nothing of use in it."""
    findings.format = OME_TIFF
    data = _description(tiff, first)
    if first.tags[270].count > MAX_TEXT_BYTES:
        findings.damage(f"The OME-XML in {path.name!r} is too large and was not read.")
        return False
    findings.ome_xml = data
    document = parsed(data, path.name, findings)
    if document is None:
        return False
    if document.companion:
        return _read_companion(path, document, tiff, first, findings)
    return _record(path, document, tiff, first, findings)


def _description(tiff: TiffStructure, first: Directory) -> bytes:
    """Return tag 270 without its NUL, of which a long text need not be copied."""
    data = tiff.raw(first, 270, min(first.tags[270].count - 1, MAX_TEXT_BYTES))
    return data if data.endswith(b">") else tiff.raw(first, 270, MAX_TEXT_BYTES).rstrip(b"\0")


def _read_companion(
    path: Path, pointer: OmeDocument, tiff: TiffStructure, first: Directory, findings: Findings
) -> bool:
    companion = companion_of(pointer, path, findings)
    data = None if companion is None else document_bytes(companion, findings)
    document = None if data is None else parsed(data, str(companion), findings)
    if document is None or companion is None:
        return False
    findings.ome_xml = data
    found = _record(path, document, tiff, first, findings)
    findings.files.append(str(companion))
    return found


def _record(
    path: Path, document: OmeDocument, tiff: TiffStructure, first: Directory, findings: Findings
) -> bool:
    record_images(document, findings)
    findings.files = [str(path.absolute()), *pixel_files(document, path, findings)]
    page = page_of(tiff, first)
    if (
        findings.sheets
        and document.planes[0].first_ifd in (0, -1)
        and not findings.warnings.damaged
    ):
        _compare_sizes(findings.sheets[0], page)
        _compare_resolution(findings.sheets[0], tiff, first)
    elif findings.sheets:
        _fill_sizes(findings.sheets[0], page)
    if findings.levels and page.levels:
        record_levels(tiff, _first_pages(tiff, document), findings)
    return bool(findings.sheets)


def _first_pages(tiff: TiffStructure, document: OmeDocument) -> dict[int, Directory]:
    """Return the first page of each image; of sets of files, that of the first image only."""
    starts = {number: max(0, planes.first_ifd) for number, planes in enumerate(document.planes)}
    if len(document.file_names) > 1 or len(set(starts.values())) < len(starts):
        starts = {0: 0}
    pages = enumerate(islice(tiff.directories(), max(starts.values(), default=0) + 1))
    by_page = {number: directory for number, directory in pages if number in starts.values()}
    return {image: by_page[start] for image, start in starts.items() if start in by_page}


def _compare_sizes(sheet: Sheet, page: Page) -> None:
    """Let the directory win where the OME-XML disagrees: it is what the pixels are read by."""
    for path, held, where in _structure(page):
        recorded = sheet.facts.get(path)
        if recorded is not None and recorded.value != held:
            sheet.doubt(
                f"{recorded.where} is {recorded.value} but {where} of the first page is {held}",
                f"; {held} was taken because the pixels are stored so.",
            )
            sheet.others[path] = recorded
            sheet.state(path, held, where, original=f"OME-XML: {recorded.value}")
    _fill_sizes(sheet, page)


def _fill_sizes(sheet: Sheet, page: Page) -> None:
    for path, held, where in _structure(page):
        if path not in sheet.facts:
            sheet.state(path, held, where)


def _structure(page: Page) -> list[tuple[str, int | str, str]]:
    found: list[tuple[str, int | str, str]] = [
        ("image.size_x", page.width, "TIFF tag 256 ImageWidth"),
        ("image.size_y", page.height, "TIFF tag 257 ImageLength"),
        ("image.dtype", page.dtype, "TIFF tag 258 BitsPerSample"),
    ]
    return [entry for entry in found if entry[1]]


def _compare_resolution(sheet: Sheet, tiff: TiffStructure, first: Directory) -> None:
    for axis, code in (("x", 282), ("y", 283)):
        recorded = sheet.facts.get(f"image.physical_size_{axis}")
        stated = stated_resolution(tiff, first, code)
        if recorded is None or stated is None or stated.printer or stated.default:
            continue
        held = cast("Quantity", recorded.value)
        size = held.value
        if abs(size - stated.micrometres) > _APART * stated.micrometres:
            sheet.doubt(
                f"{recorded.where} is {size:g} \u00b5m but {stated.where} says "
                f"{stated.micrometres:g} \u00b5m",
                "; check which is right.",
            )
            rival = Quantity(value=stated.micrometres, unit=held.unit)
            other = replace(recorded, value=rival, where=stated.where, original="")
            sheet.others[f"image.physical_size_{axis}"] = other
