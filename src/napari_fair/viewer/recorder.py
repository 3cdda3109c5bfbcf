"""The recorder: turns what napari shows of an analysis into steps of a ledger."""

from __future__ import annotations

import functools
import logging
import weakref
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Any, ParamSpec

from psygnal import Signal
from qtpy.QtCore import QTimer

from napari_fair.model import Confidence, Parameter, Slot, SoftwareEnvironment, Step, StepKind, Tool
from napari_fair.provenance import Ledger, attach, detach
from napari_fair.viewer.recorder_arguments import ArgumentReader, Arguments
from napari_fair.viewer.recorder_callers import Caller, calling
from napari_fair.viewer.recorder_described import said_of
from napari_fair.viewer.recorder_docks import DockWatch, Proposal, docks, guis_in, propose
from napari_fair.viewer.recorder_hands import Hands
from napari_fair.viewer.recorder_inbox import Inbox
from napari_fair.viewer.recorder_layers import LayerStates, result_of, savable
from napari_fair.viewer.recorder_results import Result
from napari_fair.viewer.recorder_runs import MagicRuns
from napari_fair.viewer.recorder_steps import Outcome, StepWriter, WindowThread
from napari_fair.viewer.recorder_turns import Turns

if TYPE_CHECKING:
    from napari.components import ViewerModel

_REST = 60_000
"""Milliseconds without a stroke after which work by hand is recorded."""
_DONE = {"added", "removed", "changed"}


_P = ParamSpec("_P")


def _kept_apart(slot: Callable[_P, None]) -> Callable[_P, None]:
    """Let a fault of the recorder spoil the history visibly, and not what the person does."""

    @functools.wraps(slot)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            slot(*args, **kwargs)
        except Exception as fault:
            recorder: Any = args[0]
            recorder.missed(fault)

    return guarded


class Recorder:
    """Follows one viewer through public events; switched off, it leaves napari untouched.

    It holds the viewer, its layers and their data weakly. All methods are called in the thread
    of the window.

    Attributes
    ----------
    changed
        Recording went on or off, or work by hand goes on.
    asked
        An opaque step has a proposal; argument is the step's id.
    proposals
        What opaque steps probably were, by step, until a person answered.
    """

    changed = Signal()
    asked = Signal(str)

    def __init__(self, viewer: ViewerModel, ledger: Ledger | None = None) -> None:
        self._viewer = weakref.ref(viewer)
        self.ledger = ledger if ledger is not None else Ledger()
        self.states = LayerStates(self.ledger)
        self._queue = WindowThread()
        self.writer = StepWriter(self.ledger, self.states, self._queue.later)
        self._inbox = Inbox(self.writer, self.states, self._viewer)
        self.writer.written = lambda step: self._opaque(step, Caller())
        self.proposals: dict[str, Proposal] = {}
        self.on = self.paused = False
        self._turn_asked = False
        self._just_changed: set[str] = set()
        self._watch = DockWatch(self._viewer)
        self._watch.docked.connect(self._docked)
        self._hands = Hands(self.writer, self.states, lambda step: self.changed.emit())
        self._hands.plane_axis = self._plane_axis
        self._turns = Turns(
            self.writer, self.states, before_step=self._hands.close, opaque=self._opaque
        )
        self._runs = MagicRuns(
            self.writer,
            ArgumentReader(self.states),
            later=self._queue.later,
            before_step=self._before_run,
            layers=self.layers,
            unclaimed=self._turns.take,
            spoiled=self.states.spoiled,
        )
        self._runs.written = self._run_written
        self._runs.quiet = self._ran_quietly
        self._runs.missed = self.missed
        self._quiet: Proposal | None = None
        self._rest = QTimer()
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._hands.close)
        self._followed: weakref.WeakSet[Any] = weakref.WeakSet()

    # ---- on, paused, off ----

    @property
    def recording(self) -> bool:
        """Whether steps are recorded now."""
        return self.on and not self.paused

    def start(self) -> None:
        """Begin to record; layers that are there already are named as such."""
        viewer = self._viewer()
        if self.on or viewer is None:
            return
        self.on, self.paused = True, False
        self._connect(viewer)
        Thread(target=self._look_around, name="napari-fair environment", daemon=True).start()
        self._take_stock("was there before recording began")
        self._compare("changed while nothing was recorded", _nothing)
        self.changed.emit()

    def pause(self) -> None:
        """Record nothing until `resume`."""
        if self.recording:
            self._close_open_work()
            self.paused = True
            self._runs.on = False
            detach(self._inbox)
            self.changed.emit()

    def resume(self) -> None:
        """Go on; what changed meanwhile is recorded as such, without saying how."""
        if self.on and self.paused:
            self.paused = False
            self._runs.on = True
            attach(self._inbox, self._inbox.known)
            self._take_stock("came while recording was paused")
            self._compare("changed while recording was paused", _nothing)
            self.changed.emit()

    def stop(self) -> None:
        """Switch off: nothing of napari is followed any more."""
        if not self.on:
            return
        if not self.paused:
            self._close_open_work()
        self.on = self.paused = False
        self._disconnect()
        self.changed.emit()

    def close(self) -> None:
        """Stop for good, when the viewer goes."""
        self.stop()
        self.states.close()

    def leave_out(self, layer: Any, out: bool = True) -> None:
        """Record nothing of a layer, not even its name; or record it again."""
        key = str(layer.unique_id)
        self._hands.close(key)
        (self.states.left_out.add if out else self.states.left_out.discard)(key)
        data = self.states.begin(layer)
        if not out and self.recording:
            how = "was left out of the history until now"
            outcome = Outcome(*_named(layer), data)
            self.writer.write(
                f"“{layer.name}” {how}", outcomes=[outcome], gap=how, observed="layer list"
            )
        self.changed.emit()

    def left_out(self, layer: Any) -> bool:
        """Return whether nothing of a layer is recorded."""
        return str(layer.unique_id) in self.states.left_out

    def set_agent(self, person: str) -> None:
        """Say who is at work from now on, by the id of a person of the record; empty: nobody."""
        self._close_open_work()
        self.writer.agent = person

    @property
    def busy(self) -> bool:
        """Whether steps are known that are not in the ledger yet."""
        return self._turn_asked or self.writer.waiting

    @property
    def by_hand(self) -> dict[str, int]:
        """Strokes or edits that are being made and are no step yet, by layer name."""
        return {name: work.strokes for name, work in self._hands.going_on.items()}

    # ---- connections ----

    def _connect(self, viewer: Any) -> None:
        events = viewer.layers.events
        events.inserted.connect(self._inserted)
        events.removed.connect(self._removed)
        self._notifications().connect(self._notified)
        attach(self._inbox, self._inbox.known)
        self._runs.on = True
        self._watch.start()
        self._docked()

    def _disconnect(self) -> None:
        viewer = self._viewer()
        detach(self._inbox)
        self._runs.on = False
        self._runs.release()
        self._watch.stop()
        self._notifications().disconnect(self._notified)
        for layer in list(self._followed):
            self._leave(layer)
        self._hands.drop()
        if viewer is not None:
            viewer.layers.events.inserted.disconnect(self._inserted)
            viewer.layers.events.removed.disconnect(self._removed)

    def _follow(self, layer: Any) -> None:
        if layer in self._followed:
            return
        self._followed.add(layer)
        for event, slot in self._slots(layer):
            event.connect(slot)

    def _leave(self, layer: Any) -> None:
        self._followed.discard(layer)
        for event, slot in self._slots(layer):
            event.disconnect(slot)

    def _slots(self, layer: Any) -> list[tuple[Any, Any]]:
        found = [(layer.events.data, self._data_changed)]
        if hasattr(layer.events, "paint"):
            found.append((layer.events.paint, self._painted))
            found.append((layer.events.labels_update, self._being_painted))
        if hasattr(layer.events, "features"):
            found.append((layer.events.features, self._features_changed))
        return found

    def _notifications(self) -> Any:
        from napari.utils.notifications import notification_manager

        return notification_manager.notification_ready

    def _docked(self) -> None:
        """Follow the functions of docked widgets, soon: the new one is not filled yet."""
        self._queue.later(self._follow_docks)

    def _follow_docks(self) -> None:
        viewer = self._viewer()
        if viewer is None or not self.on:
            return
        for dock in docks(viewer):
            for gui in guis_in(dock):
                self._runs.follow(gui)

    def _look_around(self) -> None:
        """Find out in a thread what is installed and where this runs."""
        from napari_fair.provenance.software import (
            environment,
            know_packages,
            package_tool,
            plugin_packages,
        )

        place: SoftwareEnvironment | None = None
        try:
            know_packages()
            for package in plugin_packages():
                package_tool(package)
            place = environment()
        finally:
            self._queue.later(lambda: self.writer.place(place))

    # ---- what napari says ----

    @_kept_apart
    def _inserted(self, event: Any) -> None:
        layer = event.value
        if not self.recording:
            return
        self._follow(layer)
        caller = calling()
        data = self.states.begin(layer)
        self._just_changed.add(str(layer.unique_id))
        self._end_turn()
        self._sort(layer, Outcome(*_named(layer), data, "", caller), layer.source.widget)

    @_kept_apart
    def _removed(self, event: Any) -> None:
        layer = event.value
        key = str(layer.unique_id)
        if self.recording:
            self._hands.close(key)
            data = self.states.shown(key)
            if data:
                self._turns.remove(key, data, layer.data)
                self._end_turn()
        self.states.forget(layer)
        if layer in self._followed:
            self._leave(layer)

    @_kept_apart
    def _data_changed(self, event: Any) -> None:
        layer = event.source
        action = str(getattr(event, "action", "changed"))
        if not self._recorded(layer) or action not in _DONE:
            return
        caller = calling()
        if hasattr(event, "action") and not caller.module and caller.gui is None:
            self._hands.edit(layer, action, event.data_indices)
            self._hand_moved()
            return
        self._change(layer, caller)

    @_kept_apart
    def _painted(self, event: Any) -> None:
        layer = event.source
        if not self._recorded(layer):
            return
        caller = calling()
        if caller.module or caller.gui is not None:
            self._change(layer, caller)
            return
        self._hands.paint(layer, event.value)
        self._hand_moved()

    @_kept_apart
    def _being_painted(self, event: Any) -> None:
        self.states.touched(event.source)

    @_kept_apart
    def _features_changed(self, event: Any) -> None:
        layer = event.source
        if not self._recorded(layer) or not len(layer.features.columns):
            return
        if str(layer.unique_id) in self._just_changed:
            return  # napari says it of its own accord when the data changes
        caller = calling()
        if (caller.module or caller.gui is not None) and not caller.action:
            table = self.states.table(layer)
            outcome = Outcome(*_named(layer), table, "", caller, "features")
            self._sort(layer, outcome, None)

    def _change(self, layer: Any, caller: Caller) -> None:
        key = str(layer.unique_id)
        self._hands.close(key)
        self._just_changed.add(key)
        self._end_turn()
        before = self.states.now(layer)
        outcome = Outcome(*_named(layer), self.states.begin(layer), before, caller)
        self._sort(layer, outcome, None)

    def _sort(self, layer: Any, outcome: Outcome, widget: Any) -> None:
        """Hand a change to the run it belongs to, or to this turn."""
        if outcome.key in self.states.left_out:
            return
        gui = outcome.caller.gui or widget
        if gui is not None:
            self._runs.claim(gui, outcome)
        else:
            before = {outcome.key: outcome.before} if outcome.before else {}
            docked = docks(self._viewer())
            said = said_of(outcome.caller, docked, self.states, before)
            self._turns.add(replace(outcome, said=said))
            self._end_turn()

    def _recorded(self, layer: Any) -> bool:
        return self.recording and str(layer.unique_id) not in self.states.left_out

    @_kept_apart
    def _notified(self, event: Any) -> None:
        error = getattr(getattr(event, "notification", event), "exception", None)
        if self.recording and isinstance(error, BaseException):
            self._runs.raised(error)

    def missed(self, fault: Exception) -> None:
        """Say in the history that something happened that could not be recorded."""
        logging.getLogger("napari_fair").error("a step was not recorded", exc_info=fault)
        why = f"the recorder failed ({type(fault).__name__}: {fault})"[:300]
        self.writer.write("A step could not be recorded", gap=why, observed="recorder")

    # ---- turns ----

    def _end_turn(self) -> None:
        if not self._turn_asked:
            self._turn_asked = True
            self._queue.later(self._turn_over)

    @_kept_apart
    def _turn_over(self) -> None:
        self._turn_asked = False
        self._just_changed.clear()
        if self.on:
            self._turns.over()

    def _before_run(self) -> None:
        self._turns.over()
        self._hands.close()

    def _hand_moved(self) -> None:
        self._rest.start()
        if not self._moved:
            self._moved = True
            self._queue.later(self._tell_hand)

    _moved = False

    def _tell_hand(self) -> None:
        self._moved = False
        self.changed.emit()

    def _close_open_work(self) -> None:
        self._turns.over()
        self._hands.close()

    def _take_stock(self, how: str) -> None:
        """Name the layers that are there and that nobody was seen to make."""
        for layer in self.layers():
            self._follow(layer)
            if self.states.known(layer) or self.left_out(layer):
                continue
            data = self.states.begin(layer)
            outcome = Outcome(*_named(layer), data, "", Caller())
            if layer.source.path or layer.source.sample:
                self._turns.add(outcome)
            else:
                self.writer.write(
                    f"“{layer.name}” {how}", outcomes=[outcome], gap=how, observed="layer list"
                )
        self._end_turn()

    # ---- silent changes ----

    def settle(self, done: Callable[[], object]) -> None:
        """Record all that is open and look for silent changes, then call `done`.

        Data is compared with its checksums in a thread; `done` is called in the window's.
        """
        if not self.recording:
            done()
            return
        self._close_open_work()
        self._compare("changed without a word", done)

    def _compare(self, how: str, done: Callable[[], object]) -> None:
        def compared(changed: dict[str, str]) -> None:
            self._queue.later(lambda: self._silent(changed, how, done))

        self.states.check(compared)

    def _silent(self, changed: dict[str, str], how: str, done: Callable[[], object]) -> None:
        for layer in self.layers():
            before = changed.get(str(layer.unique_id))
            if before is None or not self._recorded(layer):
                continue
            if self.states.now(layer) != before:
                continue  # a step told it meanwhile
            outcome = Outcome(*_named(layer), self.states.begin(layer), before)
            self._opaque(self.writer.silent(outcome, how), Caller())
        done()

    # ---- opaque steps ----

    def _opaque(self, step: Step, caller: Caller) -> None:
        viewer = self._viewer()
        if viewer is None or step.confidence is not Confidence.OPAQUE:
            return
        found: Proposal | None = None
        if step.observed == "checksum":
            found, self._quiet = self._quiet, None
        found = found or propose(caller, docks(viewer), self._watch.last_used)
        if found is not None:
            self.proposals[step.id] = found
            self.asked.emit(step.id)

    def _ran_quietly(self, tool: Tool, arguments: Arguments) -> None:
        """A function ended that used and gave nothing: it may have written into an array."""
        self._quiet = Proposal(tool, arguments.parameters)

    def _run_written(self, step: Step) -> None:
        if step.confidence is Confidence.OPAQUE and not step.failed:
            self.proposals[step.id] = Proposal(step.tool, step.parameters, sure=True)
            self.asked.emit(step.id)

    def confirm(self, step_id: str) -> None:
        """A person says that the proposal is right."""
        found = self.proposals.get(step_id)
        if found is not None:
            self.describe(step_id, found.tool, found.parameters)

    def describe(
        self, step_id: str, tool: Tool, parameters: tuple[Parameter, ...], comment: str = ""
    ) -> None:
        """A person says what an opaque step was."""
        self.ledger.declare(step_id, tool, parameters, comment=comment or None)
        self.proposals.pop(step_id, None)
        self.changed.emit()

    def declare_elsewhere(
        self,
        tool: Tool,
        parameters: tuple[Parameter, ...],
        *,
        used: list[Any],
        made: list[Any],
        ended: str = "",
        comment: str = "",
    ) -> Step:
        """Record a step that was done elsewhere, between layers that are here."""
        self._before_run()
        inputs = [Slot(data=self.states.now(layer)) for layer in used]
        outcomes = [Outcome(*_named(layer), self.states.now(layer)) for layer in made]
        return self.writer.write(
            tool.name,
            outcomes=outcomes,
            inputs=inputs,
            tool=tool,
            parameters=parameters,
            confidence=Confidence.DECLARED,
            gap="it was done elsewhere",
            ended=ended,
            comment=comment,
            observed="described",
        )

    # ---- results ----

    def unsaved(self) -> list[str]:
        """Return the states that steps made, layers show, and no file holds."""
        return [one for one, _ in self._made_here() if one not in self.states.files()]

    def results(self, without: Collection[str] = ()) -> list[Result]:
        """Return those states with their data, to be saved."""
        files = {*self.states.files(), *without}
        return [
            result_of(layer, data, self.states)
            for data, layer in self._made_here()
            if data not in files
        ]

    def _made_here(self) -> list[tuple[str, Any]]:
        made = {
            slot.data
            for step in self.ledger.steps
            if step.kind is not StepKind.OPEN
            for slot in step.outputs
        }
        shown = [
            (data, layer)
            for layer in self.layers()
            if not self.left_out(layer)
            for data in (self.states.shown(str(layer.unique_id)), self.states.table_of(layer))
        ]
        return [
            (data, layer)
            for data, layer in shown
            if data in made and savable(data, layer, self.states)
        ]

    # ---- the viewer ----

    def layers(self) -> list[Any]:
        """Return the layers of the viewer."""
        viewer = self._viewer()
        return list(viewer.layers) if viewer is not None else []

    def active_state(self) -> str:
        """Return the state that the selected layer shows; empty without one."""
        viewer = self._viewer()
        layer = viewer.layers.selection.active if viewer is not None else None
        return self.states.shown(str(layer.unique_id)) if layer is not None else ""

    def _plane_axis(self, layer: Any) -> int | None:
        """Return the axis of a layer's data that the view steps through."""
        viewer = self._viewer()
        if viewer is None or layer.ndim < 3:
            return None
        hidden = list(viewer.dims.not_displayed)
        axis = hidden[-1] - (viewer.dims.ndim - layer.ndim) if hidden else -1
        return axis if axis >= 0 else None


def _nothing() -> None:
    """Do nothing."""


def _named(layer: Any) -> tuple[weakref.ref[Any], str, str]:
    return weakref.ref(layer), str(layer.unique_id), layer.name


# ---- one a viewer ----

_RECORDERS: dict[int, Recorder] = {}


def recorder_of(viewer: ViewerModel) -> Recorder:
    """Return the recorder of a viewer; the first call makes it, switched off."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    found = _RECORDERS.get(key)
    if found is None:
        found = _RECORDERS[key] = Recorder(viewer)
        weakref.finalize(viewer, _forget, key)
    return found


def _forget(key: int) -> None:
    found = _RECORDERS.pop(key, None)
    if found is not None:
        with suppress(RuntimeError):  # Qt may be gone before
            found.close()
