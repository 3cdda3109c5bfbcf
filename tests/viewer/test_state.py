"""The state behind the dock, without Qt."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_fair.headers import read_header
from napari_fair.model import Level, State
from napari_fair.session import InvalidValue, open_folder
from napari_fair.sidecar import read_crate
from napari_fair.viewer.runner import Immediately
from napari_fair.viewer.state import AnnotationModel
from napari_fair.viewer.subjects import Subject, SubjectKind


def _looking_at(path: Path) -> AnnotationModel:
    model = AnnotationModel(Immediately())
    model.look_at(Subject(SubjectKind.FILE, path, path.name))
    return model


def test_a_file_is_shown_with_what_its_header_says(ome_tiff: Path) -> None:
    model = _looking_at(ome_tiff)
    assert model.text("image.physical_size_x") == "0.108 µm"
    assert model.view("image.physical_size_x").origin == "header"
    assert model.channels() == [0, 1]
    assert model.sizes()["image.size_z"] == 5


def test_what_a_file_does_not_say_is_not_shown(plain_tiff: Path) -> None:
    assert _looking_at(plain_tiff).view("image.physical_size_x").state is None


def test_looking_writes_nothing(ome_tiff: Path) -> None:
    _looking_at(ome_tiff).check()
    assert [path.name for path in ome_tiff.parent.iterdir()] == [ome_tiff.name]


def test_saving_writes_sidecars_and_leaves_the_image_alone(ome_tiff: Path) -> None:
    before = hashlib.sha256(ome_tiff.read_bytes()).hexdigest()
    model = _looking_at(ome_tiff)
    model.set("study.title", "Spindles")
    model.saving.make_plan()
    assert model.saving.sentence.startswith("Writes ")
    model.saving.save()
    assert {path.name for path in model.saving.written} == {
        "HeLa_mitosis_03.ome.tif.companion.ome",
        "ro-crate-metadata.json",
    }
    assert hashlib.sha256(ome_tiff.read_bytes()).hexdigest() == before
    assert model.session is not None and not model.session.unsaved


def test_the_form_comes_back_as_it_was_left(ome_tiff: Path) -> None:
    model = _looking_at(ome_tiff)
    model.set("study.title", "Spindles")
    model.set("biosample.organism", "human")
    model.set_state("study.authors", State.UNKNOWN)
    model.set("image.physical_size_z", "0.5 µm")
    paths = ["study.title", "biosample.organism", "study.authors", "image.physical_size_z"]
    left = [(model.view(p).text, model.view(p).state, model.view(p).term_id) for p in paths]
    model.saving.save()
    model.close()
    again = _looking_at(ome_tiff)
    assert [(again.view(p).text, again.view(p).state, again.view(p).term_id) for p in paths] == left
    again.saving.make_plan()
    assert again.saving.sentence.startswith("Nothing to write")


def test_a_value_that_is_refused_changes_nothing(ome_tiff: Path) -> None:
    model = _looking_at(ome_tiff)
    with pytest.raises(InvalidValue):
        model.set("study.date_published", "soon")
    assert model.view("study.date_published").state is None


def test_only_for_this_image_leaves_the_other_images_alone(ome_tiff: Path) -> None:
    other = ome_tiff.with_name("other.tif")
    tifffile.imwrite(other, np.zeros((8, 8), "uint8"))
    model = _looking_at(ome_tiff)
    model.set("biosample.organism", "human")
    model.only_this_image("biosample.organism")
    model.set("biosample.organism", "mouse")
    assert model.text("biosample.organism") == "Mus musculus"
    model.look_at(Subject(SubjectKind.FILE, other, other.name))
    assert model.text("biosample.organism") == "Homo sapiens"


def test_for_all_images_takes_the_value_of_this_one(ome_tiff: Path) -> None:
    other = ome_tiff.with_name("other.tif")
    tifffile.imwrite(other, np.zeros((8, 8), "uint8"))
    model = _looking_at(ome_tiff)
    model.only_this_image("biosample.organism")
    model.set("biosample.organism", "mouse")
    model.all_images("biosample.organism")
    model.look_at(Subject(SubjectKind.FILE, other, other.name))
    assert model.text("biosample.organism") == "Mus musculus"


def test_undo_and_redo_follow_the_record(ome_tiff: Path) -> None:
    model = _looking_at(ome_tiff)
    model.set("study.title", "one")
    model.set("study.title", "two")
    model.undo()
    assert model.text("study.title") == "one"
    model.redo()
    assert model.text("study.title") == "two"


def test_several_scenes_are_offered_and_the_choice_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "scenes.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        for name in ("left", "right"):
            writer.write(np.zeros((8, 8), "uint8"), metadata={"axes": "YX", "Name": name})
    model = _looking_at(path)
    assert [name for _, name in model.scenes()] == ["left", "right"]
    second = model.scenes()[1][0]
    model.choose_image(second)
    model.look_at(Subject(SubjectKind.NOTHING))
    model.look_at(Subject(SubjectKind.FILE, path, path.name))
    assert model.image_id == second


def test_a_damaged_file_is_one_sentence_and_no_form(tmp_path: Path) -> None:
    path = tmp_path / "cut.ome.tif"
    path.write_bytes(b"II*\0")
    model = _looking_at(path)
    assert model.header is not None and model.header.damaged
    assert model.header.warnings


def test_an_image_without_a_file_is_a_draft_whose_edits_go_along(ome_tiff: Path) -> None:
    model = AnnotationModel(Immediately())
    asked: list[bool] = []
    model.saving.file_needed.connect(lambda: asked.append(True))
    model.look_at(Subject(SubjectKind.DRAFT, name="mine", key="k"))
    model.set("study.title", "Typed before there was a file")
    model.set_state("study.authors", State.UNKNOWN)
    model.saving.save()
    assert asked == [True]
    model.bind_file(ome_tiff)
    assert model.text("study.title") == "Typed before there was a file"
    assert model.view("study.authors").state is State.UNKNOWN
    model.saving.save()
    assert (ome_tiff.parent / "ro-crate-metadata.json").is_file()


def test_a_folder_that_cannot_be_written_asks_for_a_place(
    ome_tiff: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_fair.files import FolderNotWritable
    from napari_fair.session import SaveJob

    run = SaveJob.run

    def refused(job: SaveJob, *rest: object) -> object:
        if job.crate_folder == ome_tiff.parent:
            raise FolderNotWritable("no")
        return run(job, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(SaveJob, "run", refused)  # root may write anywhere
    model = _looking_at(ome_tiff)
    asked: list[bool] = []
    model.saving.place_needed.connect(lambda: asked.append(True))
    model.set("study.title", "Kept elsewhere")
    model.set("image.physical_size_z", "0.7 µm")
    model.saving.save()
    assert asked == [True]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    model.saving.save_elsewhere(elsewhere)
    crate = elsewhere / "HeLa_mitosis_03.ome.tif.crate"
    contents = read_crate(crate)
    assert contents is not None
    assert contents.dataset.study.title is not None
    assert contents.dataset.study.title.value == "Kept elsewhere"
    assert model.text("image.physical_size_z") == "0.7 µm"
    assert "0.7" in (crate / "ro-crate-metadata.json").read_text("utf-8")
    assert [path.name for path in ome_tiff.parent.iterdir()] == [ome_tiff.name]


def test_readiness_speaks_of_the_image_shown(ome_tiff: Path) -> None:
    other = ome_tiff.with_name("unknown size.tif")
    tifffile.imwrite(other, np.zeros((8, 8), "uint8"))
    model = _looking_at(other)
    model.look_at(Subject(SubjectKind.FILE, ome_tiff, ome_tiff.name))
    model.check()
    assert model.report.result("pixel_size").status == "passed"


def test_the_level_is_kept_from_image_to_image(ome_tiff: Path, plain_tiff: Path) -> None:
    model = _looking_at(ome_tiff)
    model.set_level(Level.EXPERT)
    model.look_at(Subject(SubjectKind.FILE, plain_tiff, plain_tiff.name))
    assert model.level is Level.EXPERT


def test_unsaved_edits_are_offered_at_the_next_start(ome_tiff: Path) -> None:
    model = _looking_at(ome_tiff)
    model.set("study.title", "Not saved")
    model.close()
    again = _looking_at(ome_tiff)
    assert again.session is not None and again.session.draft is not None
    assert again.text("study.title") == ""
    again.session.recover_draft()
    assert again.text("study.title") == "Not saved"


def test_a_renamed_image_is_offered_its_record(ome_tiff: Path) -> None:
    model = _looking_at(ome_tiff)
    model.set("image.physical_size_x", "0.2 µm")
    model.saving.save()
    model.close()
    moved = ome_tiff.rename(ome_tiff.with_name("renamed.ome.tif"))
    again = _looking_at(moved)
    assert again.renamed is not None and again.renamed.path == ome_tiff.name
    again.answer_renamed(same=True)
    assert again.text("image.physical_size_x") == "0.2 µm"
    assert again.file_name == "renamed.ome.tif"


def test_a_renamed_image_can_be_another_one(ome_tiff: Path) -> None:
    model = _looking_at(ome_tiff)
    model.set("image.physical_size_x", "0.2 µm")
    model.saving.save()
    model.close()
    again = _looking_at(ome_tiff.rename(ome_tiff.with_name("copy.ome.tif")))
    again.answer_renamed(same=False)
    assert again.text("image.physical_size_x") == "0.108 µm"


def test_drafts_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    model = AnnotationModel(Immediately())
    model.look_at(Subject(SubjectKind.DRAFT, name="mine", key="k"))
    model.set("study.title", "Gone with the layer")
    model.close()
    assert list(tmp_path.glob("napari-fair-draft-*")) == []


def test_a_full_disk_is_said_and_the_edit_is_not_shown_as_kept(
    ome_tiff: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_fair.session.journal import Journal
    from napari_fair.viewer.state import sentence_of

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    model = _looking_at(ome_tiff)
    monkeypatch.setattr(Journal, "append", full)
    with pytest.raises(OSError) as caught:
        model.set("study.title", "lost")
    assert "No space left" in sentence_of(caught.value)
    assert model.text("study.title") == ""


def test_an_image_below_a_recorded_folder_shows_that_folders_record(
    ome_tiff: Path, tmp_path: Path
) -> None:
    session = open_folder(tmp_path)
    session.add(read_header(ome_tiff))
    session.set("study.title", "Of the whole folder")
    session.save()
    session.close()
    model = _looking_at(ome_tiff)
    assert model.text("study.title") == "Of the whole folder"


def test_a_study_above_is_not_assumed_for_an_image_that_it_does_not_hold(
    ome_tiff: Path, plain_tiff: Path
) -> None:
    session = open_folder(plain_tiff.parent)
    session.add(read_header(plain_tiff))
    session.set("study.title", "Another study")
    session.save()
    session.close()
    assert _looking_at(ome_tiff).text("study.title") == ""
