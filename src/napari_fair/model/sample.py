"""REMBI modules Biosample and Specimen: what was imaged and how it was prepared."""

from __future__ import annotations

from napari_fair.model.blocks import Address, Block, Choice, LongText, Terms, Text, Texts, declare
from napari_fair.model.declaration import Level
from napari_fair.model.recorded import Recorded


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
    description: Recorded[LongText] | None = declare(
        "Sample description",
        level=Level.PUBLISH,
        why="What the terms above leave out, such as passage, age or origin.",
        example="HeLa Kyoto, passage 12, mycoplasma-free",
        rembi="Biosample.description",
        crate="description",
    )
    intrinsic_variables: Recorded[Texts] | None = declare(
        "Genetic background",
        level=Level.PUBLISH,
        why="What differs inside the sample: genotype, strain, transgenes.",
        example="H2B-mCherry; TP53 -/-",
        rembi="Biosample.intrinsic_variables",
        crate="intrinsicVariable",
    )
    extrinsic_variables: Recorded[Texts] | None = declare(
        "Treatment",
        level=Level.PUBLISH,
        why="What was done to the sample: compound with dose, RNAi, temperature.",
        example="nocodazole 100 nM for 4 h",
        rembi="Biosample.extrinsic_variables",
        crate="extrinsicVariable",
    )
    experimental_variables: Recorded[Texts] | None = declare(
        "What varies",
        level=Level.PUBLISH,
        why="The variable that the images are compared by.",
        example="time after treatment",
        rembi="Biosample.experimental_variables",
        crate="experimentalVariable",
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
    growth_protocol: Recorded[LongText] | None = declare(
        "Growth",
        level=Level.PUBLISH,
        why="How the material was grown before it was prepared.",
        example="DMEM with 10 % FBS, 37 °C, 5 % CO2",
        rembi="Specimen.growth_protocol",
        crate="growthProtocol",
    )
    experimental_status: Recorded[Choice] | None = declare(
        "Experimental status",
        level=Level.PUBLISH,
        why="Whether it is what was tested or what it is compared with.",
        example="control",
        rembi="Specimen.experimental_status",
        crate="experimentalStatus",
        choices=("control", "test"),
    )
    location: Recorded[Text] | None = declare(
        "Location in the sample",
        level=Level.PUBLISH,
        why="Region, section or well that was imaged.",
        example="well B03",
        rembi="Specimen.location_within_biosample",
        crate="locationInSample",
    )
    protocol: Recorded[Address] | None = declare(
        "Preparation protocol",
        level=Level.PUBLISH,
        why="A link to the full protocol saves writing it again.",
        example="https://doi.org/10.17504/protocols.io.example",
        crate="protocolAddress",
    )
    live: Recorded[Choice] | None = declare(
        "Live or fixed",
        level=Level.PUBLISH,
        why="Fixation changes structure and intensities.",
        example="fixed",
        crate="liveOrFixed",
        choices=("live", "fixed"),
    )
    mounting_medium: Recorded[Text] | None = declare(
        "Mounting medium",
        why="Its refractive index decides on aberrations.",
        example="ProLong Glass, n = 1.52",
        crate="mountingMedium",
        applies="light",
    )
    cover_glass: Recorded[Text] | None = declare(
        "Cover glass",
        why="Objectives are corrected for one thickness.",
        example="#1.5H, 170 µm",
        crate="coverGlass",
        applies="light",
    )
