"""TIFF files: which kind one is, and the plain kind."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from napari_fair.headers.micromanager_tags import is_micromanager, record_embedded
from napari_fair.headers.ndtiff import NDTIFF, index_beside, read_ndtiff
from napari_fair.headers.ome_document import looks_like_ome
from napari_fair.headers.ome_tiff import OME_TIFF, read_ome_tiff
from napari_fair.headers.sheet import Findings
from napari_fair.headers.tiff_levels import record_levels
from napari_fair.headers.tiff_pages import missing_bytes
from napari_fair.headers.tiff_plain import record_plain
from napari_fair.headers.tiff_structure import Directory, NotTiff, TiffStructure

_LSM, _STK = 34412, 33629
_CHECKED_PAGES = 64


def read_tiff(path: Path, findings: Findings) -> None:
    """Read any TIFF file."""
    findings.format = "TIFF"
    with path.open("rb") as stream:
        try:
            tiff = TiffStructure.open(stream, path.stat().st_size)
        except NotTiff as error:
            findings.damage(f"{path.name!r} is damaged: {error}")
            return
        first = tiff.directory(tiff.first_offset)
        if first is None:
            findings.damage(f"{path.name!r} is damaged: it has no readable page.")
            return
        _read_kind(path, tiff, first, findings)
        if is_micromanager(first) and findings.sheets and findings.format != NDTIFF:
            record_embedded(findings.sheets[0], tiff, first)
        if findings.levels and findings.sheets and findings.format != OME_TIFF:
            record_levels(tiff, {0: first}, findings)
        software = tiff.text(first, 305, 200)
        for sheet in findings.sheets:
            if "image.software" not in sheet.facts:
                sheet.text("image.software", software, "TIFF tag 305 Software")
        if any(missing_bytes(tiff, page) for page in islice(tiff.directories(), _CHECKED_PAGES)):
            findings.damage(f"{path.name!r} is cut off: pixels lie beyond its end.")
        for problem in tiff.problems:
            findings.damage(problem)
        for note in tiff.notes:
            findings.warnings.add(note)


def _read_kind(path: Path, tiff: TiffStructure, first: Directory, findings: Findings) -> None:
    if 270 in first.tags and looks_like_ome(tiff.raw(first, 270, 1 << 16)):
        if read_ome_tiff(path, tiff, first, findings):
            return
        record_plain(tiff, findings)
        findings.warnings.add("Sizes come from the TIFF pages because its OME-XML gave none.")
        return
    _read_other_kind(path, tiff, first, findings)


def _read_other_kind(path: Path, tiff: TiffStructure, first: Directory, findings: Findings) -> None:
    # imported here, for an OME-TIFF needs none of them
    from napari_fair.headers.imagej import read_imagej
    from napari_fair.headers.leica_scn import is_scn, read_scn
    from napari_fair.headers.lsm import read_lsm
    from napari_fair.headers.metamorph import is_metamorph, read_stk, record_description
    from napari_fair.headers.micromanager import record_folder
    from napari_fair.headers.tiff_vendors import is_ndpi, read_ndpi, read_philips, read_svs

    if _LSM in first.tags:
        return read_lsm(tiff, first, findings)
    if _STK in first.tags:
        return read_stk(tiff, first, findings)
    planes = index_beside(path)
    if planes:
        return read_ndtiff(path, tiff, first, planes, findings)
    if is_ndpi(first):
        return read_ndpi(tiff, findings)
    description = tiff.text(first, 270)
    if description.startswith("Aperio"):
        return read_svs(tiff, description, findings)
    if "<DataObject" in description[:1000] and tiff.text(first, 305, 64).startswith("Philips"):
        return read_philips(tiff, description, findings)
    if is_scn(description) and read_scn(tiff, description, findings):
        return None
    if not description.startswith(("ImageJ=", "SCIFIO=")) or not read_imagej(
        tiff, first, description, findings
    ):
        record_plain(tiff, findings)
    if not first.next and len(findings.sheets) == 1:
        record_folder(path, findings.sheets[0], findings)
    if is_metamorph(description) and findings.sheets:
        record_description(findings.sheets[0], description)
    return None
