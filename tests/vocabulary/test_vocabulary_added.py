from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.model import Term
from napari_fair.vocabulary import (
    UnusablePack,
    add_pack,
    check_pair,
    find,
    iri_of,
    packs,
    search,
    vocabularies,
)
from napari_fair.vocabulary.added import added_packs, user_folder
from napari_fair.vocabulary.packs import forget_packs

OBO = """format-version: 1.2
data-version: releases/2026-01-01
ontology: tiny
import: http://127.0.0.1:9/never.obo

[Term]
id: ZFA:0000107
name: eye
synonym: "visual organ" EXACT []
synonym: "ocular" RELATED []

[Term]
id: ZFA:0000108
name: fin
is_obsolete: true

[Typedef]
id: part_of
name: part of
"""


@pytest.fixture(autouse=True)
def own_packs() -> Iterator[None]:
    forget_packs()
    yield
    forget_packs()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_added_and_searched_with_the_shipped_packs(tmp_path: Path) -> None:
    table = write(
        tmp_path,
        "strains.tsv",
        "# fields: organism|strain\n# licence: CC0-1.0\nid\tlabel\tsynonyms\tbackground\n"
        "NCBITaxon:10091\tMus musculus castaneus\tCAST mouse|castaneus\twild\n"
        "lab:7\tour mouse\t\tB6\n\tnameless\t\t\n",
    )
    added = add_pack(table)
    assert (added.terms, added.names, added.left_out, added.replaced) == (2, 4, 1, False)
    assert (added.pack.fields, added.pack.licence) == (("organism", "strain"), "CC0-1.0")
    assert "strain" in vocabularies()
    assert search("cast mouse", "organism")[0].term == Term(
        label="Mus musculus castaneus", iri="http://purl.obolibrary.org/obo/NCBITaxon_10091"
    )
    assert search("mouse", "organism")[0].term.label == "Mus musculus"
    assert find("castaneus", "strain") == find("10091", "organism")
    assert added.pack.entries[0].extra == {"background": "wild"}


def test_a_pair_is_checked_against_an_added_pack_too(tmp_path: Path) -> None:
    add_pack(write(tmp_path, "t.tsv", "id\tlabel\nNCBITaxon:77777\tFelis ficta\n"))
    assert check_pair(Term(label="Felis ficta", iri=iri_of("NCBITaxon:77777"))) == ""
    assert "Felis ficta" in check_pair(Term(label="cat", iri=iri_of("NCBITaxon:77777")))


def test_a_term_that_is_shipped_too_is_found_once(tmp_path: Path) -> None:
    add_pack(write(tmp_path, "taxa.tsv", "id\tlabel\nNCBITaxon:10090\tMus musculus\n"))
    assert [m.id for m in search("mus musculus", "organism")].count("NCBITaxon:10090") == 1
    assert find("Mus musculus", "organism") is not None


def test_adding_again_replaces(tmp_path: Path) -> None:
    add_pack(write(tmp_path, "t.tsv", "id\tlabel\nNCBITaxon:77777\tFelis ficta\n"))
    again = add_pack(write(tmp_path, "t.tsv", "id\tlabel\nNCBITaxon:77778\tFelis nova\n"))
    assert again.replaced
    assert find("77777", "organism") is None
    assert find("77778", "organism") is not None
    assert len(list(user_folder().iterdir())) == 1


def test_a_pack_stays_for_the_next_start(tmp_path: Path) -> None:
    add_pack(write(tmp_path, "t.tsv", "id\tlabel\nNCBITaxon:77777\tFelis ficta\n"))
    forget_packs()
    assert packs()[-1].name == "t"
    assert search("felis fic", "organism")[0].id == "NCBITaxon:77777"


def test_the_name_of_a_shipped_pack_is_not_taken(tmp_path: Path) -> None:
    added = add_pack(write(tmp_path, "organism.tsv", "id\tlabel\nNCBITaxon:7\tx\n"))
    assert added.pack.name == "organism_added"


@pytest.mark.usefixtures("no_network")
def test_obo_is_added_without_its_imports_and_obsolete_terms(tmp_path: Path) -> None:
    pytest.importorskip("fastobo")
    added = add_pack(write(tmp_path, "tiny.obo", OBO))
    assert (added.terms, added.obsolete) == (1, 1)
    assert added.pack.version == "releases/2026-01-01"
    eye = Term(label="eye", iri="http://purl.obolibrary.org/obo/ZFA_0000107")
    assert find("visual organ", "anatomy") == eye
    assert find("ocular", "anatomy") is None
    assert eye in [match.term for match in search("ocular", "anatomy")]


@pytest.mark.usefixtures("no_network")
def test_obo_graph_json_is_added(tmp_path: Path) -> None:
    nodes = [
        {
            "id": "http://purl.obolibrary.org/obo/ZFA_0000107",
            "lbl": "eye",
            "type": "CLASS",
            "meta": {"synonyms": [{"pred": "hasExactSynonym", "val": "visual organ"}]},
        },
        {"id": "http://example.org/terms#Fin7", "lbl": "seventh fin"},
        {"id": "http://purl.obolibrary.org/obo/ZFA_1", "lbl": "x", "meta": {"deprecated": True}},
        {"id": "http://purl.obolibrary.org/obo/BFO_0000050", "lbl": "part of", "type": "PROPERTY"},
        "not a node",
    ]
    document = {"graphs": [{"meta": {"version": "7"}, "imports": ["http://x.y/z"], "nodes": nodes}]}
    added = add_pack(write(tmp_path, "tiny.json", json.dumps(document)), ["anatomy"])
    assert (added.terms, added.obsolete, added.pack.version) == (2, 1, "7")
    assert find("visual organ", "anatomy") == Term(
        label="eye", iri="http://purl.obolibrary.org/obo/ZFA_0000107"
    )
    fin = find("seventh fin", "anatomy")
    assert fin is not None
    assert fin.iri == "http://example.org/terms#Fin7"
    assert find("http://example.org/terms#Fin7", "anatomy") == fin


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("missing.tsv", None),
        ("empty.tsv", ""),
        ("owl.owl", "<rdf/>"),
        ("no_columns.tsv", "a\tb\n1\t2\n"),
        ("twice.tsv", "id\tid\tlabel\n1\t2\t3\n"),
        ("no_rows.tsv", "id\tlabel\n"),
        ("no_field.tsv", "id\tlabel\nfoo:1\tfoo\n"),
        ("bad_iri.tsv", "# fields: x\nid\tlabel\tiri\n1\tone\thttp://a b\n"),
        ("broken.json", "{"),
        ("other.json", "[1, 2]"),
        ("deep.json", "[" * 100_000),
        ("null.json", '{"graphs": [null, {"nodes": 3}]}'),
        ("broken.obo", 'format-version: 1.2\n\n[Term]\nid: A:1\nsynonym: "x EXACT\n'),
    ],
)
def test_a_file_that_cannot_be_used_gives_one_sentence(
    tmp_path: Path, name: str, text: str | None
) -> None:
    if text is not None:
        write(tmp_path, name, text)
    with pytest.raises(UnusablePack) as raised:
        add_pack(tmp_path / name)
    sentence = str(raised.value)
    assert name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert added_packs() == ()


def test_a_binary_file_and_an_endless_line_are_refused(tmp_path: Path) -> None:
    for name, data in {"noise.tsv": bytes(range(256)) * 40, "line.tsv": b"x" * 3_000_000}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnusablePack):
            add_pack(tmp_path / name, ["organism"])


def test_a_folder_that_cannot_be_written_gives_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = write(tmp_path, "a_file", "")
    monkeypatch.setattr("napari_fair.vocabulary.added.user_folder", lambda: blocked / "x")
    with pytest.raises(UnusablePack, match="could not be kept"):
        add_pack(write(tmp_path, "t.tsv", "id\tlabel\nNCBITaxon:7\tx\n"))


@pytest.mark.parametrize("damage", ["head.json", "names_letters.npy"])
def test_a_damaged_pack_is_passed_over(tmp_path: Path, damage: str) -> None:
    added = add_pack(write(tmp_path, "t.tsv", "id\tlabel\nNCBITaxon:77777\tFelis ficta\n"))
    (added.pack.path / damage).write_bytes(b"{")
    forget_packs()
    assert added_packs() == ()
    assert search("mouse", "organism")


@given(st.lists(st.text(max_size=12), max_size=30))
def test_any_table_is_added_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    lines = ["\t".join(cells[place : place + 3]) for place in range(0, len(cells), 3)]
    path = folder / "any.tsv"
    path.write_bytes("\n".join(["id\tlabel\tsynonyms", *lines]).encode("utf-8", "replace"))
    try:
        added = add_pack(path, ["anything"])
    except UnusablePack as error:
        assert "any.tsv" in str(error)
        return
    for entry in added.pack.entries:
        assert find(entry.id, "anything") is not None
        assert search(entry.label, "anything") or not entry.label.strip("-_. ")
