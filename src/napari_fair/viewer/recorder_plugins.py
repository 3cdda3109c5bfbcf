"""What installed napari plugins call their functions and readers, from their manifests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Contribution:
    """A command of a plugin: the plugin's npe2 name, and the words for it in menus."""

    plugin: str = ""
    title: str = ""


def contributed(function: Any) -> Contribution:
    """Return what a plugin's manifest says about a function."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    return _commands().get(f"{module}:{name}", Contribution())


def plugin_of(package: str) -> str:
    """Return the npe2 name of the plugin that has a top-level package."""
    return _packages().get(package, "")


@cache
def _commands() -> dict[str, Contribution]:
    from npe2 import PluginManager

    found: dict[str, Contribution] = {}
    for manifest in PluginManager.instance().iter_manifests():
        widgets = {w.command: w.display_name for w in manifest.contributions.widgets or ()}
        for command in manifest.contributions.commands or ():
            title = widgets.get(command.id) or command.short_title or command.title
            found[str(command.python_name)] = Contribution(manifest.name, title)
    return found


@cache
def _packages() -> dict[str, str]:
    return {
        place.partition(":")[0].partition(".")[0]: found.plugin
        for place, found in _commands().items()
    }
