"""Micro-Manager cores in the same process: found by public names, never made.

There can be several. ``CMMCorePlus.instance()`` returns the first one ever made, and makes one
when there is none: then napari-micromanager, which has a core of its own, acquires with another
one and nothing is heard. So `instance()` is asked only when a person wants that.
"""

from __future__ import annotations

import sys
from typing import Any


def docked_core(viewer: Any) -> Any | None:
    """Return the core of a docked widget that has one, such as napari-micromanager's.

    Its window may exchange its core, so this is looked at again and again; it costs microseconds.
    """
    window = getattr(viewer, "window", None)
    for widget in list(getattr(window, "dock_widgets", {}).values()):
        core = _core_of(widget)
        if core is not None:
            return core
    return None


def _core_of(widget: Any) -> Any | None:
    try:
        core: Any = getattr(widget, "core", None)
        known = core is not None and core.mda.events.frameReady and core.events.imageSnapped
    except Exception:  # somebody else's property
        return None
    return core if known else None


def can_have_core() -> bool:
    """Return whether something in this process uses pymmcore-plus."""
    return "pymmcore_plus" in sys.modules


def first_core() -> Any | None:
    """Return the first core that was made in this process; only for when a person asks for it."""
    if not can_have_core():
        return None
    from pymmcore_plus import CMMCorePlus

    return CMMCorePlus.instance()
