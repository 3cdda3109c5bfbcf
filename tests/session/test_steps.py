from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from folders import opened, write_image
from napari_fair.model import (
    Confidence,
    DataRef,
    Person,
    Slot,
    SoftwareEnvironment,
    Step,
    Tool,
)
from napari_fair.session import Session, open_folder


def made(name: str, *, ended: str = "2026-11-23T10:00:00+01:00") -> tuple[Step, DataRef]:
    data = DataRef(id=str(uuid4()), name=name)
    step = Step(id=str(uuid4()), name=name, outputs=(Slot(data=data.id),), ended=ended)
    return step, data


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return opened(tmp_path, write_image(tmp_path / "a.ome.tif"))[0]


def names(session: Session) -> list[str]:
    return [step.name for step in session.dataset.steps]


def test_a_step_is_there_when_the_folder_is_opened_again(session: Session) -> None:
    place = SoftwareEnvironment(id="e", python="CPython 3.11", packages=("numpy==2.1",))
    session.record(*made("blur"), environment=place)
    session.save()
    before = session.dataset
    session.close()
    again = open_folder(session.folder)
    assert again.dataset.steps == before.steps
    assert again.dataset.data == before.data
    assert again.dataset.environments == (place,)
    locks = list(session.folder.glob("environment-*.lock.txt"))
    assert [lock.read_text().splitlines()[-1] for lock in locks] == ["numpy==2.1"]


def test_undo_goes_past_steps(session: Session) -> None:
    session.set("study.title", "First")
    session.record(*made("blur"))
    session.set("study.title", "Second")
    session.record(*made("threshold"))
    assert session.undo()
    assert session.undo()
    assert session.dataset.study.title is None
    assert names(session) == ["blur", "threshold"]
    assert not session.undo()
    assert session.redo()
    assert names(session) == ["blur", "threshold"]


def test_a_crash_loses_no_step_that_was_recorded(session: Session) -> None:
    session.set("study.title", "Title")
    step, data = made("blur")
    session.record(step, data)
    session.declare_step(step.id, Tool(name="Fiji"), comment="by hand")
    session.complete_data(data.id, content_sha256="0" * 64, pending=False)
    session.undo()
    session.record(*made("threshold"))
    session.close()  # what a crash leaves is the journal, which nobody saved
    again, _ = opened(session.folder, session.folder / "a.ome.tif")
    assert again.draft is not None
    assert again.recover_draft() == []
    assert names(again) == ["blur", "threshold"]
    assert again.dataset.steps[0].confidence is Confidence.DECLARED
    assert again.dataset.steps[0].comment == "by hand"
    assert again.dataset.data[0].content_sha256 == "0" * 64
    assert again.dataset.study.title is None


def test_steps_of_two_sessions_are_both_kept_in_the_order_of_time(tmp_path: Path) -> None:
    image = write_image(tmp_path / "a.ome.tif")
    one, _ = opened(tmp_path, image)
    early = made("common", ended="2026-11-23T08:00:00+00:00")
    one.record(*early)
    one.save()
    two = open_folder(tmp_path)
    one.record(*made("third", ended="2026-11-23T10:00:00+00:00"))
    two.record(*made("second", ended="2026-11-23T09:00:00+00:00"))
    one.comment_step(early[0].id, "from one")
    two.save()
    one.save()
    assert names(open_folder(tmp_path)) == ["common", "second", "third"]
    assert open_folder(tmp_path).dataset.steps[0].comment == "from one"


def test_a_step_made_during_a_save_stays_unsaved_and_is_written_by_the_next(
    session: Session,
) -> None:
    session.record(*made("blur"))
    job = session.save_job()
    session.record(*made("threshold"))
    session.finish(job.run())
    assert names(session) == ["blur", "threshold"]
    assert session.unsaved
    session.save()
    assert names(open_folder(session.folder)) == ["blur", "threshold"]


def test_known_facts_are_not_written_over(session: Session) -> None:
    step, data = made("blur")
    known = step.model_copy(
        update={
            "confidence": Confidence.REPLAYABLE,
            "tool": Tool(name="gaussian", function="skimage.filters:gaussian"),
        }
    )
    session.record(known, data.model_copy(update={"content_sha256": "a" * 64}))
    with pytest.raises(ValueError, match="recorded"):
        session.declare_step(step.id, Tool(name="Fiji"))
    session.complete_data(data.id, content_sha256="b" * 64)
    session.record(step.model_copy(update={"name": "another"}))
    assert names(session) == ["blur"]
    assert session.dataset.data[0].content_sha256 == "a" * 64


def test_who_did_a_step_is_kept_among_the_people(session: Session) -> None:
    session.set("study.authors", "Josiah Carberry <0000-0002-1825-0097>")
    other = Person(id="p2", name="Ada")
    session.adopt(session.dataset.model_copy(update={"people": (*session.dataset.people, other)}))
    step, data = made("blur")
    session.record(step.model_copy(update={"agent": "p2"}), data)
    session.save()
    again = open_folder(session.folder).dataset
    assert again.person("p2") == other
    assert again.steps[0].agent == "p2"


def test_saving_again_changes_no_byte(session: Session) -> None:
    session.record(*made("blur"))
    session.save()
    crate = session.crate_folder / "ro-crate-metadata.json"
    before = crate.read_bytes()
    again = open_folder(session.folder)
    assert again.save().written == ()
    assert crate.read_bytes() == before
