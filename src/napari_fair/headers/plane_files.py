"""Where the planes of an image lie that is spread over several files, without reading pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from napari_fair.files import UnsafePath
from napari_fair.headers.micromanager import PLANES, folder_metadata, planes_of, set_beside
from napari_fair.headers.ndtiff import NDTIFF, IndexedPlane, index_beside, set_files, sorted_groups
from napari_fair.headers.ome_document import looks_like_ome
from napari_fair.headers.ome_files import beside
from napari_fair.headers.planes_by_name import SEQUENCE, ImageSet, set_of
from napari_fair.headers.tiff_structure import MAX_TEXT_BYTES

Place = tuple[Path, int]
"""A file, and the byte where its pixels begin; 0 for the file's first page."""
Grid = dict[tuple[int, int, int], Place]
"""Places by the plane's numbers along T, Z and C, from 0."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A document that describes a set of TIFF files, and one of these."""

    document: str
    pixels: Path


def plane_places(path: Path, format: str, image: int) -> Grid | None:
    """Return where the planes of an image lie; None when its file holds all of them itself.

    Parameters
    ----------
    path
        A file of the set.
    format
        What `read_header` called it: only NDTiff, Micro-Manager's single planes and planes by
        their names are sets of this kind.
    image
        The number of the image as `read_header` counts, from 0.
    """
    if format == NDTIFF:
        indexed = index_beside(path)
        groups = sorted_groups(indexed)
        return (_of_index(path, groups[image][1]) or None) if image < len(groups) else None
    if format == PLANES:
        listed = set_beside(path)
        return _of_metadata(listed, planes_of(folder_metadata(path)), image) if listed else None
    named = set_of(path) if format == SEQUENCE and image == 0 else None
    return None if named is None else _of_names(named)


def companion_beside(files: Iterable[Path]) -> Companion | None:
    """Return the OME-XML document among the files of a set, None when there is none.

    TIFF files whose metadata lie in a companion do not say themselves what they are planes of.
    """
    held = list(files)
    endings = (".tif", ".tiff", ".btf", ".tf2", ".tf8")
    pixels = next((f for f in held if f.name.lower().endswith(endings) and f.is_file()), None)
    for file in held:
        if pixels is not None and file.name.lower().endswith((".ome", ".xml", ".omexml")):
            small = file.is_file() and file.stat().st_size <= MAX_TEXT_BYTES
            data = file.read_bytes() if small else b""
            if looks_like_ome(data):
                return Companion(data.decode("utf-8", "replace"), pixels)
    return None


def _of_index(path: Path, planes: list[IndexedPlane]) -> Grid:
    """Channels in the order of the index, as their names are recorded; Z and T in their own."""
    channels = _numbered(dict.fromkeys(plane.axes.get("channel", 0) for plane in planes))
    times, depths = (
        _numbered(sorted({plane.axes.get(axis, 0) for plane in planes}, key=_in_order))
        for axis in ("time", "z")
    )
    files = {file.name: file for file in _inside(set_files(path, planes))}
    grid: Grid = {}
    for plane in planes:
        if plane.pixels and plane.file in files:
            at = (times[plane.axes.get("time", 0)], depths[plane.axes.get("z", 0)])
            grid[*at, channels[plane.axes.get("channel", 0)]] = files[plane.file], plane.pixels
    return grid


def _inside(files: Iterable[Path]) -> Iterator[Path]:
    """Leave out files that are links out of their folder."""
    for file in files:
        try:
            yield beside(file.absolute().parent, file.name)
        except (UnsafePath, ValueError):
            continue


def _numbered(places: Iterable[int | str]) -> dict[int | str, int]:
    return {place: number for number, place in enumerate(places)}


def _in_order(place: int | str) -> tuple[bool, int, str]:
    return (True, 0, place) if isinstance(place, str) else (False, place, "")


def _of_metadata(
    files: list[Path], coordinates: dict[str, dict[str, int]], image: int
) -> Grid | None:
    positions = sorted({coordinates[file.name]["p"] for file in files})
    if image >= len(positions):
        return None
    chosen = [file for file in files if coordinates[file.name]["p"] == positions[image]]
    times, depths, channels = (
        _numbered(sorted({coordinates[file.name][axis] for file in chosen})) for axis in "tzc"
    )
    grid: Grid = {}
    for file in _inside(chosen):
        at = coordinates[file.name]
        grid[times[at["t"]], depths[at["z"]], channels[at["c"]]] = file, 0
    return grid or None


def _of_names(found: ImageSet) -> Grid:
    """The files of a set run through the channels first, then Z, then time."""
    return {
        (
            number // (found.size_c * found.size_z),
            number // found.size_c % found.size_z,
            number % found.size_c,
        ): (file, 0)
        for number, file in enumerate(found.files)
    }
