"""Edits of many images at once: worked out elsewhere, then made as one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_fair.files import FairError

if TYPE_CHECKING:
    from napari_fair.model import Dataset
    from napari_fair.session import Session
    from napari_fair.session.many_changes import WorkedOut
    from napari_fair.viewer.state import AnnotationModel

Work = Callable[["Dataset"], "WorkedOut"]
Then = Callable[["WorkedOut"], None]
_MOST_TOLD = 3


class LargeEdits:
    """Hands the work of large edits out; none is lost when another one comes meanwhile.

    Attributes
    ----------
    changed
        `waiting` is another number.
    waiting
        How many edits are being worked out.
    """

    changed = Signal()

    def __init__(self, model: AnnotationModel) -> None:
        self._model = model
        self._names = count()
        self.waiting = 0

    def run(self, work: Work, then: Then = lambda _worked: None) -> None:
        """Work an edit of the record out, make it, and tell what of it is not taken."""
        session = self._model.session
        if session is not None:
            self._wait(1)
            self._run(session, work, then)

    def _run(self, session: Session, work: Work, then: Then) -> None:
        from napari_fair.session.many_changes import tell_drafts

        base = session.dataset

        def elsewhere() -> WorkedOut:
            worked = work(base)
            tell_drafts(session, worked)
            return worked

        self._model.runner.run(
            f"table edit {next(self._names)}",
            elsewhere,
            lambda worked: self._worked_out(session, work, worked, then),
            self._failed,
        )

    def _worked_out(self, session: Session, work: Work, worked: WorkedOut, then: Then) -> None:
        from napari_fair.session.many_changes import make

        try:
            made = make(session, worked)
        except (FairError, OSError) as error:
            self._failed(error)
            return
        if not made:
            self._run(session, work, then)  # something else was edited meanwhile
            return
        self._wait(-1)
        for sentence in worked.problems[:_MOST_TOLD]:
            self._model.told.emit("warning", sentence)
        if len(worked.problems) > _MOST_TOLD:
            rest = f"{len(worked.problems) - _MOST_TOLD} more values were not taken."
            self._model.told.emit("warning", rest)
        then(worked)

    def _failed(self, error: Exception) -> None:
        self._wait(-1)
        self._model.fail(error)

    def _wait(self, more: int) -> None:
        self.waiting += more
        self.changed.emit()
