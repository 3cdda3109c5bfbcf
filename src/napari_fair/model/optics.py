"""What a file says about lens, stand, detectors and light, and what surrounded the sample."""

from __future__ import annotations

from napari_fair.model.fields import (
    Block,
    Level,
    Measure,
    Number,
    Text,
    declare,
)
from napari_fair.model.origin import Recorded
from napari_fair.model.units import MICRO

_UM = f"{MICRO}m"


class Objective(Block):
    """The lens."""

    model: Recorded[Text] | None = declare(
        "Objective", why="As engraved on the barrel.", example="Plan Apo 60x/1.40", crate="model"
    )
    manufacturer: Recorded[Text] | None = declare(
        "Objective maker", why="Who made the lens.", example="Nikon", crate="manufacturer"
    )
    nominal_magnification: Recorded[Number] | None = declare(
        "Magnification", why="As engraved.", example="60", crate="nominalMagnification"
    )
    lens_na: Recorded[Number] | None = declare(
        "Numerical aperture", why="It sets the resolution.", example="1.4", crate="lensNA"
    )
    immersion: Recorded[Text] | None = declare(
        "Immersion", why="A wrong medium blurs the image.", example="Oil", crate="immersion"
    )
    working_distance: Recorded[Measure] | None = declare(
        "Working distance",
        why="How deep the lens can look.",
        unit=_UM,
        example=f"130 {_UM}",
        crate="workingDistance",
    )


class Environment(Block):
    """What surrounded the sample while it was imaged."""

    temperature: Recorded[Measure] | None = declare(
        "Temperature",
        level=Level.PUBLISH,
        why="Living samples behave by it, and so do refractive indices.",
        example="37 \u00b0C",
        unit="\u00b0C",
        crate="temperature",
    )
    co2: Recorded[Measure] | None = declare(
        "CO2", why="Cells need it to keep their pH.", example="5 %", unit="%", crate="co2"
    )
    humidity: Recorded[Measure] | None = declare(
        "Humidity", why="Dry air changes the medium.", example="90 %", unit="%", crate="humidity"
    )
    medium: Recorded[Text] | None = declare(
        "Imaging medium",
        level=Level.PUBLISH,
        why="Autofluorescence and refraction depend on it.",
        example="FluoroBrite DMEM",
        crate="imagingMedium",
    )


class Microscope(Block):
    """The stand, as the file names it."""

    manufacturer: Recorded[Text] | None = declare(
        "Microscope maker", why="Who made the stand.", example="Zeiss", crate="manufacturer"
    )
    model: Recorded[Text] | None = declare(
        "Microscope model", why="The stand's name.", example="Axio Observer", crate="model"
    )
    type: Recorded[Text] | None = declare(
        "Stand type", why="OME's word: Upright, Inverted ...", example="Inverted", crate="standType"
    )


class Detector(Block):
    """A camera or point detector."""

    model: Recorded[Text] | None = declare("Detector", why="Its name.", crate="model")
    manufacturer: Recorded[Text] | None = declare(
        "Detector maker", why="Who made it.", crate="manufacturer"
    )
    type: Recorded[Text] | None = declare(
        "Detector type", why="OME's word.", example="CMOS", crate="detectorType"
    )
    gain: Recorded[Number] | None = declare("Gain", why="It scales intensities.", crate="gain")
    binning: Recorded[Text] | None = declare(
        "Binning", why="It changes the pixel size.", example="2x2", crate="binning"
    )


class LightSource(Block):
    """A laser, lamp or diode."""

    model: Recorded[Text] | None = declare("Light source", why="Its name.", crate="model")
    manufacturer: Recorded[Text] | None = declare(
        "Light source maker", why="Who made it.", crate="manufacturer"
    )
    type: Recorded[Text] | None = declare(
        "Light source type", why="Laser, arc, diode ...", example="Laser", crate="lightSourceType"
    )
    wavelength: Recorded[Measure] | None = declare(
        "Wavelength", why="The line that was used.", unit="nm", crate="wavelength"
    )
    power: Recorded[Text] | None = declare(
        "Power", why="A percentage says nothing without it.", example="50 mW", crate="power"
    )
