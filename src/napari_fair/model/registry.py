"""All declared fields by their dotted names, and the blocks that hold them."""

from __future__ import annotations

from functools import cache

from napari_fair.model.acquisition import AcquisitionProtocol
from napari_fair.model.annotation import AnalyzedData, AnnotationMethod, ImageCorrelation
from napari_fair.model.blocks import Block, declarations
from napari_fair.model.declaration import Field, Level
from napari_fair.model.image_facts import FACT_BLOCKS, FACTS
from napari_fair.model.instrument import Instrument
from napari_fair.model.sample import BioSample, Specimen
from napari_fair.model.study import Study, StudyComponent

SHARED_BLOCKS: dict[str, type[Block]] = {
    "study": Study,
    "component": StudyComponent,
    "biosample": BioSample,
    "specimen": Specimen,
    "acquisition": AcquisitionProtocol,
    "instrument": Instrument,
    "annotation": AnnotationMethod,
    "correlation": ImageCorrelation,
    "analysis": AnalyzedData,
}
"""Blocks that images share, by the first part of their fields' names."""

BLOCKS = (*SHARED_BLOCKS, *FACT_BLOCKS)
"""The first parts of all fields' names."""


@cache
def fields() -> dict[str, Field]:
    """Return every declared field by dotted name, in the order of forms and tables."""
    shared = [field for name, block in SHARED_BLOCKS.items() for field in declarations(name, block)]
    return {**{field.name: field for field in shared}, **FACTS}


def field(name: str) -> Field:
    """Return the declaration of one field.

    Raises
    ------
    ValueError
        If there is no such field; the message names the nearest ones.
    """
    found = fields().get(name)
    if found is None:
        raise ValueError(_no_such_field(name))
    return found


def _no_such_field(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, fields(), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "see `napari-fair show --fields`."
    return f"There is no field {name!r}: {hint}"


def fields_at(level: Level) -> list[Field]:
    """Return the fields that a form asks at a level, lower levels included."""
    order = list(Level)
    return [f for f in fields().values() if order.index(f.level) <= order.index(level)]
