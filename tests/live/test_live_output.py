from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from napari_fair.live import listen
from napari_fair.live.output import output_path
from napari_fair.session import open_folder


@pytest.mark.parametrize(
    "mda",
    [
        SimpleNamespace(),
        SimpleNamespace(_sink=None),
        SimpleNamespace(_sink=object()),
        SimpleNamespace(_sink=SimpleNamespace(_settings=SimpleNamespace(root_path=7))),
    ],
)
def test_an_engine_without_the_private_sink_is_no_error(mda: Any) -> None:
    assert output_path(SimpleNamespace(mda=mda), None) is None


def test_what_a_widget_was_told_says_where_data_are_saved(tmp_path: Path) -> None:
    told = {"should_save": True, "save_dir": str(tmp_path), "save_name": "run.ome.zarr"}
    sequence = SimpleNamespace(metadata={"pymmcore_widgets": told})
    assert output_path(SimpleNamespace(), sequence) == tmp_path / "run.ome.zarr"
    told["should_save"] = False
    assert output_path(SimpleNamespace(), sequence) is None


@pytest.mark.parametrize("output", ["run.ome.zarr", "run.ome.tiff"])
def test_data_are_found_in_the_folder_when_nothing_says_where_they_are(
    core: Any, folder: Path, sequence: Any, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_fair.live.output._sink_path", lambda core: None)
    failures: list[str] = []
    with listen(core, folder) as listener:
        listener.failed.connect(failures.append)
        core.mda.run(sequence, output=str(folder / output))
        listener.wait()
        (image,) = listener.images
    assert failures == []
    assert image.path is not None
    (source,) = open_folder(folder).dataset.sources
    assert source.path.startswith("run")
    assert [len(i.planes) for i in source.images if i.planes is not None] == [12, 12]
