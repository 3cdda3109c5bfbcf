"""Zeiss LSM: a TIFF whose first page points at a structure, which points at lists."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from napari_fair.headers.lens_names import record_lens_name
from napari_fair.headers.sheet import Findings, Sheet, as_number
from napari_fair.headers.tiff_pages import page_of
from napari_fair.headers.tiff_plain import record_page, record_stack
from napari_fair.headers.tiff_structure import Directory, TiffStructure
from napari_fair.headers.time_points import record_even_step
from napari_fair.model import Trust

_TAG = 34412
_WHERE = "TIFF tag 34412 CZ_LSMINFO"
_SCAN = f"{_WHERE}: ScanInformation"
_COLORS, _INTERVAL, _SCAN_INFORMATION, _STAMPS = 108, 112, 124, 132
_POSITIONS = 264
_MAX_ENTRIES = 20_000
_MAX_SCAN_BYTES = 4 << 20
_MAX_STAMPS = 100_000
_MOST_IMAGES = 10_000
_EPOCH = datetime(1899, 12, 30)

_BLOCK, _TEXT, _LONG, _DOUBLE = 0, 2, 4, 5
_END = 0xFFFFFFFF
_TRACK, _LASER, _DETECTION, _ILLUMINATION, _DATA = (
    0x40000000,
    0x50000000,
    0x70000000,
    0x90000000,
    0xD0000000,
)
_USER = 0x10000047
_NAME, _DESCRIPTION, _NOTES, _OBJECTIVE, _DATE = (
    0x10000001,
    0x10000002,
    0x10000003,
    0x10000004,
    0x10000036,
)


@dataclass(frozen=True, slots=True)
class _Block:
    """One block of the scan information: which kind, and its entries by number."""

    kind: int
    entries: dict[int, Any]

    def on(self, code: int) -> bool:
        """Whether an Acquire switch is on, as it is when there is none."""
        return bool(self.entries.get(code, 1))

    def text(self, code: int) -> str:
        """Return a text entry."""
        value = self.entries.get(code, "")
        return value if isinstance(value, str) else ""


def read_lsm(tiff: TiffStructure, first: Directory, findings: Findings) -> None:
    """Read Zeiss LSM; lengths in the structure are metres, times seconds."""
    findings.format = "Zeiss LSM"
    sheet = findings.sheet()
    record_page(sheet, page_of(tiff, first))
    data = tiff.raw(first, _TAG, 512)
    if len(data) < 64:
        findings.damage(f"{_WHERE} is cut off; sizes along Z, C and T are unknown.")
        return
    _, _, depth, channels, times = struct.unpack_from(f"{tiff.order}5i", data, 8)
    record_stack(sheet, {"z": depth, "c": channels, "t": times}, _WHERE)
    for axis, size in zip("xyz", struct.unpack_from(f"{tiff.order}3d", data, 40), strict=True):
        if size != 0:
            sheet.quantity(f"image.physical_size_{axis}", size, "m", f"{_WHERE}: VoxelSize")
    if times > 1:
        _record_time(sheet, tiff, data)
    blocks = list(_blocks(tiff, _number(tiff, data, _SCAN_INFORMATION)))
    _record_recording(sheet, blocks)
    _record_channels(sheet, blocks, channels)
    _record_lights(sheet, blocks)
    if not any(path.startswith("channel.") for path in sheet.facts):
        _record_names(sheet, tiff, _number(tiff, data, _COLORS), channels)
    _copy_positions(sheet, tiff, data, findings)


def _number(tiff: TiffStructure, data: bytes, at: int) -> int:
    if at + 4 > len(data):
        return 0
    return int(struct.unpack_from(f"{tiff.order}I", data, at)[0])


def _copy_positions(sheet: Sheet, tiff: TiffStructure, data: bytes, findings: Findings) -> None:
    """Add an image for each further position and tile."""
    if len(data) < _POSITIONS + 8:
        return
    positions, tiles = struct.unpack_from(f"{tiff.order}2i", data, _POSITIONS)
    count = min(max(1, positions) * max(1, tiles), _MOST_IMAGES)
    if count > 1 and count > sum(1 for _ in islice(tiff.directories(), count)):
        sheet.doubt(f"{_WHERE} says {count} positions and tiles, more than the file has pages")
        return
    for _ in range(1, count):
        findings.sheet().facts = dict(sheet.facts)


def _record_time(sheet: Sheet, tiff: TiffStructure, data: bytes) -> None:
    if len(data) >= _INTERVAL + 8:
        (interval,) = struct.unpack_from(f"{tiff.order}d", data, _INTERVAL)
        if interval != 0:
            where = f"{_WHERE}: TimeInterval"
            return sheet.quantity("image.time_increment", interval, "s", where)
    offset = _number(tiff, data, _STAMPS)
    head = tiff.bytes_at(offset, 8) if offset else b""
    if len(head) == 8:
        count = min(max(0, struct.unpack(f"{tiff.order}ii", head)[1]), _MAX_STAMPS)
        held = tiff.bytes_at(offset + 8, 8 * count)
        stamps = struct.unpack(f"{tiff.order}{len(held) // 8}d", held[: len(held) // 8 * 8])
        record_even_step(sheet, stamps, f"{_WHERE}: TimeStamps")
    return None


def _blocks(tiff: TiffStructure, offset: int) -> Iterator[_Block]:
    """Yield the blocks of the scan information in order: number, type, length, value."""
    data = tiff.bytes_at(offset, _MAX_SCAN_BYTES) if offset else b""
    at, open_ = 0, [_Block(0, {})]
    for _ in range(_MAX_ENTRIES):
        if at + 12 > len(data):
            break
        code, kind, size = struct.unpack_from(f"{tiff.order}3I", data, at)
        at += 12
        if code == _END:
            if len(open_) < 2:
                break
            yield open_.pop()
        elif kind == _BLOCK:
            open_.append(_Block(code, {}))
        else:
            open_[-1].entries.setdefault(code, _value(tiff.order, kind, data[at : at + size]))
        at += size if code != _END else 0
    yield from reversed(open_)


def _value(order: str, kind: int, data: bytes) -> Any:
    if kind == _TEXT:
        return data.split(b"\0", 1)[0].decode("latin-1").strip()
    if kind == _LONG and len(data) >= 4:
        return struct.unpack_from(f"{order}i", data)[0]
    if kind == _DOUBLE and len(data) >= 8:
        return struct.unpack_from(f"{order}d", data)[0]
    return None


def _record_recording(sheet: Sheet, blocks: list[_Block]) -> None:
    for block in blocks:
        sheet.text("image.name", block.text(_NAME), f"{_SCAN}: Name")
        for code, name in ((_DESCRIPTION, "Description"), (_NOTES, "Notes")):
            if "image.description" not in sheet.facts:
                sheet.text("image.description", block.text(code), f"{_SCAN}: {name}")
        sheet.text("image.operator", block.text(_USER), f"{_SCAN}: User")
        lens = block.text(_OBJECTIVE)
        if lens:
            sheet.text("objective.model", lens, f"{_SCAN}: Objective")
            record_lens_name(sheet, lens, f"{_SCAN}: Objective")
        days = as_number(block.entries.get(_DATE))
        if days is not None and 20_000 < days < 80_000:
            date = (_EPOCH + timedelta(days=days)).isoformat(timespec="seconds")
            sheet.date("image.acquisition_date", date, f"{_SCAN}: Sample0time", original=f"{days}")


def _record_channels(sheet: Sheet, blocks: list[_Block], channels: int) -> None:
    """Record names and dyes of the channels that were kept; without a match, none."""
    data = [b for b in blocks if b.kind == _DATA and b.on(_DATA + 0x17)]
    detection = [b for b in blocks if b.kind == _DETECTION and b.on(_DETECTION + 0x0B)]
    if len(data) == channels:
        for index, block in enumerate(data):
            path, where = f"channel.{index}", f"{_SCAN}: DataChannel"
            sheet.text(f"{path}.name", block.text(_DATA + 1), f"{where} Name")
            sheet.text(f"{path}.fluor", block.text(_DATA + 0x14), f"{where} DyeName")
            color = block.entries.get(_DATA + 4)
            if isinstance(color, int) and 0 < color < 1 << 24:
                rgb = f"#{color & 255:02x}{color >> 8 & 255:02x}{color >> 16 & 255:02x}"
                sheet.state(f"{path}.color", rgb, f"{where} Color", original=str(color))
    if len(detection) == channels:
        for index, block in enumerate(detection):
            path, where = f"channel.{index}", f"{_SCAN}: DetectionChannel"
            if f"{path}.fluor" not in sheet.facts:
                sheet.text(f"{path}.fluor", block.text(_DETECTION + 0x26), f"{where} DyeName")
            if f"{path}.name" not in sheet.facts:
                sheet.text(f"{path}.name", block.text(_DETECTION + 0x14), f"{where} ChannelName")
            pinhole = as_number(block.entries.get(_DETECTION + 9))
            if pinhole and pinhole > 0:
                place = f"{where} PinholeDiameter"
                sheet.quantity(f"{path}.pinhole_size", pinhole, "\u00b5m", place)
    for index, block in enumerate(detection[:100]):
        path, where = f"detector.{index}", f"{_SCAN}: DetectionChannel"
        sheet.text(f"{path}.model", block.text(_DETECTION + 0x0C), f"{where} DetectorName")
        gain = as_number(block.entries.get(_DETECTION + 3))
        if gain:
            sheet.number(f"{path}.gain", gain, f"{where} DetectorGainFirst", positive=False)


def _record_lights(sheet: Sheet, blocks: list[_Block]) -> None:
    waves: dict[float, None] = {}
    for block in blocks:
        wave = as_number(block.entries.get(_ILLUMINATION + 3))
        if block.kind == _ILLUMINATION and block.on(_ILLUMINATION + 4) and wave and wave > 0:
            waves[wave] = None
    for index, wave in enumerate(list(waves)[:100]):
        where = f"{_SCAN}: IlluminationChannel Wavelength"
        sheet.text(f"light_source.{index}.type", "Laser", where, trust=Trust.DERIVED)
        sheet.quantity(f"light_source.{index}.wavelength", wave, "nm", where)


def _record_names(sheet: Sheet, tiff: TiffStructure, offset: int, channels: int) -> None:
    """Record the names beside the channel colours."""
    head = tiff.bytes_at(offset, 24) if offset else b""
    if len(head) < 24:
        return
    size, _, count, _, names, _ = struct.unpack(f"{tiff.order}6i", head)
    if count != channels or not 24 <= names < size:
        return
    data = tiff.bytes_at(offset + names, min(size - names, 1 << 16))
    found = [part.decode("latin-1") for part in data.split(b"\0") if part]
    texts = ["".join(c for c in name if c.isprintable()).strip() for name in found]
    kept = [text for text in texts if text]
    if len(kept) == channels:
        for index, name in enumerate(kept):
            sheet.text(f"channel.{index}.name", name, f"{_WHERE}: ChannelColors")
