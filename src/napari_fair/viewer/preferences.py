"""What people set for this plugin in napari's Preferences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_fair.model import Level
from napari_fair.session.preset_shelf import use_library

_PLUGIN = "napari-fair"


@dataclass(frozen=True)
class Preferences:
    """Settings of the plugin, as the manifest's ``configurations`` declare them.

    Attributes
    ----------
    presets
        A folder of presets for everybody; None for none.
    level
        What the form asks first.
    record
        Whether the analysis is recorded as soon as the dock is opened.
    """

    presets: Path | None = None
    level: Level = Level.ESSENTIALS
    record: bool = False


def preferences() -> Preferences:
    """Return what is set; the defaults where napari does not know the plugin."""
    said = _settings()
    if said is None:
        return Preferences()
    folder = str(said.presets_folder).strip()
    return Preferences(
        presets=Path(folder).expanduser() if folder else None,
        level=Level(str(said.level).lower()),
        record=bool(said.record),
    )


def take_presets() -> None:
    """Let presets also be looked for where the Preferences say, now and whenever that changes."""
    use_library(preferences().presets)
    said = _settings()
    if said is not None:
        said.events.presets_folder.connect(_moved)


def _moved(*_: object) -> None:
    use_library(preferences().presets)


def _settings() -> Any | None:
    from napari.settings import get_plugin_settings

    try:
        return get_plugin_settings(_PLUGIN).start
    except (KeyError, AttributeError):  # the plugin is not registered, as in tests of its parts
        return None
