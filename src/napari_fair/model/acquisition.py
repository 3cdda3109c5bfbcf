"""REMBI module Image acquisition: method, instrument and settings."""

from __future__ import annotations

from napari_fair.model.blocks import Address, Block, InstrumentId, LongText, Terms, declare
from napari_fair.model.declaration import Level
from napari_fair.model.recorded import Recorded


class AcquisitionProtocol(Block):
    """How images were taken; many images share one."""

    imaging_method: Recorded[Terms] | None = declare(
        "Imaging method",
        level=Level.ESSENTIALS,
        why="It decides what can be measured, and is how archives sort images.",
        example="spinning disk confocal microscopy",
        rembi="ImageAcquisition.imaging_method",
        vocabulary="imaging_method",
        ome="Pixels/Channel/@AcquisitionMode",
        crate="measurementTechnique",
    )
    instrument: Recorded[InstrumentId] | None = declare(
        "Instrument",
        level=Level.ESSENTIALS,
        why="So that others can judge resolution and compare settings.",
        example="Nikon Ti2 with Yokogawa CSU-W1",
        rembi="ImageAcquisition.imaging_instrument",
        ome="Instrument/Microscope",
        crate="labEquipment",
    )
    parameters: Recorded[LongText] | None = declare(
        "Acquisition parameters",
        level=Level.ESSENTIALS,
        why="Objective, exposure and laser power are needed to repeat the image.",
        example="60x/1.40 oil, 100 ms, 488 nm at 20 % of 50 mW",
        rembi="ImageAcquisition.image_acquisition_parameters",
        crate="acquisitionParameters",
    )
    protocol: Recorded[Address] | None = declare(
        "Acquisition protocol",
        level=Level.PUBLISH,
        why="A link to the full protocol saves writing it again.",
        example="https://doi.org/10.17504/protocols.io.example",
        crate="protocolAddress",
    )
