from __future__ import annotations

import json
from pathlib import Path

import pytest

from folders import opened, write_image
from napari_fair.headers import read_header
from napari_fair.model import State
from napari_fair.session import InvalidValue, open_folder, read_preset


def test_what_is_saved_is_there_when_the_folder_is_opened_again(folder: Path, image: Path) -> None:
    before = image.read_bytes()
    session, (source,) = opened(folder, image)
    session.set("study.title", "Spindles")
    session.set("image.physical_size_z", "0.3 µm", image=source.images[0].id)
    report = session.save()
    assert [path.name for path in report.written] == [
        f"{image.name}.companion.ome",
        "ro-crate-metadata.json",
    ]
    again, (same,) = opened(folder, image)
    assert again.dataset == session.dataset
    assert again.view("study.title").text == "Spindles"
    assert again.view("image.physical_size_z", same.images[0].id).origin == "typed"
    assert image.read_bytes() == before


def test_a_second_save_changes_no_byte(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    session.save()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    again, _ = opened(folder, image)
    assert again.save().written == ()
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_only_saved_images_enter_the_crate(folder: Path, image: Path) -> None:
    other = write_image(folder / "unrelated.ome.tif")
    session, (kept, draft) = opened(folder, image, other)
    session.save([kept.id])
    assert session.saved(kept.id)
    assert not session.saved(draft.id)
    assert "unrelated" not in (folder / "ro-crate-metadata.json").read_text()
    assert session.source_at(other) is not None
    assert [s.path for s in open_folder(folder).sources()] == [image.name]


def test_an_image_overrides_what_it_inherits_and_inherits_again(folder: Path, image: Path) -> None:
    session, (source,) = opened(folder, image)
    id = source.images[0].id
    session.set("biosample.organism", "human")
    session.set("biosample.organism", "mouse", image=id)
    assert session.view("biosample.organism", id).text == "Mus musculus"
    assert session.view("biosample.organism", id).level == "image"
    assert session.view("biosample.organism", id).replaced_text == "Homo sapiens"
    assert session.view("biosample.organism").text == "Homo sapiens"
    session.drop_override("biosample.organism", id)
    assert session.view("biosample.organism", id).text == "Homo sapiens"


def test_the_header_fills_what_follows_from_it(folder: Path, image: Path) -> None:
    session, (source,) = opened(folder, image)
    found = session.view("acquisition.imaging_method", source.images[0].id)
    assert found.term_id == "FBbi:00000253"
    assert (found.origin, found.trust, found.level) == ("header", "derived", "file")


def test_an_inherited_method_that_the_file_contradicts_is_asked_about(
    folder: Path, image: Path
) -> None:
    session = open_folder(folder)
    session.set("acquisition.imaging_method", "two-photon")
    (image_of,) = session.add(read_header(image)).images
    (conflict,) = session.conflicts
    assert conflict.subject == image_of.id
    session.decide(conflict, 1)
    assert session.conflicts == ()
    assert session.view("acquisition.imaging_method", image_of.id).term_id == "FBbi:00000253"


def test_a_disagreement_that_was_settled_is_not_asked_again(folder: Path, image: Path) -> None:
    session = open_folder(folder)
    session.set("acquisition.imaging_method", "two-photon")
    (of_image,) = session.add(read_header(image)).images
    session.decide(session.conflicts[0], 0)
    session.add(read_header(image))
    assert session.conflicts == ()
    assert session.view("acquisition.imaging_method", of_image.id).term_id == "FBbi:00000254"


def test_setting_a_value_twice_keeps_what_it_replaced(folder: Path) -> None:
    session = open_folder(folder)
    session.set("study.title", "One")
    session.set("study.title", "Two")
    session.set("study.title", "Two")
    assert session.view("study.title").replaced_text == "One"


def test_a_replaced_term_is_shown_after_reopening(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    session.set("biosample.organism", "human")
    session.set("biosample.organism", "mouse")
    session.save()
    assert open_folder(folder).view("biosample.organism").replaced_text == "Homo sapiens"


def test_undo_and_redo_go_back_and_forth(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    session.set("study.title", "One")
    session.set("study.title", "Two")
    assert session.undo()
    assert session.view("study.title").text == "One"
    assert session.redo()
    assert session.view("study.title").text == "Two"
    session.undo()
    session.undo()
    assert not session.undo()
    assert session.view("study.title").state is None
    assert len(session.sources()) == 1


def test_an_invalid_value_changes_nothing(folder: Path, image: Path) -> None:
    session, (source,) = opened(folder, image)
    before = session.dataset
    with pytest.raises(InvalidValue):
        session.set("image.physical_size_x", "1", image=source.images[0].id)
    with pytest.raises(InvalidValue, match=r"did you mean study\.title"):
        session.set("study.titel", "x")
    assert session.dataset == before
    assert not session.unsaved


def test_a_value_for_all_images_holds_where_the_file_says_nothing(
    folder: Path, image: Path
) -> None:
    session, (source,) = opened(folder, image)
    id = source.images[0].id
    session.set("image.physical_size_x", "5 µm")
    session.set("channel.0.fluor", "DAPI")
    assert session.view("image.physical_size_x", id).text == "0.1 µm"
    assert session.view("channel.0.fluor", id).text == "DAPI"
    assert session.view("channel.0.fluor", id).level == "dataset"
    session.save()
    assert open_folder(folder).view("channel.0.fluor", id).text == "DAPI"


def test_changes_are_announced(folder: Path) -> None:
    session = open_folder(folder)
    heard: list[str] = []
    session.changed.connect(lambda: heard.append(session.view("study.title").text))
    session.set("study.title", "One")
    session.set("study.title", "One")
    assert heard == ["One"]


def test_a_preset_fills_values_and_states_and_is_named(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "if.toml"
    path.write_text(
        'name = "IF fixed"\nversion = 3\n[values]\n"specimen.preparation" = "4 % PFA"\n'
        '"study.authors" = "nobody <x>"\n[states]\n"biosample.organism" = "unknown"\n'
    )
    session = open_folder(folder)
    problems = session.apply_preset(read_preset(path))
    assert session.view("specimen.preparation").where == "IF fixed, version 3"
    assert session.view("specimen.preparation").origin == "preset"
    assert session.view("biosample.organism").state is State.UNKNOWN
    assert len(problems) == 1
    assert "neither an ORCID" in problems[0]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("not toml", "is no preset"),
        ('[values]\n"study.titel" = "x"', "field that does not exist"),
        ('[states]\n"study.title" = "lost"', "is no state"),
        ("values = 3", "must be tables"),
    ],
)
def test_a_broken_preset_is_refused_by_name(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=hint) as caught:
        read_preset(path)
    assert "broken.toml" in str(caught.value)


def test_a_renamed_image_is_recognised_and_its_sidecar_follows(folder: Path, image: Path) -> None:
    session, (source,) = opened(folder, image)
    session.set("image.physical_size_z", "0.3 µm", image=source.images[0].id)
    session.save()
    renamed = image.rename(folder / "renamed.ome.tif")
    again = open_folder(folder)
    found = again.moved_from(read_header(renamed))
    assert found is not None
    again.relocate(found, renamed)
    source = again.add(read_header(renamed))
    report = again.save()
    assert again.view("image.physical_size_z", source.images[0].id).text == "0.3 µm"
    assert folder / "renamed.ome.tif.companion.ome" in report.written
    assert not (folder / f"{image.name}.companion.ome").exists()
    assert [s.path for s in open_folder(folder).sources()] == ["renamed.ome.tif"]


def test_another_file_of_the_same_size_is_not_taken_for_a_renamed_one(
    folder: Path, image: Path
) -> None:
    session, _ = opened(folder, image)
    session.save()
    image.unlink()
    other = write_image(folder / "other.ome.tif", fill=7)
    assert open_folder(folder).moved_from(read_header(other)) is None


def test_a_lone_sidecar_seeds_a_new_record(folder: Path, image: Path) -> None:
    session, (source,) = opened(folder, image)
    session.set("biosample.organism", "mouse")
    session.set("study.authors", "Josiah Carberry <0000-0002-1825-0097>")
    session.set("acquisition.instrument", "Nikon Ti2")
    session.set("image.physical_size_z", "0.3 µm", image=source.images[0].id)
    session.save()
    (folder / "ro-crate-metadata.json").unlink()
    again, (source,) = opened(folder, image)
    id = source.images[0].id
    assert again.view("biosample.organism", id).term_id == "NCBITaxon:10090"
    assert again.view("biosample.organism", id).origin == "sidecar"
    assert again.view("study.authors", id).text == "Josiah Carberry <0000-0002-1825-0097>"
    assert again.view("acquisition.instrument", id).text == "Nikon Ti2"
    assert again.view("image.physical_size_z", id).text == "0.3 µm"


def test_a_missing_image_keeps_its_record(folder: Path, image: Path) -> None:
    other = write_image(folder / "other.ome.tif")
    session, _ = opened(folder, image, other)
    session.save()
    before = json.loads((folder / "ro-crate-metadata.json").read_bytes())
    other.unlink()
    again, _ = opened(folder, image)
    report = again.save()
    assert any("other.ome.tif is not there" in note for note in report.notes)
    assert json.loads((folder / "ro-crate-metadata.json").read_bytes()) == before
