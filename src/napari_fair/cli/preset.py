"""``preset``: values that come back with every image, kept as readable files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_fair.cli.annotate import annotate
from napari_fair.cli.terminal import Json, heading, plain, say, table, tell, write_json

if TYPE_CHECKING:
    from napari_fair.model import Image, ImageSource
    from napari_fair.session import Preset

app = typer.Typer(
    help="Values that come back with every image: an instrument, a sample, people, a study.",
    short_help="Values that come back with every image.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

_LIST = """\b
Examples:
  napari-fair preset list
  NAPARI_FAIR_PRESETS=/mnt/facility/presets napari-fair preset list
\b
Further folders are named by NAPARI_FAIR_PRESETS, separated as in PATH, or by `presets` in
settings.toml of your configuration folder.
"""
_SHOW = """\b
Examples:
  napari-fair preset show "Ti2, second floor"
  napari-fair preset show spindle.toml --json
\b
Exit codes:
  0  the preset was shown
  2  there is no such preset
"""
_SAVE = """\b
Examples:
  napari-fair preset save "Ti2, second floor" --from cells.tif --blocks instrument
  napari-fair preset save "Our lab" --from . --fields study.authors --fields study.license
  napari-fair preset save "SP8" --from cells.tif --blocks instrument --lock "instrument.*" \\
      --to /mnt/facility/presets
\b
Exit codes:
  0  it was written; one of the same name became the next version
  2  nothing was written: nothing is said in those fields, or the folder cannot be written
"""
_USE = """\b
Examples:
  napari-fair preset use "Ti2, second floor" cells.tif
  napari-fair preset use "Our lab" . --dry-run
\b
Exit codes:
  those of `napari-fair annotate`, which this is with one preset and nothing else
"""


@app.command("list", epilog=_LIST)
def list_presets(json: Json = False) -> int:
    """List the presets there are: your own, and those of the facility's folders."""
    from napari_fair.session.preset_shelf import preset_folders, saved_presets

    presets = saved_presets()
    if json:
        entries = [_summary(path, preset) for path, preset in presets.items()]
        folders = [plain(folder) for folder in preset_folders()]
        write_json({"folders": folders, "presets": entries})
        return 0
    if not presets:
        say(f"There are no presets yet in {', '.join(map(str, preset_folders()))}.")
        return 0
    rows = [
        (p.name, p.version, len(p.values) + len(p.states), len(p.locked) or "", path)
        for path, p in presets.items()
    ]
    table(rows, ("name", "version", "values", "locked", "file"))
    return 0


@app.command(epilog=_SHOW)
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or its file.")],
    json: Json = False,
) -> int:
    """Show what a preset holds."""
    from napari_fair.session.preset_shelf import find_preset

    path, preset = find_preset(name)
    if json:
        states = {field: state.value for field, state in preset.states.items()}
        write_json({**_summary(path, preset), "values": preset.values, "states": states})
        return 0
    heading(f"{preset.name}, version {preset.version}: {path}")
    said = {**preset.values, **{field: state.value for field, state in preset.states.items()}}
    rows = [(f, text, "locked" if preset.locks(f) else "") for f, text in said.items()]
    table(rows, ("field", "value", ""))
    return 0


@app.command(epilog=_SAVE)
def save(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
    source: Annotated[
        str, typer.Option("--from", metavar="PATH", help="An image, or a folder: its first image.")
    ],
    blocks: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART",
            help="study, people, sample, protocol, instrument, or a block such as biosample; "
            "may be given several times. All parts when nothing is chosen.",
        ),
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="A single field; may be given several times."),
    ] = None,
    lock: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="A field that only the preset may change, or all of a block: instrument.*; "
            "may be given several times.",
        ),
    ] = None,
    to: Annotated[
        str, typer.Option(metavar="DIR", help="The folder that it goes to, e.g. the facility's.")
    ] = "",
    json: Json = False,
) -> int:
    """Keep what a record says as a preset; one of the same name becomes its next version."""
    from napari_fair.cli.places import opened
    from napari_fair.session import read_preset
    from napari_fair.session.preset_shelf import PARTS, preset_of, save_preset

    parts = blocks or ([] if fields else list(PARTS))
    with opened(source) as record:
        preset = preset_of(
            record.session.dataset,
            _first_image(record.sources),
            name=name,
            parts=parts,
            paths=_known(fields or []),
            locked=lock or [],
        )
    path = save_preset(preset, Path(to) if to else None)
    kept = read_preset(path)
    if json:
        write_json(_summary(path, kept))
    else:
        tell(f"wrote {path}")
        say(f"{kept.name}, version {kept.version}: {len(kept.values) + len(kept.states)} values.")
    return 0


@app.command(epilog=_USE)
def use(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or its file.")],
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Images, or folders with images.")
    ],
    recursive: Annotated[
        bool,
        typer.Option("--recursive", help="Subfolders too, but for those with their own crate."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written; write nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, more than 50 new images.")] = False,
    json: Json = False,
) -> int:
    """Write what a preset holds into the sidecars of images."""
    return annotate(paths, preset=name, recursive=recursive, dry_run=dry_run, yes=yes, json=json)


def _first_image(sources: tuple[ImageSource, ...]) -> tuple[ImageSource, Image] | None:
    return next(((source, image) for source in sources for image in source.images), None)


def _known(paths: list[str]) -> list[str]:
    """Return the paths as they are.

    Raises
    ------
    FairError
        If one names no field.
    """
    from napari_fair.session.edits import declared_field

    for path in paths:
        declared_field(path)
    return paths


def _summary(path: Path, preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "version": preset.version,
        "file": plain(path),
        "fields": [*preset.values, *preset.states],
        "locked": list(preset.locked),
    }
