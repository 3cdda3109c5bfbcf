"""What a file says about lens, stand, detectors and light, and what surrounded the sample."""

from __future__ import annotations

from functools import partial

from napari_fair.model.declaration import Field, Kind, Level
from napari_fair.model.units import MICRO

_UM = f"{MICRO}m"


_objective = partial(Field, "objective", per_image=True)
OBJECTIVE = (
    _objective(
        "model",
        Kind.TEXT,
        "Objective",
        why="As engraved on the barrel.",
        example="Plan Apo 60x/1.40",
        crate="model",
    ),
    _objective(
        "manufacturer",
        Kind.TEXT,
        "Objective maker",
        why="Who made the lens.",
        example="Nikon",
        crate="manufacturer",
    ),
    _objective(
        "nominal_magnification",
        Kind.NUMBER,
        "Magnification",
        why="As engraved.",
        example="60",
        crate="nominalMagnification",
    ),
    _objective(
        "lens_na",
        Kind.NUMBER,
        "Numerical aperture",
        why="It sets the resolution.",
        example="1.4",
        crate="lensNA",
    ),
    _objective(
        "immersion",
        Kind.TEXT,
        "Immersion",
        why="A wrong medium blurs the image.",
        example="Oil",
        crate="immersion",
    ),
    _objective(
        "working_distance",
        Kind.QUANTITY,
        "Working distance",
        why="How deep the lens can look.",
        unit=_UM,
        example=f"130 {_UM}",
        crate="workingDistance",
    ),
)

_environment = partial(Field, "environment", per_image=True)
ENVIRONMENT = (
    _environment(
        "temperature",
        Kind.QUANTITY,
        "Temperature",
        level=Level.PUBLISH,
        why="Living samples behave by it, and so do refractive indices.",
        example="37 \u00b0C",
        unit="\u00b0C",
        crate="temperature",
    ),
    _environment(
        "co2",
        Kind.QUANTITY,
        "CO2",
        why="Cells need it to keep their pH.",
        example="5 %",
        unit="%",
        crate="co2",
    ),
    _environment(
        "humidity",
        Kind.QUANTITY,
        "Humidity",
        why="Dry air changes the medium.",
        example="90 %",
        unit="%",
        crate="humidity",
    ),
    _environment(
        "medium",
        Kind.TEXT,
        "Imaging medium",
        level=Level.PUBLISH,
        why="Autofluorescence and refraction depend on it.",
        example="FluoroBrite DMEM",
        crate="imagingMedium",
    ),
)

_microscope = partial(Field, "microscope", per_image=True)
MICROSCOPE = (
    _microscope(
        "manufacturer",
        Kind.TEXT,
        "Microscope maker",
        why="Who made the stand.",
        example="Zeiss",
        crate="manufacturer",
    ),
    _microscope(
        "model",
        Kind.TEXT,
        "Microscope model",
        why="The stand's name.",
        example="Axio Observer",
        crate="model",
    ),
    _microscope(
        "type",
        Kind.TEXT,
        "Stand type",
        why="OME's word: Upright, Inverted ...",
        example="Inverted",
        crate="standType",
    ),
)

_detector = partial(Field, "detector", per_image=True, repeated=True)
DETECTOR = (
    _detector("model", Kind.TEXT, "Detector", why="Its name.", crate="model"),
    _detector(
        "manufacturer", Kind.TEXT, "Detector maker", why="Who made it.", crate="manufacturer"
    ),
    _detector(
        "type", Kind.TEXT, "Detector type", why="OME's word.", example="CMOS", crate="detectorType"
    ),
    _detector("gain", Kind.NUMBER, "Gain", why="It scales intensities.", crate="gain"),
    _detector(
        "binning",
        Kind.TEXT,
        "Binning",
        why="It changes the pixel size.",
        example="2x2",
        crate="binning",
    ),
)

_light_source = partial(Field, "light_source", per_image=True, repeated=True)
LIGHT_SOURCE = (
    _light_source("model", Kind.TEXT, "Light source", why="Its name.", crate="model"),
    _light_source(
        "manufacturer", Kind.TEXT, "Light source maker", why="Who made it.", crate="manufacturer"
    ),
    _light_source(
        "type",
        Kind.TEXT,
        "Light source type",
        why="Laser, arc, diode ...",
        example="Laser",
        crate="lightSourceType",
    ),
    _light_source(
        "wavelength",
        Kind.QUANTITY,
        "Wavelength",
        why="The line that was used.",
        unit="nm",
        crate="wavelength",
    ),
    _light_source(
        "power",
        Kind.TEXT,
        "Power",
        why="A percentage says nothing without it.",
        example="50 mW",
        crate="power",
    ),
)
