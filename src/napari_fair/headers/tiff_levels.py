"""The smaller copies of pyramids, for readers that list resolutions as images."""

from __future__ import annotations

from collections.abc import Mapping

from napari_fair.headers.sheet import Findings, Sheet
from napari_fair.headers.tiff_pages import page_of
from napari_fair.headers.tiff_plain import record_page
from napari_fair.headers.tiff_structure import Directory, TiffStructure


def record_levels(tiff: TiffStructure, firsts: Mapping[int, Directory], findings: Findings) -> None:
    """Add the smaller copies (SubIFDs) of images right after each of them.

    Parameters
    ----------
    firsts
        The first page of each image whose copies are wanted, by the image's number.
    """
    listed: list[Sheet] = []
    for number, whole in enumerate(findings.sheets):
        listed.append(whole)
        offsets = page_of(tiff, firsts[number]).levels if number in firsts else ()
        copies = [copy for copy in map(tiff.directory, offsets) if copy is not None]
        for level, directory in enumerate(copies, start=1):
            sheet = Sheet(len(listed), findings.warnings)
            record_copy(sheet, whole, tiff, directory, level)
            listed.append(sheet)
    for index, sheet in enumerate(listed):
        sheet.index = index
    findings.sheets = listed


def record_copy(
    sheet: Sheet, whole: Sheet, tiff: TiffStructure, directory: Directory, level: int
) -> None:
    """Record a smaller copy of an image: its own width and height, the other sizes as there."""
    record_page(sheet, page_of(tiff, directory))
    for axis in "zct":
        recorded = whole.facts.get(f"image.size_{axis}")
        if recorded is not None:
            sheet.facts[f"image.size_{axis}"] = recorded
    where = f"TIFF page at byte {directory.offset}"
    sheet.state("image.name", f"Resolution level {level}", where)
