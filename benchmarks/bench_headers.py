"""How long it takes to know what a file says about itself, beside bioio and ome-types.

    python benchmarks/bench_headers.py [FOLDER] [--cold N] [--warm N] [--check]

Asked for is the metadata alone: ``read_header`` here, ``BioImage(path).ome_metadata`` of bioio, and
``ome_types.from_tiff``. *Cold* is a fresh process, from before the first import to the metadata in
hand, without the start of Python; *warm* is a process that has read files before. The readers take
turns, file by file and round by round; medians and their ratios are printed. Before that each reads
once, so that its modules are compiled, as installers leave them. Files: a small OME-TIFF, one with
100,000 planes, a sparse one of 10 GB, all written by this script; and each readable file of FOLDER
(of NAPARI_FAIR_TESTDATA when none is given).

Memory is the highest resident memory while reading, over that after the import (Linux only), and
what Python's own allocations reached (tracemalloc, in a process of its own).
With ``--check`` the exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

OURS, BIOIO, OME_TYPES = "napari-fair", "bioio", "ome-types"
READERS = (OURS, BIOIO, OME_TYPES)
SMALL, PLANES, LARGE = "small OME-TIFF", "100,000 planes", "10 GB, sparse"
MANY = 100_000
SLOW = {(PLANES, BIOIO), (PLANES, OME_TYPES)}
"""Readings that take many seconds: fewer rounds."""

# what, readers, cold or warm, at least so many times faster
TARGETS = (
    (SMALL, BIOIO, "cold", 20.0),
    (SMALL, BIOIO, "warm", 5.0),
    (LARGE, BIOIO, "cold", 20.0),
    (LARGE, BIOIO, "warm", 5.0),
    (PLANES, OME_TYPES, "cold", 20.0),
    (PLANES, OME_TYPES, "warm", 20.0),
)
# what, most milliseconds warm
LIMITS = ((SMALL, 50.0), (LARGE, 50.0), (PLANES, 1000.0))
MOST_MEMORY, CORE, VENDOR = 50.0, 50.0, 200.0
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
_CORE_FORMATS = ("TIFF", "OME", "NDTiff", "PNG", "JPEG", "MetaMorph", "LSM", "SVS", "Micro-Manager")


# ---- readers, in processes of their own -----------------------------------------------------


def reader(name: str) -> Callable[[str], dict[str, Any]]:
    """Import a reader; return what gives the facts that all of them have."""
    if name == OURS:
        from napari_fair.headers import read_header

        def ours(path: str) -> dict[str, Any]:
            header = read_header(path)
            facts = header.images[0].facts if header.images else {}
            size = facts.get("image.physical_size_x")
            found = {axis: facts.get(f"image.size_{axis}") for axis in "xyzct"}
            sizes = [fact.value if fact is not None else None for fact in found.values()]
            return {"sizes": sizes, "x": size.value.value if size else None, "is": header.format}

        return ours
    if name == BIOIO:
        from bioio import BioImage

        return lambda path: _ome(BioImage(path).ome_metadata)
    from ome_types import from_tiff

    return lambda path: _ome(from_tiff(path))


def _ome(ome: Any) -> dict[str, Any]:
    pixels = ome.images[0].pixels
    sizes = [getattr(pixels, f"size_{axis}") for axis in "xyzct"]
    return {"sizes": sizes, "x": pixels.physical_size_x}


def work(name: str) -> None:
    """Read each file named on standard input; answer with a line of JSON."""
    begun = time.perf_counter()
    read: Callable[[str], dict[str, Any]] | None = None
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what readers print is no answer
    for line in sys.stdin:
        if read is not None:
            begun = time.perf_counter()
        try:
            read = read or reader(name)
            before = _memory("VmRSS")
            _reset_peak()
            answer = read(line.rstrip("\n"))
        except Exception as problem:
            answer, before = {"error": f"{type(problem).__name__}: {problem}"[:200]}, 0.0
        answer["ms"] = 1000 * (time.perf_counter() - begun)
        answer["rss"] = _memory("VmHWM") - before
        out.write(json.dumps(answer) + "\n")
        out.flush()


def trace(name: str, path: str) -> None:
    """Print how much Python allocated while reading a file."""
    import tracemalloc

    read = reader(name)
    tracemalloc.start()
    read(path)
    print(json.dumps({"mb": tracemalloc.get_traced_memory()[1] / 1e6}))


def _memory(which: str) -> float:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next(int(x.split()[1]) for x in status.splitlines() if x.startswith(which)) / 1024


def _reset_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


class Worker:
    """A process that has one reader."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={name: value for name, value in os.environ.items() if name != _UNCOMPILED},
        )

    def read(self, path: Path) -> dict[str, Any]:
        """Return the answer about one file."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


# ---- files ----------------------------------------------------------------------------------


def small(path: Path) -> Path:
    """Write an OME-TIFF of two channels and three planes."""
    import numpy as np
    import tifffile

    names = {"Name": ["DAPI", "GFP"], "EmissionWavelength": [460, 525]}
    size = {"PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1, "PhysicalSizeZ": 0.3}
    metadata = {"axes": "CZYX", **size, "Channel": names}
    tifffile.imwrite(path, np.zeros((2, 3, 64, 64), "uint16"), ome=True, metadata=metadata)
    return path


def large(path: Path) -> Path:
    """Write an OME-TIFF of 10 GB that takes little room on the disk."""
    import tifffile

    metadata = {"axes": "TZCYX", "PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1, "PhysicalSizeZ": 0.3}
    shape = (50, 20, 2, 1600, 1600)
    tifffile.imwrite(path, shape=shape, dtype="uint16", ome=True, bigtiff=True, metadata=metadata)
    return path


def many_planes(path: Path) -> Path:
    """Write an OME-TIFF with 100,000 directories, and each of its planes in the OME-XML."""
    planes = [(z, c, t) for t in range(MANY // 100) for z in range(50) for c in range(2)]
    text = _document(planes)
    head = struct.pack("<2sHI", b"II", 42, 8 + len(text) + 1 + 16)
    place, directories = 8 + len(text) + 1 + 16, []
    for number in range(MANY):
        tags = [
            *((256, 3, 1, 4), (257, 3, 1, 4), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
            *([(270, 2, len(text) + 1, 8)] if number == 0 else []),
            *((273, 4, 1, 8 + len(text) + 1), (277, 3, 1, 1), (278, 3, 1, 4), (279, 4, 1, 16)),
        ]
        place += 2 + 12 * len(tags) + 4
        body = b"".join(struct.pack("<HHII", *tag) for tag in tags)
        following = place if number < MANY - 1 else 0
        directories.append(struct.pack("<H", len(tags)) + body + struct.pack("<I", following))
    path.write_bytes(head + text + bytes(17) + b"".join(directories))
    return path


def _document(planes: list[tuple[int, int, int]]) -> bytes:
    data, stated = [], []
    for number, (z, c, t) in enumerate(planes):
        place = f'C="{c}" T="{t}" Z="{z}"'
        data.append(
            f'<TiffData First{" First".join(place.split())} IFD="{number}" PlaneCount="1"/>'
        )
        stated.append(
            f'<Plane The{" The".join(place.split())} DeltaT="{number / 20}" ExposureTime="0.05" '
            f'PositionX="{number}.5" PositionY="12.25" PositionZ="{z * 0.3:.1f}"/>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="4" SizeY="4" SizeZ="50" '
        f'SizeC="2" SizeT="{MANY // 100}" PhysicalSizeX="0.1" PhysicalSizeY="0.1">'
        '<Channel ID="Channel:0:0" SamplesPerPixel="1"/>'
        '<Channel ID="Channel:0:1" SamplesPerPixel="1"/>'
        f"{''.join(data)}{''.join(stated)}</Pixels></Image></OME>"
    ).encode()


# ---- measuring ------------------------------------------------------------------------------

Times = dict[tuple[str, str, str], list[float]]


def measure(files: dict[str, Path], cold: int, warm: int) -> tuple[Times, dict[str, float]]:
    """Return milliseconds by file, reader and cold or warm, and our memory by file in MB."""
    times: Times = {}
    memory: dict[str, float] = {}
    for name in READERS:
        with Worker(name) as worker:
            worker.read(files[SMALL])
    for turn in range(cold):
        for what, path in files.items():
            for name in READERS:
                if turn and (what, name) in SLOW:
                    continue
                with Worker(name) as worker:
                    answer = worker.read(path)
                _keep(times, (what, name, "cold"), answer)
                if name == OURS:
                    memory[what] = max(memory.get(what, 0.0), answer["rss"])
    workers = {name: Worker(name) for name in READERS}
    for what, path in files.items():
        agree: dict[str, Any] = {}
        for turn in range(warm + 1):
            for name, worker in workers.items():
                if turn > 1 and (what, name) in SLOW:
                    continue
                answer = worker.read(path)
                agree[name] = (answer.get("sizes"), answer.get("x"))
                if turn or (what, name) in SLOW:  # the first one warms up
                    _keep(times, (what, name, "warm"), answer)
        if len({str(each) for each in agree.values()}) > 1:
            print(f"the readers differ about {what}: {agree}")
    for worker in workers.values():
        worker.close()
    return times, memory


def _keep(times: Times, key: tuple[str, str, str], answer: dict[str, Any]) -> None:
    if "error" in answer:
        print(f"{key[1]} does not read {key[0]}: {answer['error']}", file=sys.stderr)
    else:
        times.setdefault(key, []).append(answer["ms"])


def report(files: Iterable[str], times: Times, memory: dict[str, float]) -> list[str]:
    """Print the table; return the targets that were missed."""
    print(f"\n{'milliseconds (median)':24}{'':6}", *(f"{name:>12}" for name in READERS), end="")
    print(f"{'bioio':>10}{'ome-types':>11}   times slower; runs")
    for what in files:
        for state in ("cold", "warm"):
            cells = [times.get((what, name, state), []) for name in READERS]
            medians = [statistics.median(cell) if cell else None for cell in cells]
            print(f"{what:24}{state:6}", *(_cell(each, 12) for each in medians), end="")
            ratios = [each / medians[0] if each and medians[0] else None for each in medians[1:]]
            print(_cell(ratios[0], 10), _cell(ratios[1], 10), f"  {[len(c) for c in cells]}")
    missed = []
    for what, name, state, wanted in TARGETS:
        there = [times.get((what, each, state)) for each in (OURS, name)]
        if there[0] and there[1]:
            ratio = statistics.median(there[1]) / statistics.median(there[0])
            verdict = "met" if ratio >= wanted else "MISSED"
            print(f"{what}, {state}: {ratio:.1f} times {name}, wanted {wanted:.0f}: {verdict}")
            missed += [] if ratio >= wanted else [f"{what} {state}"]
        else:
            print(f"{what}, {state}: not compared with {name}, which did not read it")
    for what, most in LIMITS:
        median = statistics.median(times[what, OURS, "warm"])
        print(f"{what}, warm: {median:.1f} ms, wanted under {most:.0f}")
        missed += [] if median < most else [f"{what} limit"]
    for what, used in memory.items():
        print(f"{what}: {used:.1f} MB resident over the import, wanted under {MOST_MEMORY:.0f}")
        missed += [] if used < MOST_MEMORY else [f"{what} memory"]
    return missed


def _cell(value: float | None, width: int) -> str:
    return f"{value:{width}.1f}" if value is not None else f"{'–':>{width}}"


def traced(files: dict[str, Path]) -> None:
    """Print what Python allocated at most."""
    for what, path in files.items():
        command = [sys.executable, __file__, "--trace", OURS, str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        print(f"{what}: {json.loads(run.stdout)['mb']:.1f} MB allocated by Python (tracemalloc)")


def vendor_files(folder: Path) -> list[str]:
    """Print our times by format, warm, beside bioio's where it reads the file."""
    from napari_fair.headers import image_paths

    found: dict[str, list[tuple[float, float | None, str]]] = {}
    with Worker(OURS) as ours, Worker(BIOIO) as peer:
        for path in image_paths(folder, recursive=True):
            first = ours.read(path)
            answers = [(ours.read(path), peer.read(path)) for _ in range(3)]
            mine = statistics.median(a["ms"] for a, _ in answers)
            theirs = [b["ms"] for _, b in answers if "error" not in b]
            beside = statistics.median(theirs) if theirs else None
            name = first.get("is") or "not recognised"
            found.setdefault(name, []).append((mine, beside, path.name))
    print(f"\n{'real files, warm':24}{'files':>6}{'median':>9}{'slowest':>9}  bioio: files, ratio")
    slow = []
    for name, rows in sorted(found.items()):
        times = [mine for mine, *_ in rows]
        ratios = [beside / mine for mine, beside, _ in rows if beside is not None]
        beside_ = f"{len(ratios):4} {statistics.median(ratios):8.1f}" if ratios else "   –"
        median, worst = statistics.median(times), max(times)
        print(f"{name:24}{len(rows):6}{median:9.2f}{worst:9.2f}  {beside_}")
        most = CORE if any(core in name for core in _CORE_FORMATS) else VENDOR
        slow += [f"{file}: {mine:.0f} ms" for mine, _, file in rows if mine > most]
    for each in slow:
        print(f"over its limit: {each}")
    return slow


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Time the reading of headers.")
    parser.add_argument("folder", nargs="?", default=os.environ.get("NAPARI_FAIR_TESTDATA"))
    parser.add_argument("--cold", type=int, default=5, help="rounds of fresh processes")
    parser.add_argument("--warm", type=int, default=15, help="rounds in running processes")
    parser.add_argument("--check", action="store_true", help="fail when a target is missed")
    parser.add_argument("--worker", metavar="READER", help=argparse.SUPPRESS)
    parser.add_argument("--trace", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        work(chosen.worker)
        return 0
    if chosen.trace:
        trace(*chosen.trace)
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        there = Path(place)
        files = {
            SMALL: small(there / "small.ome.tif"),
            LARGE: large(there / "large.ome.tif"),
            PLANES: many_planes(there / "planes.ome.tif"),
        }
        times, memory = measure(files, chosen.cold, chosen.warm)
        missed = report(files, times, memory)
        traced(files)
    if chosen.folder:
        missed += vendor_files(Path(chosen.folder))
    return int(chosen.check and bool(missed))


if __name__ == "__main__":
    raise SystemExit(main())
