"""A header is known before the record's models are built, and the record takes what it holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from folders import write_image
from napari_fair.headers.sentences import Warnings
from napari_fair.headers.sheet import Sheet
from napari_fair.model import FACTS, Fact, Quantity, Recorded, join_path, recorded_facts

_SLOW = ("pydantic", "numpy", "tifffile", "ome_types", "napari", "dask", "zarr", "pint")


def _modules_after(code: str, *arguments: str) -> set[str]:
    """Return what a fresh process has imported after some code."""
    tell = "import sys; print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", f"{code}\n{tell}", *arguments]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stderr.split())


def test_a_header_waits_for_no_slow_import(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.ome.tif")
    read = (
        "import sys; from napari_fair.headers import read_header\n"
        "assert read_header(sys.argv[1]).images[0].facts['image.size_x'].value"
    )
    assert _modules_after(read, str(path)).isdisjoint(_SLOW)


def test_describing_a_file_builds_no_models(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.ome.tif")
    told = (
        "from napari_fair.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
    )
    imported = _modules_after(told, "describe", "--json", str(path))
    assert "napari_fair.headers.ome_document" in imported
    assert "napari_fair.model.recorded" not in imported


_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.text(st.characters(codec=None), max_size=3),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.builds(
        Quantity,
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(codec="utf-8"), max_size=3),
    ),
    st.tuples(st.text(max_size=2)),
)
_stated = sorted(name for name, fact in FACTS.items() if "terms" not in fact.kind)


@given(st.sampled_from(_stated), _values, st.text(st.characters(codec=None), max_size=3))
@example("image.size_x", True, "")
@example("image.name", "", "")
@example("image.name", "\udc80", "\udc80")
@example("objective.lens_na", float("inf"), "")
@example("image.acquisition_date", "yesterday", "")
def test_the_record_takes_every_fact_that_a_reader_kept(name: str, value: Any, words: str) -> None:
    sheet = Sheet(0, Warnings())
    path = join_path(name, 0 if FACTS[name].repeated else None)
    if sheet.state(path, value, words, original=words):
        (recorded,) = recorded_facts(sheet.done().facts).values()
        assert isinstance(recorded, Recorded)
        assert recorded.value == value
        assert recorded.origin == "header"
        assert recorded.model_dump_json()
    else:
        assert sheet.facts == {}
        assert sheet.warnings.all(1)


def test_a_fact_that_no_field_takes_does_not_join_a_record() -> None:
    with pytest.raises(ValueError, match="valid integer"):
        recorded_facts({"image.size_x": Fact("wide")})
    with pytest.raises(ValueError, match="no field"):
        recorded_facts({"image.no_such_field": Fact(1)})
