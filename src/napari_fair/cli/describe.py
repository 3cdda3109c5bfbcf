"""``describe``: what files say about themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_fair.cli.terminal import Json, heading, plain, printable, say, table, tell, write_json

if TYPE_CHECKING:
    from napari_fair.model import Fact, Header, ImageHeader

_IMAGE = (
    *("name", "size_x", "size_y", "size_z", "size_c", "size_t", "dtype", "dimension_order"),
    *("physical_size_x", "physical_size_y", "physical_size_z", "time_increment"),
    "acquisition_date",
)
_CHANNEL = (
    *("name", "fluor", "excitation_wavelength", "emission_wavelength", "exposure_time"),
    *("color", "acquisition_mode", "contrast_method"),
)
_OBJECTIVE = (
    *("model", "manufacturer", "nominal_magnification", "lens_na", "immersion"),
    "working_distance",
)
_MICROSCOPE = ("manufacturer", "model", "type")
_DETECTOR = ("model", "manufacturer", "type", "gain", "binning")
_LIGHT_SOURCE = ("model", "manufacturer", "type", "wavelength", "power")

_EPILOG = """\b
Examples:
  napari-fair describe cells.tif
  napari-fair describe cells.tif control.tif --json
\b
Exit codes:
  0  every file was described; what it does not say is unknown (null)
  1  a file is damaged, or one of several could not be read: the rest is described
  2  nothing could be read
"""


def join(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command(short_help="What files say about themselves.", epilog=_EPILOG)(describe)


def describe(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE", help="Image files, OME-Zarr stores, or a folder with images."
        ),
    ],
    json: Json = False,
) -> int:
    """Say what files say about themselves, where each fact was found, and what is doubtful.

    Nothing is written and no pixel is read. JSON has the facts of every image of a file in
    `images`, and those of its first image as `facts` beside them. Sizes are in µm, times in s,
    wavelengths in nm.
    """
    entries = [_entry(*each) for each in _expanded(images)]
    if json:
        write_json({"files": [_file_json(*entry) for entry in entries]})
    for path, found in entries:
        if isinstance(found, str):
            say(found)
        elif not json:
            _print(path, found)
    unread = sum(isinstance(found, str) for _, found in entries)
    if unread == len(entries):
        return 2
    return int(unread > 0 or any(not isinstance(h, str) and h.damaged for _, h in entries))


def _expanded(paths: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield paths as given; of a folder that is no store, the images in it, and that they are."""
    for path in paths:
        found = _images_in(Path(path)) if Path(path).is_dir() else []
        yield from [(str(image), True) for image in found] or [(path, False)]


def _images_in(folder: Path) -> list[Path]:
    from napari_fair.headers import image_paths
    from napari_fair.headers.ome_zarr import is_store

    return [] if is_store(folder) else image_paths(folder, recursive=False)


def _entry(path: str, of_folder: bool) -> tuple[str, Header | str]:
    """Return a path with its header, or with the sentence that says why there is none."""
    from napari_fair import headers
    from napari_fair.files import FairError

    place = Path(path)
    read = headers.read_source if of_folder else headers.read_header
    try:
        header = read(place.resolve() if place.is_dir() else place, levels=True)
    except FairError as problem:
        return path, str(problem)
    if not header.format and not header.images:
        return path, " ".join(header.warnings)
    return path, header


# ---- JSON -----------------------------------------------------------------------------------


def _file_json(path: str, found: Header | str) -> dict[str, Any]:
    from napari_fair.cli.values import fact_json

    if isinstance(found, str):
        return {
            "path": plain(path),
            "format": None,
            "images": [],
            "facts": {},
            "warnings": [found],
            "damaged": False,
            "readable": False,
        }
    first = found.images[0].facts if found.images else {}
    return {
        "path": plain(path),
        "format": found.format or None,
        "images": [_image_json(image) for image in found.images],
        "facts": {name: fact_json(fact) for name, fact in first.items()},
        "warnings": list(found.warnings),
        "damaged": found.damaged,
        "readable": True,
    }


def _image_json(image: ImageHeader) -> dict[str, Any]:
    from napari_fair.cli.values import fact_json

    facts = image.facts
    return {
        "index": image.index,
        **_group(facts, "image", _IMAGE),
        "channels": _groups(facts, "channel", _CHANNEL),
        "objective": _group(facts, "objective", _OBJECTIVE),
        "microscope": _group(facts, "microscope", _MICROSCOPE),
        "detectors": _groups(facts, "detector", _DETECTOR),
        "light_sources": _groups(facts, "light_source", _LIGHT_SOURCE),
        "stage_position": {axis: _value(facts, f"image.stage_{axis}") for axis in "xyz"},
        "facts": {name: fact_json(fact) for name, fact in facts.items()},
    }


_Facts = Mapping[str, "Fact"]


def _group(facts: _Facts, block: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _value(facts, f"{block}.{name}") for name in names}


def _groups(facts: _Facts, block: str, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return one entry for each number up to the last one that something is said about."""
    from napari_fair.model import split_path

    split = (split_path(path) for path in facts)
    numbers = [n for name, n in split if n is not None and name.startswith(f"{block}.")]
    return [_group(facts, f"{block}.{n}", names) for n in range(max(numbers, default=-1) + 1)]


def _value(facts: _Facts, path: str) -> Any:
    from napari_fair.cli.values import fact_json

    return fact_json(facts[path])["value"] if path in facts else None


# ---- for people -----------------------------------------------------------------------------


def _print(path: str, header: Header) -> None:
    several = f", {len(header.images)} images" if len(header.images) != 1 else ""
    heading(f"{printable(path)}: {header.format or 'unknown format'}{several}")
    for image in header.images:
        if len(header.images) > 1:
            tell(f"Image {image.index}")
        table(_rows(image), ("field", "value", "trust", "where"))
    for warning in header.warnings:
        tell(f"! {warning}")
    tell()


def _rows(image: ImageHeader) -> Iterator[tuple[str, ...]]:
    from napari_fair.cli.values import fact_json

    for name, fact in image.facts.items():
        said = fact_json(fact)
        unit = f" {said['unit']}" if said["unit"] else ""
        value = f"{said['value']:.12g}" if isinstance(said["value"], float) else said["value"]
        yield name, f"{value}{unit}", said["trust"], said["where"]
