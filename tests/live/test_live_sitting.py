from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from folders import write_image
from napari_fair.headers import read_header
from napari_fair.live import DEMO_ANSWERS, Sitting, acquire_demo, checklist, demo_core, listen
from napari_fair.model import EventNote
from napari_fair.session import Preset, open_folder

PROJECT = Preset(
    name="Spindles",
    values={
        "study.title": "Spindle length",
        "study.license": "CC-BY-4.0",
        "study.keywords": "mitosis",
        "biosample.organism": "Homo sapiens",
    },
)


def test_what_is_chosen_once_holds_for_every_image_and_changes_nothing_said(folder: Path) -> None:
    session = open_folder(folder)
    session.set("study.title", "My own title")
    assert Sitting(session).begin([PROJECT]) == []
    source = session.add(read_header(write_image(folder / "a.ome.tif")))
    image = source.images[0].id
    assert session.view("study.title", image).text == "My own title"
    assert session.view("biosample.organism", image).text == "Homo sapiens"
    assert session.view("biosample.organism", image).origin == "preset"
    session.close()


def test_the_checklist_counts_what_is_missing_for_this_image(folder: Path) -> None:
    session = open_folder(folder)
    sitting = Sitting(session)
    source = session.add(read_header(write_image(folder / "a.ome.tif")))
    image = source.images[0].id
    before = sitting.checklist(image)
    sitting.begin([PROJECT])
    after = sitting.checklist(image)
    assert len(before.gaps) - len(after.gaps) == 4
    assert after.sentence == f"{len(after.gaps)} things missing for this image"
    for gap in after.gaps:
        assert gap.action
    session.close()


def test_the_checklist_of_one_image_is_not_that_of_another(folder: Path) -> None:
    session = open_folder(folder)
    first, second = (
        session.add(read_header(write_image(folder / name))) for name in ("a.ome.tif", "b.ome.tif")
    )
    mine, yours = first.images[0].id, second.images[0].id
    session.set("image.acquisition_date", "2026-11-20T14:03:00+01:00", image=mine)
    lacking = {gap.title for gap in checklist(session.dataset, yours).gaps}
    lacking -= {gap.title for gap in checklist(session.dataset, mine).gaps}
    assert lacking == {"Acquisition date"}
    session.close()


def test_the_summary_tells_what_was_taken_what_is_missing_and_how_long_it_took(
    folder: Path,
) -> None:
    session = open_folder(folder)
    session.add(read_header(write_image(folder / "before.ome.tif")))
    now = [0.0]
    sitting = Sitting(session, clock=lambda: now[0])
    for name in ("a.ome.tif", "b.ome.tif"):
        session.add(read_header(write_image(folder / name)))
    session.add_note(EventNote(id="1", text="drug added", time="2026-11-20T14:03:00+01:00"))
    for seconds in (0, 20, 25, 400, 415):
        now[0] = seconds
        sitting.edited()
    summary = sitting.summary()
    assert (summary.images, summary.notes, summary.complete) == (2, 1, 0)
    assert summary.formats == (("OME-TIFF", 2),)
    assert dict(summary.missing)["Title"] == 2
    assert summary.minutes == pytest.approx(40 / 60)
    assert summary.sentences[0] == "2 images taken (2 OME-TIFF), 1 event note."
    session.close()


def test_an_empty_sitting_has_a_summary_too(folder: Path) -> None:
    session = open_folder(folder)
    summary = Sitting(session).summary()
    assert summary.sentences == (
        "0 images taken, 0 event notes.",
        "0.0 minutes were spent on metadata.",
    )
    session.close()


def test_the_demo_acquires_annotates_and_leaves_sidecars(core: Any, folder: Path) -> None:
    def ask(asked: Any) -> dict[str, str]:
        return {question.key: DEMO_ANSWERS.get(question.path, "") for question in asked}

    microscope = demo_core()
    microscope.setROI(0, 0, 32, 32)
    with listen(microscope, folder, ask=ask) as listener:
        image = acquire_demo(microscope, listener, folder / "demo.ome.zarr")
    assert image.frames == image.expected == 40
    session = open_folder(folder)
    assert [note.text for note in session.dataset.notes] == ["drug added"]
    assert (folder / "demo.ome.zarr.omexml").is_file()
    session.close()
    microscope.unloadAllDevices()
