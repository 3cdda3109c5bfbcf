"""A value of the record with where it came from and what it took the place of."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from napari_fair.model.origin import Origin, State, Trust

T = TypeVar("T")


class Frozen(BaseModel):
    """An immutable part of the record; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Replaced(Frozen, Generic[T]):
    """A value that another one took the place of; its attributes are those of `Recorded`."""

    value: T | None = None
    state: State = State.GIVEN
    origin: str = Origin.TYPED.value
    where: str = ""
    trust: Trust = Trust.STATED
    original: str = ""


class Recorded(Frozen, Generic[T]):
    """One value of the record with its origin.

    Attributes
    ----------
    value
        The value; present exactly when `state` is ``given``.
    state
        ``given``, ``empty`` (cleared on purpose), ``unknown`` or ``not applicable``.
        A field that nobody has touched holds no `Recorded` at all.
    origin, where, trust
        Who supplied it (see `Origin`), the place in the file or the preset's name and
        version, and how far it can be trusted.
    original
        The words of the file when they had to be normalised, e.g. ``"micron"``.
    replaced
        What this value took the place of, one step back.
    """

    value: T | None = None
    state: State = State.GIVEN
    origin: str = Origin.TYPED.value
    where: str = ""
    trust: Trust = Trust.STATED
    original: str = ""
    replaced: Replaced[T] | None = None

    @model_validator(mode="after")
    def _value_matches_state(self) -> Recorded[T]:
        given = self.state is State.GIVEN
        if given != (self.value is not None):
            raise ValueError(f"a value that is {self.state.value} cannot be {self.value!r}")
        if given and self.value in ("", ()):
            raise ValueError("an empty text or list is not a value: its state is 'empty'")
        return self

    @property
    def given(self) -> bool:
        """Whether there is a value."""
        return self.state is State.GIVEN

    def replacing(self, before: Recorded[Any] | None) -> Recorded[T]:
        """Return this value, remembering what it took the place of."""
        if before is None:
            return self
        if before.value == self.value and before.state == self.state:
            return self.model_copy(update={"replaced": before.replaced})
        kept = {name: getattr(before, name) for name in Replaced.model_fields}
        return self.model_copy(update={"replaced": Replaced[Any](**kept)})
