"""Presets: values that come back with every image, in one readable file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from napari_fair.files import DamagedDocument, UnreadableFile, reading, shown
from napari_fair.model import BLOCKS, State, fields
from napari_fair.model.declaration import split_path


@dataclass(frozen=True)
class Preset:
    """Values and states by field name, in their text form.

    Attributes
    ----------
    name, version
        What the record keeps of it: which preset, in which version, a value came from.
    locked
        Fields, or blocks as ``instrument.*``, whose values only the preset's keeper changes.
    """

    name: str
    version: int = 1
    values: dict[str, str] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    locked: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """What is written as the place that a value came from."""
        return f"{self.name}{_VERSION}{self.version}"

    def locks(self, path: str) -> bool:
        """Return whether the value of a field is for the preset's keeper alone."""
        name = split_path(path)[0]
        return any(each in (path, name, f"{name.split('.')[0]}.*") for each in self.locked)


_VERSION = ", version "


def preset_name(where: str) -> str:
    """Return the name of the preset that `Preset.where` speaks of."""
    return where.rpartition(_VERSION)[0]


_LARGEST = 2**20
"""Bytes; whatever is larger was not written as a preset."""


def read_preset(path: Path) -> Preset:
    """Read a preset file (TOML).

    It holds `name`, `version`, `locked`, and the tables ``[values]`` and ``[states]``.

    Raises
    ------
    DamagedDocument
        If it is no preset; the message says what is wrong.
    """
    with reading(path):
        if path.exists() and not path.is_file():
            raise UnreadableFile(f"{shown(path)} is not a file; choose a preset file.")
        if path.stat().st_size > _LARGEST:
            raise DamagedDocument(f"{shown(path)} is too large for a preset; choose another file.")
        data = path.read_bytes()
    try:
        read = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise DamagedDocument(
            f"{path} is no preset: {problem}. Mend it or make a new one."
        ) from None
    values, states = read.get("values", {}), read.get("states", {})
    if not isinstance(values, dict) or not isinstance(states, dict):
        raise DamagedDocument(f"{path} is no preset: [values] and [states] must be tables.")
    unknown = [name for name in (*values, *states) if split_path(name)[0] not in fields()]
    if unknown:
        raise DamagedDocument(
            f"{path} names a field that does not exist, {unknown[0]!r}: see the list of fields."
        )
    locked = read.get("locked", [])
    if not isinstance(locked, list):
        raise DamagedDocument(f"{path} is no preset: locked must be a list of fields.")
    version = read.get("version", 1)
    return Preset(
        name=str(read.get("name", path.stem)),
        version=version if isinstance(version, int) else 1,
        values={name: _text(value) for name, value in values.items()},
        states={name: _state(path, str(word)) for name, word in states.items()},
        locked=tuple(_lock(path, str(name)) for name in locked),
    )


def _lock(path: Path, name: str) -> str:
    if can_lock(name):
        return name
    raise DamagedDocument(
        f"{path} locks a field that does not exist, {name!r}: see the list of fields."
    )


def can_lock(name: str) -> bool:
    """Return whether a text names a field, or all of a block as ``instrument.*``."""
    return split_path(name)[0] in fields() or name in {f"{block}.*" for block in BLOCKS}


def _text(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _state(path: Path, word: str) -> State:
    try:
        return State(word)
    except ValueError:
        known = ", ".join(state.value for state in State if state is not State.GIVEN)
        raise DamagedDocument(f"{path}: {word!r} is no state; use one of {known}.") from None
