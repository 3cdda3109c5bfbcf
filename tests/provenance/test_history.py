from __future__ import annotations

import threading
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given

from histories import histories
from napari_fair.model import Confidence, DataRef, ManualWork, Parameter, Slot, Step, Tool
from napari_fair.provenance import History, Ledger, impersonal

FUNCTION = Tool(name="gaussian", function="skimage.filters:gaussian")


def chain(*names: str) -> History:
    """Steps in a row, each on the result of the one before."""
    data = [DataRef(id=f"d{number}", name=f"d{number}") for number in range(len(names) + 1)]
    steps = [
        Step(
            id=str(uuid4()),
            name=name,
            inputs=(Slot(name="image", data=f"d{number}"),),
            outputs=(Slot(data=f"d{number + 1}"),),
        )
        for number, name in enumerate(names)
    ]
    return History(tuple(steps), tuple(data))


def test_what_led_to_data_is_found_in_order() -> None:
    history = chain("a", "b", "c")
    aside = chain("x")
    both = history.joined(History(aside.steps[:1]))
    assert [step.name for step in both.led_to("d2")] == ["a", "b"]
    assert both.led_to("nothing") == ()
    part = history.behind(["d1"])
    assert [step.name for step in part.steps] == ["a"]
    assert [piece.id for piece in part.data] == ["d0", "d1"]


def test_completeness_counts_failures_apart() -> None:
    known = Step(id="1", tool=FUNCTION, confidence=Confidence.REPLAYABLE)
    failed = known.model_copy(update={"id": "2", "failed": True})
    said = Step(id="3", confidence=Confidence.DECLARED)
    history = History((known, failed, said, Step(id="4")))
    assert history.completeness().sentence == "1 replayable, 1 declared, 1 opaque, 1 failed"
    assert History().completeness().sentence == "no steps yet"


def test_completeness_tells_work_by_hand_from_what_is_opaque() -> None:
    work = ManualWork(strokes=3, modes=("paint",))
    painted = Step(id="1", manual=work)
    said = Step(id="2", manual=work, confidence=Confidence.DECLARED)
    failed = Step(id="3", manual=work, failed=True)
    counts = History((painted, said, failed, Step(id="4"))).completeness()
    assert counts.sentence == "0 replayable, 1 declared, 1 by hand, 1 opaque, 1 failed"


def test_an_opaque_step_can_be_described_and_a_recorded_one_cannot() -> None:
    ledger = Ledger(History((Step(id="1"), Step(id="2", tool=FUNCTION, confidence="replayable"))))
    ledger.declare("1", Tool(name="Fiji"), [Parameter(name="radius", value=3)])
    assert ledger.steps[0].confidence is Confidence.DECLARED
    with pytest.raises(ValueError, match="recorded"):
        ledger.declare("2", Tool(name="Fiji"))
    ledger.comment("2", "looks fine")
    assert ledger.steps[1].comment == "looks fine"
    assert ledger.steps[1].tool == FUNCTION


@given(histories(), histories())
def test_joining_twice_is_joining_once(one: History, other: History) -> None:
    joined = one.joined(other)
    assert joined.joined(other) == joined
    assert joined.steps[: len(one.steps)] == one.steps


def test_steps_from_many_threads_are_all_there_and_announced() -> None:
    ledger, heard = Ledger(), []
    ledger.changed.connect(lambda: heard.append(1))

    def add() -> None:
        for _ in range(50):
            ledger.add(Step(id=str(uuid4())))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.steps) == len(heard) == 400


def test_later_knowledge_of_data_fills_gaps_and_changes_nothing() -> None:
    ledger = Ledger(History((), (DataRef(id="d", pending=True, dtype="uint8"),)))
    ledger.complete("d", content_sha256="0" * 64, dtype="float32", pending=False)
    (piece,) = ledger.data
    assert (piece.content_sha256, piece.dtype, piece.pending) == ("0" * 64, "uint8", False)


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("2026-11-23T10:00:00.123456-05:00", "2026-11-23T15:00:00.123+00:00"),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00+00:00"),
        ("", ""),
    ],
)
def test_times_are_kept_as_validators_want_them(stated: str, kept: str) -> None:
    assert Step(id="1", ended=stated).ended == kept


@pytest.mark.parametrize("stated", ["2026-11-23T10:00:00", "0001-01-01T00:00:00+14:00", "noon"])
def test_times_that_mean_no_moment_are_refused(stated: str) -> None:
    with pytest.raises(ValueError, match=r"1 validation error"):
        Step(id="1", ended=stated)


# ---- nothing personal ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/ada/data/a.tif", "~/data/a.tif"),
        ("cannot open '/Users/ada/x'", "cannot open '~/x'"),
        ("C:\\Users\\Ada Lovelace\\x.tif", "~\\x.tif"),
        ("C:\\\\Users\\\\ada\\\\x", "~\\\\x"),
        ("data/home/x", "data/home/x"),
        ("/data/home/ada/x", "~/x"),
        ("/mnt/c/Users/ada/x", "~/x"),
        ("/var/home/ada", "~"),
        ("/media/ada/stick/x", "~/stick/x"),
        ("'C:\\\\Users\\\\Ada Lovelace'", "'~'"),
        ("C:\\Users\\Ada Lovelace", "~"),
        ("/home/o'brien/x", "~/x"),
        ("\\\\lab-pc\\data\\x", "\\\\computer\\data\\x"),
        ("\\\\lab-pc\\Users\\ada\\x", "~\\x"),
        ("smb://ada@nas.example.org/x", "smb://computer/x"),
        ("https://example.org/home/page", "https://example.org/home/page"),
        ("file:///home/ada/x", "file:~/x"),
        ("sigma", "sigma"),
    ],
)
def test_home_folders_are_shortened(text: str, expected: str) -> None:
    assert impersonal(text) == expected


def test_a_recorded_step_names_no_home_folder_anywhere() -> None:
    home = str(Path.home() / "model.pt")
    step = Step(
        id="1",
        name=f"Load {home}",
        parameters=(Parameter(name="model", value=home), Parameter(name="all", value=(home, 1))),
        failed=True,
        error=f"no {home}",
        gap=home,
    )
    ledger = Ledger()
    ledger.add(step, DataRef(id="d", name=home))
    assert str(Path.home()) not in ledger.steps[0].model_dump_json()
    assert ledger.data[0].name == "~/model.pt"


def test_a_step_whose_values_had_to_be_shortened_is_no_longer_replayable() -> None:
    tool = Tool(name="/home/ada/bin/run", function="a:b", homepage="file:///home/ada/x")
    values = (
        Parameter(name="path", value="/home/ada/x.tif"),
        Parameter(name="mode", value="max"),
    )
    step = Step(id="1", tool=tool, parameters=values, confidence=Confidence.REPLAYABLE)
    ledger = Ledger()
    ledger.add(step)
    (kept,) = ledger.steps
    assert kept.confidence is Confidence.DECLARED
    assert kept.gap == "the value of path named a person or a home folder"
    assert [p.value for p in kept.parameters] == ["~/x.tif", "max"]
    assert (kept.tool.name, kept.tool.homepage) == ("~/bin/run", "")
    assert History((kept,)).joined(History((kept,))).steps == (kept,)


def test_a_value_that_is_somebodys_login_name_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    from napari_fair.provenance import privacy

    monkeypatch.setattr(privacy, "_login", lambda: "max")
    privacy._replacements.cache_clear()
    values = (Parameter(name="projection", value="max"), Parameter(name="by", value="max, lab 2"))
    step = Step(id="1", parameters=values, error="max failed", failed=True)
    try:
        kept = privacy.impersonal_step(step)
    finally:
        privacy._replacements.cache_clear()
    assert [p.value for p in kept.parameters] == ["max", "user, lab 2"]
    assert kept.error == "user failed"


def test_long_texts_are_shortened_in_time() -> None:
    import time

    started = time.perf_counter()
    for text in ("/" * 50_000, "\\" * 50_000, "/a/b/c" * 10_000, "C:\\Users" * 10_000):
        impersonal(text)
    assert time.perf_counter() - started < 10
