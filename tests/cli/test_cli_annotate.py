from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_state_path

CRATE = "ro-crate-metadata.json"


def drafts() -> list[Path]:
    return [path for path in user_state_path("napari-fair").rglob("*") if path.is_file()]


def field(read: Any, image: str, name: str) -> Any:
    (shown,) = read("show", image)["images"]
    return shown["fields"].get(name, {}).get("text")


def test_a_folder_becomes_one_dataset_with_a_sidecar_for_each_image(run: Any, folder: Path) -> None:
    result = run("annotate", ".", "--set", "study.title=Spindles")

    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in folder.iterdir()) == [
        "a b.ome.tif",
        "a b.ome.tif.companion.ome",
        CRATE,
        "ü#1.ome.tif",
        "ü#1.ome.tif.companion.ome",
    ]


@pytest.mark.parametrize(
    "settings",
    [
        ("study.title=Spindles", "biosample.organism=Homo sapiens"),
        ("study.authors=Josiah Carberry <0000-0002-1825-0097> @ Brown University",),
        ("image.physical_size_y=0.1 µm", "channel.0.fluor=DAPI", "image.physical_size_x=unknown"),
        ("acquisition.imaging_method=confocal microscopy", "acquisition.instrument=Ti2"),
    ],
)
def test_the_same_command_again_changes_no_byte(
    run: Any, folder: Path, contents: Any, settings: tuple[str, ...]
) -> None:
    words = ("annotate", ".", *(word for text in settings for word in ("--set", text)))
    assert run(*words).exit_code == 0
    after = contents(folder)

    assert run(*words).exit_code == 0

    assert contents(folder) == after


def test_a_method_that_disagrees_with_the_file_is_listed_once_and_for_all(
    run: Any, read: Any, folder: Path, contents: Any, make_image: Any
) -> None:
    make_image(folder / "a b.ome.tif", Channel={"AcquisitionMode": ["SpinningDiskConfocal"] * 2})
    words = ("annotate", ".", "--set", "acquisition.imaging_method=fluorescence microscopy")
    run(*words)
    after = contents(folder)
    (conflict,) = read("show", ".")["conflicts"]
    assert conflict["path"] == "acquisition.imaging_method"
    texts = [candidate["text"] for candidate in conflict["candidates"]]
    assert texts == ["fluorescence microscopy", "spinning disk confocal microscopy"]

    run(*words)

    assert contents(folder) == after


def test_images_stay_as_they_are(run: Any, folder: Path, contents: Any) -> None:
    before = contents(folder)

    run("annotate", ".", "--set", "image.physical_size_x=2 µm")

    assert {name: contents(folder)[name] for name in before} == before


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(
    run: Any, read: Any, folder: Path, contents: Any
) -> None:
    before = contents(folder)

    document = read("annotate", ".", "--set", "study.title=x", "--dry-run")

    (place,) = document["folders"]
    assert [Path(file["path"]).name for file in place["plan"]] == [
        "a b.ome.tif.companion.ome",
        "ü#1.ome.tif.companion.ome",
        CRATE,
    ]
    assert {file["action"] for file in place["plan"]} == {"create"}
    assert place["written"] == []
    assert contents(folder) == before
    assert drafts() == []


def test_a_dry_run_of_a_change_shows_the_change(run: Any, read: Any, folder: Path) -> None:
    run("annotate", ".", "--set", "study.title=Old")

    (place,) = read("annotate", ".", "--set", "study.title=New", "--dry-run")["folders"]

    crate = place["plan"][-1]
    assert crate["action"] == "update"
    assert any("New" in line for line in crate["changes"])


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ("study.date_published=soon", "soon"),
        ("study.titles=x", "study.title"),
        ("study.title", "field=value"),
        ("channel.fluor=DAPI", "channel.0.fluor"),
        ("study.0.title=x", "study.title"),
        ("channel.2.fluor=DAPI", "2 channels"),
        ("image.physical_size_x=3", "unit"),
        ("study.authors=A <0000-0002-1825-0098>", "check digit"),
    ],
)
def test_a_wrong_value_is_one_sentence_and_nothing_at_all_is_written(
    run: Any, folder: Path, contents: Any, setting: str, word: str
) -> None:
    before = contents(folder)

    result = run("annotate", ".", "--set", "study.title=x", "--set", setting)

    assert result.exit_code == 2
    assert word in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert contents(folder) == before
    assert drafts() == []


def test_a_value_for_one_of_several_images_is_its_own(run: Any, read: Any, folder: Path) -> None:
    run("annotate", ".", "--set", "biosample.organism=Homo sapiens")

    run("annotate", "ü#1.ome.tif", "--set", "biosample.organism=Mus musculus")

    assert field(read, "a b.ome.tif", "biosample.organism") == "Homo sapiens"
    assert field(read, "ü#1.ome.tif", "biosample.organism") == "Mus musculus"


def test_a_value_for_all_images_replaces_what_one_had_of_its_own(
    run: Any, read: Any, folder: Path
) -> None:
    run("annotate", ".", "--set", "biosample.organism=Homo sapiens")
    run("annotate", "ü#1.ome.tif", "--set", "biosample.organism=Mus musculus")

    run("annotate", ".", "--set", "biosample.organism=Danio rerio")

    for image in ("a b.ome.tif", "ü#1.ome.tif"):
        assert field(read, image, "biosample.organism") == "Danio rerio"
        (shown,) = read("show", image)["images"]
        assert shown["fields"]["biosample.organism"]["level"] == "dataset"


def test_the_study_is_one_even_when_one_image_is_named(run: Any, read: Any, folder: Path) -> None:
    run("annotate", ".", "--set", "study.title=Old")

    run("annotate", "ü#1.ome.tif", "--set", "study.title=New")

    assert field(read, "a b.ome.tif", "study.title") == "New"


def test_annotating_one_image_keeps_the_others_in_the_crate(
    run: Any, read: Any, folder: Path
) -> None:
    run("annotate", "a b.ome.tif")
    run("annotate", "ü#1.ome.tif")

    sources = read("show", ".")["sources"]

    assert [source["path"] for source in sources] == ["a b.ome.tif", "ü#1.ome.tif"]


def test_one_scene_can_have_a_value_of_its_own(
    run: Any, read: Any, folder: Path, make_image: Any
) -> None:
    make_image(folder / "three.ome.tif", scenes=3)
    words = ("annotate", "three.ome.tif", "--image", "1")

    run(*words, "--set", "biosample.organism=Mus musculus", "--set", "channel.0.fluor=DAPI")

    shown = read("show", "three.ome.tif")["images"]
    texts = [image["fields"].get("biosample.organism", {}).get("text") for image in shown]
    assert texts == [None, "Mus musculus", None]
    assert [image["fields"].get("channel.0.fluor") is not None for image in shown] == [
        *(False, True, False)
    ]


def test_a_scene_that_is_not_there_is_a_sentence(run: Any, folder: Path, contents: Any) -> None:
    before = contents(folder)

    result = run("annotate", "a b.ome.tif", "--image", "7", "--set", "channel.0.fluor=DAPI")

    assert result.exit_code == 2
    assert "no image 7" in result.stderr
    assert contents(folder) == before


def test_a_preset_fills_in_and_what_is_set_goes_before_it(
    run: Any, read: Any, folder: Path, tmp_path: Path
) -> None:
    preset = tmp_path / "preset.toml"
    preset.write_text(
        'name = "P"\nversion = 3\n[values]\n"study.title" = "Preset"\n'
        '"study.keywords" = ["one", "two"]\n[states]\n"biosample.organism" = "not applicable"\n',
        encoding="utf-8",
    )

    run("annotate", ".", "--preset", preset, "--set", "study.title=Typed")

    study = read("show", ".")["study"]
    assert (study["study.title"]["text"], study["study.title"]["origin"]) == ("Typed", "typed")
    keywords = study["study.keywords"]
    assert (keywords["value"], keywords["where"]) == (["one", "two"], "P, version 3")
    shared = read("show", ".")["shared"]
    assert shared["biosample.organism"]["state"] == "not applicable"


def test_a_preset_with_a_wrong_value_writes_nothing(
    run: Any, folder: Path, tmp_path: Path, contents: Any
) -> None:
    preset = tmp_path / "preset.toml"
    preset.write_text('[values]\n"study.date_published" = "soon"\n', encoding="utf-8")
    before = contents(folder)

    assert run("annotate", ".", "--preset", preset).exit_code == 2
    assert contents(folder) == before


def test_a_file_that_is_no_image_is_named_and_the_others_are_annotated(
    run: Any, read: Any, folder: Path
) -> None:
    (folder / "notes.txt").write_text("notes", encoding="utf-8")

    result = run("annotate", "notes.txt", "a b.ome.tif")

    assert result.exit_code == 1
    assert "notes.txt" in result.stderr
    assert [source["path"] for source in read("show", ".")["sources"]] == ["a b.ome.tif"]


@pytest.mark.parametrize("name", ["notes.txt", "gone.tif", "empty folder"])
def test_nothing_that_could_be_annotated_is_exit_code_2(
    run: Any, folder: Path, contents: Any, name: str
) -> None:
    (folder / "notes.txt").write_text("notes", encoding="utf-8")
    (folder / "empty folder").mkdir()
    before = contents(folder)

    result = run("annotate", name)

    assert result.exit_code == 2
    assert name in result.stderr
    assert contents(folder) == before


def test_a_sidecar_is_never_taken_for_an_image(run: Any, folder: Path, contents: Any) -> None:
    run("annotate", ".")
    after = contents(folder)

    result = run("annotate", "a b.ome.tif.companion.ome")

    assert result.exit_code == 2
    assert "sidecar" in result.stderr
    assert contents(folder) == after


def test_a_damaged_image_is_annotated_as_far_as_it_is_known(
    run: Any, read: Any, folder: Path
) -> None:
    whole = (folder / "a b.ome.tif").read_bytes()
    (folder / "a b.ome.tif").write_bytes(whole[: len(whole) // 2])

    result = run("annotate", "a b.ome.tif", "--set", "study.title=x")

    assert result.exit_code == 1
    assert [source["path"] for source in read("show", ".")["sources"]] == ["a b.ome.tif"]


def test_more_than_fifty_new_images_need_a_yes(run: Any, folder: Path, contents: Any) -> None:
    data = (folder / "a b.ome.tif").read_bytes()
    for number in range(49):
        (folder / f"{number}.ome.tif").write_bytes(data)
    before = contents(folder)

    refused = run("annotate", ".")

    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert contents(folder) == before
    assert run("annotate", ".", "--yes").exit_code == 0
    assert run("annotate", ".").exit_code == 0


def test_a_recursive_run_makes_one_record_and_stops_at_other_crates(
    run: Any, read: Any, folder: Path, make_image: Any
) -> None:
    for name in ("deep", "other"):
        (folder / name).mkdir()
        make_image(folder / name / "c.ome.tif")
    run("annotate", "other")

    run("annotate", ".", "--recursive", "--set", "study.title=Whole")

    assert [source["path"] for source in read("show", ".")["sources"]] == [
        "a b.ome.tif",
        "deep/c.ome.tif",
        "ü#1.ome.tif",
    ]
    assert field(read, "deep/c.ome.tif", "study.title") == "Whole"
    assert field(read, "other/c.ome.tif", "study.title") is None


def test_an_image_below_its_crate_is_annotated_there(
    run: Any, read: Any, folder: Path, make_image: Any
) -> None:
    (folder / "deep").mkdir()
    make_image(folder / "deep" / "c.ome.tif")
    run("annotate", ".", "--recursive")

    run("annotate", "deep/c.ome.tif", "--set", "study.title=Whole")

    assert not (folder / "deep" / CRATE).exists()
    assert field(read, "a b.ome.tif", "study.title") == "Whole"


def test_a_renamed_image_takes_its_record_along(run: Any, read: Any, folder: Path) -> None:
    run("annotate", ".")
    run("annotate", "ü#1.ome.tif", "--set", "biosample.organism=Mus musculus")
    (folder / "ü#1.ome.tif").rename(folder / "new name.ome.tif")

    result = run("annotate", "new name.ome.tif")

    assert "moved" in result.stderr
    assert field(read, "new name.ome.tif", "biosample.organism") == "Mus musculus"
    assert len(read("show", ".")["sources"]) == 2


def test_the_record_of_a_folder_can_be_kept_elsewhere(
    run: Any, read: Any, folder: Path, tmp_path: Path, contents: Any
) -> None:
    before = contents(folder)
    words = ("annotate", ".", "--to", tmp_path / "out", "--set", "study.title=Away")

    assert run(*words).exit_code == 0

    crate = tmp_path / "out" / f"{folder.name}.crate"
    assert contents(folder) == before
    assert (crate / CRATE).is_file()
    assert read("show", crate)["study"]["study.title"]["text"] == "Away"
    assert read("verify", crate)["files"][0]["status"] == "unchanged"
    after = contents(tmp_path)
    assert run(*words).exit_code == 0
    assert contents(tmp_path) == after


def test_two_folders_of_one_name_do_not_share_a_crate_elsewhere(
    run: Any, tmp_path: Path, make_image: Any
) -> None:
    for parent in ("one", "two"):
        (tmp_path / parent / "images").mkdir(parents=True)
        make_image(tmp_path / parent / "images" / "c.ome.tif")
    assert run("annotate", tmp_path / "one" / "images", "--to", tmp_path / "out").exit_code == 0

    result = run("annotate", tmp_path / "two" / "images", "--to", tmp_path / "out")

    assert result.exit_code == 2
    assert "another folder" in result.stderr


def test_a_folder_that_cannot_be_written_says_where_else_to_go(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_fair.files import FolderNotWritable
    from napari_fair.session import SaveJob

    def refuse(*_: Any) -> None:
        raise FolderNotWritable("The folder may not be written to.")

    monkeypatch.setattr(SaveJob, "run", refuse)

    result = run("annotate", ".")

    assert result.exit_code == 2
    assert "--to DIR" in result.stderr


def test_checksums_that_are_interrupted_stay_pending_and_verify_completes_them(
    run: Any, read: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_fair.session import Session

    def interrupt(_: Session) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Session, "save_job", _without_checksums(Session.save_job))
        patched.setattr(Session, "checksum_job", interrupt)
        stopped = run("annotate", ".", "--set", "study.title=x")
    assert stopped.exit_code == 130
    assert len(stopped.stderr.splitlines()) == 1
    assert {f["sha256"] for s in read("show", ".")["sources"] for f in s["files"]} == {None}

    files = read("verify", ".")["files"]

    assert {f["status"] for f in files if f["kind"] == "image"} == {"completed"}
    assert {f["status"] for f in read("verify", ".")["files"]} == {"unchanged"}


def _without_checksums(save_job: Any) -> Any:
    from dataclasses import replace

    return lambda self, sources=None: replace(save_job(self, sources), checksum_limit=0)


def test_a_value_that_is_hardly_right_is_kept_and_told(folder: Path, run: Any) -> None:
    done = run("annotate", "a b.ome.tif", "--set", "image.physical_size_x=1e300 µm")
    assert done.exit_code == 0
    assert "Pixel size X: Pixels measure 10 pm to 10 mm: is 1e+300 µm right?" in done.stderr
