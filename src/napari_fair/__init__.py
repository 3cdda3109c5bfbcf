"""FAIR annotation of microscopy images: headers and people fill one record, written as sidecars."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.api import describe, listen, open_folder, record_step, recorded, watch

__version__ = "0.1.0"

__all__ = ["describe", "listen", "open_folder", "record_step", "recorded", "watch"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from napari_fair import api

    value: object = getattr(api, name)
    globals()[name] = value
    return value
