"""``annotate``: headers, a preset and values into sidecars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_fair.cli.places import CRATE
from napari_fair.cli.terminal import (
    Json,
    heading,
    plain,
    progress,
    say,
    say_notes,
    tell,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_fair.cli.annotation import Annotation, Folder

_SAME = "unchanged"
_EPILOG = """\b
Examples:
  napari-fair annotate cells.tif --set "study.title=Spindle length" \\
      --set "biosample.organism=Homo sapiens"
  napari-fair annotate . --preset spindle.toml --dry-run
  napari-fair annotate scenes.ome.tif --image 2 --set "channel.0.fluor=DAPI"
\b
Values:
  Lists are separated by ";", a term is given by label or id, a quantity with its unit ("0.1 um"),
  a licence as SPDX id, a person as "Name <ORCID> <e-mail> @ Institution <ROR>". "unknown" and
  "not applicable" are answers too; an empty value clears. `napari-fair show --fields` lists all.
\b
Where a value goes:
  study.* to the study. Fields of an image (image.*, channel.0.*) to each image named. All others
  are shared by the images of a folder when all that its record holds are named, else they are
  kept for the images named.
\b
Exit codes:
  0  the sidecars say what was asked
  1  it was written, but a file is damaged, could not be read or cannot hold a value
  2  nothing was written: a value or an option is wrong, no file could be read, a folder cannot
     be written
"""


def join(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command(short_help="Write sidecars: headers, a preset, values.", epilog=_EPILOG)(annotate)


def annotate(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Images, or folders with images.")
    ],
    preset: Annotated[
        str, typer.Option(metavar="PRESET", help="A preset, by its file or name; see `preset`.")
    ] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A value; may be given several times."),
    ] = None,
    image: Annotated[
        int | None,
        typer.Option("--image", min=0, metavar="N", help="Only this scene of a file, from 0."),
    ] = None,
    recursive: Annotated[
        bool,
        typer.Option("--recursive", help="Subfolders too, but for those with their own crate."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written; write nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, more than 50 new images.")] = False,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="DIR", help="Keep <folder name>.crate here; for read-only folders."
        ),
    ] = "",
    json: Json = False,
) -> int:
    """Write what files say about themselves, a preset and values beside them, as sidecars.

    A folder means the images in it, as one dataset. The images are never changed. The same
    command again changes nothing. Checksums of large files follow after the sidecars; when they
    are interrupted, `napari-fair verify` completes them.
    """
    from napari_fair.cli.annotation import Annotation

    annotation = Annotation(paths, recursive=recursive, to=Path(to) if to else None)
    try:
        annotation.prepare(preset, settings or [], image, many=yes or dry_run)
        for folder in annotation.folders:
            say_notes(folder.session)
        say(*annotation.sentences, *dict.fromkeys(text for _, text in annotation.problems))
        for folder in annotation.folders:
            _act(folder, _plan if dry_run else _save)
            if not json:
                _print(folder)
        if json:
            write_json(_json(annotation, dry_run))
    finally:
        annotation.close()
    return _code(annotation)


def _act(folder: Folder, act: Callable[[Folder], None]) -> None:
    """Plan or save a folder; one that cannot be written does not stop the others."""
    from napari_fair.files import FairError, UnwritableFile

    try:
        act(folder)
    except FairError as problem:
        hint = " Or keep the record elsewhere: --to DIR."
        folder.failure = f"{problem}{hint if isinstance(problem, UnwritableFile) else ''}"
        say(folder.failure)


def _code(annotation: Annotation) -> int:
    if any(folder.failure for folder in annotation.folders) or not annotation.folders:
        return 2
    return int(bool(annotation.problems))


def _plan(folder: Folder) -> None:
    folder.plan = folder.session.plan(folder.ids)
    say(*folder.plan.notes)


def _save(folder: Folder) -> None:
    session = folder.session
    with progress(f"Saving {session.folder.name}") as bar:
        report = session.save_job(folder.ids).run(bar)
    session.finish(report)
    folder.reports.append(report)
    say(*report.notes)
    if not report.pending:
        return
    with progress("Checksums of large files") as bar:
        report = session.checksum_job().run(bar)
    session.finish(report)
    folder.reports.append(report)


# ---- what was done --------------------------------------------------------------------------


def _written(folder: Folder) -> list[Path]:
    return list(dict.fromkeys(path for report in folder.reports for path in report.written))


def _pending(folder: Folder) -> list[str]:
    return list(folder.reports[-1].pending) if folder.reports else []


def _print(folder: Folder) -> None:
    if folder.failure:
        return
    heading(f"{folder.session.folder}: {len(folder.ids)} of its images annotated")
    for file in folder.plan.files if folder.plan is not None else ():
        tell(f"would {file.action} {file.path}" if file.action != _SAME else f"{_SAME} {file.path}")
        for change in file.changes:
            tell(f"    {change}")
    for path in _written(folder):
        tell(f"wrote {path}")
    if folder.reports and not _written(folder):
        tell("nothing to change")
    for name in _pending(folder):
        tell(f"checksum pending: {name}")
    if folder.session.conflicts:
        tell(f"to be decided: {len(folder.session.conflicts)} conflicts, see napari-fair show")


def _json(annotation: Annotation, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "folders": [_folder_json(folder) for folder in annotation.folders],
        "problems": [{"path": plain(p), "message": text} for p, text in annotation.problems],
        "notes": annotation.sentences,
    }


def _folder_json(folder: Folder) -> dict[str, Any]:
    from napari_fair.cli.values import conflict_json

    session = folder.session
    plan = folder.plan.files if folder.plan is not None else ()
    notes = [note for report in folder.reports for note in report.notes]
    notes += folder.plan.notes if folder.plan is not None else ()
    return {
        "folder": plain(session.folder),
        "crate": plain(session.crate_folder / CRATE),
        "images": [source.path for source in folder.sources],
        "plan": [
            {"path": plain(f.path), "action": f.action, "changes": list(f.changes)} for f in plan
        ],
        "written": [plain(path) for path in _written(folder)],
        "pending": _pending(folder),
        "conflicts": [conflict_json(session.dataset, c) for c in session.conflicts],
        "notes": list(dict.fromkeys(notes)),
        "failure": folder.failure or None,
    }
