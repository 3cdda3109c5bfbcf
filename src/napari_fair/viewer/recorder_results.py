"""Results that are in no file yet: written beside the image, read back, and never over a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from napari_fair.files import Cancelled, FairError, shown
from napari_fair.model import DataKind
from napari_fair.provenance.identity import identity_of
from napari_fair.viewer.recorder_files import why_not_of

_PICTURES = frozenset({DataKind.IMAGE, DataKind.LABELS})
_LISTS = frozenset({DataKind.POINTS, DataKind.SHAPES})
_AXES = {2: "YX", 3: "ZYX", 4: "TZYX", 5: "TCZYX"}
_IN_OME = frozenset(
    {"int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64", "complex64"}
)
"""Types of pixels that OME has (OME schema 2016-06, ``PixelType``)."""
_MOST_LOOKED_AT = 50
_ENDINGS = (".tif", ".tiff", ".npy")
_NAMES = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)


@dataclass(frozen=True)
class Result:
    """A layer's data, or its table, as it is when somebody asks to save it.

    Attributes
    ----------
    values
        Array; list of vertices (shapes); columns (table).
    content
        The checksum of the recorded state; empty while there is none.
    axes
        Names of the layer's axes, as napari shows them.
    """

    data: str
    name: str
    kind: DataKind
    values: Any
    content: str = ""
    scale: tuple[float, ...] = ()
    units: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    rgb: bool = False
    shape_types: tuple[str, ...] = ()


class Kept(NamedTuple):
    """What became of a result: the file that holds it, or why there is none."""

    result: Result
    path: Path | None = None
    sha256: str = ""
    problem: str = ""
    found: bool = False


def can_be_saved(kind: DataKind) -> bool:
    """Return whether results of a kind can be written."""
    return kind in _PICTURES or kind in _LISTS or kind is DataKind.TABLE


def save(
    results: Iterable[Result],
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Kept]:
    """Write results that no file of a folder holds already.

    Raises
    ------
    FairError
        If the folder is none.
    Cancelled
        If `cancelled` said so; a file that is not whole is removed.
    """
    if not folder.is_dir():
        raise FairError(f"{shown(folder)} is no folder: choose one that is there.")
    results, stop = list(results), cancelled or (lambda: False)
    kept: list[Kept] = []
    for number, result in enumerate(results):
        if stop():
            raise Cancelled
        kept.append(_found(result, folder, stop) or _saved(result, folder, stop))
        if progress is not None:
            progress(number + 1, len(results))
    return kept


def _found(result: Result, folder: Path, stop: Callable[[], bool]) -> Kept | None:
    """Look whether somebody saved it already, e.g. with napari's menu."""
    if result.kind not in _PICTURES or not result.content:
        return None
    least = int(result.values.nbytes) // 1000
    files = [path for path in sorted(folder.iterdir()) if path.name.lower().endswith(_ENDINGS)]
    likely = [path for path in files if path.is_file() and path.stat().st_size >= least]
    likely.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in likely[:_MOST_LOOKED_AT]:
        if not why_not_of(path, [result.content], stop, _read):
            return Kept(result, path, identity_of(path).sha256, found=True)
    return None


def _read(path: Path) -> Iterable[Any]:
    """Read a file without plugins: files of strangers may lie in the folder."""
    from napari_fair.pixels.arrays import arrays_in

    return arrays_in(path)


def _saved(result: Result, folder: Path, stop: Callable[[], bool]) -> Kept:
    known = identity_of(result.values, cancelled=stop).content_sha256
    if result.content and known != result.content:
        return Kept(result, problem="changed while it was being saved; save once more")
    path: Path | None = None
    try:
        path, stream = _new_file(folder, result)
        with stream:
            _write(result, path, stream)
        if result.kind in _PICTURES and why_not_of(path, [known], stop, _read):
            raise ValueError("the file does not give the same values back")
    except (OSError, ValueError, TypeError, RuntimeError) as problem:
        if path is not None:
            path.unlink(missing_ok=True)
        return Kept(result, problem=str(problem))
    return Kept(result, path, identity_of(path).sha256)


def _new_file(folder: Path, result: Result) -> tuple[Path, Any]:
    """Open a file that was not there; somebody else's is never opened."""
    stem = re.sub(r'[\x00-\x1f<>:"/\\|?*\s]+', "_", result.name).strip("._ ")[:80] or "result"
    stem = f"{stem}_" if _NAMES.fullmatch(stem) else stem
    for number in range(1, 1000):
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}{_ending(result)}"
        try:
            return path, path.open("xb")
        except FileExistsError:
            continue
    raise OSError(f"{folder.name} has a thousand files of this name")


def _ending(result: Result) -> str:
    if result.kind not in _PICTURES:
        return ".csv"
    return ".ome.tif" if _fits_ome(result) else ".tif"


def _fits_ome(result: Result) -> bool:
    return str(result.values.dtype) in _IN_OME and result.values.ndim - result.rgb in _AXES


# ---- writing ---------------------------------------------------------------------------------


def _write(result: Result, path: Path, stream: Any) -> None:
    if result.kind in _PICTURES:
        _write_picture(result, stream)
        return
    text = "\n".join(_lines(result)) + "\n"
    stream.write(text.encode("utf-8"))


def _write_picture(result: Result, stream: Any) -> None:
    import tifffile

    photometric = "rgb" if result.rgb else "minisblack"
    if _fits_ome(result):
        metadata = {"axes": _axes(result), "Name": result.name, **_sizes(result)}
        tifffile.imwrite(
            stream, result.values, ome=True, photometric=photometric, metadata=metadata
        )
    else:
        tifffile.imwrite(stream, result.values, photometric=photometric)


def _axes(result: Result) -> str:
    """Return the layer's own names of axes where OME has them, else the usual ones."""
    count = result.values.ndim - result.rgb
    named = "".join(name.upper() for name in result.axes[:count])
    fits = len(named) == count and set(named) <= set("TCZYX") and named.endswith("YX")
    axes = named if fits and len(set(named)) == count else _AXES[count]
    return f"{axes}S" if result.rgb else axes


def _sizes(result: Result) -> dict[str, Any]:
    """Return the physical size of a pixel, as far as the layer has units of length."""
    found: dict[str, Any] = {}
    for axis, step, unit in zip(_axes(result), result.scale, result.units, strict=False):
        if axis in "XYZ" and unit in ("µm", "um", "nm", "mm", "cm", "m", "pm", "Å"):
            found[f"PhysicalSize{axis}"] = step
            found[f"PhysicalSize{axis}Unit"] = "µm" if unit == "um" else unit
    return found


def _lines(result: Result) -> Iterator[str]:
    from io import StringIO

    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for row in _rows(result):
        rows.writerow(row)
    yield from text.getvalue().splitlines()


def _rows(result: Result) -> Iterator[list[Any]]:
    if result.kind is DataKind.TABLE:
        yield list(result.values)
        yield from (list(row) for row in zip(*result.values.values(), strict=True))
    elif result.kind is DataKind.POINTS:
        yield ["index", *(f"axis-{axis}" for axis in range(result.values.shape[1]))]
        for number, place in enumerate(result.values.tolist()):
            yield [number, *place]
    else:
        depth = result.values[0].shape[1] if result.values else 2
        yield ["index", "shape-type", "vertex-index", *(f"axis-{axis}" for axis in range(depth))]
        for number, (kind, corners) in enumerate(
            zip(result.shape_types, result.values, strict=True)
        ):
            for corner, place in enumerate(corners.tolist()):
                yield [number, kind, corner, *place]


def sentence_of(kept: Iterable[Kept]) -> tuple[str, str]:
    """Return what came of saving, for people, and its tone."""
    kept = list(kept)
    new = [one.path.name for one in kept if one.path is not None and not one.found]
    old = [one.path.name for one in kept if one.path is not None and one.found]
    parts = [f"✓ Saved {', '.join(new)}."] if new else []
    parts += [f"Already saved: {', '.join(old)}."] if old else []
    parts += [f"“{one.result.name}” was not saved: {one.problem}." for one in kept if one.problem]
    failed = any(one.problem for one in kept)
    return " ".join(parts) or "There is nothing to save.", "error" if failed else "good"
