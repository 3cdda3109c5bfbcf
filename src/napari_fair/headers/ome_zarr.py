"""OME-Zarr stores: 0.1 to 0.5, development versions of 0.6, bioformats2raw's layout and plates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_fair.files import UnsafePath, confine
from napari_fair.headers.ome_document import OmeDocument
from napari_fair.headers.ome_files import document_bytes, parsed
from napari_fair.headers.ome_images import record_images
from napari_fair.headers.sheet import Findings, Sheet
from napari_fair.headers.zarr_groups import Group, as_list, as_mapping, open_group
from napari_fair.headers.zarr_images import record_multiscale

MAX_IMAGES = 10_000
_MARKERS = (".zattrs", ".zgroup", ".zarray", ".zmetadata", "zarr.json")
_LAYOUT = "bioformats2raw.layout"
_STRUCTURE = ("image.size_", "image.dtype")


def is_store(path: Path) -> bool:
    """Whether a folder is a Zarr group or array."""
    return any((path / marker).is_file() for marker in _MARKERS)


def read_store(path: Path, findings: Findings) -> None:
    """Read the metadata of a store; chunks are not touched."""
    findings.format = "OME-Zarr"
    group = open_group(path, findings.warnings)
    if group is None:
        return
    document = _document(path, findings)
    if as_mapping(group.ome.get("plate")):
        _read_plate(group, findings)
    elif as_mapping(group.ome.get("well")):
        _read_well(group, "", findings)
    elif as_list(group.ome.get("multiscales")):
        record_multiscale(findings.sheet(), group)
        _mention_labels(group, findings)
    elif _LAYOUT in group.ome or document is not None:
        _read_series(group, findings)
    else:
        findings.format = "Zarr"
        findings.warnings.add(
            f"{path.name!r} is a Zarr store without OME metadata; its axes are unknown."
        )
    if document is not None:
        _merge(document, findings)


def _document(path: Path, findings: Findings) -> OmeDocument | None:
    try:
        place = confine(path, "OME/METADATA.ome.xml")
    except UnsafePath as error:
        findings.warnings.add(str(error))
        return None
    if not place.is_file():
        return None
    data = document_bytes(place, findings)
    if data is None:
        return None
    findings.ome_xml = data
    return parsed(data, "OME/METADATA.ome.xml", findings)


def _read_series(group: Group, findings: Findings) -> None:
    """Read the images of a bioformats2raw store, in the order that ``OME/series`` gives."""
    meta = group.child("OME", findings.warnings) if (group.path / "OME").is_dir() else None
    listed = as_list(meta.ome.get("series")) if meta is not None else []
    names = [name for name in listed if isinstance(name, str)] or _numbered(group.path)
    for name in names[:MAX_IMAGES]:
        inner = group.child(name, findings.warnings)
        if inner is not None:
            record_multiscale(findings.sheet(), inner)
    if len(names) > MAX_IMAGES:
        findings.warnings.add(f"Only the first {MAX_IMAGES} of {len(names)} images were read.")


def _numbered(path: Path) -> list[str]:
    names: list[str] = []
    while len(names) < MAX_IMAGES and (path / str(len(names))).is_dir():
        names.append(str(len(names)))
    return names


def _read_plate(group: Group, findings: Findings) -> None:
    """Read the fields of a plate, well by well in the order listed."""
    plate = as_mapping(group.ome.get("plate"))
    for well in as_list(plate.get("wells")):
        path = as_mapping(well).get("path")
        inner = group.child(path, findings.warnings) if isinstance(path, str) else None
        if inner is not None and not _read_well(inner, f"{path}/", findings):
            return


def _read_well(well: Group, prefix: str, findings: Findings) -> bool:
    """Read the fields of a well; False when there are too many."""
    for field in as_list(as_mapping(well.ome.get("well")).get("images")):
        name = as_mapping(field).get("path")
        image = None if name is None else well.child(str(name), findings.warnings)
        if image is None:
            continue
        if len(findings.sheets) >= MAX_IMAGES:
            findings.warnings.add(f"Only the first {MAX_IMAGES} fields of the plate were read.")
            return False
        sheet = findings.sheet()
        record_multiscale(sheet, image)
        sheet.facts.pop("image.name", None)
        sheet.text("image.name", f"{prefix}{name}", f"{well.where}/well/images")
    return True


def _mention_labels(group: Group, findings: Findings) -> None:
    if not (group.path / "labels").is_dir():
        return
    labels = group.child("labels", findings.warnings)
    names = [] if labels is None else [str(n) for n in as_list(labels.ome.get("labels"))]
    if names:
        shown = ", ".join(names[:10])
        findings.warnings.add(
            f"The store also holds label images ({shown}); they are annotations, not images."
        )


def _merge(document: OmeDocument, findings: Findings) -> None:
    """Add what the store's OME-XML says; sizes and pixel type stay those of the arrays."""
    other = Findings(warnings=findings.warnings)
    record_images(document, other)
    if not findings.sheets:
        findings.sheets = other.sheets
        return
    if len(other.sheets) != len(findings.sheets):
        findings.warnings.add(
            f"OME/METADATA.ome.xml describes {len(other.sheets)} images, the store holds "
            f"{len(findings.sheets)}; they were matched by order."
        )
    for sheet, stated in zip(findings.sheets, other.sheets, strict=False):
        _merge_image(sheet, stated)


def _merge_image(sheet: Sheet, stated: Sheet) -> None:
    for path, recorded in stated.facts.items():
        before = sheet.facts.get(path)
        if before is None:
            sheet.facts[path] = recorded
            continue
        if not _same(before.value, recorded.value) and path != "image.name":
            sheet.doubt(
                f"{recorded.where} says {_shown(recorded.value)} but {before.where} says "
                f"{_shown(before.value)}",
                "; check which is right.",
            )
            sheet.others[path] = recorded if path.startswith(_STRUCTURE) else before
        if not path.startswith(_STRUCTURE):
            sheet.facts[path] = recorded


def _same(one: Any, other: Any) -> bool:
    a, b = getattr(one, "value", one), getattr(other, "value", other)
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-3 * max(abs(a), abs(b))
    return bool(a == b)


def _shown(value: Any) -> str:
    number = getattr(value, "value", None)
    return str(value) if number is None else f"{number:g} {value.unit}"
