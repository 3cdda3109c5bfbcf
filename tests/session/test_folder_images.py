"""Images of the folder that nobody opened join the record, and leave it until they are saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from folders import opened, write_image
from napari_fair.session import Session, open_folder
from napari_fair.session.drafts import take_out
from napari_fair.session.folder_images import gather, join, prepare, unopened

NAMES = [f"{name}.ome.tif" for name in "abcd"]


@pytest.fixture
def session(folder: Path) -> Session:
    """A session with the first image saved and the others read from the folder."""
    first, *_ = [write_image(folder / name) for name in NAMES]
    session, _ = opened(folder, first)
    session.save()
    _add_all(session)
    return session


def _add_all(session: Session) -> None:
    found = unopened(session.dataset, session.folder, session.folder)
    gathered = gather(session.dataset, session.folder, found)
    assert join(session, prepare(session.dataset, session.folder, gathered))


def _names(session: Session) -> list[str]:
    return [source.path for source in session.sources()]


def _ids(session: Session, *numbers: int) -> list[str]:
    return [session.sources()[number].id for number in numbers]


def test_drafts_are_taken_out_as_one_edit_and_saved_ones_stay(session: Session) -> None:
    assert take_out(session, _ids(session, 0, 1, 3)) == 2
    assert _names(session) == [NAMES[0], NAMES[2]]
    assert session.undo() and _names(session) == NAMES
    assert session.redo() and _names(session) == [NAMES[0], NAMES[2]]
    assert session.undo() and _names(session) == NAMES
    assert not session.can_undo
    assert take_out(session, []) == 0 and not session.can_undo


def test_edits_before_and_after_are_undone_in_their_order(session: Session) -> None:
    second = session.sources()[1].images[0].id
    session.set("specimen.location", "left", image=second)
    take_out(session, _ids(session, 1, 2))
    session.set("study.title", "Later")
    for _ in range(3):
        session.undo()
    assert _names(session) == NAMES
    assert session.view("specimen.location", second).text == ""
    for _ in range(3):
        session.redo()
    assert _names(session) == [NAMES[0], NAMES[3]]
    assert session.view("study.title").text == "Later"
    session.undo()
    session.undo()
    assert session.view("specimen.location", second).text == "left"


def test_what_was_saved_meanwhile_is_not_taken_out_again(session: Session) -> None:
    take_out(session, _ids(session, 1))
    session.undo()
    session.save()
    session.redo()
    assert _names(session) == NAMES
    assert take_out(session, _ids(session, 0, 1, 2, 3)) == 0


def test_images_that_joined_since_stay_when_it_is_done_again(session: Session) -> None:
    take_out(session, _ids(session, 1))
    session.undo()
    write_image(session.folder / "e.ome.tif")
    _add_all(session)
    session.redo()
    assert _names(session) == [NAMES[0], *NAMES[2:], "e.ome.tif"]


def test_what_was_taken_out_can_be_added_again_and_survives_a_crash(session: Session) -> None:
    second = session.sources()[1].images[0].id
    session.set("specimen.location", "left", image=second)
    take_out(session, _ids(session, 1, 2))
    _add_all(session)
    assert _names(session) == NAMES
    session.set("specimen.location", "right", image=second)
    session.set("study.title", "T")
    session.undo()
    session.close()
    again = open_folder(session.folder)
    assert again.recover_draft() == []
    assert again.view("specimen.location", second).text == "right"
    assert again.view("study.title").text == ""


def test_a_crash_after_taking_out_and_undoing_leaves_other_edits_as_they_were(
    session: Session,
) -> None:
    session.set("study.title", "T")
    take_out(session, _ids(session, 1, 2))
    session.undo()
    session.close()
    again = open_folder(session.folder)
    assert again.recover_draft() == []
    assert again.view("study.title").text == "T"


def test_only_what_is_left_is_saved(session: Session) -> None:
    take_out(session, _ids(session, 2))
    session.save()
    assert _names(open_folder(session.folder)) == [NAMES[0], NAMES[1], NAMES[3]]
    assert not list(session.folder.glob("c.*companion*"))
