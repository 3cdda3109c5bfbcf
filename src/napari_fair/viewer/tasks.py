"""Slow work in napari's worker threads; only the newest answer of a name is delivered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

from qtpy.QtCore import QObject, Signal

from napari_fair.viewer.runner import Done, Failed

_PAUSE = 0.1
"""Seconds between two steps of a progress bar."""


@dataclass
class _Task:
    ticket: int
    done: Done
    failed: Failed
    stop: Event
    bar: Any = None


@dataclass(frozen=True)
class _Outcome:
    name: str
    ticket: int
    value: Any = None
    error: Exception | None = None


class WorkerRunner(QObject):
    """A `Runner` on napari's thread pool.

    Answers arrive in the thread that made the runner. An answer that a newer work of the same
    name overtook is dropped.
    """

    _progressed = Signal(str, int, int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: dict[str, _Task] = {}
        self._tickets = 0
        self._showing = False
        self._progressed.connect(self._show_progress)

    @property
    def idle(self) -> bool:
        """Whether no answer is awaited."""
        return not self._tasks

    def run(self, name: str, work: Callable[[], Any], done: Done, failed: Failed) -> None:
        """Run `work` in a worker thread."""
        self._start(name, lambda _task: work(), done, failed)

    def run_long(
        self, name: str, title: str, work: Callable[..., Any], done: Done, failed: Failed
    ) -> None:
        """Run ``work(progress, cancelled)`` in a worker thread, shown in napari's activities."""
        from napari.utils import cancelable_progress

        def with_progress(task: _Task) -> Any:
            told = 0.0

            def progress(so_far: int, total: int) -> None:
                nonlocal told
                now = monotonic()
                if now - told >= _PAUSE or so_far >= total:
                    told = now
                    self._progressed.emit(name, task.ticket, *_kilo(so_far, total))

            return work(progress, task.stop.is_set)

        task = self._start(name, with_progress, done, failed)
        task.bar = cancelable_progress(total=0, desc=title, cancel_callback=task.stop.set)

    def cancel(self, name: str) -> None:
        """Ask the work of this name to stop."""
        task = self._tasks.get(name)
        if task is not None:
            task.stop.set()

    def drop(self, *names: str) -> None:
        """No longer deliver the answers of works of these names."""
        for name in names:
            task = self._tasks.pop(name, None)
            if task is not None:
                task.stop.set()
                _close(task)

    def _start(self, name: str, work: Callable[[_Task], Any], done: Done, failed: Failed) -> _Task:
        from napari.qt.threading import create_worker

        self._tickets += 1
        task = _Task(self._tickets, done, failed, Event())
        overtaken = self._tasks.get(name)
        if overtaken is not None:
            overtaken.stop.set()
            _close(overtaken)
        self._tasks[name] = task
        worker = create_worker(_attempt, name, task, work, _start_thread=False)
        worker.returned.connect(self._deliver)
        worker.start()
        return task

    def _deliver(self, outcome: _Outcome) -> None:
        task = self._tasks.get(outcome.name)
        if task is None or task.ticket != outcome.ticket:
            return
        del self._tasks[outcome.name]
        _close(task)
        if outcome.error is not None:
            task.failed(outcome.error)
        else:
            task.done(outcome.value)

    def _show_progress(self, name: str, ticket: int, so_far: int, total: int) -> None:
        task = self._tasks.get(name)
        if task is None or task.ticket != ticket or task.bar is None or self._showing:
            return
        self._showing = True  # napari's bar handles events while it moves, the next step among them
        try:
            self._move(task, so_far, total)
        finally:
            self._showing = False

    @staticmethod
    def _move(task: _Task, so_far: int, total: int) -> None:
        if getattr(task.bar, "is_canceled", False):
            task.stop.set()
        bar = task.bar  # the events may end the task
        bar.total = total
        if task.bar is not None:
            bar.update(so_far - bar.n)


def _attempt(name: str, task: _Task, work: Callable[[_Task], Any]) -> _Outcome:
    try:
        return _Outcome(name, task.ticket, work(task))
    except Exception as error:  # handed to the owner's thread, which knows what to tell
        return _Outcome(name, task.ticket, error=error)


def _kilo(so_far: int, total: int) -> tuple[int, int]:
    """Scale bytes to kilobytes when they do not fit Qt's int."""
    return (so_far >> 10, total >> 10) if total > 2**31 - 1 else (so_far, total)


def _close(task: _Task) -> None:
    if task.bar is not None:
        task.bar.close()
        task.bar = None
