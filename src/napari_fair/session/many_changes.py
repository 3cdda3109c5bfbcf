"""Edits of many images: worked out in any thread, then made at once by the session's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError

from napari_fair.files import FairError
from napari_fair.model import Dataset, Origin, Recorded
from napari_fair.session.blocks import linked
from napari_fair.session.edits import declared_field, put, put_many
from napari_fair.session.image_pairs import is_pair, put_pairs
from napari_fair.session.journal import Edit
from napari_fair.session.preset_locks import PresetLocks, kept_for
from napari_fair.session.readings import Reading, TakeReadings, checked
from napari_fair.session.table import Change
from napari_fair.session.texts import Parsing

if TYPE_CHECKING:
    from napari_fair.session.session import Session


@dataclass(frozen=True)
class WorkedOut:
    """An edit and what the record is after it.

    Attributes
    ----------
    base
        The record that it was worked out for.
    problems
        Sentences about what is not taken.
    paths
        Of the fields and pairs that it sets.
    """

    base: Dataset
    edit: Edit
    dataset: Dataset
    problems: tuple[str, ...] = ()
    paths: frozenset[str] = frozenset()


def changed_cells(
    dataset: Dataset,
    changes: Iterable[Change],
    locks: PresetLocks,
    *,
    of: str | None = None,
    links: Mapping[str, str] | None = None,
    origin: str = Origin.TABLE,
    where: str = "",
) -> WorkedOut:
    """Work out the edit that sets many fields and pairs; see `Session.set_many`."""
    problems: list[str] = []
    refused: dict[str, list[str]] = {}
    parsing = Parsing(linked(dataset, of, links or {}))
    taken: list[Change] = []
    values: dict[str, dict[str, Recorded[Any] | None]] = {}
    pairs: dict[str, dict[str, tuple[str, str]]] = {}
    for change in changes:
        if is_pair(change.path) and change.image:
            pairs.setdefault(change.image, {})[change.path] = (change.after, "")
            taken.append(change)
            continue
        with collecting(problems):
            declared = declared_field(change.path)
            recorded = parsing.recorded(declared, change.after, origin=str(origin), where=where)
            image = change.image or (of if declared.block != "study" else None)
            refusal = locks.refusal(parsing.dataset, change.path, image, recorded)
            if refusal:
                refused.setdefault(refusal, []).append(change.image)
                continue
            if change.image:
                values.setdefault(change.image, {})[change.path] = recorded
            else:
                parsing.dataset = put(parsing.dataset, change.path, None, recorded, of)
            taken.append(change)
    problems += kept_for(dataset, refused)
    told = [[change.image, change.path, change.after] for change in taken]
    changed = put_pairs(put_many(parsing.dataset, values), pairs)
    shared = {"of": of, "links": dict(links or {})}
    edit = {"do": "table", "changes": told, **shared, "origin": str(origin), "where": where}
    paths = frozenset(change.path for change in taken)
    return WorkedOut(dataset, edit, changed, tuple(problems), paths)


def taken_readings(
    dataset: Dataset, readings: Iterable[Reading], locks: PresetLocks | None = None
) -> WorkedOut:
    """Work out the edit that takes readings.

    Readings of images that are gone, and what `readings.checked` refuses, are left out.
    """
    known = {image.id for source in dataset.sources for image in source.images}
    there = [reading for reading in readings if reading.image in known]
    good, problems = checked(dataset, there, locks)
    change = TakeReadings(readings=tuple(good))
    images = sorted(change.images(dataset))
    told = orjson.Fragment(change.model_dump_json())  # the journal need not write it out again
    edit = {"do": "record", "change": told, "images": images}
    paths = frozenset(reading.path for reading in good)
    return WorkedOut(dataset, edit, change.done(dataset), tuple(problems), paths)


def tell_drafts(session: Session, worked: WorkedOut) -> None:
    """Put the drafts that an edit is about into the journal; in any thread, before it is made."""
    images = {*worked.edit.get("images", ()), *(c[0] for c in worked.edit.get("changes", ()))}
    session.tell_drafts(worked.base, images)


def make(session: Session, worked: WorkedOut) -> bool:
    """Make an edit; False, and nothing is done, if the record changed since it was worked out."""
    if session.dataset is not worked.base:
        return False
    session.change(worked.edit, worked.dataset)
    return True


@contextmanager
def collecting(problems: list[str]) -> Iterator[None]:
    """Collect what is wrong with one of several edits and go on with the next."""
    try:
        yield
    except (FairError, ValidationError, KeyError) as problem:
        problems.append(str(problem))
