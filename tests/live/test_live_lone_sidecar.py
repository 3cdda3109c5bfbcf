from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from napari_fair.headers import read_header
from napari_fair.live import listen
from napari_fair.session import open_folder


@pytest.mark.parametrize("output", ["run.ome.zarr", "run.ome.tiff"])
def test_a_lone_sidecar_gives_planes_notes_and_states_back(
    core: Any, folder: Path, sequence: Any, output: str
) -> None:
    with listen(core, folder) as listener:

        def note(_image: Any, event: Any) -> None:
            if event.index == {"t": 0, "p": 1, "c": 1, "z": 2}:
                listener.note("drug added \u2013 10 \u00b5M", author="J. Carberry")

        core.mda.events.frameReady.connect(note)
        core.mda.run(sequence, output=str(folder / output))
        listener.wait()
    before = open_folder(folder).dataset
    (folder / "ro-crate-metadata.json").unlink()
    session = open_folder(folder)
    session.add(read_header(folder / before.sources[0].path))
    after = session.dataset
    session.close()
    assert len(before.notes) == 1
    (source,) = after.sources
    # Micro-Manager's own planes in OME-TIFF have positions without a unit: those stay unknown
    held = {"delta_t", "exposure_time", "the_z", "the_c", "the_t"}
    for image, known in zip(source.images, before.sources[0].images, strict=True):
        assert image.planes is not None
        assert known.planes is not None
        if output.endswith("zarr"):
            assert image.planes == known.planes
        assert image.planes.model_dump(include=held) == known.planes.model_dump(include=held)
    assert source.states == before.sources[0].states
    assert [note.model_copy(update={"image": ""}) for note in after.notes] == [
        note.model_copy(update={"image": ""}) for note in before.notes
    ]
    assert after.notes[0].image == source.images[1].id
