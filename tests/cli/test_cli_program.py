"""The program as a shell sees it: exit codes, streams, start-up, what it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

VERBS = ("describe", "annotate", "show", "check", "validate", "verify", "open", "demo")


def shell(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    code = "from napari_fair.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        timeout=60,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(run: Any, verb: str) -> None:
    result = run(verb, "--help")

    assert result.exit_code == 0
    assert f"napari-fair {verb}" in result.stdout.split("Example")[1]


def test_without_a_verb_the_help_is_shown_as_wrong_use(run: Any) -> None:
    result = run()

    assert result.exit_code == 2
    assert "annotate" in result.stderr


def test_an_option_that_does_not_exist_is_one_sentence(run: Any) -> None:
    result = run("describe", "--nonsense")

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "napari-fair describe --help" in result.stderr


def test_a_file_whose_name_begins_with_a_dash_can_be_named(
    run: Any, folder: Path, make_image: Any
) -> None:
    make_image(folder / "-odd.ome.tif")

    assert run("describe", "--", "-odd.ome.tif").exit_code == 0
    assert "./-odd.ome.tif" in run("describe", "-odd.ome.tif").stderr


@pytest.mark.parametrize("before", [True, False])
def test_debug_adds_the_traceback_to_the_sentence(run: Any, folder: Path, before: bool) -> None:
    words = ["describe", "a b.ome.tif", "--debug"]
    words = ["--debug", *words[:2]] if before else words
    assert run(*words).exit_code == 0

    result = run("show", "gone.tif", "--debug")

    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert "Traceback" not in run("show", "gone.tif").stderr


def test_a_surprise_is_a_sentence_too(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: Any, **__: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("napari_fair.headers.read_header", explode)

    result = run("describe", "a b.ome.tif")

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "--debug" in result.stderr


def test_stopping_by_hand_is_a_sentence_and_130(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("napari_fair.headers.read_header", stop)

    result = run("describe", "a b.ome.tif")

    assert result.exit_code == 130
    assert len(result.stderr.splitlines()) == 1


def test_standard_output_holds_the_document_and_nothing_else(folder: Path) -> None:
    result = shell("annotate", ".", "gone.tif", "--set", "study.title=ü", "--json")

    assert result.returncode == 1
    assert orjson.loads(result.stdout)["problems"][0]["path"] == "gone.tif"
    assert b"gone.tif" in result.stderr


def test_a_terminal_without_unicode_gets_question_marks(folder: Path) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    people = shell("describe", "ü#1.ome.tif", **ascii_only)
    program = shell("describe", "ü#1.ome.tif", "--json", **ascii_only)

    assert people.returncode == 0, people.stderr
    assert people.stdout.startswith(b"?#1.ome.tif")
    assert orjson.loads(program.stdout)["files"][0]["path"] == "ü#1.ome.tif"


def test_a_reader_that_goes_away_is_no_complaint(folder: Path) -> None:
    code = "from napari_fair.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "describe", *["a b.ome.tif"] * 300],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read()

    assert complaint == b""
    assert process.returncode == 141


def test_no_verb_but_open_and_demo_loads_napari_or_qt(folder: Path) -> None:
    code = (
        "import sys; from napari_fair.cli import main\n"
        "for words in (['annotate', '.', '--set', 'study.title=x'], ['show', '.'], ['check', '.'],"
        " ['verify', '.'], ['describe', '.'], ['vocabulary', 'list']):\n"
        "    sys.argv = ['napari-fair', *words]\n"
        "    try: main()\n"
        "    except SystemExit as end: assert end.code in (0, 1), (words, end.code)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)

    assert result.returncode == 0, result.stderr
    loaded = result.stderr.splitlines()[-1]
    assert b"'napari_fair'" in loaded
    for name in (b"'napari'", b"'qtpy'", b"'PyQt6'", b"'PySide6'", b"'npe2'"):
        assert name not in loaded


def test_help_loads_neither_the_model_nor_rich() -> None:
    code = (
        "import sys; sys.argv = ['napari-fair', '--help']\n"
        "from napari_fair.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)

    loaded = result.stderr.split()
    assert b"typer" in loaded
    for name in (b"pydantic", b"napari_fair.model", b"rich.console", b"tifffile", b"lxml"):
        assert name not in loaded


# ---- open and demo --------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("open", "a b.ome.tif"), ("demo",)])
def test_without_napari_the_two_verbs_say_what_to_install(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setitem(sys.modules, "napari", None)

    result = run(*words)

    assert result.exit_code == 2
    assert 'pip install "napari-fair[all]"' in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_open_and_demo_name_a_file_that_is_not_there(run: Any, folder: Path) -> None:
    for verb in ("open", "demo"):
        result = run(verb, "gone.tif")
        assert result.exit_code == 2
        assert "gone.tif" in result.stderr


def test_demo_hands_its_options_to_the_viewer(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    told: list[Any] = []

    def demo(image: Path | None, *, output: Path | None, unattended: bool) -> int:
        told.append((image, output, unattended))
        return 1

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setitem(sys.modules, "napari", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "napari_fair.viewer.demo", SimpleNamespace(run=demo))

    result = run("demo", "--unattended", "--output", "out", "a b.ome.tif")

    assert result.exit_code == 1
    assert told == [(Path("a b.ome.tif"), Path("out"), True)]
