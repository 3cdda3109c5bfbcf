"""``open`` and ``demo``: the two verbs that need napari."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

_PLUGIN, _WIDGET = "napari-fair", "FAIR annotation"

_OPEN = """\b
Examples:
  napari-fair open cells.tif
  napari-fair open ro-crate-metadata.json
"""
_DEMO = """\b
Examples:
  napari-fair demo
  napari-fair demo --unattended --output demo-output cells.tif
  napari-fair demo --acquire
\b
Exit codes:
  0  all is well
  1  reopened, the record is not as it was left, or a validator complains
  2  napari or a display is missing, or the image cannot be read
"""


def join(app: typer.Typer) -> None:
    """Add the verbs to the program."""
    app.command("open", short_help="napari with the dock.", epilog=_OPEN)(open_in_napari)
    app.command(short_help="The main job on a real image, in napari.", epilog=_DEMO)(demo)


def open_in_napari(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="An image, a crate, or a folder with a crate.")
    ],
) -> int:
    """Open an image or a crate in napari with the dock."""
    from napari_fair.files import UnreadableFile, shown

    place = Path(path)
    if not place.exists():
        raise UnreadableFile(f"{shown(path)} is not there; check whether it was moved or renamed.")
    napari = _napari("napari")
    viewer = napari.Viewer()
    viewer.open(str(_openable(place)))
    viewer.window.add_plugin_dock_widget(_PLUGIN, _WIDGET)
    napari.run()
    return 0


def demo(
    image: Annotated[
        str, typer.Argument(metavar="IMAGE", help="Any image; by default one of scikit-image.")
    ] = "",
    unattended: Annotated[
        bool, typer.Option("--unattended", help="Fill in, save, reopen and compare by itself.")
    ] = False,
    output: Annotated[
        str, typer.Option(metavar="DIR", help="Where the copy of the image, or its record, goes.")
    ] = "",
    acquire: Annotated[
        bool,
        typer.Option(
            "--acquire", help="Acquire with Micro-Manager's simulated microscope instead."
        ),
    ] = False,
) -> int:
    """Show the main job on a real image: fill in, save, reopen."""
    from napari_fair.files import FairError, UnreadableFile, shown

    if acquire and image:
        raise FairError("--acquire takes its own images: leave the image out.")
    if acquire:
        _napari("napari")
        live = _napari("napari_fair.viewer.live_demo").run
        return int(live(output=Path(output) if output else None, unattended=unattended))
    chosen = Path(image) if image else None
    if chosen is not None and not chosen.exists():
        raise UnreadableFile(f"{shown(image)} is not there; check whether it was moved or renamed.")
    _napari("napari")
    run = _napari("napari_fair.viewer.demo").run
    return int(run(chosen, output=Path(output) if output else None, unattended=unattended))


def _openable(place: Path) -> Path:
    """Return what napari is to open: of a folder with a crate, the crate."""
    crate = place / "ro-crate-metadata.json"
    return crate if crate.is_file() else place


def _napari(module: str) -> Any:
    """Import a module that needs napari.

    Raises
    ------
    FairError
        If napari is not installed, or there is no display to show it on.
    """
    from napari_fair.files import FairError

    try:
        found = import_module(module)
    except ImportError as problem:
        missing = getattr(problem, "name", None) or "napari"
        raise FairError(
            f'{missing} is not installed: this verb needs pip install "napari-fair[all]".'
        ) from problem
    if not _has_display():
        raise FairError(
            "There is no display to open napari on: run it under xvfb-run, or set DISPLAY."
        )
    return found


def _has_display() -> bool:
    """Whether windows can be made; without a display Qt would end the program at once."""
    if not sys.platform.startswith("linux"):
        return True
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in named)
