"""``show``: the record of an image or folder as it would be reopened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_fair.cli.terminal import Json, heading, plain, say, say_notes, table, tell, write_json

if TYPE_CHECKING:
    from napari_fair.cli.places import Opened
    from napari_fair.model import Image, ImageSource, Recorded
    from napari_fair.session import FieldView

_EPILOG = """\b
Examples:
  napari-fair show cells.tif
  napari-fair show . --json
  napari-fair show --fields
  napari-fair show --schema
\b
Exit codes:
  0  the record was shown; images that are in no record yet are shown as their files are
  2  there is neither a record nor an image, or it cannot be read
"""

_Shown = tuple["FieldView", "Recorded[Any]"]


def join(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command(short_help="The record as it would be reopened.", epilog=_EPILOG)(show)


def show(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="An image, a folder, or a crate.")
    ] = "",
    fields: Annotated[
        bool, typer.Option("--fields", help="List all fields that a record can hold.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of what --json prints.")
    ] = False,
    json: Json = False,
) -> int:
    """Show the record of an image or folder as it would be reopened; writes nothing.

    For each field the value in force, who said so, and what holds it: the image itself, the
    study, the folder's shared blocks (dataset), or the file.
    """
    if schema:
        from napari_fair.cli.record_schema import record_schema

        write_json(record_schema())
        return 0
    if fields:
        return _show_fields(json)
    if not path:
        raise typer.BadParameter("Name an image or a folder (or ask for --fields or --schema).")
    from napari_fair.cli.places import opened

    with opened(path) as record:
        say_notes(record.session)
        if json:
            write_json(_document(path, record))
        else:
            _print(record)
    return 0


# ---- the record -----------------------------------------------------------------------------


def _shared(record: Opened) -> Iterator[_Shown]:
    """Yield what images share."""
    from napari_fair.model import fields, resolve

    for name, declared in fields().items():
        held = None if declared.per_image else resolve(record.dataset, None, None, name)
        if held is not None:
            yield record.session.view(name), held.recorded


def _of_image(record: Opened, source: ImageSource, image: Image) -> Iterator[_Shown]:
    """Yield everything that is in force for an image."""
    from napari_fair.model import resolved

    for name, held in resolved(record.session.dataset, source, image):
        yield record.session.view(name, image.id), held.recorded


def _document(path: str, record: Opened) -> dict[str, Any]:
    from napari_fair.cli.values import conflict_json, pairs_json, person_json, view_json

    session, draft = record.session, record.session.draft

    def told(shown: Iterator[_Shown]) -> dict[str, Any]:
        return {v.path: view_json(session.dataset, v, recorded) for v, recorded in shown}

    shared = told(_shared(record))
    return {
        "path": plain(path),
        "folder": plain(session.folder),
        "crate": plain(record.crate) if record.crate is not None else None,
        "recorded": record.recorded,
        "study": {name: value for name, value in shared.items() if name.startswith("study.")},
        "shared": {name: value for name, value in shared.items() if not name.startswith("study.")},
        "people": [person_json(person) for person in session.dataset.people],
        "images": [
            {
                "source": source.path,
                "format": source.format or None,
                "index": image.index,
                "name": image.facts["image.name"].value if "image.name" in image.facts else None,
                "fields": told(_of_image(record, source, image)),
                "pairs": pairs_json(session.dataset, source, image),
            }
            for source in record.sources
            for image in source.images
        ],
        "sources": [
            {
                "path": source.path,
                "format": source.format or None,
                "files": [
                    {"path": file.path, "size": file.size, "sha256": file.sha256 or None}
                    for file in source.files
                ],
                "sidecar": source.sidecar.path if source.sidecar is not None else None,
                "images": len(source.images),
            }
            for source in record.sources
        ],
        "conflicts": [conflict_json(session.dataset, c) for c in session.conflicts],
        "draft": {"edits": draft.edits, "when": draft.when} if draft is not None else None,
        "notes": list(session.notes),
    }


def _print(record: Opened) -> None:
    heading(str(record.crate or f"{record.session.folder}: no record yet, as the files are"))
    if record.crate is not None and not record.recorded:
        say("Not in the record yet; shown as its file describes it.")
    _print_fields(_shared(record))
    for source in record.sources:
        if not source.images:
            tell(f"{source.path}: {source.format}, its images are not known yet")
        for image in source.images:
            heading(f"{source.path}, image {image.index}")
            own = (pair for pair in _of_image(record, source, image) if _is_own(pair[0]))
            _print_fields(own)
    for conflict in record.session.conflicts:
        _print_conflict(record, conflict)


def _is_own(view: FieldView) -> bool:
    return view.level not in ("study", "dataset")


def _print_fields(shown: Iterator[_Shown]) -> None:
    columns = ("field", "value", "origin", "trust", "where")
    rows = [(v.path, v.text, v.origin, v.trust, v.where) for v, _ in shown]
    if rows:
        table(rows, columns)
    else:
        tell("(nothing is recorded)")


def _print_conflict(record: Opened, conflict: Any) -> None:
    from napari_fair.cli.values import conflict_json

    told = conflict_json(record.session.dataset, conflict)
    choices = " or ".join(f"{c['text']!r} ({c['origin']})" for c in told["candidates"])
    about = f" of {told['source']}" if told["source"] else ""
    tell(f"! To be decided: {conflict.path}{about} is {choices}.")


# ---- the declared fields --------------------------------------------------------------------


def _show_fields(json: bool) -> int:
    from napari_fair.model import fields, join_path

    entries = [
        {
            "name": join_path(f.name, 0) if f.repeated else f.name,
            "label": f.label,
            "level": f.level.value,
            "kind": f.kind.value,
            "unit": f.unit or None,
            "vocabulary": f.vocabulary or None,
            "why": f.why,
            "example": f.example or None,
        }
        for f in fields().values()
    ]
    if json:
        write_json({"fields": entries})
        return 0
    names = ("name", "label", "level", "why", "example")
    table(([entry[name] or "" for name in names] for entry in entries), names)
    return 0
