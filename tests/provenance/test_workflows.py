from __future__ import annotations

from pathlib import Path

import pytest

from napari_fair.files import FairError
from napari_fair.model import Confidence
from napari_fair.provenance import History
from napari_fair.provenance.workflows import read_workflow

NAPARI_WORKFLOWS = """\
!!python/object:napari_workflows._workflow.Workflow
_tasks:
  labels: !!python/tuple
  - !!python/name:skimage.measure.label ''
  - mask
  mask: !!python/tuple
  - !!python/name:some_plugin.threshold ''
  - blurred
  - otsu
  - 0.5
  blurred: !!python/tuple
  - !!python/name:skimage.filters.gaussian ''
  - image
  - 2.0
  - null
"""
NDEV = """\
name: Blur
modified: '2026-11-23'
inputs:
- image
outputs:
- mask
tasks:
  blurred:
    function: skimage.filters.gaussian
    params:
      arg0: image
      sigma: 2.0
      mode: nearest
  mask:
    function: numpy.greater
    params:
      arg0: blurred
      arg1: 0.5
"""
PARTIAL = """\
!!python/object:napari_workflows._workflow.Workflow
_tasks:
  blurred: !!python/tuple
  - !!python/object/apply:functools.partial
    args:
    - &id001 !!python/name:skimage.filters.gaussian ''
    state: !!python/tuple
    - *id001
    - !!python/tuple []
    - sigma: 2.0
    - {}
  - image
"""


def read(tmp_path: Path, text: str) -> History:
    path = tmp_path / "flow.yaml"
    path.write_text(text, encoding="utf-8")
    return read_workflow(path)


def flow(history: History) -> list[tuple[str, list[str], str, dict[str, object]]]:
    return [
        (
            step.tool.function,
            [history.ref(slot.data).name for slot in step.inputs],
            history.ref(step.outputs[0].data).name,
            {p.name: p.value for p in step.parameters},
        )
        for step in history.steps
    ]


def test_a_workflow_of_napari_workflows_becomes_declared_steps_in_order(tmp_path: Path) -> None:
    history = read(tmp_path, NAPARI_WORKFLOWS)
    assert flow(history) == [
        (
            "skimage.filters:gaussian",
            ["image"],
            "blurred",
            {"argument 2": 2.0, "argument 3": None},
        ),
        (
            "some_plugin:threshold",
            ["blurred"],
            "mask",
            {"argument 2": "otsu", "argument 3": 0.5},
        ),
        ("skimage.measure:label", ["mask"], "labels", {}),
    ]
    for step in history.steps:
        assert step.confidence is Confidence.DECLARED
        assert (step.started, step.ended, step.environment) == ("", "", "")


def test_a_workflow_of_ndev_keeps_the_names_of_arguments(tmp_path: Path) -> None:
    assert flow(read(tmp_path, NDEV)) == [
        (
            "skimage.filters:gaussian",
            ["image"],
            "blurred",
            {"sigma": 2.0, "mode": "nearest"},
        ),
        ("numpy:greater", ["blurred"], "mask", {"argument 2": 0.5}),
    ]


def test_arguments_bound_to_a_function_are_parameters(tmp_path: Path) -> None:
    assert flow(read(tmp_path, PARTIAL)) == [
        ("skimage.filters:gaussian", ["image"], "blurred", {"sigma": 2.0})
    ]


def test_nothing_in_a_workflow_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    history = read(
        tmp_path,
        f"""\
!!python/object:napari_workflows._workflow.Workflow
_tasks:
  a: !!python/tuple
  - !!python/object/apply:os.system ['touch {mark}']
  - !!python/object/new:os.system ['touch {mark}']
  - !!python/module:antigravity ''
  b: !!python/tuple
  - !!python/name:os.system ''
  - touch {mark}
""",
    )
    assert not mark.exists()
    assert [step.confidence for step in history.steps] == [Confidence.DECLARED] * 2


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "a: 1", "\tx", "_tasks: 3", BOMB, "[" * 5000, "a: &a [*a]", "_tasks: !!int x", "\0"],
)
def test_what_is_no_workflow_is_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(FairError, match="flow"):
        read(tmp_path, text)


def test_a_circle_of_tasks_ends(tmp_path: Path) -> None:
    text = "tasks: {a: {function: m.f, params: {arg0: b}}, b: {function: m.f, params: {arg0: a}}}"
    assert len(read(tmp_path, text).steps) == 2
