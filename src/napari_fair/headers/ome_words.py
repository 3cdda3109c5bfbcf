"""The words of the OME schema, in the spellings of all its versions."""

from __future__ import annotations

PIXEL_TYPES: dict[str, str] = {
    "int8": "int8",
    "int16": "int16",
    "int32": "int32",
    "uint8": "uint8",
    "uint16": "uint16",
    "uint32": "uint32",
    "float": "float32",
    "double": "float64",
    "complex": "complex64",
    "double-complex": "complex128",
    "bit": "bool",
}
"""``Pixels/@Type`` and numpy's name for it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONTRAST_METHODS = _words(
    "Brightfield Phase DIC HoffmanModulation ObliqueIllumination PolarizedLight Darkfield "
    "Fluorescence Other"
)
ILLUMINATION_TYPES = _words("Transmitted Epifluorescence Oblique NonLinear Other")
ACQUISITION_MODES = _words(
    "WideField LaserScanningConfocalMicroscopy SpinningDiskConfocal SlitScanConfocal "
    "MultiPhotonMicroscopy StructuredIllumination SingleMoleculeImaging "
    "TotalInternalReflection FluorescenceLifetime SpectralImaging "
    "FluorescenceCorrelationSpectroscopy NearFieldScanningOpticalMicroscopy "
    "SecondHarmonicGenerationImaging PALM STORM STED TIRF FSM LCM Other BrightField "
    "SweptFieldConfocal SPIM"
)
IMMERSIONS = _words("Oil Water WaterDipping Air Multi Glycerol Other")
DETECTOR_TYPES = _words(
    "CCD IntensifiedCCD AnalogVideo PMT Photodiode Spectroscopy LifetimeImaging "
    "CorrelationSpectroscopy FTIR EMCCD APD CMOS EBCCD Other"
)
MICROSCOPE_TYPES = _words("Upright Inverted Dissection Electrophysiology Other")
BINNINGS = _words("1x1 2x2 4x4 8x8 Other")
DIMENSION_ORDERS = _words("XYZCT XYZTC XYCTZ XYCZT XYTCZ XYTZC")

# Other spellings of the same thing, by OME's word; from older schema versions.
_OLDER = {
    "Wide-field": "WideField",
    "LaserScanningMicroscopy": "LaserScanningConfocalMicroscopy",
    "LaserScanningConfocal": "LaserScanningConfocalMicroscopy",
    "Multi-photonMicroscopy": "MultiPhotonMicroscopy",
    "SpinningDiskConfocalMicroscopy": "SpinningDiskConfocal",
    "Widefield": "WideField",
    "Hoffman": "HoffmanModulation",
    "Polarization": "PolarizedLight",
    "Epi-fluorescence": "Epifluorescence",
    "Gly": "Glycerol",
    "Dry": "Air",
    "Wl": "Water",
    "Intensified-CCD": "IntensifiedCCD",
    "Analog-Video": "AnalogVideo",
    "EM-CCD": "EMCCD",
}


def ome_word(written: str, words: frozenset[str]) -> str:
    """Return OME's word for what a file says: itself, an older spelling's, or ``Other``."""
    if written in words:
        return written
    older = _OLDER.get(written, "")
    if older in words:
        return older
    same = {word.lower(): word for word in words}
    return same.get(written.lower().replace(" ", ""), "Other")
