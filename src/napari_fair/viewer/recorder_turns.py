"""Changes that no magicgui function claims, judged together when one turn of the window is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from napari_fair.model import Confidence, Parameter, Slot, Step, StepKind, Tool
from napari_fair.provenance.software import package_tool
from napari_fair.provenance.values import parameter_of
from napari_fair.viewer.recorder_callers import Caller
from napari_fair.viewer.recorder_described import Said
from napari_fair.viewer.recorder_layers import LayerStates
from napari_fair.viewer.recorder_menu import (
    ACTIONS,
    BY_MENU,
    SEVERAL,
    Equivalent,
    equivalent,
)
from napari_fair.viewer.recorder_plugins import plugin_of
from napari_fair.viewer.recorder_steps import NAPARI, Outcome, StepWriter

_OPEN = "napari.components:ViewerModel.open"
_UNSEEN = "only its outcome was seen"


class Gone(NamedTuple):
    """The last state of a layer that went, and its data until the turn is over."""

    data: str
    array: Any


@dataclass
class Turn:
    """What happened in one turn of the window's event loop, in order."""

    outcomes: list[Outcome] = field(default_factory=list)
    removed: dict[str, Gone] = field(default_factory=dict)
    """Layers that went."""


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

    def remove(self, key: str, data: str, array: Any) -> None:
        """Say that a layer went."""
        self._turn.removed[key] = Gone(data, array)

    def take(self, package: str) -> list[Outcome]:
        """Hand over what nobody has claimed in this turn and code of a package may have done."""

        def may_be(outcome: Outcome) -> bool:
            caller = outcome.caller
            return not _origin(outcome) and not caller.action and caller.package in ("", package)

        taken = [outcome for outcome in self._turn.outcomes if may_be(outcome)]
        self._turn.outcomes = [one for one in self._turn.outcomes if not may_be(one)]
        return taken

    def over(self) -> None:
        """The turn is over: write what is left of it."""
        turn, self._turn = self._turn, Turn()
        if not turn.outcomes:
            return
        self._before_step()
        for group in _grouped(turn.outcomes):
            self._write(group, turn.removed)

    def _write(self, group: list[Outcome], removed: dict[str, Gone]) -> None:
        origin, caller = _origin(group[0]), group[0].caller
        if isinstance(origin, Path):
            self._opened(group, origin)
        elif isinstance(origin, tuple):
            self._sampled(group, origin)
        elif caller.action or origin == "parent":
            self._acted(group, caller, removed)
        elif (said := group[0].said) is not None:
            self._described(group, said)
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
            unless=None if all(o.caller.opening for o in group) else self._unseen_open(group, path),
            observed="layer source",
        )

    def _unseen_open(self, group: list[Outcome], path: Path) -> Callable[..., object]:
        """Compare layers that were there before, or came back, with their file."""
        data = [outcome.data for outcome in group]
        return lambda answer: self._states.compare_with_file(data, path, answer)

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

    def _acted(self, group: list[Outcome], caller: Caller, removed: dict[str, Gone]) -> None:
        """Write one of napari's own layer actions."""
        action = caller.action or "duplicate_layer"
        name = ACTIONS.get(action, action.replace("_", " ").capitalize())
        made = {outcome.data for outcome in group}
        used = [data for data in self._used(group, caller, removed) if data not in made]
        refs = self._states.refs
        same = equivalent(action, caller.arguments, refs(used), refs(o.data for o in group))
        if same is not None:
            self._repeatable(name, same, group, used[0], removed)
            return
        parameters = [parameter_of(key, value) for key, value in caller.arguments.items()]
        self._writer.write(
            name,
            outcomes=group,
            inputs=[Slot(data=data) for data in used],
            tool=package_tool(NAPARI).model_copy(update={"name": f"napari: {name}"}),
            parameters=tuple(p for p in parameters if p is not None),
            gap=SEVERAL if len(used) > 1 else BY_MENU,
            observed="layer menu",
        )

    def _used(
        self, group: list[Outcome], caller: Caller, removed: dict[str, Gone]
    ) -> dict[str, None]:
        before = [outcome.before for outcome in group if outcome.before]
        held = [self._states.shown(key) for key in caller.layers if not before]
        gone = [one.data for one in removed.values()]
        used = [*gone, *before, *self._parents(group), *(data for data in held if data)]
        return dict.fromkeys(used)

    def _repeatable(
        self,
        name: str,
        same: Equivalent,
        group: list[Outcome],
        used: str,
        removed: dict[str, Gone],
    ) -> None:
        """Write an action that a function of numpy repeats."""
        gone = next((one for one in removed.values() if one.data == used), None)
        self._writer.write(
            name,
            outcomes=group,
            inputs=[Slot(name=same.argument, data=used)],
            tool=same.tool(f"napari: {name}"),
            parameters=same.parameters,
            confidence=Confidence.REPLAYABLE,
            unless=None if gone is None else partial(self._states.compare, used, gone.array),
            steady=[used],
            observed="layer menu",
        )

    def _parents(self, group: list[Outcome]) -> list[str]:
        layers = [layer for outcome in group if (layer := outcome.layer()) is not None]
        parents = [layer.source.parent() for layer in layers if layer.source.parent is not None]
        return [self._states.now(parent) for parent in parents if parent is not None]

    def _described(self, group: list[Outcome], said: Said) -> None:
        """Write what the plugin at work says of itself; nobody has to be asked."""
        self._writer.write(
            said.name,
            outcomes=group,
            inputs=said.inputs,
            tool=said.tool,
            parameters=said.parameters,
            confidence=said.confidence,
            gap=said.gap,
            observed="its plugin",
        )

    def _replaced(self, group: list[Outcome], removed: dict[str, Gone]) -> None:
        """Layers went as others came: one made of the other, though nobody said how."""
        gone = [one.data for one in removed.values()]
        before = ", ".join(map(self._states.name_of, gone))
        step = self._writer.write(
            f"Something made {_named(group)} of {before}",
            outcomes=group,
            tool=_tool_of(group[0].caller),
            inputs=[Slot(data=data) for data in gone],
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
        key = (str(origin), caller.action, caller.module, outcome.what, outcome.made, outcome.said)
        found.setdefault(key, []).append(outcome)
    return list(found.values())


def _named(group: list[Outcome]) -> str:
    names = list(dict.fromkeys(f"“{outcome.name}”" for outcome in group))
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
