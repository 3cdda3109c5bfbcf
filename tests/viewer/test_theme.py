"""Colours that can be read in every theme."""

from __future__ import annotations

import pytest

from napari_fair.viewer.theme import contrast, palette

_TEXTS = ("text", "muted", "faint", "warning", "error", "good")


def _rgb(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))  # type: ignore[return-value]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("name", _TEXTS)
def test_every_text_reads_on_the_docks_ground(theme: str, name: str) -> None:
    colours = palette(theme)
    assert contrast(_rgb(getattr(colours, name)), _rgb(colours.background)) >= 4.4


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_save_button_reads(theme: str) -> None:
    colours = palette(theme)
    assert contrast(_rgb(colours.on_accent), _rgb(colours.accent)) >= 4.4
