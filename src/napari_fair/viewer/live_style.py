"""Style of the Live tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.viewer.theme import Palette


def live_style(colours: Palette) -> str:
    """Return the tab's style sheet; the dock's holds too."""
    c = colours
    return f"""
#live QProgressBar {{ background: {c.field}; border: 1px solid {c.border}; border-radius: 2px; }}
#live QProgressBar::chunk {{ background: {c.accent}; border-radius: 1px; }}
#live QCheckBox {{ color: {c.text}; background: transparent; spacing: 6px; }}
"""
