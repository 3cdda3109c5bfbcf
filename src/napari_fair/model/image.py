"""Images, what their files say about them, and the sources they were acquired in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from napari_fair.model.blocks import KeyValue, recorded_type, value_type
from napari_fair.model.declaration import Kind, split_path
from napari_fair.model.facts import Fact
from napari_fair.model.planes import Planes
from napari_fair.model.recorded import Frozen, Recorded
from napari_fair.model.registry import field, fields


def recorded_facts(facts: Mapping[str, Any]) -> dict[str, Recorded[Any]]:
    """Return what a file says as values of the record, validated as their fields want them.

    Raises
    ------
    ValueError
        If there is no such field, or one does not take its value.
    """
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
    stated: Any = value
    if isinstance(value, Recorded):
        stated = dict(value)
    elif isinstance(value, Fact):
        stated = {name: getattr(value, name) for name in Fact.__slots__}
    read: Recorded[Any] = value_type(kind).validate_python(stated)
    return read


class _TypedFacts:
    """Gives the JSON Schema of facts: which paths there are, and what each holds."""

    @staticmethod
    def __get_pydantic_json_schema__(
        core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        paths: dict[Kind, list[str]] = {}
        for each in fields().values():
            index = r"\.\d+" if each.repeated else ""
            paths.setdefault(each.kind, []).append(rf"{each.block}{index}\.{each.attribute}")
        held = {
            f"^({'|'.join(names)})$": handler(recorded_type(kind).__pydantic_core_schema__)
            for kind, names in paths.items()
        }
        return {"type": "object", "patternProperties": held, "additionalProperties": False}


Facts = Annotated[
    dict[str, Recorded[Any]],
    BeforeValidator(recorded_facts),
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
