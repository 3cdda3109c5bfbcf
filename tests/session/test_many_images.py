from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from folders import write_image
from napari_fair.headers import read_header
from napari_fair.model import EventNote, Fact
from napari_fair.session import open_folder


def test_equal_facts_of_many_images_are_one_object(folder: Path) -> None:
    session = open_folder(folder)
    first, second = (
        session.add(read_header(write_image(folder / name))) for name in ("a.ome.tif", "b.ome.tif")
    )
    session.close()
    mine, yours = first.images[0].facts, second.images[0].facts
    assert mine["image.size_x"] is yours["image.size_x"]


def test_sidecars_can_be_written_before_the_crate(folder: Path) -> None:
    image = write_image(folder / "a.ome.tif")
    session = open_folder(folder)
    header = read_header(image)
    source = session.add(header)
    report = session.save_job([source.id]).write_sidecars({source.id: header})
    (written,) = report.sources
    assert written.sidecar is not None
    assert (folder / written.sidecar.path).is_file()
    assert not (folder / "ro-crate-metadata.json").exists()
    session.close()


def test_a_sidecar_that_is_left_as_it_is_is_recorded_as_it_lies_there(folder: Path) -> None:
    image = write_image(folder / "a.ome.tif")
    session = open_folder(folder)
    header = read_header(image)
    source = session.add(header)
    job = session.save_job([source.id])
    (written,) = job.write_sidecars({source.id: header}).sources
    assert written.sidecar is not None
    sidecar = folder / written.sidecar.path
    sidecar.write_bytes(sidecar.read_bytes() + b"<!-- of another computer -->")
    dataset = job.dataset.model_copy(update={"sources": (written,)})
    report = replace(job, dataset=dataset, as_is=frozenset({source.id})).run()
    kept = report.dataset.sources[0].sidecar
    assert kept is not None
    assert kept.sha256 != written.sidecar.sha256
    session.close()


def test_a_note_about_a_saved_image_gets_into_its_sidecar(folder: Path) -> None:
    session = open_folder(folder)
    source = session.add(read_header(write_image(folder / "a.ome.tif")))
    session.save()
    time = "2026-11-20T14:03:00+01:00"
    session.add_note(EventNote(id="1", text="drug added", time=time, image=source.images[0].id))
    session.save()
    sidecar = next(folder.glob("*.companion.ome"))
    assert "drug added" in sidecar.read_text("utf-8")
    assert session.undo()
    assert session.dataset.notes == ()
    session.close()


def test_undo_does_not_take_back_what_a_file_said_later(folder: Path) -> None:
    image = write_image(folder / "a.ome.tif")
    session = open_folder(folder)
    header = read_header(image)
    source = session.add(header)
    session.set("study.title", "Spindles")
    fluor = Fact("DAPI", origin="acquisition")
    facts = {**header.images[0].facts, "channel.0.fluor": fluor}
    told = replace(header, images=(replace(header.images[0], facts=facts),))
    session.add(told)
    assert session.undo()
    (kept,) = session.sources()
    assert kept.id == source.id
    assert kept.images[0].facts["channel.0.fluor"].value == "DAPI"
    session.close()
