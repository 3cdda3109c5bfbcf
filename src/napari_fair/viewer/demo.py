"""``napari-fair demo``: the main job on a real image, by hand or on its own."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_fair.files import FairError, UnreadableFile, shown
from napari_fair.model import State

if TYPE_CHECKING:
    import napari

    from napari_fair.viewer.dock import FairDock

PRESET = Path(__file__).with_name("demo_preset.toml")
PLUGIN, WIDGET = "napari-fair", "FAIR annotation"
SIZE = (1280, 720)
_PATIENCE = 60_000
"""Milliseconds after which waiting is given up."""


def run(image: Path | None, *, output: Path | None, unattended: bool) -> int:
    """Open napari on an image with the dock.

    Parameters
    ----------
    image
        Any image; it is not copied and only what its header says is recorded. None takes the
        immunohistochemistry image of scikit-image, copied into a folder of its own, with its
        documented story as preset.
    output
        Where the copy, or the record of `image`, goes. By default ``demo-output`` in the current
        folder, and beside `image`.
    unattended
        Fill in, save, close, reopen and compare without a person; says where the files lie.

    Returns
    -------
    int
        0 when all is well, 1 when the form did not come back as it was left.
    """
    path = image.resolve() if image is not None else _copied_sample(output)
    preset = PRESET if image is None else None
    crate = None if image is None or output is None else output.resolve() / f"{path.name}.crate"
    print(f"Image: {path}")
    if not unattended:
        return _attended(path, crate)
    return _unattended(path, preset, crate)


def _copied_sample(output: Path | None) -> Path:
    from napari_fair.viewer.samples import SAMPLE_NAME, sample_path

    folder = fresh_folder((output or Path("demo-output")).absolute())
    return Path(shutil.copyfile(sample_path(), folder / SAMPLE_NAME))


def fresh_folder(wanted: Path) -> Path:
    """Make an empty folder; one that holds something gets a numbered neighbour."""
    folder, number = wanted, 1
    while folder.exists() and any(folder.iterdir()):
        number += 1
        folder = wanted.with_name(f"{wanted.name}-{number}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="napari-fair-demo-"))
    return folder


def _attended(path: Path, crate: Path | None) -> int:
    import napari

    viewer, dock = _open(path, crate)
    print("Fill in the form on the right and press Save; the image file is never touched.")
    napari.run()
    dock.model.close()
    del viewer
    return 0


def _unattended(path: Path, preset: Path | None, crate: Path | None) -> int:
    before = _sha256(path)
    viewer, dock = _open(path, crate)
    if preset is not None:
        dock.presets.use(preset)
    else:
        _admit_unknown(dock)
    left = _form(dock)
    written = _saved(dock)
    _close(viewer, dock)
    viewer, dock = _open(path, crate)
    again = _form(dock)
    screenshot = dock.model.crate_folder / "napari-fair-demo.png"
    photograph(viewer, screenshot)
    _close(viewer, dock)
    unchanged = _sha256(path) == before
    for sidecar in written:
        print(f"Sidecar: {sidecar}")
    print(f"Screenshot: {screenshot}")
    print(f"The image file is {'unchanged' if unchanged else 'CHANGED'}.")
    print(f"Reopened, the form is {'as it was left' if again == left else 'DIFFERENT'}:")
    for name in left:
        print(f"  {name} = {_said(left[name])}{_difference(left[name], again.get(name))}")
    return 0 if again == left and unchanged else 1


def _said(value: tuple[str, str]) -> str:
    text, state = value
    return text or state or "nothing said"


def _difference(left: tuple[str, str], now: tuple[str, str] | None) -> str:
    return "" if now == left else f" BECAME {_said(now or ('', ''))}"


def _open(path: Path, crate: Path | None) -> tuple[napari.Viewer, FairDock]:
    import napari

    viewer = napari.Viewer(title="napari-fair demo")
    viewer.window.resize(*SIZE)
    _open_with_some_reader(viewer, path)
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)
    wait(lambda: dock.model.image is not None, "the header was not read", dock)
    if crate is not None:
        dock.model.reopen_elsewhere(crate)
    wait(lambda: dock.settled, "the form was not filled", dock)
    return viewer, dock


def _open_with_some_reader(viewer: napari.Viewer, path: Path) -> None:
    """Open a file with the reader that the user prefers, or else with napari's own."""
    try:
        viewer.open(path, plugin=None)
    except Exception as problem:
        try:
            viewer.open(path)
        except Exception:
            raise UnreadableFile(
                f"napari could not open {shown(path)} ({problem}); install a reader for it."
            ) from problem


def _admit_unknown(dock: FairDock) -> None:
    """Nothing is known about a stranger's image but its header: say so."""
    for path in dock.form.missing():
        dock.model.set_state(path, State.UNKNOWN)


def _form(dock: FairDock) -> dict[str, tuple[str, str]]:
    """Return text and state of every field that the form shows."""
    views = {path: dock.model.view(path) for path in dock.form.paths()}
    return {path: (view.text, str(view.state or "")) for path, view in views.items()}


def _saved(dock: FairDock) -> tuple[Path, ...]:
    """Press Save and wait; return the sidecars, also those that were up to date already."""
    plan = dock.model.saving.plan
    planned = tuple(file.path for file in plan.files) if plan is not None else ()
    done: list[tuple[Path, ...]] = []

    def remember() -> None:
        done.append(dock.model.saving.written)

    dock.model.saving.saved.connect(remember)
    dock.save()
    wait(lambda: bool(done), "Save did not finish", dock)
    wait(lambda: not dock.model.saving.checksums_running, "checksums did not finish", dock)
    return tuple(dict.fromkeys([*planned, *done[0]]))


def _close(viewer: Any, dock: FairDock) -> None:
    wait(lambda: dock.settled, "work in the background did not finish", dock)
    model = dock.model
    viewer.close()
    model.close()


def photograph(viewer: napari.Viewer, path: Path) -> None:
    """Keep a picture of the window."""
    turn(500)  # the canvas is drawn by the event loop
    viewer.window.screenshot(str(path), flash=False, canvas_only=False)


def wait(condition: Callable[[], bool], complaint: str, dock: FairDock) -> None:
    """Let Qt work until something is so.

    Raises
    ------
    FairError
        If that takes longer than a minute.
    """
    waited = 0
    while not condition():
        if waited >= _PATIENCE:
            reason = dock.model.sentence or complaint
            raise FairError(f"The demo was stopped because {complaint}; {reason}")
        turn(20)
        waited += 20


def turn(milliseconds: int) -> None:
    """Let Qt work for a while."""
    from qtpy.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _sha256(path: Path) -> str:
    if path.is_dir():
        names = sorted(p for p in path.rglob("*") if p.is_file())
        return hashlib.sha256("".join(_sha256(p) for p in names).encode()).hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
