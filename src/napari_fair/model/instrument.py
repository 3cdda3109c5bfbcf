"""The microscope, as one named block that acquisitions share."""

from __future__ import annotations

from napari_fair.model.blocks import Address, Block, Choice, IsoDate, Text, Texts, declare
from napari_fair.model.declaration import Level
from napari_fair.model.recorded import Recorded


class Instrument(Block):
    """A microscope that a lab or facility uses again and again; `label` is its name."""

    manufacturer: Recorded[Text] | None = declare(
        "Manufacturer",
        level=Level.PUBLISH,
        why="Part of every methods section, and the key to the maker's documentation.",
        example="Nikon",
        ome="Instrument/Microscope/@Manufacturer",
        crate="manufacturer",
    )
    model: Recorded[Text] | None = declare(
        "Model",
        level=Level.PUBLISH,
        why="The stand decides stability and light path.",
        example="Ti2-E",
        ome="Instrument/Microscope/@Model",
        crate="model",
    )
    stand: Recorded[Choice] | None = declare(
        "Stand",
        level=Level.PUBLISH,
        why="Upright and inverted stands see the sample from different sides.",
        example="Inverted",
        ome="Instrument/Microscope/@Type",
        crate="standType",
        choices=("Upright", "Inverted", "Dissection", "Electrophysiology", "Other"),
        applies="light",
    )
    objectives: Recorded[Texts] | None = declare(
        "Objectives",
        why="The full engraving of each lens that was used.",
        example="Plan Apo λ 60x/1.40 Oil",
        crate="objectives",
        applies="light",
    )
    light_sources: Recorded[Texts] | None = declare(
        "Light sources",
        why="Maker, lines and total power: a percentage means nothing without it.",
        example="Coherent OBIS 488 nm, 50 mW",
        crate="illumination",
        applies="light",
    )
    filters: Recorded[Texts] | None = declare(
        "Filters and dichroics",
        why="They decide which light reaches the detector.",
        example="Semrock FF01-525/30",
        crate="filters",
        applies="fluorescence",
    )
    detectors: Recorded[Texts] | None = declare(
        "Detectors",
        why="Pixel size, noise and saturation depend on them.",
        example="Hamamatsu ORCA-Fusion, 6.5 µm pixels",
        crate="cameras",
    )
    software: Recorded[Texts] | None = declare(
        "Acquisition software",
        level=Level.PUBLISH,
        why="Formats and metadata differ between versions.",
        example="Micro-Manager 2.0.3",
        crate="acquisitionSoftware",
    )
    quality_report: Recorded[Address] | None = declare(
        "Quality control report",
        why="It shows that the instrument did what is believed of it.",
        example="https://doi.org/10.5281/zenodo.example",
        crate="qualityReport",
    )
    calibrated: Recorded[IsoDate] | None = declare(
        "Calibrated on",
        why="Pixel sizes and powers drift.",
        example="2026-10-01",
        crate="calibrationDate",
    )
