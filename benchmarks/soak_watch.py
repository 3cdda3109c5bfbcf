"""Let thousands of files arrive in a watched folder, and see that none is lost.

python benchmarks/soak_watch.py [--files 10000] [--seconds 60] [--kill]

A watcher runs as a program of its own. With `--kill` it is killed in the middle (SIGKILL) and
started again. Prints its memory as it goes and, in the end, what the crate holds.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tifffile

_PROGRAM = "from napari_fair.cli import main; main()"
_CRATE = "ro-crate-metadata.json"


def memory(process: subprocess.Popen[bytes]) -> float:
    """Return a program's resident memory in MB."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def spent(process: subprocess.Popen[bytes]) -> float:
    """Return the seconds of processor time that a program took so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def started(folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a watcher of a folder."""
    words = [sys.executable, "-c", _PROGRAM, "watch", str(folder), "--log", str(log)]
    return subprocess.Popen(words, stderr=subprocess.DEVNULL)


def recorded(folder: Path) -> int:
    """Return how many images the crate holds."""
    path = folder / _CRATE
    if not path.exists():
        return 0
    return sum("imageFormat" in entity for entity in json.loads(path.read_bytes())["@graph"])


def main() -> int:
    """Run the soak; exit code 1 when an image is lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        return _soak(Path(name), options)


def _soak(home: Path, options: argparse.Namespace) -> int:
    folder, log = home / "images", home / "watch.log"
    folder.mkdir()
    one = home / "one.ome.tif"
    about = {"axes": "YX", "PhysicalSizeX": 0.1, "PhysicalSizeXUnit": "\u00b5m"}
    tifffile.imwrite(one, np.zeros((16, 16), "uint16"), metadata=about)
    data = one.read_bytes()
    watcher = started(folder, log)
    begun = time.monotonic()
    for number in range(options.files):
        due = begun + options.seconds * number / options.files
        while time.monotonic() < due:
            time.sleep(0.001)
        (folder / f"{number:06}.ome.tif").write_bytes(data)
        if options.kill and number == options.files // 2:
            watcher.send_signal(signal.SIGKILL)
            watcher.wait()
            print(f"killed with {recorded(folder)} images in the crate")
            watcher = started(folder, log)
        if number % max(options.files // 10, 1) == 0:
            sidecars = sum(1 for _ in folder.glob("*.companion.ome"))
            print(
                f"{time.monotonic() - begun:6.1f} s {number:6} files {sidecars:6} sidecars "
                f"{memory(watcher):6.0f} MB {spent(watcher):6.1f} s of CPU, load "
                f"{os.getloadavg()[0]:.1f}",
                flush=True,
            )
    return _end(folder, watcher, begun, options.files)


def _end(folder: Path, watcher: subprocess.Popen[bytes], begun: float, files: int) -> int:
    arrived = time.monotonic() - begun
    while sum(1 for _ in folder.glob("*.companion.ome")) < files:
        time.sleep(0.2)
    described = time.monotonic() - begun
    while recorded(folder) < files and time.monotonic() - begun < 3600:
        time.sleep(1)
    print(f"all arrived after {arrived:.0f} s, all sidecars after {described:.0f} s, ", end="")
    print(f"all in the crate after {time.monotonic() - begun:.0f} s; ", end="")
    print(f"{memory(watcher):.0f} MB, {spent(watcher):.1f} s of CPU, ", end="")
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    watcher.send_signal(signal.SIGTERM)
    code = watcher.wait(600)
    found = recorded(folder)
    sidecars = sum(1 for _ in folder.glob("*.companion.ome"))
    print(f"{found} of {files} images in the crate, {sidecars} sidecars, exit code {code}")
    return int(found != files or sidecars != files)


if __name__ == "__main__":
    sys.exit(main())
