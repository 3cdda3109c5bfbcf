"""Write the pages of docs/reference that follow from the declared fields.

``--check`` only compares.
"""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

from napari_fair.cli.record_schema import record_schema
from napari_fair.model import Field, fields

FOLDER = Path(__file__).parents[1] / "docs" / "reference"

COLUMNS = (
    "name",
    "label",
    "takes",
    "form",
    "why it is asked",
    "example",
    "REMBI",
    "OME-XML",
    "RO-Crate",
)

HEAD = """\
# Fields

Made from the declarations in `napari_fair.model` by `make reference`. Do not edit.

The name in the first column is the one for `--set`, presets and `--json`. A name with an index,
such as `channel.0.name`, means one of several. *Form* is the level of the form that asks first;
fields marked *per image* are facts of one image, the others are shared by images.
"""


def cell(text: str) -> str:
    """Return text that stays inside one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def shown_name(field: Field) -> str:
    """Return the name as it is typed, with an index where there are several."""
    return f"{field.block}.N.{field.attribute}" if field.repeated else field.name


def form(field: Field) -> str:
    """Return when it is asked and for what."""
    return f"{field.level.value}, per image" if field.per_image else field.level.value


def takes(field: Field) -> str:
    """Return what sort of value it takes, with unit or vocabulary."""
    notes = [field.kind.value]
    if field.unit:
        notes.append(f"in {field.unit}")
    if field.vocabulary:
        notes.append(f"from {field.vocabulary.replace('_', ' ')}")
    return ", ".join(notes)


def code(text: str) -> str:
    """Return text in code quotes, or nothing."""
    return f"`{cell(text)}`" if text else ""


def row(field: Field) -> str:
    """Return one line of the table."""
    cells = (
        code(shown_name(field)),
        cell(field.label),
        takes(field),
        form(field),
        cell(field.why),
        code(field.example),
        cell(field.rembi),
        code(field.ome),
        code(field.crate),
    )
    return "| " + " | ".join(cells) + " |"


def section(block: str, declared: list[Field]) -> str:
    """Return the heading and the table of one block."""
    head = "| " + " | ".join(COLUMNS) + " |"
    rule = "|" + " --- |" * len(COLUMNS)
    return "\n".join([f"\n## `{block}`\n", head, rule, *map(row, declared)])


def page() -> str:
    """Return the whole page."""
    blocks = groupby(fields().values(), key=lambda field: field.block)
    return HEAD + "\n".join(section(name, list(declared)) for name, declared in blocks) + "\n"


# ---- the schema -----------------------------------------------------------------------------

SCHEMA_HEAD = """\
# The record as JSON

Made from the declarations in `napari_fair.model` by `make reference`. Do not edit.

`napari-fair show PATH --json` prints the record of an image or folder as one JSON document.
[record.schema.json](record.schema.json) is its JSON Schema (draft 2020-12), and
`napari-fair show --schema` prints the schema of the version that you have. In Python:

```python
import json, jsonschema, subprocess

def told(*words):
    return json.loads(subprocess.run(["napari-fair", "show", *words], capture_output=True).stdout)

jsonschema.validate(told("cells.tif", "--json"), told("--schema"))
```

Other keys may be added later: ignore those that you do not know. The names of fields are those of
[Fields](fields.md); each is described in the schema too.

A field stands in the document only if somebody said something about it. Its `state` tells a value
(`given`) from the three ways of having none: then `value` and `unit` are null. The words of
`state`, `origin`, `trust` and `level` are explained in [Words](terms.md).
"""

PARTS = {
    "": "The document",
    "image": "An image",
    "pair": "A free pair",
    "source": "A source: what was acquired together",
    "file": "A file",
    "text_value": "What is in force for a field",
    "conflict": "A conflict",
    "candidate": "A candidate of a conflict",
    "person": "A person",
    "organization": "An organization",
    "term": "A term",
    "draft": "Unsaved edits",
}


def kind_of(schema: dict[str, Any]) -> str:
    """Return in words what a schema takes."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return "values by field name" if name == "fields" else f"`{name}`"
    if "anyOf" in schema:
        return " or ".join(map(kind_of, schema["anyOf"]))
    if "enum" in schema:
        return "one of " + ", ".join(f"`{word}`" for word in schema["enum"])
    if schema.get("type") == "array":
        return f"list, each {kind_of(schema['items'])}"
    if "additionalProperties" in schema:
        return "values by field name"
    types = schema.get("type", "anything")
    return " or ".join([types] if isinstance(types, str) else types)


def part(title: str, schema: dict[str, Any]) -> str:
    """Return the heading and the table of one part of the document."""
    rows = [
        f"| `{key}` | {kind_of(held)} | {cell(held.get('description', ''))} |"
        for key, held in schema["properties"].items()
    ]
    return "\n".join(
        [f"\n## {title}\n", "| key | holds | what it is |", "| --- | --- | --- |", *rows]
    )


def values_by_kind(parts: dict[str, Any]) -> str:
    """Return a table of what the value of a field of each kind is."""
    rows = []
    for name, schema in parts.items():
        if name.endswith("_value"):
            value = schema["oneOf"][0]["properties"]["value"]
            kind = name.removesuffix("_value").replace("_", " ")
            rows.append(f"| {kind} | {kind_of(value)} |")
    head = ["\n## Values by kind of field\n", "| kind | `value` when given |", "| --- | --- |"]
    return "\n".join([*head, *rows])


def schema_page(schema: dict[str, Any]) -> str:
    """Return the page about the record as JSON."""
    parts = schema["$defs"]
    shown = [part(title, parts[name] if name else schema) for name, title in PARTS.items()]
    return SCHEMA_HEAD + "\n".join([*shown, values_by_kind(parts)]) + "\n"


def pages() -> dict[Path, str]:
    """Return what each file is to hold."""
    schema = record_schema()
    return {
        FOLDER / "fields.md": page(),
        FOLDER / "record-schema.md": schema_page(schema),
        FOLDER / "record.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
    }


def main() -> int:
    """Write the pages, or with ``--check`` say whether they are up to date."""
    current = True
    for path, text in pages().items():
        if "--check" in sys.argv[1:]:
            current &= path.is_file() and path.read_text("utf-8") == text
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
