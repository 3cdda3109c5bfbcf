"""Terms in files that labs bring: OBO, OBO Graph JSON, and tables.

Nothing that such a file names is fetched: OBO's ``import:`` lines and JSON's imports are passed
over. What is no term with an id and a label is counted and left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from napari_fair.vocabulary.identifiers import iri_of, short_id
from napari_fair.vocabulary.rows import COMMON, RARE, Row, row_of_cells

MOST_TERMS = 5_000_000
LONGEST_LINE = 1_000_000
LARGEST_JSON = 512_000_000
_COLUMNS = frozenset({"id", "label", "iri", "friendly", "synonyms", "related", "prior"})
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_OBO_PAGE = re.compile(r"http://purl\.obolibrary\.org/obo/([A-Za-z][A-Za-z0-9]*)_(\w+)")
_OBO_ID = re.compile(r"([A-Za-z][A-Za-z0-9]*):(\w+)")


class UnusablePack(ValueError):
    """A file that cannot be added as a pack, in one sentence for users.

    The message names the file, says what is wrong and what to do.
    """


@dataclass
class TermFile:
    """A file of terms that is being read.

    Attributes
    ----------
    said
        What the file says about itself: ``title``, ``version``, ``licence``, …
    rows
        Its terms, once.
    left_out
        How many lines or entries were no terms; complete when `rows` is used up.
    obsolete
        How many terms were left out because they are obsolete.
    """

    said: dict[str, str] = field(default_factory=dict)
    rows: Iterable[Row] = ()
    left_out: int = 0
    obsolete: int = 0


def open_terms(path: Path) -> TermFile:
    """Return the terms of a file, which is read as they are taken.

    Raises
    ------
    UnusablePack
        The file cannot be read or is of no format known here; also while `rows` are taken.
    """
    readers: Mapping[str, Callable[[Path], TermFile]] = {
        ".tsv": _table,
        ".txt": _table,
        ".obo": _obo,
        ".json": _graphs,
    }
    reader = readers.get(path.suffix.casefold())
    if reader is None:
        raise UnusablePack(
            f"{shown(path)} is no format of terms known here; "
            "bring OBO (.obo), OBO Graph JSON (.json) or a table (.tsv)."
        )
    try:
        if path.stat().st_size == 0:
            raise UnusablePack(f"{shown(path)} is empty; choose a file with terms.")
        return reader(path)
    except OSError as error:
        raise unreadable(path, error) from error


def shown(path: Path) -> str:
    """Return a path as it can stand in a sentence."""
    return "'" + "".join(c if c.isprintable() else "\ufffd" for c in str(path)) + "'"


def unreadable(path: Path, error: OSError) -> UnusablePack:
    """Return the sentence for a file that the system, or a parser, could not read."""
    reason = (error.strerror or str(error) or type(error).__name__).rstrip(".")
    return UnusablePack(f"{shown(path)} could not be read ({reason}); check the file.")


# ---- tables ---------------------------------------------------------------------------------


def _table(path: Path) -> TermFile:
    terms = TermFile()
    lines = _lines(path)
    columns: list[str] = []
    for line in lines:
        if not line.startswith("#"):
            columns = [cell.strip().casefold() for cell in line.split("\t")]
            break
        name, _, text = line.removeprefix("#").partition(":")
        terms.said[name.strip().casefold()] = text.strip()
    if not {"id", "label"} <= set(columns) or len(columns) != len(set(columns)):
        raise UnusablePack(
            f"{shown(path)} has no columns named id and label; "
            "write them, with tabs between, as the first line of the table."
        )
    terms.rows = _rows_of_lines(terms, columns, lines)
    return terms


def _rows_of_lines(terms: TermFile, columns: list[str], lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        cells = line.split("\t")
        if len(cells) > len(columns):
            terms.left_out += bool(line.strip())
            continue
        cells += [""] * (len(columns) - len(cells))
        row = row_of_cells(dict(zip(columns, map(str.strip, cells), strict=True)), RARE)
        yield from _usable(terms, row)


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text, none longer than `LONGEST_LINE`."""
    with path.open(encoding="utf-8-sig", errors="replace", newline=None) as file:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise UnusablePack(
                    f"{shown(path)} has a line of over {LONGEST_LINE:,} letters; "
                    "check that it is a table of terms."
                )
            if line.strip():
                yield line.rstrip("\r\n")


# ---- OBO ------------------------------------------------------------------------------------


def _obo(path: Path) -> TermFile:
    try:
        fastobo: Any = import_module("fastobo")  # it may not be installed
    except ImportError as error:
        raise UnusablePack(
            f"{shown(path)} needs the OBO parser fastobo; "
            'run pip install "napari-fair[ontologies]" or bring the terms as a table (.tsv).'
        ) from error
    terms = TermFile()
    with _parsing(path):
        frames = fastobo.iter(str(path))
        for clause in frames.header():
            name, _, text = str(clause).partition(": ")
            terms.said.setdefault(name, text.strip())
    terms.said.setdefault("version", terms.said.get("data-version", ""))
    terms.said.setdefault("title", terms.said.get("ontology", ""))
    terms.rows = _rows_of_frames(terms, frames, path)
    return terms


class _parsing:
    """Turn what the parser raises into a sentence."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SyntaxError):
            raise UnusablePack(
                f"{shown(self.path)} is not valid OBO (line {error.lineno}: {error.msg}); "
                "correct that line, or bring the terms as a table (.tsv)."
            ) from error
        if isinstance(error, OSError):
            raise unreadable(self.path, error) from error
        if isinstance(error, (ValueError, UnicodeError)) and not isinstance(error, UnusablePack):
            raise UnusablePack(
                f"{shown(self.path)} is not valid OBO ({error}); "
                "correct it, or bring the terms as a table (.tsv)."
            ) from error


def _rows_of_frames(terms: TermFile, frames: Iterable[Any], path: Path) -> Iterator[Row]:
    with _parsing(path):
        for frame in frames:
            if type(frame).__name__ == "TermFrame":
                yield from _row_of_frame(terms, frame)


def _row_of_frame(terms: TermFile, frame: Any) -> Iterator[Row]:
    label = ""
    names: list[str] = []
    related: list[str] = []
    for clause in frame:
        kind = type(clause).__name__
        if kind == "NameClause":
            label = str(clause.name)
        elif kind == "SynonymClause":
            exact = str(clause.synonym.scope) == "EXACT"
            (names if exact else related).append(str(clause.synonym.desc))
        elif kind == "IsObsoleteClause" and clause.obsolete:
            terms.obsolete += 1
            return
    yield from _usable(terms, Row(str(frame.id), label, "", tuple(names), tuple(related)))


# ---- OBO Graph JSON -------------------------------------------------------------------------


def _graphs(path: Path) -> TermFile:
    if path.stat().st_size > LARGEST_JSON:
        raise UnusablePack(
            f"{shown(path)} is larger than {LARGEST_JSON // 1_000_000} MB; "
            "bring the ontology as OBO (.obo), which is read term by term."
        )
    try:
        document = json.loads(path.read_bytes())
        graphs = [graph for graph in document["graphs"] if isinstance(graph, dict)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnusablePack(
            f"{shown(path)} is no OBO Graph JSON; bring a file with a list 'graphs', "
            "as robot and the ontologies' own pages write it."
        ) from error
    meta = [graph["meta"] for graph in graphs if isinstance(graph.get("meta"), dict)]
    terms = TermFile({"version": str(meta[0].get("version", "")) if meta else ""})
    terms.rows = _rows_of_graphs(terms, graphs)
    return terms


def _rows_of_graphs(terms: TermFile, graphs: list[dict[str, Any]]) -> Iterator[Row]:
    for graph in graphs:
        nodes = graph.get("nodes")
        for node in nodes if isinstance(nodes, list) else ():
            if not isinstance(node, dict) or node.get("type") in ("PROPERTY", "INDIVIDUAL"):
                continue
            meta = node["meta"] if isinstance(node.get("meta"), dict) else {}
            if meta.get("deprecated") is True:
                terms.obsolete += 1
                continue
            yield from _usable(terms, _row_of_node(node, meta))


def _row_of_node(node: dict[str, Any], meta: dict[str, Any]) -> Row:
    given = meta.get("synonyms")
    synonyms = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    texts = [(each.get("pred") == "hasExactSynonym", str(each.get("val", ""))) for each in synonyms]
    return Row(
        id=str(node.get("id", "")),
        label=str(node.get("lbl") or ""),
        names=tuple(text for exact, text in texts if exact),
        related=tuple(text for exact, text in texts if not exact),
    )


# ---- what is a term -------------------------------------------------------------------------


def _usable(terms: TermFile, row: Row) -> Iterator[Row]:
    """Yield the row in the form in which packs hold it, unless it is no term."""
    id, iri = _identified(row.id.strip(), row.iri.strip())
    label = _plain(row.label)
    if not id or not label or (iri and not (_IRI.fullmatch(iri) and iri.isprintable())):
        terms.left_out += 1
        return
    yield Row(
        id=id,
        label=label,
        iri="" if iri == iri_of(id) else iri,
        names=tuple(filter(None, map(_plain, row.names))),
        related=tuple(filter(None, map(_plain, row.related))),
        extra={_plain(name): _plain(text) for name, text in row.extra.items() if name},
        prior=min(max(row.prior, RARE), COMMON),
    )


def _identified(id: str, iri: str) -> tuple[str, str]:
    """Return short id and IRI for what a file gives as id."""
    if short := short_id(id):
        return short, iri or iri_of(id)
    if page := _OBO_PAGE.fullmatch(id):
        return f"{page[1]}:{page[2]}", iri or id
    if "://" in id:
        return _plain(id.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]), iri or id
    if not iri and (named := _OBO_ID.fullmatch(id)):
        return id, f"http://purl.obolibrary.org/obo/{named[1]}_{named[2]}"
    return _plain(id), iri


def _plain(text: str) -> str:
    """Return a text of one line without what packs use to tell cells and names apart."""
    text = " ".join(text.replace("|", "/").split())
    return "".join(letter for letter in text if letter.isprintable())
