"""One channel of an image: what glowed, how it was excited and seen."""

from __future__ import annotations

from napari_fair.model.fields import (
    Block,
    Integer,
    Level,
    Measure,
    Terms,
    Text,
    declare,
)
from napari_fair.model.origin import Recorded
from napari_fair.model.units import MICRO

_UM = f"{MICRO}m"


class Channel(Block):
    """One channel: what glowed and how it was seen."""

    name: Recorded[Text] | None = declare(
        "Channel", why="The name people know the channel by.", ome="@Name", crate="name"
    )
    fluor: Recorded[Text] | None = declare(
        "Fluorophore",
        why="What was excited.",
        example="DAPI",
        vocabulary="fluorophore",
        ome="@Fluor",
        crate="fluorophore",
    )
    excitation_wavelength: Recorded[Measure] | None = declare(
        "Excitation",
        why="The light that was sent in.",
        example="488 nm",
        unit="nm",
        ome="@ExcitationWavelength",
        crate="excitationWavelength",
    )
    emission_wavelength: Recorded[Measure] | None = declare(
        "Emission",
        why="The light that was collected.",
        example="525 nm",
        unit="nm",
        ome="@EmissionWavelength",
        crate="emissionWavelength",
    )
    exposure_time: Recorded[Measure] | None = declare(
        "Exposure",
        why="Intensities of different exposures cannot be compared.",
        example="0.1 s",
        unit="s",
        ome="Plane/@ExposureTime",
        crate="exposureTime",
    )
    color: Recorded[Text] | None = declare(
        "Colour",
        why="How the channel is shown, as #RRGGBB.",
        example="#35e06b",
        ome="@Color",
        crate="color",
    )
    acquisition_mode: Recorded[Text] | None = declare(
        "Acquisition mode",
        why="OME's word for the imaging method.",
        example="SpinningDiskConfocal",
        ome="@AcquisitionMode",
        crate="acquisitionMode",
    )
    contrast_method: Recorded[Text] | None = declare(
        "Contrast method",
        why="OME's word for where contrast comes from.",
        example="Fluorescence",
        ome="@ContrastMethod",
        crate="contrastMethod",
    )
    illumination_type: Recorded[Text] | None = declare(
        "Illumination",
        why="OME's word for how light reached the sample.",
        example="Epifluorescence",
        ome="@IlluminationType",
        crate="illuminationType",
    )
    target: Recorded[Terms] | None = declare(
        "What it shows",
        level=Level.PUBLISH,
        why="The structure or molecule that the channel stands for.",
        example="microtubules",
        rembi="Specimen.channel_biological_entity",
        vocabulary="cell_component",
        crate="channelBiologicalEntity",
    )
    contrast_mechanism: Recorded[Terms] | None = declare(
        "Signal",
        level=Level.PUBLISH,
        why="Where the contrast comes from.",
        example="fluorescence",
        rembi="Specimen.signal_contrast_mechanism",
        vocabulary="contrast_mechanism",
        crate="signalContrastMechanism",
    )
    filter_set: Recorded[Text] | None = declare(
        "Filter set",
        why="It decides which light is collected.",
        example="525/50",
        crate="filterSet",
        applies="fluorescence",
    )
    light_source: Recorded[Text] | None = declare(
        "Light",
        why="Line and power at the sample.",
        example="488 nm, 1 mW",
        crate="channelLight",
        applies="fluorescence",
    )
    pinhole_size: Recorded[Measure] | None = declare(
        "Pinhole",
        why="It sets the optical section.",
        unit=_UM,
        example=f"50 {_UM}",
        ome="@PinholeSize",
        crate="pinholeSize",
        applies="fluorescence",
    )
    samples_per_pixel: Recorded[Integer] | None = declare(
        "Samples per pixel",
        why="3 for a colour camera's red, green and blue.",
        ome="@SamplesPerPixel",
        crate="samplesPerPixel",
    )
