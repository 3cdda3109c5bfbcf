"""Packs that a lab adds to those of the package."""

from __future__ import annotations

from napari_fair.vocabulary.packs import Pack


def added_packs() -> tuple[Pack, ...]:
    """Return the packs that were added, by name."""
    return ()
