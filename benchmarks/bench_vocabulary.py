"""How long each keystroke of a term search takes, beside two other ways to search.

    python benchmarks/bench_vocabulary.py [--made-up TERMS] [--every N] [--check]

Every beginning of every query is searched, as a person types it: the queries of the tests for
cells, tissues and cell lines, and each of them once more with a typing error. The strings searched
are all names of the packs for ``biological_entity`` and those of made-up terms, so that there are
over 20,000 terms with over 50,000 names.

Printed side by side, from one run: this package's `search`; rapidfuzz's ``process.extract`` over
all strings (MIT, if it is installed); SQLite's FTS5 with trigrams (if this Python has it), which is
asked for any of the typed trigrams and ranks with bm25. For whole queries also how often the
expected term came first. With ``--check`` the exit code is 1 when fewer than 95 % of our keystrokes
are answered in under 10 ms.
"""

from __future__ import annotations

import argparse
import gc
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

FIELD = "biological_entity"
FIELDS = {FIELD, "anatomy", "cell_type", "cell_line"}
QUERIES = Path(__file__).parents[1] / "tests" / "vocabulary"
LIMIT = 8
QUICK, ENOUGH = 10.0, 0.95
"""What is wanted: milliseconds, and the share of the keystrokes answered in fewer."""


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Time each keystroke of a term search.")
    parser.add_argument("--made-up", type=int, default=5000, metavar="TERMS")
    parser.add_argument("--every", type=int, default=1, help="search only every n-th beginning")
    parser.add_argument("--check", action="store_true", help="fail when it is too slow")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        patch("napari_fair.vocabulary.added.user_folder", lambda: Path(folder) / "user"),
    ):
        quick = compare(Path(folder), chosen.made_up, chosen.every)
    return int(chosen.check and quick < ENOUGH)


def compare(folder: Path, made_up: int, every: int) -> float:
    """Print how each way of searching fares; return the share of quick answers of the first."""
    from napari_fair.vocabulary import add_pack, warm_up
    from napari_fair.vocabulary.packs import forget_packs, serving

    if made_up:
        begun = time.perf_counter()
        added = add_pack(made_up_pack(folder, made_up))
        spent = time.perf_counter() - begun
        print(f"{added.terms} made-up terms with {added.names} names added in {spent:.1f} s")
    forget_packs()
    before, begun = memory(), time.perf_counter()
    warm_up(FIELD)
    spent, taken = time.perf_counter() - begun, memory() - before
    names = [(name, e.label) for p in serving(FIELD) for e in p.entries for name in all_names(e)]
    terms = sum(len(pack.entries) for pack in serving(FIELD))
    print(f"{terms:,} terms, {len(names):,} names; index loaded in {1000 * spent:.0f} ms", end="")
    print(f", {taken:.0f} MB more memory" if before else "")

    queries = expected()
    typed = [query[:end] for query, _ in queries for end in range(1, len(query) + 1)]
    typed += [wrong[:end] for wrong, _ in misspelt(queries) for end in range(2, len(wrong) + 1)]
    typed = typed[::every]
    print(f"{len(typed):,} keystrokes; milliseconds each\n")
    print(f"{'':28}{'median':>8}{'p95':>8}{'p99':>8}{'max':>8}{'<10 ms':>8}{'first':>7}{'typo':>6}")
    quick, *_ = [report(name, first, typed, queries) for name, first in ways(names)]
    return quick


def ways(names: list[tuple[str, str]]) -> list[tuple[str, Callable[[str], str]]]:
    """Return the ways to search that this Python has: from a text to the label found first."""
    found = [("napari-fair search", ours)]
    for name, make in (("rapidfuzz process.extract", with_rapidfuzz), ("SQLite FTS5", with_fts5)):
        try:
            found.append((name, make(names)))
        except (ImportError, sqlite3.OperationalError) as error:
            print(f"{name} left out: {error}", file=sys.stderr)
    return found


def report(
    name: str, first: Callable[[str], str], typed: list[str], queries: list[tuple[str, str]]
) -> float:
    """Print one line; return the share of quick answers."""
    right = sum(first(query) == label for query, label in queries) / len(queries)
    wrong = misspelt(queries)
    forgiven = sum(first(query) == label for query, label in wrong) / len(wrong)
    gc.collect()
    times = []
    for text in typed:
        begun = time.perf_counter()
        first(text)
        times.append(1000 * (time.perf_counter() - begun))
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    quick = sum(spent < QUICK for spent in times) / len(times)
    numbers = "".join(f"{each:8.2f}" for each in (cuts[49], cuts[94], cuts[98], max(times)))
    print(f"{name:28}{numbers}{quick:8.1%}{right:7.0%}{forgiven:6.0%}", flush=True)
    return quick


def ours(text: str) -> str:
    """Return the label that this package finds first."""
    from napari_fair.vocabulary import search

    found = search(text, FIELD, LIMIT)
    return found[0].term.label if found else ""


def with_rapidfuzz(names: list[tuple[str, str]]) -> Callable[[str], str]:
    """Return a search that scores all strings."""
    from rapidfuzz import fuzz, process, utils

    strings = [utils.default_process(name) for name, _ in names]

    def first(text: str) -> str:
        sought = utils.default_process(text)
        found = process.extract(sought, strings, scorer=fuzz.WRatio, limit=LIMIT)
        return names[found[0][2]][1] if found else ""

    return first


def with_fts5(names: list[tuple[str, str]]) -> Callable[[str], str]:
    """Return a search for any of the typed trigrams, ranked by bm25."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE names USING fts5(name, tokenize='trigram')")
    rows = [(place, name) for place, (name, _) in enumerate(names)]
    database.executemany("INSERT INTO names(rowid, name) VALUES (?, ?)", rows)

    def first(text: str) -> str:
        parts = {text[place : place + 3] for place in range(max(1, len(text) - 2))}
        asked = " OR ".join('"' + part.replace('"', '""') + '"' for part in sorted(parts))
        found = database.execute(
            "SELECT rowid FROM names WHERE names MATCH ? ORDER BY rank LIMIT ?", (asked, LIMIT)
        ).fetchall()
        return names[found[0][0]][1] if found else ""

    return first


def all_names(entry: object) -> list[str]:
    """Return the names of an entry."""
    from napari_fair.vocabulary import Entry

    assert isinstance(entry, Entry)
    return [entry.label, *entry.names, *entry.related]


def expected() -> list[tuple[str, str]]:
    """Return the queries of the tests for this field, with the label expected first."""
    lines = [
        line.split("\t")
        for name in ("first_hits.tsv", "first_hits_held_back.tsv")
        for line in (QUERIES / name).read_text(encoding="utf-8").splitlines()[1:]
    ]
    return [(query, label) for query, field, label in lines if field in FIELDS]


def misspelt(queries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the longer queries with one letter swapped, left out, doubled or replaced."""
    chance = random.Random(20260101)  # noqa: S311
    return [(mistype(query, chance), label) for query, label in queries if len(query) > 5]


def mistype(text: str, chance: random.Random) -> str:
    """Return a text with one typing error behind its first letter."""
    place = chance.randrange(1, len(text) - 1)
    a, b, rest = text[:place], text[place : place + 2], text[place + 2 :]
    kinds = (b[::-1], b[1], b[0] * 2 + b[1], chance.choice("aeiorstn") + b[1])
    return a + chance.choice(kinds) + rest


def made_up_pack(folder: Path, terms: int) -> Path:
    """Write a table of terms made of words of the packs."""
    from napari_fair.vocabulary.packs import serving

    chance = random.Random(7)  # noqa: S311
    labels = [entry.label for pack in serving(FIELD) for entry in pack.entries]
    words = sorted({word for label in labels for word in label.split() if len(word) > 2})
    lines = ["# fields: " + FIELD, "id\tlabel\tsynonyms"]
    for number in range(terms):
        names = [" ".join(chance.sample(words, chance.randint(2, 4))) for _ in range(3)]
        lines.append(f"made:{number:07d}\t{names[0]}\t{names[1]}|{names[2]}")
    path = folder / "made_up.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def memory() -> float:
    """Return the resident memory in MB, or 0 where that cannot be asked."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
