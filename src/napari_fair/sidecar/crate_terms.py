"""Names of the crate: its version, its context, and the terms that RO-Crate 1.1 lacks."""

from __future__ import annotations

from functools import cache
from typing import Any

from napari_fair.model import POOLS, fields
from napari_fair.sidecar.crate_acquired import TERMS as ACQUIRED_TERMS

METADATA_FILE = "ro-crate-metadata.json"
CRATE_VERSION = "1.1"
TERMS = "https://w3id.org/napari-fair/terms#"

_BASE_CONTEXT = "https://w3id.org/ro/crate/{version}/context"
SPECIFICATION = "https://w3id.org/ro/crate/"

_PROCESS_PROFILE = "https://w3id.org/ro/wfrun/process/{version}"
PROCESS_VERSIONS = {"1.1": "0.5", "1.3": "0.6"}
"""The version of Process Run Crate that goes with each version of RO-Crate; others have none."""

_SCHEMA_ORG = frozenset(
    {
        *("name", "description", "author", "license", "keywords", "datePublished", "publisher"),
        *("dateCreated", "manufacturer", "model", "color", "measurementTechnique"),
    }
)
"""Terms of fields that the RO-Crate 1.1 context holds already."""

_BORROWED = {
    "BioSample": "https://bioschemas.org/types/BioSample",
    "LabProtocol": "https://bioschemas.org/types/LabProtocol",
    "Taxon": "http://schema.org/Taxon",
    "labEquipment": "https://bioschemas.org/properties/labEquipment",
    "measurementMethod": "http://rs.tdwg.org/dwc/iri/measurementMethod",
    "scientificName": "http://rs.tdwg.org/dwc/terms/scientificName",
    "sha256": "https://w3id.org/ro/terms/workflow-run#sha256",
    "taxonomicRange": "http://schema.org/taxonomicRange",
}

_STRUCTURE = (
    *("AcquisitionSettings", "AnalyzedData", "AnnotationMethod", "Channel", "Conflict"),
    *("Detector", "Environment", "ImageCorrelation", "Instrument", "LightSource", "Microscope"),
    *("Objective", "Specimen", "StudyComponent", "ValueOrigins", "candidate", "channels"),
    *("conflicts", "creditRole", "defaulted", "defaults", "detectors", "environment"),
    *("imageFormat", "imageIndex", "lightSources", "manifestSha256", "microscope", "objective"),
    *("origin", "origins", "overrides", "pairs", "path", "people", "position", "recordId"),
    *("recorded", "settings", "shadows", "sourceFolder", "studyId", "studyLabel", "subject"),
    *("variants", *ACQUIRED_TERMS, *POOLS.values()),
    *(name for name in POOLS if name != "instrument"),  # in schema.org it is what an action used
    # what was done
    *("ManualWork", "SoftwareEnvironment", "arrayShape", "arrayType", "boundingBox"),
    *("checksumPending", "confidence", "contentSha256", "dataId", "dataKind", "function", "gap"),
    *("graphics", "inputSlots", "labelsTouched", "lockFile", "machine", "manualWork", "minutes"),
    *("modes", "note", "observed", "outputSlots", "packages", "pixelScale", "pixelUnits"),
    *("planes", "plugin", "plugins", "processor", "python", "recordedData", "recordedSteps"),
    *("softwareEnvironment", "softwareEnvironments", "stepKind", "strokes", "system", "toolName"),
    "valueType",
)

TYPES = {
    "study": "Dataset",
    "biosample": "BioSample",
    "specimen": "Specimen",
    "acquisition": "LabProtocol",
    "instrument": "Instrument",
    "component": "StudyComponent",
    "annotation": "AnnotationMethod",
    "correlation": "ImageCorrelation",
    "analysis": "AnalyzedData",
    "image": "ImageObject",
    "channel": "Channel",
    "objective": "Objective",
    "microscope": "Microscope",
    "detector": "Detector",
    "light_source": "LightSource",
    "environment": "Environment",
}
"""Entity type of each block."""

VARIANT_TYPES = {**TYPES, "study": "CreativeWork"}
"""Entity type of values of a block that hold for one source or image only."""

SETTINGS = {
    "channel": "channels",
    "objective": "objective",
    "microscope": "microscope",
    "detector": "detectors",
    "light_source": "lightSources",
    "environment": "environment",
}
"""Property of the acquisition settings that lists the entities of each group of facts.

Images taken with the same settings share one `AcquisitionSettings` entity.
"""

MEDIA_TYPES = {
    "TIFF": "image/tiff",
    "ImageJ TIFF": "image/tiff",
    "OME-TIFF": "image/tiff",
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "OME-XML": "application/xml",
    "DICOM": "application/dicom",
}


def media_type(format_name: str, path: str) -> str:
    """Return the media type of a file of a source."""
    if path.lower().endswith((".ome", ".xml", ".omexml")):
        return "application/xml"
    if path.lower().endswith((".tif", ".tiff")):
        return "image/tiff"
    return MEDIA_TYPES.get(format_name, "application/octet-stream")


@cache
def own_terms() -> dict[str, str]:
    """Return the terms that our context object defines, by name."""
    used = {field.crate for field in fields().values()} | set(_STRUCTURE)
    own = {name: f"fair:{name}" for name in used - _SCHEMA_ORG - set(_BORROWED)}
    return {"fair": TERMS, **dict(sorted({**_BORROWED, **own}.items()))}


def context(version: str = CRATE_VERSION) -> list[Any]:
    """Return the JSON-LD context of a crate of ours."""
    return [_BASE_CONTEXT.format(version=version), own_terms()]


def descriptor(version: str = CRATE_VERSION) -> dict[str, Any]:
    """Return the entity that says what the document is about and which version it follows."""
    return {
        "@id": METADATA_FILE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": f"{SPECIFICATION}{version}"},
    }


def process_profile(version: str = CRATE_VERSION) -> dict[str, Any]:
    """Return the entity of the profile that a crate with steps follows."""
    profile = PROCESS_VERSIONS[version]
    return {
        "@id": _PROCESS_PROFILE.format(version=profile),
        "@type": "CreativeWork",
        "name": "Process Run Crate",
        "version": profile,
    }
