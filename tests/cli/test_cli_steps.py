from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import Result

import napari_fair
from analyses import analysis, with_hand_work

Run = Callable[..., Result]
APPROVED = tuple(
    word
    for function in ("scipy.ndimage:gaussian_filter", "numpy:greater", "scipy.ndimage:label")
    for word in ("--approve", function)
)


@pytest.fixture
def analysed(tmp_path: Path) -> Path:
    """A folder with a recorded analysis and a step by hand."""
    place = tmp_path / "Mai #2 🔬"
    place.mkdir()
    history = with_hand_work(analysis(place), place, saved=True)
    session = napari_fair.open_folder(place)
    session.record_history(history)
    session.save(())
    session.close()
    return place


def test_steps_are_listed_with_how_complete_they_are(
    run: Run, read: Callable[..., Any], analysed: Path
) -> None:
    shown = run("steps", analysed)
    assert shown.exit_code == 0
    assert "3 replayable, 1 declared, 0 opaque" in shown.stdout
    assert "sigma=2.0" in shown.stdout
    document = read("steps", analysed)
    assert document["completeness"]["sentence"] == "3 replayable, 1 declared, 0 opaque"
    first = document["steps"][0]
    assert first["tool"]["purl"].startswith("pkg:pypi/scipy@")
    assert first["parameters"] == [{"name": "sigma", "value": 2.0, "unit": "", "type_name": ""}]
    data = {piece["id"]: piece for piece in document["data"]}
    assert data[first["inputs"][0]["data"]]["path"] == "cells.tif"
    assert [piece["saved"] for piece in document["data"]] == [True, False, False, True, True]
    assert document["environments"][0]["python"].startswith("CPython")


def test_what_led_to_data_is_told(run: Run, read: Callable[..., Any], analysed: Path) -> None:
    found = read("steps", analysed, "--led-to", "mask")
    assert [step["name"] for step in found["steps"]] == ["gaussian filter", "greater"]
    missing = run("steps", analysed, "--led-to", "nothing")
    assert missing.exit_code == 2
    assert "'nothing'" in missing.stderr


def test_a_folder_without_steps_says_so(run: Run, read: Callable[..., Any], folder: Path) -> None:
    assert read("steps", folder)["steps"] == []
    assert "no steps yet" in run("steps", folder).stdout
    assert not (folder / "ro-crate-metadata.json").exists()


def test_a_script_has_only_what_was_approved(run: Run, analysed: Path, tmp_path: Path) -> None:
    out = tmp_path / "analysis.py"
    done = run("script", analysed, "-o", out)
    assert done.exit_code == 1
    assert "--approve scipy.ndimage:gaussian_filter --approve numpy:greater" in done.stderr
    assert "import gaussian_filter" not in out.read_text()
    refused = run("script", analysed, "-o", out, *APPROVED)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    done = run("script", analysed, "-o", out, *APPROVED, "--force")
    assert done.exit_code == 1  # the hand work is a gap
    assert "1 of them gaps" in done.stderr
    ast.parse(out.read_text())
    assert "from scipy.ndimage import gaussian_filter" in out.read_text()


def test_a_notebook_is_written_for_its_ending(run: Run, analysed: Path, tmp_path: Path) -> None:
    out = tmp_path / "analysis.ipynb"
    run("script", analysed, "-o", out, *APPROVED)
    assert json.loads(out.read_text())["nbformat"] == 4
    assert run("script", analysed, "-o", tmp_path / "analysis.txt").exit_code == 2


def test_functions_of_python_cannot_be_approved(run: Run, analysed: Path) -> None:
    done = run("replay", analysed, "--approve", "os:system")
    assert done.exit_code == 2
    assert "not to image analysis" in done.stderr


def test_a_replay_says_what_came_of_every_step(
    run: Run, read: Callable[..., Any], analysed: Path, contents: Callable[[Path], dict[str, str]]
) -> None:
    before = contents(analysed)
    document = read("replay", analysed, *APPROVED)
    assert [step["verdict"] for step in document["steps"]] == ["exact"] * 3 + ["not verified"]
    assert document["counts"]["exact"] == 3
    assert run("replay", analysed, *APPROVED).exit_code == 1
    unapproved = read("replay", analysed)
    assert {step["verdict"] for step in unapproved["steps"]} == {"not verified"}
    assert contents(analysed) == before


def test_a_changed_parameter_is_different_and_said(
    read: Callable[..., Any], analysed: Path
) -> None:
    found = read("replay", analysed, *APPROVED, "--change", "1:sigma=3.0")
    first = found["steps"][0]
    assert first["verdict"] == "different"
    assert first["differences"] == ["sigma is 3.0 and was 2.0"]


def test_a_parameter_that_somebody_edited_in_the_crate_is_named(
    read: Callable[..., Any], analysed: Path
) -> None:
    crate = analysed / "ro-crate-metadata.json"
    text = crate.read_text(encoding="utf-8")
    assert text.count('"name":"sigma","value":2.0') == 1
    edited = text.replace('"name":"sigma","value":2.0', '"name":"sigma","value":3.0')
    crate.write_text(edited, encoding="utf-8")
    first, second, *_ = read("replay", analysed, *APPROVED)["steps"]
    assert first["verdict"] == "different"
    assert first["differences"] == ["sigma was changed in the record after it was written"]
    assert second["differences"] == ["its input 'blurred' differs"]


@pytest.mark.parametrize("change", ["sigma=3", "1:sigma", "1:radius=3", "9:sigma=3"])
def test_a_change_of_nothing_is_wrong_use(run: Run, analysed: Path, change: str) -> None:
    done = run("replay", analysed, "--change", change)
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr


def test_a_workflow_file_becomes_steps_of_the_record(
    run: Run, read: Callable[..., Any], folder: Path
) -> None:
    flow = folder / "flow.yaml"
    flow.write_text("inputs: [a]\ntasks: {b: {function: m.blur, params: {arg0: a, sigma: 2}}}\n")
    done = run("steps", folder, "--import", flow)
    assert done.exit_code == 0, done.stderr
    (step,) = read("steps", folder)["steps"]
    assert (step["confidence"], step["observed"]) == ("declared", "workflow file")
    assert step["tool"]["function"] == "m:blur"


def test_results_are_found_as_channels_of_a_file(tmp_path: Path) -> None:
    import tifffile

    from napari_fair.pixels.arrays import arrays_in

    pixels = np.random.default_rng(0).random((1, 3, 8, 9)).astype("float32")
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, ome=True, metadata={"axes": "ZCYX"})
    found = [np.asarray(array) for array in arrays_in(tmp_path / "a.ome.tif")]
    assert any(array.shape == (8, 9) and np.array_equal(array, pixels[0, 1]) for array in found)
    np.savetxt(tmp_path / "p.csv", [[0, 1.5, 2], [1, 3, 4]], delimiter=",", header="index,a,b")
    assert [array.shape for array in arrays_in(tmp_path / "p.csv")][:2] == [(2, 3), (3,)]
    assert any(array.shape == (2, 2) for array in arrays_in(tmp_path / "p.csv"))


def test_verify_compares_the_results_of_steps(
    run: Run, read: Callable[..., Any], analysed: Path
) -> None:
    def states() -> dict[str, str]:
        files = read("verify", str(analysed))["files"]
        return {f["path"]: f["status"] for f in files if f["kind"] == "result"}

    assert states() == dict.fromkeys(("cells.tif", "labels.tif", "corrected.tif"), "unchanged")
    assert run("verify", str(analysed)).exit_code == 0
    (analysed / "labels.tif").write_bytes((analysed / "corrected.tif").read_bytes())
    (analysed / "corrected.tif").unlink()
    assert states() == {
        "cells.tif": "unchanged",
        "labels.tif": "changed",
        "corrected.tif": "missing",
    }
    assert run("verify", str(analysed)).exit_code == 1


def test_results_are_not_written_into_a_folder_that_holds_something(
    run: Run, analysed: Path
) -> None:
    done = run("replay", str(analysed), "-o", str(analysed), *APPROVED)
    assert done.exit_code == 2
    assert "is not empty" in done.stderr


def test_what_functions_print_does_not_break_the_json(
    run: Run, read: Callable[..., Any], analysed: Path
) -> None:
    import numpy as np

    session = napari_fair.open_folder(analysed)
    with napari_fair.record_step(np.info, parameters={"object": "add"}, session=session) as step:
        step.output(np.zeros(3), name="zeros")
    session.save(())
    session.close()
    document = read("replay", str(analysed), *APPROVED, "--approve", "numpy:info")
    assert document["counts"]["exact"] == 3
