"""Which state of which data each layer shows, and the checksums of those states."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from napari_fair.model import DataKind, DataRef
from napari_fair.provenance.identity import Checksums, Identity
from napari_fair.viewer.recorder_files import why_not_of
from napari_fair.viewer.recorder_results import Result, can_be_saved

if TYPE_CHECKING:
    from napari_fair.provenance import Ledger

KINDS = ("image", "labels", "points", "shapes", "tracks", "vectors", "surface")
_SILENT_BEFORE = "its input had changed before without a word, so what it was given is not known"
_UNCOMPARED = "whether its input was what was recorded could not be compared"
LEFT_OUT = "a layer left out of the history"
Changed = Callable[[dict[str, str]], None]


@dataclass
class _Shown:
    """A layer and the state of its data, both held weakly."""

    layer: weakref.ref[Any]
    data: str
    held: Callable[[], Any]
    hashing: bool = False
    touches: int = 0


class LayerStates:
    """The current `DataRef` of every layer; a change of data makes a new one.

    Checksums come in a thread of their own: a state that is over before its turn has none.
    Layers are known by their ``unique_id``, since names change.

    Parameters
    ----------
    ledger
        Where states that steps name are completed when their checksum is there.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._checksums = Checksums()
        self._lock = RLock()
        self._shown: dict[str, _Shown] = {}
        self._refs: dict[str, DataRef] = {}
        self._published: set[str] = set()
        self._files: dict[str, Path] = {}
        self._by_path: dict[tuple[object, ...], str] = {}
        self._gone: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        self._tables: dict[str, str] = {}
        self._closed = False
        self._spoiled: set[str] = set()
        self.left_out: set[str] = set()

    # ---- states ----

    def begin(self, layer: Any) -> str:
        """Say that a layer shows new data; returns the id of the state."""
        key, ref = str(layer.unique_id), describe_layer(layer)
        if key in self.left_out:
            ref = DataRef(id=ref.id, name=LEFT_OUT, kind=ref.kind)
        with self._lock:
            self._end(key)
            self._refs[ref.id] = ref
            held = _weakly(layer.data)
            self._shown[key] = _Shown(weakref.ref(layer), ref.id, held, hashing=ref.pending)
        if ref.pending:
            self._hash(layer, key, ref.id)
        return ref.id

    def now(self, layer: Any) -> str:
        """Return the id of the state that a layer shows, or showed when it went; else a new one."""
        shown = self._shown.get(str(layer.unique_id))
        return shown.data if shown is not None else self._gone.get(layer) or self.begin(layer)

    def shown(self, key: str) -> str:
        """Return the state that a layer shows, by ``unique_id``; empty for an unknown one."""
        found = self._shown.get(key)
        return found.data if found is not None else ""

    def known(self, layer: Any) -> bool:
        """Return whether a layer has been seen."""
        return str(layer.unique_id) in self._shown

    def has(self, data: str) -> bool:
        """Return whether a piece of data is known here."""
        with self._lock:
            return data in self._refs

    def ref_of(self, value: object) -> DataRef | None:
        """Return the state that a layer, or the array that it shows, is now."""
        for layer in self.layers():
            if layer is value or layer.data is value:
                with self._lock:
                    shown = self._shown[str(layer.unique_id)]
                    return self._refs[shown.data]
        return None

    def refs(self, ids: Iterable[str]) -> list[DataRef]:
        """Return what is known of states by now."""
        with self._lock:
            return [self._refs[id] for id in ids]

    def name_of(self, data: str) -> str:
        """Return what a piece of data is called, in quotation marks."""
        with self._lock:
            return f"“{self._refs[data].name}”"

    def touched(self, layer: Any) -> None:
        """Say that the data of a layer is being changed: a checksum in the making is void."""
        shown = self._shown.get(str(layer.unique_id))
        if shown is None:
            return
        with self._lock:
            shown.touches += 1
            self._spoiled.add(shown.data)
            if shown.hashing:
                self._end(str(layer.unique_id))

    def spoiled(self, data: str) -> bool:
        """Return whether data was written into after its state began."""
        with self._lock:
            return data in self._spoiled

    def forget(self, layer: Any) -> None:
        """Say that a layer is gone."""
        with self._lock:
            self._end(str(layer.unique_id))
            shown = self._shown.pop(str(layer.unique_id), None)
            if shown is not None:
                self._gone[layer] = shown.data

    def layers(self) -> list[Any]:
        """Return the layers that are still there."""
        with self._lock:
            held = [shown.layer() for shown in self._shown.values()]
        return [layer for layer in held if layer is not None]

    def layer_of(self, data: str) -> Any:
        """Return the layer that shows a state now, or None."""
        with self._lock:
            found = next((s for s in self._shown.values() if s.data == data), None)
        return found.layer() if found is not None else None

    def _end(self, key: str) -> None:
        """Give up a checksum that is not there yet."""
        shown = self._shown.get(key)
        if shown is not None and shown.hashing:
            shown.hashing = False
            self._know(shown.data, Identity())

    # ---- files ----

    def file(self, path: Path) -> str:
        """Return the id of the data that a file is."""
        version = _version(path)
        with self._lock:
            known = self._by_path.get(version)
            if known is not None:
                return known
            ref = DataRef(id=str(uuid4()), name=path.name, kind=DataKind.FILE, pending=True)
            self._refs[ref.id], self._files[ref.id] = ref, path
            self._by_path[version] = ref.id
        self._submit(path, lambda found: self._know(ref.id, found))
        return ref.id

    def saved_as(self, data: str, path: Path, sha256: str) -> None:
        """Say which file holds a state."""
        with self._lock:
            self._files[data] = path
            self._refs[data] = self._refs[data].model_copy(update={"sha256": sha256})
            published = data in self._published
        if published:
            self._ledger.complete(data, sha256=sha256, pending=self._refs[data].pending)

    def files(self) -> dict[str, Path]:
        """Return where the files are, by the ids of their data; it is in no record."""
        with self._lock:
            return dict(self._files)

    def compare(self, data: str, array: Any, done: Callable[[str], None]) -> None:
        """Tell why an array, held until then, is not known to be a state; empty if it is."""

        def compared(found: Identity | None) -> None:
            del array_held[:]
            before = self.content_of(data)
            known = bool(before) and found is not None
            why = "" if found and found.content_sha256 == before else _SILENT_BEFORE
            done(why if known else _UNCOMPARED)

        array_held = [array]
        self._submit(array, compared)

    def compare_with_file(self, data: list[str], path: Path, done: Callable[[str], None]) -> None:
        """Tell why layers are not known to show a file, empty if they do, in another thread."""

        def compare(_found: Identity | None) -> None:
            contents = [self.content_of(one) for one in data]  # those asked for before are there
            done(why_not_of(path, contents, lambda: self._closed))

        self._submit(path, compare)

    # ---- for steps ----

    def value(self, name: str, value: object) -> str:
        """Return the id of a large argument, which is known by its checksum only."""
        ref = DataRef(id=str(uuid4()), name=name, kind=DataKind.VALUE, pending=True)
        with self._lock:
            self._refs[ref.id] = ref
        self._submit(value, lambda found: self._know(ref.id, found))
        return ref.id

    def table(self, layer: Any) -> str:
        """Return the id of a layer's table of measurements as it is now."""
        features = layer.features
        shape = tuple(int(size) for size in features.shape)
        ref = DataRef(
            id=str(uuid4()),
            name=f"measurements of {layer.name}",
            kind=DataKind.TABLE,
            pending=True,
            shape=shape,
        )
        with self._lock:
            self._refs[ref.id] = ref
            self._tables[str(layer.unique_id)] = ref.id
        columns = {str(name): features[name].to_numpy() for name in features.columns}
        self._submit(columns, lambda found: self._know(ref.id, found))
        return ref.id

    def table_of(self, layer: Any) -> str:
        """Return the last known table of a layer; empty if it has none."""
        return self._tables.get(str(layer.unique_id), "")

    def publish(self, ids: Iterable[str]) -> list[DataRef]:
        """Return what is known of data that a step names; the ledger gets what comes later."""
        with self._lock:
            wanted = list(dict.fromkeys(ids))
            self._published.update(wanted)
            return [self._refs[id] for id in wanted]

    def _know(self, id: str, found: Identity | None) -> None:
        found = found or Identity()
        known: dict[str, Any] = {"pending": False}
        for name in ("content_sha256", "sha256", "size", "shape", "dtype"):
            value = getattr(found, name)
            if value or (name == "size" and value is not None):
                known[name] = value
        with self._lock:
            self._refs[id] = self._refs[id].model_copy(update=known)
            published = id in self._published
        if published:
            self._ledger.complete(id, **known)

    # ---- checksums ----

    def _submit(self, value: object, done: Callable[[Identity | None], None]) -> None:
        """Ask for a checksum; a fault in what follows must not end the thread that makes them."""

        def safely(found: Identity | None) -> None:
            try:
                done(found)
            except Exception as fault:
                logging.getLogger("napari_fair").error("a checksum was lost", exc_info=fault)

        self._checksums.submit(value, safely)

    def _hash(self, layer: Any, key: str, data: str) -> None:
        def done(found: Identity | None) -> None:
            with self._lock:
                shown = self._shown.get(key)
                if shown is None or shown.data != data or not shown.hashing:
                    return
                shown.hashing = False
            self._know(data, found)

        self._submit(_content(layer), done)

    def check(self, done: Changed) -> None:
        """Compare all data in memory with its checksum; of other data, whether it is still shown.

        `done` gets the layers that changed without a word, by ``unique_id``, with the states that
        they no longer show; it is called in the checksums' thread, or at once when there is
        nothing to compare.
        """
        changed: dict[str, str] = {}
        waiting = [self._compared(layer, changed) for layer in self.layers()]
        todo = [one for one in waiting if one is not None]
        if not todo:
            done(changed)
            return
        left = len(todo)

        def one_less() -> None:
            nonlocal left
            left -= 1
            if not left:
                done(changed)

        for layer, compare in todo:
            self._submit(_content(layer), _after(compare, one_less))

    def _compared(
        self, layer: Any, changed: dict[str, str]
    ) -> tuple[Any, Callable[[Identity | None], None]] | None:
        key = str(layer.unique_id)
        data = self.now(layer)
        if key in self.left_out:
            return None
        if not in_memory(layer):
            if self._replaced(key, layer):
                changed[key] = data
            return None
        touches = self._touches(key)

        def compare(found: Identity | None) -> None:
            with self._lock:
                shown, before = self._shown.get(key), self._refs[data].content_sha256
            same = shown is not None and shown.data == data and shown.touches == touches
            if found is not None and same and before and before != found.content_sha256:
                changed[key] = data

        return layer, compare

    def confirm(self, data: str, done: Callable[[bool], None]) -> bool:
        """Look whether a layer still shows what was recorded of it, if it can be known.

        Returns whether `done` will be called, in the checksums' thread, with the answer; a change
        that was announced meanwhile counts as none.
        """
        layer = self.layer_of(data)
        key = str(layer.unique_id) if layer is not None else ""
        if layer is None or key in self.left_out:
            return False
        if not in_memory(layer):
            if not self._replaced(key, layer):
                return False
            done(False)
            return True
        touches = self._touches(key)

        def compare(found: Identity | None) -> None:
            with self._lock:
                shown, before = self._shown.get(key), self._refs[data].content_sha256
            same = shown is None or shown.data != data or not before or found is None
            same = same or (shown is not None and shown.touches != touches)  # painted meanwhile
            done(same or (found is not None and before == found.content_sha256))

        self._submit(_content(layer), compare)
        return True

    def _touches(self, key: str) -> int:
        shown = self._shown.get(key)
        return shown.touches if shown is not None else 0

    def _replaced(self, key: str, layer: Any) -> bool:
        """Return whether a layer shows another object than when its state began."""
        shown = self._shown.get(key)
        held = shown.held() if shown is not None else None
        return shown is not None and shown.held is not _unknown and held is not layer.data

    def content_of(self, data: str) -> str:
        """Return the checksum of a state's values, as far as it is known."""
        with self._lock:
            return self._refs[data].content_sha256

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the checksums under way."""
        return self._checksums.wait(timeout)

    def close(self) -> None:
        """Make no checksums any more."""
        self._closed = True
        self._checksums.close()


def _after(
    first: Callable[[Identity | None], None], then: Callable[[], None]
) -> Callable[[Identity | None], None]:
    def both(found: Identity | None) -> None:
        try:
            first(found)
        finally:
            then()

    return both


def _unknown() -> None:
    """Stand for data that cannot be held weakly."""


def _weakly(data: Any) -> Callable[[], Any]:
    try:
        return weakref.ref(data)
    except TypeError:
        return _unknown


def _version(path: Path) -> tuple[object, ...]:
    """Return what tells a file from one that took its place later."""
    try:
        found = path.stat()
    except OSError:
        return (path,)
    return (path, found.st_size, found.st_mtime_ns)


def kind_of(layer: Any) -> DataKind:
    """Return which sort of napari layer it is."""
    names = [base.__name__.lower() for base in type(layer).__mro__]
    return DataKind(next((name for name in names if name in KINDS), "value"))


def in_memory(layer: Any) -> bool:
    """Return whether reading all of a layer's data costs no reading of files."""
    data = layer.data
    if kind_of(layer) in (DataKind.IMAGE, DataKind.LABELS):
        return isinstance(data, np.ndarray) and not isinstance(data, np.memmap)
    return True


def describe_layer(layer: Any) -> DataRef:
    """Return a new state of a layer's data, without its checksum; nothing is read."""
    kind = kind_of(layer)
    data = layer.data
    if kind in (DataKind.IMAGE, DataKind.LABELS) and getattr(layer, "multiscale", False):
        data = data[0]
    shape = tuple(int(size) for size in getattr(data, "shape", ()) or ())
    dtype = getattr(data, "dtype", None)
    return DataRef(
        id=str(uuid4()),
        name=layer.name,
        kind=kind,
        pending=in_memory(layer),
        shape=shape,
        dtype="" if dtype is None else str(dtype),
        size=getattr(data, "nbytes", None) if in_memory(layer) else None,
        scale=tuple(float(step) for step in layer.scale),
        units=tuple(f"{unit:~}" for unit in layer.units),
    )


def _content(layer: Any) -> Any:
    """Return what is hashed for a layer, such that it can be held weakly."""
    data = layer.data
    return data if isinstance(data, np.ndarray) else layer


def savable(data: str, layer: Any, states: LayerStates) -> bool:
    """Return whether a state that a layer shows can be written: arrays in memory, lists, tables."""
    (ref,) = states.refs([data])
    return can_be_saved(ref.kind) and (ref.kind is DataKind.TABLE or in_memory(layer))


def result_of(layer: Any, data: str, states: LayerStates) -> Result:
    """Return a state that a layer shows, with its data."""
    (ref,) = states.refs([data])
    facts: dict[str, Any] = {"data": data, "kind": ref.kind, "content": ref.content_sha256}
    if ref.kind is DataKind.TABLE:
        features = layer.features
        columns = {str(name): features[name].to_numpy() for name in features.columns}
        return Result(name=ref.name, values=columns, **facts)
    places: dict[str, Any] = {
        "scale": tuple(float(step) for step in layer.scale),
        "units": tuple(f"{unit:~}" for unit in layer.units),
        "axes": tuple(map(str, layer.axis_labels)),
    }
    types = tuple(map(str, getattr(layer, "shape_type", ())))
    rgb = bool(getattr(layer, "rgb", False))
    return Result(name=layer.name, values=layer.data, rgb=rgb, shape_types=types, **places, **facts)
