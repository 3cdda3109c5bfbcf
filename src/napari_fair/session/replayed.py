"""Edits of an earlier run, done again: one function for each way an edit is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from napari_fair.model import Conflict, EventNote, ImageSource, State, field, split_path, value_type
from napari_fair.session.drafts import take_out_again
from napari_fair.session.edit_history import TAKE_OUT
from napari_fair.session.edits import with_source, with_sources_of
from napari_fair.session.record_changes import do, read_change
from napari_fair.session.steps import EDITS as STEP_EDITS
from napari_fair.session.steps import do_again, with_history_of
from napari_fair.session.table import Change
from napari_fair.sidecar import parse_crate

if TYPE_CHECKING:
    from napari_fair.session.journal import Edit
    from napari_fair.session.session import Session


def replay(session: Session, edit: Edit) -> None:
    """Do an edit again.

    Raises
    ------
    ValueError, LookupError, TypeError, AttributeError
        If the edit cannot be done in the record as it is now.
    """
    _ACTIONS[edit["do"]](session, edit)


def _told(edit: Edit) -> dict[str, Any]:
    return {"of": edit.get("of"), "origin": edit.get("origin", ""), "where": edit.get("where", "")}


def _set(session: Session, edit: Edit) -> None:
    session.set(edit["path"], edit["text"], image=edit.get("image"), **_told(edit))


def _state(session: Session, edit: Edit) -> None:
    session.set_state(edit["path"], State(edit["state"]), image=edit.get("image"), **_told(edit))


def _table(session: Session, edit: Edit) -> None:
    changes = [Change(image, path, "", text) for image, path, text in edit["changes"]]
    session.set_many(changes, links=edit.get("links"), **_told(edit))


def _add(session: Session, edit: Edit) -> None:
    source = ImageSource.model_validate(edit["source"])
    if session.dataset.source(source.path) is None:
        session.adopt(with_source(session.dataset, source))


def _relocate(session: Session, edit: Edit) -> None:
    source = next(known for known in session.sources() if known.id == edit["source"])
    session.relocate(source, session.folder / edit["path"])


def _drop(session: Session, edit: Edit) -> None:
    session.drop_override(edit["path"], edit["image"])


def _decide(session: Session, edit: Edit) -> None:
    session.decide(_conflict(edit["conflict"]), edit["choice"])


def _conflict(data: dict[str, Any]) -> Conflict:
    kind = field(split_path(data["path"])[0]).kind
    candidates = tuple(value_type(kind).validate_python(c) for c in data["candidates"])
    return Conflict(subject=data["subject"], path=data["path"], candidates=candidates)


def _become(session: Session, edit: Edit) -> None:
    record = parse_crate(session.folder, edit["crate"].encode()).dataset
    now = session.dataset
    session.change(edit, with_history_of(with_sources_of(record, now), now))


def _take_out(session: Session, edit: Edit) -> None:
    take_out_again(session, edit["sources"])


def _record(session: Session, edit: Edit) -> None:
    do(session, read_change(edit["change"]))


def _note(session: Session, edit: Edit) -> None:
    session.add_note(EventNote.model_validate(edit["note"]))


def _remove_note(session: Session, edit: Edit) -> None:
    session.remove_note(edit["id"])


def _undo(session: Session, edit: Edit) -> None:
    session.undo()


def _redo(session: Session, edit: Edit) -> None:
    session.redo()


_ACTIONS: dict[str, Callable[[Session, Edit], None]] = {
    "set": _set,
    "state": _state,
    "table": _table,
    "add": _add,
    "relocate": _relocate,
    "drop": _drop,
    "decide": _decide,
    "become": _become,
    TAKE_OUT: _take_out,
    "record": _record,
    "note": _note,
    "remove note": _remove_note,
    "undo": _undo,
    "redo": _redo,
    **dict.fromkeys(STEP_EDITS, do_again),
}
