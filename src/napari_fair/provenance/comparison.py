"""Two results compared: the same, close enough, or different."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from napari_fair.model import DataKind

_SLAB = 1 << 21
"""Elements that are compared at a time."""
_SORTS = {"b": "truth values", "i": "whole numbers", "u": "whole numbers", "f": "real numbers"}


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

    Values that are not numbers, and infinities, agree with their like only. Numbers of another
    sort (whole, real, complex) are different even where they are equal; another width is not.

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
    if _SORTS.get(old.dtype.kind) != _SORTS.get(new.dtype.kind):
        return Verdict.DIFFERENT, f"its type is {new.dtype} and was {old.dtype}"
    return _compare_numbers(old, new, tolerance)


def _compare_numbers(old: Any, new: Any, tolerance: Tolerance) -> tuple[Verdict, str]:
    changed, largest = 0, 0.0
    for before, after in _slabs(old, new):
        gaps = _gaps(before, after)
        changed += int((gaps != 0).sum())
        largest = max(largest, float(gaps.max(initial=0)))
    reach = _reach(old)
    if largest > tolerance.relative * reach:
        return Verdict.DIFFERENT, f"{changed} values differ, by up to {largest:.3g}"
    if not changed:
        return Verdict.WITHIN_TOLERANCE, f"its type is {new.dtype} and was {old.dtype}"
    return (
        Verdict.WITHIN_TOLERANCE,
        f"values differ by up to {largest:.3g} in a range of {reach:.3g}",
    )


def _slabs(old: Any, new: Any) -> Iterator[tuple[Any, Any]]:
    before, after = old.reshape(-1), new.reshape(-1)
    for start in range(0, before.size, _SLAB):
        yield before[start : start + _SLAB], after[start : start + _SLAB]


def _gaps(old: Any, new: Any) -> Any:
    """Return how far values are apart: infinitely where only one is finite, or a number."""
    import numpy as np

    if old.dtype.kind in "iu":
        return _whole_gaps(old, new)
    if old.dtype.kind == "b":
        return (old != new).astype("float64")
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.abs(new.astype(_widest(new)) - old.astype(_widest(old)))
    same = (old == new) | (np.isnan(old) & np.isnan(new))
    odd = ~(np.isfinite(old) & np.isfinite(new))
    return np.where(same, 0.0, np.where(odd, np.inf, gaps))


def _whole_gaps(old: Any, new: Any) -> Any:
    """Return the distances of whole numbers of up to 64 bits, without rounding small ones."""
    import numpy as np

    if "uint64" in (old.dtype.name, new.dtype.name) and old.dtype.kind != new.dtype.kind:
        signed, other = (old, new) if old.dtype.kind == "i" else (new, old)
        gaps = np.maximum(signed, 0).astype("uint64")
        far = np.maximum(gaps, other) - np.minimum(gaps, other)
        return far.astype("float64") + np.where(signed < 0, -signed.astype("float64"), 0.0)
    wide = np.result_type(old, new)
    low, high = np.minimum(old, new).astype(wide), np.maximum(old, new).astype(wide)
    # the difference of two signed numbers always fits the unsigned type of their width
    return (high.astype("uint64") - low.astype("uint64")).astype("float64")


def _widest(values: Any) -> str:
    return "complex128" if values.dtype.kind == "c" else "float64"


def _reach(values: Any) -> float:
    """Return the range of the finite values."""
    import numpy as np

    if values.dtype.kind in "fc":
        values = np.abs(values) if values.dtype.kind == "c" else values
        values = values[np.isfinite(values)]
    return float(values.max()) - float(values.min()) if values.size else 0.0


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
    if not found.size:
        return Verdict.WITHIN_TOLERANCE, f"no objects; its type is {new.dtype} and was {old.dtype}"
    worst = float(found.min())
    phrase = f"objects overlap by {worst:.3f} or more"
    if worst >= tolerance.iou:
        return Verdict.WITHIN_TOLERANCE, phrase
    bad = int((found < tolerance.iou).sum())
    return Verdict.DIFFERENT, f"{bad} of {counts[0]} objects overlap by less than {tolerance.iou}"
