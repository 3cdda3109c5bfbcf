"""Slow work in worker threads."""

from __future__ import annotations

from threading import Event, current_thread, main_thread
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from napari_fair.viewer.tasks import WorkerRunner, _Task


@pytest.fixture
def answers() -> list[object]:
    return []


def _refuse(error: Exception) -> None:
    pytest.fail(str(error))


def test_work_is_done_elsewhere_and_answered_here(qtbot: QtBot, answers: list[object]) -> None:
    runner = WorkerRunner()
    runner.run(
        "a",
        lambda: current_thread() is main_thread(),
        lambda there: answers.append((there, current_thread() is main_thread())),
        _refuse,
    )
    qtbot.waitUntil(lambda: runner.idle)
    assert answers == [(False, True)]


def test_an_answer_that_was_overtaken_is_dropped(qtbot: QtBot, answers: list[object]) -> None:
    runner, gate, left = WorkerRunner(), Event(), Event()

    def slow() -> str:
        gate.wait(5)
        left.set()
        return "old"

    runner.run("a", slow, answers.append, _refuse)
    runner.run("a", lambda: "new", answers.append, _refuse)
    qtbot.waitUntil(lambda: bool(answers))
    gate.set()
    qtbot.waitUntil(left.is_set)
    runner.run("b", lambda: "after", answers.append, _refuse)
    qtbot.waitUntil(lambda: runner.idle)
    assert answers == ["new", "after"]


def test_works_of_other_names_go_on(qtbot: QtBot, answers: list[object]) -> None:
    runner = WorkerRunner()
    for name in "ab":
        runner.run(name, lambda name=name: name, answers.append, _refuse)
    qtbot.waitUntil(lambda: runner.idle)
    assert sorted(map(str, answers)) == ["a", "b"]


def test_an_error_is_handed_on_and_never_raised(qtbot: QtBot, answers: list[object]) -> None:
    runner = WorkerRunner()
    runner.run("a", lambda: [][1], lambda _: pytest.fail("no answer was due"), answers.append)
    qtbot.waitUntil(lambda: runner.idle)
    assert isinstance(answers[0], IndexError)


def test_a_dropped_work_answers_nobody(qtbot: QtBot, answers: list[object]) -> None:
    runner, gate = WorkerRunner(), Event()
    runner.run("a", lambda: gate.wait(5), answers.append, _refuse)
    runner.drop("a", "never started")
    assert runner.idle
    gate.set()
    runner.run("b", lambda: "b", answers.append, _refuse)
    qtbot.waitUntil(lambda: runner.idle)
    assert answers == ["b"]


def test_long_work_tells_its_progress_and_can_be_cancelled(
    qtbot: QtBot, answers: list[object]
) -> None:
    runner, started = WorkerRunner(), Event()

    def work(progress: Any, cancelled: Any) -> str:
        progress(1 << 40, 1 << 41)  # more than fits into a C int
        started.set()
        while not cancelled():
            Event().wait(0.005)
        return "stopped"

    runner.run_long("a", "Checksums", work, answers.append, _refuse)
    qtbot.waitUntil(started.is_set)
    runner.cancel("a")
    qtbot.waitUntil(lambda: runner.idle)
    assert answers == ["stopped"]


def test_a_bar_that_handles_events_while_it_moves_is_not_moved_meanwhile() -> None:
    runner = WorkerRunner()
    moves: list[int] = []

    class Bar:
        """As napari's: the next step arrives while this one is drawn."""

        n = total = 0

        def update(self, by: int) -> None:
            moves.append(by)
            if len(moves) < 50:
                runner._show_progress("steps", 1, by + 1, 50)

    runner._tasks["steps"] = _Task(1, moves.append, _refuse, Event(), Bar())
    runner._show_progress("steps", 1, 1, 50)
    assert moves == [1]
    runner._show_progress("steps", 1, 2, 50)
    assert moves == [1, 2]
