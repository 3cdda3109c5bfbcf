"""DICOM, through the package pydicom (MIT): whole-slide microscopy, and other images.

Lengths are millimetres (DICOM PS3.3): pixel spacing names the rows' distance (Y) first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal

from napari_fair.headers.ome_channels import record_word
from napari_fair.headers.ome_words import IMMERSIONS
from napari_fair.headers.optional import optional, quiet
from napari_fair.headers.sheet import Findings, Sheet, as_integer, as_number
from napari_fair.model import Trust

_TAGS = (
    *("SOPClassUID", "Modality", "ImageType", "SeriesDescription", "ImageComments"),
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "BitsAllocated"),
    *("PixelRepresentation", "FloatPixelData", "DoubleFloatPixelData"),
    *("TotalPixelMatrixColumns", "TotalPixelMatrixRows", "TotalPixelMatrixFocalPlanes"),
    *("NumberOfOpticalPaths", "OpticalPathSequence", "SharedFunctionalGroupsSequence"),
    *("DistanceBetweenFocalPlanes", "PixelSpacing", "SpacingBetweenSlices"),
    *("FrameTime", "FrameIncrementPointer", "CineRate", "ContainerIdentifier"),
    *("AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "TimezoneOffsetFromUTC"),
    *("Manufacturer", "ManufacturerModelName", "ExposureTime"),
)
_DATE = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(?:(\d\d)(\.\d{1,6})?)?)?\s*([+-]\d{4})?", re.ASCII
)
_ILLUMINATIONS = {
    "111744": ("contrast_method", "Brightfield"),
    "111741": ("contrast_method", "Brightfield"),
    "111743": ("illumination_type", "Epifluorescence"),
    "111742": ("contrast_method", "Darkfield"),
    "111746": ("contrast_method", "Phase"),
    "111748": ("contrast_method", "DIC"),
}
_MOST_PATHS = 1000
_EACH_FRAME = "PerFrameFunctionalGroupsSequence"
_FEW_FRAMES = 500
_PIXELS = tuple(
    bytes.fromhex(tag) for tag in ("e07f1000", "e07f0800", "e07f0900", "7fe00010", "7fe00008")
)
# Modalities (PS3.3 C.7.3.1.1.1) of documents that hold no pixels
_WITHOUT_PIXELS = frozenset(
    ("ANN", "AU", "DOC", "FID", "KO", "PLAN", "PR", "REG", "RTPLAN", "RTRECORD", "RTSTRUCT", "SR")
)
_UNDEFINED = 0xFFFFFFFF
_END_OF_SEQUENCE = bytes.fromhex("feffdde0")
_TAIL = 1 << 16
_FRAME_TIMES = (0x00181063, 0x00181065)


def read_dicom(path: Path, findings: Findings) -> None:
    """Read a DICOM file; a whole-slide image has the size of its total pixel matrix."""
    findings.format = "DICOM"
    package = optional("pydicom", "dicom")
    with quiet(), path.open("rb") as stream:
        try:
            held = package.dcmread(stream, stop_before_pixels=True, specific_tags=list(_TAGS))
            facts = {name: _plain(held, name) for name in _TAGS}
            facts[_EACH_FRAME] = _each_frame(package, stream, facts)
            whole = _has_pixels(stream, path.stat().st_size)
        except Exception as error:  # whatever the reader trips over is damage
            findings.damage(f"{path.name!r} is cut off or damaged ({type(error).__name__}).")
            return
        _record(path, facts, findings, whole=whole)


def _each_frame(package: Any, stream: BinaryIO, facts: dict[str, Any]) -> Any:
    """Return what is said of each frame, if nothing is said of all; long lists are left out."""
    shared = _first(facts["SharedFunctionalGroupsSequence"])
    frames = as_integer(facts["NumberOfFrames"]) or 1
    known = _of(shared, "PixelMeasuresSequence") or facts["PixelSpacing"]
    if shared is None or known is not None or frames > _FEW_FRAMES:
        return None
    stream.seek(0)
    held = package.dcmread(stream, stop_before_pixels=True, specific_tags=[_EACH_FRAME])
    return _plain(held, _EACH_FRAME)


def _has_pixels(stream: BinaryIO, size: int) -> bool:
    """Whether the pixels, which begin where the stream stands, end inside the file."""
    start = stream.tell()
    head = stream.read(12)
    if head[:4] not in _PIXELS:
        return False
    if head[4:6].isalpha():  # explicit: type, two bytes, length
        length, start = int.from_bytes(head[8:12], _order(head)), start + 12
    else:
        length, start = int.from_bytes(head[4:8], _order(head)), start + 8
    if length != _UNDEFINED:
        return start + length <= size
    stream.seek(max(start, size - _TAIL))
    return _END_OF_SEQUENCE in stream.read(_TAIL)


def _order(head: bytes) -> Literal["little", "big"]:
    return "little" if head[0] == 0xE0 else "big"


def _record(path: Path, facts: dict[str, Any], findings: Findings, *, whole: bool) -> None:
    if as_integer(facts["Rows"]) is None or as_integer(facts["Columns"]) is None:
        modality = _text(facts["Modality"])
        if modality in _WITHOUT_PIXELS:
            findings.warnings.add(
                f"{path.name!r} is DICOM without pixels ({modality}): it describes other files; "
                "choose the image."
            )
        else:
            findings.damage(f"{path.name!r} is cut off or damaged: it has no rows and columns.")
        return
    _Slide(findings.sheet(), facts).record()
    if not whole:
        findings.damage(f"{path.name!r} is cut off: its pixels are missing or not complete.")


def _plain(held: Any, name: str) -> Any:
    value = held.get(name)
    return getattr(value, "value", value)


class _Slide:
    """Records the facts of one file."""

    def __init__(self, sheet: Sheet, facts: dict[str, Any]) -> None:
        self._sheet, self._facts = sheet, facts
        shared = _first(facts["SharedFunctionalGroupsSequence"])
        own = _first(facts[_EACH_FRAME])
        self._measures = _first(_of(shared, "PixelMeasuresSequence")) or _first(
            _of(own, "PixelMeasuresSequence")
        )
        self._paths = _items(facts["OpticalPathSequence"])[:_MOST_PATHS]

    def record(self) -> None:
        """Record all there is."""
        self._record_sizes()
        self._record_type()
        self._record_spacing()
        self._record_date()
        self._record_name()
        maker, model = self._facts["Manufacturer"], self._facts["ManufacturerModelName"]
        self._sheet.text("microscope.manufacturer", _text(maker), "DICOM (0008,0070)")
        self._sheet.text("microscope.model", _text(model), "DICOM (0008,1090)")
        for index, held in enumerate(self._paths):
            _record_path(self._sheet, index, held)
        if self._paths:
            _record_objective(self._sheet, self._paths[0])

    def _record_sizes(self) -> None:
        facts, sheet = self._facts, self._sheet
        width, height = facts["TotalPixelMatrixColumns"], facts["TotalPixelMatrixRows"]
        samples = as_integer(facts["SamplesPerPixel"]) or 1
        if as_integer(width) and as_integer(height):
            sheet.size("image.size_x", width, "DICOM (0048,0006) TotalPixelMatrixColumns")
            sheet.size("image.size_y", height, "DICOM (0048,0007) TotalPixelMatrixRows")
            planes = as_integer(facts["TotalPixelMatrixFocalPlanes"]) or 1
            sheet.size("image.size_z", planes, "DICOM (0048,0303) TotalPixelMatrixFocalPlanes")
            paths = as_integer(facts["NumberOfOpticalPaths"]) or 1
            place = "DICOM (0048,0302) NumberOfOpticalPaths, (0028,0002) SamplesPerPixel"
            sheet.size("image.size_c", paths * samples, place)
            sheet.size("image.size_t", 1, "DICOM")
            return
        sheet.size("image.size_x", facts["Columns"], "DICOM (0028,0011) Columns")
        sheet.size("image.size_y", facts["Rows"], "DICOM (0028,0010) Rows")
        sheet.size("image.size_c", samples, "DICOM (0028,0002) SamplesPerPixel")
        self._record_frames(as_integer(facts["NumberOfFrames"]) or 1)

    def _record_frames(self, frames: int) -> None:
        pointer = as_integer(self._facts["FrameIncrementPointer"])
        timed = pointer in _FRAME_TIMES or as_number(self._facts["CineRate"]) is not None
        trust = Trust.STATED if frames == 1 else Trust.DERIVED if timed else Trust.GUESSED
        along, other = ("t", "z") if timed else ("z", "t")
        where = "DICOM (0028,0008) NumberOfFrames"
        self._sheet.size(f"image.size_{along}", frames, where, trust=trust)
        self._sheet.size(f"image.size_{other}", 1, where, trust=trust)
        step = as_number(self._facts["FrameTime"])
        if timed and frames > 1 and step:
            self._sheet.quantity("image.time_increment", step, "ms", "DICOM (0018,1063) FrameTime")

    def _record_type(self) -> None:
        bits, signed = (
            as_integer(self._facts[n]) for n in ("BitsAllocated", "PixelRepresentation")
        )
        where = "DICOM (0028,0100) BitsAllocated, (0028,0103) PixelRepresentation"
        if bits == 1:
            self._sheet.state("image.dtype", "bool", where)
        elif bits in (8, 16, 32, 64):
            kind = "int" if signed == 1 else "uint"
            self._sheet.state("image.dtype", f"{kind}{bits}", where)

    def _record_spacing(self) -> None:
        inside = _of(self._measures, "PixelSpacing")
        spacing = _items(inside if inside is not None else self._facts["PixelSpacing"])
        if len(spacing) == 2:
            for axis, size in zip("yx", spacing, strict=True):
                if as_number(size):
                    path, where = f"image.physical_size_{axis}", "DICOM (0028,0030) PixelSpacing"
                    self._sheet.quantity(path, _digits(size), "mm", where)
        focal, where = self._facts["DistanceBetweenFocalPlanes"], "DICOM (0048,0014)"
        between = _of(self._measures, "SpacingBetweenSlices")
        slices = between if between is not None else self._facts["SpacingBetweenSlices"]
        if as_number(focal):
            self._sheet.quantity("image.physical_size_z", _digits(focal), "\u00b5m", where)
        elif as_number(slices):
            where = "DICOM (0018,0088) SpacingBetweenSlices"
            self._sheet.quantity("image.physical_size_z", abs(_digits(slices)), "mm", where)

    def _record_date(self) -> None:
        facts, where = self._facts, "DICOM (0008,002A) AcquisitionDateTime"
        written = _text(facts["AcquisitionDateTime"])
        if not written and facts["AcquisitionDate"]:
            where = "DICOM (0008,0022) AcquisitionDate, (0008,0032) AcquisitionTime"
            written = _text(facts["AcquisitionDate"]) + _text(facts["AcquisitionTime"])
        match = _DATE.fullmatch(written)
        if match is None:
            return
        year, month, day, hour, minute, second, part, zone = match.groups()
        iso = f"{year}-{month}-{day}"
        if hour:
            zone = zone or _text(facts["TimezoneOffsetFromUTC"])
            shift = f"{zone[:3]}:{zone[3:]}" if re.fullmatch(r"[+-]\d{4}", zone) else ""
            iso += f"T{hour}:{minute}:{second or '00'}{part or ''}{shift}"
        self._sheet.date("image.acquisition_date", iso, where, original=written)

    def _record_name(self) -> None:
        kinds = [_text(kind) for kind in _items(self._facts["ImageType"])]
        kind = next((kind for kind in kinds if kind in ("LABEL", "OVERVIEW", "THUMBNAIL")), "")
        if kind:
            self._sheet.text("image.name", kind.lower(), "DICOM (0008,0008) ImageType")
        else:
            description = _text(self._facts["SeriesDescription"])
            self._sheet.text("image.name", description, "DICOM (0008,103E) SeriesDescription")
        comments = _text(self._facts["ImageComments"])
        self._sheet.text("image.description", comments, "DICOM (0020,4000) ImageComments")


def _record_path(sheet: Sheet, index: int, held: Any) -> None:
    path, where = f"channel.{index}", f"DICOM OpticalPathSequence[{index}]"
    description = _text(_of(held, "OpticalPathDescription"))
    sheet.text(f"{path}.name", description, f"{where} (0048,0107)")
    wave = _of(held, "IlluminationWaveLength")
    if as_number(wave):
        field = f"{path}.excitation_wavelength"
        sheet.quantity(field, _digits(wave), "nm", f"{where} (0022,0055)")
    for kind in _items(_of(held, "IlluminationTypeCodeSequence")):
        code = _text(_of(kind, "CodeValue"))
        if code in _ILLUMINATIONS:
            field, word = _ILLUMINATIONS[code]
            meaning = _text(_of(kind, "CodeMeaning"))
            sheet.state(f"{path}.{field}", word, f"{where} (0022,0016)", original=meaning)


def _record_objective(sheet: Sheet, held: Any) -> None:
    where = "DICOM OpticalPathSequence[0]"
    for name, field, tag in (
        ("ObjectiveLensPower", "nominal_magnification", "(0048,0112)"),
        ("ObjectiveLensNumericalAperture", "lens_na", "(0048,0113)"),
    ):
        number = as_number(_of(held, name))
        if number:
            sheet.number(f"objective.{field}", number, f"{where} {tag}")
    for lens in _items(_of(held, "LensesCodeSequence")):
        meaning = _text(_of(lens, "CodeMeaning"))
        place = f"{where} (0022,0019)"
        if "immersion" in meaning.lower():
            word = meaning.lower().replace("immersion", "").replace("lens", "").strip().title()
            record_word(sheet, "objective.immersion", word, IMMERSIONS, place)
        elif "objective.model" not in sheet.facts:
            sheet.text("objective.model", meaning, place)


def _of(held: Any, name: str) -> Any:
    return None if held is None else _plain(held, name)


def _items(value: Any) -> list[Any]:
    if value is None or isinstance(value, str | bytes):
        return [] if not value else [value]
    return list(value) if isinstance(value, Sequence) else [value]


def _first(value: Any) -> Any:
    items = _items(value)
    return items[0] if items else None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip("\0 ")


def _digits(value: Any) -> float:
    """Return a number without the noise of 32-bit storage."""
    return float(f"{float(value):.7g}")
