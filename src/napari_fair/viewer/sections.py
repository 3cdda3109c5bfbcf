"""Which fields stand in which section of the form; the fields themselves are the model's."""

from __future__ import annotations

from dataclasses import dataclass

from napari_fair.model import Field, Level, fields, join_path

EDITABLE_FACTS = (
    "image.physical_size_x",
    "image.physical_size_y",
    "image.physical_size_z",
    "image.time_increment",
    "image.acquisition_date",
)
"""Facts of the header that a person may correct."""

_CHANNEL_FIELDS = {
    Level.ESSENTIALS: ("fluor",),
    Level.PUBLISH: ("fluor", "excitation_wavelength", "emission_wavelength"),
    Level.EXPERT: (
        *("fluor", "excitation_wavelength", "emission_wavelength", "exposure_time"),
        *("acquisition_mode", "contrast_method", "illumination_type"),
    ),
}
_NEEDED_SIZE = {"image.physical_size_z": "image.size_z", "image.time_increment": "image.size_t"}
_SECTIONS = {
    "Study and people": ("study",),
    "Sample": ("biosample", "specimen"),
    "Acquisition": ("acquisition", "instrument", "objective", "microscope", "detector",
                    "light_source"),
    "Image": ("image",),
}  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """One row of the form: the path of a field and whether people may change it."""

    path: str
    field: Field
    editable: bool = True


@dataclass(frozen=True)
class Section:
    """A titled part of the form."""

    title: str
    slots: tuple[Slot, ...]


def sections(level: Level, known: set[str], sizes: dict[str, int]) -> list[Section]:
    """Return the sections of the form for one image.

    Parameters
    ----------
    level
        Fields of this level and below are asked.
    known
        Paths of the facts that the header gives; they are shown even when nobody asks for them.
    sizes
        ``image.size_z`` and the like; a plane distance is asked only when there are planes.
    """
    found = [_section(title, blocks, level, known, sizes) for title, blocks in _SECTIONS.items()]
    return [section for section in found if section.slots]


def channel_slots(index: int, level: Level) -> list[Slot]:
    """Return the rows of one channel, its name first."""
    names = [f"channel.{attribute}" for attribute in ("name", *_CHANNEL_FIELDS[level])]
    return [Slot(join_path(name, index), fields()[name]) for name in names]


def _section(
    title: str, blocks: tuple[str, ...], level: Level, known: set[str], sizes: dict[str, int]
) -> Section:
    slots: list[Slot] = []
    for field in fields().values():
        if field.block in blocks:
            slots += _slots(field, level, known, sizes)
    return Section(title, tuple(sorted(slots, key=lambda slot: not slot.editable)))


def _slots(field: Field, level: Level, known: set[str], sizes: dict[str, int]) -> list[Slot]:
    if not field.per_image:
        return [Slot(field.name, field)] if _asked(field, level) else []
    if field.repeated:
        paths = sorted(path for path in known if _is_of(path, field))
        return [Slot(path, field, editable=False) for path in paths if level is Level.EXPERT]
    if field.name in EDITABLE_FACTS:
        needed = _NEEDED_SIZE.get(field.name)
        shown = needed is None or sizes.get(needed, 1) > 1 or field.name in known
        return [Slot(field.name, field)] if shown else []
    return [Slot(field.name, field, editable=False)] if field.name in known else []


def _is_of(path: str, field: Field) -> bool:
    return path.startswith(f"{field.block}.") and path.endswith(f".{field.attribute}")


def _asked(field: Field, level: Level) -> bool:
    order = list(Level)
    return order.index(field.level) <= order.index(level)
