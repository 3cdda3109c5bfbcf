"""Presets in a terminal: listed, shown, saved from a record, used on images."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folders import opened

Run = Callable[..., Any]


@pytest.fixture
def annotated(folder: Path) -> Path:
    """A folder with a record."""
    session, sources = opened(folder, *sorted(folder.glob("*.tif")))
    session.set("study.authors", "Josiah Carberry <0000-0002-1825-0097>")
    session.set("study.license", "CC-BY-4.0")
    session.set("acquisition.instrument", "Ti2")
    session.set("instrument.manufacturer", "Nikon")
    session.set("objective.lens_na", "1.4", image=sources[0].images[0].id)
    session.save()
    session.close()
    return folder


def test_without_presets_the_list_says_where_they_would_be(run: Run, read: Run) -> None:
    done = run("preset", "list")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "There are no presets yet" in done.stderr
    assert read("preset", "list")["presets"] == []


def test_a_part_of_a_record_is_saved_listed_and_shown(annotated: Path, run: Run, read: Run) -> None:
    made = read("preset", "save", "Ti2, ground floor", "--from", ".", "--blocks", "instrument")
    assert made["fields"] == ["acquisition.instrument", "instrument.manufacturer"]
    assert made["version"] == 1
    assert read("preset", "list")["presets"] == [made]
    shown = read("preset", "show", "ti2, GROUND floor")
    assert shown["values"] == {
        "acquisition.instrument": "Ti2",
        "instrument.manufacturer": "Nikon",
    }
    assert "Nikon" in run("preset", "show", "Ti2, ground floor").stdout
    assert "Ti2, ground floor" in run("preset", "list").stdout


def test_saving_again_is_the_next_version(annotated: Path, read: Run) -> None:
    words = ("preset", "save", "Us", "--from", ".", "--blocks", "people")
    assert [read(*words)["version"] for _ in range(3)] == [1, 2, 3]


def test_single_fields_are_saved_even_when_the_file_says_them(
    annotated: Path, read: Run, run: Run
) -> None:
    words = ("--fields", "study.license", "--fields", "image.physical_size_x")
    made = read("preset", "save", "Two", "--from", "a b.ome.tif", *words)
    assert set(made["fields"]) == {"study.license", "image.physical_size_x"}
    lacking = run("preset", "save", "None", "--from", ".", "--fields", "study.funding")
    assert lacking.exit_code == 2
    assert "Nothing is said about study.funding" in lacking.stderr
    wrong = run("preset", "save", "None", "--from", ".", "--fields", "study.titel")
    assert wrong.exit_code == 2
    assert "did you mean study.title" in wrong.stderr


def test_without_a_choice_all_parts_are_saved(annotated: Path, read: Run) -> None:
    made = read("preset", "save", "All", "--from", ".")
    assert {"study.authors", "instrument.manufacturer"} <= set(made["fields"])


def test_a_preset_is_used_on_images_and_the_record_says_so(
    annotated: Path, tmp_path: Path, run: Run, read: Run
) -> None:
    run("preset", "save", "Us", "--from", ".", "--blocks", "people")
    other = tmp_path / "other"
    other.mkdir()
    (annotated / "a b.ome.tif").rename(other / "c.ome.tif")
    plan = read("preset", "use", "us", other, "--dry-run")
    assert plan["dry_run"] is True
    assert [path.name for path in other.iterdir()] == ["c.ome.tif"]
    assert run("preset", "use", "us", other).exit_code == 0
    said = read("show", other)["study"]["study.authors"]
    assert (said["origin"], said["where"]) == ("preset", "Us, version 1")
    assert run("annotate", other, "--preset", "Us").exit_code == 0


def test_a_facility_locks_fields_in_a_folder_of_its_own(
    annotated: Path, tmp_path: Path, run: Run, read: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "facility"
    words = ("--from", ".", "--blocks", "instrument", "--lock", "instrument.*", "--to", library)
    made = read("preset", "save", "Ti2", *words)
    assert made["locked"] == ["instrument.*"]
    assert tomllib.loads(Path(made["file"]).read_text("utf-8"))["locked"] == ["instrument.*"]
    monkeypatch.setenv("NAPARI_FAIR_PRESETS", str(library))
    assert run("preset", "use", "Ti2", ".").exit_code == 0
    before = sorted((path, path.read_bytes()) for path in annotated.iterdir())
    refused = run("annotate", ".", "--set", "instrument.manufacturer=Zeiss")
    assert refused.exit_code == 2
    assert "Manufacturer is locked by the preset “Ti2”" in refused.stderr
    assert sorted((path, path.read_bytes()) for path in annotated.iterdir()) == before
    assert "locked" in run("preset", "show", "Ti2").stdout


def test_a_lock_holds_for_one_image_that_said_the_same_before(
    annotated: Path, run: Run, read: Run
) -> None:
    run("preset", "save", "Ti2", "--from", ".", "--blocks", "instrument", "--lock", "instrument.*")
    assert run("preset", "use", "Ti2", "a b.ome.tif").exit_code == 0
    said = read("show", "a b.ome.tif")["images"][0]["fields"]["instrument.manufacturer"]
    assert (said["origin"], said["where"]) == ("preset", "Ti2, version 1")
    refused = run("annotate", "a b.ome.tif", "--set", "instrument.manufacturer=Zeiss")
    assert refused.exit_code == 2
    assert "locked" in refused.stderr
    again = read("preset", "use", "Ti2", "a b.ome.tif")
    assert again["folders"][0]["written"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "Nothing"), "There is no preset 'Nothing'"),
        (("show", "no.toml"), "no.toml"),
        (("use", "Nothing", "."), "There is no preset 'Nothing'"),
        (("save", " ", "--from", "."), "has no name"),
        (("save", "A", "--from", ".", "--blocks", "lunch"), "no part 'lunch'"),
        (("save", "A", "--from", ".", "--lock", "lunch"), "no field to lock"),
        (("save", "A", "--from", "gone"), "gone"),
        (("save", "A", "--from", ".", "--blocks", "sample"), "nothing to keep yet"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    annotated: Path, run: Run, words: tuple[str, ...], said: str
) -> None:
    done = run("preset", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
