"""Nikon's words for how an image was taken, and OME's for the same."""

from __future__ import annotations

MODES: dict[str, str] = {
    "TIRF": "TIRF",
    "multiphoton": "MultiPhotonMicroscopy",
    "spinningDiskConfocal": "SpinningDiskConfocal",
    "sweptFieldConfocalPinhole": "SweptFieldConfocal",
    "sweptFieldConfocalSlit": "SweptFieldConfocal",
    "laserScanConfocal": "LaserScanningConfocalMicroscopy",
    "SIM": "StructuredIllumination",
    "camera": "WideField",
}
"""By the flag of the modality; the first that is set counts."""

CONTRASTS: dict[str, str] = {
    "fluorescence": "Fluorescence",
    "phaseContrast": "Phase",
    "diContrast": "DIC",
    "brightfield": "Brightfield",
}

# refractive index at 23 °C, tolerance
_MEDIA = (
    ("Air", 1.0, 0.01),
    ("Water", 1.333, 0.008),
    ("Glycerol", 1.466, 0.012),
    ("Oil", 1.516, 0.012),
)


def immersion_of(refractive_index: float | None) -> str:
    """Return the immersion medium of a refractive index, empty when it is none of the usual."""
    if refractive_index is None:
        return ""
    for medium, index, tolerance in _MEDIA:
        if abs(refractive_index - index) <= tolerance:
            return medium
    return ""
