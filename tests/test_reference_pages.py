"""The documentation says what is there: fields, words, links, commands."""

from __future__ import annotations

import re
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest

from napari_fair.model import Level, Origin, State, Trust, fields

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def names(pages: list[Path]) -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in pages]


def test_the_pages_that_follow_from_the_fields_are_up_to_date() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "tools" / "make_reference.py", "--check"], check=False
    )

    assert run.returncode == 0, "docs/reference is out of date: run make reference"


def test_the_page_of_fields_names_every_declared_field() -> None:
    text = (REFERENCE / "fields.md").read_text("utf-8")

    missing = [
        field.name
        for field in fields().values()
        if f"`{field.name}`" not in text and f"`{field.block}.N.{field.attribute}`" not in text
    ]
    assert not missing


@pytest.mark.parametrize("words", [Origin, Trust, State, Level])
def test_the_page_of_words_explains_every_word(words: type[StrEnum]) -> None:
    text = (REFERENCE / "terms.md").read_text("utf-8")

    missing = [word.value for word in words if f"| {word.value} |" not in text]
    assert set(missing) <= {State.GIVEN.value}


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    local = [link for link in links if "://" not in link]

    assert not [link for link in local if not (page.parent / link).exists()]


def headings(page: Path) -> set[str]:
    """Return the addresses of a page's headings, as they are made on the web."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_link_to_a_heading_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", page.read_text("utf-8"))

    lost = [
        (target, heading)
        for target, heading in links
        if heading not in headings(page.parent / target if target else page)
    ]
    assert not lost


@pytest.mark.parametrize("page", PAGES[1:], ids=names(PAGES[1:]))
def test_every_page_is_reached_from_the_first_one(page: Path) -> None:
    start = ROOT / "docs" / "index.md"
    reached, ahead = set(), [start]
    while ahead:
        here = ahead.pop()
        if here in reached or not here.is_file() or here.suffix != ".md":
            continue
        reached.add(here)
        links = re.findall(r"\]\(([^)#\s]+)", here.read_text("utf-8"))
        ahead += [(here.parent / link).resolve() for link in links if "://" not in link]
    assert page.resolve() in {each.resolve() for each in reached}


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_field_that_an_example_sets_is_declared(page: Path) -> None:
    used = re.findall(r'--set "([\w.]+)=', page.read_text("utf-8"))

    assert not [name for name in used if name not in fields()]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_make_command_in_the_documentation_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    used = set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))

    assert not [verb for verb in used if not re.search(rf"^{verb}:", makefile, re.MULTILINE)]
