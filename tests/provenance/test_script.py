from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyses import analysis, with_hand_work
from histories import histories
from napari_fair.model import (
    Confidence,
    DataKind,
    DataRef,
    Parameter,
    Slot,
    Step,
    StepKind,
    Tool,
)
from napari_fair.provenance import History, Ledger, identity_of, record_step
from napari_fair.provenance import script_runtime as runtime
from napari_fair.provenance.registry import Allowed
from napari_fair.provenance.script import functions_of, notebook, script


def approving(history: History) -> Allowed:
    return Allowed({}, functions_of(history))


def run(source: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script where neither napari nor this package can be imported."""
    place = folder.parent / "script"
    place.mkdir(exist_ok=True)
    (place / "analysis.py").write_text(source, encoding="utf-8")
    guard = (
        "import sys, runpy\n"
        "for name in ('napari', 'napari_fair', 'qtpy', 'magicgui'):\n"
        "    sys.modules[name] = None\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    command = [sys.executable, "-c", guard, str(place / "analysis.py"), str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "Mai #2 100%"
    place.mkdir()
    return place


def test_a_script_reproduces_the_results_without_napari(folder: Path, tmp_path: Path) -> None:
    history = analysis(folder)
    done = run(script(history, allowed=approving(history)), folder, str(tmp_path / "results"))
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.splitlines()[:3] == ["blurred: exact", "mask: exact", "nuclei: exact"]
    assert len(list((tmp_path / "results").iterdir())) == 3


def test_another_parameter_makes_the_script_say_different(folder: Path) -> None:
    source = script(history := analysis(folder), allowed=approving(history))
    done = run(source.replace("sigma=2.0", "sigma=3.0"), folder)
    assert "blurred: different" in done.stdout
    assert done.returncode == 1


def test_an_input_that_was_replaced_stops_the_script(folder: Path) -> None:
    import tifffile

    source = script(history := analysis(folder), allowed=approving(history))
    tifffile.imwrite(folder / "cells.tif", np.zeros((48, 48), "float32"))
    done = run(source, folder)
    assert done.returncode == 1
    assert "cells.tif does not hold the recorded data" in done.stderr
    (folder / "cells.tif").unlink()
    assert "cells.tif is not in" in run(source, folder).stderr


def counted(history: History, folder: Path) -> History:
    """Add a step that uses the last result."""
    from scipy.ndimage import label

    last, ledger = history.data[-1], Ledger(history)
    values = np.arange(48 * 48).reshape(48, 48) % 5 == 0
    with record_step(label, to=ledger, folder=folder) as step:
        step.output(label(values)[0], slot="0", name="counted")
    made = ledger.steps[-1].model_copy(update={"inputs": (Slot(name="input", data=last.id),)})
    return History((*history.steps, made), ledger.data, ledger.history.environments)


def test_hand_work_stops_the_script_unless_its_result_is_there(folder: Path) -> None:
    history = counted(with_hand_work(analysis(folder), folder, saved=False), folder)
    source = script(history, allowed=approving(history))
    done = run(source, folder)
    assert done.returncode == 1
    assert "4. Painting cannot be run again" in done.stderr
    assert "Traceback" not in done.stderr
    supplied = folder / "supplied" / "corrected.tif"
    supplied.parent.mkdir()
    (folder / "corrected.tif").rename(supplied)
    done = run(source, folder)
    assert done.stderr == ""
    assert "counted: different" in done.stdout
    assert "4. Painting" in source


def test_hand_work_that_nothing_later_uses_is_said_and_passed_over(folder: Path) -> None:
    history = with_hand_work(analysis(folder), folder, saved=False)
    done = run(script(history, allowed=approving(history)), folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "4. Painting is not run again" in done.stdout
    assert "3 results: 3 exact, 0 different, 0 not verified" in done.stdout
    assert "no other needed: 1" in done.stdout


def test_hand_work_that_was_saved_is_read(folder: Path) -> None:
    history = counted(with_hand_work(analysis(folder), folder, saved=True), folder)
    done = run(script(history, allowed=approving(history)), folder)
    assert "counted: different" in done.stdout
    (folder / "corrected.tif").write_bytes((folder / "labels.tif").read_bytes())
    assert (
        "does not hold the recorded data"
        in run(script(history, allowed=approving(history)), folder).stderr
    )


def test_a_function_that_nobody_allows_is_not_called(folder: Path) -> None:
    history = analysis(folder)
    source = script(history, allowed=Allowed({}, ["numpy:greater"]))
    assert "import gaussian_filter" not in source
    assert "no installed plugin registers scipy.ndimage:gaussian_filter" in source
    assert "cannot be run again" in run(source, folder).stderr


def test_a_notebook_has_the_same_code(folder: Path) -> None:
    history = analysis(folder)
    book = notebook(history, allowed=approving(history))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 4)
    json.dumps(book)
    code = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
    plain = script(history, allowed=approving(history))
    for cell in code:
        assert cell in plain


def test_the_script_hashes_as_the_record_does() -> None:
    rng = np.random.default_rng(0)
    for array in (
        rng.random((3, 4)),
        rng.integers(0, 9, (2, 3, 4)).astype(">u2"),
        np.zeros((0, 3)),
        np.asfortranarray(rng.random((5, 6))),
        np.array(3.5),
        np.array([True, False]),
        [np.zeros(2), np.ones((3, 2))],
    ):
        assert runtime.content_of(array) == identity_of(array).content_sha256


# ---- nothing a record says becomes code ------------------------------------------------------

HOSTILE = (
    *('"); import os; os.system("id")', "a\nimport os", "x\r\nimport os", '"""', "'''", "\\"),
    *("\u2028import os", "\x0cimport os", "{__import__('os')}", "#", "%run x", "!id", "`id`"),
    *("print", "run", "np", "ｏｓ", "import", "__class__", "-->", "<script>", "*/", "\0", ""),
)
words = st.sampled_from(HOSTILE) | st.text(max_size=20)
FUNCTIONS = (
    *("os:system", "subprocess:run", "builtins:exec", "ｏｓ:system", "numpy:__builtins__"),
    *(
        "a:b\nimport os",
        "a b:c",
        "a.b",
        ":",
        "a:",
        "a:b.__globals__",
        "pip:main",
        "a:b:c",
        "numpy:os.system",
    ),
    *("skimage.filters:gaussian", "numpy:greater"),
)
CALLS = {
    "load",
    "file",
    "supplied",
    "run",
    "run_all",
    "check",
    "layer",
    "labels",
    "inside",
    "float",
    "stop",
    *("skip", "written", "check_file", "choice", "update", "str"),
}
NODES = (
    *(ast.Module, ast.ImportFrom, ast.alias, ast.Assign, ast.Expr, ast.Call, ast.keyword),
    *(ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set),
    *(ast.Subscript, ast.Attribute, ast.UnaryOp, ast.USub, ast.BinOp, ast.Add, ast.Sub),
)


@st.composite
def hostile_histories(draw: st.DrawFn) -> History:
    tool = Tool(
        name=draw(words),
        function=draw(st.sampled_from(FUNCTIONS) | st.sampled_from(FUNCTIONS[-2:])),
        package=draw(words),
        version=draw(words),
    )
    kinds = ["", "tuple", "path", "literal", "dtype", "enum os:system", "enum skimage.a:B", "float"]
    data = tuple(
        DataRef(
            id=str(number),
            name=draw(words),
            path=draw(st.sampled_from(["a.tif", "../a.tif", "/etc/passwd", "a\nb", ""]) | words),
            kind=draw(st.sampled_from(DataKind)),
            dtype=draw(words),
            shape=draw(st.sampled_from([(), (2, 3)])),
            units=(draw(words),),
            scale=(1.0,),
        )
        for number in range(3)
    )
    slot = st.builds(
        Slot,
        name=words | st.just("image"),
        data=st.sampled_from(["0", "1", "2"]),
        passed_as=st.sampled_from(["", "layer"]),
    )
    steps = tuple(
        Step(
            id=f"s{number}",
            kind=draw(st.sampled_from(StepKind)),
            name=draw(words),
            tool=tool,
            parameters=tuple(
                Parameter(
                    name=draw(words), value=draw(words), type_name=draw(st.sampled_from(kinds))
                )
                for _ in range(draw(st.integers(0, 2)))
            ),
            inputs=draw(st.lists(slot, max_size=2).map(tuple)),
            outputs=draw(st.lists(slot, max_size=2).map(tuple)),
            confidence=draw(st.sampled_from(Confidence)),
            gap=draw(words),
            comment=draw(words),
        )
        for number in range(2)
    )
    return History(steps, data)


def _said(source: str) -> list[ast.stmt]:
    """Return the statements that follow the script's own functions."""
    body = ast.parse(source).body
    last = max(n for n, node in enumerate(body) if isinstance(node, ast.FunctionDef))
    return body[last + 1 :]


def _assert_harmless(source: str) -> None:
    imported: set[str] = set()
    for statement in _said(source):
        for node in ast.walk(statement):
            assert isinstance(node, NODES), ast.dump(node)
            if isinstance(node, ast.ImportFrom):
                assert node.module in ("skimage.filters", "skimage.a", "numpy")
                imported |= {alias.asname or alias.name for alias in node.names}
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id in CALLS | {"finish"}
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                assert node.id.isascii()
                assert node.id not in CALLS
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("_")


@given(hostile_histories())
def test_nothing_that_a_record_says_becomes_code(history: History) -> None:
    _assert_harmless(script(history, allowed=approving(history)))
    book: Any = notebook(history, allowed=approving(history))
    for cell in book["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            ast.parse(text)
        else:
            assert "<script>" not in text


@pytest.mark.parametrize("place", ["title", "name", "version", "comment"])
def test_words_of_a_record_are_no_markup_in_a_notebook(place: str) -> None:
    said = "<script>alert(1)</script> [x](javascript:y) ![z](http://w)"
    tool = Tool(function="numpy:greater", package="numpy", version="2")
    step = Step(id="1", tool=tool, confidence="replayable")
    if place == "version":
        step = step.model_copy(update={"tool": tool.model_copy(update={"version": said})})
    elif place != "title":
        step = step.model_copy(update={place: said})
    book = notebook(
        History((step,)), allowed=Allowed({}), title=said if place == "title" else "An analysis"
    )
    words = "".join("".join(c["source"]) for c in book["cells"] if c["cell_type"] == "markdown")
    assert "alert" in words
    for markup in ("<script>", "](", "!["):
        assert markup not in words


@given(histories())
def test_every_history_has_a_script(history: History) -> None:
    _assert_harmless(script(history, allowed=Allowed({})))


def test_functions_of_python_itself_are_refused_whoever_approves_them() -> None:
    for function in FUNCTIONS[:-2]:
        assert Allowed({function: "plugin"}, [function]).why_not(function)
    assert Allowed({}, ["numpy:greater"]).why_not("numpy:greater") == ""
