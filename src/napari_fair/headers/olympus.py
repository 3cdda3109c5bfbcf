"""Olympus FluoView OIF and OIB: settings as INI text, in a file or in a compound file."""

from __future__ import annotations

from pathlib import Path

from napari_fair.headers.compound import CompoundFile, NotCompound
from napari_fair.headers.lens_names import record_lens_name
from napari_fair.headers.sheet import Findings, Sheet, as_integer, as_number
from napari_fair.headers.window import window
from napari_fair.model import Trust

Settings = dict[str, dict[str, str]]

_MAX_TEXT = 8 << 20
_MAX_FILES = 100_000
_WHERE = "OIF "
_COMMON = "Acquisition Parameters Common"
_DEPTHS = {1: "uint8", 2: "uint16", 4: "uint32"}
_NO_DYE = ("", "None", "(null)")
_MAX_AXES = 16
_QUOTES = "\"'"


def read_oib(path: Path, findings: Findings) -> None:
    """Read an OIB: a compound file whose ``OibInfo.txt`` names the settings' stream."""
    findings.format = "Olympus OIB"
    with window(path) as file:
        try:
            held = CompoundFile.open(file)
        except NotCompound as error:
            findings.damage(f"{path.name!r} is damaged: {error}.")
            return
        listed = _parse(held.read("OibInfo.txt", _MAX_TEXT)).get("OibSaveInfo", {})
        settings = _parse(held.read(listed.get("MainFileName", ""), _MAX_TEXT))
        plane = next((key for key, name in listed.items() if _is_plane(name)), "")
        lens = _parse(held.read(plane, _MAX_TEXT)).get(_COMMON, {})
        if held.damaged:
            findings.damage(f"{path.name!r} is cut off or damaged inside.")
    _record(path, settings, lens, findings)


def read_oif(path: Path, findings: Findings) -> None:
    """Read an OIF; the pixels lie in the folder ``<name>.files`` beside it."""
    findings.format = "Olympus OIF"
    with window(path) as file:
        settings = _parse(file.read(0, _MAX_TEXT))
    folder = path.with_name(path.name + ".files")
    listed = sorted(folder.iterdir())[:_MAX_FILES] if folder.is_dir() else []
    planes = [place for place in listed if _is_plane(place.name)]
    lens: dict[str, str] = {}
    if planes:
        with window(planes[0]) as file:
            lens = _parse(file.read(0, _MAX_TEXT)).get(_COMMON, {})
    _record(path, settings, lens, findings)
    held = [place for place in listed if place.suffix.lower() in (".tif", ".pty")]
    findings.files = [str(path.absolute()), *(str(place.absolute()) for place in held)]
    if not held and findings.sheets:
        findings.warnings.add(f"The folder {folder.name!r} with the pixels is not there.")


def _is_plane(name: str) -> bool:
    """Whether a name is that of one plane's settings, which alone name the objective."""
    return name.lower().endswith(".pty") and "thumb" not in name.lower()


def _parse(data: bytes) -> Settings:
    """Return an INI text's sections; the first value of a name counts."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    sections: Settings = {}
    section: dict[str, str] = {}
    for line in data.decode(encoding, "replace").splitlines():
        line = line.strip().strip("\ufeff\0")
        if line.startswith("[") and line.endswith("]"):
            section = sections.setdefault(line[1:-1].strip(), {})
            continue
        name, sign, value = line.partition("=")
        if sign:
            section.setdefault(name.strip(), value.strip().strip(_QUOTES))
    return sections


def _record(path: Path, settings: Settings, lens: dict[str, str], findings: Findings) -> None:
    axes = _axes(settings)
    if not axes:
        findings.damage(f"{path.name!r} is damaged: its settings name no axes.")
        return
    sheet = findings.sheet()
    _record_sizes(sheet, settings, axes)
    _record_calibration(sheet, settings, axes)
    _record_channels(sheet, settings)
    _record_lens(sheet, lens)
    _record_instrument(sheet, settings)
    _record_file(sheet, settings)


def _axes(settings: Settings) -> dict[str, dict[str, str]]:
    """Return the axes that have a length, by their letter, in the order of the scan."""
    found: dict[str, dict[str, str]] = {}
    for number in range(_MAX_AXES):
        axis = settings.get(f"Axis {number} Parameters Common", {})
        if (as_integer(axis.get("MaxSize")) or 0) > 0 and axis.get("AxisCode"):
            found.setdefault(axis["AxisCode"], axis)
    order = settings.get("Axis Parameter Common", {}).get("AxisOrder", "")
    listed = {code: found[code] for code in order if code in found}
    return {**listed, **found} if "X" in found else {}


def _record_sizes(sheet: Sheet, settings: Settings, axes: dict[str, dict[str, str]]) -> None:
    where = f"{_WHERE}[Axis Parameters Common] MaxSize"
    sizes = {code: as_integer(axis["MaxSize"]) or 1 for code, axis in axes.items()}
    sheet.size("image.size_x", sizes.pop("X"), where)
    # Without Y the lines of a plane follow each other along the next axis (XZ, XT scans).
    height = next((code for code in "YZT" if code in sizes), "")
    sheet.size("image.size_y", sizes.pop(height, 1), where)
    sheet.size("image.size_z", sizes.get("Z", 1), where)
    sheet.size("image.size_c", sizes.get("C", 1) * sizes.get("L", 1), where)
    sheet.size("image.size_t", sizes.get("T", 1), where)
    if height != "Y" and height:
        sheet.doubt(f"The height of this image runs along {height}, as the file says", ".")
    depth = as_integer(settings.get("Reference Image Parameter", {}).get("ImageDepth"))
    if depth in _DEPTHS:
        place = f"{_WHERE}[Reference Image Parameter] ImageDepth"
        sheet.state("image.dtype", _DEPTHS[depth], place)


def _record_calibration(sheet: Sheet, settings: Settings, axes: dict[str, dict[str, str]]) -> None:
    reference = settings.get("Reference Image Parameter", {})
    for axis, name in (("x", "Width"), ("y", "Height")):
        size, unit = reference.get(f"{name}ConvertValue"), reference.get(f"{name}Unit", "")
        if as_number(size) and (axis == "x" or "Y" in axes):
            where = f"{_WHERE}[Reference Image Parameter] {name}ConvertValue"
            sheet.quantity(f"image.physical_size_{axis}", size, unit, where)
    for code, path in (("Z", "image.physical_size_z"), ("T", "image.time_increment")):
        axis_ = axes.get(code)
        if axis_ is None or (as_integer(axis_["MaxSize"]) or 0) < 2:
            continue
        _record_step(sheet, path, axis_, f"{_WHERE}[Axis {code}]")


def _record_step(sheet: Sheet, path: str, axis: dict[str, str], where: str) -> None:
    unit = axis.get("UnitName") or axis.get("PixUnit", "")
    interval = as_number(axis.get("Interval"))
    if interval:
        return sheet.quantity(path, abs(interval), unit, f"{where} Interval")
    start, end = as_number(axis.get("StartPosition")), as_number(axis.get("EndPosition"))
    count = as_integer(axis.get("MaxSize")) or 0
    if start is not None and end is not None and start != end and count > 1:
        step = float(f"{abs(end - start) / (count - 1):.10g}")
        place = f"{where} EndPosition, StartPosition"
        sheet.quantity(path, step, unit, place, trust=Trust.DERIVED)
    return None


def _record_channels(sheet: Sheet, settings: Settings) -> None:
    count = sheet.facts.get("image.size_c")
    for index in range(min(64, count.value if count is not None and count.value else 0)):
        held = settings.get(f"Channel {index + 1} Parameters")
        if held is None:
            return
        path, where = f"channel.{index}", f"{_WHERE}[Channel {index + 1} Parameters]"
        sheet.text(f"{path}.name", held.get("CH Name"), f"{where} CH Name")
        if held.get("DyeName", "") not in _NO_DYE:
            sheet.text(f"{path}.fluor", held["DyeName"], f"{where} DyeName")
        for name in ("Excitation", "Emission"):
            wave = held.get(f"{name}Wavelength")
            if as_number(wave):
                field = f"{path}.{name.lower()}_wavelength"
                sheet.quantity(field, wave, "nm", f"{where} {name}Wavelength")
        if held.get("LightType") == "Fluorescence":
            sheet.state(f"{path}.contrast_method", "Fluorescence", f"{where} LightType")
        if held.get("Confocal") == "ON":
            mode = "LaserScanningConfocalMicroscopy"
            sheet.state(f"{path}.acquisition_mode", mode, f"{where} Confocal", trust=Trust.DERIVED)


def _record_lens(sheet: Sheet, held: dict[str, str]) -> None:
    where = f"{_WHERE}plane settings (.pty), [{_COMMON}] ObjectiveLens"
    name = held.get("ObjectiveLens Name", "")
    sheet.text("objective.model", name, f"{where} Name")
    if as_number(held.get("ObjectiveLens MagValue")):
        number = held["ObjectiveLens MagValue"]
        sheet.number("objective.nominal_magnification", number, f"{where} MagValue")
    if as_number(held.get("ObjectiveLens NAValue")):
        sheet.number("objective.lens_na", held["ObjectiveLens NAValue"], f"{where} NAValue")
    record_lens_name(sheet, name, f"{where} Name")


def _record_instrument(sheet: Sheet, settings: Settings) -> None:
    common = settings.get(_COMMON, {})
    sheet.text("microscope.manufacturer", "Olympus", f"{_WHERE}format", trust=Trust.DERIVED)
    system = settings.get("Version Info", {}).get("SystemName") or common.get("Acquisition Device")
    sheet.text("microscope.model", system, f"{_WHERE}[Version Info] SystemName")
    lasers = [
        h for n, h in settings.items() if n.startswith("Laser ") and h.get("Laser Enable") == "1"
    ]
    for index, laser in enumerate(lasers[:64]):
        place = f"{_WHERE}[Laser Parameters] LaserWavelength"
        sheet.text(f"light_source.{index}.type", "Laser", place)
        if as_number(laser.get("LaserWavelength")):
            path = f"light_source.{index}.wavelength"
            sheet.quantity(path, laser["LaserWavelength"], "nm", place)


def _record_file(sheet: Sheet, settings: Settings) -> None:
    common, info = settings.get(_COMMON, {}), settings.get("File Info", {})
    # The misspelt name is the format's own.
    date, parts = common.get("ImageCaputreDate", ""), common.get("ImageCaputreDate+MilliSec", "")
    if date and parts.isascii() and parts.isdigit() and len(parts) <= 3:
        date = f"{date}.{int(parts):03d}"
    where = f"{_WHERE}[{_COMMON}] ImageCaputreDate"
    sheet.date("image.acquisition_date", date.strip("'"), where)
    if info.get("UserName", "") not in ("", "Guest"):
        sheet.text("image.operator", info["UserName"], f"{_WHERE}[File Info] UserName")
    version = settings.get("Version Info", {})
    system = f"{version.get('SystemName', '')} {version.get('SystemVersion', '')}"
    sheet.text("image.software", system, f"{_WHERE}[Version Info]")
    comment = info.get("UserComment")
    sheet.text("image.description", comment, f"{_WHERE}[File Info] UserComment")
