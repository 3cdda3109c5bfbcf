"""What an official validator said about a sidecar."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class VerdictStatus(StrEnum):
    """What came out. What could not be checked is never passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Issue:
    """One thing that a validator holds against a file.

    Attributes
    ----------
    severity
        ``required`` (the file is invalid) or ``recommended``.
    check
        The validator's id of the check.
    message
        What is wrong.
    about
        The entity and property, if the validator names them.
    """

    severity: str
    check: str
    message: str
    about: str = ""


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check of one file.

    Attributes
    ----------
    path
        The file.
    check
        What it was checked against, e.g. ``RO-Crate 1.1``.
    level
        ``required`` or ``recommended``.
    issues
        What is wrong, empty unless `status` is ``failed``.
    reason
        Why it was not checked and what to do, empty otherwise.
    """

    path: Path
    check: str
    level: str
    status: VerdictStatus
    issues: tuple[Issue, ...] = ()
    reason: str = ""


def judged(path: Path, check: str, level: str, issues: tuple[Issue, ...]) -> Verdict:
    """Return ``passed`` without issues, else ``failed``."""
    status = VerdictStatus.FAILED if issues else VerdictStatus.PASSED
    return Verdict(path, check, level, status, issues)


def unchecked(path: Path, check: str, level: str, reason: str) -> Verdict:
    """Return ``not checked`` with the reason."""
    return Verdict(path, check, level, VerdictStatus.NOT_CHECKED, reason=reason)
