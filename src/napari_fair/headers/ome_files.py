"""The files that an OME-XML document speaks of, and loose documents themselves."""

from __future__ import annotations

from pathlib import Path

from napari_fair.files import DamagedDocument, UnreadableFile, UnsafePath, confine
from napari_fair.headers.ome_document import OmeDocument, looks_like_ome, parse_document
from napari_fair.headers.ome_images import record_images
from napari_fair.headers.sheet import Findings
from napari_fair.headers.tiff_structure import MAX_TEXT_BYTES

_SOME = 3


def read_ome_xml(path: Path, findings: Findings) -> None:
    """Read a loose OME-XML document or a companion."""
    findings.format = "OME-XML"
    data = document_bytes(path, findings)
    if data is None:
        return
    findings.ome_xml = data
    document = parsed(data, path.name, findings)
    if document is None:
        return
    record_images(document, findings)
    findings.files = [str(path.absolute()), *pixel_files(document, path, findings)]
    if not document.images:
        findings.warnings.add(f"{path.name!r} describes no image.")


def document_bytes(path: Path, findings: Findings) -> bytes | None:
    """Return a document's bytes, None (and a warning) when it is too large."""
    if path.stat().st_size > MAX_TEXT_BYTES:
        findings.damage(
            f"{path.name!r} is larger than {MAX_TEXT_BYTES >> 20} MiB of metadata and was not read."
        )
        return None
    return path.read_bytes()


def parsed(data: bytes, name: str, findings: Findings) -> OmeDocument | None:
    """Parse a document; None, marked as damage, when nothing of it can be used."""
    try:
        return parse_document(data, name)
    except (DamagedDocument, UnreadableFile) as error:
        findings.damage(str(error))
        return None


def pixel_files(document: OmeDocument, path: Path, findings: Findings) -> list[str]:
    """Return the other files that hold the pixels and exist, as absolute paths.

    Names that leave the folder are ignored with a warning. A document that names one other file
    only, or one that is missing, may sit in a renamed file: that is no fault.
    """
    there: list[Path] = []
    missing: list[Path] = []
    own = path.absolute()
    for name in document.file_names:
        try:
            place = beside(own.parent, name)
        except UnsafePath as error:
            findings.warnings.add(str(error))
            continue
        if place == own:
            continue
        (there if place.is_file() else missing).append(place)
    in_tiff = not looks_like_companion(path)
    if in_tiff and own.name not in document.file_names:
        if len(document.file_names) == 1:
            return []
        missing = missing[1:]
    if missing:
        some = ", ".join(repr(place.name) for place in missing[:_SOME])
        findings.warnings.add(
            f"{len(missing)} of {len(document.file_names)} files of this set are not beside it "
            f"({some}{', ...' if len(missing) > _SOME else ''}); put them back together."
        )
    return [str(place) for place in there]


def beside(folder: Path, name: str) -> Path:
    """Return the place of a file that a document in `folder` names, links inside it resolved.

    Raises
    ------
    UnsafePath
        If it lies outside the folder.
    """
    return folder / confine(folder, name).relative_to(folder.resolve())


def looks_like_companion(path: Path) -> bool:
    """Whether a name is that of a document without pixels."""
    return path.suffix.lower() in (".ome", ".xml", ".omexml")


def companion_of(document: OmeDocument, path: Path, findings: Findings) -> Path | None:
    """Return the companion that a file without metadata of its own (BinaryOnly) names."""
    try:
        place = beside(path.absolute().parent, document.companion)
    except UnsafePath as error:
        findings.warnings.add(str(error))
        return None
    if not place.is_file():
        findings.warnings.add(
            f"The metadata of {path.name!r} lie in {document.companion[:100]!r}, which is not "
            "beside it; put it back to read them."
        )
        return None
    with place.open("rb") as stream:
        head = stream.read(1 << 16)
    if not looks_like_ome(head):
        findings.warnings.add(f"{place.name!r} is named as companion but is not OME-XML.")
        return None
    return place
