"""What happened, in order: steps, the data between them, and how complete that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from napari_fair.model import (
    Confidence,
    DataRef,
    Dataset,
    Parameter,
    SoftwareEnvironment,
    Step,
    Tool,
)
from napari_fair.provenance.privacy import impersonal_data, impersonal_step

_T = TypeVar("_T", bound=Step | DataRef | SoftwareEnvironment)


@dataclass(frozen=True)
class Completeness:
    """How many steps can be run again, were described by a person, or show their outcome only.

    Attributes
    ----------
    by_hand
        Steps whose work by hand was summed up: nothing of them is hidden, and no script can do
        them again.
    opaque
        The others of which only the outcome is known.
    failed
        Steps that ended in an error; they count nowhere else.
    """

    replayable: int = 0
    declared: int = 0
    by_hand: int = 0
    opaque: int = 0
    failed: int = 0

    @property
    def sentence(self) -> str:
        """For people, e.g. ``7 replayable, 1 declared, 1 by hand, 2 opaque``."""
        if not self.replayable + self.declared + self.by_hand + self.opaque + self.failed:
            return "no steps yet"
        by_hand = f", {self.by_hand} by hand" if self.by_hand else ""
        text = f"{self.replayable} replayable, {self.declared} declared{by_hand}"
        text = f"{text}, {self.opaque} opaque"
        return f"{text}, {self.failed} failed" if self.failed else text


def standing(step: Step) -> str:
    """Return the word for how much is known of a step: its confidence, by hand, or failed."""
    if step.failed:
        return "failed"
    if step.manual is not None and step.confidence is Confidence.OPAQUE:
        return "by hand"
    return step.confidence.value


@dataclass(frozen=True)
class History:
    """Steps in the order they ended, the data they used and gave, and where they ran."""

    steps: tuple[Step, ...] = ()
    data: tuple[DataRef, ...] = ()
    environments: tuple[SoftwareEnvironment, ...] = ()

    @classmethod
    def of(cls, dataset: Dataset) -> History:
        """Return what a record says was done."""
        return cls(dataset.steps, dataset.data, dataset.environments)

    def onto(self, dataset: Dataset) -> Dataset:
        """Return a record that says that this was done."""
        parts = {"steps": self.steps, "data": self.data, "environments": self.environments}
        return dataset.model_copy(update=parts)

    # ---- looking ----

    def step(self, id: str) -> Step:
        """Return a step by its id.

        Raises
        ------
        KeyError
            If there is none.
        """
        return _found(self.steps, id)

    def ref(self, id: str) -> DataRef:
        """Return a piece of data by its id.

        Raises
        ------
        KeyError
            If there is none.
        """
        return _found(self.data, id)

    def completeness(self) -> Completeness:
        """Return how much of it is known."""
        words = Counter(map(standing, self.steps))
        return Completeness(**{word.replace(" ", "_"): count for word, count in words.items()})

    def led_to(self, data_id: str) -> tuple[Step, ...]:
        """Return the steps that a piece of data comes from, in the order they happened."""
        wanted, found = {data_id}, []
        for step in reversed(self.steps):
            if any(output.data in wanted for output in step.outputs):
                found.append(step)
                wanted |= {used.data for used in step.inputs}
        return tuple(reversed(found))

    def behind(self, data_ids: Iterable[str]) -> History:
        """Return the part of it that pieces of data come from, with the data itself."""
        ids = list(data_ids)
        led = {step.id for id in ids for step in self.led_to(id)}
        steps = tuple(step for step in self.steps if step.id in led)
        used = {slot.data for step in steps for slot in (*step.inputs, *step.outputs)} | set(ids)
        places = {step.environment for step in steps}
        return History(
            steps,
            tuple(ref for ref in self.data if ref.id in used),
            tuple(place for place in self.environments if place.id in places),
        )

    # ---- adding; facts are never taken back ----

    def adding(
        self,
        step: Step,
        data: Iterable[DataRef] = (),
        environment: SoftwareEnvironment | None = None,
    ) -> History:
        """Return the history with one more step; what is known already by its id is left alone."""
        places = () if environment is None else (environment,)
        return self.joined(History((step,), tuple(data), places))

    def joined(self, more: History) -> History:
        """Return the history with what another one tells beside it, in that order."""
        return History(
            _with(self.steps, map(impersonal_step, more.steps)),
            _with(self.data, map(impersonal_data, more.data)),
            _with(self.environments, more.environments),
        )

    def completed(self, data_id: str, **known: Any) -> History:
        """Return the history with what became known of data later: checksums, path, size.

        What was known before stays; only empty attributes are filled, and `pending` is given.
        """
        before = self.ref(data_id)
        empty = {
            name: value
            for name, value in known.items()
            if name == "pending" or getattr(before, name) in ("", (), None)
        }
        after = impersonal_data(DataRef.model_validate({**before.model_dump(), **empty}))
        return replace(self, data=_replaced(self.data, after))

    def declared(
        self,
        step_id: str,
        tool: Tool,
        parameters: Iterable[Parameter] = (),
        *,
        comment: str | None = None,
    ) -> History:
        """Return the history with a person's description of an opaque step.

        Raises
        ------
        ValueError
            If the step is known already: facts are not overwritten.
        """
        step = self.step(step_id)
        if step.confidence is Confidence.REPLAYABLE:
            raise ValueError(f"The step {step.name!r} was recorded with its parameters already.")
        said = {
            "tool": tool,
            "parameters": tuple(parameters),
            "confidence": Confidence.DECLARED,
            "comment": step.comment if comment is None else comment,
        }
        described = impersonal_step(step.model_copy(update=said))
        return replace(self, steps=_replaced(self.steps, described))

    def commented(self, step_id: str, comment: str) -> History:
        """Return the history with another comment on a step."""
        step = self.step(step_id)
        changed = Step.model_validate({**step.model_dump(), "comment": comment})
        return replace(self, steps=_replaced(self.steps, changed))


def _found(things: Iterable[_T], id: str) -> _T:
    for thing in things:
        if thing.id == id:
            return thing
    raise KeyError(id)


def _with(known: tuple[_T, ...], more: Iterable[_T]) -> tuple[_T, ...]:
    more = list(more)
    if not more:
        return known
    ids = {thing.id for thing in known}
    fresh: dict[str, _T] = {}
    for thing in more:
        if thing.id not in ids:
            fresh.setdefault(thing.id, thing)
    return (*known, *fresh.values())


def _replaced(things: tuple[_T, ...], new: _T) -> tuple[_T, ...]:
    return tuple(new if thing.id == new.id else thing for thing in things)
