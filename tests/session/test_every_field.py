"""Every declared field is entered, saved, reopened, and found in both sidecars."""

from __future__ import annotations

from pathlib import Path

import pytest

from folders import opened
from napari_fair.model import Field, Kind, fields, join_path
from napari_fair.session import open_folder
from napari_fair.sidecar.ome import schema_errors

_TEXTS = {
    Kind.TEXT: "some words",
    Kind.LONG_TEXT: "some words; and more",
    Kind.TEXTS: "one; two",
    Kind.INTEGER: "3",
    Kind.NUMBER: "1.25",
    Kind.DATE: "2026-11-20",
    Kind.DATETIME: "2026-11-20T14:03:00+01:00",
    Kind.TERM: "CC-BY-4.0",
    Kind.TERMS: "my own word",
    Kind.PEOPLE: "Josiah Carberry <0000-0002-1825-0097> @ Brown University",
    Kind.ORGANIZATION: "Brown University <https://ror.org/05gq02987>",
    Kind.INSTRUMENT: "Nikon Ti2",
    Kind.ADDRESS: "https://doi.org/10.5281/zenodo.1",
}
_ENUMS = {
    "image.dtype": "uint8",
    "image.dimension_order": "XYZCT",
    "channel.color": "#ff0000",
    "channel.acquisition_mode": "WideField",
    "channel.contrast_method": "DIC",
    "channel.illumination_type": "Transmitted",
    "channel.samples_per_pixel": "1",
    "objective.immersion": "Oil",
    "microscope.type": "Inverted",
    "detector.type": "CCD",
    "detector.binning": "2x2",
    "light_source.type": "Laser",
    "image.size_x": "16",
    "image.size_y": "16",
    "image.size_z": "3",
    "image.size_c": "2",
    "image.size_t": "1",
}


def _text(field: Field) -> str:
    if field.name in _ENUMS:
        return _ENUMS[field.name]
    if field.kind is Kind.QUANTITY:
        return f"2.5 {field.unit}"
    if field.kind in (Kind.CHOICE, Kind.CHOICES):
        return field.choices[0]
    return _TEXTS[field.kind]


def _shown(field: Field, text: str) -> list[str]:
    """Words that the OME sidecar has to hold."""
    if field.kind is Kind.TEXTS:
        return text.split("; ")
    if field.kind in (Kind.QUANTITY, Kind.DATETIME) or field.name in _ENUMS:
        return []
    return [text.split(" <")[0]]


@pytest.mark.parametrize("name", sorted(fields()))
def test_a_field_is_entered_saved_reopened_and_in_both_sidecars(
    name: str, folder: Path, image: Path
) -> None:
    field = fields()[name]
    path, text = join_path(name, 0 if field.repeated else None), _text(field)
    session, (source,) = opened(folder, image)
    if field.block == "instrument":
        session.set("acquisition.instrument", "Nikon Ti2")
    target = source.images[0].id if field.per_image else None
    session.set(path, text, image=target)
    entered = session.view(path, source.images[0].id)
    session.save()
    reopened = open_folder(folder).view(path, source.images[0].id)
    assert reopened == entered
    assert reopened.text == text
    sidecar = (folder / f"{image.name}.companion.ome").read_bytes()
    assert schema_errors(sidecar) == []
    for word in _shown(field, text):
        assert word in sidecar.decode()
