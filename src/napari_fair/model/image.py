"""Images, what their files say about them, and the sources they were acquired in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from napari_fair.model.channel import Channel
from napari_fair.model.fields import (
    Block,
    Choice,
    Integer,
    IsoDateTime,
    KeyValue,
    Kind,
    Level,
    LongText,
    Measure,
    Text,
    declarations,
    declare,
    recorded_type,
    split_path,
    value_type,
)
from napari_fair.model.optics import Detector, Environment, LightSource, Microscope, Objective
from napari_fair.model.origin import Frozen, Recorded
from napari_fair.model.planes import Planes
from napari_fair.model.units import MICRO

_UM = f"{MICRO}m"


class ImageFacts(Block):
    """What describes one image: sizes, calibration, date."""

    name: Recorded[Text] | None = declare(
        "Image name", why="The name inside the file tells scenes apart.", ome="@Name", crate="name"
    )
    description: Recorded[LongText] | None = declare(
        "Image description",
        why="What the acquisition software or the operator noted.",
        ome="Description",
        crate="description",
    )
    size_x: Recorded[Integer] | None = declare(
        "Width", why="Pixels along X.", ome="Pixels/@SizeX", crate="sizeX"
    )
    size_y: Recorded[Integer] | None = declare(
        "Height", why="Pixels along Y.", ome="Pixels/@SizeY", crate="sizeY"
    )
    size_z: Recorded[Integer] | None = declare(
        "Focal planes", why="Planes along Z.", ome="Pixels/@SizeZ", crate="sizeZ"
    )
    size_c: Recorded[Integer] | None = declare(
        "Channels", why="Channels, colour samples included.", ome="Pixels/@SizeC", crate="sizeC"
    )
    size_t: Recorded[Integer] | None = declare(
        "Time points", why="Frames along time.", ome="Pixels/@SizeT", crate="sizeT"
    )
    dtype: Recorded[Text] | None = declare(
        "Pixel type",
        why="The numbers' type, as numpy names it.",
        example="uint16",
        ome="Pixels/@Type",
        crate="pixelType",
    )
    dimension_order: Recorded[Text] | None = declare(
        "Dimension order",
        why="OME order of the planes in the file, fastest first.",
        example="XYCZT",
        ome="Pixels/@DimensionOrder",
        crate="dimensionOrder",
    )
    physical_size_x: Recorded[Measure] | None = declare(
        "Pixel size X",
        level=Level.ESSENTIALS,
        why="Without it nothing in the image can be measured.",
        example=f"0.108 {_UM}",
        unit=_UM,
        ome="Pixels/@PhysicalSizeX",
        crate="physicalSizeX",
    )
    physical_size_y: Recorded[Measure] | None = declare(
        "Pixel size Y",
        level=Level.ESSENTIALS,
        why="Without it nothing in the image can be measured.",
        example=f"0.108 {_UM}",
        unit=_UM,
        ome="Pixels/@PhysicalSizeY",
        crate="physicalSizeY",
    )
    physical_size_z: Recorded[Measure] | None = declare(
        "Plane distance Z",
        level=Level.ESSENTIALS,
        why="Without it volumes and distances in depth are wrong.",
        example=f"0.3 {_UM}",
        unit=_UM,
        ome="Pixels/@PhysicalSizeZ",
        crate="physicalSizeZ",
    )
    time_increment: Recorded[Measure] | None = declare(
        "Time step",
        level=Level.ESSENTIALS,
        why="Without it speeds and rates cannot be worked out.",
        example="30 s",
        unit="s",
        ome="Pixels/@TimeIncrement",
        crate="timeIncrement",
    )
    acquisition_date: Recorded[IsoDateTime] | None = declare(
        "Acquisition date",
        level=Level.ESSENTIALS,
        why="It links the image to the notebook, the sample's age and the instrument's state.",
        example="2026-11-20T14:03:00+01:00",
        ome="AcquisitionDate",
        crate="dateCreated",
    )
    operator: Recorded[Text] | None = declare(
        "Operator",
        level=Level.PUBLISH,
        why="Who to ask when something looks odd.",
        example="J. Carberry",
        crate="operator",
    )
    software: Recorded[Text] | None = declare(
        "Written by",
        why="The program that wrote the file.",
        example="ZEN 3.8",
        crate="writtenBy",
    )
    image_type: Recorded[Choice] | None = declare(
        "Image type",
        level=Level.PUBLISH,
        why="Raw data and what was made of them must not be confused.",
        example="primary",
        rembi="ImageData.type",
        crate="imageType",
        choices=("primary", "processed", "segmentation"),
    )
    processing: Recorded[LongText] | None = declare(
        "Processing",
        level=Level.PUBLISH,
        why="What was done to the image since it was taken.",
        example="deconvolved with Huygens 22.04",
        rembi="ImageData.image_processing_method",
        crate="imageProcessing",
    )
    contrast_inverted: Recorded[Choice] | None = declare(
        "Contrast inverted",
        why="In inverted images dark means much.",
        example="no",
        rembi="ImageData.contrast_inversion",
        crate="contrastInversion",
        choices=("yes", "no"),
    )
    compression: Recorded[Text] | None = declare(
        "Compression",
        why="Lossy compression changes intensities.",
        example="LZW",
        rembi="ImageData.format_and_compression",
        crate="compression",
    )
    well: Recorded[Text] | None = declare(
        "Well",
        why="It links the image to the plate's layout.",
        example="B03",
        crate="well",
    )

    stage_x: Recorded[Measure] | None = declare(
        "Stage X", why="Where the stage stood.", unit=_UM, crate="stageX"
    )
    stage_y: Recorded[Measure] | None = declare(
        "Stage Y", why="Where the stage stood.", unit=_UM, crate="stageY"
    )
    stage_z: Recorded[Measure] | None = declare(
        "Stage Z", why="Where the stage stood.", unit=_UM, crate="stageZ"
    )


FACT_BLOCKS: dict[str, tuple[type[Block], bool]] = {
    "image": (ImageFacts, False),
    "channel": (Channel, True),
    "objective": (Objective, False),
    "microscope": (Microscope, False),
    "detector": (Detector, True),
    "light_source": (LightSource, True),
    "environment": (Environment, False),
}
"""Groups of facts of an image, and whether there are several of each."""


def _validate_facts(facts: Mapping[str, Any]) -> dict[str, Recorded[Any]]:
    from napari_fair.model.registry import field  # the registry is built from these blocks

    return {
        path: _validated(value, field(split_path(path)[0]).kind) for path, value in facts.items()
    }


def _share(facts: dict[str, Recorded[Any]]) -> dict[str, Recorded[Any]]:
    """Use one object for equal values: thousands of images say much alike."""
    return {intern(path): _shared(held, type(held.value).__name__) for path, held in facts.items()}


@lru_cache(maxsize=50_000)
def _shared(recorded: Recorded[Any], _kind: str) -> Recorded[Any]:
    return recorded  # 16 and 16.0 are equal, so the kind is part of the key


def _validated(value: Any, kind: Kind) -> Recorded[Any]:
    if type(value) is recorded_type(kind):
        valid: Recorded[Any] = value  # it was validated when it was made
        return valid
    stated = dict(value) if isinstance(value, Recorded) else value
    read: Recorded[Any] = value_type(kind).validate_python(stated)
    return read


class _TypedFacts:
    """Gives the JSON Schema of facts: which paths there are, and what each holds."""

    @staticmethod
    def __get_pydantic_json_schema__(
        core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from napari_fair.model.registry import fields  # it is built from these blocks

        paths: dict[Kind, list[str]] = {}
        for field in fields().values():
            index = r"\.\d+" if field.repeated else ""
            paths.setdefault(field.kind, []).append(rf"{field.block}{index}\.{field.attribute}")
        held = {
            f"^({'|'.join(names)})$": handler(recorded_type(kind).__pydantic_core_schema__)
            for kind, names in paths.items()
        }
        return {"type": "object", "patternProperties": held, "additionalProperties": False}


Facts = Annotated[
    dict[str, Recorded[Any]],
    BeforeValidator(_validate_facts),
    AfterValidator(_share),
    _TypedFacts(),
]
"""Values by path (``image.size_x``, ``channel.0.name``, ``biosample.organism``)."""


class Uses(Frozen):
    """Which shared blocks something is linked to; None means: as its parent."""

    component: str | None = None
    biosample: str | None = None
    specimen: str | None = None
    acquisition: str | None = None
    annotation: str | None = None
    correlation: str | None = None
    analysis: str | None = None


class Image(Frozen):
    """One scene, series or position of a source.

    Attributes
    ----------
    index
        Its number inside the source, from 0.
    facts
        What the file says (or what follows from it), by path.
    overrides
        What a person decided for this image alone; goes before everything else.
    planes
        What the acquisition said of each plane; None when nothing did.
    pairs
        Free key-value pairs of this image alone; a key may stand several times.
    """

    id: str
    index: int = 0
    facts: Facts = {}
    overrides: Facts = {}
    uses: Uses = Uses()
    planes: Planes | None = None
    pairs: tuple[KeyValue, ...] = ()


class SourceFile(Frozen):
    """A file by its path relative to the folder (``/`` between parts), size in bytes, SHA-256.

    `sha256` is empty while the checksum is pending.
    """

    path: str
    size: int | None = None
    sha256: str = ""


class ImageSource(Frozen):
    """What was acquired together: a file, a multi-file set, or a store.

    Attributes
    ----------
    files
        In the order of the set; a store (OME-Zarr) is its folder, with a manifest checksum.
    format
        The format's name, e.g. ``OME-TIFF``.
    store
        Whether the source is a folder.
    sidecar
        The OME-XML file written beside it.
    states
        The properties of all devices when the acquisition began.
    """

    id: str
    format: str
    files: tuple[SourceFile, ...] = Field(min_length=1)
    store: bool = False
    images: tuple[Image, ...] = ()
    overrides: Facts = {}
    uses: Uses = Uses()
    sidecar: SourceFile | None = None
    states: tuple[KeyValue, ...] = ()

    @model_validator(mode="after")
    def _images_in_order(self) -> ImageSource:
        indices = [image.index for image in self.images]
        if indices != sorted(set(indices)):
            raise ValueError("the images of a source are listed by index, each once")
        return self

    @property
    def path(self) -> str:
        """The path of the first file: what a person calls the source."""
        return self.files[0].path


def fact_declarations() -> list[Any]:
    """Return the declarations of all per-image fields."""
    return [
        field
        for name, (block, repeated) in FACT_BLOCKS.items()
        for field in declarations(name, block, per_image=True, repeated=repeated)
    ]
