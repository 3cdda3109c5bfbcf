"""What listening costs a Micro-Manager acquisition: runs with and without, taken in turn.

python benchmarks/bench_live.py [--frames 1000] [--rounds 9]

1,000 frames of the demo camera at full speed, as single frames and as a hardware sequence. The
cost on the acquiring thread is the time that the frame callback itself takes there, and the
difference of the medians of whole runs is what the listener's own thread takes away besides.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from useq import MDASequence

from napari_fair.live import demo_core, listen

_LIMIT_US = 50.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    logging.getLogger("pymmcore-plus").setLevel(logging.ERROR)
    core = demo_core()
    core.setROI(0, 0, 64, 64)
    core.setExposure(1)
    plan = {"interval": 0, "loops": options.frames}
    sequence = MDASequence(channels=[{"config": "DAPI", "exposure": 0.1}], time_plan=plan)
    for name, sequenced in (("single frames", False), ("hardware sequence", True)):
        core.mda.engine.use_hardware_sequencing = sequenced
        _compare(name, core, sequence, options)


def _compare(name: str, core: Any, sequence: MDASequence, options: argparse.Namespace) -> None:
    without, listening, in_callback = [], [], []
    _timed(core, sequence)
    for _ in range(options.rounds):
        without.append(_timed(core, sequence))
        # a folder of its own: what earlier runs wrote there is written again when one begins
        with tempfile.TemporaryDirectory() as folder, listen(core, Path(folder)) as listener:
            listener.wait()
            spent = _watched(listener)
            listening.append(_timed(core, sequence))
            in_callback.append(statistics.median(spent))
            assert listener.wait(60)
            assert listener.images[-1].frames == options.frames, "a frame was lost"
    difference = statistics.median(listening) - statistics.median(without)
    print(
        f"{name}: {statistics.median(without) / options.frames * 1e6:.0f} us a frame without, "
        f"{difference / options.frames * 1e6:+.1f} us a frame with the listener (medians of "
        f"{options.rounds} runs of {options.frames} frames); {statistics.median(in_callback):.2f} "
        f"us of it in the callback (limit {_LIMIT_US:.0f})"
    )


def _timed(core: Any, sequence: MDASequence) -> float:
    begun = time.perf_counter()
    core.mda.run(sequence)
    return time.perf_counter() - begun


def _watched(listener: Any) -> list[float]:
    """Time the listener's frame callback, in microseconds."""
    spent: list[float] = []
    frame = listener._frame

    def timed(event: Any, meta: Any) -> None:
        begun = time.perf_counter()
        frame(event, meta)
        spent.append((time.perf_counter() - begun) * 1e6)

    listener._frame = timed
    return spent


if __name__ == "__main__":
    main()
