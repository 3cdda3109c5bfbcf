"""``verify``: whether the files are still those that were described."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_fair.cli.terminal import (
    Json,
    heading,
    plain,
    progress,
    say,
    say_notes,
    table,
    write_json,
)

if TYPE_CHECKING:
    from napari_fair.cli.places import Opened
    from napari_fair.model import DataRef, SourceFile
    from napari_fair.session import Session

_EPILOG = """\b
Examples:
  napari-fair verify .
  napari-fair verify cells.tif --json
\b
Exit codes:
  0  every file is unchanged; pending checksums were completed
  1  a file changed, is missing, moved, or has no checksum yet
  2  there is no record, or it cannot be read
"""

_FINE = ("unchanged", "completed")
_Hashed = Callable[[int], None]


@dataclass
class Finding:
    """What became of one file of the record.

    Attributes
    ----------
    kind
        ``image``, ``sidecar`` or ``result`` (of a recorded step).
    status
        ``unchanged``, ``changed``, ``missing``, ``moved``, ``pending``, ``completed``, or of a
        result ``not checksummed``.
    now
        Where a moved file is.
    """

    path: str
    kind: str
    status: str
    now: str = ""


def join(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command(short_help="Compare files with their checksums.", epilog=_EPILOG)(verify)


def verify(
    path: Annotated[str, typer.Argument(metavar="PATH", help="An image, a folder, or a crate.")],
    json: Json = False,
) -> int:
    """Compare files with the checksums in the record, and complete those that are pending.

    Each file is unchanged, changed, missing, moved (found again by size and checksum), or
    completed. Only pending checksums are written, and only while no file of the record changed.
    Of an OME-Zarr store the metadata and the names and sizes of its chunks are compared. Of a
    folder the results of recorded steps are compared too.
    """
    from napari_fair.cli.places import opened
    from napari_fair.files import FairError, shown

    with opened(path) as record:
        results = _results(record)
        if not record.recorded and not results:
            raise FairError(f"{shown(path)} is in no record yet; annotate it first.")
        say_notes(record.session)
        found = list(_findings(record)) if record.recorded else []
        found += [_result(record.session, piece) for piece in results]
        _complete(record.session, found)
    if json:
        write_json({"path": plain(path), "files": [_json(finding) for finding in found]})
    else:
        heading(", ".join(f"{number} {status}" for status, number in _counts(found).items()))
        table([(f.status, f.path, f.now) for f in found], ("status", "file", "now"))
    return int(any(finding.status not in _FINE for finding in found))


def _json(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "kind": finding.kind,
        "status": finding.status,
        "now": finding.now or None,
    }


def _counts(found: list[Finding]) -> dict[str, int]:
    statuses = [finding.status for finding in found]
    return {status: statuses.count(status) for status in dict.fromkeys(statuses)}


# ---- comparing ------------------------------------------------------------------------------


def _findings(record: Opened) -> Iterator[Finding]:
    """Yield what became of the image files and the sidecars of a record."""
    session = record.session
    total = sum(file.size or 0 for source in record.sources for file in source.files)
    with progress("Comparing") as bar:
        done = 0

        def hashed(size: int) -> None:
            nonlocal done
            done += size
            bar(done, total)

        gone = []
        for source in record.sources:
            for file in source.files:
                finding = _image_file(session, file, hashed, store=source.store)
                gone += [(file, finding)] if finding.status == "missing" else []
                yield finding
            if source.sidecar is not None:
                yield _sidecar(session.crate_folder, source.sidecar)
        _look_elsewhere(session, gone)


def _image_file(session: Session, file: SourceFile, hashed: _Hashed, *, store: bool) -> Finding:
    from napari_fair.files import FairError, confine

    finding = Finding(file.path, "image", "missing")
    try:
        path = confine(session.folder, file.path)
        if path.exists():
            finding.status = _status(path, file, hashed, store=store)
    except FairError as problem:
        say(str(problem))
        finding.status = "changed" if finding.status != "missing" else "missing"
    return finding


def _status(path: Path, file: SourceFile, hashed: _Hashed, *, store: bool) -> str:
    if not file.sha256:
        return "pending"
    if not store and path.stat().st_size != file.size:
        return "changed"
    return "unchanged" if _digest(path, hashed, store=store) == file.sha256 else "changed"


def _digest(path: Path, hashed: _Hashed, *, store: bool = False) -> str:
    from napari_fair.files import manifest_digest, sha256_file

    if store:
        return manifest_digest(path).sha256
    before = 0

    def chunk(done: int, _: int) -> None:
        nonlocal before
        hashed(done - before)
        before = done

    return sha256_file(path, progress=chunk).sha256


def _sidecar(folder: Path, file: SourceFile) -> Finding:
    from napari_fair.files import FairError, confine

    finding = Finding(file.path, "sidecar", "missing")
    try:
        path = confine(folder, file.path)
        if path.is_file():
            same = _digest(path, lambda _: None) == file.sha256
            finding.status = "unchanged" if same else "changed"
    except FairError as problem:
        say(str(problem))
    return finding


def _results(record: Opened) -> tuple[DataRef, ...]:
    """Return the files that steps gave, if the whole folder is looked at."""
    from napari_fair.provenance import History
    from napari_fair.provenance.saved_results import saved_results

    session = record.session
    if record.sources != session.sources():
        return ()
    images = {file.path for source in record.sources for file in source.files}
    return saved_results(History.of(session.dataset), images if record.recorded else ())


def _result(session: Session, piece: DataRef) -> Finding:
    from napari_fair.files import FairError
    from napari_fair.pixels.arrays import arrays_in
    from napari_fair.provenance.saved_results import state_of

    finding = Finding(piece.path, "result", "changed")
    try:
        finding.status = state_of(piece, session.folder, arrays_in)
    except FairError as problem:
        say(str(problem))
    return finding


def _look_elsewhere(session: Session, gone: list[tuple[SourceFile, Finding]]) -> None:
    """Find files that lie under another name in the folder, by size and checksum."""
    from napari_fair.files import relative_posix
    from napari_fair.headers import image_paths

    sizes = {file.size for file, _ in gone if file.sha256}
    if not sizes:
        return
    known = {file.path for source in session.sources() for file in source.files}
    digests: dict[str, str] = {}
    for path in image_paths(session.folder, recursive=True):
        name = relative_posix(session.folder, path)
        if path.is_file() and name not in known and path.stat().st_size in sizes:
            digests[_digest(path, lambda _: None)] = name
    for file, finding in gone:
        if file.sha256 in digests:
            finding.status, finding.now = "moved", digests[file.sha256]


# ---- completing -----------------------------------------------------------------------------


def _complete(session: Session, found: list[Finding]) -> None:
    """Write pending checksums, unless that would take a changed file's new ones too."""
    pending = [finding for finding in found if finding.status == "pending"]
    if not pending:
        return
    if any(finding.status == "changed" for finding in found):
        say("Pending checksums stay pending because another file changed; see to that one first.")
        return
    with progress("Checksums") as bar:
        report = session.checksum_job().run(bar)
    session.finish(report)
    say(*report.notes)
    for finding in pending:
        if finding.path not in report.pending:
            finding.status = "completed"
