"""Presets saved from a record: which part of it, where the files lie, and their versions."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from platformdirs import user_config_path, user_data_path

from napari_fair.files import DamagedDocument, FairError, UnreadableFile, shown, writing
from napari_fair.files import replace as replace_file
from napari_fair.model import (
    BLOCKS,
    Dataset,
    Held,
    Image,
    ImageSource,
    State,
    field,
    fields,
    resolve,
)
from napari_fair.model.declaration import split_path
from napari_fair.session.presets import Preset, can_lock, read_preset
from napari_fair.session.texts import text_of

PARTS: dict[str, tuple[str, ...]] = {
    "study": ("study.", "component."),
    "people": ("study.authors", "study.publisher", "annotation.authors", "image.operator"),
    "sample": ("biosample.", "specimen."),
    "protocol": ("acquisition.", "environment.", "channel."),
    "instrument": ("acquisition.instrument", "instrument."),
    "annotations and analysis": ("annotation.", "correlation.", "analysis."),
}
"""What of a record a preset can hold, by how the names of its fields begin."""

_ITS_OWN = ("study.date_published", "image.name", "image.acquisition_date")


def preset_of(
    dataset: Dataset,
    image: tuple[ImageSource, Image] | None,
    *,
    name: str,
    parts: Iterable[str] = (),
    paths: Iterable[str] = (),
    locked: Iterable[str] = (),
) -> Preset:
    """Return a preset with what is said in an image's record.

    Parameters
    ----------
    parts
        Some of `PARTS`, or blocks by their short name. What only the file says is left out:
        every file says it for itself.
    paths
        Fields that are kept whoever said them.
    locked
        See `Preset`.

    Raises
    ------
    FairError
        If there is no such part, or nothing is said about a field that was named.
    """
    begins, wanted = tuple(b for part in parts for b in _begins(part)), set(paths)
    values: dict[str, str] = {}
    states: dict[str, State] = {}
    for path, held in _said(dataset, image):
        in_part = held.level != "file" and path.startswith(begins) and path not in _ITS_OWN
        if not in_part and path not in wanted:
            continue
        if held.recorded.given:
            values[path] = text_of(dataset, field(split_path(path)[0]), held.recorded)
        elif held.recorded.state is not State.EMPTY:
            states[path] = held.recorded.state
    lacking = sorted(wanted - {*values, *states})
    if lacking:
        raise FairError(f"Nothing is said about {', '.join(lacking)}: fill it in first.")
    return Preset(name.strip(), values=values, states=states, locked=tuple(locked))


def _begins(part: str) -> tuple[str, ...]:
    if part in PARTS:
        return PARTS[part]
    if part in BLOCKS:
        return (f"{part}.",)
    known = ", ".join([*PARTS, *(block for block in BLOCKS if block not in PARTS)])
    raise FairError(f"There is no part {part!r} of a record: choose from {known}.")


def _said(dataset: Dataset, image: tuple[ImageSource, Image] | None) -> Iterator[tuple[str, Held]]:
    source, found = image or (None, None)
    facts = {**found.facts, **found.overrides} if found is not None else {}
    indexed = {path for path in (*dataset.defaults, *facts) if split_path(path)[1] is not None}
    paths = [name for name, declared in fields().items() if not declared.repeated]
    for path in [*paths, *sorted(indexed)]:
        held = resolve(dataset, source, found, path)
        if held is not None:
            yield path, held


def presets_folder() -> Path:
    """Return the folder of the presets of this user, which may not exist."""
    return user_data_path("napari-fair", appauthor=False) / "presets"


LIBRARIES = "NAPARI_FAIR_PRESETS"
"""Environment variable with further folders of presets, separated as in PATH."""


_set_here: list[Path] = []


def use_library(folder: Path | None) -> None:
    """Also look for presets in a folder, for as long as this program runs; None for no more."""
    _set_here[:] = [folder] if folder is not None else []


def preset_folders() -> list[Path]:
    """Return the user's folder of presets and those of the facility, which may not exist.

    These are named by the environment variable `LIBRARIES`, by `use_library`, and by ``presets``
    in ``settings.toml`` of the user's configuration folder: a folder, or a list of them.
    """
    named = os.environ.get(LIBRARIES, "").split(os.pathsep) + _set_folders()
    libraries = [Path(name).expanduser() for name in named if name.strip()]
    return list(dict.fromkeys([presets_folder(), *libraries, *_set_here]))


def settings_file() -> Path:
    """Return the file with the user's settings, which may not exist."""
    return user_config_path("napari-fair", appauthor=False) / "settings.toml"


def _set_folders() -> list[str]:
    try:
        said = tomllib.loads(settings_file().read_text("utf-8")).get("presets", [])
    except (OSError, ValueError):
        return []
    return [str(each) for each in (said if isinstance(said, list) else [said])]


def saved_presets(folder: Path | None = None) -> dict[Path, Preset]:
    """Return the presets of a folder, or all there are, by file and sorted by name.

    Files that are none are left out.
    """
    found: dict[Path, Preset] = {}
    for each in [folder] if folder is not None else preset_folders():
        with suppress(OSError):  # a share that does not answer
            for path in sorted(each.glob("*.toml")):
                with suppress(FairError):
                    found[path] = read_preset(path)
    return dict(sorted(found.items(), key=lambda entry: entry[1].name.casefold()))


def find_preset(name: str) -> tuple[Path, Preset]:
    """Return a preset by its name, or by its file.

    Raises
    ------
    FairError
        If there is none, or several have this name.
    """
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        return path, read_preset(path)
    known = saved_presets()
    found = [each for each in known.items() if each[1].name.casefold() == name.strip().casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        files = " or ".join(str(path) for path, _ in found)
        raise FairError(f"Several presets are called {name!r}: name the file, {files}.")
    names = ", ".join(repr(preset.name) for preset in known.values()) or "none yet"
    raise FairError(f"There is no preset {name!r}; there are: {names}. A file works too.")


def save_preset(preset: Preset, folder: Path | None = None) -> Path:
    """Write a preset; one of the same name is replaced and the version goes up by one.

    Returns
    -------
    Path
        The file, named after the preset.

    Raises
    ------
    FairError
        If the name is empty, there is nothing in it, it locks what is no field, the folder
        cannot be written, or a preset of this name that locks fields is kept in another folder.
    """
    if not preset.name:
        raise FairError("The preset has no name: say what to call it.")
    unknown = [each for each in preset.locked if not can_lock(each)]
    if unknown:
        raise FairError(f"{unknown[0]!r} is no field to lock: use a field, or e.g. instrument.*.")
    if not preset.values and not preset.states:
        raise FairError("There is nothing to keep yet in what was chosen: fill in the form first.")
    folder = folder or presets_folder()
    _refuse_name_of_library(preset.name, folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    path, known = _place(preset.name, folder)
    if known is not None:
        preset = replace(preset, version=known.version + 1, locked=preset.locked or known.locked)
    replace_file(path, preset_text(preset).encode("utf-8"))
    return path


def _refuse_name_of_library(name: str, folder: Path) -> None:
    for path, known in saved_presets().items():
        same = known.name.casefold() == name.casefold()
        if known.locked and same and path.parent.resolve() != folder.resolve():
            raise FairError(f"{name!r} is a preset of {path.parent}: choose another name.")


def _place(name: str, folder: Path) -> tuple[Path, Preset | None]:
    """Return the file for a preset's name, and the preset of this name that is there already."""
    for path, known in saved_presets(folder).items():
        if known.name.casefold() == name.casefold():
            return path, known
    stem = re.sub(r"[^\w.-]+", "-", name.casefold()).strip("-.")[:60] or "preset"
    names = (f"{stem}{'' if number == 1 else f'-{number}'}.toml" for number in count(1))
    return next(path for each in names if not (path := folder / each).exists()), None


def remove_preset(path: Path) -> None:
    """Delete a preset's file; values that came from it stay where they are.

    Raises
    ------
    FairError
        If it cannot be deleted, or locks fields: then its keeper deletes the file.
    """
    with suppress(UnreadableFile, DamagedDocument):
        if read_preset(path).locked:
            raise FairError(f"{shown(path)} locks fields: whoever keeps it deletes the file.")
    try:
        path.unlink()
    except OSError as problem:
        reason = problem.strerror or "no reason given"
        raise UnreadableFile(f"{shown(path)} could not be deleted ({reason}).") from None


def preset_text(preset: Preset) -> str:
    """Return a preset as TOML that people can read and change."""
    lines = [
        "# A preset of napari-fair: values that come back with every image.",
        f"name = {quoted(preset.name)}",
        f"version = {preset.version}",
        *([f"locked = [{', '.join(map(quoted, preset.locked))}]"] if preset.locked else []),
        "",
        "[values]",
        *(f"{quoted(path)} = {quoted(text)}" for path, text in preset.values.items()),
    ]
    if preset.states:
        states = preset.states.items()
        lines += ["", "[states]", *(f"{quoted(p)} = {quoted(s.value)}" for p, s in states)]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return a text as TOML, over several lines when it has several."""
    escaped = [
        json.dumps(line, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
        for line in text.split("\n")
    ]
    if len(escaped) == 1:
        return f'"{escaped[0]}"'
    return '"""\n' + "\n".join(escaped) + '"""'
