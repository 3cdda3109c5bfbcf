"""A history that grows while people work, from any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import RLock
from typing import Any

from psygnal import Signal

from napari_fair.model import DataRef, Parameter, SoftwareEnvironment, Step, Tool
from napari_fair.provenance.history import Completeness, History


class Ledger:
    """What happened, in order; steps are added and never taken away.

    Every method may be called from any thread; `changed` is emitted in the thread that made the
    change, without arguments.

    Parameters
    ----------
    history
        What happened before.
    """

    changed = Signal()

    def __init__(self, history: History | None = None) -> None:
        self._lock = RLock()
        self._history = history or History()

    @property
    def history(self) -> History:
        """What happened until now; an immutable snapshot."""
        return self._history

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, in the order they ended."""
        return self._history.steps

    @property
    def data(self) -> tuple[DataRef, ...]:
        """The data that steps used and gave."""
        return self._history.data

    def completeness(self) -> Completeness:
        """Return how many steps are replayable, declared and opaque."""
        return self._history.completeness()

    def led_to(self, data_id: str) -> tuple[Step, ...]:
        """Return the steps that a piece of data comes from, in order."""
        return self._history.led_to(data_id)

    def add(
        self, step: Step, *data: DataRef, environment: SoftwareEnvironment | None = None
    ) -> None:
        """Add a step, and the data of it that is not known yet."""
        self._change(lambda history: history.adding(step, data, environment))

    record = add
    """A ledger takes steps of `record_step`, as a session does."""

    def complete(self, data_id: str, **known: Any) -> None:
        """Fill in what became known of data later: ``sha256``, ``path``, ``pending=False``, …."""
        self._change(lambda history: history.completed(data_id, **known))

    def declare(
        self,
        step_id: str,
        tool: Tool,
        parameters: Iterable[Parameter] = (),
        *,
        comment: str | None = None,
    ) -> None:
        """Describe an opaque step, which becomes a declared one.

        Raises
        ------
        ValueError
            If its tool and parameters were recorded.
        """
        said = tuple(parameters)
        self._change(lambda history: history.declared(step_id, tool, said, comment=comment))

    def comment(self, step_id: str, comment: str) -> None:
        """Change the comment on a step; nothing else of it can be changed."""
        self._change(lambda history: history.commented(step_id, comment))

    def _change(self, change: Callable[[History], History]) -> None:
        with self._lock:
            before, self._history = self._history, change(self._history)
            same = before == self._history
        if not same:
            self.changed.emit()
