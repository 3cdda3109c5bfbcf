"""An acquisition on Micro-Manager's own demo microscope, annotated while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_fair.files import FairError

if TYPE_CHECKING:
    from napari_fair.live.acquisition import LiveImage
    from napari_fair.live.listener import Listener

DEMO_ANSWERS = {
    "microscope.manufacturer": "Micro-Manager",
    "microscope.model": "Demo microscope",
    "microscope.type": "Other",
    "channel.acquisition_mode": "WideField",
    "objective.lens_na": "0.45",
    "objective.immersion": "Air",
    "detector.type": "Other",
}
"""What the demo answers about a microscope that does not exist, by field."""
_MISSING = (
    "The demo microscope is not installed: pip install 'napari-fair[micromanager-demo]', then try "
    "again."
)


def demo_core() -> Any:
    """Return a core with Micro-Manager's demo devices and a 20x objective.

    Raises
    ------
    FairError
        If pymmcore-plus or the demo devices are not installed.
    """
    try:
        from mm_test_adapters import device_adapter_path
        from pymmcore_plus import CMMCorePlus
    except ImportError as error:
        raise FairError(_MISSING) from error
    core = CMMCorePlus()
    core.loadSystemConfiguration(str(Path(device_adapter_path()) / "MMConfig_demo.cfg"))
    core.setConfig("Objective", "20X")
    return core


def demo_sequence() -> Any:
    """Return an acquisition of two positions, two time points, two channels and five planes."""
    from useq import MDASequence

    return MDASequence(
        channels=[{"config": "DAPI", "exposure": 20}, {"config": "FITC", "exposure": 50}],  # type: ignore[arg-type,unused-ignore]
        z_plan={"range": 4, "step": 1},  # type: ignore[arg-type,unused-ignore]
        time_plan={"interval": 1, "loops": 2},  # type: ignore[arg-type,unused-ignore]
        stage_positions=[  # type: ignore[arg-type,unused-ignore]
            {"x": 0, "y": 0, "z": 0, "name": "control"},
            {"x": 250, "y": 100, "z": 2, "name": "drug A"},
        ],
        axis_order="tpcz",
    )


def acquire_demo(core: Any, listener: Listener, output: str | Path) -> LiveImage:
    """Run the demo acquisition, note an event in the middle, and wait until it is recorded.

    Parameters
    ----------
    core, listener
        The demo core, and who listens to it.
    output
        Where to save: a name that ends in ``.ome.zarr`` or ``.ome.tiff``.

    Raises
    ------
    FairError
        If the record was not written.
    """
    failures: list[str] = []
    noted = False

    def note(_image: Any, event: Any) -> None:
        nonlocal noted
        if not noted and event.index.get("t") == 1:
            noted = True
            listener.note("drug added")

    listener.failed.connect(failures.append)
    core.mda.events.frameReady.connect(note)
    try:
        core.mda.run(demo_sequence(), output=str(output))
    finally:
        core.mda.events.frameReady.disconnect(note)
    listener.wait()
    listener.failed.disconnect(failures.append)
    if failures:
        raise FairError(failures[0])
    return listener.images[-1]
