"""What Review says would change."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from napari_fair.viewer.changes import Change, changes
from napari_fair.viewer.review import ReviewDialog
from napari_fair.viewer.runner import Immediately
from napari_fair.viewer.state import AnnotationModel
from napari_fair.viewer.subjects import Subject, SubjectKind


def _looking_at(path: Path) -> AnnotationModel:
    model = AnnotationModel(Immediately())
    model.look_at(Subject(SubjectKind.FILE, path, path.name))
    return model


def test_only_the_changed_fields_are_listed_with_both_texts(plain_tiff: Path) -> None:
    model = _looking_at(plain_tiff)
    model.set("study.title", "One")
    model.saving.save()
    model.set("study.title", "Two")
    model.set("image.physical_size_x", "0.1 µm")
    model.saving.make_plan()
    assert model.saving.changes == [
        Change("Title", "One", "Two"),
        Change("Pixel size X", "", "0.1 µm"),
    ]


def test_a_new_record_lists_everything_it_holds(plain_tiff: Path) -> None:
    model = _looking_at(plain_tiff)
    model.set("study.title", "One")
    model.saving.make_plan()
    assert Change("Title", "", "One") in model.saving.changes
    assert Change("Width", "", "24") in model.saving.changes


def test_an_unknown_source_changes_nothing(plain_tiff: Path) -> None:
    model = _looking_at(plain_tiff)
    assert model.session is not None
    assert changes(None, model.session.dataset, "no such source") == []


def test_the_dialog_lists_fields_and_files(qtbot: QtBot, plain_tiff: Path) -> None:
    model = _looking_at(plain_tiff)
    model.set("study.title", "One")
    model.saving.make_plan()
    assert model.saving.plan is not None
    dialog = ReviewDialog(model.saving.changes, model.saving.plan)
    qtbot.addWidget(dialog)
    names = [dialog.files.topLevelItem(row).text(0) for row in range(2)]
    assert names == ["plain.tif.companion.ome", "ro-crate-metadata.json"]
    assert dialog.fields.topLevelItemCount() == len(model.saving.changes)
