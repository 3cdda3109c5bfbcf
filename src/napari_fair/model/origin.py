"""Where a value came from, how far it can be trusted, and the three ways of having none."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

T = TypeVar("T")


class Frozen(BaseModel):
    """An immutable part of the record; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Origin(StrEnum):
    """Who or what supplied a value. The list is open: `Recorded.origin` takes any text."""

    HEADER = "header"
    LAYER = "layer"
    PRESET = "preset"
    PREVIOUS = "previous"
    TYPED = "typed"
    TABLE = "table"
    FILE_NAME = "file name"
    ACQUISITION = "acquisition"
    SIDECAR = "sidecar"
    INFERRED = "inferred"
    VOCABULARY = "vocabulary"


class Trust(StrEnum):
    """How a value was reached: said so, worked out from what was said, or guessed."""

    STATED = "stated"
    DERIVED = "derived"
    GUESSED = "guessed"


class State(StrEnum):
    """A value is given, or there is none for one of three reasons."""

    GIVEN = "given"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


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
