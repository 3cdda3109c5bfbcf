"""What ``show --json`` prints follows the schema that is documented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from folders import opened, write_image
from napari_fair.cli.record_schema import record_schema
from napari_fair.model import KeyValue, State, fields, join_path
from napari_fair.session.record_changes import SetPairs, do

ROOT = Path(__file__).parents[2]
Read = Callable[..., Any]

VALUES = {
    "study.authors": "Josiah Carberry <0000-0002-1825-0097> <jc@example.org> [software] @ Brown",
    "study.keywords": "mitosis; spindle",
    "study.license": "CC-BY-4.0",
    "study.publisher": "Brown University <https://ror.org/05gq02987>",
    "study.date_published": "2027-03-01",
    "biosample.organism": "human; something else",
    "acquisition.instrument": "Ti2",
    "acquisition.imaging_method": "spinning disk",
    "environment.temperature": "37 °C",
    "objective.lens_na": "1.4",
}


def problems(document: Any) -> list[str]:
    errors = Draft202012Validator(record_schema()).iter_errors(document)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


def unknown_keys(document: Any, schema: Any, where: str = "$") -> Iterator[str]:
    """Yield keys of a document that its schema does not describe."""
    if "$ref" in schema:
        schema = record_schema()["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    for choice in schema.get("anyOf", ()):
        if document is not None:
            yield from unknown_keys(document, choice, where)
    if isinstance(document, list):
        for each in document:
            yield from unknown_keys(each, schema.get("items", {}), f"{where}[]")
    known = schema.get("properties", {})
    if isinstance(document, dict) and known and "patternProperties" not in schema:
        for key, value in document.items():
            if key not in known:
                yield f"{where}.{key}"
            else:
                yield from unknown_keys(value, known[key], f"{where}.{key}")


@pytest.fixture
def filled(folder: Path) -> Path:
    """A saved record with values of every kind, each state, and a conflict."""
    session, sources = opened(folder, *sorted(folder.glob("*.tif")))
    first = sources[0].images[0].id
    for path, text in VALUES.items():
        session.set(path, text)
    for path, state in zip(("study.funding", "study.grants", "study.links"), State, strict=False):
        if state is not State.GIVEN:
            session.set_state(path, state)
    session.set("image.physical_size_x", "0.2 µm", image=first)
    session.set("channel.0.fluor", "DAPI", image=first)
    pair = KeyValue(key="dish", value="7")
    do(session, SetPairs(kind="image", pairs=(pair,), of=first))
    do(session, SetPairs(kind="biosample", pairs=(pair,)))
    session.save(checksums=True)
    session.close()
    return folder


def test_a_saved_record_follows_the_schema(filled: Path, read: Read) -> None:
    for path in (filled, filled / "a b.ome.tif"):
        document = read("show", path)
        assert problems(document) == []
        assert list(unknown_keys(document, record_schema())) == []
    assert set(VALUES) - {"environment.temperature", "objective.lens_na"} <= {
        *document["study"],
        *document["shared"],
    }


def test_free_pairs_are_told_with_what_they_are_of(filled: Path, read: Read) -> None:
    told = [image["pairs"] for image in read("show", filled)["images"]]
    pair = {"namespace": "", "key": "dish", "value": "7"}
    assert told[0] == [{"of": "image", **pair}, {"of": "biosample", **pair}]
    assert all(pairs == [{"of": "biosample", **pair}] for pairs in told[1:])


def test_images_without_a_record_follow_the_schema(folder: Path, read: Read) -> None:
    document = read("show", folder)
    assert document["recorded"] is False
    assert problems(document) == []
    assert list(unknown_keys(document, record_schema())) == []


def test_unsaved_edits_follow_the_schema(folder: Path, read: Read) -> None:
    session, _ = opened(folder, folder / "a b.ome.tif")
    session.set("study.title", "not saved")
    session.close()
    document = read("show", folder)
    assert document["draft"]["edits"] == 1
    assert problems(document) == []


def test_a_conflict_follows_the_schema(folder: Path, run: Callable[..., Any], read: Read) -> None:
    image = write_image(folder / "spinning.ome.tif")
    run("annotate", image, "--set", "acquisition.imaging_method=two-photon")
    document = read("show", image)
    assert document["conflicts"]
    assert problems(document) == []
    assert list(unknown_keys(document, record_schema())) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda d: d["study"].update({"study.titel": d["study"]["study.title"]}), "name"),
        (lambda d: d["study"]["study.title"].update(value=3), "type"),
        (lambda d: d["study"]["study.title"].update(trust="sure"), "word"),
        (lambda d: d["study"]["study.title"].update(state="unknown"), "state"),
        (lambda d: d["study"]["study.title"].pop("origin"), "origin"),
        (lambda d: d["sources"][0]["files"][0].update(sha256="abc"), "checksum"),
        (lambda d: d["images"][0]["fields"]["image.physical_size_x"].update(unit=None), "unit"),
    ],
)
def test_a_document_that_is_wrong_is_refused(
    folder: Path, read: Read, change: Callable[[Any], None], what: str
) -> None:
    session, _ = opened(folder, folder / "a b.ome.tif")
    session.set("study.title", "Spindles")
    session.save()
    session.close()
    document = read("show", folder)
    assert problems(document) == []
    change(document)
    assert problems(document) != []


def test_every_declared_field_is_described() -> None:
    schema = record_schema()["$defs"]["fields"]
    told = {**schema["properties"], **schema["patternProperties"]}
    assert len(told) == len(fields())
    for field in fields().values():
        entry = told.get(field.name) or told[rf"^{field.block}\.\d+\.{field.attribute}$"]
        assert (entry["title"], entry["description"].startswith(field.why)) == (field.label, True)
        path = join_path(field.name, 3 if field.repeated else None)
        assert Draft202012Validator({"$defs": record_schema()["$defs"], **schema}).is_valid(
            {path: _unknown()}
        )


def _unknown() -> dict[str, Any]:
    none = {"value": None, "unit": None, "text": "unknown", "state": "unknown"}
    return {**none, "origin": "typed", "where": "", "trust": "stated", "level": "image"}


def test_the_schema_that_is_printed_is_the_one_in_the_documentation(
    run: Callable[..., Any],
) -> None:
    printed = orjson.loads(run("show", "--schema").stdout_bytes)
    kept = orjson.loads((ROOT / "docs/reference/record.schema.json").read_bytes())
    assert printed == kept == record_schema()


REAL = (
    "*.lif",
    "*.czi",
    "*.ome.tif",
    "*.nd2",
    "*.oif",
    "*.stk",
    "*.lsm",
    "*.dcm",
    "*.svs",
    "*.mrc",
)


def test_real_files_follow_the_schema(testdata: Path, read: Read) -> None:
    seen = 0
    for pattern in REAL:
        for image in sorted(testdata.rglob(pattern))[:2]:
            document = read("show", image)
            assert problems(document) == [], image.name
            assert list(unknown_keys(document, record_schema())) == []
            seen += 1
    assert seen > 5
