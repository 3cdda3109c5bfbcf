"""The plain sentences of the Live tab, without Qt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.live import LiveImage
    from napari_fair.model import EventNote

WHY_ASKED = (
    "Asked once for this microscope, then remembered with every image. "
    "Leave empty what you do not know."
)
NO_FOLDER = "The record goes beside each image"
_STATES = {
    "cancelled": "stopped early",
    "interrupted": "interrupted",
    "failed": "failed",
}


def progress(image: LiveImage) -> str:
    """Return how far an image is, e.g. ``37 of 48 frames``."""
    frames = "1 frame" if image.frames == 1 else f"{image.frames} frames"
    if str(image.kind) == "live" and str(image.state) == "running":
        return "live"
    if str(image.state) == "running":
        return f"{image.frames} of {image.expected} frames" if image.expected else frames
    said = _STATES.get(str(image.state), "")
    if image.expected and image.frames < image.expected:
        frames = f"{image.frames} of {image.expected} frames"
    return f"{frames}, {said}" if said else frames


def about(subject: str) -> str:
    """Return what a question is about, for people: ``Objective Nikon 20X``."""
    kind, _, name = subject.partition(": ")
    return kind.capitalize() if name.casefold() in ("", kind) else f"{kind.capitalize()} {name}"


def asked_line(count: int) -> str:
    """Return how much Micro-Manager does not know."""
    things = "1 thing" if count == 1 else f"{count} things"
    return f"{things} Micro-Manager does not know here"


def time_of(iso: str) -> str:
    """Return the time of day of a note."""
    try:
        return datetime.fromisoformat(iso).strftime("%H:%M:%S")
    except ValueError:
        return iso


def place_of(note: EventNote) -> str:
    """Return frame and stage position of a note, counted from 1 as people count."""
    frame = [
        f"{axis} {at + 1}"
        for axis, at in (("time point", note.the_t), ("plane", note.the_z))
        if at is not None
    ]
    xy = [_micrometres(at) for at in (note.position_x, note.position_y)]
    stage = [f"stage {xy[0]}, {xy[1]} µm"] if all(xy) else []
    focus = _micrometres(note.position_z)
    return " · ".join([*frame, *stage, *([f"focus {focus} µm"] if focus else [])])


def _micrometres(value: float | None) -> str:
    return "" if value is None else f"{round(value, 2) + 0:g}".replace("-", "\u2212")


def unsaved_line(image: LiveImage, count: int = 1) -> str:
    """Return that images are saved nowhere, and what to do; `image` is the last of them."""
    gone = "gone when napari closes"
    if str(image.state) == "running":
        return (
            f"The {image.name} is not being saved: its pixels are {gone}. "
            "Save the data when it has ended, then say where they are."
        )
    others = f", like {count - 1} before it" if count > 1 else ""
    return (
        f"The {image.name} is saved nowhere{others}: its pixels are {gone}. "
        "To keep it, save its layer (File ▸ Save), then say where it is."
    )


def folder_line(folder: Path | None, home: Path | None) -> str:
    """Return where the images are."""
    if folder is not None:
        return f"Images in …/{folder.name}"
    return f"Last image in …/{home.name}" if home is not None else NO_FOLDER


def written_line(written: Iterable[Path]) -> str:
    """Return which sidecars were written last."""
    names = [path.name for path in written]
    return f"Written: {', '.join(names)}" if names else ""
