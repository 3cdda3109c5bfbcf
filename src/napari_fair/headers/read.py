"""The one door: `read_header`."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from napari_fair.files import UnreadableFile, reading, shown
from napari_fair.headers.formats import KnownFormat, read_head, recognise
from napari_fair.headers.optional import MissingReader
from napari_fair.headers.sheet import Findings
from napari_fair.model import Header


def read_header(path: str | Path, *, levels: bool = False) -> Header:
    """Return what a file, a multi-file set or a store says about itself.

    Pixels are not read. A damaged file is reported, not raised: `Header.damaged` is set,
    `Header.warnings` says why, and what could be read is there.

    Parameters
    ----------
    path
        An image file, an OME-XML document, an OME-Zarr folder, or a folder of TIFF files whose
        names clearly say that they are the planes of one image (`image_sets`).
    levels
        Whether the smaller copies (SubIFDs) of a pyramidal TIFF are listed as images after the
        full one, as Bio-Formats lists them. They are no images of their own in a record.

    Raises
    ------
    UnreadableFile
        If there is nothing at `path` or it cannot be opened.
    """
    place = Path(path)
    with reading(place):
        if place.is_dir():
            return _read_folder(place)
        if not place.is_file() and place.exists():
            raise UnreadableFile(f"{shown(place)} is not a file; choose a file.")
        head = read_head(place)
    findings = Findings(levels=levels)
    known = recognise(place, head)
    if known is None:
        if b"\0" not in head or not _read_with_bioio(place, findings):
            findings.warnings.add(_unknown(place, head))
        else:
            findings.format = f"{place.suffix[1:].upper() or 'Image'} through bioio"
    elif not known.reader:
        findings.format = known.name
        if not _read_with_bioio(place, findings):
            findings.warnings.add(
                f"The header of {known.name} files is not read yet: sizes and pixel sizes of "
                f"{place.name!r} are unknown; enter what you know."
            )
            _one_unknown(findings)
    else:
        _read(place, known, findings)
    return findings.header(str(path), [str(place.absolute())])


def _read(path: Path, known: KnownFormat, findings: Findings) -> None:
    module, name = known.reader.split(":")
    try:
        getattr(import_module(f"napari_fair.headers.{module}"), name)(path, findings)
    except MissingReader as missing:
        findings.format = known.name
        read = not findings.sheets and _read_with_bioio(path, findings)
        if not read:
            few = "most of what" if findings.sheets else "what"
            findings.warnings.add(
                f"{known.name} files are read with the package {missing.package}, which is not "
                f"installed: {few} {path.name!r} says is unknown. Install it with "
                f"pip install 'napari-fair[{missing.extra}]', or enter what you know."
            )
            _one_unknown(findings)
    except OSError as error:
        findings.damage(f"{path.name!r} could not be read to its end ({error.strerror}).")
    except Exception as error:  # a file no test has thought of must not stop a whole folder
        findings.damage(
            f"{path.name!r} is damaged in a way that its reader does not expect "
            f"({type(error).__name__}); only a part of its header was read."
        )


def _one_unknown(findings: Findings) -> None:
    """Hold the place of the image of a file that nobody reads, so that people can describe it."""
    if not findings.sheets:
        findings.sheet()


def _read_with_bioio(path: Path, findings: Findings) -> bool:
    from napari_fair.headers.bioio_fallback import read_with_bioio

    return read_with_bioio(path, findings)


def _read_folder(path: Path) -> Header:
    from napari_fair.headers.ome_zarr import is_store, read_store
    from napari_fair.headers.planes_by_name import only_image_set, read_image_set

    findings = Findings()
    if not is_store(path):
        image_set = only_image_set(path)
        if image_set is not None:
            return replace(read_image_set(image_set), path=str(path))
        findings.warnings.add(
            f"{path.name!r} is a folder but no OME-Zarr store; choose the images in it."
        )
        return findings.header(str(path), [str(path.absolute())])
    findings.store = True
    try:
        read_store(path, findings)
    except Exception as error:  # as above
        findings.damage(
            f"{path.name!r} is damaged in a way that its reader does not expect "
            f"({type(error).__name__}); only a part of its header was read."
        )
    return findings.header(str(path), [str(path.absolute())])


def _unknown(path: Path, head: bytes) -> str:
    if not head:
        return f"{path.name!r} is empty; it may still be being written or copied."
    return (
        f"{path.name!r} is in no image format that is known here; nothing was read from it. "
        "If it is an image, bioio and one of its readers may open it: install them, or export "
        "the image as OME-TIFF."
    )
