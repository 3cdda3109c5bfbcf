"""Colours of the dock, worked out from napari's theme so that every theme stays readable."""

from __future__ import annotations

from dataclasses import dataclass

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """Colours as ``#rrggbb`` and the font size in points."""

    background: str
    panel: str
    field: str
    border: str
    button: str
    hover: str
    text: str
    muted: str
    faint: str
    accent: str
    link: str
    on_accent: str
    warning: str
    warning_edge: str
    error: str
    good: str
    font_size: float


def palette(theme_id: str) -> Palette:
    """Return the colours for one of napari's themes, by id."""
    from napari.utils.theme import get_theme

    theme = get_theme(theme_id)
    ground, text = _rgb(theme.background), _rgb(theme.text)
    dark = theme.type == "dark"
    edge = _mix(ground, _rgb(theme.primary), 0.8 if dark else 1.0)
    current = _rgb(theme.current)
    return Palette(
        background=_hex(ground),
        panel=_hex(_mix(ground, _rgb(theme.foreground), 0.8)),
        field=_hex(_mix(ground, (0, 0, 0) if dark else (255, 255, 255), 0.25 if dark else 0.75)),
        border=_hex(edge),
        button=_hex(_rgb(theme.primary)),
        hover=_hex(_rgb(theme.secondary)),
        text=_hex(text),
        muted=_hex(_readable(_mix(text, ground, 0.3), ground, text)),
        faint=_hex(_readable(_mix(text, ground, 0.45), ground, text)),
        accent=_hex(current),
        link=_hex(_readable(current, ground, text)),
        on_accent=_hex(_readable(text, current, (255, 255, 255) if dark else (0, 0, 0))),
        warning=_hex(_readable(_rgb(theme.warning), ground, text)),
        warning_edge=_hex(_mix(edge, _rgb(theme.warning), 0.45)),
        error=_hex(_readable((239, 106, 111) if dark else _rgb(theme.error), ground, text)),
        good=_hex(_readable((89, 194, 122), ground, text)),
        font_size=float(str(theme.font_size).removesuffix("pt")),
    )


def style_sheet(colours: Palette) -> str:
    """Return the dock's style sheet; it refines napari's and sets nothing outside the dock."""
    c, size = colours, colours.font_size
    small = max(size - 1, 7)
    return f"""
#fair_dock {{ background: {c.background}; }}
#fair_dock QWidget {{ font-size: {size}pt; }}
#fair_dock QLabel {{ color: {c.text}; background: transparent; padding: 0; margin: 0; }}
#fair_dock QScrollArea, #fair_dock #form, #fair_dock #page {{ background: {c.background};
    border: none; padding: 0; margin: 0; }}
#fair_dock QFrame#section {{ border: none; border-top: 1px solid {c.border}; }}
#fair_dock QFrame#footer {{ background: {c.panel}; border: none;
    border-top: 1px solid {c.border}; }}
#fair_dock QFrame#banner {{ background: {c.panel}; border: 1px solid {c.border};
    border-radius: 4px; }}
#fair_dock QLabel[role="muted"], #fair_dock QLabel[role="hint"] {{ color: {c.muted};
    font-size: {small}pt; }}
#fair_dock QLabel[role="label"] {{ color: {c.muted}; font-size: {small}pt; }}
#fair_dock QLabel[role="id"] {{ color: {c.faint}; font-size: {small}pt; }}
#fair_dock QLabel[role="name"] {{ font-weight: 600; }}
#fair_dock QLabel[tone="error"], #fair_dock QLabel[role="error"] {{ color: {c.error};
    font-size: {small}pt; }}
#fair_dock QLabel[role="state"] {{ font-size: {small}pt; color: {c.muted}; }}
#fair_dock QLabel[tone="warning"] {{ color: {c.warning}; }}
#fair_dock QLabel[tone="good"] {{ color: {c.good}; }}
#fair_dock QLineEdit, #fair_dock QPlainTextEdit {{ background: {c.field}; color: {c.text};
    border: 1px solid {c.border}; border-radius: 4px; padding: 3px 6px; min-height: 0; margin: 0;
    selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
#fair_dock QLineEdit {{ min-height: {size * 2:.0f}px; }}
#fair_dock QPlainTextEdit {{ padding: 1px 2px; }}
#fair_dock QLineEdit[missing="true"], #fair_dock QPlainTextEdit[missing="true"] {{
    border-color: {c.warning_edge}; }}
#fair_dock QLineEdit[invalid="true"], #fair_dock QPlainTextEdit[invalid="true"] {{
    border-color: {c.error}; }}
#fair_dock QLineEdit[locked="true"], #fair_dock QPlainTextEdit[locked="true"],
#fair_dock QComboBox[locked="true"], #fair_dock QPushButton[choices="true"][locked="true"] {{
    background: {c.panel}; border-style: dashed; }}
#fair_dock QLineEdit:focus, #fair_dock QPlainTextEdit:focus {{ border: 1px solid {c.accent}; }}
#fair_dock QPushButton {{ background: {c.button}; color: {c.text}; border: 1px solid {c.button};
    border-radius: 4px; padding: 4px 10px; }}
#fair_dock QPushButton:hover {{ background: {c.hover}; }}
#fair_dock QPushButton:focus {{ border-color: {c.text}; }}
#fair_dock QPushButton:checked {{ border-color: {c.accent}; font-weight: 600; }}
#fair_dock QPushButton:disabled {{ color: {c.faint}; background: {c.panel};
    border-color: {c.border}; }}
#fair_dock QPushButton[primary="true"] {{ background: {c.accent}; color: {c.on_accent};
    border-color: {c.accent}; font-weight: 600; }}
#fair_dock QPushButton[primary="true"]:disabled {{ background: {c.panel}; color: {c.faint};
    border-color: {c.border}; }}
#fair_dock QPushButton[primary="true"]:focus {{ border-color: {c.text}; }}
#fair_dock QPushButton[link="true"] {{ background: transparent; border: 1px solid transparent;
    color: {c.muted}; padding: 1px 4px; font-size: {small}pt; }}
#fair_dock QPushButton[link="true"]:hover, #fair_dock QPushButton[link="true"]:focus {{
    color: {c.text}; border-color: {c.border}; }}
#fair_dock QPushButton[inside="true"] {{ background: transparent; border: none; padding: 0 5px;
    color: {c.muted}; font-size: {small}pt; min-height: 0; border-radius: 3px; }}
#fair_dock QPushButton[inside="true"]:hover:enabled {{ color: {c.text}; background: {c.button}; }}
#fair_dock QPushButton[inside="true"]:disabled {{ color: {c.faint}; background: transparent; }}
#fair_dock QLabel[role="remark"] {{ color: {c.muted}; font-size: {small}pt; }}
#fair_dock QLabel[role="remark"][tone="good"] {{ color: {c.good}; }}
#fair_dock QLabel[role="remark"][tone="warning"] {{ color: {c.warning}; }}
#fair_dock QLabel[role="remark"][tone="error"] {{ color: {c.error}; }}
#fair_dock QListWidget[lines="true"] {{ border: none; background: transparent; padding: 0; }}
#fair_dock QFrame#date_popup {{ background: {c.panel}; border: 1px solid {c.border}; }}
#fair_dock QCalendarWidget QWidget {{ alternate-background-color: {c.panel}; }}
#fair_dock QCalendarWidget QAbstractItemView {{ background: {c.field}; color: {c.text};
    selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
#fair_dock QCalendarWidget QToolButton {{ background: transparent; color: {c.text};
    padding: 3px 6px; }}
#fair_dock QPushButton[chooser="true"] {{ color: {c.text}; text-align: right; }}
#fair_dock QPushButton[chooser="true"]::menu-indicator {{ image: none; width: 0; }}
#fair_dock QPushButton#readiness {{ background: {c.panel}; border-color: {c.border};
    padding: 0; }}
#fair_dock QPushButton#readiness:focus {{ border-color: {c.accent}; }}
#fair_dock QPushButton[segment="true"] {{ background: transparent; border: 1px solid {c.border};
    border-radius: 0; padding: 4px 2px; color: {c.muted}; }}
#fair_dock QPushButton[segment="true"]:checked {{ background: {c.button}; color: {c.text};
    font-weight: 600; }}
#fair_dock QPushButton[segment="true"]:focus {{ border-color: {c.accent}; }}
#fair_dock QPushButton#section_title {{ background: transparent; border: 1px solid transparent;
    text-align: left; font-weight: 600; padding: 6px 0 4px 0; }}
#fair_dock QPushButton#section_title:focus {{ border-bottom-color: {c.accent}; }}
#fair_dock QPushButton#mark {{ background: transparent; color: {c.faint}; border: none;
    padding: 1px 1px; font-size: {small}pt; min-height: 0; text-align: right; }}
#fair_dock QPushButton#mark[tone="warning"] {{ color: {c.warning}; }}
#fair_dock QPushButton#mark:hover, #fair_dock QPushButton#mark:focus {{ color: {c.text};
    text-decoration: underline; }}
#fair_dock QPushButton#mark::menu-indicator {{ image: none; width: 0; }}
#fair_dock QTabBar {{ background: {c.background}; border: none; }}
#fair_dock QTabBar::tab:hover {{ color: {c.text}; }}
#fair_dock QTabBar::tab {{ background: transparent; color: {c.muted}; border: none;
    border-bottom: 2px solid transparent; padding: 5px 10px; margin: 0; }}
#fair_dock QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; }}
#fair_dock QDialog {{ background: {c.background}; }}
#fair_dock QTreeWidget {{ background: {c.field}; color: {c.text}; border: 1px solid {c.border}; }}
#fair_dock QTreeWidget::item {{ padding: 2px 4px; }}
#fair_dock QTableView {{ background: {c.field}; color: {c.text}; border: 1px solid {c.border};
    gridline-color: {c.border}; selection-background-color: {c.accent};
    selection-color: {c.on_accent}; alternate-background-color: {c.field}; }}
#fair_dock QTableView::item {{ padding: 2px 6px; }}
#fair_dock QTableView::item:focus {{ border: 1px solid {c.accent}; }}
#fair_dock QTableView QLineEdit, #fair_dock QTableView QComboBox {{ border-radius: 0;
    min-height: 0; padding: 0 4px; }}
#fair_dock QTableView QTableCornerButton::section {{ background: {c.panel}; border: none; }}
#fair_dock QHeaderView {{ background: {c.panel}; border: none; }}
#fair_dock QListWidget {{ background: {c.field}; color: {c.text}; border: 1px solid {c.border}; }}
#fair_dock QListWidget::item {{ padding: 2px 4px; }}
#fair_dock QListWidget::indicator:unchecked {{ border: 1px solid {c.muted}; border-radius: 2px; }}
#fair_dock QHeaderView::section {{ background: {c.panel}; color: {c.muted}; border: none;
    padding: 3px 6px; }}
#fair_dock QComboBox {{ background: {c.field}; color: {c.text}; border: 1px solid {c.border};
    border-radius: 4px; padding: 3px 6px; min-height: {size * 2:.0f}px; }}
#fair_dock QComboBox:focus {{ border-color: {c.accent}; }}
#fair_dock QComboBox::drop-down {{ background: transparent; border: none; width: 20px; }}
#fair_dock QComboBox QAbstractItemView {{ background: {c.panel}; color: {c.text};
    selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
#fair_dock QPushButton[choices="true"] {{ background: {c.field}; border-color: {c.border};
    text-align: left; padding: 4px 7px; }}
#fair_dock QPushButton[choices="true"]:focus {{ border-color: {c.accent}; }}
"""


def popup_style(colours: Palette) -> str:
    """Return the style of the list of terms, which Qt draws in a window of its own."""
    c = colours
    return (
        f"QListView {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.border};"
        f" font-size: {c.font_size}pt; outline: none; }}"
    )


def _rgb(colour: object) -> Rgb:
    red, green, blue = colour.as_rgb_tuple(alpha=False)  # type: ignore[attr-defined]
    return (red, green, blue)


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return (red, green, blue)


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in colour)


def _luminance(colour: Rgb) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of WCAG 2.2, from 1 to 21; texts need 4.5."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _readable(colour: Rgb, ground: Rgb, towards: Rgb) -> Rgb:
    """Move a colour towards another until it reads on a ground."""
    for step in range(11):
        mixed = _mix(colour, towards, step / 10)
        if contrast(mixed, ground) >= 4.5:
            return mixed
    return towards
