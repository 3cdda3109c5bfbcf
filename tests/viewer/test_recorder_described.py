"""What a plugin's own widget says of itself, in the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_fair.model import Confidence, DataRef, Parameter, Step, Tool
from napari_fair.provenance import Description
from napari_fair.viewer import recorder_described
from napari_fair.viewer.recorder import Recorder
from napari_fair.viewer.recorder_callers import Caller
from napari_fair.viewer.recorder_described import Said, said_of
from napari_fair.viewer.recorder_docks import Dock

if TYPE_CHECKING:
    from napari import Viewer

SMOOTH = Tool(name="Smooth", function="skimage.filters:gaussian", package="scikit-image")
AT_WORK = Caller(module="recorded_functions.widget", function="Widget.run")


class Widget:
    """Stands for a plugin's widget."""


Widget.__module__ = "recorded_functions"


@pytest.fixture
def recorder(make_napari_viewer: Callable[..., Viewer]) -> Iterator[Recorder]:
    viewer = make_napari_viewer()
    recorder = Recorder(viewer)
    recorder.viewer = viewer  # type: ignore[attr-defined]
    yield recorder
    recorder.close()


def _said(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caller: Caller = AT_WORK, **facts: Any
) -> Said | None:
    found = Description(**{"tool": SMOOTH, **facts})
    monkeypatch.setattr(recorder_described, "description_of", lambda widget: found)
    return said_of(caller, [Dock("Smooth", Widget())], recorder.states, {})


def test_a_named_function_with_known_inputs_is_replayable(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = recorder.viewer.add_image(np.zeros((4, 4)))  # type: ignore[attr-defined]
    state = recorder.states.begin(layer)
    values = (Parameter(name="sigma", value=2.0),)
    inputs = (("image", layer.data),)
    said = _said(recorder, monkeypatch, parameters=values, inputs=inputs)
    assert said is not None and said.confidence is Confidence.REPLAYABLE
    assert [(slot.name, slot.data) for slot in said.inputs] == [("image", state)]


def test_data_that_no_layer_shows_makes_it_declared(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _said(recorder, monkeypatch, inputs=(("image", np.zeros((4, 4))),))
    assert said is not None and said.confidence is Confidence.DECLARED and "image" in said.gap


def test_a_description_that_fails_is_opaque_and_says_why(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = "its plugin could not describe it (KeyError: 'x')"
    said = _said(recorder, monkeypatch, gap=gap)
    assert said is not None and said.confidence is Confidence.OPAQUE and said.gap == gap


def test_a_widget_that_was_not_seen_at_work_is_not_asked(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for caller in (Caller(), Caller(module="__main__"), Caller(module="other.widget")):
        assert _said(recorder, monkeypatch, caller) is None


def test_it_stands_in_the_history_and_nobody_is_asked(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    viewer: Any = recorder.viewer  # type: ignore[attr-defined]
    said = Said(SMOOTH, "Smoothed", (), (), Confidence.DECLARED, "it named no function")
    monkeypatch.setattr("napari_fair.viewer.recorder.said_of", lambda *_: said)
    recorder.start()
    viewer.add_image(np.zeros((4, 4)), name="smooth")
    qtbot.waitUntil(lambda: bool(recorder.ledger.steps), timeout=10_000)
    (step,) = recorder.ledger.steps
    assert isinstance(step, Step) and step.name == "Smoothed" and step.observed == "its plugin"
    assert step.confidence is Confidence.DECLARED and not recorder.proposals
    assert isinstance(recorder.ledger.data[0], DataRef)
