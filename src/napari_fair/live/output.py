"""Where an acquisition is being saved, and which files that are in the end."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_fair.headers import image_paths
from napari_fair.headers.ome_zarr import is_store
from napari_fair.model import Header

_TIFF = ("*.ome.tif*", "*.tif*")


def output_path(core: Any, sequence: Any) -> Path | None:
    """Return where a core's engine saves the running sequence; None when nothing says so.

    `found_output` finds it in the end where that is so, and `Listener.attach` is there for what
    lies elsewhere.
    """
    return _sink_path(core) or _widget_path(sequence)


def _sink_path(core: Any) -> Path | None:
    """Return where the engine's sink writes.

    pymmcore-plus 0.18 has no public way to ask: this is the one place that looks at a private
    attribute, and it takes nothing for granted.
    """
    settings = getattr(getattr(getattr(core, "mda", None), "_sink", None), "_settings", None)
    places = (getattr(settings, name, None) for name in ("output_path", "root_path"))
    root = getattr(settings, "root_path", None)
    found = next((place for place in places if place), None) if root else None
    return Path(found).absolute() if isinstance(found, str | Path) else None


def _widget_path(sequence: Any) -> Path | None:
    """Return where the widgets of pymmcore-widgets were told to save a sequence."""
    metadata = getattr(sequence, "metadata", None) or {}
    held = metadata.get("pymmcore_widgets") if isinstance(metadata, dict) else None
    if not isinstance(held, dict) or not held.get("should_save"):
        return None
    folder, name = str(held.get("save_dir") or ""), str(held.get("save_name") or "")
    return Path(folder, name).absolute() if folder and name else None


def source_path(path: Path) -> Path | None:
    """Return the file or store that stands for what is saved at a path; None while there is none.

    Several positions in OME-TIFF are a folder of files; the first of them stands for the set.
    """
    if path.is_file() or (path.is_dir() and is_store(path)):
        return path
    if not path.is_dir():
        return None
    found = image_paths(path, recursive=False)
    return found[0] if found else next(_tiffs(path), None)


def _tiffs(folder: Path) -> Any:
    return (path for pattern in _TIFF for path in sorted(folder.glob(pattern)))


def running_header(header: Header, path: Path) -> Header:
    """Return an acquisition's header for a source that is still being written."""
    store = path.is_dir()
    files = [path]
    if not store and path.parent.is_dir() and ".ome.tif" in path.name:
        stem = path.name.partition("_p")[0]
        files = sorted(f for f in path.parent.glob("*.ome.tif*") if f.name.startswith(stem))
    return replace(
        header,
        path=str(path),
        format="OME-Zarr" if store else "OME-TIFF",
        store=store,
        files=tuple(str(file) for file in files or [path]),
    )


def found_output(folder: Path, begun: str, since: float) -> Path | None:
    """Return the source in a folder that was written since a time and began at a moment.

    For output handlers that do not say where they write.

    Parameters
    ----------
    begun
        The acquisition's own time, as it stands in the files' metadata.
    since
        Seconds since the epoch.
    """
    for path in image_paths(folder, recursive=True):
        document = path / "zarr.json" if path.is_dir() else path
        try:
            recent = document.stat().st_mtime >= since - 2
            if recent and time.time() > since and begun.encode() in _text_of(path):
                return path
        except OSError:
            continue
    return None


def _text_of(path: Path) -> bytes:
    most = 1 << 22
    if path.is_file():
        with path.open("rb") as stream:
            data = stream.read(most)
            stream.seek(max(path.stat().st_size - most, 0))
            return data + stream.read(most)
    groups = [path / "zarr.json", path / ".zattrs", *sorted(path.glob("*/zarr.json"))[:1]]
    return b"".join(group.read_bytes()[:most] for group in groups if group.is_file())
