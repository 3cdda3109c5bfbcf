"""Changes of layers as they were seen, and the steps that they become."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from qtpy.QtCore import QObject, Qt, Signal

from napari_fair.model import Confidence, DataRef, Slot, SoftwareEnvironment, Step, StepKind
from napari_fair.viewer.recorder_callers import Caller
from napari_fair.viewer.recorder_described import Said
from napari_fair.viewer.recorder_layers import LayerStates

if TYPE_CHECKING:
    from napari_fair.provenance import Ledger

NAPARI = "napari"
SILENT = "napari does not say what changed it: undo, redo, or code that wrote into the array"


@dataclass(frozen=True)
class Outcome:
    """A layer that was made or whose data changed.

    Attributes
    ----------
    data, before
        Ids of the states after and before; `before` is empty for a new layer.
    what
        ``data``, or ``features`` for a changed table of measurements.
    said
        What the plugin at work says that it did.
    """

    layer: weakref.ref[Any]
    key: str
    name: str
    data: str
    before: str = ""
    caller: Caller = field(default_factory=Caller)
    what: str = "data"
    said: Said | None = None

    @property
    def made(self) -> bool:
        """Whether the layer is new."""
        return not self.before


def clock() -> str:
    """Return the time in UTC as steps state it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class WindowThread(QObject):
    """Calls functions in the thread of the window, after what happens there now is over."""

    _asked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked.connect(self._do, Qt.ConnectionType.QueuedConnection)

    def later(self, do: Callable[[], object]) -> None:
        """Call a function later; may be asked from any thread."""
        self._asked.emit(do)

    def _do(self, do: Callable[[], object]) -> None:
        do()


_UNSTEADY = "what it used changed without a word, before it or while it ran"


@dataclass
class _Waiting:
    step: Step
    unsure: int = 0
    data: tuple[DataRef, ...] = ()
    place: SoftwareEnvironment | None = None
    steady: frozenset[str] = frozenset()

    def use(self, before: str, now: str) -> None:
        """Name another state of a layer as input; only if it held still it is known to be that."""
        step = _using(self.step, before, now)
        if step.inputs == self.step.inputs:
            return
        if step.confidence is Confidence.REPLAYABLE and before not in self.steady:
            step = step.model_copy(update={"confidence": Confidence.OPAQUE, "gap": _UNSTEADY})
        self.step = step


class StepWriter:
    """Puts steps into the ledger, with the data that they name.

    Steps wait until it is known where they ran, and until the layers that they used are known to
    show what was recorded of them: a change that napari did not announce becomes a step of its own
    before them. Steps stay in order.

    Parameters
    ----------
    later
        Calls a function in the thread of the window.
    """

    def __init__(
        self,
        ledger: Ledger,
        states: LayerStates,
        later: Callable[[Callable[[], object]], None],
    ) -> None:
        self._ledger, self._states, self._later = ledger, states, later
        self._waiting: list[_Waiting] = []
        self._environment: SoftwareEnvironment | None = None
        self._ready = False
        self.agent = ""
        self.written: Callable[[Step], object] = lambda step: None

    def write(
        self,
        name: str,
        *,
        outcomes: Iterable[Outcome] = (),
        inputs: Iterable[Slot] = (),
        unless: Callable[[Callable[[str], None]], object] | None = None,
        steady: Collection[str] = (),
        **facts: Any,
    ) -> Step:
        """Record that something was done.

        Layers that change are inputs too, as they were before.

        Parameters
        ----------
        unless
            Finds out, in whichever thread, why the step cannot be run again after all, and calls
            what it is given with that; empty text when it can.
        steady
            Inputs that did not change while the step was done.
        """
        step = self._made(name, list(outcomes), list(inputs), facts)
        waiting = _Waiting(step, steady=frozenset(steady))
        self._waiting.append(waiting)
        for data in _unique(slot.data for slot in step.inputs):
            if self._states.confirm(data, self._answer(waiting, data)):
                waiting.unsure += 1
        if unless is not None:
            waiting.unsure += 1
            unless(lambda why: self._later(lambda: self._doubted(waiting, why)))
        self._send()
        return step

    def _doubted(self, waiting: _Waiting, why: str) -> None:
        waiting.unsure -= 1
        if why:
            known = {"confidence": Confidence.OPAQUE, "gap": why}
            waiting.step = waiting.step.model_copy(update=known)
        self._send()

    def _made(
        self, name: str, outcomes: list[Outcome], inputs: list[Slot], facts: dict[str, Any]
    ) -> Step:
        taken = {slot.data for slot in inputs}
        changed = [o.before for o in outcomes if o.before and o.before not in taken]
        return Step(
            id=str(uuid4()),
            kind=facts.pop("kind", None) or _kind(outcomes),
            name=name,
            inputs=(*inputs, *(Slot(data=data) for data in _unique(changed))),
            outputs=_outputs(outcomes),
            ended=facts.pop("ended", "") or clock(),
            agent=facts.pop("agent", self.agent),
            **facts,
        )

    def place(self, environment: SoftwareEnvironment | None) -> None:
        """Say where steps run; those that wait are recorded now."""
        self._environment, self._ready = environment, True
        self._send()

    @property
    def waiting(self) -> bool:
        """Whether steps are not in the ledger yet."""
        return bool(self._waiting)

    # ---- silent changes of inputs ----

    def silent(self, outcome: Outcome, how: str) -> Step:
        """Record that a layer changed without a word."""
        step = self._silent(outcome, how)
        self._waiting.append(_Waiting(step))
        self._send()
        return step

    def _silent(self, outcome: Outcome, how: str) -> Step:
        facts = {"gap": SILENT, "observed": "checksum"}
        return self._made(f"“{outcome.name}” {how}", [outcome], [], facts)

    def _answer(self, waiting: _Waiting, data: str) -> Callable[[bool], None]:
        return lambda same: self._later(lambda: self._confirmed(waiting, data, same))

    def _confirmed(self, waiting: _Waiting, data: str, same: bool) -> None:
        waiting.unsure -= 1
        layer = None if same else self._states.layer_of(data)
        if layer is not None:
            now = self._states.begin(layer)
            outcome = Outcome(weakref.ref(layer), str(layer.unique_id), layer.name, now, data)
            place = self._waiting.index(waiting)
            step = self._silent(outcome, "changed without a word")
            for later in self._waiting[place:]:
                later.use(data, now)
            self._waiting.insert(place, _Waiting(step))
            self.written(step)
        self._send()

    def _send(self) -> None:
        if not self._ready:
            return
        place = self._environment
        while self._waiting and not self._waiting[0].unsure:
            first = self._waiting.pop(0)
            step = first.step
            if first.place is not None:
                self._ledger.add(step, *first.data, environment=first.place)
                continue
            if place is not None:
                step = step.model_copy(update={"environment": place.id})
            slots = (*step.inputs, *step.outputs)
            refs = self._states.publish(slot.data for slot in slots)
            self._ledger.add(step, *refs, environment=place)

    # ---- steps of code that describes itself ----

    def take(
        self, step: Step, data: tuple[DataRef, ...], place: SoftwareEnvironment | None
    ) -> None:
        """Put a whole step among the others, in the order they came; from any thread."""
        waiting = _Waiting(step, data=data, place=place)

        def put() -> None:
            self._waiting.append(waiting)
            self._send()

        self._later(put)

    def complete(self, data_id: str, known: Mapping[str, Any]) -> None:
        """Add what became known of the data of such a step; from any thread."""

        def add() -> None:
            for waiting in self._waiting:
                waiting.data = tuple(
                    ref.model_copy(update=dict(known)) if ref.id == data_id else ref
                    for ref in waiting.data
                )
            if any(ref.id == data_id for ref in self._ledger.data):
                self._ledger.complete(data_id, **known)

        self._later(add)


def _using(step: Step, before: str, now: str) -> Step:
    """Return a step that used another state of a layer."""
    inputs = tuple(
        slot.model_copy(update={"data": now}) if slot.data == before else slot
        for slot in step.inputs
    )
    return step.model_copy(update={"inputs": inputs})


def _outputs(outcomes: list[Outcome]) -> tuple[Slot, ...]:
    ids = _unique(outcome.data for outcome in outcomes)
    if len(ids) == 1:
        return (Slot(data=ids[0]),)
    return tuple(Slot(name=str(number), data=id) for number, id in enumerate(ids))


def _kind(outcomes: list[Outcome]) -> StepKind:
    changes = [outcome for outcome in outcomes if outcome.before]
    return StepKind.UPDATE if changes and len(changes) == len(outcomes) else StepKind.CREATE


def _unique(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def before_of(outcomes: Iterable[Outcome]) -> Mapping[str, str]:
    """Return the states, by layer, that outcomes have changed."""
    found: dict[str, str] = {}
    for outcome in outcomes:
        if outcome.before:
            found.setdefault(outcome.key, outcome.before)
    return found
