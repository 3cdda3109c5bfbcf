"""Folders of single planes: which TIFF files are one image, by what their names clearly say.

A wrong set would give many images one record, so the names must leave no doubt: every number that
changes is named (``z012``, ``channel_1``), all combinations are there, numbers have no gaps, and
the files are single grey planes of one size.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from napari_fair.files import FairError, reading
from napari_fair.headers.micromanager import folder_metadata, planes_of
from napari_fair.headers.ndtiff import index_beside
from napari_fair.headers.read import read_header
from napari_fair.headers.sheet import Findings
from napari_fair.headers.tiff import read_tiff
from napari_fair.headers.tiff_pages import page_of
from napari_fair.headers.tiff_structure import NotTiff, TiffStructure
from napari_fair.model import Header, Trust

TIFF_SUFFIXES = (".tif", ".tiff")
_WORDS = {
    "z": "z",
    "zslice": "z",
    "slice": "z",
    "plane": "z",
    "t": "t",
    "tp": "t",
    "time": "t",
    "timepoint": "t",
    "frame": "t",
    "c": "c",
    "ch": "c",
    "channel": "c",
}
_TOKEN = re.compile(
    rf"(?<![A-Za-z])({'|'.join(sorted(_WORDS, key=len, reverse=True))})[_\-]?(\d{{1,9}})(?!\d)",
    re.IGNORECASE,
)
_PADDED = re.compile(r"0\d\d+")
_WELL = re.compile(r"C\d\d")
SEQUENCE = "TIFF sequence"
"""The format of an image set."""
_MOST_FILES = 200_000
_CHECKED_FILES = 16


@dataclass(frozen=True, slots=True)
class ImageSet:
    """Files whose names say that each holds one plane of the same image.

    Attributes
    ----------
    name
        The common name, with ``*`` for the numbers.
    files
        In the order XYCZT: channels first, then Z, then time.
    size_z, size_c, size_t
        How many different numbers there are along each axis.
    """

    name: str
    files: tuple[Path, ...]
    size_z: int
    size_c: int
    size_t: int


@dataclass(frozen=True, slots=True)
class _Plane:
    path: Path
    at: dict[str, int]
    clear: bool
    word: bool


def image_sets(folder: Path) -> list[ImageSet]:
    """Return the sets of single-plane TIFF files in a folder, sorted by name.

    Not looked into: subfolders, files that describe their set themselves (OME-TIFF, NDTiff,
    metadata.txt). Names that may mean something else (``t1`` for a treatment, ``c2`` for a cell,
    ``C02`` for a well, plain numbers) make no set.

    Raises
    ------
    UnreadableFile
        If the folder cannot be listed.
    """
    groups: dict[str, list[_Plane]] = {}
    with reading(folder):
        names = sorted(_names(folder))
    described = _described(folder, names)
    for name in names[:_MOST_FILES]:
        plane = None if name in described else _plane(folder / name)
        if plane is not None:
            groups.setdefault(_TOKEN.sub(_without_number, name), []).append(plane)
    found = (_set_of(name, planes) for name, planes in sorted(groups.items()))
    return [image_set for image_set in found if image_set is not None]


def _described(folder: Path, names: list[str]) -> frozenset[str]:
    """Return the files that Micro-Manager's metadata.txt, or an NDTiff index, tells of."""
    for name in names[:_CHECKED_FILES]:
        planes = planes_of(folder_metadata(folder / name))
        indexed = {plane.file for plane in index_beside(folder / name)}
        if planes or indexed:
            return frozenset(planes) | indexed
    return frozenset()


def read_image_set(image_set: ImageSet) -> Header:
    """Return the header of a set: what its first file says, and sizes as the names say (guessed).

    Raises
    ------
    UnreadableFile
        If the first file cannot be opened.
    """
    first = image_set.files[0]
    findings = Findings()
    with reading(first):
        read_tiff(first, findings)
    findings.format = SEQUENCE
    findings.files = [str(path.absolute()) for path in image_set.files]
    for sheet in findings.sheets[:1]:
        for axis in "zct":
            size = getattr(image_set, f"size_{axis}")
            sheet.size(f"image.size_{axis}", size, "file names", trust=Trust.GUESSED)
        sheet.text("image.name", image_set.name, "file names", trust=Trust.GUESSED)
    findings.warnings.add(
        f"The names of {len(image_set.files)} files say that they are the planes of one image "
        f"({image_set.name}); check that they are."
    )
    return findings.header(str(first.parent), findings.files)


def read_source(path: Path, *, levels: bool = False) -> Header:
    """Return the header of the image that a file belongs to: of its whole set, if it has one.

    Parameters
    ----------
    path
        As for `read_header`; a plane of a set (`image_sets`) stands for the set.
    levels
        As for `read_header`.

    Raises
    ------
    UnreadableFile
        If there is nothing at `path` or it cannot be opened.
    """
    found = set_of(path)
    if found is None:
        return read_header(path, levels=levels)
    return replace(read_image_set(found), path=str(path))


def set_of(path: Path) -> ImageSet | None:
    """Return the set that a file is a plane of."""
    if path.suffix.lower() not in TIFF_SUFFIXES or not path.is_file() or _plane(path) is None:
        return None
    folder = path.absolute().parent
    try:
        sets = _known_sets(folder, folder.stat().st_mtime_ns)
    except (OSError, FairError):
        return None
    return next((each for each in sets if path.absolute() in each.files), None)


@lru_cache(maxsize=4)
def _known_sets(folder: Path, _changed: int) -> tuple[ImageSet, ...]:
    return tuple(image_sets(folder))


def only_image_set(folder: Path) -> ImageSet | None:
    """Return the set of a folder in which all TIFF files belong to one set."""
    with reading(folder):
        count = sum(1 for _ in _names(folder))
    found = image_sets(folder) if count > 1 else []
    return found[0] if len(found) == 1 and len(found[0].files) == count else None


def _names(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            hidden = entry.name.startswith(".") or entry.is_symlink()
            if entry.name.lower().endswith(TIFF_SUFFIXES) and not hidden and entry.is_file():
                yield entry.name


def _without_number(match: re.Match[str]) -> str:
    if _WELL.fullmatch(match[0]):
        return match[0]
    return match[0][: match.start(2) - match.start()] + "*"


def _plane(path: Path) -> _Plane | None:
    """Read the numbers of a name; None when there are none, or two for one axis."""
    at: dict[str, int] = {}
    clear = word = False
    for match in _TOKEN.finditer(path.name.rpartition(".")[0]):
        axis = _WORDS[match[1].lower()]
        if _WELL.fullmatch(match[0]):
            continue
        if axis in at:
            return None
        at[axis] = int(match[2])
        word |= len(match[1]) > 1
        clear |= axis == "z" or (axis == "t" and bool(_PADDED.fullmatch(match[2])))
    return _Plane(path, at, clear or word, word) if at else None


def _set_of(name: str, planes: list[_Plane]) -> ImageSet | None:
    axes = planes[0].at.keys()
    fewest = 2 if planes[0].word else 3
    if len(planes) < fewest or not any(plane.clear for plane in planes):
        return None
    numbers = {axis: {plane.at[axis] for plane in planes} for axis in axes}
    combinations = 1
    for seen in numbers.values():
        if max(seen) - min(seen) + 1 != len(seen) or min(seen) > 1 < len(seen):
            return None
        combinations *= len(seen)
    if combinations != len(planes):
        return None
    ordered = sorted(planes, key=lambda plane: [plane.at.get(axis, 0) for axis in "tzc"])
    files = tuple(plane.path for plane in ordered)
    if not _alike(files):
        return None
    sizes = {axis: len(numbers.get(axis, ())) or 1 for axis in "zct"}
    return ImageSet(name, files, sizes["z"], sizes["c"], sizes["t"])


def _alike(files: tuple[Path, ...]) -> bool:
    """Whether files (a sample of a long list) are single grey planes of one size and type."""
    step = max(1, len(files) // _CHECKED_FILES)
    shapes = {_shape(path) for path in _spread(files, step)}
    return len(shapes) == 1 and None not in shapes


def _spread(files: tuple[Path, ...], step: int) -> Iterable[Path]:
    return dict.fromkeys([*files[::step], files[-1]])


def _shape(path: Path) -> tuple[int, int, int, str] | None:
    """Return the shape of the only page; None when there are more or it says more itself."""
    try:
        with path.open("rb") as stream:
            tiff = TiffStructure.open(stream, path.stat().st_size)
            first = tiff.directory(tiff.first_offset)
            if first is None or first.next:
                return None
            page = page_of(tiff, first)
            described = tiff.text(first, 270, 1000)
    except (OSError, NotTiff):
        return None
    own = "<OME" in described or "images=" in described
    return None if own or page.samples != 1 else page.shape
