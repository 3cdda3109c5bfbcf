"""How long the dock keeps the thread of the window: opening, changing level, changing image.

Run ``python benchmarks/bench_dock.py`` with a display (or Xvfb). Each figure is the median over
several rounds and the worst one, in milliseconds of that thread's processor time, so that other
programs count for little; the exit code is 1 if a median passes its limit.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from napari_fair.model import Level
from napari_fair.viewer.runner import Done, Failed, Immediately

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_fair.session import Session
    from napari_fair.viewer.dock import FairDock

LIMIT, EDIT_LIMIT, TABLE_LIMIT = 100.0, 50.0, 2000.0
ROUNDS = 7


def _image(path: Path, channels: int) -> Path:
    names = {"Name": [f"C{i}" for i in range(channels)]}
    tifffile.imwrite(
        path,
        np.zeros((channels, 4, 32, 32), "uint16"),
        ome=True,
        metadata={"axes": "CZYX", "PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1, "Channel": names},
    )
    return path


class _Elsewhere(Immediately):
    """Does slow work at once but does not count it: it runs in a thread of its own."""

    spent = 0.0

    def run(self, name: str, work: Callable[[], Any], done: Done, failed: Failed) -> None:
        """Run `work` off the clock and hand on its answer on the clock."""
        start = thread_time()
        try:
            answer = work()
        finally:
            _Elsewhere.spent += thread_time() - start
        done(answer)


def _timed(do: Callable[[], object]) -> float:
    from qtpy.QtWidgets import QApplication

    start, before = thread_time(), _Elsewhere.spent
    do()
    QApplication.processEvents()
    return (thread_time() - start - (_Elsewhere.spent - before)) * 1000


def _turns(dock: FairDock) -> list[float]:
    """Return how long each turn takes in which rows are made that cannot be seen yet."""
    from qtpy.QtCore import QEventLoop
    from qtpy.QtWidgets import QApplication

    flags = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    times = []
    while dock.form.waiting:
        times.append(_timed(lambda: QApplication.processEvents(flags)))
    return times


def _report(what: str, times: list[float], limit: float) -> bool:
    middle = statistics.median(times)
    good = middle < limit
    print(f"{what:<44} {middle:7.1f} ms  worst {max(times):7.1f}  limit {limit:.0f}  {good}")
    return good


def _worst(what: str, times: list[float], limit: float) -> bool:
    """Report as `_report` does, but by the worst of all times."""
    _report(what, times, limit)
    return _report(f"{what}, at worst", [max(times)], limit)


def _dock(folder: Path) -> list[bool]:
    from napari.components import ViewerModel

    from napari_fair.viewer import dock as dock_module
    from napari_fair.viewer.models import model_of
    from napari_fair.viewer.subjects import Subject, SubjectKind

    images = [_image(folder / f"image_{i}.ome.tif", 2 + i % 2) for i in range(3)]
    subjects = {path.name: Subject(SubjectKind.FILE, path, path.name) for path in images}
    dock_module.subject_of = lambda layer: subjects[layer.name]
    opening: dict[Level, list[float]] = {level: [] for level in Level}
    first: list[float] = []
    every: list[float] = []
    later: list[float] = []
    opened: list[FairDock] = []
    for _ in range(3):
        for level in Level:
            viewer = ViewerModel()
            model = model_of(viewer)
            model.runner = _Elsewhere()
            viewer.add_image(np.zeros((8, 8)), name=images[0].name)
            model.set_level(level)
            opening[level].append(_timed(lambda viewer=viewer: opened.append(_shown(viewer))))
            later += _turns(opened[-1])
            if level is Level.ESSENTIALS:
                first.append(_timed(lambda model=model: model.set_level(Level.EXPERT)))
    names = ("the table", "the history", "readiness")
    pages: dict[str, list[float]] = {
        name: [_timed(lambda dock=dock, tab=tab: dock.tabs.setCurrentIndex(tab)) for dock in opened]
        for tab, name in enumerate(names, 1)
    }
    opened[-1].tabs.setCurrentIndex(0)
    opened[-1].hide()
    dock = _shown(viewer)
    every.append(_timed(lambda: [fold.fold(False) for fold in dock.form.folds]))
    levels = [
        _timed(lambda level=level: dock.model.set_level(level))
        for _ in range(ROUNDS)
        for level in Level
    ]
    for path in images[1:]:
        viewer.add_image(np.zeros((8, 8)), name=path.name)
    changing = [
        _timed(lambda layer=layer: setattr(viewer.layers.selection, "active", layer))
        for _ in range(ROUNDS)
        for layer in viewer.layers
    ]
    print(f"{'(all Expert sections opened at once)':<44} {every[0]:7.1f} ms")
    return [
        *(_report(f"opening the dock at {level}", opening[level], LIMIT) for level in Level),
        _worst("a section out of sight, made later", later, LIMIT),
        *(_report(f"first look at {name}", times, LIMIT) for name, times in pages.items()),
        _report("Essentials to Expert, first time", first, LIMIT),
        _report("changing level", levels, LIMIT),
        _report("changing the image at Expert", changing, LIMIT),
    ]


def _many(folder: Path) -> Session:
    """Return a session of 10,000 images."""
    from napari_fair.model import Image, ImageSource, Recorded, SourceFile
    from napari_fair.session import open_folder

    session = open_folder(folder)
    facts = {"image.size_x": Recorded(value=512), "channel.0.name": Recorded(value="DAPI")}
    sources = tuple(
        ImageSource(
            id=f"source {number:05}",
            format="OME-TIFF",
            files=(SourceFile(path=f"WT_{number % 7}uM_rep{number % 3}_{number:05}.tif", size=1),),
            images=(Image(id=f"image {number:05}", facts=facts),),
        )
        for number in range(10_000)
    )
    sources = tuple(sorted(sources, key=lambda source: source.path))
    session.adopt(session.dataset.model_copy(update={"sources": sources}))
    session.set("biosample.organism", "human")
    return session


def _table(folder: Path) -> list[bool]:
    """Measure the table of 10,000 images with 60 columns."""
    from napari_fair.viewer.state import AnnotationModel
    from napari_fair.viewer.table_columns import possible_columns
    from napari_fair.viewer.table_page import TablePage

    session = _many(folder)
    model = AnnotationModel(_Elsewhere())
    model.session = session
    page = TablePage(model)
    page.resize(1200, 700)
    columns = possible_columns(session.dataset, list(Level)[-1])[:60]

    def opened() -> None:
        page.show()
        page.show_columns(columns)

    opening = [_timed(opened)]
    session.changed.connect(page.refresh)
    column = columns.index("biosample.extrinsic_variables") + 1
    edits = [
        _timed(lambda row=row: page.images.setData(page.images.index(row, column), f"drug {row}"))
        for row in range(0, 9_999, 1_000)
    ]
    sorting = [_timed(lambda: page.sort(column)) for _ in range(3)]
    missing = [_timed(lambda: page.missing.toggle())]
    return [
        _report("opening a table of 10,000 x 60", opening, TABLE_LIMIT),
        _worst("an edit in it until it is shown", edits, EDIT_LIMIT),
        _report("sorting it, in the window's thread", sorting, LIMIT),
        _report("missing only, in the window's thread", missing, LIMIT),
    ]


def _whole_dock(folder: Path) -> list[bool]:
    """Measure edits of one of 10,000 images in the dock, with all that follows them."""
    from napari.components import ViewerModel

    from napari_fair.readiness import check
    from napari_fair.session.file_names import proposed
    from napari_fair.viewer.dock import FairDock
    from napari_fair.viewer.models import model_of

    session, viewer = _many(folder), ViewerModel()
    model = model_of(viewer)
    model.runner = _Elsewhere()
    dock = FairDock(viewer)
    dock.resize(420, 700)
    dock.show()
    model.session = model.sessions.adopt(session)
    model.image_id = session.sources()[-1].images[0].id
    model.subject_changed.emit()
    dock.tabs.setCurrentIndex(1)
    images = dock.table.images
    column = images.columns.index("biosample.extrinsic_variables") + 1
    edits = [
        _timed(lambda row=row: images.setData(images.index(row, column), f"drug {row}"))
        for row in range(0, 9_999, 500)
    ]
    names = [source.path for source in session.sources()]
    return [
        _worst("an edit in it in the whole dock", edits, EDIT_LIMIT),
        _worst("undo of it in the whole dock", [_timed(model.undo) for _ in edits], EDIT_LIMIT),
        _report("validation of 10,000 images", _rounds(lambda: check(session.dataset)), 1000.0),
        _report("columns from 10,000 names", _rounds(lambda: proposed(names)), 2000.0),
    ]


def _rounds(do: Callable[[], object]) -> list[float]:
    return [_timed(do) for _ in range(3)]


def _shown(viewer: ViewerModel) -> FairDock:
    from napari_fair.viewer.dock import FairDock

    dock = FairDock(viewer)
    dock.resize(360, 650)
    dock.show()
    return dock


def main() -> int:
    """Measure and report."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_DATA_HOME"] = place
        from napari._qt.qt_resources import get_current_stylesheet
        from napari.qt import get_qapp

        get_qapp().setStyleSheet(get_current_stylesheet())  # as in napari's window
        table = Path(place) / "table"
        table.mkdir()
        dock = Path(place) / "dock"
        dock.mkdir()
        results = [*_whole_dock(dock), *_table(table), *_dock(Path(place))]
    sys.stdout.flush()
    os._exit(0 if all(results) else 1)


if __name__ == "__main__":
    raise SystemExit(main())
