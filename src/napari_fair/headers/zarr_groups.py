"""Groups and arrays of a Zarr store, version 2 and 3, by their JSON alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from napari_fair.files import DamagedDocument, UnsafePath, confine, read_json
from napari_fair.headers.sentences import Warnings

MAX_JSON_BYTES = 64 << 20

# Zarr 2 types, without byte order
_KINDS = {"u": "uint", "i": "int", "f": "float", "c": "complex"}


@dataclass(frozen=True)
class Group:
    """A group's OME metadata.

    Attributes
    ----------
    root
        The store; nothing outside is ever read.
    path
        The group's folder.
    ome
        The OME part of its attributes.
    where
        The place of `ome`, e.g. ``zarr.json: /attributes/ome``.
    """

    root: Path
    path: Path
    ome: Mapping[str, Any]
    where: str

    def child(self, name: str, warnings: Warnings) -> Group | None:
        """Return a group inside this one, None (and a warning) when it cannot be read."""
        place = _confined(self.root, self.path, name, warnings)
        if place is None:
            return None
        group = open_group(place, warnings, self.root)
        if group is None and not warnings.damaged:
            warnings.damage(f"The store has no group {name!r}, though it lists one.")
        return group

    def array(self, name: str, warnings: Warnings) -> Array | None:
        """Return an array inside this group."""
        return _open_array(self.root, self.path, name, warnings)


@dataclass(frozen=True)
class Array:
    """An array's shape and numpy type name (empty when unknown), and the file that says so."""

    shape: tuple[int, ...]
    dtype: str
    where: str
    dimension_names: tuple[str, ...] = ()


def open_group(path: Path, warnings: Warnings, root: Path | None = None) -> Group | None:
    """Return the group in a folder; None, marked as damage, when its JSON cannot be read."""
    store = path if root is None else root
    inside = path.resolve().relative_to(store.resolve()).as_posix() if path != store else ""
    prefix = "" if inside in ("", ".") else f"{inside}/"
    for name in ("zarr.json", ".zattrs"):
        if not (path / name).is_file():
            continue
        held = _json(path / name, f"{prefix}{name}", warnings)
        if held is None:
            return None
        if name == ".zattrs":
            return Group(store, path, held, f"{prefix}.zattrs:")
        ome = as_mapping(as_mapping(held.get("attributes")).get("ome"))
        return Group(store, path, ome, f"{prefix}zarr.json: /attributes/ome")
    collected = _collected(store, f"{prefix}.zattrs", warnings)
    if collected:
        return Group(store, path, collected, f".zmetadata: {prefix}.zattrs")
    if any((path / marker).is_file() for marker in (".zgroup", ".zarray")):
        return Group(store, path, {}, f"{prefix}.zgroup:")
    return None


def _collected(store: Path, name: str, warnings: Warnings) -> Mapping[str, Any]:
    """Return what the store's collected metadata (version 2) say for a file that is not there."""
    place = store / ".zmetadata"
    try:
        changed = place.stat().st_mtime_ns
    except OSError:
        return {}
    held, said = _read_collected(place, changed)
    for sentence in said:
        warnings.damage(sentence)
    return as_mapping(held.get(name))


@lru_cache(maxsize=1)
def _read_collected(place: Path, _changed: int) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    warnings = Warnings()
    held = _json(place, ".zmetadata", warnings) or {}
    return as_mapping(held.get("metadata")), warnings.all(1)


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a JSON array, an empty one for anything else."""
    return value if isinstance(value, list) else []


def _open_array(root: Path, path: Path, name: str, warnings: Warnings) -> Array | None:
    place = _confined(root, path, name, warnings)
    if place is None:
        return None
    inside = place.relative_to(root.resolve()).as_posix()
    for file, key in (("zarr.json", "data_type"), (".zarray", "dtype")):
        if not (place / file).is_file():
            continue
        held = _json(place / file, f"{inside}/{file}", warnings)
        if held is None:
            return None
        shape = as_list(held.get("shape"))
        if not shape or not all(isinstance(size, int) and size >= 0 for size in shape):
            warnings.damage(f"{inside}/{file} of the store states no shape.")
            return None
        names = tuple(str(name) for name in as_list(held.get("dimension_names")))
        return Array(tuple(shape), _dtype(held.get(key)), f"{inside}/{file}", names)
    collected = _collected(root, f"{inside}/.zarray", warnings)
    shape = as_list(collected.get("shape"))
    if shape and all(isinstance(size, int) and size >= 0 for size in shape):
        return Array(tuple(shape), _dtype(collected.get("dtype")), f".zmetadata: {inside}/.zarray")
    warnings.damage(f"The store has no array {name!r}, though it lists one.")
    return None


def _confined(root: Path, path: Path, name: str, warnings: Warnings) -> Path | None:
    try:
        place = confine(path, name)
        confine(root, place.relative_to(root.resolve()).as_posix())
    except (UnsafePath, ValueError):
        warnings.add(f"The store names {name[:60]!r}, which lies outside it; not read.")
        return None
    return place


def _json(path: Path, name: str, warnings: Warnings) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            warnings.damage(f"{name} is larger than {MAX_JSON_BYTES >> 20} MiB and was not read.")
            return None
        value = read_json(path.read_bytes(), name=name).value
    except DamagedDocument as error:
        warnings.damage(str(error))
        return None
    except OSError as error:
        warnings.damage(f"{name} could not be read ({error.strerror}).")
        return None
    if isinstance(value, dict):
        return value
    warnings.damage(f"{name} is not a JSON object.")
    return None


def _dtype(written: Any) -> str:
    if not isinstance(written, str):
        return ""
    if written[:1] in "<>|=":
        kind, width = written[1:2], written[2:]
        if kind == "b":
            return "bool"
        return f"{_KINDS[kind]}{int(width) * 8}" if kind in _KINDS and width.isdigit() else ""
    known = written == "bool" or written.rstrip("0123456789") in _KINDS.values()
    return written if known else ""
