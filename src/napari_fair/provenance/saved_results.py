"""Files that steps gave: whether they still hold what was recorded."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from napari_fair.files import FairError, confine, manifest_digest, sha256_file
from napari_fair.model import DataRef
from napari_fair.provenance.history import History
from napari_fair.provenance.recorded_data import Load, RecordedData, Unverified


def saved_results(history: History, besides: Collection[str] = ()) -> tuple[DataRef, ...]:
    """Return the last recorded state of each file that steps used or gave.

    Parameters
    ----------
    besides
        Paths that are left out: images of the record, which are described elsewhere.
    """
    refs = {piece.id: piece for piece in history.data if piece.path and piece.path not in besides}
    last = {piece.path: piece for piece in refs.values()}
    for step in history.steps:
        if not step.failed:
            given = [refs[slot.data] for slot in step.outputs if slot.data in refs]
            last |= {piece.path: piece for piece in given}
    return tuple(last.values())


def state_of(piece: DataRef, folder: Path, load: Load) -> str:
    """Return ``unchanged``, ``changed``, ``missing``, or ``not checksummed``.

    A file with a checksum is compared by its bytes; one whose values alone have one is read.

    Raises
    ------
    FairError
        If its path leads out of the folder, or the file cannot be read.
    """
    path = confine(folder, piece.path)
    if not path.exists():
        return "missing"
    if piece.sha256:
        found = manifest_digest(path) if path.is_dir() else sha256_file(path)
        return "unchanged" if found.sha256 == piece.sha256 else "changed"
    if not piece.content_sha256:
        return "not checksummed"
    try:
        RecordedData(folder, folder, load).loaded(piece)
    except Unverified as problem:
        if isinstance(problem.__cause__, FairError):
            raise problem.__cause__ from None
        return "changed"
    return "unchanged"
