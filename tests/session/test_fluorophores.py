"""Wavelengths of dyes: offered, marked, and never put over what a file says."""

from __future__ import annotations

from pathlib import Path

from folders import opened
from napari_fair.session.fluorophores import wavelengths_offered
from napari_fair.session.record_changes import TakeWavelengths, do

EXCITATION, EMISSION = "channel.0.excitation_wavelength", "channel.0.emission_wavelength"


def test_a_known_dye_offers_what_nobody_said(folder: Path, image: Path) -> None:
    session, (source,) = opened(folder, image)
    (shown, *_) = source.images
    session.set("channel.0.fluor", "GFP of our own", image=shown.id)
    assert wavelengths_offered(session.dataset, shown.id, 0) is None
    session.set("channel.0.fluor", "FBbi:00000082", image=shown.id)
    assert session.view("channel.0.fluor", shown.id).text == "EGFP"
    offer = wavelengths_offered(session.dataset, shown.id, 0)
    assert offer is not None and offer.dye == "EGFP"
    assert offer.missing == {EXCITATION: 488, EMISSION: 507}


def test_what_is_taken_is_marked_and_one_step_to_undo(folder: Path, image: Path) -> None:
    session, (source,) = opened(folder, image)
    (shown, *_) = source.images
    session.set("channel.0.fluor", "EGFP", image=shown.id)
    offer = wavelengths_offered(session.dataset, shown.id, 0)
    assert offer is not None
    before = session.dataset
    values = offer.missing
    do(session, TakeWavelengths(image=shown.id, wavelengths=values, where=offer.where))
    view = session.view(EMISSION, shown.id)
    assert (view.text, view.origin, view.trust) == ("507 nm", "vocabulary", "derived")
    assert "EGFP" in view.where
    assert wavelengths_offered(session.dataset, shown.id, 0) is None
    session.undo()
    assert session.dataset == before


def test_what_somebody_said_is_not_offered_otherwise(folder: Path, image: Path) -> None:
    session, (source,) = opened(folder, image)
    (shown, *_) = source.images
    session.set(EXCITATION, "470 nm", image=shown.id)
    session.set("channel.0.fluor", "EGFP", image=shown.id)
    offer = wavelengths_offered(session.dataset, shown.id, 0)
    assert offer is not None and offer.missing == {EMISSION: 507}
