"""Write docs/reference/fields.md from the declared fields; ``--check`` only compares."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from napari_fair.model import Field, fields

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "fields.md"

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


def main() -> int:
    """Write the page, or with ``--check`` say whether it is up to date."""
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.is_file() and PAGE.read_text("utf-8") == page() else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
