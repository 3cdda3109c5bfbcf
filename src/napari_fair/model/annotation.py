"""MIFA annotations, and REMBI modules Image correlation and Analyzed data."""

from __future__ import annotations

from napari_fair.model.blocks import (
    Block,
    Choices,
    IsoDateTime,
    LongText,
    People,
    Text,
    Texts,
    declare,
)
from napari_fair.model.declaration import Level
from napari_fair.model.recorded import Recorded

ANNOTATION_TYPES = (
    *("class_labels", "bounding_boxes", "counts", "derived_annotations"),
    *("geometrical_annotations", "graphs", "point_annotations", "segmentation_mask"),
    *("tracks", "weak_annotations", "other"),
)
"""The annotation types of MIFA."""


class AnnotationMethod(Block):
    """How labels, points, shapes or tracks on the images were made."""

    overview: Recorded[LongText] | None = declare(
        "Annotation overview",
        level=Level.PUBLISH,
        why="One sentence that says what was annotated.",
        example="Outlines of all nuclei in 48 images",
        rembi="Annotations.annotation_overview",
        crate="annotationOverview",
        applies="annotated",
    )
    type: Recorded[Choices] | None = declare(
        "Annotation type",
        level=Level.PUBLISH,
        why="It decides which software can use the annotations.",
        example="segmentation_mask",
        rembi="Annotations.annotation_type",
        crate="annotationType",
        choices=ANNOTATION_TYPES,
        applies="annotated",
    )
    method: Recorded[LongText] | None = declare(
        "Annotation method",
        level=Level.PUBLISH,
        why="Who or what made them, with which software, and how they were checked.",
        example="Cellpose 3.1, corrected by one expert in napari",
        rembi="Annotations.annotation_method",
        crate="annotationMethod",
        applies="annotated",
    )
    criteria: Recorded[LongText] | None = declare(
        "Annotation criteria",
        level=Level.PUBLISH,
        why="The rules that decided doubtful cases.",
        example="Nuclei that touch the border are left out",
        rembi="Annotations.annotation_criteria",
        crate="annotationCriteria",
        applies="annotated",
    )
    coverage: Recorded[LongText] | None = declare(
        "Annotation coverage",
        level=Level.PUBLISH,
        why="Whether all images, planes and objects are annotated.",
        example="All images; every fifth plane",
        rembi="Annotations.annotation_coverage",
        crate="annotationCoverage",
        applies="annotated",
    )
    confidence: Recorded[Text] | None = declare(
        "Annotation confidence",
        why="How sure the annotators are.",
        example="95 % agreement between two experts",
        rembi="Annotations.annotation_confidence_level",
        crate="annotationConfidence",
        applies="annotated",
    )
    authors: Recorded[People] | None = declare(
        "Annotators",
        level=Level.PUBLISH,
        why="Annotating is work that deserves credit.",
        example="Josiah Carberry <0000-0002-1825-0097>",
        rembi="Annotations.authors",
        crate="annotator",
        applies="annotated",
    )
    transformations: Recorded[LongText] | None = declare(
        "Annotation transformations",
        why="What was done to the image before it was annotated, such as scaling.",
        example="scaled by 0.5 in X and Y",
        rembi="Annotations.transformations",
        crate="annotationTransformation",
        applies="annotated",
    )
    spatial_information: Recorded[LongText] | None = declare(
        "Spatial information",
        why="How annotations that are no pixels lie on the image.",
        example="points in pixel coordinates, order z, y, x",
        rembi="Annotations.spatial_information",
        crate="spatialInformation",
        applies="annotated",
    )
    created: Recorded[IsoDateTime] | None = declare(
        "Annotated on",
        why="Annotations are made again when methods change.",
        example="2026-11-20T16:00:00+01:00",
        rembi="Annotations.annotation_creation_time",
        crate="annotationCreated",
        applies="annotated",
    )
    version: Recorded[Text] | None = declare(
        "Annotation version",
        why="It tells an old set of annotations from a new one.",
        example="1.2",
        rembi="Version.version",
        crate="annotationVersion",
        applies="annotated",
    )
    changes: Recorded[LongText] | None = declare(
        "Changes since the last version",
        why="What was corrected, so that others know whether to redo their work.",
        example="split touching nuclei in images 3 to 7",
        rembi="Version.changes",
        crate="annotationChanges",
        applies="annotated",
    )


class ImageCorrelation(Block):
    """How images of different methods were brought to fit."""

    alignment: Recorded[LongText] | None = declare(
        "Alignment",
        why="How the images were aligned in space and time.",
        example="by hand, with ec-CLEM",
        rembi="ImageCorrelation.spatial_and_temporal_alignment",
        crate="alignment",
    )
    fiducials: Recorded[LongText] | None = declare(
        "Fiducials",
        why="What both images show and the alignment rests on.",
        example="100 nm TetraSpeck beads",
        rembi="ImageCorrelation.fiducials_used",
        crate="fiducials",
    )
    transformation: Recorded[LongText] | None = declare(
        "Transformation matrix",
        why="With it others can apply the alignment.",
        example="1 0 0 12.5; 0 1 0 -3; 0 0 1 0",
        rembi="ImageCorrelation.transformation_matrix",
        crate="transformationMatrix",
    )
    related_images: Recorded[Texts] | None = declare(
        "Related images",
        why="The images that this one was aligned with.",
        example="EMPIAR-10001",
        rembi="ImageCorrelation.related_images_and_relationship",
        crate="relatedImage",
    )


class AnalyzedData(Block):
    """What was found in the images."""

    overview: Recorded[LongText] | None = declare(
        "Analysis overview",
        level=Level.PUBLISH,
        why="What was measured and how, in a few sentences.",
        example="Spindle length measured from pole to pole in 3D",
        rembi="AnalyzedData.analysis_overview",
        crate="analysisOverview",
    )
    result_type: Recorded[Text] | None = declare(
        "Result type",
        why="Tables, plots, tracks: what the analysis gave.",
        example="table of spindle lengths",
        rembi="AnalyzedData.analysis_result_type",
        crate="resultType",
    )
    data_used: Recorded[LongText] | None = declare(
        "Data used",
        why="Which of the images the result rests on.",
        example="all metaphase cells of the three replicates",
        rembi="AnalyzedData.data_used_for_analysis",
        crate="dataUsed",
    )
