"""What the recorder costs in napari: adding a layer, a paint stroke, with and without it.

Run ``python benchmarks/bench_recorder.py`` with a display (or Xvfb). Runs with the recorder on and
off take turns; each figure is a median in milliseconds. The exit code is 1 if one passes its limit.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from napari import Viewer
    from napari.components import ViewerModel

    from napari_fair.viewer.recorder import Recorder

LAYER_LIMIT, STROKE_LIMIT, THREAD_LIMIT, STEPS_LIMIT = 2.0, 1.0, 10.0, 1000.0
ROUNDS, STROKES = 40, 200


def _pump(seconds: float = 0.02) -> None:
    from qtpy.QtWidgets import QApplication

    end = perf_counter() + seconds
    while perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.001)


class _Times:
    """Times of one action: until it returns, and of the window's thread until it is followed up.

    The second is time on the processor: other programs and threads are not in it.
    """

    def __init__(self) -> None:
        self.calls: dict[bool, list[float]] = {False: [], True: []}
        self.thread: dict[bool, list[float]] = {False: [], True: []}

    def take(self, on: bool, do: Callable[[], object]) -> None:
        from qtpy.QtWidgets import QApplication

        start, busy = perf_counter(), thread_time()
        do()
        self.calls[on].append((perf_counter() - start) * 1000)
        QApplication.processEvents()
        QApplication.processEvents()
        self.thread[on].append((thread_time() - busy) * 1000)


def _switch(recorder: Recorder, on: bool) -> None:
    (recorder.start if on else recorder.stop)()
    _pump()
    recorder.states.wait(10)
    _pump()


def _report(what: str, times: _Times, limit: float) -> bool:
    good = True
    for figure, taken in (("call", times.calls), ("thread", times.thread)):
        without, with_it = (statistics.median(taken[on]) for on in (False, True))
        more = with_it - without
        good = good and more <= limit
        print(
            f"{what:<26} {figure:<7} off {without:7.2f} ms  on {with_it:7.2f}  "
            f"more {more:6.2f}  limit {limit:g}  {more <= limit}"
        )
    return good


def _layers(viewer: ViewerModel, recorder: Recorder, data: np.ndarray, add: str) -> bool:
    times = _Times()
    for number in range(ROUNDS):
        on = bool(number % 2)
        _switch(recorder, on)
        copy = data.copy()
        times.take(on, partial(getattr(viewer, add), copy, name=f"{add} {number}"))
        recorder.states.wait(30)
        _pump(0.005)
        viewer.layers.pop()
        _pump(0.005)
    size = "x".join(map(str, data.shape))
    return _report(f"{add} {size}", times, LAYER_LIMIT)


def _strokes(viewer: ViewerModel, recorder: Recorder) -> bool:
    layer = viewer.add_labels(np.zeros((20, 512, 512), "uint8"), name="painted")
    layer.mode, layer.brush_size = "paint", 20
    times = _Times()
    place = np.random.default_rng(0)
    for block in range(10):
        on = bool(block % 2)
        _switch(recorder, on)
        for _ in range(STROKES // 10):
            at = (0, *(int(v) for v in place.integers(20, 490, 2)))
            label = int(place.integers(1, 200))
            times.take(on, partial(layer.paint, at, label))
    recorder.stop()
    viewer.layers.pop()
    return _report("a stroke, brush 20", times, STROKE_LIMIT)


def _own_work(viewer: Viewer, recorder: Recorder) -> list[bool]:
    """Measure the longest pieces of work of the recorder itself, in a real window."""
    from napari_fair.viewer import recorder as module

    spent: dict[str, list[float]] = {}

    def watched(name: str) -> None:
        inner = getattr(recorder, name)

        def measure(*args: Any) -> Any:
            start = thread_time()
            try:
                return inner(*args)
            finally:
                spent.setdefault(name, []).append((thread_time() - start) * 1000)

        setattr(recorder, name, measure)

    names = ("_inserted", "_removed", "_data_changed", "_painted", "_turn_over", "_silent")
    for name in names:
        watched(name)
    _switch(recorder, True)
    for number in range(20):
        labels = viewer.add_labels(np.zeros((8, 1024, 1024), "uint16"), name=f"labels {number}")
        _pump()
        labels.fill((0, 0, 0), 3)
        labels.data = np.ones((8, 1024, 1024), "uint16")
        _pump()
        labels.data[0, 0, 0] = 7
        recorder.settle(lambda: None)
        recorder.states.wait(30)
        _pump()
        viewer.layers.pop()
        _pump()
    recorder.stop()
    worst = {name: max(times) for name, times in spent.items()}
    for name, value in worst.items():
        print(f"  longest {module.__name__.rsplit('.', 1)[-1]}.{name:<16} {value:7.2f} ms")
    good = max(worst.values()) <= THREAD_LIMIT
    print(f"{'longest work in the window':<34} {max(worst.values()):7.2f} ms  limit 10  {good}")
    return [good]


def _history(folder: Path) -> list[bool]:
    """Measure 1,000 steps: showing them, putting them into the record, saving it."""
    import tifffile

    from napari_fair.headers import read_header
    from napari_fair.model import Confidence, DataKind, DataRef, Parameter, Slot, Step, Tool
    from napari_fair.provenance import History
    from napari_fair.session import open_folder
    from napari_fair.viewer.recorder_records import hand_over, part_of

    path = folder / "image.tif"
    tifffile.imwrite(path, np.zeros((16, 16), "uint8"))
    session = open_folder(folder)
    source = session.add(read_header(path))
    tool = Tool(name="Blur", function="skimage.filters:gaussian", package="scikit-image")
    refs = [DataRef(id="file", name=path.name, kind=DataKind.FILE, sha256="0" * 64)]
    steps = []
    for number in range(1000):
        refs.append(DataRef(id=f"data {number}", name=f"result {number}"))
        steps.append(
            Step(
                id=f"00000000-0000-4000-8000-{number:012}",
                name="Blur",
                tool=tool,
                parameters=(Parameter(name="sigma", value=1.0),),
                inputs=(Slot(name="image", data=refs[-2].id),),
                outputs=(Slot(data=refs[-1].id),),
                confidence=Confidence.REPLAYABLE,
                ended="2026-11-20T10:00:00+00:00",
            )
        )
    history = History(tuple(steps), tuple(refs))
    start = perf_counter()
    part = part_of(history, {"file": path}, folder)
    parted = (perf_counter() - start) * 1000
    start = perf_counter()
    hand_over(part, session)
    handed = (perf_counter() - start) * 1000
    start = perf_counter()
    session.finish(session.save_job([source.id]).run())
    saved = (perf_counter() - start) * 1000
    print(f"{'1,000 steps: what is the folder’s':<34} {parted:7.1f} ms")
    print(f"{'1,000 steps into the record':<34} {handed:7.1f} ms")
    good = saved < STEPS_LIMIT
    print(f"{'saving a crate of 1,000 steps':<34} {saved:7.1f} ms  limit 1000  {good}")
    session.close(keep_draft=False)
    return [good]


def main() -> int:
    """Measure and report."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        for name in ("STATE", "DATA", "CONFIG", "CACHE"):
            os.environ[f"XDG_{name}_HOME"] = place
        os.environ["NAPARI_CONFIG"] = str(Path(place) / "settings.yaml")
        from napari import Viewer
        from napari.components import ViewerModel

        from napari_fair.viewer.recorder import Recorder

        window = Viewer(show=True)
        # without a canvas: drawing takes a hundred times as long and varies by more than the limit
        viewer = ViewerModel()
        recorder = Recorder(viewer)
        recorder.start()
        _pump(2)  # the first start reads what is installed, in a thread
        noise = np.random.default_rng(0)
        small = noise.integers(0, 255, (512, 512), dtype="uint8")
        large = noise.integers(0, 65535, (16, 1024, 1024), dtype="uint16")
        results = [
            _layers(viewer, recorder, small, "add_image"),
            _layers(viewer, recorder, large, "add_image"),
            _layers(viewer, recorder, small, "add_labels"),
            _strokes(viewer, recorder),
            *_own_work(window, Recorder(window)),
        ]
        folder = Path(place) / "folder"
        folder.mkdir()
        results += _history(folder)
    sys.stdout.flush()
    os._exit(0 if all(results) else 1)


if __name__ == "__main__":
    raise SystemExit(main())
