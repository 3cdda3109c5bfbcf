"""REMBI modules Biosample and Specimen: what was imaged and how it was prepared."""

from __future__ import annotations

from napari_fair.model.fields import Block, Level, LongText, Terms, declare
from napari_fair.model.origin import Recorded


class BioSample(Block):
    """The biological material that was imaged."""

    organism: Recorded[Terms] | None = declare(
        "Organism",
        level=Level.ESSENTIALS,
        why="Archives sort by species; a taxon is found whatever name others use for it.",
        example="Homo sapiens",
        rembi="Biosample.organism",
        vocabulary="organism",
        crate="taxonomicRange",
    )
    biological_entity: Recorded[Terms] | None = declare(
        "What was imaged",
        level=Level.ESSENTIALS,
        why="The cell line, tissue or cell type: what others look for when they reuse images.",
        example="HeLa cell",
        rembi="Biosample.biological_entity",
        vocabulary="biological_entity",
        crate="biologicalEntity",
    )


class Specimen(Block):
    """How the biosample was prepared for imaging."""

    preparation: Recorded[LongText] | None = declare(
        "Preparation",
        level=Level.ESSENTIALS,
        why="Fixation, staining and mounting decide what the intensities mean.",
        example="4 % PFA, permeabilised, anti-tubulin AF488, DAPI",
        rembi="Specimen.sample_preparation",
        crate="samplePreparation",
    )
