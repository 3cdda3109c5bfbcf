"""The package as others get it: manifest, imports, wheel, versions."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import napari_fair

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "napari_fair"
MANIFEST = PACKAGE / "napari.yaml"
GRAPHICAL = {"magicgui", "napari", "npe2", "pyqt6", "pyside6", "qtpy", "superqt", "vispy"}
HEAVY = ("lxml", "napari", "numpy", "ome_types", "pint", "pydantic", "qtpy", "rich", "tifffile")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def commands() -> list[str]:
    yaml = pytest.importorskip("yaml")
    manifest = yaml.safe_load(MANIFEST.read_text("utf-8"))
    return [command["python_name"] for command in manifest["contributions"]["commands"]]


def modules_after(statement: str) -> set[str]:
    """Return the top-level modules that a new interpreter holds after a statement."""
    code = f"{statement}; import json, sys; print(json.dumps(sorted(sys.modules)))"
    # -I: no user site, no variables, so that nothing but the statement imports anything.
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(run.stdout)}


def test_npe2_accepts_the_manifest() -> None:
    npe2 = pytest.importorskip("npe2")

    manifest = npe2.PluginManifest.from_file(MANIFEST)

    assert manifest.name == "napari-fair"
    assert manifest.display_name == "FAIR annotation"


def test_the_manifest_is_found_through_the_entry_point() -> None:
    npe2 = pytest.importorskip("npe2")

    manifest = npe2.PluginManifest.from_distribution("napari-fair")

    assert {widget.display_name for widget in manifest.contributions.widgets} == {"FAIR annotation"}
    menu = manifest.contributions.menus["napari/layers/metadata"]
    assert [item.command for item in menu] == ["napari-fair.dock"]


@pytest.mark.parametrize("python_name", commands())
def test_every_command_of_the_manifest_can_be_imported(python_name: str) -> None:
    pytest.importorskip("napari")
    module, _, attribute = python_name.partition(":")

    assert callable(getattr(importlib.import_module(module), attribute))


def test_the_manifest_at_the_top_is_the_one_in_the_package() -> None:
    top = ROOT / "napari.yaml"

    assert top.read_bytes() == MANIFEST.read_bytes()
    if os.name == "posix":
        assert top.is_symlink()
        assert not Path(os.readlink(top)).is_absolute()


def test_importing_the_package_loads_nothing_heavy() -> None:
    added = modules_after("import napari_fair") - modules_after("pass")

    assert added.isdisjoint(HEAVY), sorted(added & set(HEAVY))
    assert "napari_fair" in added


def test_the_version_is_the_same_everywhere(project: dict[str, Any]) -> None:
    declared = project["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert napari_fair.__version__ == declared
    assert version("napari-fair") == declared
    assert re.search(rf'^version: "?{re.escape(declared)}"?$', citation, re.MULTILINE)
    assert f"## [{declared}]" in changelog


def test_the_core_requires_neither_napari_nor_qt(project: dict[str, Any]) -> None:
    lines = project["project"]["dependencies"]
    required = {re.split(r"[^\w-]", line)[0].lower() for line in lines}

    assert "pydantic" in required
    assert required.isdisjoint(GRAPHICAL)


@pytest.mark.parametrize("verb", ["demo", "test", "lint", "types", "contracts"])
def test_the_makefile_knows_each_documented_command(verb: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert re.search(rf"^{verb}:", makefile, re.MULTILINE)


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build wheel and sdist with the backend itself: no network, no new environment."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    code = (
        "import sys; from hatchling import build; "
        "print(build.build_wheel(sys.argv[1])); print(build.build_sdist(sys.argv[1]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wheel, sdist = run.stdout.split()
    return folder / wheel, folder / sdist


def test_the_wheel_holds_the_manifest_and_the_types_marker(
    distributions: tuple[Path, Path],
) -> None:
    with zipfile.ZipFile(distributions[0]) as wheel:
        names = set(wheel.namelist())
        packed = wheel.read("napari_fair/napari.yaml")

    assert packed == MANIFEST.read_bytes()
    assert "napari_fair/py.typed" in names
    assert {name.split("/")[0] for name in names} == {
        "napari_fair",
        f"napari_fair-{napari_fair.__version__}.dist-info",
    }


def test_the_sdist_leaves_the_link_at_the_top_out(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[1]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}

    assert "napari.yaml" not in names
    assert "src/napari_fair/napari.yaml" in names
    assert "pyproject.toml" in names
    assert not any(name.startswith(".venv") for name in names)
