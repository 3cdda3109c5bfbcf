"""``vocabulary``: the packs of terms, and search in them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from napari_fair.cli.terminal import Json, say, table, write_json

app = typer.Typer(
    help="Terms for fields such as organism and imaging method, offline.",
    short_help="Controlled terms, offline.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

_LIST = """\b
Example:
  napari-fair vocabulary list
"""
_SEARCH = """\b
Examples:
  napari-fair vocabulary search "fruit fly" --field organism
  napari-fair vocabulary search confocal --field imaging_method --json
\b
Exit codes:
  0  terms were found, best first
  1  no term was found
  2  there is no such kind of field
"""


_ADD = """\b
Examples:
  napari-fair vocabulary add ncbitaxon.obo --field organism
  napari-fair vocabulary add our_strains.tsv
\b
Exit codes:
  0  the terms are found from now on
  2  the file is no list of terms
"""


@app.command("list", epilog=_LIST)
def list_packs(json: Json = False) -> int:
    """List the packs of terms: what they serve, where they come from, who may use them."""
    from napari_fair.vocabulary import packs

    if json:
        entries = [
            {
                "name": p.name,
                "title": p.title,
                "fields": list(p.fields),
                "terms": p.count,
                "source": p.source,
                "version": p.version,
                "licence": p.licence,
                "attribution": p.attribution,
            }
            for p in packs()
        ]
        write_json({"packs": entries})
        return 0
    rows = [(p.name, ", ".join(p.fields), p.count, p.title, p.version, p.licence) for p in packs()]
    table(rows, ("pack", "field", "terms", "title", "version", "licence"))
    return 0


@app.command(epilog=_SEARCH)
def search(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="A name, its beginning, or an identifier.")
    ],
    field: Annotated[
        str,
        typer.Option(metavar="KIND", help="Kind of field, e.g. organism, or the field's name."),
    ],
    limit: Annotated[int, typer.Option(min=1, help="The most terms shown.")] = 10,
    json: Json = False,
) -> int:
    """Find terms by any of their names, also mistyped ones."""
    from napari_fair.vocabulary import search as find

    matches = find(text, _kind(field), limit=limit)
    if json:
        terms = [
            {"iri": m.term.iri, "id": m.id, "label": m.term.label, "pack": m.pack} for m in matches
        ]
        write_json({"terms": terms})
    elif matches:
        rows = [(m.term.label, m.id, m.matched, m.pack) for m in matches]
        table(rows, ("label", "id", "found as", "pack"))
    if not matches:
        say(f"No term of {field} is like {text!r}; free text is kept and marked not yet a term.")
    return int(not matches)


@app.command(epilog=_ADD)
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="OBO, OBO Graph JSON or TSV.")],
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Kind of field that it serves; may be repeated."),
    ] = None,
    json: Json = False,
) -> int:
    """Add a pack of terms of your own to those that are searched; nothing is fetched."""
    from napari_fair.files import FairError
    from napari_fair.vocabulary import UnusablePack, add_pack

    try:
        added = add_pack(file, [_kind(kind) for kind in field or ()])
    except UnusablePack as problem:
        raise FairError(str(problem)) from problem
    if json:
        counts = {name: getattr(added, name) for name in ("terms", "names", "left_out", "obsolete")}
        write_json({"pack": added.pack.name, "replaced": added.replaced, **counts})
        return 0
    done = "replaced" if added.replaced else "added"
    say(
        f"{added.pack.name}: {done}, {added.terms} terms under {added.names} names; "
        f"{added.obsolete} obsolete, {added.left_out} without id or label."
    )
    return 0


def _kind(name: str) -> str:
    """Return the kind of vocabulary, which a field's name stands for too."""
    from napari_fair.files import FairError
    from napari_fair.model import fields
    from napari_fair.vocabulary import vocabularies

    declared = fields().get(name)
    kind = declared.vocabulary if declared is not None else name
    if kind not in vocabularies():
        known = ", ".join(vocabularies())
        raise FairError(f"There are no terms for {name!r}: use one of {known}.")
    return kind
