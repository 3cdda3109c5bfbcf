"""Every command line in the documentation and in the program's help can be run as it stands."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from folders import write_image
from napari_fair.api import record_step
from napari_fair.cli import app
from napari_fair.live import demo_core
from napari_fair.session import open_folder
from napari_fair.session.preset_shelf import find_preset

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NEED_A_WINDOW = {"open", "demo"}
WATCHED = {"/data/microscope", "//server/share/today"}
WORKFLOW = """\
!!python/object:napari_workflows._workflow.Workflow
_tasks:
  blurred: !!python/tuple
  - !!python/name:skimage.filters.gaussian ''
  - image
  - 2.0
"""


def from_pages() -> Iterator[tuple[str, str]]:
    """Yield page and command line of the shell examples in the documentation."""
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if "napari-fair " in line.partition("#")[0] and "pip install" not in line:
                    yield page.relative_to(ROOT).as_posix(), line.strip()


def from_help() -> Iterator[tuple[str, str]]:
    """Yield verb and command line of the examples in the help."""

    def below(command: Any, name: str) -> Iterator[tuple[str, str]]:
        for word, each in getattr(command, "commands", {}).items():
            yield from below(each, f"{name} {word}")
        for line in (command.epilog or "").replace("\\\n", " ").splitlines():
            if "napari-fair " in line and (line.startswith("  napari-fair") or "=" in line):
                yield f"--help of{name}", " ".join(line.split())

    yield from below(typer.main.get_command(app), "")


def words_of(line: str) -> tuple[dict[str, str], list[str]]:
    """Return the variables that a command line sets, and its words up to a pipe."""
    words = shlex.split(line, comments=True)
    start = next(n for n, word in enumerate(words) if word == "napari-fair")
    end = words.index("|") if "|" in words else len(words)
    return dict(word.split("=", 1) for word in words[:start]), words[start + 1 : end]


EXAMPLES = [*from_pages(), *from_help()]


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]) -> Path:
    """A folder with the files that the examples speak of; it is the current folder."""
    folder = tmp_path / "images"
    for place in (folder, tmp_path / "mnt/readonly/run7", tmp_path / "home"):
        place.mkdir(parents=True)
    for name in ("cells.tif", "control.tif"):
        write_image(folder / name, fill=len(name))
    write_image(tmp_path / "mnt/readonly/run7/cells.tif")
    write_scenes(folder / "scenes.ome.tif")
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.chdir(folder)
    head = "id\tlabel\nlab:1\tour strain\n"
    (folder / "our_strains.tsv").write_text(f"# fields: organism\n{head}", "utf-8")
    (folder / "ncbitaxon.obo").write_text(
        "format-version: 1.2\n\n[Term]\nid: NCBITaxon:1\nname: root\n", "utf-8"
    )
    (folder / "spindle.toml").write_text('[values]\n"study.title" = "Spindles"\n', "utf-8")
    said = ["acquisition.instrument=Ti2", "study.authors=Ann Other", "study.license=CC0-1.0"]
    run("annotate", ".", *(word for text in said for word in ("--set", text)))
    for name in ("Ti2, second floor", "Our lab", "Spinning disk 2"):
        run("preset", "save", name, "--from", ".")
    (folder / "workflow.yaml").write_text(WORKFLOW, "utf-8")
    record_a_step(folder)
    return tmp_path


def record_a_step(folder: Path) -> None:
    import numpy as np
    from skimage.filters import gaussian

    image = np.eye(4)
    with record_step(
        gaussian, name="Blur", inputs={"image": image}, parameters={"sigma": 2}, folder=folder
    ) as step:
        step.output(gaussian(image, sigma=2), name="nuclei")


def write_scenes(path: Path) -> None:
    import numpy as np
    import tifffile

    with tifffile.TiffWriter(path, ome=True) as writer:
        for scene in range(3):
            told = {"axes": "CYX", "Name": f"scene {scene}"}
            writer.write(np.zeros((2, 4, 4), "uint8"), photometric="minisblack", metadata=told)


def test_every_verb_has_an_example() -> None:
    shown = {" ".join(words_of(line)[1][:2]) for _, line in from_help()}
    command = typer.main.get_command(app)
    for name, verb in command.commands.items():  # type: ignore[attr-defined]
        for inner in getattr(verb, "commands", None) or [""]:
            assert any(words.startswith(f"{name} {inner}".strip()) for words in shown), name


@pytest.mark.parametrize(
    ("where", "line"), EXAMPLES, ids=[f"{where}: {line[:60]}" for where, line in EXAMPLES]
)
def test_every_documented_command_can_be_run(
    where: str,
    line: str,
    examples: Path,
    run: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variables, words = words_of(line)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if words[0] in NEED_A_WINDOW:
        known = {
            option
            for p in typer.main.get_command(app).commands[words[0]].params
            for option in p.opts
        }  # type: ignore[attr-defined]
        assert {word for word in words if word.startswith("-")} <= known
        return
    placed = [word.replace("/mnt/", f"{examples}/mnt/", 1) for word in words]
    placed = [word.replace("~/", f"{examples}/home/", 1) for word in placed]
    placed = [f"{examples}/images" if word in WATCHED else word for word in placed]
    if words[0] == "watch" and "--once" not in words:
        placed.append("--once")
    if any(word.endswith("run7.crate") for word in placed):
        run("annotate", examples / "mnt/readonly/run7", "--to", examples / "home/records")

    done = run(*placed)

    assert done.exit_code in (0, 1), done.output
    assert "should not have happened" not in done.output


def python_blocks() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        blocks = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        found += [(page.relative_to(ROOT).as_posix(), block) for block in blocks]
    return found


@pytest.mark.parametrize(("where", "block"), python_blocks(), ids=[w for w, _ in python_blocks()])
def test_every_documented_python_example_can_be_run(
    where: str, block: str, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    if '"images' in block:
        monkeypatch.chdir(examples)
    exec(compile(block, where, "exec"), spoken_of(block, examples / "images"))


def spoken_of(block: str, folder: Path) -> dict[str, Any]:
    """Return what an example takes for granted: a microscope, an open session, a widget."""
    names: dict[str, Any] = {}
    if "core.mda" in block and "core =" not in block:
        useq = pytest.importorskip("useq")
        pytest.importorskip("mm_test_adapters")
        names["core"] = demo_core()
        names["sequence"] = useq.MDASequence(
            channels=["DAPI"], time_plan={"interval": 0, "loops": 2}
        )
    if "Sitting(session)" in block:
        names["session"] = session = open_folder(folder)
        names["image_id"] = session.sources()[0].images[0].id
        chosen = {"project": "Our lab", "sample": "Our lab", "microscope": "Ti2, second floor"}
        names.update({name: find_preset(preset)[1] for name, preset in chosen.items()})
    if "description_of(widget)" in block:
        names["widget"] = object()
    return names


def presets() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        blocks = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        found += [(page.relative_to(ROOT).as_posix(), each) for each in blocks if "[val" in each]
    return found


@pytest.mark.parametrize(("where", "text"), presets(), ids=[where for where, _ in presets()])
def test_every_documented_preset_can_be_used(
    where: str, text: str, examples: Path, run: Callable[..., Any]
) -> None:
    path = examples / "documented.toml"
    path.write_text(text, "utf-8")
    done = run("preset", "use", path, ".")
    assert done.exit_code == 0, done.output
