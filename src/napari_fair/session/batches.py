"""Many headers into a record at once: what one of them costs does not grow with the record."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from napari_fair.files import FairError, relative_posix
from napari_fair.model import Dataset, Header, ImageSource
from napari_fair.session.edits import with_source, with_sources
from napari_fair.session.ingest import add_header
from napari_fair.session.lone_sidecars import Disagreements, seeds, with_acquired, with_seeds
from napari_fair.session.session import Session


def add_headers(session: Session, headers: Iterable[Header]) -> tuple[dict[str, Header], list[str]]:
    """Take what many files say about themselves into a record, as `Session.add` does for one.

    Returns
    -------
    tuple
        The headers that were taken, by the ids of their sources, and sentences about the others.
    """
    batch = _Batch(session)
    problems = []
    for header in headers:
        try:
            batch.add(header)
        except FairError as problem:
            problems.append(str(problem))
    batch.finish()
    return batch.taken, problems


class _Batch:
    """The part of a record that a few headers are about."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._whole = session.dataset
        self._part: Dataset = self._whole.model_copy(update={"sources": ()})
        self._in_sets = {
            file.path: source
            for source in self._whole.sources
            if len(source.files) > 1
            for file in source.files
        }
        self.taken: dict[str, Header] = {}

    def add(self, header: Header) -> None:
        session = self._session
        name = relative_posix(session.folder, (header.files or (header.path,))[0])
        known = self._part.source(name) or self._known(name)
        before = with_source(self._part, known) if known is not None else self._part
        after, source = add_header(before, session.folder, header)
        if known is None:
            after = with_acquired(after, session.folder, source)
            after = with_seeds(after, seeds(session.folder, source))
        else:
            disagreements = Disagreements(before, known, header, session.crate_folder)
            after = disagreements.added_to(after)
            session.notes += disagreements.notes
        self._part = after
        self.taken[source.id] = header

    def _known(self, name: str) -> ImageSource | None:
        sources = self._whole.sources
        at = bisect_left(sources, name, key=lambda source: source.path)
        found = at < len(sources) and sources[at].path == name
        return sources[at] if found else self._in_sets.get(name)

    def finish(self) -> None:
        whole = self._part.model_copy(update={"sources": self._whole.sources})
        self._session.adopt(with_sources(whole, self._part.sources))
        self._session.changed.emit()
