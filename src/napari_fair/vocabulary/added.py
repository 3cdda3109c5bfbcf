"""Packs that a lab adds to those of the package, kept in the user's data folder."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from os import PathLike
from pathlib import Path

from platformdirs import user_data_path

from napari_fair.vocabulary.packs import Pack, forget_packs, pack_of, shipped_names
from napari_fair.vocabulary.rows import Row
from napari_fair.vocabulary.term_files import (
    MOST_TERMS,
    TermFile,
    UnusablePack,
    open_terms,
    shown,
    unreadable,
)

_FIELDS = {
    "NCBITaxon": "organism",
    "FBbi": "imaging_method",
    "CL": "biological_entity|cell_type",
    "UBERON": "anatomy|biological_entity",
    "FBbt": "anatomy|biological_entity",
    "WBbt": "anatomy|biological_entity",
    "ZFA": "anatomy|biological_entity",
    "XAO": "anatomy|biological_entity",
    "EMAPA": "anatomy|biological_entity",
    "MA": "anatomy|biological_entity",
    "FMA": "anatomy|biological_entity",
    "PO": "anatomy|biological_entity",
    "BTO": "anatomy|biological_entity",
    "CVCL": "biological_entity|cell_line",
    "CLO": "biological_entity|cell_line",
    "operation": "analysis_operation",
}
"""The kinds of fields that the ids of an ontology serve, when nobody says so."""
_LOOKED_AT = 500
_NOT_SAID = "not stated in the file"


@dataclass(frozen=True)
class Added:
    """What `add_pack` did.

    Attributes
    ----------
    pack
        The pack as it is found from now on.
    terms, names
        How many terms it has, and under how many names they are found.
    left_out, obsolete
        How many entries of the file were no terms with id and label, and how many were obsolete.
    replaced
        Whether a pack of the same name was there before.
    """

    pack: Pack
    terms: int
    names: int
    left_out: int
    obsolete: int
    replaced: bool


def user_folder() -> Path:
    """Return the folder of the added packs, which may not exist."""
    return user_data_path("napari-fair", appauthor=False) / "vocabulary"


def add_pack(path: str | PathLike[str], fields: Iterable[str] = ()) -> Added:
    """Add the terms of a file to those that are searched.

    The index is built now and read in place later: NCBI Taxonomy whole needs gigabytes of memory
    and minutes here, but little afterwards. Adding a file of the same name again replaces it.

    Parameters
    ----------
    path
        OBO (needs the extra ``ontologies``), OBO Graph JSON, or a table with tabs: columns ``id``
        and ``label``, and as wanted ``iri``, ``synonyms``, ``related`` (names separated by ``|``),
        ``prior`` (0 to 255, how common) and others. Lines ``# fields:``, ``# title:``,
        ``# source:``, ``# version:``, ``# licence:`` and ``# attribution:`` may stand before.
    fields
        The kinds of fields that the terms serve; found from the ids of known ontologies when
        neither this nor the file says so.

    Raises
    ------
    UnusablePack
        The file cannot be read, has no terms, or nobody says which fields it serves; or the
        user's data folder cannot be written.
    """
    path = Path(path)
    terms = open_terms(path)
    rows = iter(terms.rows)
    first = list(islice(rows, _LOOKED_AT))
    if not first:
        raise UnusablePack(f"{shown(path)} has no terms with id and label; check its columns.")
    said = _head(path, terms, tuple(fields) or _fields_of(path, terms, first))
    replaced = any(pack.name == said["name"] for pack in added_packs())
    names, count = _keep(path, said, _at_most(path, _chained(first, rows)))
    forget_packs()
    pack = next(pack for pack in added_packs() if pack.name == said["name"])
    return Added(pack, count, names, terms.left_out, terms.obsolete, replaced)


def added_packs() -> tuple[Pack, ...]:
    """Return the packs that were added, by name; incomplete ones are passed over."""
    found: dict[str, Pack] = {}
    with suppress(OSError):
        for folder in sorted(user_folder().iterdir()):
            pack = _complete(folder) if not folder.name.startswith(".") else None
            if pack and pack.added >= found.get(pack.name, pack).added:
                found[pack.name] = pack
    return tuple(found[name] for name in sorted(found))


def _complete(folder: Path) -> Pack | None:
    from napari_fair.vocabulary.store import read_head

    try:
        head = read_head(folder)
        sizes = head["sizes"]
        if not isinstance(sizes, dict) or any(
            (folder / name).stat().st_size != size for name, size in sizes.items()
        ):
            return None
        return pack_of(folder, head)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _head(path: Path, terms: TermFile, fields: tuple[str, ...]) -> dict[str, str]:
    said = terms.said
    name = re.sub(r"\W+", "_", path.stem.casefold())[:60].strip("_") or "pack"
    return {
        "name": f"{name}_added" if name in shipped_names() else name,
        "title": said.get("title") or path.stem,
        "fields": "|".join(dict.fromkeys(fields)),
        "source": said.get("source") or path.name,
        "version": said.get("version") or _NOT_SAID,
        "licence": said.get("licence") or said.get("license") or _NOT_SAID,
        "attribution": said.get("attribution") or _NOT_SAID,
        "added": datetime.now(UTC).isoformat(timespec="microseconds"),
    }


def _fields_of(path: Path, terms: TermFile, rows: list[Row]) -> tuple[str, ...]:
    said = tuple(part.strip() for part in terms.said.get("fields", "").split("|") if part.strip())
    if said:
        return said
    starts = Counter(re.split("[:_]", row.id)[0] for row in rows)
    fields = _FIELDS.get(starts.most_common(1)[0][0], "")
    if not fields:
        raise UnusablePack(
            f"{shown(path)} does not say which fields its terms serve; "
            "name them, e.g. --field organism, or write a first line '# fields: organism'."
        )
    return tuple(fields.split("|"))


def _chained(first: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    yield from first
    yield from rest


def _at_most(path: Path, rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number == MOST_TERMS:
            raise UnusablePack(
                f"{shown(path)} has more than {MOST_TERMS:,} terms; bring a part of it."
            )
        yield row


def _keep(path: Path, said: dict[str, str], rows: Iterable[Row]) -> tuple[int, int]:
    """Build the index and put it in its place; return how many names and terms it has."""
    from napari_fair.vocabulary.store import HEAD, write_folder
    from napari_fair.vocabulary.tables import build

    try:
        tables = build(rows)
    except OSError as error:
        raise unreadable(path, error) from error
    home = user_folder()
    token = secrets.token_hex(4)
    making = home / f".{said['name']}-{token}"
    try:
        making.mkdir(parents=True)
        write_folder(making, said, tables)
        sizes = {file.name: file.stat().st_size for file in making.iterdir() if file.name != HEAD}
        head = json.dumps({**said, "sizes": sizes}, ensure_ascii=False, indent=1)
        (making / HEAD).write_text(head, encoding="utf-8")
        making.rename(home / f"{said['name']}-{token}")
    except OSError as error:
        raise UnusablePack(
            f"The terms of {shown(path)} could not be kept in {shown(home)} "
            f"({error.strerror or error}); free some space or ask for permission."
        ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _drop_older(home, said["name"], token)
    return len(tables.names), len(tables.rows)


def _drop_older(home: Path, name: str, token: str) -> None:
    """Remove what this pack was before; one that is in use on Windows goes the next time."""
    for folder in home.glob(f"{name}-????????"):
        if folder.name != f"{name}-{token}" and re.fullmatch("[0-9a-f]{8}", folder.name[-8:]):
            shutil.rmtree(folder, ignore_errors=True)
