"""What a step gave, judged by what was recorded of it, and what is not as it was then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from napari_fair.files import sha256_file
from napari_fair.model import DataKind, DataRef, SoftwareEnvironment, Step
from napari_fair.provenance.comparison import Tolerance, Verdict, compare
from napari_fair.provenance.identity import identity_of
from napari_fair.provenance.recorded_data import RecordedData, Unverified
from napari_fair.provenance.software import environment

_NUMERIC = (
    *("numpy", "scipy", "scikit-image", "scikit-learn", "dask", "numba", "opencv-python"),
    *("torch", "tensorflow", "pyclesperanto-prototype", "pyclesperanto", "cupy"),
)

Judgement = tuple[Verdict, str]


def judged(piece: DataRef, value: Any, files: RecordedData, tolerance: Tolerance) -> Judgement:
    """Return whether a value is the recorded data, and a phrase that says why or how far.

    Data without a checksum is never `exact`: it may have been replaced since.
    """
    if piece.kind is DataKind.FILE:
        return _judged_file(piece, value)
    if not piece.content_sha256 and not (piece.path and piece.sha256):
        return Verdict.NOT_VERIFIED, "its result was not checksummed"
    if piece.content_sha256 and identity_of(value).content_sha256 == piece.content_sha256:
        return Verdict.EXACT, ""
    if not piece.path:
        return Verdict.DIFFERENT, "its checksum differs; the recorded result was not saved"
    try:
        recorded = files.loaded(piece)
    except Unverified as problem:
        if not piece.content_sha256:
            return Verdict.NOT_VERIFIED, str(problem)
        return Verdict.DIFFERENT, f"its checksum differs, and {problem}"
    return compare(recorded, value, piece.kind, tolerance)


def _judged_file(piece: DataRef, path: Path) -> Judgement:
    if not piece.sha256:
        return Verdict.NOT_VERIFIED, f"{piece.path} was not checksummed"
    if not path.is_file():
        return Verdict.NOT_VERIFIED, f"{piece.path} was not written"
    if sha256_file(path).sha256 == piece.sha256:
        return Verdict.EXACT, ""
    return Verdict.DIFFERENT, f"{piece.path} has another checksum"


def together(judgements: list[tuple[str, Judgement]]) -> Judgement:
    """Return the worst of some verdicts, by name of the data, and what is to be said of all."""
    if not judgements:
        return Verdict.NOT_VERIFIED, "it gave no data that could be compared"
    worst = max((verdict for _, (verdict, _) in judgements), key=list(Verdict).index)
    said = [
        f"{name}: {reason}" if len(judgements) > 1 else reason
        for name, (_, reason) in judgements
        if reason
    ]
    return worst, "; ".join(said)


def other_versions(step: Step, then: SoftwareEnvironment | None) -> Iterator[str]:
    """Yield the software that a step depends on and that is another here."""
    now = environment()
    tool = step.tool
    if tool.package and tool.version and now.version_of(tool.package) != tool.version:
        here = now.version_of(tool.package) or "not installed"
        yield f"{tool.package} is {here} and was {tool.version}"
    if then is None:
        yield "the versions of other packages were not recorded"
        return
    for package in _NUMERIC:
        was, here = then.version_of(package), now.version_of(package)
        if was and was != here and package != tool.package:
            yield f"{package} is {here or 'not installed'} and was {was}"
    if then.python != now.python:
        yield f"Python is {now.python} and was {then.python}"
