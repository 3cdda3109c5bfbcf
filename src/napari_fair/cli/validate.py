"""``validate``: the official validators, offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_fair.cli.terminal import Json, heading, plain, say, tell, write_json

if TYPE_CHECKING:
    from napari_fair.sidecar.validation import Verdict

_EPILOG = """\b
Examples:
  napari-fair validate .
  napari-fair validate cells.tif --json
\b
Exit codes:
  0  nothing failed; what could not be checked is listed as "not checked", never as passed
  1  a check failed, required or recommended
  2  there is nothing to check, or it cannot be read
"""


def join(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command(short_help="The official validators, offline.", epilog=_EPILOG)(validate)


def validate(
    path: Annotated[
        str,
        typer.Argument(metavar="PATH", help="A folder, a crate, an image, or an OME-XML file."),
    ],
    json: Json = False,
) -> int:
    """Check sidecars with the official validators, without network; writes nothing.

    OME-XML is held against the schema 2016-06, the crate against RO-Crate and Process Run Crate
    (these two need the extra `validate`).
    """
    from napari_fair.sidecar.validation import VerdictStatus
    from napari_fair.sidecar.validation import validate as official

    def announce(phrase: str) -> None:
        say(f"{phrase} ...")

    verdicts = official(_where(Path(path)), progress=announce)
    if json:
        write_json({"path": plain(path), "verdicts": [_json(verdict) for verdict in verdicts]})
    else:
        _print(verdicts)
    return int(any(verdict.status is VerdictStatus.FAILED for verdict in verdicts))


def _where(path: Path) -> Path:
    """Return the folder of the crate where a folder's crate is not in itself."""
    from napari_fair.cli.places import CRATE, own_crate

    if not path.is_dir():
        return path
    own = own_crate(path.resolve())
    apart = not (path / CRATE).exists() and (own / CRATE).is_file()
    return own if apart else path


def _json(verdict: Verdict) -> dict[str, Any]:
    return {
        "path": plain(verdict.path),
        "check": verdict.check,
        "level": verdict.level,
        "status": verdict.status.value,
        "issues": [
            {"severity": i.severity, "check": i.check, "message": i.message, "about": i.about}
            for i in verdict.issues
        ],
        "reason": verdict.reason or None,
    }


def _print(verdicts: list[Verdict]) -> None:
    for file in dict.fromkeys(verdict.path for verdict in verdicts):
        heading(str(file))
        for verdict in verdicts:
            if verdict.path == file:
                _print_verdict(verdict)


def _print_verdict(verdict: Verdict) -> None:
    reason = f": {verdict.reason}" if verdict.reason else ""
    tell(f"  {verdict.status.value}: {verdict.check}, {verdict.level}{reason}")
    for issue in verdict.issues:
        about = f" ({issue.about})" if issue.about else ""
        tell(f"    - {issue.message}{about}")
