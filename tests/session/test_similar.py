"""Taking over what the last image has, and what differs from it."""

from __future__ import annotations

from pathlib import Path

from folders import opened, write_image
from napari_fair.model import State
from napari_fair.session import Session
from napari_fair.session.similar import Place, differing, taken_over


def _places(session: Session) -> list[Place]:
    return [(session.dataset, s, i) for s in session.sources() for i in s.images]


def _take_over(session: Session) -> tuple[str, str]:
    last, now = _places(session)
    session.set_many(taken_over(last, now), origin="previous", where="a.ome.tif")
    return last[2].id, now[2].id


def _two(folder: Path) -> tuple[Session, str, str]:
    images = [write_image(folder / f"{name}.ome.tif") for name in "ab"]
    session, _ = opened(folder, *images)
    last, now = _places(session)
    return session, last[2].id, now[2].id


def test_what_a_person_typed_for_the_last_image_comes_along_as_previous(folder: Path) -> None:
    session, last, now = _two(folder)
    session.set("channel.1.fluor", "Alexa Fluor 488", image=last)
    session.set("biosample.extrinsic_variables", "nocodazole; 4 h", image=last)
    session.set_state("environment.temperature", State.UNKNOWN, image=last)
    _take_over(session)
    assert session.view("channel.1.fluor", now).text == "Alexa Fluor 488"
    assert session.view("biosample.extrinsic_variables", now).text == "nocodazole; 4 h"
    assert session.view("environment.temperature", now).state is State.UNKNOWN
    assert session.view("channel.1.fluor", now).origin == "previous"
    assert session.view("channel.1.fluor", now).where == "a.ome.tif"


def test_taking_over_is_one_step_to_undo(folder: Path) -> None:
    session, last, now = _two(folder)
    session.set("channel.0.fluor", "DAPI", image=last)
    session.set("channel.1.fluor", "GFP", image=last)
    _take_over(session)
    session.undo()
    assert session.view("channel.0.fluor", now).state is None
    assert session.view("channel.1.fluor", now).state is None


def test_what_tells_images_apart_stays_behind(folder: Path) -> None:
    session, last, now = _two(folder)
    session.set("image.name", "The first", image=last)
    session.set("image.acquisition_date", "2026-11-20", image=last)
    _take_over(session)
    assert session.view("image.name", now).text != "The first"
    assert session.view("image.acquisition_date", now).state is None


def test_what_was_said_of_this_image_stays(folder: Path) -> None:
    session, last, now = _two(folder)
    session.set("channel.0.fluor", "DAPI", image=last)
    session.set("channel.0.fluor", "Hoechst 33342", image=now)
    _take_over(session)
    assert session.view("channel.0.fluor", now).text == "Hoechst 33342"


def test_a_fact_put_right_is_put_right_again_where_the_file_says_the_same(folder: Path) -> None:
    session, last, now = _two(folder)
    session.set("image.physical_size_x", "0.2 µm", image=last)
    _take_over(session)
    assert session.view("image.physical_size_x", now).text == "0.2 µm"
    assert session.view("image.physical_size_x", now).replaced_text == "0.1 µm"


def test_a_fact_of_another_value_stays(folder: Path) -> None:
    session, last, now = _two(folder)
    session.set("image.size_x", "99", image=last)
    session.add(_header_of(write_image(folder / "b.ome.tif", size=32)))
    _take_over(session)
    assert session.view("image.size_x", now).text == "32"


def _header_of(path: Path) -> object:
    from napari_fair.headers import read_header

    return read_header(path)


def test_from_another_folder_everything_said_comes_along(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for place in folders:
        place.mkdir()
    first, _ = opened(folders[0], write_image(folders[0] / "a.ome.tif"))
    second, _ = opened(folders[1], write_image(folders[1] / "b.ome.tif"))
    first.set("study.title", "Spindles")
    first.set("biosample.organism", "human")
    first.set("study.authors", "Josiah Carberry <0000-0002-1825-0097>")
    first.set("acquisition.instrument", "Ti2")
    first.set("instrument.manufacturer", "Nikon")
    second.set("study.title", "Another title")
    (last,), (now,) = _places(first), _places(second)
    assert second.set_many(taken_over(last, now), origin="previous") == []
    assert second.view("study.title").text == "Another title"
    assert second.view("biosample.organism").term_id == "NCBITaxon:9606"
    assert "Carberry" in second.view("study.authors").text
    assert second.view("instrument.manufacturer").text == "Nikon"
    assert second.view("biosample.organism").level == "dataset"
    assert second.view("biosample.organism").origin == "previous"


def test_what_differs_is_what_the_files_say_differently(folder: Path) -> None:
    one, other = write_image(folder / "a.ome.tif"), write_image(folder / "b.ome.tif", size=32)
    session, _ = opened(folder, one, other)
    last, now = (place[2] for place in _places(session))
    assert differing(last, now) == ["image.size_x", "image.size_y"]
    assert differing(last, last) == []
