"""A time step that follows from the times of the single time points."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isclose, isfinite

from napari_fair.headers.sheet import Sheet
from napari_fair.model import Trust

_EVEN = 0.05


def record_even_step(sheet: Sheet, times: Sequence[float], where: str) -> None:
    """Record the mean time step, derived, when the steps differ by 5 % at most.

    Parameters
    ----------
    times
        Seconds of the time points, in order; fewer than two give nothing.
    """
    if len(times) < 2 or not all(isfinite(time) for time in times):
        return
    mean = (times[-1] - times[0]) / (len(times) - 1)
    steps = [later - earlier for earlier, later in pairwise(times)]
    if mean > 0 and all(isclose(step, mean, rel_tol=_EVEN) for step in steps):
        step = float(f"{mean:.6g}")
        sheet.quantity("image.time_increment", step, "s", where, trust=Trust.DERIVED)
