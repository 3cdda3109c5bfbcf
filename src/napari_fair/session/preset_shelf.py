"""Presets saved from a record: which part of it, where the files lie, and their versions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from platformdirs import user_data_path

from napari_fair.files import FairError, UnreadableFile, shown, writing
from napari_fair.files import replace as replace_file
from napari_fair.model import Dataset, Held, Image, ImageSource, State, field, fields, resolve
from napari_fair.model.fields import split_path
from napari_fair.session.presets import Preset, read_preset
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
    parts: Iterable[str],
) -> Preset:
    """Return a preset with what people said in some `PARTS` of an image's record.

    What only the file says is left out: every file says it for itself.
    """
    begins = tuple(begin for part in parts for begin in PARTS[part])
    values: dict[str, str] = {}
    states: dict[str, State] = {}
    for path, held in _said(dataset, image):
        if not split_path(path)[0].startswith(begins) or path in _ITS_OWN:
            continue
        if held.recorded.given:
            values[path] = text_of(dataset, field(split_path(path)[0]), held.recorded)
        elif held.recorded.state is not State.EMPTY:
            states[path] = held.recorded.state
    return Preset(name=name.strip(), values=values, states=states)


def _said(dataset: Dataset, image: tuple[ImageSource, Image] | None) -> Iterator[tuple[str, Held]]:
    source, found = image or (None, None)
    indexed = {*dataset.defaults, *(found.overrides if found is not None else {})}
    paths = [name for name, declared in fields().items() if not declared.repeated]
    for path in [*paths, *sorted(path for path in indexed if split_path(path)[1] is not None)]:
        held = resolve(dataset, source, found, path)
        if held is not None and held.level != "file":
            yield path, held


def presets_folder() -> Path:
    """Return the folder of the presets of this user, which may not exist."""
    return user_data_path("napari-fair", appauthor=False) / "presets"


def saved_presets(folder: Path | None = None) -> dict[Path, Preset]:
    """Return the presets of a folder by file, sorted by name; files that are none are left out."""
    found: dict[Path, Preset] = {}
    for path in sorted((folder or presets_folder()).glob("*.toml")):
        try:
            found[path] = read_preset(path)
        except FairError:
            continue
    return dict(sorted(found.items(), key=lambda entry: entry[1].name.casefold()))


def save_preset(preset: Preset, folder: Path | None = None) -> Path:
    """Write a preset; one of the same name is replaced and the version goes up by one.

    Returns
    -------
    Path
        The file, named after the preset.

    Raises
    ------
    FairError
        If the name is empty, there is nothing in it, or the folder cannot be written.
    """
    if not preset.name:
        raise FairError("The preset has no name: say what to call it.")
    if not preset.values and not preset.states:
        raise FairError("There is nothing to keep yet in what was chosen: fill in the form first.")
    folder = folder or presets_folder()
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    path, version = _place(preset.name, folder)
    replace_file(path, preset_text(replace(preset, version=version)).encode("utf-8"))
    return path


def _place(name: str, folder: Path) -> tuple[Path, int]:
    """Return the file for a preset's name and the version that it will have."""
    stem = re.sub(r"[^\w.-]+", "-", name.casefold()).strip("-.")[:60] or "preset"
    for number in count(1):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}.toml"
        if not path.exists():
            return path, 1
        known = read_preset(path)
        if known.name.casefold() == name.casefold():
            return path, known.version + 1
    raise AssertionError("count() never ends")


def remove_preset(path: Path) -> None:
    """Delete a preset's file; values that came from it stay where they are."""
    try:
        path.unlink()
    except OSError as problem:
        reason = problem.strerror or "no reason given"
        raise UnreadableFile(f"{shown(path)} could not be deleted ({reason}).") from None


def preset_text(preset: Preset) -> str:
    """Return a preset as TOML that people can read and change."""
    lines = [
        "# A preset of napari-fair: values that come back with every image.",
        f"name = {_quoted(preset.name)}",
        f"version = {preset.version}",
        "",
        "[values]",
        *(f"{_quoted(path)} = {_quoted(text)}" for path, text in preset.values.items()),
    ]
    if preset.states:
        states = preset.states.items()
        lines += ["", "[states]", *(f"{_quoted(p)} = {_quoted(s.value)}" for p, s in states)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML string, over several lines when the text has several."""
    escaped = [
        json.dumps(line, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
        for line in text.split("\n")
    ]
    if len(escaped) == 1:
        return f'"{escaped[0]}"'
    return '"""\n' + "\n".join(escaped) + '"""'
