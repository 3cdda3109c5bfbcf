"""Large edits of the table: worked out elsewhere, made in their order, none of them lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from folders import opened, write_image
from napari_fair.session import Change, Session, open_folder
from napari_fair.session.many_changes import changed_cells
from napari_fair.viewer.runner import Done, Failed, Immediately
from napari_fair.viewer.state import AnnotationModel
from napari_fair.viewer.table_edits import LargeEdits


class Held(Immediately):
    """Does the work in a thread of its own, and hands answers on when it is told to."""

    def __init__(self) -> None:
        self.answers: list[Callable[[], None]] = []

    def run(self, name: str, work: Callable[[], Any], done: Done, failed: Failed) -> None:
        """Work now, answer later."""
        found: list[Any] = []
        thread = Thread(target=lambda: found.append(work()))
        thread.start()
        thread.join()
        self.answers.append(lambda: done(found[0]))

    def answer(self) -> None:
        """Hand on the oldest answer."""
        self.answers.pop(0)()


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return opened(tmp_path, *(write_image(tmp_path / f"{n}.ome.tif") for n in range(3)))[0]


@pytest.fixture
def model(session: Session) -> Iterator[AnnotationModel]:
    model = AnnotationModel(Held())
    model.session = model.sessions.adopt(session)
    yield model
    model.close()


def _edit(session: Session, path: str, text: str) -> Callable[[Any], Any]:
    images = [image.id for source in session.sources() for image in source.images]
    changes = [Change(image, path, "", text) for image in images]
    return lambda dataset: changed_cells(dataset, changes, session.locks)


def _said(session: Session, path: str) -> set[str]:
    return {session.view(path, s.images[0].id).text for s in session.sources()}


def test_edits_that_are_worked_out_together_are_all_made(
    model: AnnotationModel, session: Session
) -> None:
    edits, runner = LargeEdits(model), model.runner
    assert isinstance(runner, Held)
    edits.run(_edit(session, "specimen.location", "left"))
    edits.run(_edit(session, "specimen.preparation", "cleared"))
    session.set("study.title", "Meanwhile")
    assert edits.waiting == 2 and _said(session, "specimen.location") == {""}
    while runner.answers:
        runner.answer()
    assert edits.waiting == 0
    assert _said(session, "specimen.location") == {"left"}
    assert _said(session, "specimen.preparation") == {"cleared"}
    assert session.view("study.title").text == "Meanwhile"
    for _ in range(3):
        assert session.undo()
    assert not session.can_undo


def test_what_is_not_taken_is_told_and_the_rest_is_made(
    model: AnnotationModel, session: Session
) -> None:
    told: list[str] = []
    model.told.connect(lambda _kind, sentence: told.append(sentence))
    changes = [Change(s.images[0].id, "image.stage_x", "", "far") for s in session.sources()]
    good = Change(session.sources()[0].images[0].id, "specimen.location", "", "left")
    edits = LargeEdits(model)
    edits.run(lambda dataset: changed_cells(dataset, [*changes, good], session.locks))
    model.runner.answer()  # type: ignore[attr-defined]
    assert len(told) == 3 and all("far" in sentence for sentence in told)
    assert _said(session, "specimen.location") == {"left", ""}


def test_a_large_edit_survives_a_crash(model: AnnotationModel, session: Session) -> None:
    LargeEdits(model).run(_edit(session, "specimen.location", "left"))
    model.runner.answer()  # type: ignore[attr-defined]
    session.close()
    again = open_folder(session.folder)
    assert again.recover_draft() == []
    assert _said(again, "specimen.location") == {"left"}
