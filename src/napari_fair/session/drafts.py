"""Images that no save has written yet: taking them out of the record again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from napari_fair.model import ImageSource, Origin
from napari_fair.session.edit_history import TAKE_OUT
from napari_fair.session.edits import only

if TYPE_CHECKING:
    from napari_fair.session.session import Session


def can_be_taken_out(session: Session, source: ImageSource) -> bool:
    """Return whether a source is a draft that was read from a file, and not being acquired."""
    facts = (fact for image in source.images for fact in image.facts.values())
    acquired = any(fact.origin == Origin.ACQUISITION for fact in facts)
    return not session.saved(source.id) and not acquired


def take_out(session: Session, sources: Iterable[str]) -> int:
    """Take drafts out of a session's record again, as one edit; returns how many.

    What a save has written stays, and so does what is being acquired.

    Parameters
    ----------
    sources
        Ids of sources.
    """
    wanted = set(sources)
    drafts = [s for s in session.sources() if s.id in wanted and can_be_taken_out(session, s)]
    if drafts:
        take_out_again(session, [source.id for source in drafts])
    return len(drafts)


def take_out_again(session: Session, sources: Iterable[str]) -> None:
    """Take sources out as one edit, and as one step to undo also where none of them is there.

    The journal holds no draft that nobody said anything about.
    """
    gone, dataset = sorted(sources), session.dataset
    rest = only(dataset, {source.id for source in dataset.sources}.difference(gone))
    session.change({"do": TAKE_OUT, "sources": gone}, rest)
