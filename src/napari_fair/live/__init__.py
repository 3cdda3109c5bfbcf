"""Images that arrive: a Micro-Manager acquisition, a watched folder."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.live.acquisition import LiveImage, LiveKind, LiveState
    from napari_fair.live.demonstration import DEMO_ANSWERS, acquire_demo, demo_core
    from napari_fair.live.listener import Listener, listen
    from napari_fair.live.microscope import Question
    from napari_fair.live.sitting import Checklist, Sitting, SittingSummary, checklist
    from napari_fair.live.watcher import Counts, Watcher, watch

_MODULE_OF_NAME = {
    "Checklist": "sitting",
    "Counts": "watcher",
    "DEMO_ANSWERS": "demonstration",
    "Listener": "listener",
    "LiveImage": "acquisition",
    "LiveKind": "acquisition",
    "LiveState": "acquisition",
    "Question": "microscope",
    "Sitting": "sitting",
    "SittingSummary": "sitting",
    "Watcher": "watcher",
    "acquire_demo": "demonstration",
    "checklist": "sitting",
    "demo_core": "demonstration",
    "listen": "listener",
    "watch": "watcher",
}

__all__ = [
    "DEMO_ANSWERS",
    "Checklist",
    "Counts",
    "Listener",
    "LiveImage",
    "LiveKind",
    "LiveState",
    "Question",
    "Sitting",
    "SittingSummary",
    "Watcher",
    "acquire_demo",
    "checklist",
    "demo_core",
    "listen",
    "watch",
]


def __getattr__(name: str) -> object:
    module = _MODULE_OF_NAME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
