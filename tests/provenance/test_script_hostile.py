"""Scripts of records that mean harm, or that only look odd."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from analyses import analysis
from napari_fair.model import DataKind, DataRef, Parameter, Slot, Step, StepKind, Tool
from napari_fair.provenance import History, identity_of
from napari_fair.provenance import script_runtime as runtime
from napari_fair.provenance.registry import Allowed
from napari_fair.provenance.script import functions_of, notebook, script


def started(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(place), *arguments]
    environ = {**os.environ, "PYTHONPATH": ""}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environ
    )


def allowed(history: History) -> Allowed:
    return Allowed({}, functions_of(history))


def called(*parameters: Parameter, kind: StepKind = StepKind.CREATE, **more: Any) -> History:
    """One call of numpy's add on ``a.tif``."""
    tool = Tool(name="add", function=more.pop("function", "numpy:add"))
    data = more.pop("data", (DataRef(id="a", name="a", path="a.tif"), DataRef(id="b", name="b")))
    step = Step(
        id="s",
        kind=kind,
        tool=tool,
        parameters=parameters,
        inputs=more.pop("inputs", (Slot(name="x1", data="a"),)),
        outputs=more.pop("outputs", (Slot(data="b"),)),
        confidence="replayable",
        **more,
    )
    return History((step,), data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "images"
    place.mkdir()
    tifffile.imwrite(place / "a.tif", np.arange(6, dtype="float32").reshape(2, 3))
    return place


@pytest.mark.parametrize("codec", ["unicode_escape", "raw_unicode_escape", "utf-7", "no_such"])
def test_no_title_names_the_encoding_of_the_script(folder: Path, codec: str) -> None:
    failed = Step(id="s", name=r"x \nprint('owned') \u000aprint('owned') +AAo-", failed=True)
    source = script(History((failed,)), allowed=Allowed({}), title=f"coding: {codec}")
    place = folder / "analysis.py"
    place.write_text(source, encoding="utf-8")
    done = started(place)
    assert (done.returncode, done.stderr) == (0, "")
    assert "owned" not in done.stdout.splitlines()


@pytest.mark.parametrize("module", ["numpy", "hashlib", "tifffile", "scipy", "tempfile"])
def test_nothing_is_imported_from_the_folder_of_the_data(folder: Path, module: str) -> None:
    history = analysis(folder)
    (folder / f"{module}.py").write_text("raise SystemExit('owned')")
    place = folder / "analysis.py"
    place.write_text(script(history, allowed=allowed(history)), encoding="utf-8")
    done = started(place)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 exact" in done.stdout


@pytest.mark.parametrize("value", ["/etc/passwd", " http://x.org", "file:/etc/x", "$HOME/x"])
@pytest.mark.parametrize("type_name", ["", "path", "literal"])
def test_an_argument_that_names_another_place_is_a_gap(value: str, type_name: str) -> None:
    stated = repr([value]) if type_name == "literal" else value
    history = called(Parameter(name="out", value=stated, type_name=type_name))
    source = script(history, allowed=allowed(history))
    assert "import add" not in source
    assert "names another place" in source


@pytest.mark.parametrize(
    "value", ["0x" + "f" * 4000, "[" * 90 + "]" * 90, "-" * 500 + "1", "set()", "1e999"]
)
def test_a_literal_that_python_cannot_write_is_a_gap(value: str) -> None:
    history = called(Parameter(name="x2", value=value, type_name="literal"))
    compile(script(history, allowed=allowed(history)), "script", "exec")


def test_only_enumerations_are_looked_up_by_member(folder: Path) -> None:
    stated = Parameter(name="x2", value="HOME", type_name="enum numpy.lib:os.environ")
    history = called(stated)
    said = script(history, allowed=allowed(history)).split("# 1. add")[1]
    assert "import" not in said
    assert "choice(" not in said
    assert "numpy.lib:os.environ belongs to Python" in said
    with pytest.raises(SystemExit, match="no enumeration"):
        runtime.choice({"a": 1}, "a")


def test_a_function_of_python_under_another_name_is_not_called() -> None:
    with pytest.raises(SystemExit, match="belongs to Python"):
        runtime.run(subprocess.run, args=["true"])


def test_arguments_may_have_any_name() -> None:
    def function(function: int, name: int) -> Any:
        return np.array([function, name])

    assert runtime.run(function, function=1, name=2).tolist() == [1, 2]
    stated = (Parameter(name="function", value=1), Parameter(name="name", value=1))
    history = called(*stated)
    assert "function=1, name=1" in script(history, allowed=allowed(history))


def test_a_function_that_changes_its_argument_gives_that(folder: Path) -> None:
    image = tifffile.imread(folder / "a.tif")
    changed = np.sort(image[:, ::-1].copy())
    before = DataRef(id="a", name="a", path="a.tif")
    after = DataRef(id="b", name="b", content_sha256=identity_of(changed).content_sha256)
    history = called(
        kind=StepKind.UPDATE,
        function="numpy.random:shuffle",
        inputs=(Slot(name="x", data="a"),),
        data=(before, after),
    )
    assert "update(shuffle, 'x', x=a)" in script(history, allowed=allowed(history))
    given = image.copy()

    def grow(x: Any) -> None:
        x += 1

    assert np.array_equal(runtime.update(grow, "x", x=given), image + 1)
    assert np.array_equal(given, image)


def test_a_file_that_a_step_writes_does_not_replace_the_recorded_one(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "out.txt").write_text("recorded")
    data = (
        DataRef(id="a", name="a", path="a.tif"),
        DataRef(id="b", name="out", path="out.txt", kind=DataKind.FILE, sha256="0" * 64),
    )
    history = called(
        Parameter(name="fname", value="out.txt", type_name="path"),
        function="numpy:savetxt",
        inputs=(Slot(name="X", data="a"),),
        data=data,
    )
    place = tmp_path / "analysis.py"
    place.write_text(script(history, allowed=allowed(history)), encoding="utf-8")
    for results in ([], [str(tmp_path / "results")]):
        done = started(place, str(folder), *results)
        assert done.stderr == ""
        assert "out.txt: different" in done.stdout
    assert (folder / "out.txt").read_text() == "recorded"
    assert (tmp_path / "results" / "out.txt").is_file()


def test_a_store_that_would_run_code_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = folder / "a.zarr"
    store.mkdir()
    (store / ".zarray").write_text(
        '{"chunks": [1], "compressor": null, "dtype": "|O", "fill_value": null, "order": "C",'
        ' "filters": [{"id": "pickle"}], "shape": [1], "zarr_format": 2}'
    )
    monkeypatch.setattr(runtime, "FOLDER", folder)
    with pytest.raises(SystemExit, match="pickled objects"):
        runtime.load("a.zarr", "a")
    (store / ".zarray").unlink()
    (store / "link").symlink_to("/etc")
    with pytest.raises(SystemExit, match="link"):
        runtime.load("a.zarr", "a")


def test_pickled_arrays_are_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(folder / "a.npy", np.array([{}], dtype=object), allow_pickle=True)
    monkeypatch.setattr(runtime, "FOLDER", folder)
    with pytest.raises(ValueError, match="allow_pickle"):
        runtime.load("a.npy", "a")


@pytest.mark.parametrize("named", ["../b.tif", "/etc/b.tif", "&#46;&#46;/b.tif"])
def test_a_file_that_names_files_elsewhere_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    xml = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        f'<Image ID="Image:0"><Pixels><TiffData><UUID FileName="{named}">urn:uuid:1</UUID>'
        "</TiffData></Pixels></Image></OME>"
    )
    tifffile.imwrite(folder / "b.tif", np.zeros((2, 2), "u1"), description=xml, metadata=None)
    monkeypatch.setattr(runtime, "FOLDER", folder)
    with pytest.raises(SystemExit, match="names a file elsewhere"):
        runtime.load("b.tif", "b")


def test_only_packages_that_have_the_functions_are_asked_for(folder: Path) -> None:
    history = analysis(folder)
    step = history.steps[0]
    tool = step.tool.model_copy(update={"package": "evil-package"})
    changed = History((step.model_copy(update={"tool": tool}),), history.data)
    head = script(changed, allowed=allowed(changed)).split("import os")[0]
    assert "pip install numpy tifffile scipy==" in head
    assert "evil" not in head
    assert "scipy" not in script(changed, allowed=Allowed({})).split("import os")[0]


def test_thousands_of_steps_become_a_script(folder: Path) -> None:
    pieces = [DataRef(id=str(number), name="a", path="a.tif") for number in range(3001)]
    step = called().steps[0]
    steps = [
        step.model_copy(
            update={
                "id": f"s{n}",
                "inputs": (Slot(name="x1", data=str(n)),),
                "outputs": (Slot(data=str(n + 1)),),
            }
        )
        for n in range(3000)
    ]
    history = History(tuple(steps), tuple(pieces))
    source = script(history, allowed=allowed(history))
    assert source.count("run(add, ") == 3000


def test_the_notebook_is_what_jupyter_takes(folder: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    history = analysis(folder)
    nbformat.validate(notebook(history, allowed=allowed(history)))
