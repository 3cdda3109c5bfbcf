"""Plans of all kinds: the record agrees with the frames that were told, one by one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from napari_fair.live import LiveState, listen

useq = pytest.importorskip("useq")

_CHANNELS = [{"config": "DAPI", "exposure": 1}, {"config": "FITC", "exposure": 2}]
_PLANS = {
    "a grid": {
        "channels": _CHANNELS,
        "grid_plan": {"rows": 2, "columns": 2, "fov_width": 32, "fov_height": 24},
    },
    "a grid at one of two positions": {
        "channels": _CHANNELS[:1],
        "stage_positions": [
            (0, 0, 0),
            {"x": 50, "y": 50, "z": 0, "sequence": {"grid_plan": {"rows": 1, "columns": 3}}},
        ],
    },
    "another order of axes": {
        "axis_order": "cztp",
        "channels": _CHANNELS,
        "z_plan": {"range": 2, "step": 1},
        "time_plan": {"interval": 0, "loops": 2},
        "stage_positions": [(0, 0, 0), (10, 10, 5)],
    },
    "a channel without a stack": {
        "channels": [_CHANNELS[0], {"config": "FITC", "exposure": 2, "do_stack": False}],
        "z_plan": {"range": 2, "step": 1},
    },
    "a channel at every second time": {
        "channels": [_CHANNELS[0], {"config": "FITC", "exposure": 2, "acquire_every": 2}],
        "time_plan": {"interval": 0, "loops": 4},
    },
    "a channel out of focus": {
        "channels": [_CHANNELS[0], {"config": "FITC", "exposure": 2, "z_offset": 3.0}],
        "z_plan": {"range": 2, "step": 1},
    },
    "times in two phases": {
        "channels": _CHANNELS[:1],
        "time_plan": [{"interval": 0, "loops": 2}, {"interval": 0.02, "loops": 2}],
    },
    "autofocus": {
        "channels": _CHANNELS[:1],
        "stage_positions": [(0, 0, 0), (10, 10, 5)],
        "autofocus_plan": {
            "autofocus_device_name": "Autofocus",
            "autofocus_motor_offset": 25,
            "axes": ("p",),
        },
    },
    "a stack alone": {"z_plan": {"range": 4, "step": 1}},
}


def told_by(core: Any) -> list[tuple[Any, Any]]:
    told: list[tuple[Any, Any]] = []
    core.mda.events.frameReady.connect(lambda _image, event, meta: told.append((event, meta)))
    return told


def rows(told: list[tuple[Any, Any]], cameras: list[str]) -> Counter[tuple[Any, ...]]:
    """Return what was told of each frame: its image, its plane, exposure and position."""
    found: Counter[tuple[Any, ...]] = Counter()
    places = sorted({(e.index.get("p", 0), e.index.get("g", 0)) for e, _ in told})
    for event, meta in told:
        index, at = event.index, meta.get("position") or {}
        channel = index.get("c", 0) * len(cameras) + cameras.index(meta["camera_device"])
        found[
            places.index((index.get("p", 0), index.get("g", 0))),
            (index.get("z", 0), channel, index.get("t", 0)),
            round(meta["runner_time_ms"] / 1000, 9),
            meta["exposure_ms"] / 1000,
            tuple(at[axis] + 0.0 if axis in at else None for axis in "xyz"),
        ] += 1
    return found


def recorded_rows(image: Any) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for entry in image.header.images:
        assert entry.planes is not None
        for p in entry.planes.rows():
            at = (p.position_x, p.position_y, p.position_z)
            plane = (p.the_z, p.the_c, p.the_t)
            found[entry.index, plane, round(p.delta_t, 9), p.exposure_time, at] += 1
    return found


@pytest.mark.parametrize("plan", _PLANS.values(), ids=_PLANS.keys())
@pytest.mark.parametrize("sequenced", [False, True], ids=["single frames", "hardware sequence"])
def test_every_frame_of_a_plan_is_recorded_as_it_was_told(
    core: Any, folder: Path, plan: dict[str, Any], sequenced: bool
) -> None:
    core.mda.engine.use_hardware_sequencing = sequenced
    told = told_by(core)
    failures: list[str] = []
    with listen(core, folder) as listener:
        listener.failed.connect(failures.append)
        core.mda.run(useq.MDASequence(**plan))
        listener.wait()
        (image,) = listener.images
    assert failures == []
    assert told
    assert image.state is LiveState.FINISHED
    assert image.expected in (None, len(told))
    assert recorded_rows(image) == rows(told, ["Camera"])


def test_two_cameras_that_see_one_event_are_channels_of_their_own(core: Any, folder: Path) -> None:
    core.loadDevice("Camera 2", "DemoCamera", "DCam")
    core.initializeDevice("Camera 2")
    core.setProperty("Camera 2", "PixelType", core.getProperty("Camera", "PixelType"))
    core.setROI("Camera", 0, 0, 512, 512)
    core.loadDevice("Both", "Utilities", "Multi Camera")
    core.initializeDevice("Both")
    core.setProperty("Both", "Physical Camera 1", "Camera")
    core.setProperty("Both", "Physical Camera 2", "Camera 2")
    core.setCameraDevice("Both")
    told = told_by(core)
    with listen(core, folder) as listener:
        core.mda.run(useq.MDASequence(channels=_CHANNELS, time_plan={"interval": 0, "loops": 3}))
        listener.wait()
        (image,) = listener.images
    cameras = list(dict.fromkeys(meta["camera_device"] for _, meta in told))
    assert len(cameras) == 2
    assert len(told) == 12
    assert recorded_rows(image) == rows(told, cameras)
    facts = image.header.images[0].facts
    assert facts["image.size_c"].value == 4
    names = [facts[f"channel.{number}.name"].value for number in range(4)]
    assert names == [f"{c} ({camera})" for c in ("DAPI", "FITC") for camera in cameras]
