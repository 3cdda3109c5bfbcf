"""Brings calls from other threads into Qt's."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal


class Relay(QObject):
    """Runs functions in the thread that made it, in the order they were posted."""

    _posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, do: Callable[[], object]) -> None:
        """Run a function soon; can be called from any thread."""
        self._posted.emit(do)

    def flush(self) -> None:
        """Run now what was posted, also by the core: the event loop has ended."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)

    def _run(self, do: Callable[[], object]) -> None:
        do()
