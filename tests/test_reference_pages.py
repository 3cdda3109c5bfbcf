"""The generated pages say what the model declares."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from napari_fair.model import fields

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "fields.md"


def test_the_page_of_fields_is_up_to_date() -> None:
    run = subprocess.run([sys.executable, ROOT / "tools" / "make_reference.py", "--check"])

    assert run.returncode == 0, "docs/reference/fields.md is out of date: run make reference"


def test_the_page_of_fields_names_every_declared_field() -> None:
    text = PAGE.read_text("utf-8")

    missing = [
        field.name
        for field in fields().values()
        if f"`{field.name}`" not in text and f"`{field.block}.N.{field.attribute}`" not in text
    ]
    assert not missing
