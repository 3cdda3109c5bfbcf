"""Build the packs of anatomy and cell types, and check the packs that are written by hand.

    python tools/build_vocabularies.py build FOLDER
    python tools/build_vocabularies.py check FOLDER

FOLDER is where the wheel of ``cellxgene-ontology-guide`` 1.11.1 was unpacked (``pip download
--no-deps cellxgene-ontology-guide==1.11.1``; its code is MIT, what it carries keeps the licences
of the ontologies). ``zstandard`` must be installed. Both are needed here only, never by users.

`build` writes ``anatomy.pack`` and ``cell_type.pack``: all terms of UBERON and CL that are not
obsolete, with the synonyms that those say to be exact. `check` compares ids and labels of the
packs written by hand with Cellosaurus, NCBI Taxonomy (animals), ChEBI and EFO, and prints each that
differs.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

from napari_fair.vocabulary.keys import key
from napari_fair.vocabulary.packs import packs
from napari_fair.vocabulary.rows import COMMON, Row, split
from napari_fair.vocabulary.store import write_file
from napari_fair.vocabulary.tables import build as build_tables

PACKS = Path(__file__).parents[1] / "src" / "napari_fair" / "vocabulary" / "packs"
EVERYDAY = Path(__file__).parent / "vocabularies" / "everyday_names.tsv"
OBSCURE = 160
"""The highest prior of a term that is in no list of common ones."""

HEADS = {
    "anatomy": {
        "title": "Anatomy",
        "fields": "anatomy|biological_entity",
        "source": "Uber-anatomy ontology (UBERON), http://obofoundry.org/ontology/uberon.html",
        "version": "2026-04-01",
        "licence": "CC-BY-3.0",
        "attribution": "Ids, labels and synonyms: UBERON, CC BY 3.0. Everyday names: napari-fair.",
    },
    "cell_type": {
        "title": "Cell types",
        "fields": "biological_entity|cell_type",
        "source": "Cell Ontology (CL), http://obofoundry.org/ontology/cl.html",
        "version": "2026-03-26",
        "licence": "CC-BY-4.0",
        "attribution": "Ids, labels and synonyms: Cell Ontology, CC BY 4.0. "
        "Everyday names: napari-fair.",
    },
}
SOURCES = {
    "anatomy": ("UBERON-ontology-v2026-04-01", ("tissue_general_list", "organ_list")),
    "cell_type": ("CL-ontology-v2026-03-26", ("cell_class_list", "cell_subclass_list")),
}
CHECKED = {
    "CVCL_": "CVCL-ontology-55.0",
    "NCBITaxon": "NCBITaxon-ontology-v2026-05-13",
    "CHEBI": "CHEBI-ontology-2026-05-01",
    "EFO": "EFO-ontology-v3.90.0",
}


def main() -> int:
    """Run the verb of the command line."""
    if len(sys.argv) != 3 or sys.argv[1] not in {"build", "check"}:
        print(__doc__)
        return 2
    data = Path(sys.argv[2]) / "cellxgene_ontology_guide" / "data"
    if sys.argv[1] == "check":
        differing = list(differences(data))
        print("\n".join(differing) or "All ids and labels agree.")
        return bool(differing)
    for name in SOURCES:
        rows = rows_of(data, name)
        path = PACKS / f"{name}.pack"
        write_file(path, {"name": name, **HEADS[name]}, build_tables(rows))
        names = sum(1 + len(row.names) + len(row.related) for row in rows)
        print(f"{path.name}: {len(rows)} terms, {names} names, {path.stat().st_size / 1e3:.0f} kB")
    return 0


def rows_of(data: Path, name: str) -> list[Row]:
    """Return the rows of a pack, most common first."""
    source, lists = SOURCES[name]
    terms = {id: term for id, term in read(data / f"{source}.json.zst").items() if live(term)}
    common = {id for each in lists for id in json.loads((data / f"{each}.json").read_text())}
    said = everyday_names()
    uses = Counter(above for term in terms.values() for above in term["ancestors"])
    label_of = {key(term["label"]): id for id, term in terms.items()}
    shared = Counter(name for id, term in terms.items() for name in own_names(term, said.get(id)))
    owner = {key(name): id for id, (names, _) in said.items() for name in names}
    rows = []
    for id, term in terms.items():
        names, related = [], list(said.get(id, ((), ()))[1])
        for text, compared in texts_of(term, said.get(id)):
            alone = owner.get(compared, id) == id and (compared in owner or shared[compared] == 1)
            unique = alone and label_of.get(compared, id) == id
            (names if unique else related).append(text)
        prior = COMMON if id in common or id in said else descendants(uses[id])
        rows.append(Row(id, term["label"], "", tuple(names), tuple(related), {}, prior))
    return sorted(rows, key=lambda row: (-row.prior, len(row.label), row.id))


def descendants(count: int) -> int:
    """Return the prior of a term below which there are so many others."""
    return min(OBSCURE, round(28 * math.log1p(count)))


def live(term: dict[str, Any]) -> bool:
    """Return whether a term is in use."""
    return bool(term["label"]) and not term["deprecated"]


def texts_of(
    term: dict[str, Any], said: tuple[tuple[str, ...], tuple[str, ...]] | None
) -> Iterator[tuple[str, str]]:
    """Yield the names of a term other than its label, each once, with its compared form."""
    seen = {key(term["label"])}
    for text in (*(said[0] if said else ()), *term.get("synonyms", ())):
        text = " ".join(text.replace("|", "/").split())
        if key(text) and key(text) not in seen:
            seen.add(key(text))
            yield text, key(text)


def own_names(
    term: dict[str, Any], said: tuple[tuple[str, ...], tuple[str, ...]] | None
) -> set[str]:
    """Return the compared names of a term other than its label."""
    return {compared for _, compared in texts_of(term, said)}


def everyday_names() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return everyday names and words that lead to a term, by id."""
    said: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    with EVERYDAY.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines, delimiter="\t"):
            names, related = said.get(line["id"], ((), ()))
            said[line["id"]] = (
                (*names, *split(line["names"] or "")),
                (*related, *split(line["related"] or "")),
            )
    return said


def differences(data: Path) -> Iterator[str]:
    """Yield a sentence for each id of a pack written by hand that its source names otherwise."""
    for start, source in CHECKED.items():
        terms = read(data / f"{source}.json.zst")
        for pack in packs():
            for entry in pack.entries if pack.path.suffix == ".tsv" else ():
                term = terms.get(entry.id) if entry.id.startswith(start) else None
                if term and term["label"] != entry.label:
                    yield f"{pack.name}: {entry.id} is {term['label']!r}, not {entry.label!r}."
                if term is None and entry.id.startswith(start) and start != "NCBITaxon":
                    yield f"{pack.name}: {entry.id} ({entry.label}) is not in {source}."


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Return the terms of an ontology by id."""
    with path.open("rb") as file:
        text = zstandard.ZstdDecompressor().stream_reader(file).read()
    terms: dict[str, dict[str, Any]] = json.loads(text)
    return terms


if __name__ == "__main__":
    raise SystemExit(main())
