"""Changes that no magicgui function claims, judged together when one turn of the window is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from napari_fair.model import Confidence, Parameter, Slot, Step, StepKind, Tool
from napari_fair.provenance.software import package_tool
from napari_fair.provenance.values import parameter_of
from napari_fair.viewer.recorder_callers import Caller
from napari_fair.viewer.recorder_layers import LayerStates
from napari_fair.viewer.recorder_plugins import plugin_of
from napari_fair.viewer.recorder_steps import NAPARI, Outcome, StepWriter

_ACTIONS = {
    "duplicate_layer": ("Duplicate", "duplicated"),
    "split_stack": ("Split stack", "split"),
    "split_rgb": ("Split RGB", "split"),
    "merge_stack": ("Merge to stack", "merged"),
    "convert_to_labels": ("Convert to labels", "converted"),
    "convert_to_image": ("Convert to image", "converted"),
    "convert_dtype": ("Convert data type", "converted"),
    "project": ("Projection", "projected"),
}
"""Names of napari's layer actions in plain words."""
_OPEN = "napari.components:ViewerModel.open"
_BY_MENU = "napari's menu works on the viewer, where no script can call it"
_UNSEEN = "only its outcome was seen"


@dataclass
class Turn:
    """What happened in one turn of the window's event loop, in order."""

    outcomes: list[Outcome] = field(default_factory=list)
    removed: dict[str, str] = field(default_factory=dict)
    """Last states of layers that went, by layer."""


class Turns:
    """Collects changes until the turn is over, then writes their steps.

    Parameters
    ----------
    opaque
        Called with each opaque step and the caller that was seen, to propose what it was.
    """

    def __init__(
        self,
        writer: StepWriter,
        states: LayerStates,
        *,
        before_step: Callable[[], object],
        opaque: Callable[[Step, Caller], object],
    ) -> None:
        self._writer, self._states = writer, states
        self._before_step, self._opaque = before_step, opaque
        self._turn = Turn()

    def add(self, outcome: Outcome) -> None:
        """Say that a layer was made or changed."""
        self._turn.outcomes.append(outcome)

    def remove(self, key: str, data: str) -> None:
        """Say that a layer went."""
        self._turn.removed[key] = data

    def take(self) -> list[Outcome]:
        """Hand over what nobody has claimed in this turn, without the layers that files gave."""
        taken = [o for o in self._turn.outcomes if not _origin(o)]
        self._turn.outcomes = [o for o in self._turn.outcomes if _origin(o)]
        return taken

    def over(self) -> None:
        """The turn is over: write what is left of it."""
        turn, self._turn = self._turn, Turn()
        if not turn.outcomes:
            return
        self._before_step()
        for group in _grouped(turn.outcomes):
            self._write(group, turn.removed)

    def _write(self, group: list[Outcome], removed: dict[str, str]) -> None:
        origin, caller = _origin(group[0]), group[0].caller
        if isinstance(origin, Path):
            self._opened(group, origin)
        elif isinstance(origin, tuple):
            self._sampled(group, origin)
        elif caller.action or origin == "parent":
            self._acted(group, caller, removed)
        elif removed and all(outcome.made for outcome in group) and not caller.scripted:
            self._replaced(group, removed)
        else:
            self._unseen(group, caller)

    # ---- each kind ----

    def _opened(self, group: list[Outcome], path: Path) -> None:
        layer = group[0].layer()
        reader = str(layer.source.reader_plugin or NAPARI) if layer is not None else NAPARI
        tool = package_tool(reader.replace("-", "_"))
        if not tool.package:
            tool = package_tool(NAPARI)
        self._writer.write(
            f"Opened {path.name}",
            kind=StepKind.OPEN,
            outcomes=group,
            inputs=[Slot(data=self._states.file(path))],
            tool=tool.model_copy(update={"name": reader, "plugin": reader, "function": _OPEN}),
            confidence=Confidence.REPLAYABLE,
            observed="layer source",
        )

    def _sampled(self, group: list[Outcome], sample: tuple[str, str]) -> None:
        plugin, key = sample
        tool = package_tool(plugin.replace("-", "_"))
        self._writer.write(
            f"Opened the sample {key}",
            kind=StepKind.OPEN,
            outcomes=group,
            tool=tool.model_copy(update={"name": plugin, "plugin": plugin}),
            parameters=(Parameter(name="sample", value=key),),
            gap="a sample comes from its plugin, not from a file of this folder",
            observed="layer source",
        )

    def _acted(self, group: list[Outcome], caller: Caller, removed: dict[str, str]) -> None:
        """Write one of napari's own layer actions."""
        action = caller.action or "duplicate_layer"
        name, _ = _ACTIONS.get(action, (action.replace("_", " ").capitalize(), ""))
        parameters = [parameter_of(key, value) for key, value in caller.arguments.items()]
        made = {outcome.data for outcome in group}
        held = [self._states.shown(key) for key in caller.layers]
        used = [*removed.values(), *self._parents(group), *(data for data in held if data)]
        inputs = [Slot(data=data) for data in dict.fromkeys(used) if data not in made]
        self._writer.write(
            name,
            outcomes=group,
            inputs=inputs,
            tool=package_tool(NAPARI).model_copy(update={"name": f"napari: {name}"}),
            parameters=tuple(p for p in parameters if p is not None),
            gap=_BY_MENU,
            observed="layer menu",
        )

    def _parents(self, group: list[Outcome]) -> list[str]:
        layers = [layer for outcome in group if (layer := outcome.layer()) is not None]
        parents = [layer.source.parent() for layer in layers if layer.source.parent is not None]
        return [self._states.now(parent) for parent in parents if parent is not None]

    def _replaced(self, group: list[Outcome], removed: dict[str, str]) -> None:
        """Layers went as others came: one made of the other, though nobody said how."""
        before = ", ".join(self._states.name_of(data) for data in removed.values())
        step = self._writer.write(
            f"Something made {_named(group)} of {before}",
            outcomes=group,
            tool=_tool_of(group[0].caller),
            inputs=[Slot(data=data) for data in removed.values()],
            gap=_UNSEEN,
            observed="layers replaced",
        )
        self._opaque(step, group[0].caller)

    def _unseen(self, group: list[Outcome], caller: Caller) -> None:
        what = "A script" if caller.scripted else "Something"
        verb = "made" if all(outcome.made for outcome in group) else "changed"
        inputs: list[Slot] = []
        if all(outcome.what == "features" for outcome in group):
            verb = "measured"
            inputs = [Slot(data=self._states.shown(outcome.key)) for outcome in group]
        step = self._writer.write(
            f"{what} {verb} {_named(group)}",
            outcomes=group,
            inputs=inputs,
            tool=_tool_of(caller),
            gap=_UNSEEN,
            observed="script" if caller.scripted else "layer list",
        )
        self._opaque(step, caller)


def _tool_of(caller: Caller) -> Tool:
    """Return the package that was seen at work."""
    tool = package_tool(caller.package) if caller.module and not caller.scripted else Tool()
    if not tool.package:
        return tool
    return tool.model_copy(update={"name": tool.package, "plugin": plugin_of(caller.package)})


def _origin(outcome: Outcome) -> Any:
    """Return the file, the sample, or ``parent``, that a new layer comes from."""
    layer = outcome.layer()
    if layer is None or not outcome.made:
        return None
    source = layer.source
    if source.parent is not None:
        return "parent"
    if source.sample is not None:
        return tuple(source.sample)
    if source.path and not outcome.caller.action:
        return Path(str(source.path))
    return None


def _grouped(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    """Put together what one cause did, in the order of the first."""
    found: dict[Any, list[Outcome]] = {}
    for outcome in outcomes:
        origin, caller = _origin(outcome), outcome.caller
        key = (str(origin), caller.action, caller.module, outcome.what, outcome.made)
        found.setdefault(key, []).append(outcome)
    return list(found.values())


def _named(group: list[Outcome]) -> str:
    names = list(dict.fromkeys(f"“{outcome.name}”" for outcome in group))
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
