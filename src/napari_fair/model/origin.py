"""Where a value came from, how far it can be trusted, and the three ways of having none."""

from __future__ import annotations

from enum import StrEnum


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
