"""Presets: saved from a record, read again, used, and numbered."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folders import opened
from napari_fair.files import FairError
from napari_fair.model import State
from napari_fair.session import Preset, Session, read_preset
from napari_fair.session.preset_shelf import (
    PARTS,
    preset_of,
    preset_text,
    remove_preset,
    save_preset,
    saved_presets,
)


@pytest.fixture
def filled(folder: Path, image: Path) -> Session:
    session, (source,) = opened(folder, image)
    session.set("study.title", "Spindles")
    session.set("study.authors", "Josiah Carberry <0000-0002-1825-0097>; Ann Other")
    session.set("biosample.organism", "human; mouse")
    session.set_state("biosample.extrinsic_variables", State.NOT_APPLICABLE)
    session.set("acquisition.instrument", "Ti2 of the second floor")
    session.set("instrument.manufacturer", "Nikon")
    session.set("channel.0.fluor", "DAPI", image=source.images[0].id)
    session.set("environment.temperature", "37 °C")
    return session


def _kept(session: Session, *parts: str) -> Preset:
    (source,) = session.sources()
    place = (source, source.images[0])
    return preset_of(session.dataset, place, name="Mine", parts=parts)


def test_a_part_holds_its_fields_and_no_others(filled: Session) -> None:
    sample = _kept(filled, "sample")
    assert sample.values == {"biosample.organism": "Homo sapiens; Mus musculus"}
    assert sample.states == {"biosample.extrinsic_variables": State.NOT_APPLICABLE}
    assert set(_kept(filled, "people").values) == {"study.authors"}
    instrument = _kept(filled, "instrument").values
    assert set(instrument) == {"acquisition.instrument", "instrument.manufacturer"}


def test_what_only_the_file_says_is_left_out(filled: Session) -> None:
    protocol = _kept(filled, "protocol").values
    assert protocol["channel.0.fluor"] == "DAPI"
    assert "37" in protocol["environment.temperature"]
    assert "channel.0.name" not in protocol


def test_what_was_saved_fills_another_record_and_says_where_it_came_from(
    filled: Session, tmp_path: Path, image: Path
) -> None:
    path = save_preset(_kept(filled, *PARTS), tmp_path / "presets")
    other = tmp_path / "other"
    other.mkdir()
    image.rename(other / image.name)
    session, (source,) = opened(other, other / image.name)
    assert session.apply_preset(read_preset(path), image=source.images[0].id) == []
    shown = session.view("biosample.organism", source.images[0].id)
    assert (shown.text, shown.origin, shown.where) == (
        "Homo sapiens; Mus musculus",
        "preset",
        "Mine, version 1",
    )
    assert session.view("instrument.manufacturer").text == "Nikon"
    session.undo()
    assert session.view("study.title").state is None


def test_saving_again_raises_the_version(filled: Session, tmp_path: Path) -> None:
    paths = {save_preset(_kept(filled, "sample"), tmp_path) for _ in range(3)}
    (path,) = paths
    assert read_preset(path).version == 3


def test_names_that_make_the_same_file_name_stay_apart(filled: Session, tmp_path: Path) -> None:
    kept = _kept(filled, "sample")
    for name in ("IF: fixed", "IF/ fixed", "../../IF fixed"):
        save_preset(Preset(name, values=kept.values), tmp_path / "shelf")
    found = saved_presets(tmp_path / "shelf")
    assert {preset.name for preset in found.values()} == {
        "IF: fixed",
        "IF/ fixed",
        "../../IF fixed",
    }
    assert {preset.version for preset in found.values()} == {1}
    assert {path.parent for path in found} == {tmp_path / "shelf"}


def test_a_file_that_is_no_preset_is_not_listed(filled: Session, tmp_path: Path) -> None:
    path = save_preset(_kept(filled, "sample"), tmp_path)
    (tmp_path / "broken.toml").write_text("name = ", "utf-8")
    assert list(saved_presets(tmp_path)) == [path]
    remove_preset(path)
    assert saved_presets(tmp_path) == {}


@pytest.mark.parametrize(("name", "values"), [("", {"study.title": "a"}), ("Empty", {})])
def test_a_preset_without_name_or_content_is_refused(
    tmp_path: Path, name: str, values: dict[str, str]
) -> None:
    with pytest.raises(FairError):
        save_preset(Preset(name, values=values), tmp_path)
    assert list(tmp_path.iterdir()) == []


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXTS, TEXTS)
def test_every_text_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, name: str, text: str
) -> None:
    path = tmp_path_factory.mktemp("text") / "a.toml"
    preset = Preset(name, 7, {"study.description": text}, {"study.title": State.UNKNOWN})
    path.write_bytes(preset_text(preset).encode("utf-8"))
    assert read_preset(path) == preset
