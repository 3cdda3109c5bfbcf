"""What strangers' crates and crashed sessions try, and must not get."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from folders import opened
from napari_fair.files import FairError, crate_id
from napari_fair.session import open_folder
from napari_fair.sidecar import METADATA_FILE, parse_crate

Graph = dict[str, dict[str, Any]]


def _graph(folder: Path) -> Graph:
    document = json.loads((folder / METADATA_FILE).read_bytes())
    return {entity["@id"]: entity for entity in document["@graph"]}


def _rewrite(folder: Path, graph: Graph) -> None:
    document = json.loads((folder / METADATA_FILE).read_bytes())
    document["@graph"] = list(graph.values())
    (folder / METADATA_FILE).write_text(json.dumps(document))


def _saved(folder: Path, image: Path) -> Graph:
    session, _ = opened(folder, image)
    session.set("study.title", "First")
    session.save()
    session.close(keep_draft=False)
    return _graph(folder)


def _pointed_at(folder: Path, graph: Graph, id: str, path: Path) -> None:
    """Let the crate name another file as the image's sidecar."""
    (old,) = [e for e in graph.values() if e.get("encodingFormat") == "application/xml"]
    del graph[old["@id"]]
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    known = graph.get(id, {"@id": id, "@type": "File"})
    stated = {"about": old["about"], "encodingFormat": "application/xml", "sha256": digest}
    graph[id] = {**known, **stated}
    _rewrite(folder, graph)


def _title_again(folder: Path) -> None:
    session = open_folder(folder)
    session.set("study.title", "Second")
    session.save()
    session.close(keep_draft=False)


def test_a_crate_that_names_the_image_as_its_sidecar_does_not_get_it_overwritten(
    folder: Path, image: Path
) -> None:
    graph = _saved(folder, image)
    before = image.read_bytes()
    (id,) = [id for id, entity in graph.items() if "imageFormat" in entity]
    _pointed_at(folder, graph, id, image)
    _title_again(folder)
    assert image.read_bytes() == before


def test_a_crate_that_names_any_file_as_sidecar_does_not_get_it_overwritten(
    folder: Path, image: Path
) -> None:
    graph = _saved(folder, image)
    notes = folder / f"{image.name}.notes.omexml"
    notes.write_text("kept for years")
    _pointed_at(folder, graph, crate_id(notes.name), notes)
    _title_again(folder)
    assert notes.read_text() == "kept for years"


def test_a_renamed_image_takes_no_file_along_that_we_did_not_write(
    folder: Path, image: Path
) -> None:
    graph = _saved(folder, image)
    notes = folder / "notes.omexml"
    notes.write_text("kept for years")
    _pointed_at(folder, graph, notes.name, notes)
    session = open_folder(folder)
    (source,) = session.sources()
    moved = image.rename(folder / "renamed.ome.tif")
    session.relocate(source, moved)
    session.save()
    assert notes.read_text() == "kept for years"


def test_no_sidecar_is_written_through_a_folder_that_leads_elsewhere(
    folder: Path, image: Path, tmp_path: Path
) -> None:
    graph = _saved(folder, image)
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "sub").symlink_to(outside)
    _pointed_at(folder, graph, f"sub/{crate_id(image.name)}.companion.ome", outside)
    _title_again(folder)
    assert list(outside.iterdir()) == []


def test_a_metadata_file_that_is_no_file_is_told_at_once(folder: Path) -> None:
    os.mkfifo(folder / METADATA_FILE)
    with pytest.raises(FairError, match="not a file"):
        open_folder(folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("author", {"@id": ["x"]}),
        ("author", {"@id": None}),
        ("people", [{"@id": {"@id": "x"}}]),
        ("origins", {"@id": ["x"]}),
        ("license", {"@id": []}),
        ("keywords", [None, [[]], {}]),
        ("dateCreated", "soon"),
        ("biosamples", [{"@id": "#"}]),
    ],
)
def test_values_of_a_crate_that_make_no_sense_are_left_alone(
    folder: Path, image: Path, name: str, value: Any
) -> None:
    graph = _saved(folder, image)
    graph["./"][name] = value
    _rewrite(folder, graph)
    assert len(open_folder(folder).sources()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("contentSize", "9" * 5000), ("@type", ["File", {"@id": "x"}]), ("overrides", [[], {}])],
)
def test_an_image_entity_that_makes_no_sense_stops_nothing(
    folder: Path, image: Path, name: str, value: Any
) -> None:
    graph = _saved(folder, image)
    (id,) = [id for id, entity in graph.items() if "imageFormat" in entity]
    graph[id][name] = value
    _rewrite(folder, graph)
    assert open_folder(folder).dataset.study.title is not None


_DESCRIPTOR = {"@id": METADATA_FILE, "@type": "CreativeWork"}


@pytest.mark.parametrize("root", ["./", ".", "https://example.org/crate/"])
def test_a_foreign_crate_is_extended_whatever_its_root_is_called(
    folder: Path, image: Path, root: str
) -> None:
    about = {**_DESCRIPTOR, "about": {"@id": root}}
    theirs = {"@id": root, "@type": "Dataset", "name": "Theirs"}
    context = "https://w3id.org/ro/crate/1.1/context"
    text = json.dumps({"@context": context, "@graph": [about, theirs]})
    (folder / METADATA_FILE).write_text(text)
    session, _ = opened(folder, image)
    session.set("study.keywords", "a; b")
    session.save()
    graph = _graph(folder)
    assert graph[root]["keywords"] == ["a", "b"]
    assert ("./" in graph) is (root == "./")
    contents = parse_crate(folder, (folder / METADATA_FILE).read_bytes())
    assert contents.ours
    assert len(contents.dataset.sources) == 1


def test_a_foreign_crate_without_root_changes_once(folder: Path, image: Path) -> None:
    about = {**_DESCRIPTOR, "about": {"@id": "./"}}
    (folder / METADATA_FILE).write_text(json.dumps({"@context": [], "@graph": [about]}))
    session, _ = opened(folder, image)
    session.save()
    before = (folder / METADATA_FILE).read_bytes()
    again, _ = opened(folder, image)
    again.save()
    assert (folder / METADATA_FILE).read_bytes() == before


def test_a_foreign_crate_that_means_something_else_by_our_words_is_left_alone(
    folder: Path, image: Path
) -> None:
    root = {"@id": "./", "@type": "Dataset", "people": "everybody"}
    terms = {"people": "https://example.org/crowd"}
    text = json.dumps({"@context": [terms], "@graph": [_DESCRIPTOR, root]})
    (folder / METADATA_FILE).write_text(text)
    session, _ = opened(folder, image)
    session.save()
    assert (folder / METADATA_FILE).read_text() == text
    assert "'people'" in session.notes[0]
    assert session.crate_folder.name.endswith(".crate")


def _crashed(folder: Path, image: Path, *titles: str) -> Path:
    """Leave a draft with these titles behind; returns its journal."""
    from platformdirs import user_state_path

    place = user_state_path("napari-fair", appauthor=False) / "journal"
    before = set(place.glob("*.jsonl"))
    session, _ = opened(folder, image)
    for title in titles:
        session.set("study.title", title)
    session.close(keep_draft=True)
    (journal,) = set(place.glob("*.jsonl")) - before
    return journal


def test_drafts_of_two_crashes_are_recovered_in_their_order(folder: Path, image: Path) -> None:
    later = _crashed(folder, image, "one", "two")
    earlier = _crashed(folder, image, "three")
    for older, newer in ((earlier, later), (later, earlier)):
        os.utime(older, ns=(10**18, 10**18))
        os.utime(newer, ns=(2 * 10**18, 2 * 10**18))
        session = open_folder(folder)
        assert session.draft is not None
        titles = [edit["text"] for edit in session.draft.replay() if edit["do"] == "set"]
        assert titles[-1] == ("two" if newer == later else "three")
        session.close(keep_draft=True)


@pytest.mark.parametrize("rest", [b"", b'{"folder":', b"\x00\xff\n"])
def test_a_journal_that_was_cut_off_does_not_hide_another(
    folder: Path, image: Path, rest: bytes
) -> None:
    _crashed(folder, image, "kept")
    cut = _crashed(folder, image, "lost")
    cut.write_bytes(rest)
    os.utime(cut, ns=(10**18, 10**18))
    session = open_folder(folder)
    assert session.recover_draft() == []
    assert session.view("study.title").text == "kept"
    session.close(keep_draft=False)


def test_edits_of_a_draft_that_make_no_sense_are_told_and_the_others_are_done(
    folder: Path, image: Path
) -> None:
    journal = _crashed(folder, image, "kept")
    senseless: list[dict[str, Any]] = [
        {"do": "dance"},
        {"do": "set"},
        {"do": "state", "path": "study.title", "state": "gone"},
        {"do": "table", "changes": [1], "origin": "table"},
        {"do": "table", "changes": 5, "origin": "table"},
        {"do": "add", "source": 5},
        {"do": "relocate", "source": "nobody", "path": "x"},
        {"do": "decide", "conflict": {}, "choice": 9},
        {"do": ["set"]},
    ]
    with journal.open("ab") as stream:
        stream.write(b"".join(json.dumps(edit).encode() + b"\n" for edit in senseless))
    session = open_folder(folder)
    assert len(session.recover_draft()) == len(senseless) - 1
    assert session.view("study.title").text == "kept"
    session.close(keep_draft=False)


def test_edits_go_on_and_it_is_said_where_no_journal_can_be_kept(
    folder: Path, image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import napari_fair.session.journal as journal

    (tmp_path / "state").write_text("not a folder")
    monkeypatch.setattr(journal, "_place", lambda: tmp_path / "state" / "journal")
    session, _ = opened(folder, image)
    session.set("study.title", "Kept")
    session.set("study.title", "Kept too")
    assert sum("cannot be written" in note for note in session.notes) == 1
    session.save()
    assert _graph(folder)["./"]["name"] == "Kept too"


def test_an_undo_of_a_saved_edit_survives_a_crash(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    session.set("study.title", "A")
    session.save()
    session.set("study.title", "B")
    session.save()
    session.undo()
    session.set("study.keywords", "k")
    session.undo()
    session.redo()
    session.close(keep_draft=True)
    again = open_folder(folder)
    assert again.recover_draft() == []
    assert again.view("study.title").text == "A"
    assert again.view("study.keywords").text == "k"
    again.close(keep_draft=False)


def test_an_undo_while_a_save_runs_survives_a_crash(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    session.set("study.title", "A")
    session.set("study.title", "B")
    job = session.save_job()
    session.undo()
    session.finish(job.run())
    assert session.view("study.title").text == "A"
    session.close(keep_draft=True)
    again = open_folder(folder)
    assert again.recover_draft() == []
    assert again.view("study.title").text == "A"
    again.close(keep_draft=False)


def test_undo_after_a_save_keeps_what_others_wrote(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    session.set("study.title", "A")
    session.save()
    session.set("study.title", "B")
    other = open_folder(folder)
    other.set("study.keywords", "theirs")
    other.set("biosample.organism", "mouse")
    other.save()
    session.save()
    session.undo()
    session.save()
    found = open_folder(folder)
    assert found.view("study.title").text == "A"
    assert found.view("study.keywords").text == "theirs"
    assert found.view("biosample.organism").text == "Mus musculus"
    assert found.conflicts == ()


def test_a_conflict_is_written_the_same_after_a_detour_through_json() -> None:
    from napari_fair.model import Conflict, Dataset, Recorded, Study, Term
    from napari_fair.sidecar.crate_writer import entities

    said: Recorded[Any] = Recorded(value=(Term(label="actin"),), origin="typed")
    conflict = Conflict(subject="i", path="channel.1.target", candidates=(said, said))
    id = "e3e70682-c209-4cac-629f-6fbed82c07cd"
    study = Study(id="f728b4fa-4248-5e3a-0a5d-2f346baa9455")
    dataset = Dataset(id=id, created="2000-01-01", study=study, conflicts=(conflict,))
    again = Dataset.model_validate_json(dataset.model_dump_json())
    assert entities(again) == entities(dataset)


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be there")
@pytest.mark.parametrize("name", [b"bad\xff.ome.tif", b"t:0.ome.tif", b"a\\..\\b.ome.tif"])
def test_a_name_that_no_crate_can_hold_is_told_and_does_not_stop_the_others(
    folder: Path, image: Path, name: bytes
) -> None:
    odd = Path(os.fsdecode(bytes(folder) + b"/" + name))
    odd.write_bytes(image.read_bytes())
    session, _ = opened(folder, image)
    with pytest.raises(FairError):
        opened(folder, odd)
    session.save()
    assert len(open_folder(folder).sources()) == 1


def test_a_link_to_itself_is_told_in_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from napari_fair.cli.program import app

    loop = folder / "loop.tif"
    loop.symlink_to(loop)
    with pytest.raises(SystemExit) as stop:
        app(["validate", str(loop)])
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert "loop.tif" in told
    assert "should not have happened" not in told


def test_a_preset_that_is_no_file_or_too_large_is_told_at_once(tmp_path: Path) -> None:
    from napari_fair.session import read_preset

    pipe, large = tmp_path / "pipe.toml", tmp_path / "large.toml"
    os.mkfifo(pipe)
    with large.open("wb") as stream:
        stream.truncate(2**40)
    with pytest.raises(FairError, match="not a file"):
        read_preset(pipe)
    with pytest.raises(FairError, match="too large"):
        read_preset(large)
