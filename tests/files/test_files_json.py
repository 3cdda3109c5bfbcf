from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.files import DamagedDocument, LossyDocument, dump_json, read_json

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values)
def test_what_is_written_reads_the_same_and_is_lossless(value: Any) -> None:
    document = read_json(dump_json(value))
    assert document.value == value
    assert document.lossless
    assert document.problem == ""
    assert dump_json(document.value) == dump_json(value)


@given(json_values)
def test_the_writing_of_others_survives(value: Any) -> None:
    document = read_json(json.dumps(value, ensure_ascii=True).encode())
    assert document.lossless
    assert json.loads(dump_json(document.value)) == value


def test_keys_keep_their_order() -> None:
    assert dump_json(read_json(b'{"b": 1, "a": {"z": 1, "y": 2}}').value) == (
        b'{\n  "b": 1,\n  "a": {\n    "z": 1,\n    "y": 2\n  }\n}\n'
    )


@pytest.mark.parametrize("text", ["1.10", "1E5", "1.0", "-0.0", "18446744073709551615", "1e-5"])
def test_numbers_written_another_way_but_equal_are_lossless(text: str) -> None:
    assert read_json(text.encode()).lossless


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"id": 12345678901234567890123}', "integer of 23 digits"),
        (b"18446744073709551616", "beyond 64 bits"),
        (b"-9223372036854775809", "beyond 64 bits"),
        (b"1" * 5000, "integer of 5000 digits"),
        (b'{"a": {"name": 1, "name": 2}}', "'name' twice"),
        (b'{"a": 1, "\\u0061": 2}', "'a' twice"),
        (b"0.1000000000000000055511151231257827", "does not fit a double"),
        (b"1e999", "does not fit a double"),
        (b"1e-400", "does not fit a double"),
        (b"1e-99999999999999999999", "does not fit a double"),
        (b"[-0]", "integer -0"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"a": 1}'.encode("utf-16"), "utf-16"),
        (b'["caf\xe9"]', "not utf-8"),
        (b'["\\ud800"]', "half a character"),
        (b'{"\\udc00": 1}', "half a character"),
        (b"[" * 300 + b"]" * 300, "nested too deeply"),
    ],
)
def test_what_a_rewrite_would_change_is_named(data: bytes, reason: str) -> None:
    document = read_json(data)
    assert not document.lossless
    assert reason in document.problem


def test_a_lossy_document_is_still_read() -> None:
    assert read_json(b'{"id": 12345678901234567890123}').value == {"id": 12345678901234567890123}
    assert read_json(b'{"a": 1, "a": 2}').value == {"a": 2}
    assert read_json(b'["a\\ud800", "\\ud83d\\ude00"]').value == ["a?", "\U0001f600"]
    assert read_json(b"\xef\xbb\xbf[1]").value == [1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not JSON",
        b"{'a': 1}",
        b'{"a": 1',
        b"\x89PNG\r\n\x1a\n\0\0",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b"<html/>",
    ],
)
def test_what_is_not_json_is_one_sentence_with_the_name(data: bytes) -> None:
    with pytest.raises(DamagedDocument) as caught:
        read_json(data, name="crate.json")
    assert str(caught.value).startswith("'crate.json' is ")
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        {"a": [float("inf")]},
        (1, float("nan")),
        2**64,
        "\ud800",
        {1: 2},
        {1},
        object(),
    ],
)
def test_what_json_cannot_hold_is_refused_not_changed(value: object) -> None:
    with pytest.raises(LossyDocument):
        dump_json(value)


@given(st.binary() | st.text('{}[]",:0123456789eE+-.nulltrue\\u"d8 ').map(str.encode))
def test_any_bytes_are_a_document_or_one_sentence(data: bytes) -> None:
    try:
        document = read_json(data)
    except DamagedDocument:
        return
    assert document.lossless == (not document.problem)
    if document.lossless:
        assert read_json(dump_json(document.value)).value == document.value
