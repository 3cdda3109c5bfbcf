"""Steps of an open folder: facts of what happened, kept in the journal and never undone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from napari_fair.model import (
    DataRef,
    Dataset,
    Parameter,
    SoftwareEnvironment,
    Step,
    Tool,
)
from napari_fair.provenance import History
from napari_fair.session.journal import Edit

if TYPE_CHECKING:
    from napari_fair.session.session import Session


class _Keeps(Protocol):
    @property
    def dataset(self) -> Dataset: ...

    def keep(self, edit: Edit, dataset: Dataset) -> None: ...

    def record_history(self, history: History) -> None: ...


class StepRecorder:
    """What a session does with steps; undo goes past them, because they happened."""

    def record(
        self: _Keeps, step: Step, *data: DataRef, environment: SoftwareEnvironment | None = None
    ) -> None:
        """Add a step with the data it used and gave; it is in the journal when this returns."""
        places = () if environment is None else (environment,)
        self.record_history(History((step,), data, places))

    def record_history(self: _Keeps, history: History) -> None:
        """Add steps in their order, as one entry of the journal; known ones are left alone."""
        before = History.of(self.dataset)
        after = before.joined(history)
        if after == before:
            return
        edit = {
            "do": "steps",
            "steps": _told(after.steps[len(before.steps) :]),
            "data": _told(after.data[len(before.data) :]),
            "environments": _told(after.environments[len(before.environments) :]),
        }
        self.keep(edit, after.onto(self.dataset))

    def declare_step(
        self: _Keeps,
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
            If the step's tool and parameters were recorded.
        KeyError
            If there is no such step.
        """
        said = tuple(parameters)
        after = History.of(self.dataset).declared(step_id, tool, said, comment=comment)
        told = {"tool": tool.model_dump(mode="json"), "parameters": _told(said)}
        edit = {"do": "declare step", "step": step_id, **told, "comment": comment}
        self.keep(edit, after.onto(self.dataset))

    def comment_step(self: _Keeps, step_id: str, comment: str) -> None:
        """Change the comment on a step; nothing else of it can be changed.

        Raises
        ------
        KeyError
            If there is no such step.
        """
        after = History.of(self.dataset).commented(step_id, comment)
        edit = {"do": "comment step", "step": step_id, "comment": comment}
        self.keep(edit, after.onto(self.dataset))

    def complete_data(self: _Keeps, data_id: str, **known: Any) -> None:
        """Fill in what became known of data: ``sha256``, ``path``, ``pending=False``, ….

        Raises
        ------
        KeyError
            If there is no such data.
        """
        after = History.of(self.dataset).completed(data_id, **known)
        edit = {"do": "complete data", "data": data_id, "known": known}
        self.keep(edit, after.onto(self.dataset))


def do_again(session: Session, edit: Edit) -> None:
    """Do again what the journal tells of steps.

    Raises
    ------
    ValueError, LookupError, TypeError
        If it cannot be done in the record as it is now.
    """
    match edit["do"]:
        case "steps":
            session.record_history(
                History(
                    tuple(Step.model_validate(step) for step in edit["steps"]),
                    tuple(DataRef.model_validate(piece) for piece in edit["data"]),
                    tuple(SoftwareEnvironment.model_validate(e) for e in edit["environments"]),
                )
            )
        case "declare step":
            tool = Tool.model_validate(edit["tool"])
            said = [Parameter.model_validate(parameter) for parameter in edit["parameters"]]
            session.declare_step(edit["step"], tool, said, comment=edit["comment"])
        case "comment step":
            session.comment_step(edit["step"], edit["comment"])
        case "complete data":
            session.complete_data(edit["data"], **edit["known"])


EDITS = ("steps", "declare step", "comment step", "complete data")
"""What the journal calls changes of the history; they are no edits that undo takes back."""


def with_history_of(dataset: Dataset, now: Dataset) -> Dataset:
    """Return an earlier record with all that happened since: what was done is not undone."""
    return History.of(now).joined(History.of(dataset)).onto(dataset)


def merged_history(base: Dataset | None, ours: Dataset, theirs: Dataset) -> History:
    """Return both records' steps and data since they were one, in the order of time.

    Parts of one step or piece of data that only one side changed are taken from it; where both
    changed one, theirs stays.
    """
    return History(
        tuple(sorted(_both("steps", base, ours, theirs), key=_Order(ours, theirs))),
        tuple(_both("data", base, ours, theirs)),
        tuple(_both("environments", base, ours, theirs)),
    )


def _both(name: str, base: Dataset | None, ours: Dataset, theirs: Dataset) -> list[Any]:
    before = {thing.id: thing for thing in getattr(base, name)} if base is not None else {}
    mine = {thing.id: thing for thing in getattr(ours, name)}
    merged = {thing.id: thing for thing in getattr(theirs, name)}
    for id, thing in mine.items():
        yours = merged.get(id)
        merged[id] = thing if yours is None else _part_by_part(before.get(id), thing, yours)
    return list(merged.values())


def _part_by_part(base: Any, ours: Any, theirs: Any) -> Any:
    if ours == theirs:
        return theirs
    parts = {
        name: getattr(ours, name)
        for name in type(ours).model_fields
        if getattr(theirs, name) == getattr(base, name, None)
    }
    return theirs.model_copy(update=parts)


class _Order:
    """Sorts steps by the time they ended; those without a time stay behind the one before them."""

    def __init__(self, ours: Dataset, theirs: Dataset) -> None:
        self._keys: dict[str, str] = {}
        for steps in (ours.steps, theirs.steps):
            latest = ""
            for step in steps:
                latest = max(latest, step.ended)
                self._keys[step.id] = max(latest, self._keys.get(step.id, ""))

    def __call__(self, step: Step) -> str:
        return self._keys[step.id]


def _told(things: Iterable[Any]) -> list[Any]:
    return [thing.model_dump(mode="json", exclude_defaults=True) for thing in things]
