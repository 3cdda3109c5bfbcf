"""What a microscope and its software say when an acquisition begins, as plain values.

The summary is that of pymmcore-plus (`SummaryMetaV1`, schema version 1.0), the sequence one of
useq (`MDASequence`); other engines may leave out parts of either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

_MOST_PLANNED = 100_000


@dataclass(frozen=True)
class Device:
    """A device of the microscope, as Micro-Manager knows it.

    Attributes
    ----------
    label
        Its name in the configuration, e.g. ``Objective``.
    name, library
        The adapter and the library it comes from, e.g. ``DCam`` of ``DemoCamera``.
    kind
        Micro-Manager's type, e.g. ``StateDevice``.
    properties
        Its properties when the acquisition began.
    """

    label: str
    name: str = ""
    library: str = ""
    kind: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedChannel:
    """A channel of the plan: the configuration preset and its group."""

    config: str
    group: str = ""


@dataclass(frozen=True)
class Setup:
    """The microscope and the plan when an acquisition began.

    Attributes
    ----------
    uid
        The sequence's own id.
    begun
        ISO 8601 with offset, empty when it was not told.
    width, height, dtype
        Of one frame.
    pixel_size
        Micrometres; None where the pixel size is not calibrated.
    lens_devices
        Labels of the devices that the pixel size depends on: the objective turret.
    configuration
        The file that the devices were loaded from, empty when there was none.
    software
        Names and versions of the acquisition software.
    channels, z_positions, interval, position_names
        The plan: micrometres, seconds.
    planned
        How many of each axis are planned.
    remarks
        What the operator or the software attached to the sequence.
    """

    uid: str = ""
    begun: str = ""
    width: int = 0
    height: int = 0
    dtype: str = ""
    camera: str = ""
    pixel_size: float | None = None
    lens_devices: tuple[str, ...] = ()
    configuration: str = ""
    software: str = ""
    devices: tuple[Device, ...] = ()
    channels: tuple[PlannedChannel, ...] = ()
    z_positions: tuple[float, ...] = ()
    interval: float | None = None
    position_names: tuple[str, ...] = ()
    planned: Mapping[str, int] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> int | None:
        """How many frames are planned; None when the plan does not say."""
        number = 1
        for size in self.planned.values():
            number *= max(size, 1)
        return number if self.planned else None

    def device(self, label: str) -> Device | None:
        """Return the device of a label."""
        return next((device for device in self.devices if device.label == label), None)

    def to_plain(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        return asdict(self)

    @classmethod
    def of_plain(cls, held: Mapping[str, Any]) -> Setup:
        """Return what `to_plain` gave."""
        lists = {
            "devices": tuple(Device(**device) for device in held["devices"]),
            "channels": tuple(PlannedChannel(**channel) for channel in held["channels"]),
        }
        for name in ("lens_devices", "z_positions", "position_names"):
            lists[name] = tuple(held[name])
        return cls(**{**held, **lists})


def setup_of(summary: Mapping[str, Any], sequence: Any = None) -> Setup:
    """Return what a summary and a sequence say; what they do not say stays unknown."""
    infos: Sequence[Any] = summary.get("image_infos") or [{}]
    info, system = infos[0], summary.get("system_info") or {}
    return Setup(
        uid=str(getattr(sequence, "uid", "") or ""),
        begun=str(summary.get("datetime") or ""),
        width=int(info.get("width") or 0),
        height=int(info.get("height") or 0),
        dtype=str(info.get("dtype") or ""),
        camera=str(info.get("camera_label") or ""),
        pixel_size=_pixel_size(info),
        lens_devices=_lens_devices(summary),
        configuration=str(system.get("system_configuration_file") or ""),
        software=_software(system),
        devices=tuple(_device(held) for held in summary.get("devices") or ()),
        **_plan(sequence),
    )


def _pixel_size(info: Mapping[str, Any]) -> float | None:
    """Return the pixel size; without a configuration that calibrates it, it is a mere default."""
    size = info.get("pixel_size_um")
    return float(size) if size and info.get("pixel_size_config_name") else None


def _lens_devices(summary: Mapping[str, Any]) -> tuple[str, ...]:
    found = [
        str(setting.get("dev"))
        for config in summary.get("pixel_size_configs") or ()
        for setting in config.get("settings") or ()
        if setting.get("prop") in ("Label", "State")
    ]
    return tuple(dict.fromkeys(found))


def _software(system: Mapping[str, Any]) -> str:
    own = system.get("pymmcore_plus_version")
    names = [f"pymmcore-plus {own}" if own else "", str(system.get("mmcore_version") or "")]
    return ", ".join(name for name in names if name)


def _device(held: Mapping[str, Any]) -> Device:
    properties = {
        str(said.get("name")): str(said.get("value", "")) for said in held.get("properties") or ()
    }
    label, name, library, kind = (
        str(held.get(part) or "") for part in ("label", "name", "library", "type")
    )
    return Device(label, name, library, kind, properties)


def _plan(sequence: Any) -> dict[str, Any]:
    if sequence is None:
        return {}
    channels = tuple(
        PlannedChannel(str(channel.config), str(getattr(channel, "group", "") or ""))
        for channel in getattr(sequence, "channels", None) or ()
    )
    positions = getattr(sequence, "stage_positions", None) or ()
    return {
        "channels": channels,
        "z_positions": _numbers(getattr(sequence, "z_plan", None)),
        "interval": _interval(getattr(sequence, "time_plan", None)),
        "position_names": tuple(str(getattr(p, "name", "") or "") for p in positions),
        "planned": _planned(sequence),
        "remarks": _remarks(getattr(sequence, "metadata", None) or {}),
    }


def _numbers(plan: Any) -> tuple[float, ...]:
    try:
        return tuple(float(value) for value in islice(plan or (), _MOST_PLANNED))
    except (TypeError, ValueError):
        return ()


def _interval(plan: Any) -> float | None:
    interval = getattr(plan, "interval", None)
    try:
        return float(interval.total_seconds()) if interval is not None else None
    except AttributeError:
        return None


def _planned(sequence: Any) -> dict[str, int]:
    """Return the planned sizes; an endless sequence has none, nor one that leaves frames out."""
    try:
        if any(map(_leaves_out, sequence.channels)) or any(map(_differs, sequence.stage_positions)):
            return {}
        return {str(axis): int(size) for axis, size in sequence.sizes.items() if size}
    except (AttributeError, TypeError, ValueError):
        return {}


def _leaves_out(channel: Any) -> bool:
    return not getattr(channel, "do_stack", True) or getattr(channel, "acquire_every", 1) != 1


def _differs(position: Any) -> bool:
    return getattr(position, "sequence", None) is not None


def _remarks(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return what a person attached; nested dictionaries are settings of programs."""
    plain = (str, int, float, bool)
    return {str(key): str(value) for key, value in metadata.items() if isinstance(value, plain)}
