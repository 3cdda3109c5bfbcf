"""Which fields make sense for an image: no filters in brightfield, no fluorophore in EM."""

from __future__ import annotations

import re
from dataclasses import dataclass

from napari_fair.model import Dataset, Field, Held, Image, ImageSource, Term, resolve

_NO_LIGHT = frozenset(
    (
        *("00000256", "00000257", "00000258", "00000380", "00000585", "00050000", "00000381"),
        *("00000382", "00000372", "00000373"),
        *("00100014", "00100015", "00100016", "00100017"),  # electrons
        *("00000260", "00001002", "00001003"),  # X-rays
        *("00000259", "00000344", "00000347"),  # probes
    )
)
_NO_FLUORESCENCE = _NO_LIGHT | {
    *("00000243", "00000244", "00000245", "00000247", "00000248"),  # transmitted light
    *("00000325", "00000327", "00000351"),
    *("00000370", "00000371"),  # CARS, OCT
}
"""Numbers of FBbi methods that are sure to do without; any other method is asked everything."""
_TIME_LAPSE = "00000249"
_FBBI = re.compile(r"FBbi[_:](\d{8})$")

_APPLIES = {
    "image.physical_size_z": "planes",
    "image.time_increment": "time lapse",
    "channel.fluor": "fluorescence",
    "channel.excitation_wavelength": "fluorescence",
    "channel.emission_wavelength": "fluorescence",
    "light_source.wavelength": "fluorescence",
}
_LIGHT_BLOCKS = ("objective", "light_source")


@dataclass(frozen=True)
class Circumstances:
    """What is the case for an image; what is not known counts as the case.

    Attributes
    ----------
    light, fluorescence
        Whether light, or fluorescence, may have made the image.
    planes, time_lapse
        Whether there are several focal planes or time points.
    annotated
        Whether there are labels, points, shapes or something said of them.
    """

    light: bool = True
    fluorescence: bool = True
    planes: bool = True
    time_lapse: bool = True
    annotated: bool = True


def circumstances(
    dataset: Dataset,
    source: ImageSource | None = None,
    image: Image | None = None,
    *,
    annotated: bool = True,
) -> Circumstances:
    """Return what is the case for an image, by the imaging method and the sizes in force.

    A method that is free text or that covers several techniques leaves everything possible;
    with several methods (as in correlative work) one is enough.
    """
    numbers = _methods(resolve(dataset, source, image, "acquisition.imaging_method"))
    return Circumstances(
        light=_possible(numbers, _NO_LIGHT),
        fluorescence=_possible(numbers, _NO_FLUORESCENCE),
        planes=_size(resolve(dataset, source, image, "image.size_z")) > 1,
        time_lapse=_size(resolve(dataset, source, image, "image.size_t")) > 1
        or _TIME_LAPSE in numbers,
        annotated=annotated or _says_of_annotations(dataset),
    )


def relevant(field: Field, case: Circumstances) -> bool:
    """Return whether a field is asked; one that holds a value is shown all the same."""
    applies = field.applies or _APPLIES.get(field.name, "")
    if not applies and field.block in _LIGHT_BLOCKS:
        applies = "light"
    answers = {
        "light": case.light,
        "fluorescence": case.fluorescence,
        "planes": case.planes,
        "time lapse": case.time_lapse,
        "annotated": case.annotated,
    }
    return answers.get(applies, True)


def _methods(held: Held | None) -> set[str]:
    """Return the FBbi numbers of the imaging methods; an empty one for what is no FBbi term."""
    terms = held.value if held is not None and isinstance(held.value, tuple) else ()
    found = (_FBBI.search(term.iri) for term in terms if isinstance(term, Term))
    return {match[1] if match else "" for match in found}


def _possible(numbers: set[str], excluded: frozenset[str]) -> bool:
    rest = numbers - {_TIME_LAPSE}
    return not rest or bool(rest - excluded)


def _size(held: Held | None) -> int:
    return held.value if held is not None and isinstance(held.value, int) else 1


def _says_of_annotations(dataset: Dataset) -> bool:
    return any(True for block in dataset.annotations for _ in block.recorded())
