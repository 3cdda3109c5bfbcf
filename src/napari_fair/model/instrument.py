"""The microscope, as one named block that acquisitions share."""

from __future__ import annotations

from napari_fair.model.fields import Block, Level, Text, declare
from napari_fair.model.origin import Recorded


class Instrument(Block):
    """A microscope that a lab or facility uses again and again; `label` is its name."""

    manufacturer: Recorded[Text] | None = declare(
        "Manufacturer",
        level=Level.PUBLISH,
        why="Part of every methods section, and the key to the maker's documentation.",
        example="Nikon",
        ome="Instrument/Microscope/@Manufacturer",
        crate="manufacturer",
    )
    model: Recorded[Text] | None = declare(
        "Model",
        level=Level.PUBLISH,
        why="The stand decides stability and light path.",
        example="Ti2-E",
        ome="Instrument/Microscope/@Model",
        crate="model",
    )
