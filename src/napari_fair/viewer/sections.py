"""Which fields stand in which section of the form; the fields themselves are the model's."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from napari_fair.model import SHARED_BLOCKS, Field, Level, fields, join_path, split_path

READ_ONLY = frozenset(
    f"image.{attribute}"
    for attribute in (
        *("size_x", "size_y", "size_z", "size_c", "size_t"),
        *("dtype", "dimension_order", "compression"),
    )
)
"""Facts that only the file itself can state."""

_ESSENTIAL_SECTIONS: dict[str, tuple[str, ...]] = {
    "Study and people": ("study",),
    "Sample": ("biosample", "specimen"),
    "Channels": (),
    "Acquisition": (
        *("acquisition", "instrument", "objective", "microscope", "detector", "light_source"),
        "environment",
    ),
    "Image": ("image",),
    "Annotations": ("annotation",),
}
_ALL_SECTIONS: dict[str, tuple[str, ...]] = {
    "Study and people": ("study",),
    "Component": ("component",),
    "Sample": ("biosample",),
    "Specimen": ("specimen",),
    "Channels": (),
    "Acquisition": ("acquisition",),
    "Instrument": ("instrument", "microscope", "objective", "detector", "light_source"),
    "Environment": ("environment",),
    "Image": ("image",),
    "Annotations": ("annotation",),
    "Correlation": ("correlation",),
    "Analysis": ("analysis",),
}
CHANNELS = "Channels"
_FIRST_CHANNEL_FIELDS = ("name", "fluor", "target")
_CHANNEL_FIELDS = {
    Level.ESSENTIALS: _FIRST_CHANNEL_FIELDS,
    Level.PUBLISH: (
        *_FIRST_CHANNEL_FIELDS,
        *("contrast_mechanism", "excitation_wavelength", "emission_wavelength"),
    ),
    Level.EXPERT: (
        *_FIRST_CHANNEL_FIELDS,
        *("contrast_mechanism", "excitation_wavelength", "emission_wavelength", "exposure_time"),
        *("acquisition_mode", "contrast_method", "illumination_type", "light_source"),
        *("filter_set", "pinhole_size", "color"),
    ),
}

Asked = Callable[[Field], bool]


@dataclass(frozen=True)
class Slot:
    """One row of the form: the path of a field and whether people may change it."""

    path: str
    field: Field
    editable: bool = True

    @property
    def label(self) -> str:
        """The field's label, with its number if there are several."""
        _, index = split_path(self.path)
        return self.field.label if index is None else f"{self.field.label} {index + 1}"


@dataclass(frozen=True)
class Section:
    """A titled part of the form.

    Attributes
    ----------
    kinds
        The kinds of blocks that its values stand in and that images share; ``image`` for what
        stands in the image itself.
    """

    title: str
    slots: tuple[Slot, ...]
    kinds: tuple[str, ...] = ()


def sections(
    level: Level, held: Container[str], asked: Asked, indices: Callable[[str], list[int]]
) -> list[Section]:
    """Return the sections of the form for one image, those without rows left out.

    Parameters
    ----------
    level
        Fields of this level and below are asked.
    held
        Paths of what the record or the file says; these are shown even when nobody asks for them.
    asked
        Whether a field makes sense for the image.
    indices
        The numbers of the channels, detectors ... that the record knows, by block.
    """
    titles = _ESSENTIAL_SECTIONS if level is Level.ESSENTIALS else _ALL_SECTIONS
    found = [
        Section(title, tuple(_slots(blocks, level, held, asked, indices)), _shared(blocks))
        for title, blocks in titles.items()
    ]
    return [section for section in found if section.slots or section.title == CHANNELS]


def _shared(blocks: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(block for block in blocks if block in SHARED_BLOCKS or block == "image")


def channel_slots(index: int, level: Level, held: Container[str], asked: Asked) -> list[Slot]:
    """Return the fields of one channel, its name first."""
    slots = [
        Slot(join_path(name, index), fields()[name])
        for name in (f"channel.{attribute}" for attribute in _CHANNEL_FIELDS[level])
    ]
    return [slot for slot in slots if slot.path in held or asked(slot.field)]


def _slots(
    blocks: tuple[str, ...],
    level: Level,
    held: Container[str],
    asked: Asked,
    indices: Callable[[str], list[int]],
) -> list[Slot]:
    slots = [
        Slot(path, field, editable=_editable(field, level))
        for field in fields().values()
        if field.block in blocks
        for path in _paths(field, level, indices)
        if _shown(field, path in held, level, asked)
    ]
    return sorted(
        (slot for slot in slots if slot.editable or slot.path in held),
        key=lambda slot: (not slot.editable, blocks.index(slot.field.block)),
    )


def _shown(field: Field, held: bool, level: Level, asked: Asked) -> bool:
    return held if field.per_image and held else _of_level(field, level) and (held or asked(field))


def _paths(field: Field, level: Level, indices: Callable[[str], list[int]]) -> list[str]:
    if not field.repeated:
        return [field.name]
    if level is not Level.EXPERT:
        return []
    return [join_path(field.name, index) for index in indices(field.block) or [0]]


def _editable(field: Field, level: Level) -> bool:
    """Header facts below their level are only shown: few of them are ever wrong."""
    return field.name not in READ_ONLY and (not field.per_image or _of_level(field, level))


def _of_level(field: Field, level: Level) -> bool:
    order = list(Level)
    return order.index(field.level) <= order.index(level)
