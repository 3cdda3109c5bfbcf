"""Images that arrive: a Micro-Manager acquisition, a watched folder."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.live.acquisition import LiveImage, LiveKind, LiveState
    from napari_fair.live.listener import Listener, listen
    from napari_fair.live.microscope import Question
    from napari_fair.live.watcher import Counts, Watcher, watch

_MODULE_OF_NAME = {
    "Counts": "watcher",
    "Listener": "listener",
    "LiveImage": "acquisition",
    "LiveKind": "acquisition",
    "LiveState": "acquisition",
    "Question": "microscope",
    "Watcher": "watcher",
    "listen": "listener",
    "watch": "watcher",
}

__all__ = [
    "Counts",
    "Listener",
    "LiveImage",
    "LiveKind",
    "LiveState",
    "Question",
    "Watcher",
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
