"""Cut and flip real files and read them: no fault, no hang, no memory hunger.

``python tests/headers/fuzz_headers.py [FOLDER] [--flips N] [--match TEXT] [--seed N]``; the folder
is that of the environment variable NAPARI_FAIR_TESTDATA when none is given. Ends with 1 and a list
of the copies that misbehaved, kept in a folder of their own.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from napari_fair.headers import read_header

CUTS = 20
SECONDS = 2.0
MEMORY = 500 << 20
SUFFIXES = (
    *(".tif", ".tiff", ".svs", ".lsm", ".stk", ".ndpi", ".ome", ".xml", ".png", ".jpg", ".vsi"),
    *(".czi", ".nd2", ".lif", ".lof", ".xlif", ".oib", ".oif", ".dv", ".r3d", ".dcm"),
)


def damaged_copies(data: bytes, flips: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield copies cut at 20 lengths, then with bytes changed; half of these near the ends."""
    for part in range(CUTS):
        yield f"cut at {part}/{CUTS}", data[: len(data) * part // CUTS]
    for turn in range(flips):
        copy = bytearray(data)
        reach = min(len(copy), 4096)
        for _ in range(chance.randint(1, 30)):
            at = chance.randrange(len(copy))
            if turn % 4 == 1:
                at = chance.randrange(reach)
            elif turn % 4 == 3:
                at = len(copy) - 1 - chance.randrange(reach)
            copy[at] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        yield f"flips {turn}", bytes(copy)


def fault_of(path: Path) -> str:
    """Read a header and say what is wrong with how that went, empty when nothing is."""
    start = time.perf_counter()
    try:
        header = read_header(path)
    except BaseException:
        return f"raised\n{traceback.format_exc()}"
    seconds = time.perf_counter() - start
    if seconds > SECONDS:
        return f"took {seconds:.1f} s"
    unexpected = [warning for warning in header.warnings if "does not expect" in warning]
    return unexpected[0] if unexpected else ""


def peak() -> int:
    """Return the most memory that this process has held, in bytes."""
    import resource  # not on Windows

    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default=os.environ.get("NAPARI_FAIR_TESTDATA"))
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--match", default="")
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args(arguments)
    if not options.folder:
        print("No folder: give one or set NAPARI_FAIR_TESTDATA.", file=sys.stderr)
        return 2
    paths = sorted(
        path
        for path in Path(options.folder).rglob("*")
        if path.name.lower().endswith(SUFFIXES)
        and ".zarr" not in str(path)
        and path.is_file()
        and options.match in str(path)
    )
    faults, copies, slowest = [], 0, (0.0, "")
    kept = Path(tempfile.mkdtemp(prefix="napari-fair-fuzz-"))
    for path in paths:
        chance = random.Random(f"{options.seed} {path.name}")
        data = path.read_bytes()
        if not data:
            continue
        place = kept / path.name
        for what, copy in damaged_copies(data, options.flips, chance):
            place.write_bytes(copy)
            start = time.perf_counter()
            fault = fault_of(place)
            slowest = max(slowest, (time.perf_counter() - start, f"{path.name}, {what}"))
            copies += 1
            if fault:
                number = len(faults)
                place.rename(kept / f"{number:04d}-{path.name}")
                faults.append(f"{number:04d} {path.name}, {what}: {fault}")
        place.unlink(missing_ok=True)
    for fault in faults[:50]:
        print(fault)
    memory = peak()
    print(
        f"{len(paths)} files, {copies} copies, {len(faults)} faults, slowest {slowest[0]:.2f} s "
        f"({slowest[1]}), memory {memory >> 20} MB; faulty copies in {kept}"
    )
    if not faults:
        kept.rmdir()
    return 1 if faults or memory > MEMORY else 0


if __name__ == "__main__":
    raise SystemExit(main())
