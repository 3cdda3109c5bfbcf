"""What an image's file says of it: sizes, calibration, date, and the other blocks of facts."""

from __future__ import annotations

from functools import partial

from napari_fair.model.channel import CHANNEL
from napari_fair.model.declaration import Field, Kind, Level
from napari_fair.model.optics import DETECTOR, ENVIRONMENT, LIGHT_SOURCE, MICROSCOPE, OBJECTIVE
from napari_fair.model.units import MICRO

_UM = f"{MICRO}m"
_fact = partial(Field, "image", per_image=True)

IMAGE = (
    _fact(
        "name",
        Kind.TEXT,
        "Image name",
        why="The name inside the file tells scenes apart.",
        ome="@Name",
        crate="name",
    ),
    _fact(
        "description",
        Kind.LONG_TEXT,
        "Image description",
        why="What the acquisition software or the operator noted.",
        ome="Description",
        crate="description",
    ),
    _fact(
        "size_x", Kind.INTEGER, "Width", why="Pixels along X.", ome="Pixels/@SizeX", crate="sizeX"
    ),
    _fact(
        "size_y", Kind.INTEGER, "Height", why="Pixels along Y.", ome="Pixels/@SizeY", crate="sizeY"
    ),
    _fact(
        "size_z",
        Kind.INTEGER,
        "Focal planes",
        why="Planes along Z.",
        ome="Pixels/@SizeZ",
        crate="sizeZ",
    ),
    _fact(
        "size_c",
        Kind.INTEGER,
        "Channels",
        why="Channels, colour samples included.",
        ome="Pixels/@SizeC",
        crate="sizeC",
    ),
    _fact(
        "size_t",
        Kind.INTEGER,
        "Time points",
        why="Frames along time.",
        ome="Pixels/@SizeT",
        crate="sizeT",
    ),
    _fact(
        "dtype",
        Kind.TEXT,
        "Pixel type",
        why="The numbers' type, as numpy names it.",
        example="uint16",
        ome="Pixels/@Type",
        crate="pixelType",
    ),
    _fact(
        "dimension_order",
        Kind.TEXT,
        "Dimension order",
        why="OME order of the planes in the file, fastest first.",
        example="XYCZT",
        ome="Pixels/@DimensionOrder",
        crate="dimensionOrder",
    ),
    _fact(
        "physical_size_x",
        Kind.QUANTITY,
        "Pixel size X",
        level=Level.ESSENTIALS,
        why="Without it nothing in the image can be measured.",
        example=f"0.108 {_UM}",
        unit=_UM,
        ome="Pixels/@PhysicalSizeX",
        crate="physicalSizeX",
    ),
    _fact(
        "physical_size_y",
        Kind.QUANTITY,
        "Pixel size Y",
        level=Level.ESSENTIALS,
        why="Without it nothing in the image can be measured.",
        example=f"0.108 {_UM}",
        unit=_UM,
        ome="Pixels/@PhysicalSizeY",
        crate="physicalSizeY",
    ),
    _fact(
        "physical_size_z",
        Kind.QUANTITY,
        "Plane distance Z",
        level=Level.ESSENTIALS,
        why="Without it volumes and distances in depth are wrong.",
        example=f"0.3 {_UM}",
        unit=_UM,
        ome="Pixels/@PhysicalSizeZ",
        crate="physicalSizeZ",
    ),
    _fact(
        "time_increment",
        Kind.QUANTITY,
        "Time step",
        level=Level.ESSENTIALS,
        why="Without it speeds and rates cannot be worked out.",
        example="30 s",
        unit="s",
        ome="Pixels/@TimeIncrement",
        crate="timeIncrement",
    ),
    _fact(
        "acquisition_date",
        Kind.DATETIME,
        "Acquisition date",
        level=Level.ESSENTIALS,
        why="It links the image to the notebook, the sample's age and the instrument's state.",
        example="2026-11-20T14:03:00+01:00",
        ome="AcquisitionDate",
        crate="dateCreated",
    ),
    _fact(
        "operator",
        Kind.TEXT,
        "Operator",
        level=Level.PUBLISH,
        why="Who to ask when something looks odd.",
        example="J. Carberry",
        crate="operator",
    ),
    _fact(
        "software",
        Kind.TEXT,
        "Written by",
        why="The program that wrote the file.",
        example="ZEN 3.8",
        crate="writtenBy",
    ),
    _fact(
        "image_type",
        Kind.CHOICE,
        "Image type",
        level=Level.PUBLISH,
        why="Raw data and what was made of them must not be confused.",
        example="primary",
        rembi="ImageData.type",
        crate="imageType",
        choices=("primary", "processed", "segmentation"),
    ),
    _fact(
        "processing",
        Kind.LONG_TEXT,
        "Processing",
        level=Level.PUBLISH,
        why="What was done to the image since it was taken.",
        example="deconvolved with Huygens 22.04",
        rembi="ImageData.image_processing_method",
        crate="imageProcessing",
    ),
    _fact(
        "contrast_inverted",
        Kind.CHOICE,
        "Contrast inverted",
        why="In inverted images dark means much.",
        example="no",
        rembi="ImageData.contrast_inversion",
        crate="contrastInversion",
        choices=("yes", "no"),
    ),
    _fact(
        "compression",
        Kind.TEXT,
        "Compression",
        why="Lossy compression changes intensities.",
        example="LZW",
        rembi="ImageData.format_and_compression",
        crate="compression",
    ),
    _fact(
        "well",
        Kind.TEXT,
        "Well",
        why="It links the image to the plate's layout.",
        example="B03",
        crate="well",
    ),
    _fact(
        "stage_x", Kind.QUANTITY, "Stage X", why="Where the stage stood.", unit=_UM, crate="stageX"
    ),
    _fact(
        "stage_y", Kind.QUANTITY, "Stage Y", why="Where the stage stood.", unit=_UM, crate="stageY"
    ),
    _fact(
        "stage_z", Kind.QUANTITY, "Stage Z", why="Where the stage stood.", unit=_UM, crate="stageZ"
    ),
)

FACT_BLOCKS: dict[str, tuple[Field, ...]] = {
    "image": IMAGE,
    "channel": CHANNEL,
    "objective": OBJECTIVE,
    "microscope": MICROSCOPE,
    "detector": DETECTOR,
    "light_source": LIGHT_SOURCE,
    "environment": ENVIRONMENT,
}
"""Facts of an image by the first part of their names, in the order of forms and tables."""

FACTS: dict[str, Field] = {fact.name: fact for block in FACT_BLOCKS.values() for fact in block}
"""Facts of an image by their dotted names."""
