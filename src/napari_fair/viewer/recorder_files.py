"""What files hold, read as napari does: for a replay, and for layers nobody saw being opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from napari_fair.files import Cancelled, FairError
from napari_fair.provenance.identity import identity_of

CHANGED = "its values are not those of the file: it was changed before this was recorded"
UNREAD = "whether it still shows the values of the file could not be compared"


def arrays_in(path: Path) -> Iterable[Any]:
    """Yield the arrays of a file: those that napari's readers make of it, then those of ours."""
    from napari.plugins.io import read_data_with_plugins

    from napari_fair.pixels.arrays import arrays_in as ours

    try:
        layers, _ = read_data_with_plugins([str(path)], stack=False)
    except (ValueError, OSError):
        layers = None  # no plugin reads it
    for layer in layers or ():
        yield layer[0]
    yield from ours(path)


def why_not_of(
    path: Path,
    contents: Collection[str],
    cancelled: Callable[[], bool],
    read: Callable[[Path], Iterable[Any]] = arrays_in,
) -> str:
    """Return why values are not known to be those of a file; empty when they are.

    Parameters
    ----------
    contents
        Checksums of the values; an empty one stands for values that nobody compares.
    """
    missing = set(contents)
    if "" in missing:
        return UNREAD
    try:
        for array in read(path):
            missing.discard(identity_of(array, cancelled=cancelled).content_sha256)
            if not missing:
                return ""
    except Cancelled:
        return UNREAD
    except (FairError, OSError, ValueError, TypeError, MemoryError, RuntimeError, KeyError):
        return UNREAD
    return CHANGED
