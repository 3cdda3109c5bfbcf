"""The microscope of the tests: Micro-Manager's own demo devices, with the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "Aufnahmen vom 3. Mai #2"
    place.mkdir()
    return place


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    plus = pytest.importorskip("pymmcore_plus")
    adapters = pytest.importorskip("mm_test_adapters")
    found = plus.CMMCorePlus()
    found.loadSystemConfiguration(str(Path(adapters.device_adapter_path()) / "MMConfig_demo.cfg"))
    found.setConfig("Objective", "20X")
    found.setROI(0, 0, 64, 48)
    yield found
    found.mda.cancel()
    found.unloadAllDevices()


@pytest.fixture
def sequence() -> Any:
    """Two positions, two time points, two channels, three planes: 24 frames."""
    useq = pytest.importorskip("useq")
    return useq.MDASequence(
        metadata={"dish": "no. 7"},
        channels=[{"config": "DAPI", "exposure": 1}, {"config": "FITC", "exposure": 2}],
        z_plan={"range": 2, "step": 1},
        time_plan={"interval": 0, "loops": 2},
        stage_positions=[(0, 0, 0), {"x": 10, "y": 20, "z": 5, "name": "p 2 \u00fc"}],
        axis_order="tpcz",
    )


@pytest.fixture
def answers() -> dict[str, str]:
    """What a person knows of the demo microscope, by field."""
    return {
        "microscope.manufacturer": "Nikon",
        "microscope.model": "Ti2-E",
        "microscope.type": "Inverted",
        "channel.acquisition_mode": "WideField",
        "objective.lens_na": "0.45",
        "objective.immersion": "Air",
        "channel.excitation_wavelength": "360 nm",
        "channel.emission_wavelength": "460 nm",
        "detector.type": "CMOS",
    }
