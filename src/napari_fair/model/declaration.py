"""What a field declares: once, with everything that forms, tables, rules and writers need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Level(StrEnum):
    """How much a form asks: the minimum, what publishing needs, everything."""

    ESSENTIALS = "essentials"
    PUBLISH = "publish"
    EXPERT = "expert"


class Kind(StrEnum):
    """What sort of value a field takes; editors and text forms go by it."""

    TEXT = "text"
    LONG_TEXT = "long text"
    TEXTS = "texts"
    INTEGER = "integer"
    NUMBER = "number"
    QUANTITY = "quantity"
    DATE = "date"
    DATETIME = "date and time"
    TERM = "term"
    TERMS = "terms"
    PEOPLE = "people"
    ORGANIZATION = "organization"
    INSTRUMENT = "instrument"
    ADDRESS = "address"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True)
class Field:
    """The declaration of one field.

    Attributes
    ----------
    block, attribute
        The block's short name and the attribute, e.g. ``biosample`` and ``organism``.
    label, why, example
        The words of the form: name, the sentence that says why it is asked, an example.
    kind
        What sort of value it takes.
    level
        The form's level at which it is first asked.
    rembi
        Its name in REMBI 1.5 or MIFA, empty when it has none.
    vocabulary
        The kind of vocabulary pack that its terms come from.
    unit
        Canonical unit of quantities.
    ome
        Its place in OME-XML 2016-06 below ``Image``; empty for a key of a map annotation.
    crate
        The RO-Crate property that holds it.
    choices
        The words that it takes; empty when any text will do.
    applies
        When it is asked: ``fluorescence``, ``light`` (any light microscopy), ``time lapse``,
        ``annotated``; empty for always.
    per_image
        Whether it is a fact of an image and not of a shared block.
    repeated
        Whether there are several, e.g. one for each channel: paths then carry an index.
    """

    block: str
    attribute: str
    kind: Kind
    label: str
    why: str
    level: Level = Level.EXPERT
    example: str = ""
    rembi: str = ""
    vocabulary: str = ""
    unit: str = ""
    ome: str = ""
    crate: str = ""
    choices: tuple[str, ...] = ()
    applies: str = ""
    per_image: bool = False
    repeated: bool = False

    @property
    def name(self) -> str:
        """The dotted name, e.g. ``biosample.organism``."""
        return f"{self.block}.{self.attribute}"


_INDEX = re.compile(r"^(?P<block>\w+)\.(?P<index>\d+)\.(?P<attribute>\w+)$")


@lru_cache(maxsize=4096)
def split_path(path: str) -> tuple[str, int | None]:
    """Split a path into field name and index.

    ``channel.0.name`` gives ``("channel.name", 0)``, ``image.size_x`` gives itself and None.
    """
    match = _INDEX.match(path)
    if match is None:
        return path, None
    return f"{match['block']}.{match['attribute']}", int(match["index"])


def join_path(name: str, index: int | None) -> str:
    """Join a field name and an index to a path; the inverse of `split_path`."""
    if index is None:
        return name
    block, attribute = name.split(".")
    return f"{block}.{index}.{attribute}"
