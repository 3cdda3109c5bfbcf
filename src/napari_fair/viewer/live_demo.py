"""``napari-fair demo --acquire``: a simulated microscope, described as it acquires."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_fair.live import DEMO_ANSWERS
from napari_fair.session import open_folder, read_preset
from napari_fair.viewer.demo import PLUGIN, SIZE, WIDGET, fresh_folder, photograph, turn, wait
from napari_fair.viewer.live_microscope import DemoMicroscope

if TYPE_CHECKING:
    import napari

    from napari_fair.sidecar.validation import Verdict
    from napari_fair.viewer.dock import FairDock

PRESET = Path(__file__).with_name("live_demo_preset.toml")
NOTE = "Noted by the demo"


def run(*, output: Path | None, unattended: bool) -> int:
    """Acquire with Micro-Manager's simulated microscope in napari, with the dock open.

    Parameters
    ----------
    output
        Folder of the images; by default ``demo-output`` in the current one. One that holds
        something gets a numbered neighbour.
    unattended
        Acquire, note an event, fill in, save and validate without a person.

    Returns
    -------
    int
        0 when all is well, 1 when the record does not come back or a validator complains.
    """
    folder = fresh_folder((output or Path("demo-output")).absolute())
    print(f"Folder: {folder}")
    # answers about a simulated microscope are no business of this user's presets
    with tempfile.TemporaryDirectory(prefix="napari-fair-demo-") as kept:
        viewer, dock, microscope = _open(folder, Path(kept) / "microscopes")
        if unattended:
            return _unattended(viewer, dock, microscope, folder)
        print("Press Acquire on the left; the Live tab on the right shows what becomes of it.")
        import napari

        napari.run()
        _close(dock, microscope)
    return 0


def _open(folder: Path, microscopes: Path) -> tuple[napari.Viewer, FairDock, DemoMicroscope]:
    import napari

    viewer = napari.Viewer(title="napari-fair demo: acquisition")
    viewer.window.resize(*SIZE)
    microscope = DemoMicroscope(viewer, folder)
    viewer.window.add_dock_widget(microscope, name="Demo microscope", area="left")
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)
    live = dock.live.live
    live.microscopes = microscopes
    live.choose_folder(folder)
    dock.show_live()
    wait(lambda: live.listener is not None and live.session is not None, "nobody listens", dock)
    live.begin(read_preset(PRESET), "")
    return viewer, dock, microscope


def _close(dock: FairDock, microscope: DemoMicroscope) -> None:
    microscope.close_down()
    dock.live.live.close()
    dock.model.close()


def _unattended(
    viewer: napari.Viewer, dock: FairDock, microscope: DemoMicroscope, folder: Path
) -> int:
    live = dock.live.live
    microscope.acquire()
    wait(lambda: live.current is not None and live.current.frames > 4, "no frames came", dock)
    dock.live.notes.text.setText(NOTE)
    dock.live.press_note()
    dock.live.questions.unfold(True)
    _answer(dock)
    wait(lambda: live.current is None and live.last is not None, "it did not end", dock)
    saving = live.saving
    wait(lambda: saving.settled and not saving.summing, "the record was not written", dock)
    wait(lambda: dock.settled, "the form was not filled", dock)
    live.sum_up()
    wait(lambda: bool(live.summary), "the session was not summed up", dock)
    summary = live.summary
    screenshot = folder / "napari-fair-demo.png"
    turn(300)
    photograph(viewer, screenshot)
    taken = live.last.frames if live.last is not None else 0
    viewer.close()
    _close(dock, microscope)
    print(*summary, sep="\n")
    return _told(folder, screenshot, taken)


def _answer(dock: FairDock) -> None:
    card = dock.live.questions
    wait(lambda: bool(card.editors), "nothing was asked about the microscope", dock)
    for key, editor in card.editors.items():
        editor.setText(DEMO_ANSWERS.get(key.rpartition("|")[2], ""))
    card.remember()


def _told(folder: Path, screenshot: Path, taken: int) -> int:
    """Say what there is now, as a stranger who opens the folder finds it."""
    session = open_folder(folder)
    dataset = session.dataset
    session.close()
    noted = [note.text for note in dataset.notes]
    for source in dataset.sources:
        print(f"Image: {source.path}, {taken} frames")
    for path in sorted(folder.iterdir()):
        if path.suffix in (".omexml", ".ome", ".json"):
            print(f"Sidecar: {path}")
    print(f"Noted: {'; '.join(noted) or 'nothing'}")
    print(f"Screenshot: {screenshot}")
    failed = [_said(verdict) for verdict in _verdicts(folder)]
    return 0 if noted == [NOTE] and dataset.sources and not any(failed) else 1


def _verdicts(folder: Path) -> list[Verdict]:
    from napari_fair.sidecar.validation import validate

    return list(validate(folder))


def _said(verdict: Any) -> bool:
    """Print a verdict; return whether it failed."""
    from napari_fair.sidecar.validation import VerdictStatus

    reason = f": {verdict.reason}" if verdict.reason else ""
    name, status = Path(verdict.path).name, verdict.status.value
    print(f"Validated {name}, {verdict.check}, {verdict.level}: {status}{reason}")
    for issue in verdict.issues:
        print(f"  {issue.message}")
    return verdict.status is VerdictStatus.FAILED
