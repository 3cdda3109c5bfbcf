"""What was done with the data: steps, the data they used and gave, and where they ran."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

from napari_fair.model.recorded import Frozen
from napari_fair.model.terms import Iri


def _no_lone_surrogates(text: str) -> str:
    text.encode("utf-8")
    return text


def _moment(text: str) -> str:
    """Return a time with offset in UTC, to the millisecond."""
    if not text:
        return text
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the time of a step needs its offset from UTC")
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    precision = "milliseconds" if moment.microsecond else "seconds"
    try:
        return moment.astimezone(UTC).isoformat(timespec=precision)
    except OverflowError:
        raise ValueError(
            "the time of a step lies before the first year or after the last"
        ) from None


def _digest(text: str) -> str:
    if text and not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("a checksum is 64 hexadecimal digits in lower case")
    return text


Words = Annotated[str, AfterValidator(_no_lone_surrogates)]
Moment = Annotated[str, AfterValidator(_moment)]
"""A time in UTC, ISO 8601 with ``+00:00``; empty when it is not known."""
Digest = Annotated[str, AfterValidator(_digest)]
"""A SHA-256 in hexadecimal; empty when there is none yet."""

_Text = Annotated[StrictStr, AfterValidator(_no_lone_surrogates)]
_Integer = Annotated[StrictInt, Field(ge=-(2**63), lt=2**63)]
Scalar = StrictBool | _Integer | StrictFloat | _Text | None


class Confidence(StrEnum):
    """How much is known of a step.

    ``replayable``: function, parameters and inputs; ``declared``: a person, or a workflow file,
    said what was done; ``opaque``: only the outcome.
    """

    REPLAYABLE = "replayable"
    DECLARED = "declared"
    OPAQUE = "opaque"


class StepKind(StrEnum):
    """Whether a step read a file, made new data, or changed data in place."""

    OPEN = "open"
    CREATE = "create"
    UPDATE = "update"


class DataKind(StrEnum):
    """What sort of data it is; those between ``image`` and ``surface`` are napari's layers."""

    IMAGE = "image"
    LABELS = "labels"
    POINTS = "points"
    SHAPES = "shapes"
    TRACKS = "tracks"
    VECTORS = "vectors"
    SURFACE = "surface"
    TABLE = "table"
    FILE = "file"
    VALUE = "value"


class Tool(Frozen):
    """The software that did a step.

    Attributes
    ----------
    name
        What people call it, e.g. ``Gaussian blur``, ``Cellpose``.
    function
        ``module:qualified.name`` of the Python function, if it was one.
    package
        Distribution on the Python index, or a whole package URL (``pkg:conda/…``) without version.
    version
        Version of `package`.
    plugin
        npe2 name of the napari plugin that offered it.
    homepage
        Address of the project's own page.
    """

    name: Words = ""
    function: Words = ""
    package: Words = ""
    version: Words = ""
    plugin: Words = ""
    homepage: Iri = ""

    @property
    def purl(self) -> str:
        """The package URL (https://github.com/package-url), empty without a package."""
        if not self.package:
            return ""
        named = self.package
        if not named.startswith("pkg:"):
            named = f"pkg:pypi/{re.sub(r'[-_.]+', '-', named).lower()}"
        return f"{named}@{self.version}" if self.version else named


class Parameter(Frozen):
    """A value that a step was given; large ones are `DataRef`s among its inputs.

    Attributes
    ----------
    value
        A JSON scalar or a flat list of them.
    unit
        Unit symbol, when one is known.
    type_name
        How to read `value` where JSON is not enough: ``tuple`` or ``list``, ``float`` (``nan`` and
        infinities as text), ``dtype``, ``path``, ``literal`` (a Python literal as text), ``enum``;
        another word names a type whose value is only described. Empty for plain scalars.
    """

    name: Words
    value: Scalar | tuple[Scalar, ...] = None
    unit: Words = ""
    type_name: Words = ""


class DataRef(Frozen):
    """One state of a piece of data: a file, a layer's data at one time, a large argument.

    Data that a step changes in place gets a new `DataRef`.

    Attributes
    ----------
    name
        What people call it: the layer's or the file's name.
    path
        Where it is saved, relative to the folder with ``/``; empty for what is in no file.
    kind
        What sort of data it is.
    sha256
        Checksum of the file at `path` (of a store: of its manifest).
    content_sha256
        Checksum of the values themselves: type, shape and elements, wherever they are kept.
    pending
        Whether checksums are still to come.
    size
        Bytes: of the file, or of the values in memory.
    shape, dtype
        Of the array; dtype as numpy names it.
    scale, units
        Physical size of a pixel along each axis, and the units' symbols.
    """

    id: str
    name: Words = ""
    path: Words = ""
    kind: DataKind = DataKind.IMAGE
    sha256: Digest = ""
    content_sha256: Digest = ""
    pending: bool = False
    size: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    shape: tuple[Annotated[int, Field(ge=0, lt=2**63)], ...] = ()
    dtype: Words = ""
    scale: tuple[float, ...] = ()
    units: tuple[Words, ...] = ()

    @property
    def saved(self) -> bool:
        """Whether it is in a file, so that others can have it."""
        return bool(self.path)


class Slot(Frozen):
    """The place of data in a step.

    Attributes
    ----------
    name
        The parameter's name; of an output empty, or the number in a returned tuple. An input may
        also stand for no parameter.
    data
        Id of the `DataRef`.
    passed_as
        ``layer`` where the function takes or returns a napari layer, else empty.
    """

    name: Words = ""
    data: str
    passed_as: Annotated[str, Field(pattern="^(layer)?$")] = ""


class ManualWork(Frozen):
    """Work by hand on one layer, summed up.

    Attributes
    ----------
    strokes
        Number of strokes, or of edits of points and shapes.
    modes
        What was done: ``paint``, ``erase``, ``fill``, ``add``, ``move``, ``delete``, ….
    labels_touched
        Values of the labels that were painted or painted over.
    planes
        Indices of the planes that were worked on, along the axis that was sliced.
    bounding_box
        First and last index along each axis.
    minutes
        Time between strokes that belong together, in minutes.
    """

    strokes: int = 0
    modes: tuple[Words, ...] = ()
    labels_touched: tuple[_Integer, ...] = ()
    planes: tuple[_Integer, ...] = ()
    bounding_box: tuple[tuple[_Integer, _Integer], ...] = ()
    minutes: float = 0.0


class SoftwareEnvironment(Frozen):
    """Where steps ran; nothing in it names a person.

    Attributes
    ----------
    system, machine
        Operating system with version, and processor architecture.
    python
        Implementation and version, e.g. ``CPython 3.11.9``.
    processor, graphics
        Names of CPU and GPUs, as far as they can be found without starting anything.
    plugins
        napari plugins, ``name==version``.
    packages
        All installed distributions, ``name==version``: the lines of the lock file.
    """

    id: str
    system: Words = ""
    machine: Words = ""
    python: Words = ""
    processor: Words = ""
    graphics: tuple[Words, ...] = ()
    plugins: tuple[Words, ...] = ()
    packages: tuple[Words, ...] = ()

    def version_of(self, package: str) -> str:
        """Return the version of a package, empty when it was not installed."""
        wanted = re.sub(r"[-_.]+", "-", package).lower()
        for line in self.packages:
            name, _, version = line.partition("==")
            if re.sub(r"[-_.]+", "-", name).lower() == wanted:
                return version
        return ""


class Step(Frozen):
    """One thing that was done.

    Attributes
    ----------
    id
        UUID, version 4.
    name
        One line for people, e.g. ``Gaussian blur of DAPI``.
    inputs, outputs
        Data used and given.
    confidence
        How much is known; see `Confidence`.
    gap
        Why it cannot be run again, one sentence without a full stop; empty when it can.
    failed, error
        Whether it ended in an error, and its text.
    started, ended
        Times in UTC; empty when not known.
    agent
        Id of the `Person` who did it.
    comment
        What people noted; the only part that is edited later.
    manual
        Summary of work by hand.
    environment
        Id of the `SoftwareEnvironment`.
    observed
        How it was seen: ``magicgui``, ``worker``, ``layer menu``, ``points edit``, ``paint``,
        ``api``, ``workflow file``, ….
    """

    id: str
    kind: StepKind = StepKind.CREATE
    name: Words = ""
    tool: Tool = Tool()
    parameters: tuple[Parameter, ...] = ()
    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Slot, ...] = ()
    confidence: Confidence = Confidence.OPAQUE
    gap: Words = ""
    failed: bool = False
    error: Words = ""
    started: Moment = ""
    ended: Moment = ""
    agent: str = ""
    comment: Words = ""
    manual: ManualWork | None = None
    environment: str = ""
    observed: Words = ""

    @model_validator(mode="after")
    def _says_what_it_claims(self) -> Step:
        if self.confidence is Confidence.REPLAYABLE and not self.tool.function:
            raise ValueError("a replayable step names its function")
        if self.error and not self.failed:
            raise ValueError("only a failed step has an error")
        return self
