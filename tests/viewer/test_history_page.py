"""The History tab, with a recorder and without a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from napari.components import ViewerModel
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QApplication, QLabel

from napari_fair.headers import read_header
from napari_fair.model import (
    Confidence,
    DataRef,
    ManualWork,
    Parameter,
    Slot,
    Step,
    StepKind,
    Tool,
)
from napari_fair.provenance import History
from napari_fair.provenance.registry import Allowed
from napari_fair.session import open_folder
from napari_fair.viewer import history_words as words
from napari_fair.viewer import theme
from napari_fair.viewer.history_describe import DescribeDialog
from napari_fair.viewer.history_graph import nodes_of
from napari_fair.viewer.history_page import HistoryPage
from napari_fair.viewer.history_style import tones
from napari_fair.viewer.recorder import Recorder
from napari_fair.viewer.recorder_docks import Proposal
from napari_fair.viewer.recorder_records import hand_over, part_of
from napari_fair.viewer.runner import Immediately
from napari_fair.viewer.state import AnnotationModel

TOOL = Tool(name="Blur", function="skimage.filters:gaussian", package="scikit-image", version="1")


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def _step(number: int, used: str, made: str, **facts: Any) -> Step:
    said = {"confidence": Confidence.REPLAYABLE, "tool": TOOL, "name": "Blur", **facts}
    return Step(
        id=_id(number),
        inputs=(Slot(name="image", data=used),),
        outputs=(Slot(data=made),),
        ended="2026-11-20T10:00:00+00:00",
        **said,
    )


def _data(*names: str) -> list[DataRef]:
    return [DataRef(id=name, name=name) for name in names]


@pytest.fixture
def model(tmp_path: Path, qtbot: QtBot) -> Iterator[AnnotationModel]:
    path = tmp_path / "cells.tif"
    tifffile.imwrite(path, np.zeros((8, 8), "uint8"))
    model = AnnotationModel(Immediately())
    model.session = open_folder(tmp_path)
    model.image_id = model.session.add(read_header(path)).images[0].id
    yield model
    model.session.close(keep_draft=False)


@pytest.fixture
def recorder(qtbot: QtBot) -> Iterator[Recorder]:
    viewer = ViewerModel()
    recorder = Recorder(viewer)
    recorder.viewer = viewer  # type: ignore[attr-defined]
    yield recorder
    recorder.close()


@pytest.fixture
def page(qtbot: QtBot, model: AnnotationModel, recorder: Recorder) -> HistoryPage:
    page = HistoryPage(model)
    page.set_colours(theme.palette("dark"))
    qtbot.addWidget(page)
    page.resize(360, 640)
    page.heed(recorder)
    with qtbot.waitExposed(page):
        page.show()
    return page


def _fill(recorder: Recorder) -> None:
    """A file, a filter, labels by hand, something opaque, and a failure."""
    add = recorder.ledger.add
    add(_step(1, "file", "raw", kind=StepKind.OPEN, name="Opened cells.tif"), *_data("file", "raw"))
    add(
        _step(2, "raw", "smooth", parameters=(Parameter(name="sigma", value=1.5),)),
        *_data("smooth"),
    )
    work = ManualWork(strokes=23, modes=("paint",), labels_touched=(1, 2, 4, 9), planes=(8, 13))
    hand = {"manual": work, "confidence": Confidence.OPAQUE, "name": "Painted “nuclei”"}
    add(_step(3, "smooth", "nuclei", **hand, observed="paint"), *_data("nuclei"))
    unseen = {"confidence": Confidence.OPAQUE, "name": "Something made “spindles”"}
    add(_step(4, "smooth", "spindles", **unseen), *_data("spindles"))
    wrong = {"failed": True, "error": "ValueError: label image is empty", "name": "Measure"}
    add(_step(5, "nuclei", "table", **wrong), *_data("table"))


def _texts(page: HistoryPage) -> str:
    QApplication.processEvents()
    labels = [label for label in page.findChildren(QLabel) if label.isVisibleTo(page)]
    return " | ".join(label.text().replace("\u200b", "") for label in labels)


def _shown(page: HistoryPage) -> list[str]:
    return [row.step.id for row in page.rows]


def test_the_head_says_whether_steps_are_recorded_and_how_complete_the_history_is(
    page: HistoryPage, recorder: Recorder, qtbot: QtBot
) -> None:
    assert "Not recording" in page.head.words.text()
    assert page.head.button.text() == "&Record" and not page.replay.isEnabled()
    _fill(recorder)
    with qtbot.waitSignal(page.refreshed):
        page.head.press()
    assert "Recording" in page.head.words.text() and page.head.button.text() == "&Pause"
    assert "2 replayable, 0 declared, 1 by hand, 1 opaque, 1 failed" in page.head.words.text()
    with qtbot.waitSignal(page.refreshed):
        page.head.press()
    assert "Paused" in page.head.words.text() and page.head.button.text() == "&Go on"


def test_rows_say_what_was_done_in_words_and_not_by_colour_alone(
    page: HistoryPage, recorder: Recorder, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.refreshed):
        _fill(recorder)
    refs = {ref.id: ref for ref in page.history.data}
    lines = [words.line(row.step, refs.get) for row in page.rows]
    assert [line.chip for line in lines] == ["", "replayable", "by hand", "opaque", "error"]
    assert len({line.sign for line in lines}) == 4, "opened and replayable share one"
    assert lines[1].detail == "sigma = 1.5 · raw → “smooth” · scikit-image 1"
    assert lines[2].detail == "23 strokes, 4 labels, planes 8–13, under 1 min"
    assert lines[4].name == "Measure failed"


@pytest.mark.parametrize(
    ("word", "numbers"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("opaque", [4]),
        ("by hand", [3]),
        ("error", [5]),
        ("unsaved", [2, 3, 4, 5]),
    ],
)
def test_the_list_can_be_narrowed(
    page: HistoryPage, recorder: Recorder, word: str, numbers: list[int]
) -> None:
    _fill(recorder)
    page.refresh()
    page.narrow.setCurrentIndex(page.narrow.findData(word))
    page.narrow.activated.emit(page.narrow.currentIndex())
    assert _shown(page) == [_id(number) for number in numbers]


def test_words_and_what_led_to_a_layer_narrow_it_too(page: HistoryPage, recorder: Recorder) -> None:
    _fill(recorder)
    page.refresh()
    page.search.setText("sigma smooth")
    assert _shown(page) == [_id(2)]
    page.search.clear()
    page.show_led_to("nuclei")
    assert _shown(page) == [_id(1), _id(2), _id(3)]


def test_only_new_rows_are_made_and_earlier_ones_come_with_a_button(
    page: HistoryPage, recorder: Recorder
) -> None:
    for number in range(90):
        data = _data(f"d{number}", f"d{number + 1}")
        recorder.ledger.add(_step(number, f"d{number}", f"d{number + 1}"), *data)
    page.refresh()
    assert len(page.rows) == 40 and not page.earlier.isHidden()
    last = page.rows[-1]
    recorder.ledger.add(_step(99, "d90", "d91"), *_data("d90", "d91"))
    page.refresh()
    assert page.rows[-2] is last
    page.earlier.click()
    assert len(page.rows) == 80


def test_an_opaque_step_asks_once_and_the_answer_is_kept(
    page: HistoryPage, recorder: Recorder, qtbot: QtBot
) -> None:
    _fill(recorder)
    tool = Tool(name="Spindle Finder", version="1.2", package="spindle-finder")
    parameters = (Parameter(name="threshold", value=0.4), Parameter(name="size", value=12))
    recorder.proposals[_id(4)] = Proposal(tool, parameters)
    page.refresh()
    assert "Looks like Spindle Finder 1.2 (docked): threshold = 0.4, size = 12" in _texts(page)
    row = next(row for row in page.rows if row.step.id == _id(4))
    assert row.yes is not None
    with qtbot.waitSignal(page.refreshed):
        row.yes.click()
    step = recorder.ledger.history.step(_id(4))
    assert step.confidence is Confidence.DECLARED and step.tool == tool
    assert step.parameters == parameters
    assert "Looks like" not in _texts(page)


def test_describe_takes_parameters_as_lines_and_refuses_what_it_cannot_read(
    page: HistoryPage, recorder: Recorder, qtbot: QtBot
) -> None:
    _fill(recorder)
    page.refresh()
    page.describe(_id(4))
    (dialog,) = page.findChildren(DescribeDialog)
    assert not dialog.isModal()
    dialog.name.clear()
    dialog.keep.click()
    assert "which tool" in dialog.problem.text() and dialog.isVisible()
    dialog.name.setText("Cellpose")
    dialog.parameters.setPlainText("diameter = 30\nsizes = [1, 2]\nmodel = cyto 3\noops")
    dialog.keep.click()
    assert "oops" in dialog.problem.text()
    dialog.parameters.setPlainText("diameter = 30\nsizes = [1, 2]\nmodel = cyto 3")
    dialog.homepage.setText("not a page")
    dialog.keep.click()
    assert "home page" in dialog.problem.text()
    dialog.homepage.clear()
    dialog.keep.click()
    step = recorder.ledger.history.step(_id(4))
    assert step.tool.name == "Cellpose" and step.confidence is Confidence.DECLARED
    assert [(p.name, p.value) for p in step.parameters] == [
        ("diameter", 30),
        ("sizes", (1, 2)),
        ("model", "cyto 3"),
    ]


def test_comments_can_be_edited_and_facts_cannot(page: HistoryPage, recorder: Recorder) -> None:
    _fill(recorder)
    page.refresh()
    row = page.rows[1]
    row.toggle()
    assert row.comment is not None and row.open_part is not None
    row.comment.setText("sigma chosen by eye")
    row.comment.editingFinished.emit()
    before, after = row.step, recorder.ledger.history.step(row.step.id)
    assert after.comment == "sigma chosen by eye"
    assert after == before.model_copy(update={"comment": after.comment})
    page.keep()


def test_no_text_asks_for_more_than_360_pixels(page: HistoryPage, recorder: Recorder) -> None:
    long = "HeLa_mitosis_03.ome_gaussian_σ=1.5_threshold_otsu_labeled" * 2
    recorder.ledger.add(_step(1, "a", long, name=f"Something made “{long}”"), *_data("a", long))
    page.refresh()
    page.rows[0].toggle()
    QApplication.processEvents()
    assert page.minimumSizeHint().width() <= 360
    assert page.list.minimumSizeHint().width() <= 360


def test_the_graph_joins_what_came_from_what_and_goes_on_in_one_lane(recorder: Recorder) -> None:
    _fill(recorder)
    nodes = nodes_of(recorder.ledger.history)
    named = {node.name: node for node in nodes}
    assert [node.name for node in nodes][:4] == ["file", "raw", "smooth", "nuclei"]
    assert named["nuclei"].lane == named["smooth"].lane == 0
    assert named["spindles"].lane == 1, "a branch has a lane of its own"
    assert [nodes[n].name for n in named["spindles"].sources] == ["smooth"]


def test_branches_of_the_graph_get_lanes_of_their_own(recorder: Recorder) -> None:
    _fill(recorder)
    lanes = {node.name: node.lane for node in nodes_of(recorder.ledger.history)}
    assert lanes["smooth"] == lanes["nuclei"] != lanes["spindles"]


def test_every_tone_reads_on_both_themes() -> None:
    for name in ("dark", "light"):
        colours = theme.palette(name)
        for colour in tones(colours).values():
            pair = [
                tuple(int(text[i : i + 2], 16) for i in (1, 3, 5))
                for text in (colour, colours.background)
            ]
            assert theme.contrast(*pair) >= 4.5


# ---- into the record -------------------------------------------------------------------------


def test_steps_go_into_the_record_with_files_named_inside_the_folder_only(
    page: HistoryPage, recorder: Recorder, model: AnnotationModel, tmp_path: Path
) -> None:
    _fill(recorder)
    away = Path(tmp_path.anchor) / "elsewhere" / "other.tif"
    recorder.ledger.add(_step(9, "other", "far"), *_data("other", "far"))
    files = {"file": tmp_path / "cells.tif", "other": away}
    session = model.session
    assert session is not None
    part = part_of(recorder.ledger.history, files, tmp_path)
    assert hand_over(part, session) and not hand_over(part, session)
    assert [step.id for step in session.dataset.steps] == [_id(n) for n in (1, 2, 3, 4, 5)]
    paths = {ref.id: ref.path for ref in session.dataset.data}
    assert paths["file"] == "cells.tif" and "far" not in paths


def test_what_is_learnt_later_reaches_the_record(
    page: HistoryPage, recorder: Recorder, model: AnnotationModel, tmp_path: Path
) -> None:
    _fill(recorder)
    session, files = model.session, {"file": tmp_path / "cells.tif"}
    assert session is not None
    hand_over(part_of(recorder.ledger.history, files, tmp_path), session)
    recorder.describe(_id(4), Tool(name="Spindle Finder"), ())
    recorder.ledger.comment(_id(2), "by eye")
    recorder.ledger.complete("smooth", content_sha256="a" * 64, pending=False)
    hand_over(part_of(recorder.ledger.history, files, tmp_path), session)
    history = History.of(session.dataset)
    assert history.step(_id(4)).tool.name == "Spindle Finder"
    assert history.step(_id(2)).comment == "by eye"
    assert history.ref("smooth").content_sha256 == "a" * 64


def test_work_by_hand_fills_the_annotation_method_unless_somebody_said_otherwise(
    page: HistoryPage, recorder: Recorder, model: AnnotationModel, tmp_path: Path
) -> None:
    from napari_fair.viewer.recorder_annotation import fill_annotation

    _fill(recorder)
    session = model.session
    assert session is not None
    history = recorder.ledger.history
    fill_annotation(session, history)
    view = session.view("annotation.method")
    assert "nuclei: corrected by hand" in view.text and "23 strokes" in view.text
    assert view.origin == "inferred"
    assert session.view("annotation.coverage").text == "nuclei: by hand 4 labels, planes 8 to 13"
    session.set("annotation.method", "By two experts")
    fill_annotation(session, history)
    assert session.view("annotation.method").text == "By two experts"


def test_a_step_of_an_earlier_day_can_be_described_and_commented_too(
    page: HistoryPage, model: AnnotationModel
) -> None:
    session = model.session
    assert session is not None
    step = _step(7, "old", "older", confidence=Confidence.OPAQUE, name="Something made “older”")
    session.record_history(History((step,), tuple(_data("old", "older"))))
    page.refresh()
    row = page.rows[0]
    row.toggle()
    assert row.comment is not None
    row.comment.setText("from last week")
    row.comment.editingFinished.emit()
    page.describe(step.id)
    (dialog,) = page.findChildren(DescribeDialog)
    dialog.name.setText("ilastik")
    dialog.keep.click()
    kept = History.of(session.dataset).step(step.id)
    assert (kept.tool.name, kept.comment) == ("ilastik", "from last week")


def test_who_is_at_work_stands_in_the_steps(
    page: HistoryPage, recorder: Recorder, model: AnnotationModel, qtbot: QtBot
) -> None:
    session = model.session
    assert session is not None
    session.set("study.authors", "Josiah Carberry <0000-0002-1825-0097>")
    recorder.start()
    menu = page.head.more.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if "Carberry" in action.text()).trigger()
    recorder.viewer.add_image(np.zeros((4, 4)), name="made")  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bool(recorder.ledger.steps), timeout=10_000)
    page.refresh()
    assert recorder.ledger.steps[-1].agent == session.dataset.people[0].id
    page.rows[-1].toggle()
    assert "Josiah Carberry" in _texts(page)


# ---- script and replay -----------------------------------------------------------------------


@pytest.fixture
def recorded(recorder: Recorder, model: AnnotationModel, tmp_path: Path) -> History:
    """One step that can be run again, on the folder's image."""
    from skimage.filters import gaussian

    from napari_fair.provenance import identity_of

    image = tifffile.imread(tmp_path / "cells.tif")
    raw, smooth = identity_of(image), identity_of(gaussian(image, sigma=2.0))
    data = [
        DataRef(id="raw", name="raw", path="cells.tif", content_sha256=raw.content_sha256),
        DataRef(id="smooth", name="smooth", content_sha256=smooth.content_sha256),
    ]
    recorder.ledger.add(
        _step(1, "raw", "smooth", parameters=(Parameter(name="sigma", value=2.0),)), *data
    )
    session = model.session
    assert session is not None
    session.record_history(recorder.ledger.history)
    return History.of(session.dataset)


def test_replay_shows_a_verdict_for_every_step(page: HistoryPage, recorded: History) -> None:
    page.refresh()
    page.buttons.run(recorded, Allowed({"skimage.filters:gaussian": "test"}))
    assert page.verdict.text() == "Ran again: 1 exact."
    assert "✓ Ran again: exact" in _texts(page)


def test_functions_that_nobody_registers_are_asked_about_and_not_run(
    page: HistoryPage, recorded: History
) -> None:
    page.refresh()
    page.buttons.run(recorded, Allowed({}))
    assert page.verdict.text() == "Ran again: 1 not verified."
    assert "was not approved" in _texts(page)


def test_the_script_is_written_where_the_person_says(
    page: HistoryPage, recorded: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "my analysis.py"

    def dialog(*_) -> tuple[str, str]:
        return (str(path), "")

    monkeypatch.setattr("qtpy.QtWidgets.QFileDialog.getSaveFileName", dialog)
    page.refresh()
    page.script.click()
    assert "gaussian" in path.read_text("utf-8")
    assert "✓ Wrote my analysis.py." in page.verdict.text()
    path = tmp_path / "no such folder" / "analysis.ipynb"
    page.notebook.click()
    assert "was not written" in page.verdict.text()
