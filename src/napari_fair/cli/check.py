"""``check``: what a record still lacks, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_fair.cli.terminal import Json, heading, plain, say, say_notes, table, tell, write_json

if TYPE_CHECKING:
    from napari_fair.model import Dataset
    from napari_fair.readiness import Report, Result

_EPILOG = """\b
Examples:
  napari-fair check cells.tif
  napari-fair check . --rules essentials --json
\b
Exit codes:
  0  nothing is missing; what was not checked is listed, and does not count as passed
  1  something is missing, or there in part
  2  no such rules, or nothing that could be read
"""


def join(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command(short_help="What is missing, and what to do next.", epilog=_EPILOG)(check)


def check(
    path: Annotated[str, typer.Argument(metavar="PATH", help="An image, a folder, or a crate.")],
    rules: Annotated[str, typer.Option(help="Which rules to go by.")] = "essentials",
    json: Json = False,
) -> int:
    """Say what is missing, the evidence, and what to do next; writes nothing.

    Each rule is passed, partly, missing, not checked or not applicable. Images without a record
    are judged by what their files say.
    """
    from napari_fair.cli.places import opened
    from napari_fair.readiness import check as readiness

    with opened(path) as record:
        say_notes(record.session)
        if not record.recorded:
            say("There is no record yet: this is what the files alone say.")
        report, dataset = readiness(record.dataset, rules=rules), record.dataset
    if json:
        write_json({"path": plain(path), "recorded": record.recorded, **_json(report, dataset)})
    else:
        _print(report)
    return int(bool(report.to_go))


def _json(report: Report, dataset: Dataset) -> dict[str, Any]:
    return {
        "rules": {"name": report.rule_set, "title": report.title, "version": report.version},
        "summary": report.summary,
        "ready": report.ready,
        "counts": {status.value: number for status, number in report.counts.items()},
        "results": [_result(result, dataset) for result in report.results],
    }


def _result(result: Result, dataset: Dataset) -> dict[str, Any]:
    found = [dataset.image(id) for id in result.images]
    return {
        "rule": result.rule,
        "title": result.title,
        "status": result.status.value,
        "evidence": result.evidence,
        "action": result.action or None,
        "field": result.field,
        "images": [{"source": s.path, "index": i.index} for s, i in filter(None, found)],
    }


def _print(report: Report) -> None:
    heading(report.summary)
    rows = [(r.status.value, r.title, r.evidence, r.action) for r in report.results]
    table(rows, ("status", "rule", "evidence", "what to do"))
    gaps = [result.field for result in report.to_go]
    if gaps:
        tell()
        tell(f'Set one with: napari-fair annotate PATH --set "{gaps[0]}=..."')
