"""Fields that only the facility edits, and presets in folders of a facility."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from folders import opened
from napari_fair.files import FairError
from napari_fair.model import State
from napari_fair.session import Change, InvalidValue, Preset, Session, read_preset
from napari_fair.session.preset_shelf import (
    find_preset,
    preset_folders,
    preset_text,
    presets_folder,
    remove_preset,
    save_preset,
    saved_presets,
    settings_file,
)

TI2 = Preset(
    "Ti2",
    2,
    {
        "acquisition.instrument": "Ti2 of the facility",
        "instrument.manufacturer": "Nikon",
        "environment.temperature": "37 °C",
        "study.keywords": "mitosis",
    },
    locked=("acquisition.instrument", "instrument.*", "environment.temperature"),
)
SP8 = Preset(
    "SP8",
    1,
    {"acquisition.instrument": "SP8", "instrument.manufacturer": "Leica"},
    locked=("acquisition.instrument", "instrument.*"),
)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the facility with two presets that lock fields."""
    place = tmp_path / "facility, Haus 3"
    place.mkdir()
    for preset in (TI2, SP8):
        (place / f"{preset.name}.toml").write_text(preset_text(preset), "utf-8")
    monkeypatch.setenv("NAPARI_FAIR_PRESETS", f"{tmp_path / 'not there'}{os.pathsep}{place}")
    return place


@pytest.fixture
def session(folder: Path, image: Path, library: Path) -> Session:
    found, (source,) = opened(folder, image)
    assert found.apply_preset(TI2, image=source.images[0].id) == []
    return found


def first(session: Session) -> str:
    return session.sources()[0].images[0].id


EDITS: dict[str, Callable[[Session, str], object]] = {
    "typed": lambda s, _: s.set("instrument.manufacturer", "Zeiss"),
    "cleared": lambda s, _: s.set("instrument.manufacturer", ""),
    "the same again": lambda s, _: s.set("instrument.manufacturer", "Nikon"),
    "of one image": lambda s, i: s.set("instrument.manufacturer", "Zeiss", image=i),
    "a state": lambda s, _: s.set_state("instrument.manufacturer", State.UNKNOWN),
    "another instrument": lambda s, i: s.set("acquisition.instrument", "mine", image=i),
    "an image's": lambda s, i: s.set("environment.temperature", "20 °C", image=i),
    "dropped": lambda s, i: s.drop_override("environment.temperature", i),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_locked_value_stays_as_it_is(
    session: Session, edit: Callable[[Session, str], object]
) -> None:
    before = session.dataset
    with pytest.raises(InvalidValue, match="locked by the preset “Ti2”"):
        edit(session, first(session))
    assert session.dataset is before


def test_a_table_keeps_locked_values_and_takes_the_others(session: Session) -> None:
    image = first(session)
    changes = [
        Change(image, "environment.temperature", "", "20 °C"),
        Change(image, "environment.co2", "", "5 %"),
        Change("", "instrument.manufacturer", "", "Zeiss"),
    ]
    problems = session.set_many(changes)
    assert [problem.split(" is locked")[0] for problem in problems] == [
        "Temperature",
        "Manufacturer",
    ]
    assert session.view("environment.co2", image).text == "5 %"
    assert session.view("environment.temperature", image).text == "37 °C"


def test_the_form_sees_which_preset_locks_a_field(session: Session) -> None:
    image = first(session)
    assert session.view("instrument.manufacturer", image).locked_by == "Ti2"
    assert session.view("environment.temperature", image).locked_by == "Ti2"
    assert session.view("study.keywords", image).locked_by == ""
    session.set("study.keywords", "anaphase")
    assert session.view("study.keywords", image).text == "anaphase"


def test_another_preset_of_the_facility_may_take_its_place(session: Session) -> None:
    image = first(session)
    assert session.apply_preset(SP8, image=image) == []
    assert session.view("instrument.manufacturer", image).text == "Leica"
    assert session.view("instrument.manufacturer", image).locked_by == "SP8"


def test_a_preset_of_ones_own_changes_only_what_is_not_locked(session: Session) -> None:
    own = Preset("Own", values={"instrument.manufacturer": "Zeiss", "study.title": "Spindles"})
    (problem,) = session.apply_preset(own, image=first(session))
    assert "Manufacturer is locked" in problem
    assert session.view("study.title").text == "Spindles"


def test_undo_takes_the_preset_back_and_a_lock_with_it(session: Session) -> None:
    assert session.undo()
    session.set("acquisition.instrument", "mine")
    assert session.view("acquisition.instrument").locked_by == ""


def test_the_lock_is_there_when_the_folder_is_opened_again(
    session: Session, folder: Path, library: Path
) -> None:
    session.save()
    session.close()
    again, _ = opened(folder)
    with pytest.raises(InvalidValue, match="locked"):
        again.set("instrument.manufacturer", "Zeiss")


def test_the_facility_unlocks_in_its_file(session: Session, folder: Path, library: Path) -> None:
    session.save()
    session.close()
    text = preset_text(TI2)
    locked = next(line for line in text.splitlines() if line.startswith("locked"))
    (library / "Ti2.toml").write_text(text.replace(f"{locked}\n", ""), "utf-8")
    again, _ = opened(folder)
    again.set("instrument.manufacturer", "Zeiss")
    assert again.view("instrument.manufacturer").text == "Zeiss"


def test_presets_of_all_folders_are_listed_and_found_by_name(library: Path) -> None:
    own = save_preset(Preset("mine", values={"study.title": "a"}))
    assert own.parent == presets_folder()
    assert preset_folders()[0] == presets_folder()
    assert [preset.name for preset in saved_presets().values()] == ["mine", "SP8", "Ti2"]
    assert find_preset("ti2")[0] == library / "Ti2.toml"
    assert find_preset(str(library / "SP8.toml"))[1].name == "SP8"
    with pytest.raises(FairError, match="There is no preset 'Ti3'; there are: 'mine', 'SP8'"):
        find_preset("Ti3")
    save_preset(Preset("mine", values={"study.title": "b"}), library)
    with pytest.raises(FairError, match="Several presets are called 'mine'"):
        find_preset("mine")


def test_the_folder_may_stand_in_the_settings(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NAPARI_FAIR_PRESETS")
    assert saved_presets() == {}
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(f"presets = '{library}'\n", "utf-8")
    assert len(saved_presets()) == 2
    settings_file().write_text(f"presets = ['{library}', '~/none']\n", "utf-8")
    assert len(saved_presets()) == 2
    settings_file().write_text("presets = [", "utf-8")
    assert saved_presets() == {}


def test_a_preset_that_locks_is_neither_shadowed_nor_deleted(library: Path) -> None:
    with pytest.raises(FairError, match="choose another name"):
        save_preset(Preset("ti2", values={"study.title": "a"}))
    with pytest.raises(FairError, match="locks fields"):
        remove_preset(library / "Ti2.toml")
    newer = save_preset(Preset("Ti2", values={"study.title": "a"}), library)
    assert (read_preset(newer).version, read_preset(newer).locked) == (3, TI2.locked)


@pytest.mark.parametrize("locked", ["'instrument.*'", "['instrument.colour']", "['all.*']"])
def test_a_file_that_locks_what_is_no_field_is_no_preset(tmp_path: Path, locked: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f"name = 'a'\nlocked = {locked}\n", "utf-8")
    with pytest.raises(FairError, match=r"a\.toml"):
        read_preset(path)
