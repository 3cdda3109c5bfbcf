"""``steps``, ``script`` and ``replay``: what was done, as code, and done again."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_fair.cli.approval import Approve, allowed_functions
from napari_fair.cli.terminal import (
    Json,
    heading,
    plain,
    progress,
    say,
    say_notes,
    table,
    tell,
    write_json,
)

if TYPE_CHECKING:
    from napari_fair.model import DataRef, Dataset, Step
    from napari_fair.provenance import History
    from napari_fair.provenance.replay import Replay, StepVerdict

_STEPS = """\b
Examples:
  napari-fair steps .
  napari-fair steps . --led-to nuclei
  napari-fair steps . --import workflow.yaml
\b
Exit codes:
  0  the steps were shown
  2  there is no record, no such data, or it cannot be read
"""
_SCRIPT = """\b
Examples:
  napari-fair script . -o analysis.py
  napari-fair script . -o analysis.ipynb --approve skimage.filters:gaussian
\b
Exit codes:
  0  every step is in the script
  1  some steps are gaps, which stop the script unless their results are there
  2  there is no record, or it cannot be read or written
"""
_REPLAY = """\b
Examples:
  napari-fair replay .
  napari-fair replay . --approve skimage.filters:gaussian --json
  napari-fair replay . --change "Blur:sigma=3.0"
\b
Exit codes:
  0  every step gave what it gave before, exactly or within tolerance
  1  a result is different, or could not be verified
  2  there is no record, or it cannot be read
"""
_Path = Annotated[str, typer.Argument(metavar="PATH", help="A folder, an image, or a crate.")]


def join(app: typer.Typer) -> None:
    """Add the verbs to the program."""
    app.command(short_help="The recorded steps.", epilog=_STEPS)(steps)
    app.command(short_help="The steps as Python script or notebook.", epilog=_SCRIPT)(script)
    app.command(short_help="Run the steps again, with a verdict.", epilog=_REPLAY)(replay)


def steps(
    path: _Path,
    led_to: Annotated[
        str, typer.Option(metavar="DATA", help="Only what led to this data: a name, path or id.")
    ] = "",
    workflow: Annotated[
        str,
        typer.Option(
            "--import", metavar="FILE", help="Add the steps of a napari-workflows YAML, declared."
        ),
    ] = "",
    json: Json = False,
) -> int:
    """Show the recorded steps, and how complete they are.

    Each step is replayable (function and parameters are known), declared (somebody said what was
    done) or opaque (only its outcome is known). Nothing is written, except with --import.
    """
    from napari_fair.cli.places import opened

    with opened(path) as record:
        say_notes(record.session)
        if workflow:
            _import(record.session, Path(workflow))
        dataset = record.session.dataset
        history = _history(dataset, led_to)
        if json:
            write_json(_document(path, dataset, history))
        else:
            _print(history, dataset)
    return 0


def _import(session: Any, workflow: Path) -> None:
    from napari_fair.provenance.workflows import read_workflow

    history = read_workflow(workflow)
    session.record_history(history)
    if session.unsaved:
        session.save(())
    say(f"{workflow.name}: {len(history.steps)} declared steps are in the record now.")


def _history(dataset: Dataset, led_to: str) -> History:
    from napari_fair.files import FairError, shown
    from napari_fair.provenance import History

    history = History.of(dataset)
    if not led_to:
        return history
    found = [d.id for d in history.data if led_to in (d.id, d.name, d.path)]
    if not found:
        raise FairError(f"No data of the record is called {shown(led_to)}; see the steps first.")
    return history.behind(found)


def _document(path: str, dataset: Dataset, history: History) -> dict[str, Any]:
    counts = history.completeness()
    return {
        "path": plain(path),
        "completeness": {
            "replayable": counts.replayable,
            "declared": counts.declared,
            "by_hand": counts.by_hand,
            "opaque": counts.opaque,
            "failed": counts.failed,
            "sentence": counts.sentence,
        },
        "steps": [_step_json(step, dataset) for step in history.steps],
        "data": [{**d.model_dump(mode="json"), "saved": d.saved} for d in history.data],
        "environments": [place.model_dump(mode="json") for place in history.environments],
    }


def _step_json(step: Step, dataset: Dataset) -> dict[str, Any]:
    person = dataset.person(step.agent)
    document = step.model_dump(mode="json")
    return {
        **document,
        "tool": {**document["tool"], "purl": step.tool.purl},
        "agent": person.name if person is not None else None,
        "error": step.error or None,
        "started": step.started or None,
        "ended": step.ended or None,
    }


def _print(history: History, dataset: Dataset) -> None:
    from napari_fair.provenance.history import standing

    heading(history.completeness().sentence)
    refs = {piece.id: piece for piece in history.data}
    rows = []
    for number, step in enumerate(history.steps, start=1):
        rows.append(
            (number, standing(step), step.name or step.tool.name, _tool(step), _flow(step, refs))
        )
    table(rows, ("step", "status", "what", "with", "data"))
    for number, step in enumerate(history.steps, start=1):
        about = step.error if step.failed else step.gap
        if about:
            tell(f"{number}: {about}")


def _tool(step: Step) -> str:
    named = step.tool.function or step.tool.package or step.tool.name
    values = ", ".join(f"{p.name}={p.value}" for p in step.parameters)
    return " ".join(p for p in (named, step.tool.version, f"({values})" if values else "") if p)


def _flow(step: Step, refs: dict[str, DataRef]) -> str:
    used = [_label(refs[slot.data]) for slot in step.inputs if slot.data in refs]
    gave = [_label(refs[slot.data]) for slot in step.outputs if slot.data in refs]
    return f"{', '.join(used)} > {', '.join(gave)}".strip()


def _label(piece: DataRef) -> str:
    return piece.path or f"{piece.name or piece.kind.value} (not saved)"


# ---- script ----------------------------------------------------------------------------------


def script(
    path: _Path,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="A .py or .ipynb file to write.")
    ],
    approve: Approve = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it is there.")] = False,
) -> int:
    """Write the steps as a Python script or notebook that runs without napari.

    It calls functions that installed plugins register, or that you approve; other steps, and those
    that cannot be run again, are gaps: comments that stop it, unless their results are there.
    """
    from napari_fair.cli.places import opened
    from napari_fair.files import FairError, replace, shown
    from napari_fair.provenance import History

    target = Path(output)
    if target.suffix.lower() not in (".py", ".ipynb"):
        raise typer.BadParameter("Name a file that ends in .py or .ipynb.")
    if target.exists() and not force:
        raise FairError(f"{shown(target)} is there already; name another, or add --force.")
    with opened(path) as record:
        say_notes(record.session)
        history = History.of(record.session.dataset)
        title = f"The analysis of {record.session.folder.name}"
    allowed = allowed_functions(history, approve, ask=True)
    replace(target, _rendered(history, allowed, title, notebook=target.suffix.lower() == ".ipynb"))
    gaps = [s for s in history.steps if not s.failed and _is_gap(s, allowed)]
    say(f"{target}: {len(history.steps)} steps, {len(gaps)} of them gaps.")
    return int(bool(gaps))


def _rendered(history: History, allowed: Any, title: str, *, notebook: bool) -> bytes:
    from napari_fair.provenance import script as scripts

    if not notebook:
        return scripts.script(history, allowed=allowed, title=title).encode()
    import orjson

    book = scripts.notebook(history, allowed=allowed, title=title)
    return orjson.dumps(book, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _is_gap(step: Step, allowed: Any) -> bool:
    from napari_fair.model import Confidence, StepKind

    if step.kind is StepKind.OPEN:
        return False
    known = step.confidence is Confidence.REPLAYABLE
    return not known or bool(allowed.why_not(step.tool.function))


# ---- replay ----------------------------------------------------------------------------------


def replay(
    path: _Path,
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="DIR", help="Where files that steps write go."),
    ] = "",
    approve: Approve = None,
    change: Annotated[
        list[str] | None,
        typer.Option(metavar="STEP:NAME=VALUE", help="Another value, to see what depends on it."),
    ] = None,
    json: Json = False,
) -> int:
    """Run the replayable steps again and compare each result with the recorded one.

    A result is exact, within tolerance (images by value, labels by overlap of objects), different
    (and which versions, parameters or inputs are), or not verified (and why). The record and its
    files are not changed.
    """
    from napari_fair.cli.places import opened
    from napari_fair.provenance import History

    with opened(path) as record:
        say_notes(record.session)
        history, folder = History.of(record.session.dataset), record.session.folder
        edited = _edited(record.session.crate_folder)
    changes = _changes(history, change or [])
    allowed = allowed_functions(history, approve, ask=not json)
    with TemporaryDirectory() as scratch:
        out = Path(output) if output else Path(scratch)
        out.mkdir(parents=True, exist_ok=True)
        found = _replayed(history, folder, allowed, out, changes=changes, edited=edited)
    if json:
        write_json(_replay_json(path, found))
    else:
        _print_replay(found)
    return _replay_code(found)


def _edited(crate: Path) -> dict[str, tuple[str, ...]]:
    from napari_fair.sidecar import read_crate
    from napari_fair.sidecar.crate_steps_reader import edited_parameters

    contents = read_crate(crate)
    return edited_parameters(contents.document.graph) if contents is not None else {}


def _replayed(
    history: History, folder: Path, allowed: Any, out: Path, *, changes: Any, edited: Any
) -> Replay:
    from napari_fair.pixels.arrays import arrays_in
    from napari_fair.provenance import replay as replays

    with progress("Running the steps") as bar, redirect_stdout(sys.stderr):
        return replays.replay(
            history,
            folder,
            load=arrays_in,
            allowed=allowed,
            out=out,
            changes=changes,
            edited=edited,
            progress=bar,
        )


def _changes(history: History, stated: list[str]) -> dict[str, dict[str, object]]:
    """Return other values by step and parameter; a step is named by id, number or name."""
    from napari_fair.provenance.values import read_literal

    found: dict[str, dict[str, object]] = {}
    for text in stated:
        place, equals, value = text.partition("=")
        step, colon, name = place.rpartition(":")
        if not equals or not colon:
            raise typer.BadParameter(f"{text!r} is not STEP:NAME=VALUE.")
        try:
            meant: object = read_literal(value)
        except ValueError:
            meant = value
        for each in _named(history, step, name):
            found.setdefault(each.id, {})[name] = meant
    return found


def _named(history: History, step: str, name: str) -> list[Step]:
    numbered = {str(number): s for number, s in enumerate(history.steps, start=1)}
    meant = [s for s in history.steps if step in (s.id, s.name)]
    meant = meant or [numbered[step]] if step in numbered else meant
    if not any(p.name == name for s in meant for p in s.parameters):
        raise typer.BadParameter(f"No step {step!r} has a parameter {name!r}.")
    return meant


def _replay_json(path: str, found: Replay) -> dict[str, Any]:
    counts = {word.value: number for word, number in found.counts().items()}
    return {
        "path": plain(path),
        "counts": counts,
        "sentence": found.sentence,
        "steps": [_verdict_json(step) for step in found.steps],
    }


def _verdict_json(step: StepVerdict) -> dict[str, Any]:
    return {
        "id": step.step.id,
        "name": step.step.name,
        "verdict": step.verdict.value,
        "reason": step.reason or None,
        "differences": list(step.differences),
    }


def _print_replay(found: Replay) -> None:
    heading(found.sentence)
    for number, step in enumerate(found.steps, start=1):
        reason = f": {step.reason}" if step.reason else ""
        tell(f"{number}. {step.step.name or step.step.tool.name}: {step.verdict.value}{reason}")
        for line in step.differences:
            tell(f"    - {line}")


def _replay_code(found: Replay) -> int:
    from napari_fair.provenance.comparison import Verdict

    fine = (Verdict.EXACT, Verdict.WITHIN_TOLERANCE)
    return int(any(s.verdict not in fine and not s.step.failed for s in found.steps))
