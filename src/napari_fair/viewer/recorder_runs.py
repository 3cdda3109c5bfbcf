"""Runs of magicgui functions: what they were called with, what they gave, how they failed."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from napari_fair.model import Confidence, Tool
from napari_fair.provenance.data import results_of
from napari_fair.provenance.software import tool_of
from napari_fair.viewer.recorder_arguments import ArgumentReader, Arguments
from napari_fair.viewer.recorder_callers import Caller, calling, raised_in, running
from napari_fair.viewer.recorder_plugins import contributed
from napari_fair.viewer.recorder_steps import Outcome, StepWriter, before_of, clock

if TYPE_CHECKING:
    from magicgui.widgets import FunctionGui

    from napari_fair.model import Step

_FIRST = 1 << 20
"""Priority of the slot that sees a button before its function is called."""


_BEGUN_BEFORE = "it began before it was followed, so what it was given is not known"


@dataclass
class Run:
    """One call of a magicgui function, or its worker, until it is over."""

    started: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    arguments: Arguments | None = None
    tool: Tool | None = None
    inner: bool = False
    worker: Any = None
    gap: str = ""
    dice: tuple[int, ...] = ()
    marks: Mapping[str, int] = field(default_factory=dict)
    steady: frozenset[str] = frozenset()


class MagicRuns:
    """Follows magicgui functions from the press of their button to the layers they give.

    Parameters
    ----------
    later
        Calls a function when what happens now is over.
    before_step
        Called with the layers that a run used or changed, before its step is written.
    layers
        Returns the layers of the viewer.
    unclaimed
        Hands over changes of this turn that nobody claims, and that a package may have made.
    spoiled
        Returns whether data was written into, so that a worker may have read something else.
    """

    def __init__(
        self,
        writer: StepWriter,
        reader: ArgumentReader,
        *,
        later: Callable[[Callable[[], object]], None],
        before_step: Callable[[], object],
        layers: Callable[[], Iterable[Any]],
        unclaimed: Callable[[str], list[Outcome]],
        spoiled: Callable[[str], bool],
    ) -> None:
        self._writer, self._reader, self._later = writer, reader, later
        self._before_step, self._layers, self._unclaimed = before_step, layers, unclaimed
        self._spoiled = spoiled
        self._known: weakref.WeakSet[FunctionGui[..., Any]] = weakref.WeakSet()
        self._open: weakref.WeakKeyDictionary[FunctionGui[..., Any], Run] = (
            weakref.WeakKeyDictionary()
        )
        self._workers: list[tuple[weakref.ref[FunctionGui[..., Any]], Run]] = []
        self._results: weakref.WeakKeyDictionary[FunctionGui[..., Any], list[Outcome]] = (
            weakref.WeakKeyDictionary()
        )
        self._slots: list[tuple[weakref.ref[FunctionGui[..., Any]], Any, Any]] = []
        self.on = False
        self.written: Callable[[Step], object] = lambda step: None
        self.missed: Callable[[Exception], object] = lambda fault: None
        self.quiet: Callable[[Tool, Arguments], object] = lambda tool, arguments: None

    # ---- following ----

    def follow(self, gui: FunctionGui[..., Any]) -> None:
        """Watch a function; a second time changes nothing."""
        if gui in self._known:
            return
        self._known.add(gui)
        held = weakref.ref(gui)

        def called(result: object) -> None:
            found = held()
            if found is not None and self.on:
                self._safely(self._called, found, result)

        def pressed(_value: object = None) -> None:
            found = held()
            if found is not None and self.on:
                self._safely(self._pressed, found)

        gui.called.connect(called)
        self._slots.append((held, called, pressed))
        if gui.call_button is not None:
            gui.call_button.changed.connect(pressed, priority=_FIRST)

    def _safely(self, do: Callable[..., object], *arguments: object) -> None:
        """Let no fault of ours reach the plugin whose signal this is."""
        try:
            do(*arguments)
        except Exception as fault:
            self.missed(fault)

    def release(self) -> None:
        """Leave all functions alone."""
        for held, called, pressed in self._slots:
            gui = held()
            if gui is not None:
                gui.called.disconnect(called, missing_ok=True)
                if gui.call_button is not None:
                    gui.call_button.changed.disconnect(pressed, missing_ok=True)
        self._slots.clear()
        self._known.clear()
        self._open.clear()
        self._workers.clear()
        self._results.clear()

    def claim(self, gui: FunctionGui[..., Any], outcome: Outcome) -> None:
        """Say that a change of a layer comes from a function that runs, or from its worker."""
        self.follow(gui)
        if outcome.caller.gui is gui:
            run = self._open.get(gui) or self._begin(gui, Run())
            run.outcomes.append(outcome)
        elif any(held() is gui for held, _ in self._workers):
            self._results.setdefault(gui, []).append(outcome)  # which worker's it is comes next
        else:
            self._orphan(gui, outcome)

    def _orphan(self, gui: FunctionGui[..., Any], outcome: Outcome) -> None:
        """A result of a run that began before it was followed: its arguments are not known."""
        run = self._open.get(gui)
        if run is None:
            run = self._open[gui] = Run(gap=_BEGUN_BEFORE)
            self._later(lambda: self._finish(gui, run))
        run.outcomes.append(outcome)

    # ---- a call ----

    def _pressed(self, gui: FunctionGui[..., Any]) -> None:
        marks = self._reader.marks(gui, self._layers())
        self._begin(gui, Run(started=clock(), dice=_dice(), marks=marks))

    def _begin(self, gui: FunctionGui[..., Any], run: Run) -> Run:
        """Note a call, and look later whether it came to an end."""
        self._open[gui] = run
        calls, held = gui.call_count, weakref.ref(gui)

        def check() -> None:
            found = held()
            if found is None or not self.on or self._open.get(found) is not run:
                return
            if running(found):
                self._later(check)
            elif found.call_count == calls:
                self._later(lambda: self._give_up(held, run))

        self._later(check)
        return run

    def _give_up(self, held: weakref.ref[FunctionGui[..., Any]], run: Run) -> None:
        """The button was pressed and the function did not return; nobody said why."""
        gui = held()
        if gui is not None and self._open.get(gui) is run:
            self._failed(gui, run, "")

    def _called(self, gui: FunctionGui[..., Any], result: object) -> None:
        run = self._open.pop(gui, None) or Run()
        caller = calling()
        run.arguments = self._read(gui, caller, run)
        run.tool = _tool(gui)
        after = self._reader.marks(gui, self._layers())
        run.steady = frozenset(data for data, mark in run.marks.items() if after.get(data) == mark)
        if run.dice and run.dice != _dice():
            run.gap = "it used random numbers, and where they began was not recorded"
        if hasattr(result, "returned") and hasattr(result, "errored"):
            self._await(gui, run, result)
        elif hasattr(result, "add_done_callback"):
            run.worker = result
            self._workers.append((weakref.ref(gui), run))
            result.add_done_callback(lambda _f: self._later(lambda: self._future(gui, run)))
        else:
            run.inner = result is None or not all(_by_napari(o, gui) for o in run.outcomes)
            self._finish(gui, run)

    def raised(self, error: BaseException) -> bool:
        """Say that an error reached napari; returns whether a followed function raised it."""
        caller = raised_in(error)
        gui = caller.gui
        if gui is None or gui not in self._known:
            return False
        run = self._open.get(gui) or Run()
        run.arguments = self._read(gui, caller, run)
        self._failed(gui, run, _words(error))
        return True

    def _failed(self, gui: FunctionGui[..., Any], run: Run, error: str) -> None:
        self._open.pop(gui, None)
        arguments, tool = run.arguments or self._read(gui, Caller(), run), _tool(gui)
        self._before_step()
        step = self._writer.write(
            tool.name,
            outcomes=run.outcomes,
            inputs=arguments.inputs,
            tool=tool,
            parameters=arguments.parameters,
            gap="it ended in an error",
            failed=True,
            error=error or "The function did not end; napari showed no reason",
            started=run.started,
            observed="worker" if run.worker is not None else "magicgui",
        )
        self.written(step)

    def _read(self, gui: FunctionGui[..., Any], caller: Caller, run: Run) -> Arguments:
        given, in_code = (caller.given, caller.in_code) if caller.gui is gui else ({}, ())
        before = before_of(run.outcomes)
        return self._reader.read(gui, given, self._layers(), before, in_code)

    # ---- workers ----

    def _await(self, gui: FunctionGui[..., Any], run: Run, worker: Any) -> None:
        """Wait for a worker; napari adds its layers before these slots are called."""
        run.worker = worker
        held = weakref.ref(gui)
        self._workers.append((held, run))

        def returned(result: object = None) -> None:
            found = held()
            if found is not None and self.on:
                self._safely(self._over, found, run, result)

        def errored(error: BaseException) -> None:
            found = held()
            if found is not None and self._drop(run) and self.on:
                self._safely(self._failed, found, run, _words(error))

        def finished() -> None:
            self._later(lambda: self._safely(self._stopped, held, run))

        worker.returned.connect(returned)
        worker.errored.connect(errored)
        if hasattr(worker, "finished"):
            worker.finished.connect(finished)

    def _stopped(self, held: weakref.ref[FunctionGui[..., Any]], run: Run) -> None:
        """A worker is over and gave neither a result nor an error."""
        found = held()
        if found is not None and self._drop(run) and self.on:
            self._failed(found, run, "It was stopped before it gave a result")

    def _future(self, gui: FunctionGui[..., Any], run: Run) -> None:
        error = None if run.worker.cancelled() else run.worker.exception()
        if run.worker.cancelled() or error is not None:
            if self._drop(run):
                said = _words(error) if error is not None else "It was cancelled"
                self._failed(gui, run, said)
            return
        self._over(gui, run, run.worker.result())

    def _over(self, gui: FunctionGui[..., Any], run: Run, result: object) -> None:
        others = any(held() is gui and one is not run for held, one in self._workers)
        if not self._drop(run):
            return
        waiting = self._results.pop(gui, [])
        own, rest = _sorted_out(waiting, result) if others else (waiting, [])
        if others and not own:
            run.gap = run.gap or "several runs went on at once, so which gave what is not known"
        if rest:
            self._results[gui] = rest
        run.outcomes += own
        run.outcomes += self._unclaimed(_package(gui))
        run.inner = not all(_by_napari(outcome, gui) for outcome in run.outcomes)
        used = run.arguments.inputs if run.arguments is not None else ()
        if any(self._spoiled(slot.data) for slot in used):
            run.gap = run.gap or "the data that it used was changed by hand while it ran"
        self._finish(gui, run)

    def _drop(self, run: Run) -> bool:
        left = [(held, one) for held, one in self._workers if one is not run]
        was_open = len(left) < len(self._workers)
        self._workers = left
        return was_open

    # ---- the step ----

    def _finish(self, gui: FunctionGui[..., Any], run: Run) -> None:
        if self._open.get(gui) is run:
            del self._open[gui]
        arguments = run.arguments or self._read(gui, Caller(), run)
        tool = run.tool or _tool(gui)
        gap = _gap(tool, run, arguments)
        if not run.outcomes and not arguments.inputs:
            self.quiet(tool, arguments)
            return
        if not gap:  # what it returned is new, whether or not a layer of that name was there
            run.outcomes = [replace(outcome, before="") for outcome in run.outcomes]
        self._before_step()
        step = self._writer.write(
            tool.name,
            outcomes=run.outcomes,
            inputs=arguments.inputs,
            tool=tool,
            parameters=arguments.parameters,
            confidence=Confidence.OPAQUE if gap else Confidence.REPLAYABLE,
            gap=gap,
            steady=run.steady,
            started=run.started,
            observed="worker" if run.worker is not None else "magicgui",
        )
        self.written(step)


def _gap(tool: Tool, run: Run, arguments: Arguments) -> str:
    """Return why a run cannot be repeated by a script; empty when it can."""
    if not tool.function:
        return "its function is inside another one, where no script can reach it"
    if run.gap or arguments.gap:
        return run.gap or arguments.gap
    if not run.outcomes:
        return "it gave nothing that napari shows, so a repeat could not be compared"
    if run.inner:
        return "it changed the layers itself instead of returning a result"
    return ""


def _dice() -> tuple[int, ...]:
    """Return where the random numbers that all code shares stand."""
    import random

    import numpy as np

    state: Any = np.random.get_state(legacy=True)
    return hash(state[1].tobytes()), int(state[2]), hash(random.getstate())


def _sorted_out(outcomes: list[Outcome], result: object) -> tuple[list[Outcome], list[Outcome]]:
    """Tell the layers that show a result from those of other runs."""
    pieces = [id(one.value) for one in results_of(result)]
    own = [o for o in outcomes if (layer := o.layer()) is not None and id(layer.data) in pieces]
    return own, [outcome for outcome in outcomes if outcome not in own]


def _package(gui: FunctionGui[..., Any]) -> str:
    return str(getattr(gui.__wrapped__, "__module__", "")).partition(".")[0]


def _by_napari(outcome: Outcome, gui: FunctionGui[..., Any]) -> bool:
    """Return whether napari made the change with what the function returned."""
    layer = outcome.layer()
    if not outcome.made:
        return outcome.caller.module == ""
    return layer is not None and layer.source.widget is gui


def _words(error: BaseException) -> str:
    cause: BaseException = error
    while type(cause).__name__ == "EmitLoopError" and cause.__cause__ is not None:
        cause = cause.__cause__
    text = " ".join(str(cause).split())
    return f"{type(cause).__name__}: {text}"[:500] if text else type(cause).__name__


def _tool(gui: FunctionGui[..., Any]) -> Tool:
    """Return a function as a tool, by the words that people see for it."""
    known = contributed(gui.__wrapped__)
    button = gui.call_button.text if gui.call_button is not None else ""
    name = known.title or (button if button not in ("", "Run") else str(gui.label))
    return tool_of(
        gui, name=name.strip().capitalize() if name.islower() else name, plugin=known.plugin
    )
