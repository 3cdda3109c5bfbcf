from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from napari_fair.live import listen
from napari_fair.session import open_folder
from napari_fair.sidecar import read_crate
from napari_fair.sidecar.ome import schema_errors


@pytest.mark.parametrize("output", ["run.ome.zarr", "run.ome.tiff"])
def test_a_sidecar_and_the_crate_are_there_while_an_acquisition_runs(
    core: Any, folder: Path, sequence: Any, output: str
) -> None:
    during: list[tuple[list[bytes], Any]] = []
    failures: list[str] = []
    listener = listen(core, folder)
    listener.failed.connect(failures.append)

    def look(_image: Any, event: Any) -> None:
        if event.index["t"] == 1 and event.index["p"] == 0 and not during:
            listener.wait(10)
            sidecars = [*folder.rglob("*.companion.ome"), *folder.rglob("*.omexml")]
            during.append(([path.read_bytes() for path in sidecars], read_crate(folder)))

    core.mda.events.frameReady.connect(look)
    core.mda.run(sequence, output=str(folder / output))
    listener.wait()
    (image,) = listener.images
    listener.stop()
    assert failures == []
    ((sidecars, crate),) = during
    (sidecar,) = sidecars
    assert schema_errors(sidecar) == []
    assert b'Model="Nikon 20X Plan Fluor ELWD"' in sidecar
    assert crate is not None
    (running,) = crate.dataset.sources
    assert ("acquisition", "running") in [(s.key, s.value) for s in running.states]
    assert [file.sha256 for file in running.files] == [""] * len(running.files)

    (source,) = open_folder(folder).dataset.sources
    assert source.id == running.id == image.source
    assert "acquisition" not in {state.key for state in source.states}
    left = [*folder.rglob("*.companion.ome"), *folder.rglob("*.omexml")]
    assert source.sidecar is not None
    assert left == [folder / source.sidecar.path]
    assert schema_errors((folder / source.sidecar.path).read_bytes()) == []


def test_a_cancelled_run_says_so(core: Any, folder: Path, sequence: Any) -> None:
    core.mda.events.frameReady.connect(
        lambda _image, event: core.mda.cancel() if event.index["p"] == 1 else None
    )
    with listen(core, folder) as listener:
        core.mda.run(sequence, output=str(folder / "run.ome.zarr"))
        listener.wait()
    (source,) = open_folder(folder).dataset.sources
    said = {state.key: state.value for state in source.states}
    assert said["acquisition"] == "cancelled after 7 of 24 frames"
