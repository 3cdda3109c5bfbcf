from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.vocabulary.keys import key, spellings
from napari_fair.vocabulary.near import errors_allowed, near_words
from napari_fair.vocabulary.ranking import ranked
from napari_fair.vocabulary.rows import Row
from napari_fair.vocabulary.store import read_file, read_folder, write_file, write_folder
from napari_fair.vocabulary.tables import ARRAYS, TEXTS, WORD_WIDTH, Tables, build

NAMES = st.text("abcdé 12-", min_size=1, max_size=14).filter(key)
ROWS = st.lists(
    st.builds(
        lambda label, names, related, prior: (label, tuple(names), tuple(related), prior),
        NAMES,
        st.lists(NAMES, max_size=3),
        st.lists(NAMES, max_size=2),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=12,
).map(
    lambda terms: [
        Row(f"t:{place}", label, "", names, related, {}, prior)
        for place, (label, names, related, prior) in enumerate(terms)
    ]
)


def distance_to_a_beginning(typed: bytes, word: bytes) -> int:
    """Compare letter by letter, as the textbook has it."""
    table = [[*range(len(word) + 1)]]
    for row, letter in enumerate(typed, start=1):
        line = [row]
        for place, other in enumerate(word, start=1):
            best = min(table[-1][place - 1] + (letter != other), table[-1][place] + 1, line[-1] + 1)
            if row > 1 and place > 1 and letter == word[place - 2] and typed[row - 2] == other:
                best = min(best, table[-2][place - 2] + 1)
            line.append(best)
        table.append(line)
    return min(table[-1])


@given(
    st.binary(min_size=1, max_size=WORD_WIDTH).map(lambda raw: bytes(97 + b % 4 for b in raw)),
    st.lists(st.text("abcd", min_size=1, max_size=WORD_WIDTH), min_size=1, max_size=20),
)
def test_words_are_near_as_the_textbook_says(typed: bytes, texts: list[str]) -> None:
    letters = np.zeros((WORD_WIDTH, len(texts)), dtype=np.uint8)
    for place, text in enumerate(texts):
        letters[: len(text), place] = np.frombuffer(text.encode(), dtype=np.uint8)
    allowed = errors_allowed(len(typed))
    found, differences = near_words(typed, letters)
    expected = {
        place: distance
        for place, text in enumerate(texts)
        if (distance := distance_to_a_beginning(typed, text.encode())) <= allowed and allowed
    }
    assert dict(zip(found.tolist(), differences.tolist(), strict=True)) == expected


@given(ROWS)
def test_every_beginning_of_every_name_finds_its_term(rows: list[Row]) -> None:
    tables = build(rows)
    for number, row in enumerate(rows):
        for _, name in row.named():
            compared = key(name)
            for end in range(1, len(compared) + 1):
                begun = key(compared[:end])
                found = ranked(tables, begun, "", 1000) if begun else []
                assert not begun or number in [each.row for each in found], (name, begun)


@given(ROWS)
def test_a_whole_name_goes_before_what_only_begins_so(rows: list[Row]) -> None:
    tables = build(rows)
    for row in rows:
        sought = key(row.label)
        best = rows[ranked(tables, sought, "", 5)[0].row]
        assert sought in [key(name) for _, name in best.named()]


@given(ROWS, st.text("abcdé 12-", max_size=14))
def test_scores_fall_and_no_term_comes_twice(rows: list[Row], text: str) -> None:
    if sought := key(text):
        found = ranked(build(rows), sought, "", 8)
        scores = [each.score for each in found]
        assert scores == sorted(scores, reverse=True)
        assert len({each.row for each in found}) == len(found)


def same(left: Tables, right: Tables) -> bool:
    return all(
        np.array_equal(getattr(getattr(left, name), part), getattr(getattr(right, name), part))
        for name in TEXTS
        for part in ("letters", "starts", "numbers")
    ) and all(np.array_equal(getattr(left, name), getattr(right, name)) for name in ARRAYS)


@pytest.mark.parametrize(
    "rows", [[], [Row("t:1", "eye", "http://x.y/1", ("ojo",), (), {"a": "b"})]]
)
def test_an_index_comes_back_from_a_file_and_from_a_folder(tmp_path: Path, rows: list[Row]) -> None:
    tables = build(rows)
    for name in ("one.pack", "two.pack"):
        write_file(tmp_path / name, {"title": "é"}, tables)
    write_folder(tmp_path, {"title": "é"}, tables)
    assert (tmp_path / "one.pack").read_bytes() == (tmp_path / "two.pack").read_bytes()
    assert same(read_file(tmp_path / "one.pack"), tables)
    assert same(read_folder(tmp_path), tables)
    lines = [read_folder(tmp_path).rows.at(place).decode() for place in range(len(rows))]
    assert [Row.from_line(line) for line in lines] == rows
    assert ranked(tables, "eye", "", 3) == [] or rows


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("livers", {"liver"}),
        ("fruit flies", {"fruit fly"}),
        ("oesophagus", {"esophagus"}),
        ("haematopoietic cells", {"hematopoietic cells", "hematopoietic cell"}),
        ("colocalisation", {"colocalization"}),
        ("colour", {"color"}),
        ("fibre", {"fiber"}),
        ("boxes", {"box"}),
        ("rat", set()),
        ("axis", set()),
    ],
)
def test_plurals_and_british_spelling_are_other_spellings(typed: str, others: set[str]) -> None:
    assert others <= set(spellings(typed))
    assert bool(spellings(typed)) == bool(others)
