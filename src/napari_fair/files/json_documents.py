"""JSON of strangers: what it says, and whether a rewrite would keep all of it."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

import orjson

from napari_fair.files.errors import DamagedDocument, LossyDocument, shown

MAX_JSON_BYTES = 256 << 20
_LARGEST_INTEGER = 2**64 - 1
_SMALLEST_INTEGER = -(2**63)
_LONGEST_INTEGER = 20


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """
    A JSON document as read.

    Attributes
    ----------
    value
        What it says: dict, list, str, int, float, bool or None. Where something is lost, this is
        the best reading: the last of duplicate keys, unpaired surrogates as `?`.
    lossless
        Whether writing `value` with `dump_json` says the same: every key, in order, with the same
        text and the numerically same numbers.
    problem
        Why not; empty when lossless.
    """

    value: Any
    lossless: bool
    problem: str


def read_json(data: bytes, *, name: str = "the document") -> JsonDocument:
    """
    Read JSON and prove whether it survives a rewrite.

    Parameters
    ----------
    data
        The document.
    name
        What to call it in an error, usually the path.

    Raises
    ------
    DamagedDocument
        It is not JSON, is nested too deeply to be read safely or is larger than `MAX_JSON_BYTES`.
    """
    if len(data) > MAX_JSON_BYTES:
        raise _damaged(name, f"is larger than {MAX_JSON_BYTES >> 20} MiB")
    text, problem = _decode(data)
    reader = _CarefulReader()
    try:
        value = reader.read(text)
    except RecursionError as error:
        raise _damaged(name, "is nested too deeply") from error
    except ValueError as error:
        raise _damaged(name, f"is not JSON ({error})") from error
    problem = problem or reader.problem
    if problem:
        return JsonDocument(value, False, problem)
    return _prove(value, data)


def dump_json(value: Any) -> bytes:
    """
    Write JSON: UTF-8, two spaces of indentation, keys in the order given, a line break at the end.

    The same value gives the same bytes.

    Raises
    ------
    LossyDocument
        The value holds what JSON or 64 bits cannot: NaN, infinity, a larger integer, an unpaired
        surrogate, a key that is not text, or more than 254 levels.
    """
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    options |= orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
    try:
        data = orjson.dumps(value, option=options)
    except TypeError as error:
        raise LossyDocument(f"The record cannot be written as JSON: {error}.") from error
    if _has_non_finite(value):
        raise LossyDocument("The record cannot be written as JSON: a number is not finite.")
    return data


class _CarefulReader:
    """The standard library's parser with an eye on everything that a rewrite would change."""

    def __init__(self) -> None:
        self.problem = ""

    def read(self, text: str) -> Any:
        value = json.loads(
            text,
            parse_int=self._integer,
            parse_float=self._float,
            parse_constant=self._constant,
            object_pairs_hook=self._object,
        )
        return self._paired(value) if "\\u" in text else value

    def _note(self, problem: str) -> None:
        self.problem = self.problem or problem

    def _integer(self, text: str) -> int | float:
        if text == "-0":
            self._note("it holds the integer -0")
        if len(text) > _LONGEST_INTEGER:
            self._note(f"it holds an integer of {len(text.lstrip('-'))} digits")
            # Python refuses to convert thousands of digits; 64 bits are lost already.
            return int(text) if len(text) <= 1000 else float(text)
        value = int(text)
        if not _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER:
            self._note(f"it holds an integer beyond 64 bits ({text})")
        return value

    def _float(self, text: str) -> float:
        value = float(text)
        if not isfinite(value) or not _same_number(text, value):
            self._note(f"it holds a number that does not fit a double ({text[:40]})")
        return value

    def _constant(self, text: str) -> float:
        self._note(f"it holds {text}, which JSON does not know")
        return float(text.replace("Infinity", "inf"))

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            self._note(f"it holds the key {shown(_first_duplicate(pairs))} twice in one object")
        return value

    def _paired(self, value: Any) -> Any:
        text = json.dumps(value, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            self._note("it holds half a character (an unpaired surrogate)")
            return json.loads(text.encode("utf-8", "replace"))
        return value


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace"), "it starts with a byte order mark"
    encoding = json.detect_encoding(data)
    problem = "" if encoding.startswith("utf-8") else f"it is encoded in {encoding}"
    try:
        return data.decode(encoding), problem
    except UnicodeDecodeError:
        return data.decode(encoding, "replace"), f"it holds bytes that are not {encoding}"


def _prove(value: Any, data: bytes) -> JsonDocument:
    """Compare with the parser and writer that a rewrite would use."""
    try:
        same = orjson.loads(orjson.dumps(value)) == value == orjson.loads(data)
    except TypeError:
        return JsonDocument(value, False, "it is nested too deeply to be written again")
    except orjson.JSONDecodeError as error:
        return JsonDocument(value, False, f"it is not strict JSON ({error})")
    return JsonDocument(value, same, "" if same else "it reads differently after a rewrite")


def _same_number(text: str, value: float) -> bool:
    try:
        return Decimal(text) == Decimal(repr(value))
    except ArithmeticError:
        return False


def _first_duplicate(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return key
        seen.add(key)
    return ""


def _has_non_finite(value: Any) -> bool:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, float) and not isfinite(item):
            return True
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, (list, tuple)):
            pending.extend(item)
    return False


def _damaged(name: str, why: str) -> DamagedDocument:
    return DamagedDocument(f"{shown(name)} {why}; repair it or move it away.")
