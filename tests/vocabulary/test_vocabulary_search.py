from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.vocabulary import find, packs, search, vocabularies, warm_up

HERE = Path(__file__).parent


def queries(name: str) -> list[tuple[str, str, str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()[1:]
    return [(query, field, label) for query, field, label in (line.split("\t") for line in lines)]


def test_there_are_a_hundred_queries_and_a_hundred_kept_back() -> None:
    both = queries("first_hits.tsv") + queries("first_hits_held_back.tsv")
    assert len(both) == len({each[:2] for each in both}) == 200


EVERYDAY = queries("first_hits_everyday.tsv")


def test_every_vocabulary_is_asked_for_in_everyday_words() -> None:
    assert {field for _, field, _ in EVERYDAY} == set(vocabularies())


@pytest.mark.parametrize(("query", "field", "label"), [*queries("first_hits.tsv"), *EVERYDAY])
def test_the_obvious_answer_is_first(query: str, field: str, label: str) -> None:
    assert search(query, field)[0].term.label == label


def test_at_most_three_of_the_queries_kept_back_are_answered_otherwise() -> None:
    other = [
        (query, field, label)
        for query, field, label in queries("first_hits_held_back.tsv")
        if search(query, field)[0].term.label != label
    ]
    assert len(other) <= 3, other


def test_a_search_says_what_matched_and_keeps_the_limit() -> None:
    matches = search("micro", "imaging_method", limit=3)
    assert len(matches) == 3
    assert matches == sorted(matches, key=lambda match: -match.score)
    mouse = search("mou", "organism")[0]
    assert (mouse.matched, mouse.pack, mouse.id) == ("mouse", "organism", "NCBITaxon:10090")


def test_nothing_like_it_gives_no_match() -> None:
    assert search("qqqqzzzz", "organism") == []
    assert search("  ", "organism") == []
    assert search("mouse", "no such vocabulary") == []
    assert search("mouse", "organism", limit=0) == []


def test_cell_lines_cell_types_and_anatomy_are_searched_together() -> None:
    assert {match.pack for match in search("retina", "biological_entity", 50)} >= {"anatomy"}
    assert search("hela", "biological_entity")[0].pack == "cell_line"
    assert search("neuron", "biological_entity")[0].pack == "cell_type"
    assert search("brain", "biological_entity")[0].pack == "anatomy"


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_a_whole_label_finds_its_term_first(pack) -> None:  # type: ignore[no-untyped-def]
    field = next(field for field in pack.fields if field != "biological_entity")
    few = pack.entries[:: max(1, len(pack.entries) // 150)]
    assert [e.label for e in few if search(e.label, field, 3)[0].term != e.term] == []


@pytest.mark.parametrize("typed", ["hippocapmus", "hipocampus", "hippocmpus", "hippocammpus"])
def test_a_letter_swapped_left_out_or_added_is_forgiven(typed: str) -> None:
    assert search(typed, "anatomy")[0].term.label == "hippocampal formation"


def test_words_may_come_in_any_order_and_be_begun_only() -> None:
    assert search("disk spin", "imaging_method")[0].id == "FBbi:00000253"
    assert search("marrow bone", "anatomy")[0].term.label == "bone marrow"


def test_accents_do_not_matter() -> None:
    assert search("forster", "imaging_method")[0].term.label == "FRET"


@given(st.text(max_size=40), st.sampled_from(vocabularies()), st.integers(0, 12))
def test_any_text_is_answered_the_same_every_time(text: str, field: str, limit: int) -> None:
    matches = search(text, field, limit)
    assert matches == search(text, field, limit)
    assert len(matches) <= limit
    assert len({match.id for match in matches}) == len(matches)
    assert all(0 < match.score <= 100 for match in matches)


@given(st.sampled_from(queries("first_hits.tsv")), st.integers(1, 20))
def test_more_results_do_not_change_the_first_ones(each: tuple[str, str, str], limit: int) -> None:
    query, field, _ = each
    assert search(query, field, 30)[:limit][:1] == search(query, field, limit)[:1]


def test_what_is_found_exactly_comes_first() -> None:
    for query, field, _ in queries("first_hits.tsv"):
        exact = find(query, field)
        assert exact is None or search(query, field)[0].term == exact


def test_many_threads_may_search_at_once() -> None:
    found: list[list[str]] = []

    def work() -> None:
        warm_up("biological_entity")
        found.append([match.id for match in search("epithel", "biological_entity")])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(ids == found[0] for ids in found)
