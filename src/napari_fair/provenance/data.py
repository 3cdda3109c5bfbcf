"""Data that steps are given and give: arrays, layers, files and results as `DataRef`s."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from napari_fair.files import FairError, is_within, relative_posix
from napari_fair.model import DataKind, DataRef
from napari_fair.provenance.identity import Identity, describe, form_of, identity_of, is_layer

_LABEL_TYPES = frozenset({"bool", "int32", "int64"})
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Data:
    """A value with what is known of it beside the numbers.

    Attributes
    ----------
    value
        An array, a layer, a table; None for a file that is only named.
    path
        The file that holds it.
    name
        What people call it.
    kind
        What it is; guessed from the values without it.
    scale, units
        Physical size of a pixel along each axis, and the units' symbols.
    """

    value: Any = None
    path: str | Path = ""
    name: str = ""
    kind: DataKind | str = ""
    scale: tuple[float, ...] = ()
    units: tuple[str, ...] = ()


class Result(NamedTuple):
    """One piece of what a function returned; `name` is its number in a tuple or list."""

    name: str
    value: Any
    passed_as: str = ""
    kind: str = ""
    label: str = ""


def results_of(returned: Any) -> list[Result]:
    """Return the pieces of data in what a function returned.

    Arrays, layers and napari's layer data tuples, alone or in a tuple or list, whose other items
    are then results of their own; anything else is one value.
    """
    if returned is None:
        return []
    one = _one_result("", returned)
    if one is not None:
        return [one]
    if isinstance(returned, (list, tuple)):
        several = [_one_result(str(number), item) for number, item in enumerate(returned)]
        if any(result is not None for result in several):
            pairs = zip(several, enumerate(returned), strict=True)
            return [result or Result(str(number), item) for result, (number, item) in pairs]
    return [Result("", returned)]


def _one_result(name: str, value: Any) -> Result | None:
    if is_layer(value):
        return Result(name, value.data, "layer", type(value).__name__.lower(), str(value.name))
    if is_array(value):
        return Result(name, value)
    if not isinstance(value, tuple) or len(value) not in (2, 3) or not isinstance(value[1], dict):
        return None
    kind = value[2] if len(value) == 3 else "image"
    if not isinstance(kind, str) or kind not in frozenset(DataKind):
        return None
    return Result(name, value[0], "layer", kind, str(value[1].get("name", "")))


def is_array(value: object) -> bool:
    """Whether a value has elements with a shape and a type."""
    return hasattr(value, "shape") and hasattr(value, "dtype")


class Registrar:
    """Finds the `DataRef` of a value, by its checksum, or makes a new one.

    Parameters
    ----------
    known
        Data of earlier steps.
    folder
        Paths in the record are relative to it; None where there is no folder yet.
    look_up
        Knows what stands for some values, without reading them.
    most
        Bytes of values that are read at once; larger ones are `later`. None for all.

    Attributes
    ----------
    later
        Values whose checksums are still to be made, by id of what stands for them.
    """

    def __init__(
        self,
        known: Iterable[DataRef] = (),
        folder: Path | None = None,
        *,
        look_up: Callable[[object], DataRef | None] | None = None,
        most: int | None = None,
    ) -> None:
        self._folder, self._look_up, self._most = folder, look_up, most
        self.later: dict[str, object] = {}
        self._known: dict[tuple[str, str, str], DataRef] = {}
        self._made: list[DataRef] = []
        for piece in known:
            self._remember(piece)

    @property
    def made(self) -> tuple[DataRef, ...]:
        """What was not known before."""
        return tuple(self._made)

    def ref(self, value: Any, *, name: str = "") -> DataRef:
        """Return what stands for an array, a layer, a path, a table or a `Data`."""
        data = value if isinstance(value, Data) else _as_data(value)
        found = self._look_up(value) if self._look_up is not None else None
        if found is not None:
            return found
        piece = self._described(data, name)
        known = self._known.get(_key(piece))
        if known is not None and piece.path in ("", known.path):
            return known
        self._remember(piece)
        self._made.append(piece)
        return piece

    def _remember(self, piece: DataRef) -> None:
        if piece.content_sha256 or piece.sha256:
            self._known[_key(piece)] = piece

    def _described(self, data: Data, name: str) -> DataRef:
        place = self._place(data.path)
        path = self._relative(place)
        identity: dict[str, Any] = {}
        waits = self._waits(data.value)
        for value in (place, data.value):
            if value is not None:
                found = _form(value) if value is data.value and waits else _identity(value)
                identity |= {n: v for n, v in found.items() if v and n not in identity}
        kind = data.kind or ("file" if data.value is None else guessed_kind(data.value))
        label = data.name or name or Path(data.path).name or _label(data.value)
        id = str(uuid4())
        if waits:
            self.later[id] = form_of(data.value)
        return DataRef(
            id=id,
            pending=waits,
            name=_clean(label),
            path=_clean(path),
            kind=DataKind(kind),
            scale=data.scale,
            units=data.units,
            **identity,
        )

    def _waits(self, value: Any) -> bool:
        size = describe(value)[2] if value is not None else None
        return self._most is not None and (size or 0) > self._most

    def _place(self, path: str | Path) -> Path | None:
        """Return where a file is: relative to the working folder, or else to the record's."""
        if not str(path):
            return None
        if self._folder is None or Path(path).exists():
            return Path(path)
        return self._folder / path

    def _relative(self, place: Path | None) -> str:
        if place is None or self._folder is None or not is_within(self._folder, place):
            return ""
        return relative_posix(self._folder, place)


def _as_data(value: Any) -> Data:
    if isinstance(value, (str, Path)):
        return Data(path=value)
    if is_layer(value):
        units = tuple(
            f"{unit:~}" if hasattr(unit, "dimensionality") else str(unit)
            for unit in getattr(value, "units", ()) or ()
        )
        scale = tuple(float(size) for size in value.scale)
        return Data(value.data, name=value.name, kind=_layer_kind(value), scale=scale, units=units)
    return Data(value)


def _layer_kind(layer: Any) -> str:
    kind = type(layer).__name__.lower()
    return kind if kind in frozenset(DataKind) else ""


def _identity(value: Any) -> dict[str, Any]:
    try:
        found = identity_of(value)
    except (FairError, OSError, ValueError, TypeError, RuntimeError, MemoryError):
        return {}  # an unknown checksum is none
    return asdict(found)


def _form(value: Any) -> dict[str, Any]:
    shape, dtype, size = describe(value)
    return asdict(Identity(size=size, shape=shape, dtype=dtype))


def _key(piece: DataRef) -> tuple[str, str, str]:
    return (
        piece.content_sha256 or piece.sha256,
        piece.kind.value,
        piece.path if not piece.content_sha256 else "",
    )


def guessed_kind(value: Any) -> str:
    """Return what data is: whole numbers of 32 bits and more, and masks, are labels."""
    value = form_of(value)
    if hasattr(value, "columns") or isinstance(value, dict):
        return "table"
    if not is_array(value) or not value.shape:
        return "value"
    return "labels" if str(value.dtype) in _LABEL_TYPES and len(value.shape) > 1 else "image"


def _label(value: Any) -> str:
    text = "" if (is_array(value) and value.shape) or not _is_small(value) else repr(value)
    return text[:_LONGEST_NAME]


def _is_small(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str)) or (is_array(value) and not value.shape)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def named_pieces(pieces: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of data given as a mapping, a list, or one value."""
    if isinstance(pieces, dict):
        yield from ((str(name), value) for name, value in pieces.items())
    elif isinstance(pieces, (list, tuple)):
        yield from (("", value) for value in pieces)
    elif pieces is not None:
        yield "", pieces
