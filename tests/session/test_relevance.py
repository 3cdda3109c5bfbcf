"""Which fields an image is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from folders import opened
from napari_fair.model import fields
from napari_fair.session.relevance import Circumstances, circumstances, relevant


def _asked(folder: Path, image: Path, method: str, *, annotated: bool = False) -> set[str]:
    session, (source,) = opened(folder, image)
    session.set("acquisition.imaging_method", method)
    case = circumstances(session.dataset, source, source.images[0], annotated=annotated)
    return {name for name, field in fields().items() if relevant(field, case)}


def test_brightfield_is_asked_no_filters_and_no_fluorophore(folder: Path, image: Path) -> None:
    asked = _asked(folder, image, "bright-field")
    assert asked.isdisjoint({"instrument.filters", "channel.fluor", "channel.pinhole_size"})
    assert {"objective.lens_na", "specimen.cover_glass", "instrument.stand"} <= asked


def test_brightfield_is_asked_no_laser(folder: Path, image: Path) -> None:
    lasers = {"channel.light_source", "light_source.wavelength", "channel.excitation_wavelength"}
    assert _asked(folder, image, "bright-field").isdisjoint(lasers)
    assert lasers <= _asked(folder, image, "confocal")


def test_electron_microscopy_is_asked_nothing_of_light(folder: Path, image: Path) -> None:
    asked = _asked(folder, image, "FIB-SEM")
    assert asked.isdisjoint({"channel.fluor", "specimen.cover_glass", "objective.lens_na"})
    assert {"instrument.manufacturer", "biosample.organism"} <= asked


@pytest.mark.parametrize("method", ["spinning disk", "something of our own", "confocal; TEM"])
def test_what_may_be_fluorescence_is_asked_for_it(folder: Path, image: Path, method: str) -> None:
    assert {"channel.fluor", "instrument.filters"} <= _asked(folder, image, method)


def test_one_time_point_has_no_time_step_and_several_planes_have_a_distance(
    folder: Path, image: Path
) -> None:
    asked = _asked(folder, image, "confocal")
    assert "image.time_increment" not in asked
    assert "image.physical_size_z" in asked


def test_a_time_lapse_by_its_method_is_asked_for_the_time_step(folder: Path, image: Path) -> None:
    asked = _asked(folder, image, "time lapse")
    assert {"image.time_increment", "channel.fluor"} <= asked


def test_annotations_are_asked_when_there_are_some_or_something_was_said(
    folder: Path, image: Path
) -> None:
    assert "annotation.method" not in _asked(folder, image, "confocal")
    assert "annotation.method" in _asked(folder, image, "confocal", annotated=True)
    session, _ = opened(folder, image)
    session.set("annotation.overview", "Nuclei by hand")
    assert circumstances(session.dataset).annotated


def test_what_is_not_known_is_asked() -> None:
    assert all(relevant(field, Circumstances()) for field in fields().values())
