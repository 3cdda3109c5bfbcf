"""Values that are hardly right are kept, and a sentence says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from folders import opened
from napari_fair.model import Kind, Quantity, Recorded, field, fields, join_path, split_path
from napari_fair.session.plausible import USUAL, implausible
from napari_fair.session.remarks import kept_remark, remark_on


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("image.physical_size_x", "1e300 µm"),
        ("image.physical_size_z", "1e-320 µm"),
        ("image.physical_size_y", "3 m"),
        ("image.time_increment", "30 years"),
        ("image.stage_x", "-5 km"),
        ("image.size_x", "0"),
        ("image.size_t", "-4"),
        ("image.acquisition_date", "2199-01-01"),
        ("image.acquisition_date", "1970-01-01T00:00:00"),
        ("image.acquisition_date", "1901-05-05"),
        ("study.date_published", "0203-03-01"),
        ("channel.0.excitation_wavelength", "488 µm"),
        ("channel.0.emission_wavelength", "52.5 nm"),
        ("channel.0.exposure_time", "100 h"),
        ("channel.0.pinhole_size", "50 mm"),
        ("channel.0.samples_per_pixel", "65536"),
        ("objective.nominal_magnification", "-60"),
        ("objective.lens_na", "14"),
        ("objective.working_distance", "130 m"),
        ("environment.temperature", "-300 °C"),
        ("environment.co2", "380 %"),
        ("environment.humidity", "900 %"),
    ],
)
def test_what_is_hardly_right_is_kept_and_told(
    folder: Path, image: Path, path: str, text: str
) -> None:
    session, (source,) = opened(folder, image)
    of = None if path.startswith("study.") else source.images[0].id
    session.set(path, text, image=of)
    view = session.view(path, of)
    assert view.text
    assert view.warning.endswith("?")
    assert remark_on(session.dataset, path, text, of).tone == "warning"  # type: ignore[union-attr]
    assert kept_remark(session.dataset, path, of).tone == "warning"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("image.physical_size_x", "0.2 Å"),  # an atomic resolution microscope
        ("image.physical_size_x", "1 mm"),  # a photograph of a plate
        ("image.time_increment", "12.5 ns"),  # between the pulses of a laser
        ("image.time_increment", "7 d"),
        ("image.stage_z", "-120 µm"),
        ("image.acquisition_date", "1998-07-01T10:00:00"),
        ("study.date_published", "2031-01-01"),
        ("channel.0.excitation_wavelength", "1300 nm"),
        ("channel.0.exposure_time", "2 h"),
        ("objective.nominal_magnification", "250000"),
        ("objective.lens_na", "1.65"),
        ("environment.temperature", "-196 °C"),
        ("environment.temperature", "98.6 °F"),
        ("environment.co2", "0 %"),
        ("environment.humidity", "100 %"),
    ],
)
def test_true_values_are_kept_without_a_word(
    folder: Path, image: Path, path: str, text: str
) -> None:
    session, (source,) = opened(folder, image)
    of = None if path.startswith("study.") else source.images[0].id
    session.set(path, text, image=of)
    assert session.view(path, of).warning == ""


def test_every_quantity_has_a_usual_range_that_holds_its_example() -> None:
    asked = {f.name for f in fields().values() if f.kind is Kind.QUANTITY}
    assert asked <= set(USUAL)
    for name, usual in USUAL.items():
        declared = field(name)
        assert usual.low < usual.high
        number = declared.example.split()[0] if declared.example else str(usual.high)
        assert usual.low <= float(number) <= usual.high


def test_a_quantity_in_a_unit_that_does_not_convert_is_left_alone() -> None:
    path = join_path("image.physical_size_x", None)
    recorded = Recorded(value=Quantity(value=1e9, unit="pixel"))
    assert implausible(field(split_path(path)[0]), recorded) == ""
