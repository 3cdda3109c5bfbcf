"""The JSON Schema of what ``show --json`` prints, made from the declared fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_fair.cli.values import Json

if TYPE_CHECKING:
    from napari_fair.model import Field, Kind

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Json = {"type": "string"}


def record_schema() -> Json:
    """Return the schema (draft 2020-12) of the document that ``show --json`` prints.

    Each declared field is a property with its label, the reason why it is asked and an example,
    and its value has the type of its kind. Programs ignore keys that they do not know.
    """
    return {
        "$schema": DIALECT,
        "title": "Record of microscopy images",
        "description": "The record of a folder or image as `napari-fair show --json` prints it.",
        **_object(
            path=_said("What was asked for."),
            folder=_said("The folder that the record is of."),
            crate=_said("The crate's metadata file; null when there is none yet.", maybe=True),
            recorded={"type": "boolean", "description": "Whether the images are in the crate."},
            study={**_fields_of("study"), "description": "What is said about the study."},
            shared={**_ref("fields"), "description": "What else images share unless they differ."},
            people=_list("person", "Everybody whom the record names."),
            images=_list("image", "One entry a scene, series or position."),
            sources=_list("source", "What was acquired together."),
            conflicts=_list("conflict", "Values that only a person can choose between."),
            draft={
                "anyOf": [_ref("draft"), {"type": "null"}],
                "description": "Edits of an earlier run that were not saved.",
            },
            notes={"type": "array", "items": _TEXT, "description": "Sentences for people."},
        ),
        "$defs": {**_parts(), **_held_by_kind()},
    }


def _parts() -> Json:
    return {
        "fields": _fields_of(),
        "image": _object(
            source=_said("Path of its source in the folder, `/` between parts."),
            format=_said("The format's name, null when it was not recognised.", maybe=True),
            index=_count("Its number in the source, from 0."),
            name=_said("The name in the file.", maybe=True),
            fields={**_ref("fields"), "description": "Everything in force for it, also inherited."},
            pairs=_list("pair", "What no field asks: its own, then those of blocks that it uses."),
        ),
        "pair": _object(
            of=_said("`image`, or the kind of block whose pair it is."),
            namespace=_said("Whose key it is, often an address; may be empty."),
            key=_said("The key; one may stand several times."),
            value=_said("The value."),
        ),
        "source": _object(
            path=_said("Path of the first file in the folder, `/` between parts."),
            format=_said("The format's name, null when it was not recognised.", maybe=True),
            files=_list("file", "In the order of the set."),
            sidecar=_said("The OME-XML file beside it, null when there is none.", maybe=True),
            images=_count("How many images it holds."),
        ),
        "file": _object(
            path=_said("Path in the folder, `/` between parts."),
            size={"type": ["integer", "null"], "minimum": 0, "description": "In bytes."},
            sha256={
                "anyOf": [{"type": "string", "pattern": "^[0-9a-f]{64}$"}, {"type": "null"}],
                "description": "Null while it is pending.",
            },
        ),
        "conflict": _object(
            subject=_said("Id of the block, source or image."),
            source=_said("Path of the source, null when it is about no image.", maybe=True),
            path=_said("The field's name."),
            candidates=_list("candidate", "The values, the one in force first."),
        ),
        "candidate": _object(
            value={"description": "As the field's kind has it."},
            unit=_said("Of a quantity, else null.", maybe=True),
            text=_said("The value as people type it."),
            **_origins(),
        ),
        "draft": _object(
            edits={"type": "integer", "minimum": 1, "description": "How many."},
            when=_said("Date and time of the last one."),
        ),
        **_values(),
    }


# ---- values ---------------------------------------------------------------------------------


def _values() -> Json:
    return {
        "term": _object(
            label=_said("Its name."),
            iri=_said("Its address; null for free text, not yet a term.", maybe=True),
        ),
        "organization": _object(name=_TEXT, ror=_said("Its ROR address.", maybe=True)),
        "person": _object(
            name=_TEXT,
            orcid={
                "anyOf": [
                    {"type": "string", "pattern": r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"},
                    {"type": "null"},
                ],
                "description": "The iD without the address in front.",
            },
            email=_said("", maybe=True),
            affiliation={"anyOf": [_ref("organization"), {"type": "null"}]},
            roles={"type": "array", "items": _TEXT, "description": "CRediT roles."},
        ),
    }


def _of_kind(kind: Kind) -> Json:
    """Return the schema of a value that is given."""
    from napari_fair.model import Kind

    texts: Json = {"type": "array", "items": _TEXT, "minItems": 1}
    known: dict[Kind, Json] = {
        Kind.TEXTS: texts,
        Kind.CHOICES: texts,
        Kind.INTEGER: {"type": "integer"},
        Kind.NUMBER: {"type": "number"},
        Kind.QUANTITY: {"type": "number"},
        Kind.DATE: {"type": "string", "format": "date"},
        Kind.DATETIME: {"type": "string", "description": "ISO 8601, as precise as it is known."},
        Kind.TERM: _ref("term"),
        Kind.TERMS: {"type": "array", "items": _ref("term"), "minItems": 1},
        Kind.PEOPLE: {
            "type": "array",
            "items": {"anyOf": [_ref("person"), {"type": "null"}]},
            "minItems": 1,
        },
        Kind.ORGANIZATION: _ref("organization"),
        Kind.INSTRUMENT: _said("What it is called.", maybe=True),
    }
    return known.get(kind, _TEXT)


def _held_by_kind() -> Json:
    from napari_fair.model import Kind

    return {_name(kind): _held(kind) for kind in Kind}


def _name(kind: Kind) -> str:
    return f"{kind.value.replace(' ', '_')}_value"


def _held(kind: Kind) -> Json:
    """Return the schema of what is in force for a field: the value, or why there is none."""
    from napari_fair.model import Kind, State

    unit = _TEXT if kind is Kind.QUANTITY else {"type": "null"}
    none = [state.value for state in State if state is not State.GIVEN]
    given = {"state": {"const": State.GIVEN.value}, "value": _of_kind(kind), "unit": unit}
    empty = {"state": {"enum": none}, "value": {"type": "null"}, "unit": {"type": "null"}}
    held = _object(
        value={"description": "As the field's kind has it; null when there is none."},
        unit={"description": "Of a quantity that is given, else null."},
        text=_said("The value as people type it."),
        state={"enum": [State.GIVEN.value, *none], "description": "Whether there is a value."},
        **_origins(),
        level={
            "enum": ["image", "source", "study", "dataset", "file"],
            "description": "What holds the value.",
        },
    )
    return {**held, "oneOf": [{"properties": given}, {"properties": empty}]}


def _origins() -> Json:
    from napari_fair.model import Origin, Trust

    return {
        "origin": {
            **_said("Who or what supplied it; other words may come."),
            "examples": [origin.value for origin in Origin],
        },
        "where": _said("The place in the file, or the preset's name and version."),
        "trust": {
            "enum": [trust.value for trust in Trust],
            "description": "How it was reached.",
        },
    }


# ---- fields ---------------------------------------------------------------------------------


def _fields_of(block: str = "") -> Json:
    """Return the schema of values by field name, of one block or of all; no other names."""
    from napari_fair.model import fields

    chosen = [f for f in fields().values() if not block or f.block == block]
    plain = {f.name: _field(f) for f in chosen if not f.repeated}
    several = {rf"^{f.block}\.\d+\.{f.attribute}$": _field(f) for f in chosen if f.repeated}
    found: Json = {"type": "object", "properties": plain, "additionalProperties": False}
    return {**found, "patternProperties": several} if several else found


def _field(field: Field) -> Json:
    found: Json = {
        **_ref(_name(field.kind)),
        "title": field.label,
        "description": field.why,
    }
    if field.unit:
        found["description"] += f" In {field.unit} where the file's unit can be converted."
    if field.example:
        found["examples"] = [{"text": field.example}]
    return found


# ---- building blocks ------------------------------------------------------------------------


def _object(**properties: Any) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(name: str, description: str) -> Json:
    return {"type": "array", "items": _ref(name), "description": description}


def _said(description: str, *, maybe: bool = False) -> Json:
    """Return the schema of a text, or maybe null."""
    found: Json = {"type": ["string", "null"] if maybe else "string"}
    return {**found, "description": description} if description else found


def _count(description: str) -> Json:
    return {"type": "integer", "minimum": 0, "description": description}


def _ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}
