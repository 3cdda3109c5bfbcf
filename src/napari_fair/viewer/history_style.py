"""What the History tab adds to the dock's style sheet."""

from __future__ import annotations

from napari_fair.viewer.theme import Palette


def history_style(colours: Palette) -> str:
    """Return the style sheet of the History tab."""
    c = colours
    small = max(c.font_size - 1, 7)
    chips = "\n".join(
        f'QLabel#chip[tone="{tone}"] {{ color: {colour}; border: 1px solid {colour}; }}'
        for tone, colour in tones(colours).items()
    )
    return f"""
#history QLabel#chip {{ border-radius: 7px; padding: 0 6px; font-size: {small}pt; }}
{chips}
#history QLabel[tone="accent"] {{ color: {tones(c)["accent"]}; }}
#history QLabel[tone="declared"] {{ color: {c.muted}; }}
#history QFrame#recording {{ background: {c.panel}; border-radius: 4px; }}
#history QFrame#step {{ border: none; border-top: 1px solid {c.border}; }}
#history QFrame#step[chosen="true"] {{ background: {c.panel}; }}
#history QToolButton {{ background: transparent; color: {c.muted}; border: 1px solid transparent;
    padding: 2px 6px; border-radius: 4px; }}
#history QToolButton:hover, #history QToolButton:focus {{ border-color: {c.border};
    color: {c.text}; }}
#history QToolButton::menu-indicator {{ image: none; width: 0; }}
"""


def tones(colours: Palette) -> dict[str, str]:
    """Return the colour of each tone; shape and word say the same."""
    c = colours
    return {
        "good": c.good,
        "warning": c.warning,
        "error": c.error,
        "accent": c.link,
        "declared": c.muted,
    }
