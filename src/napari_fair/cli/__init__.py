"""The terminal door: ``napari-fair VERB``, for people and, with ``--json``, for programs."""

from __future__ import annotations

from napari_fair.cli.program import app, main

__all__ = ["app", "main"]
