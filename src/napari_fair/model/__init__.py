"""The record as frozen models, in the terms of REMBI, OME and RO-Crate."""

from __future__ import annotations

from napari_fair.model.acquisition import AcquisitionProtocol
from napari_fair.model.annotation import (
    ANNOTATION_TYPES,
    AnalyzedData,
    AnnotationMethod,
    ImageCorrelation,
)
from napari_fair.model.channel import Channel
from napari_fair.model.dataset import POOLS, Conflict, Dataset
from napari_fair.model.event_note import EventNote
from napari_fair.model.facts import Header, ImageHeader
from napari_fair.model.fields import (
    Block,
    Field,
    KeyValue,
    Kind,
    Level,
    join_path,
    split_path,
    value_type,
)
from napari_fair.model.identity import derived_id, image_id, person_id, source_id
from napari_fair.model.image import (
    FACT_BLOCKS,
    Facts,
    Image,
    ImageFacts,
    ImageSource,
    SourceFile,
    Uses,
)
from napari_fair.model.inheritance import Held, linked_block, resolve, resolve_all, resolved
from napari_fair.model.instrument import Instrument
from napari_fair.model.optics import Detector, Environment, LightSource, Microscope, Objective
from napari_fair.model.origin import Origin, Recorded, Replaced, State, Trust
from napari_fair.model.people import CREDIT_ROLES, Person, organization_text, person_text
from napari_fair.model.planes import Plane, Planes
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
from napari_fair.model.terms import Organization, Quantity, Term

__all__ = [
    "ANNOTATION_TYPES",
    "BLOCKS",
    "CREDIT_ROLES",
    "FACT_BLOCKS",
    "POOLS",
    "SHARED_BLOCKS",
    "AcquisitionProtocol",
    "AnalyzedData",
    "AnnotationMethod",
    "BioSample",
    "Block",
    "Channel",
    "Confidence",
    "Conflict",
    "DataKind",
    "DataRef",
    "Dataset",
    "Detector",
    "Environment",
    "EventNote",
    "Facts",
    "Field",
    "Header",
    "Held",
    "Image",
    "ImageCorrelation",
    "ImageFacts",
    "ImageHeader",
    "ImageSource",
    "Instrument",
    "KeyValue",
    "Kind",
    "Level",
    "LightSource",
    "ManualWork",
    "Microscope",
    "Objective",
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
    "resolve",
    "resolve_all",
    "resolved",
    "source_id",
    "split_path",
    "value_type",
]
