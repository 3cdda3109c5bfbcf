"""The plain sentences of the dock, without Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from napari_fair.model import State

UNKNOWN_PIXEL_SIZE = "▲ pixel size unknown"
_MARKS = {
    "header": ("▤", "header"),
    "layer": ("◫", "layer"),
    "preset": ("❒", "preset"),
    "previous": ("↺", "as last image"),
    "typed": ("✎", "typed"),
    "table": ("▦", "table"),
    "file name": ("≡", "file name"),
    "acquisition": ("◉", "acquisition"),
    "sidecar": ("▥", "sidecar"),
    "inferred": ("≈", "inferred"),
    "vocabulary": ("❖", "vocabulary"),
}
_STATES = {
    State.UNKNOWN: ("?", "unknown"),
    State.NOT_APPLICABLE: ("–", "not applicable"),
    State.EMPTY: ("○", "left empty"),
}
STATUS = {
    "passed": ("✓", "passed"),
    "partly": ("◐", "partly"),
    "missing": ("✕", "missing"),
    "not checked": ("○", "not checked"),
    "not applicable": ("–", "not applicable"),
}
"""Icon and word of each status of a rule; the icons differ in shape, not only in colour."""

ASKS_FIRST = "Nothing is written yet: Save asks first where the image is."

_LONGEST = 46
_LONGEST_PRESET = 16
_MOST_NAMES = 3
_FIRM_HYPHEN = "\u2011"
"""Shown for ``-`` in names, so that no line ends inside them."""

_COLOUR_FORMATS = ("PNG", "JPEG")
TextOf = Callable[[str], str]


class Mark(NamedTuple):
    """What stands right of a field's label."""

    icon: str
    word: str
    tone: str = ""

    @property
    def text(self) -> str:
        """Icon and word."""
        return f"{self.icon} {self.word}".strip()


def origin_mark(view: Any, *, essential: bool) -> Mark:
    """Return where a value came from, or that it is missing."""
    if view.state is None or (view.state is State.EMPTY and essential):
        return Mark("▲", "missing", "warning") if essential else Mark("", "⋯")
    if view.locked_by:
        return Mark("", f"set by {_cut(view.locked_by)} preset")
    if view.state is not State.GIVEN:
        return Mark(*_STATES[view.state])
    icon, word = _MARKS.get(view.origin, ("•", view.origin))
    if view.origin == "preset" and view.where:
        word = f"preset {_preset_name(view.where)}"
    if view.trust == "guessed":
        word += " (guess)"
    if view.not_yet_a_term:
        return Mark(icon, f"{word} · not yet a term")
    return Mark(icon, f"{word} · this image" if view.level == "image" else word)


def _preset_name(where: str) -> str:
    """Return e.g. ``“IF fixed”, v3``; a long name is cut, the tooltip has it all."""
    name, found, version = where.rpartition(", version ")
    name = name if found else where
    return f"“{_cut(name)}”, v{version}" if found else f"“{_cut(name)}”"


def _cut(name: str) -> str:
    if len(name) <= _LONGEST_PRESET:
        return name
    return f"{name[: _LONGEST_PRESET - 1].rstrip()}…"


def who_edits(locked_by: str) -> str:
    """Return the sentence about a value that people can only read."""
    return (
        f"Only whoever keeps the preset “{locked_by}” edits this; you can read and copy it. "
        "Another preset can take its place."
    )


def origin_tooltip(view: Any) -> str:
    """Return the sentences behind a mark: place, original words, what was replaced."""
    if view.state is None:
        return "Nobody has said anything here yet."
    lines = [who_edits(view.locked_by)] if view.locked_by else []
    if view.where:
        lines.append(f"From {view.where}.")
    if view.trust and view.trust != "stated":
        lines.append(f"This value is {view.trust}, not stated.")
    if view.original:
        lines.append(f"The file says “{view.original}”.")
    if view.replaced_text:
        lines.append(f"Before: {view.replaced_text}.")
    return "\n".join(lines) or f"Origin: {view.origin}."


def dimensions_line(format: str, text_of: TextOf) -> str:
    """Return e.g. ``OME-TIFF · 2 channels · 21 z · 512 × 512``."""
    parts = [format] if format else []
    channels = _number(text_of("image.size_c"))
    samples = text_of("channel.0.samples_per_pixel") in ("3", "4")
    if samples or (format in _COLOUR_FORMATS and channels in (3, 4)):
        parts.append("colour")
    elif channels > 1:
        parts.append(f"{channels} channels")
    parts += [
        f"{count} {axis}"
        for axis in ("z", "t")
        if (count := _number(text_of(f"image.size_{axis}"))) > 1
    ]
    width, height = text_of("image.size_x"), text_of("image.size_y")
    if width and height:
        parts.append(f"{width} × {height}")
    return " · ".join(parts)


def pixel_size_line(text_of: TextOf) -> str:
    """Return e.g. ``0.108 × 0.108 × 0.3 µm``, or in words that it is unknown."""
    axes = ["x", "y"] + (["z"] if _number(text_of("image.size_z")) > 1 else [])
    texts = [text_of(f"image.physical_size_{axis}") for axis in axes]
    if not texts[0] or not texts[1]:
        return UNKNOWN_PIXEL_SIZE
    numbers, units = zip(*(text.partition(" ")[::2] for text in texts if text), strict=True)
    if len(set(units)) > 1:
        return " × ".join(text for text in texts if text)
    missing_depth = "" if len(numbers) == len(axes) else " (z unknown)"
    return f"{' × '.join(numbers)} {units[0]}{missing_depth}"


def date_line(text: str) -> str:
    """Return an ISO date and time as people read it, e.g. ``20 Nov 2026, 14:03``."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    day = f"{moment.day} {moment:%b %Y}"
    return f"{day}, {moment:%H:%M}" if "T" in text or " " in text else day


def writes_sentence(files: Iterable[Any], images: int = 1) -> str:
    """Return what Save will write, as rich text: names are underlined, full paths are not shown.

    Parameters
    ----------
    images
        How many images it writes of.
    """
    new: list[str] = []
    changing: list[str] = []
    place: Path | None = None
    for file in files:
        if file.action != "unchanged":
            (new if file.action == "create" else changing).append(_named(file.path))
            place = file.path
    if place is None:
        return "Nothing to write: the files beside the image are up to date."
    deeds = [("Writes", "writes", new), ("Updates", "updates", changing)]
    parts = [(first, later, _listed(names)) for first, later, names in deeds if names]
    sentence = f"{parts[0][0]} {parts[0][2]}"
    sentence += "".join(f" and {later} {names}" for _, later, names in parts[1:])
    if images > 1:
        return f"{sentence} in {_folder(place)}, for {images} images, which are not touched."
    return f"{sentence} in {_folder(place)}. The image is not touched."


def written_sentence(paths: Iterable[Path], pending: int) -> str:
    """Return what was written, and whether checksums are still to come."""
    names = [_named(path) for path in paths]
    text = f"✓ Saved. Wrote {_listed(names)}." if names else "✓ Saved. No file had to change."
    return f"{text} Checksum pending." if pending else text


def _named(path: Path) -> str:
    """Underline a file name and keep it on one line; a very long one is cut in the middle."""
    name = path.name if len(path.name) <= _LONGEST else f"{path.name[:22]}…{path.name[-22:]}"
    return f"<u>{_escaped(name).replace('-', _FIRM_HYPHEN)}</u>"


def _listed(names: list[str]) -> str:
    if len(names) > _MOST_NAMES:
        return f"{names[0]} and {len(names) - 1} more files"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _folder(path: Path) -> str:
    name = path.parent.name
    return f"…/{_escaped(name if len(name) <= _LONGEST else name[:_LONGEST] + '…')}"


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
