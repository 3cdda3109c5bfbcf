"""What plugins say of their own widgets, at the moment that a layer appears or changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_fair.model import Confidence, Parameter, Slot, Tool
from napari_fair.provenance import description_of
from napari_fair.provenance.identity import is_layer

if TYPE_CHECKING:
    from napari_fair.viewer.recorder_callers import Caller
    from napari_fair.viewer.recorder_docks import Dock
    from napari_fair.viewer.recorder_layers import LayerStates

_FAILED = "its plugin could not describe it"
_LOST = "“{}” is data that is in no layer and no file"


@dataclass(frozen=True)
class Said:
    """A plugin's description with its inputs as states, and how far it can be trusted."""

    tool: Tool
    name: str
    parameters: tuple[Parameter, ...]
    inputs: tuple[Slot, ...]
    confidence: Confidence
    gap: str


def said_of(
    caller: Caller, docks: list[Dock], states: LayerStates, before: Mapping[str, str]
) -> Said | None:
    """Return what the plugin at work says; None when none was seen, or none describes itself.

    Parameters
    ----------
    before
        States, by layer, that the change itself has ended.
    """
    own = [dock for dock in docks if caller.module and dock.package == caller.package]
    if caller.scripted or len(own) != 1:  # of two widgets of one plugin, which it was is not known
        return None
    found = description_of(own[0].widget)
    if found is None:
        return None
    inputs = [_slot(name, value, states, before) for name, value in found.inputs]
    lost = [n for (n, _), slot in zip(found.inputs, inputs, strict=True) if slot is None]
    gap = found.gap or (_LOST.format(lost[0]) if lost else "")
    said = Confidence.DECLARED if found.tool.name else Confidence.OPAQUE
    confidence = Confidence.OPAQUE if gap.startswith(_FAILED) else said
    if not gap and found.tool.function:
        confidence = Confidence.REPLAYABLE
    slots = tuple(slot for slot in inputs if slot is not None)
    return Said(found.tool, found.name or found.tool.name, found.parameters, slots, confidence, gap)


def _slot(name: str, value: Any, states: LayerStates, before: Mapping[str, str]) -> Slot | None:
    if isinstance(value, Path):
        return Slot(name=name, data=states.file(value)) if value.exists() else None
    if is_layer(value):
        data = before.get(str(value.unique_id)) or states.now(value)
        return Slot(name=name, data=data, passed_as="layer")
    ref = states.ref_of(value)
    if ref is None or ref.id in before.values():
        return None
    return Slot(name=name, data=ref.id)
