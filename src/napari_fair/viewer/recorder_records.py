"""What of the viewer's history belongs into the record of a folder, and how it gets there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.files import FairError, relative_posix
from napari_fair.model import Confidence, DataRef, Step
from napari_fair.provenance import History

if TYPE_CHECKING:
    from napari_fair.session import Session

_LATER = ("content_sha256", "sha256", "size", "path")
"""What becomes known of data after its step."""


def part_of(history: History, files: Mapping[str, Path], folder: Path) -> History:
    """Return what has to do with the files of a folder: what they became, and what went into it.

    What is joined to no file at all belongs to the folder if all files that were opened do: who
    saw one folder only would miss it.

    Parameters
    ----------
    files
        Where the files are, by the ids of their data. Those inside the folder get their path;
        the others stay without, since a record names no place outside its folder.
    """
    inside = {id: found for id, path in files.items() if (found := _inside(folder, path))}
    elsewhere = set(files) - set(inside)
    alone = bool(inside) and not elsewhere
    steps = tuple(
        step
        for step, joined in _joined(history)
        if _touch(inside, joined) or (alone and not _touch(files, joined))
    )
    used = {slot.data for step in steps for slot in (*step.inputs, *step.outputs)}
    places = {step.environment for step in steps}
    return History(
        steps,
        tuple(_placed(ref, inside) for ref in history.data if ref.id in used),
        tuple(place for place in history.environments if place.id in places),
    )


def _touch(files: Mapping[str, object], joined: set[str]) -> bool:
    return any(data in joined for data in files)


def _joined(history: History) -> Iterator[tuple[Step, set[str]]]:
    """Yield each step with all data that is joined to it by steps, in whichever direction."""
    parents: dict[str, str] = {}

    def root(data: str) -> str:
        while (above := parents.setdefault(data, data)) != data:
            parents[data] = parents[above]
            data = above
        return data

    touched = [[slot.data for slot in (*s.inputs, *s.outputs)] for s in history.steps]
    for ids in touched:
        for data in ids:
            parents[root(data)] = root(ids[0])
    groups: dict[str, set[str]] = {}
    for data in list(parents):
        groups.setdefault(root(data), set()).add(data)
    for step, ids in zip(history.steps, touched, strict=True):
        yield step, groups[root(ids[0])] if ids else set()


def hand_over(part: History, session: Session) -> bool:
    """Put steps into the record of a folder, and what became known of those it has.

    Returns whether anything was new.
    """
    before = History.of(session.dataset)
    known = {step.id: step for step in before.steps}
    data = {ref.id: ref for ref in before.data}
    session.record_history(_new_part(part, known, data))
    for step in part.steps:
        old = known.get(step.id)
        if old is None:
            continue
        if old.confidence is not step.confidence and step.confidence is Confidence.DECLARED:
            session.declare_step(step.id, step.tool, step.parameters, comment=step.comment)
        elif old.comment != step.comment:
            session.comment_step(step.id, step.comment)
    for ref in part.data:
        _complete(data.get(ref.id), ref, session)
    after = session.dataset
    return after.steps is not before.steps or after.data is not before.data


def _new_part(part: History, steps: Mapping[str, object], data: Mapping[str, object]) -> History:
    """Return what a record does not have yet: looking through all of it again takes long."""
    places = {step.environment for step in part.steps if step.id not in steps}
    return History(
        tuple(step for step in part.steps if step.id not in steps),
        tuple(ref for ref in part.data if ref.id not in data),
        tuple(place for place in part.environments if place.id in places),
    )


def _complete(old: DataRef | None, new: DataRef, session: Session) -> None:
    if old is None or (old == new):
        return
    more = {name: getattr(new, name) for name in _LATER if not getattr(old, name)}
    more = {name: value for name, value in more.items() if value}
    if more or old.pending != new.pending:
        session.complete_data(new.id, **more, pending=new.pending)


def shown_history(stored: History, live: History) -> History:
    """Return what a record tells of earlier days, and then what happened in this viewer."""
    steps = {step.id for step in live.steps}
    data = {ref.id for ref in live.data}
    paths = {ref.id: ref.path for ref in stored.data if ref.path}
    places = {place.id for place in live.environments}
    return History(
        (*(step for step in stored.steps if step.id not in steps), *live.steps),
        (
            *(ref for ref in stored.data if ref.id not in data),
            *(_placed(ref, paths) for ref in live.data),
        ),
        (*(one for one in stored.environments if one.id not in places), *live.environments),
    )


def _inside(folder: Path, path: Path) -> str:
    try:
        return relative_posix(folder, path)
    except (FairError, ValueError, OSError):
        return ""


def _placed(ref: DataRef, inside: Mapping[str, str]) -> DataRef:
    path = inside.get(ref.id, "")
    return ref.model_copy(update={"path": path}) if path and not ref.path else ref
