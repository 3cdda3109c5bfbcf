"""Two results compared: the same, close enough, or different."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from napari_fair.model import DataKind


class Verdict(StrEnum):
    """What came of running a step again, from best to worst."""

    EXACT = "exact"
    WITHIN_TOLERANCE = "within tolerance"
    DIFFERENT = "different"
    NOT_VERIFIED = "not verified"


@dataclass(frozen=True)
class Tolerance:
    """How close is close enough.

    Attributes
    ----------
    relative
        Largest difference of two pixels, as a fraction of the recorded image's range.
    iou
        Smallest overlap (intersection over union) of any recorded object with its best match; the
        number of objects must be the same.
    """

    relative: float = 1e-5
    iou: float = 0.99


def compare(recorded: Any, found: Any, kind: DataKind, tolerance: Tolerance) -> tuple[Verdict, str]:
    """Return whether two arrays agree, and a phrase that says how far.

    Parameters
    ----------
    recorded, found
        Arrays of any shape: what was, and what is.
    kind
        Labels are compared by the overlap of objects, all else by numbers.
    """
    import numpy as np

    try:
        old, new = np.asarray(recorded), np.asarray(found)
    except ValueError:
        return Verdict.DIFFERENT, "it is another sort of data"
    if old.shape != new.shape:
        return Verdict.DIFFERENT, f"its shape is {new.shape} and was {old.shape}"
    if old.dtype == new.dtype and np.array_equal(old, new, equal_nan=old.dtype.kind in "fc"):
        return Verdict.EXACT, ""
    if old.dtype.kind not in "biufc" or new.dtype.kind not in "biufc":
        return Verdict.DIFFERENT, "its values differ"
    if kind is DataKind.LABELS and old.dtype.kind in "biu" and new.dtype.kind in "biu":
        return _compare_labels(old, new, tolerance)
    return _compare_numbers(old, new, tolerance)


def _compare_numbers(old: Any, new: Any, tolerance: Tolerance) -> tuple[Verdict, str]:
    import numpy as np

    unlike = np.isnan(old) != np.isnan(new) if old.dtype.kind in "fc" else np.zeros((), bool)
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.abs(new.astype("complex128") - old.astype("complex128"))
        gaps = gaps[np.isfinite(gaps)]
    largest = float(gaps.max()) if gaps.size else 0.0
    finite = np.abs(old[np.isfinite(old)]) if old.dtype.kind in "fc" else old
    reach = float(np.ptp(finite.astype("float64"))) if finite.size else 0.0
    changed = int(np.count_nonzero(old != new))
    if unlike.any() or largest > tolerance.relative * reach:
        return Verdict.DIFFERENT, f"{changed} values differ, by up to {largest:.3g}"
    return (
        Verdict.WITHIN_TOLERANCE,
        f"values differ by up to {largest:.3g} in a range of {reach:.3g}",
    )


def _compare_labels(old: Any, new: Any, tolerance: Tolerance) -> tuple[Verdict, str]:
    import numpy as np

    before, old_ids = np.unique(old, return_inverse=True)
    after, new_ids = np.unique(new, return_inverse=True)
    pairs, common = np.unique(
        old_ids.ravel().astype("int64") * len(after) + new_ids.ravel(), return_counts=True
    )
    rows, columns = pairs // len(after), pairs % len(after)
    areas, others = np.bincount(old_ids.ravel()), np.bincount(new_ids.ravel())
    overlap = common / (areas[rows] + others[columns] - common)
    objects = (before[rows] != 0) & (after[columns] != 0)
    best = np.zeros(len(before))
    np.maximum.at(best, rows[objects], overlap[objects])
    found = best[before != 0]
    counts = int((before != 0).sum()), int((after != 0).sum())
    if counts[0] != counts[1]:
        return Verdict.DIFFERENT, f"there are {counts[1]} objects and were {counts[0]}"
    worst = float(found.min()) if found.size else 1.0
    phrase = f"objects overlap by {worst:.3f} or more"
    if worst >= tolerance.iou:
        return Verdict.WITHIN_TOLERANCE, phrase
    bad = int((found < tolerance.iou).sum())
    return Verdict.DIFFERENT, f"{bad} of {counts[0]} objects overlap by less than {tolerance.iou}"
