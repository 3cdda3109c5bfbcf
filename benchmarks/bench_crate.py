"""How long a record of 1,000 images takes to write, read and open, beside rocrate.

    python benchmarks/bench_crate.py [--images N] [--rounds N]

All write and read the same crate. A record becomes entities on the way to the file and is made of
them on the way back; rocrate (if it is installed) knows entities only, so that ours are also timed
without the record. They take turns; medians are printed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from napari_fair.model import (
    Dataset,
    Image,
    ImageSource,
    Quantity,
    Recorded,
    SourceFile,
    Study,
    image_id,
    source_id,
)
from napari_fair.session import open_folder
from napari_fair.sidecar import METADATA_FILE, crate_bytes, read_crate
from napari_fair.sidecar.crate_document import new_document, parse_document

OURS = "napari-fair"


def record(images: int) -> Dataset:
    """Return a record of many images with twenty values each."""
    id = "5f0f3c1e-6a5c-4d2a-9a53-0c5a6a1f2b3c"
    study = Study(
        id="0b9a7c52-37d4-4c02-8a1b-6b8f3d1e7a90",
        title=Recorded(value="Spindles"),
        description=Recorded(value="A thousand of them"),
    )
    sources = tuple(_source(id, number) for number in range(images))
    return Dataset(id=id, created="2026-11-20", study=study, sources=sources)


def _source(dataset: str, number: int) -> ImageSource:
    path = f"cells_{number:05}.ome.tif"
    id = source_id(dataset, path)
    note = {"image.description": Recorded(value=f"drug at {number} µM")}
    image = Image(id=image_id(id, 0), facts=_facts(number), overrides=note)
    file = SourceFile(path=path, size=11_000_000 + number, sha256=f"{number:064x}")
    return ImageSource(id=id, format="OME-TIFF", files=(file,), images=(image,))


def _facts(number: int) -> dict[str, Recorded[Any]]:
    lengths = {"x": 512, "y": 512, "z": 21, "c": 2, "t": 1}
    steps = {f"image.physical_size_{axis}": _length(0.108) for axis in "xyz"}
    waves = {f"channel.{n}.emission_wavelength": _length(460 + 65 * n, "nm") for n in (0, 1)}
    names = {f"channel.{n}.name": _said(name) for n, name in enumerate(("DAPI", "GFP"))}
    return {
        "image.name": _said(f"cells {number}"),
        **{f"image.size_{axis}": _said(length) for axis, length in lengths.items()},
        "image.dtype": _said("uint16"),
        "image.acquisition_date": _said(f"2026-11-20T14:{number % 60:02}:00"),
        **steps,
        **waves,
        **names,
        "image.stage_x": _length(100.5 + number),
        "image.stage_y": _length(200.5 + number),
        "objective.lens_na": _said(1.4),
        "objective.model": _said("Plan Apo 60x/1.40"),
    }


def _said(value: Any) -> Recorded[Any]:
    return Recorded(value=value, origin="header", where="OME-XML: Image[0]")


def _length(value: float, unit: str = "µm") -> Recorded[Any]:
    return _said(Quantity(value=value, unit=unit))


def ways(folder: Path, dataset: Dataset) -> dict[str, dict[str, Callable[[], object]]]:
    """Return what is timed, by task and by who does it."""
    target, out = folder / METADATA_FILE, folder / "out"
    out.mkdir()
    target.write_bytes(crate_bytes(dataset, None))
    data = target.read_bytes()
    graph = parse_document(data).graph
    tasks: dict[str, dict[str, Callable[[], object]]] = {
        "write the record": {OURS: lambda: target.write_bytes(crate_bytes(dataset, None))},
        "read the record": {OURS: lambda: read_crate(folder)},
        "open the session": {OURS: lambda: open_folder(folder)},
        "write entities": {OURS: lambda: target.write_bytes(new_document(list(graph)).dump())},
        "read entities": {OURS: lambda: parse_document(target.read_bytes())},
    }
    try:
        from rocrate.model.contextentity import ContextEntity
        from rocrate.rocrate import ROCrate
    except ImportError:
        print("rocrate is not installed: make bench installs it", file=sys.stderr)
        return tasks

    def write() -> None:
        crate = ROCrate()
        for entity in graph[2:]:  # the first two it makes itself
            crate.add(ContextEntity(crate, entity["@id"], dict(entity)))
        crate.metadata.write(str(out))

    tasks["write entities"]["rocrate"] = write
    tasks["read entities"]["rocrate"] = lambda: ROCrate(str(folder))
    return tasks


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time the writing and reading of a crate.")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place,
        patch("napari_fair.session.journal.user_state_path", lambda *_, **__: Path(place) / "j"),
        patch("napari_fair.session.elsewhere.user_state_path", lambda *_, **__: Path(place) / "j"),
    ):
        folder = Path(place) / "images"
        folder.mkdir()
        tasks = ways(folder, record(chosen.images))
        size = (folder / METADATA_FILE).stat().st_size
        print(f"{chosen.images:,} images with 20 values each: {size / 1e6:.2f} MB; milliseconds")
        for task, peers in tasks.items():
            report(task, peers, chosen.rounds)
    return 0


def report(task: str, peers: dict[str, Callable[[], object]], rounds: int) -> None:
    """Time a task by each in turn; print medians and the ratio."""
    times: dict[str, list[float]] = {name: [] for name in peers}
    for turn in range(rounds + 1):
        for name, do in peers.items():
            begun = time.perf_counter()
            do()
            if turn:  # the first one warms up
                times[name].append(1000 * (time.perf_counter() - begun))
    medians = {name: statistics.median(each) for name, each in times.items()}
    line = "".join(f"{name:>14}{median:9.1f}" for name, median in medians.items())
    if "rocrate" in medians:
        line += f"   rocrate takes {medians['rocrate'] / medians[OURS]:.2f} times as long"
    print(f"{task:18}{line}")


if __name__ == "__main__":
    raise SystemExit(main())
