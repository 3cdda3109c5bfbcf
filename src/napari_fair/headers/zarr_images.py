"""A multiscale image of an OME-Zarr store: axes, sizes, scale, channels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from napari_fair.headers.sheet import UNTIL_ENTERED, Sheet, as_number
from napari_fair.headers.zarr_groups import Array, Group, as_list, as_mapping
from napari_fair.model.units import canonical_unit

_DEFAULT_AXES = ("t", "c", "z", "y", "x")  # 0.1 and 0.2 had no other
_NAMES = {"channel": "c", "time": "t"}
_COLOR = re.compile(r"#?([0-9A-Fa-f]{6})")
_MAX_DEPTH = 8


@dataclass(frozen=True)
class Axis:
    """An axis of an image: name in lower case, type, unit in the file's words, place."""

    name: str
    type: str
    unit: str | None
    where: str


def record_multiscale(sheet: Sheet, group: Group) -> None:
    """Record the first multiscale of a group: sizes of its largest array, scale, channels."""
    multiscale = as_mapping(next(iter(as_list(group.ome.get("multiscales"))), None))
    where = f"{group.where}/multiscales/0"
    name = multiscale.get("name")
    if isinstance(name, str):
        sheet.text("image.name", name, f"{where}/name")
    dataset = as_mapping(next(iter(as_list(multiscale.get("datasets"))), None))
    path = dataset.get("path")
    array = group.array(path, sheet.warnings) if isinstance(path, str) else None
    axes = _axes(multiscale, dataset, where)
    if array is None:
        sheet.doubt(f"{where} has no readable array", "; sizes are unknown.")
    else:
        axes = axes or _default_axes(array, where)
        _record_sizes(sheet, axes, array)
    _record_scale(sheet, axes, multiscale, dataset, where)
    _record_channels(sheet, group)


def _axes(multiscale: Mapping[str, Any], dataset: Mapping[str, Any], where: str) -> list[Axis]:
    stated = as_list(multiscale.get("axes"))
    if stated:
        return [_axis(axis, f"{where}/axes/{i}") for i, axis in enumerate(stated)]
    systems = as_list(multiscale.get("coordinateSystems"))
    if not systems:
        return []
    chosen = _system(systems, dataset)
    axes = as_list(as_mapping(systems[chosen]).get("axes"))
    place = f"{where}/coordinateSystems/{chosen}/axes"
    return [_axis(axis, f"{place}/{i}") for i, axis in enumerate(axes)]


def _system(systems: list[Any], dataset: Mapping[str, Any]) -> int:
    """Return which coordinate system the largest array is placed in (0.6: the output's name)."""
    transform = as_mapping(next(iter(as_list(dataset.get("coordinateTransformations"))), None))
    output = transform.get("output")
    wanted = as_mapping(output).get("name", output)
    names = [as_mapping(system).get("name") for system in systems]
    return names.index(wanted) if wanted in names else 0


def _axis(stated: Any, where: str) -> Axis:
    if isinstance(stated, str):  # 0.3
        return Axis(stated.lower(), "", None, where)
    held = as_mapping(stated)
    unit, kind = held.get("unit"), str(held.get("type", "")).lower()
    name = str(held.get("name", "")).lower()
    if name not in ("x", "y", "z"):  # "ch", "frame": the type says what they are
        name = _NAMES.get(kind, name)
    return Axis(name, kind, unit if isinstance(unit, str) else None, where)


def _default_axes(array: Array, where: str) -> list[Axis]:
    names = array.dimension_names
    if len(names) != len(array.shape):
        names = _DEFAULT_AXES[-len(array.shape) :]
    return [Axis(name.lower(), "", None, where) for name in names]


def _record_sizes(sheet: Sheet, axes: Sequence[Axis], array: Array) -> None:
    if len(axes) != len(array.shape):
        sheet.doubt(
            f"{array.where} has {len(array.shape)} dimensions but {len(axes)} axes are named",
            "; sizes are unknown.",
        )
        return
    sizes: dict[str, int] = {}
    for axis, size in zip(axes, array.shape, strict=True):
        sizes[axis.name] = size * sizes.get(axis.name, 1)
    for name in "xyzct":
        sheet.size(f"image.size_{name}", sizes.pop(name, 1), f"{array.where}: /shape")
    for name, size in sizes.items():
        sheet.doubt(
            f"{array.where} has an axis {name[:40]!r} of size {size}, for which the record has "
            "no place"
        )
    if array.dtype:
        sheet.state("image.dtype", array.dtype, f"{array.where}: /dtype")


def _record_scale(
    sheet: Sheet,
    axes: Sequence[Axis],
    multiscale: Mapping[str, Any],
    dataset: Mapping[str, Any],
    where: str,
) -> None:
    own = as_list(dataset.get("coordinateTransformations"))
    shared = as_list(multiscale.get("coordinateTransformations"))
    if not own:
        own, shared = shared, []
    scale = _scale(own, len(axes))
    # Between named coordinate systems (0.6) the shared ones lead elsewhere, not to the image's.
    if scale is not None and not as_list(multiscale.get("coordinateSystems")):
        further = _scale(shared, len(axes)) or [1.0] * len(axes)
        scale = [one * other for one, other in zip(scale, further, strict=True)]
    if scale is None:
        if own:
            sheet.doubt(
                f"{where} has a transformation that is no mere scale",
                "; pixel sizes are unknown until you enter them.",
            )
        return
    for axis, factor in zip(axes, scale, strict=True):
        _record_axis(sheet, axis, factor)


def _record_axis(sheet: Sheet, axis: Axis, factor: float) -> None:
    if axis.name in ("x", "y", "z") and axis.type in ("", "space"):
        path = f"image.physical_size_{axis.name}"
    elif axis.name == "t":
        path = "image.time_increment"
    else:
        return
    if axis.unit is None or canonical_unit(axis.unit) is None:
        if factor != 1:
            said = "has no unit" if axis.unit is None else f"has the unit {axis.unit[:20]!r}"
            sheet.doubt(f"{axis.where} {said}: the scale {factor:g} along it", UNTIL_ENTERED)
        return
    sheet.quantity(path, factor, axis.unit, axis.where)


def _scale(transforms: list[Any], dimensions: int, depth: int = 0) -> list[float] | None:
    """Return the product of scales, None when something turns, shears or cannot be read."""
    total = [1.0] * dimensions
    if depth > _MAX_DEPTH:
        return None
    for transform in transforms:
        factors = _factors(as_mapping(transform), dimensions, depth)
        if factors is None:
            return None
        total = [one * other for one, other in zip(total, factors, strict=True)]
    return total if transforms else None


def _factors(transform: Mapping[str, Any], dimensions: int, depth: int) -> list[float] | None:
    kind = transform.get("type")
    if kind in ("identity", "translation"):
        return [1.0] * dimensions
    if kind == "sequence":
        return _scale(as_list(transform.get("transformations")), dimensions, depth + 1)
    if kind != "scale":
        return None
    factors = [as_number(factor) for factor in as_list(transform.get("scale"))]
    known = [factor for factor in factors if factor is not None]
    return known if len(known) == dimensions == len(factors) else None


def _record_channels(sheet: Sheet, group: Group) -> None:
    omero = as_mapping(group.ome.get("omero"))
    for index, channel in enumerate(as_list(omero.get("channels"))[:10_000]):
        held, place = as_mapping(channel), f"{group.where}/omero/channels/{index}"
        label = held.get("label")
        if isinstance(label, str | int) and not isinstance(label, bool):
            sheet.text(f"channel.{index}.name", str(label), f"{place}/label")
        color = held.get("color")
        match = _COLOR.fullmatch(color) if isinstance(color, str) else None
        if match:
            sheet.state(f"channel.{index}.color", f"#{match[1].lower()}", f"{place}/color")
