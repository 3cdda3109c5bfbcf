"""The record as frozen models, in the terms of REMBI, OME and RO-Crate.

Names come from their modules when they are first asked for: what a file says about itself is known
before the models are built, which takes ten times as long.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.model.acquisition import AcquisitionProtocol
    from napari_fair.model.annotation import (
        ANNOTATION_TYPES,
        AnalyzedData,
        AnnotationMethod,
        ImageCorrelation,
    )
    from napari_fair.model.blocks import Block, KeyValue, value_type
    from napari_fair.model.dataset import POOLS, Conflict, Dataset
    from napari_fair.model.declaration import Field, Kind, Level, join_path, split_path
    from napari_fair.model.event_note import EventNote
    from napari_fair.model.facts import Fact, Header, ImageHeader
    from napari_fair.model.identity import derived_id, image_id, person_id, source_id
    from napari_fair.model.image import Facts, Image, ImageSource, SourceFile, Uses, recorded_facts
    from napari_fair.model.image_facts import FACTS
    from napari_fair.model.inheritance import Held, linked_block, resolve, resolve_all, resolved
    from napari_fair.model.instrument import Instrument
    from napari_fair.model.origin import Origin, State, Trust
    from napari_fair.model.people import CREDIT_ROLES, Person, organization_text, person_text
    from napari_fair.model.planes import Plane, Planes
    from napari_fair.model.recorded import Recorded, Replaced
    from napari_fair.model.registry import BLOCKS, SHARED_BLOCKS, field, fields, fields_at
    from napari_fair.model.sample import BioSample, Specimen
    from napari_fair.model.step import (
        Confidence,
        DataKind,
        DataRef,
        ManualWork,
        Parameter,
        Slot,
        SoftwareEnvironment,
        Step,
        StepKind,
        Tool,
    )
    from napari_fair.model.study import Study, StudyComponent
    from napari_fair.model.terms import Organization, Term
    from napari_fair.model.units import Quantity

_NAMES_OF_MODULE = {
    "acquisition": "AcquisitionProtocol",
    "annotation": "ANNOTATION_TYPES AnalyzedData AnnotationMethod ImageCorrelation",
    "blocks": "Block KeyValue value_type",
    "dataset": "POOLS Conflict Dataset",
    "declaration": "Field Kind Level join_path split_path",
    "event_note": "EventNote",
    "facts": "Fact Header ImageHeader",
    "identity": "derived_id image_id person_id source_id",
    "image": "Facts Image ImageSource SourceFile Uses recorded_facts",
    "image_facts": "FACTS",
    "inheritance": "Held linked_block resolve resolve_all resolved",
    "instrument": "Instrument",
    "origin": "Origin State Trust",
    "people": "CREDIT_ROLES Person organization_text person_text",
    "planes": "Plane Planes",
    "recorded": "Recorded Replaced",
    "registry": "BLOCKS SHARED_BLOCKS field fields fields_at",
    "sample": "BioSample Specimen",
    "step": (
        "Confidence DataKind DataRef ManualWork Parameter Slot SoftwareEnvironment Step "
        "StepKind Tool"
    ),
    "study": "Study StudyComponent",
    "terms": "Organization Term",
    "units": "Quantity",
}
_MODULE_OF_NAME = {
    name: module for module, names in _NAMES_OF_MODULE.items() for name in names.split()
}

__all__ = [
    "ANNOTATION_TYPES",
    "BLOCKS",
    "CREDIT_ROLES",
    "FACTS",
    "POOLS",
    "SHARED_BLOCKS",
    "AcquisitionProtocol",
    "AnalyzedData",
    "AnnotationMethod",
    "BioSample",
    "Block",
    "Confidence",
    "Conflict",
    "DataKind",
    "DataRef",
    "Dataset",
    "EventNote",
    "Fact",
    "Facts",
    "Field",
    "Header",
    "Held",
    "Image",
    "ImageCorrelation",
    "ImageHeader",
    "ImageSource",
    "Instrument",
    "KeyValue",
    "Kind",
    "Level",
    "ManualWork",
    "Organization",
    "Origin",
    "Parameter",
    "Person",
    "Plane",
    "Planes",
    "Quantity",
    "Recorded",
    "Replaced",
    "Slot",
    "SoftwareEnvironment",
    "SourceFile",
    "Specimen",
    "State",
    "Step",
    "StepKind",
    "Study",
    "StudyComponent",
    "Term",
    "Tool",
    "Trust",
    "Uses",
    "derived_id",
    "field",
    "fields",
    "fields_at",
    "image_id",
    "join_path",
    "linked_block",
    "organization_text",
    "person_id",
    "person_text",
    "recorded_facts",
    "resolve",
    "resolve_all",
    "resolved",
    "source_id",
    "split_path",
    "value_type",
]


def __getattr__(name: str) -> object:
    module = _MODULE_OF_NAME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
