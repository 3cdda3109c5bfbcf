"""Blocks that images share: made, named, linked, taken away; each one step to undo."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from folders import write_image
from napari_fair.headers import read_header
from napari_fair.model import Conflict, KeyValue, State, resolve
from napari_fair.session import InvalidValue, Preset, Session, open_folder
from napari_fair.session.blocks import block_used, images_by_block, uses_of
from napari_fair.session.record_changes import (
    AddBlock,
    RemoveBlock,
    RenameBlock,
    SetPairs,
    UseBlock,
    do,
)
from napari_fair.session.similar import links_taken_over


@pytest.fixture
def session(folder: Path) -> Session:
    """A folder of three images, described alike."""
    opened = open_folder(folder)
    for name in ("a.ome.tif", "b.ome.tif", "c.ome.tif"):
        opened.add(read_header(write_image(folder / name)))
    opened.set("biosample.organism", "human")
    opened.set("acquisition.instrument", "Ti2")
    return opened


def _images(session: Session) -> list[str]:
    return [image.id for source in session.sources() for image in source.images]


def _add(session: Session, kind: str, label: str, **more: object) -> str:
    id = str(uuid4())
    do(session, AddBlock(kind=kind, id=id, label=label, **more))
    return id


def test_one_image_can_use_another_sample(session: Session) -> None:
    first, second, third = _images(session)
    treated = _add(session, "biosample", "HeLa, nocodazole", image=second)
    session.set("biosample.extrinsic_variables", "nocodazole", of=second)
    texts = [session.view("biosample.extrinsic_variables", i).text for i in (first, second, third)]
    assert texts == ["", "nocodazole", ""]
    counts = {use.name: use.images for use in uses_of(session.dataset, "biosample")}
    assert counts == {"Homo sapiens": 2, "HeLa, nocodazole": 1}
    assert images_by_block(session.dataset, "biosample")[treated] == 1


def test_a_value_of_a_block_changes_for_all_images_that_use_it_and_no_other(
    session: Session,
) -> None:
    first, second, third = _images(session)
    id = _add(session, "biosample", "mouse", image=second)
    do(session, UseBlock(kind="biosample", id=id, image=third))
    session.set("biosample.organism", "mouse", of=third)
    found = [session.view("biosample.organism", i).text for i in (first, second, third)]
    assert found == ["Homo sapiens", "Mus musculus", "Mus musculus"]


def test_a_duplicate_holds_the_values_and_pairs_of_its_like(session: Session) -> None:
    first = _images(session)[0]
    block = block_used(session.dataset, "biosample", first)
    assert block is not None
    pair = KeyValue(namespace="lab", key="freezer", value="3")
    do(session, SetPairs(kind="biosample", pairs=(pair,), of=first))
    _add(session, "biosample", "copy", copied=block.id, image=first)
    copy = block_used(session.dataset, "biosample", first)
    assert copy is not None and copy.id != block.id
    assert copy.pairs == (pair,)
    assert session.view("biosample.organism", first).text == "Homo sapiens"


@pytest.mark.parametrize("kind", ["biosample", "instrument"])
def test_all_images_or_all_scenes_of_a_file_can_be_given_a_block(
    session: Session, kind: str
) -> None:
    first, second, third = _images(session)
    source = session.sources()[1].id
    one = _add(session, kind, "one", source=source)
    assert images_by_block(session.dataset, kind)[one] == 1
    two = _add(session, kind, "two", image=first)
    assert block_used(session.dataset, kind, third).id not in (one, two)  # type: ignore[union-attr]
    do(session, UseBlock(kind=kind, id=two, everywhere=True))
    assert images_by_block(session.dataset, kind) == {two: 3}
    assert block_used(session.dataset, kind, second).id == two  # type: ignore[union-attr]


def test_an_image_that_goes_back_to_what_all_use_stores_nothing(session: Session) -> None:
    first, second, _ = _images(session)
    usual = block_used(session.dataset, "biosample", first)
    assert usual is not None
    _add(session, "biosample", "other", image=second)
    do(session, UseBlock(kind="biosample", id=usual.id, image=second))
    held = session.dataset.image(second)
    assert held is not None and held[1].uses.biosample is None


def test_every_change_is_one_step_to_undo_and_to_do_again(session: Session) -> None:
    first = _images(session)[0]
    before = session.dataset
    id = _add(session, "specimen", "fixed", image=first)
    after = session.dataset
    session.undo()
    assert session.dataset == before
    session.redo()
    assert session.dataset == after
    do(session, RenameBlock(kind="specimen", id=id, label="fixed in PFA"))
    session.undo()
    assert session.dataset == after


def test_a_block_in_use_stays_and_an_unused_one_goes(session: Session) -> None:
    first = _images(session)[0]
    usual = block_used(session.dataset, "biosample", first)
    assert usual is not None
    id = _add(session, "biosample", "other", image=first)
    with pytest.raises(InvalidValue, match="Images use this sample"):
        do(session, RemoveBlock(kind="biosample", id=id))
    do(session, UseBlock(kind="biosample", id=usual.id, image=first))
    do(session, RemoveBlock(kind="biosample", id=id))
    assert [block.id for block in session.dataset.biosamples] == [usual.id]


@pytest.mark.parametrize("label", ["", "  ", "HELA  A"])
def test_a_name_is_needed_and_used_once(session: Session, label: str) -> None:
    _add(session, "biosample", "HeLa a")
    before = session.dataset
    with pytest.raises(InvalidValue):
        _add(session, "biosample", label)
    assert session.dataset == before


def test_an_instrument_that_was_renamed_leaves_its_name_free(session: Session) -> None:
    first = _images(session)[0]
    known = block_used(session.dataset, "instrument", first)
    assert known is not None and known.label == "Ti2"
    do(session, RenameBlock(kind="instrument", id=known.id, label="Ti2, second floor"))
    assert session.view("acquisition.instrument", first).text == "Ti2, second floor"
    session.set("acquisition.instrument", "Ti2", image=first)
    assert len({block.id for block in session.dataset.instruments}) == 2


def test_as_the_last_image_links_to_the_same_blocks_in_one_step(session: Session) -> None:
    first, second, _ = _images(session)
    id = _add(session, "biosample", "treated", image=first)
    dataset = session.dataset
    last, now = dataset.image(first), dataset.image(second)
    assert last is not None and now is not None
    links = links_taken_over((dataset, *last), (dataset, *now))
    assert links == {"biosample": id}
    session.set_many([], of=second, links=links)
    assert images_by_block(session.dataset, "biosample")[id] == 2
    session.undo()
    assert session.dataset == dataset


def test_blocks_links_and_pairs_survive_saving_and_reopening(
    session: Session, folder: Path
) -> None:
    first, second, _ = _images(session)
    id = _add(session, "biosample", "Zelle ü", image=second)
    _add(session, "specimen", "not used")
    pair = KeyValue(namespace="https://lab.example/ns", key="Käfig", value="=7; 8")
    do(session, SetPairs(kind="biosample", pairs=(pair, pair), of=second))
    do(session, SetPairs(kind="study", pairs=(pair,)))
    session.save()
    again = open_folder(folder).dataset
    held = again.image(second)
    assert held is not None
    block = block_used(again, "biosample", second)
    assert block is not None and (block.id, block.label, block.pairs) == (
        id,
        "Zelle ü",
        (pair,) * 2,
    )
    assert again.study.pairs == (pair,)
    assert [use.name for use in uses_of(again, "specimen")] == ["not used"]
    assert resolve(again, *again.image(first), "biosample.organism") is not None  # type: ignore[misc]


def test_edits_of_blocks_are_recovered_after_a_crash(session: Session, folder: Path) -> None:
    first, second, _ = _images(session)
    _add(session, "biosample", "treated", image=second)
    session.set("biosample.organism", "mouse", of=second)
    session.set_many([], of=first, links={"biosample": session.dataset.biosamples[-1].id})
    do(session, SetPairs(kind="biosample", pairs=(KeyValue(key="k", value="v"),), of=second))
    before = session.dataset
    session.close()
    again = open_folder(folder)
    assert again.recover_draft() == []
    for source in before.sources:
        again.add(read_header(folder / source.path))
    assert again.dataset.biosamples == before.biosamples
    assert [i.uses for s in again.sources() for i in s.images] == [
        i.uses for s in before.sources for i in s.images
    ]


@pytest.mark.parametrize(("key", "value"), [("", "v"), ("k", " ")])
def test_a_pair_needs_key_and_value(session: Session, key: str, value: str) -> None:
    with pytest.raises(InvalidValue, match="both a key and a value"):
        do(session, SetPairs(kind="study", pairs=(KeyValue(key=key, value=value),)))


def test_a_preset_fills_the_blocks_that_the_image_uses(session: Session) -> None:
    first, second, _ = _images(session)
    _add(session, "biosample", "other", image=second)
    session.apply_preset(Preset("mouse", values={"biosample.organism": "mouse"}), image=second)
    found = [session.view("biosample.organism", image).text for image in (first, second)]
    assert found == ["Homo sapiens", "Mus musculus"]


def test_a_conflict_is_decided_in_the_block_it_is_about(session: Session) -> None:
    _, second, _ = _images(session)
    id = _add(session, "biosample", "other", image=second)
    session.set("biosample.organism", "mouse", of=second)
    mouse = session.dataset.biosamples[-1].organism
    human = session.dataset.biosamples[0].organism
    conflict = Conflict(subject=id, path="biosample.organism", candidates=(mouse, human))
    session.adopt(session.dataset.model_copy(update={"conflicts": (conflict,)}))
    session.decide(conflict, 1)
    assert session.view("biosample.organism", second).text == "Homo sapiens"
    assert session.dataset.biosamples[0].organism == human


def test_a_state_is_said_of_the_block_that_an_image_uses(session: Session, folder: Path) -> None:
    _, second, _ = _images(session)
    _add(session, "biosample", "other", image=second)
    session.set_state("biosample.organism", State.UNKNOWN, of=second)
    session.close()
    again = open_folder(folder)
    assert again.recover_draft() == []
    assert again.view("biosample.organism", second).state is State.UNKNOWN
    assert again.view("biosample.organism").text == "Homo sapiens"


def test_two_people_who_each_add_a_sample_keep_both(session: Session, folder: Path) -> None:
    _, second, third = _images(session)
    session.save()
    other = open_folder(folder)
    _add(session, "biosample", "mine", image=second)
    _add(other, "biosample", "theirs", image=third)
    session.save()
    other.save()
    both = open_folder(folder).dataset
    assert {block.label for block in both.biosamples} == {"", "mine", "theirs"}
    assert block_used(both, "biosample", second).label == "mine"  # type: ignore[union-attr]
    assert block_used(both, "biosample", third).label == "theirs"  # type: ignore[union-attr]
