"""Free pairs of images: kept, undone, saved, read again, and columns of the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folders import opened, write_image
from napari_fair.model import Image, KeyValue
from napari_fair.session import Change, InvalidValue, Session, Table, open_folder
from napari_fair.session.image_pairs import FROM_NAMES, confirmed, pair_path, pair_text, with_text
from napari_fair.session.record_changes import SetPairs, do
from napari_fair.session.spreadsheets import parse_rows
from napari_fair.sidecar import METADATA_FILE
from records import texts

PAIRS = (
    KeyValue(namespace="https://lab.example/", key="Küvette", value="7"),
    KeyValue(key="dish", value="a"),
    KeyValue(key="dish", value="b"),
)


@pytest.fixture
def session(folder: Path) -> Session:
    return opened(folder, *(write_image(folder / f"{n}.ome.tif") for n in (1, 2)))[0]


def _first(session: Session) -> Image:
    return session.sources()[0].images[0]


def test_pairs_of_an_image_are_one_edit_and_survive_saving_and_reopening(
    session: Session, folder: Path
) -> None:
    do(session, SetPairs(kind="image", pairs=PAIRS, of=_first(session).id))
    assert _first(session).pairs == PAIRS
    session.undo()
    assert _first(session).pairs == () and not session.can_undo
    session.redo()
    session.save()
    assert _first(open_folder(folder)).pairs == PAIRS


def test_pairs_come_back_from_the_sidecar_alone(session: Session, folder: Path) -> None:
    do(session, SetPairs(kind="image", pairs=PAIRS, of=_first(session).id))
    do(session, SetPairs(kind="biosample", pairs=PAIRS[:1]))
    session.save()
    session.close()
    (folder / METADATA_FILE).unlink()
    again, _ = opened(folder, folder / "1.ome.tif")
    assert set(_first(again).pairs) == set(PAIRS)
    assert again.dataset.biosamples[0].pairs == PAIRS[:1]


def test_pairs_survive_a_crash_and_reading_the_file_again(session: Session, folder: Path) -> None:
    do(session, SetPairs(kind="image", pairs=PAIRS, of=_first(session).id))
    session.set_many([Change(_first(session).id, pair_path("mood"), "", "blue")])
    session.close()
    again, _ = opened(folder, folder / "1.ome.tif")
    assert again.recover_draft() == []
    opened_again = again.sources()[0].images[0]
    assert opened_again.pairs == (*PAIRS, KeyValue(key="mood", value="blue"))


def test_a_pair_without_key_or_image_is_refused(session: Session) -> None:
    empty = (KeyValue(key=" ", value="x"),)
    for change in (
        SetPairs(kind="image", pairs=empty, of=_first(session).id),
        SetPairs(kind="image", pairs=PAIRS, of="nobody"),
    ):
        with pytest.raises(InvalidValue):
            do(session, change)
    assert not session.can_undo


def test_two_people_may_give_pairs_and_the_disk_wins(session: Session, folder: Path) -> None:
    session.save()
    other = open_folder(folder)
    do(other, SetPairs(kind="image", pairs=PAIRS[:1], of=_first(other).id))
    other.save()
    session.set("study.title", "Mine")
    session.save()
    assert _first(session).pairs == PAIRS[:1]


def test_a_key_is_a_column_that_is_written_and_read(session: Session) -> None:
    do(session, SetPairs(kind="image", pairs=PAIRS, of=_first(session).id))
    table = Table(session.dataset, [pair_path("dish"), pair_path("=key")])
    assert [table.cell(row, 0).text for row in (0, 1)] == ["a; b", ""]
    lines = parse_rows(table.dump(), delimiter="\t")
    assert table.changes_of(lines) == []
    lines[1][2], lines[2][3] = "a; c; d", "new"
    assert session.set_many(table.changes_of(lines)) == []
    assert _first(session).pairs[0] == PAIRS[0]
    assert [pair.value for pair in _first(session).pairs[1:]] == ["a", "c", "d"]
    assert session.sources()[1].images[0].pairs == (KeyValue(key="=key", value="new"),)
    session.undo()
    assert _first(session).pairs == PAIRS


def test_a_guess_that_a_person_changes_is_no_guess_any_more() -> None:
    guess, other = (KeyValue(namespace=FROM_NAMES, key="dish", value=v) for v in "ab")
    changed = other.model_copy(update={"value": "c"})
    assert confirmed((guess, other), (guess, changed)) == (guess, KeyValue(key="dish", value="c"))
    image = with_text(Image(id="i", pairs=(guess,)), "dish", "b")
    assert image.pairs == (KeyValue(key="dish", value="b"),)


@given(st.lists(st.builds(KeyValue, key=st.sampled_from("ab"), value=texts)), texts)
def test_a_text_that_is_set_is_the_text_that_is_shown(pairs: list[KeyValue], text: str) -> None:
    image = Image(id="i", pairs=tuple(pairs))
    changed = with_text(image, "a", text)
    wanted = [part.strip() for part in pair_text(changed, "a").split(";") if part.strip()]
    assert wanted == [part.strip() for part in text.split(";") if part.strip()]
    others = [pair for pair in pairs if pair.key != "a"]
    assert [pair for pair in changed.pairs if pair.key != "a"] == others
    assert with_text(changed, "a", pair_text(changed, "a")) == changed
    assert all(pair.key != "a" for pair in with_text(image, "a", " ").pairs)
