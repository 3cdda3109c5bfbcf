"""Opening ``ro-crate-metadata.json``: its images come back with scale, units and channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_fair.files import FairError, UnreadableFile, confine, shown
from napari_fair.model import Dataset, Image, ImageSource
from napari_fair.session.layer_calibration import Calibration
from napari_fair.viewer.crate_places import image_folder
from napari_fair.viewer.subjects import CRATE_NAME, METADATA_KEY

if TYPE_CHECKING:
    from napari_fair.pixels import LazyImage

LayerData = tuple[Any, ...]
Listed = tuple[ImageSource, Image]
_TIFF_NAMES = (".tif", ".tiff", ".btf", ".tf2", ".tf8", ".lsm", ".stk")
_SLIDE_NAMES = (".svs", ".ndpi", ".scn")
"""Of slides only the first image is the same to every reader; label and macro are not."""
_NOTHING = ((None,),)
"""npe2's word for: read, and nothing to show."""
MOST_UNASKED = 8
"""Images that are opened without asking when nobody can be asked."""


def get_reader(path: str | Sequence[str]) -> Callable[[Any], list[LayerData]] | None:
    """Return a reader for a crate's metadata file, or the folder it lies in.

    Parameters
    ----------
    path
        What was dropped or opened; several paths are no crate.
    """
    if not isinstance(path, str):
        return None
    place = Path(path)
    crate = place / CRATE_NAME if place.is_dir() else place
    return read_layers if crate.name == CRATE_NAME and crate.is_file() else None


def read_layers(path: str) -> list[LayerData]:
    """Return the layers of a crate's images.

    Each layer's ``metadata`` holds the image's id and nothing else, by which the dock finds the
    record.

    Raises
    ------
    FairError
        The crate cannot be read, or none of its images is there.
    """
    from napari_fair.sidecar import read_crate

    place = Path(path)
    contents = read_crate(place if place.is_dir() else place.parent)
    if contents is None:
        raise UnreadableFile(f"{shown(place)} is not there; check whether it was moved or renamed.")
    dataset, folder = contents.dataset, image_folder(contents)
    present, absent = _sorted_out(folder, dataset)
    if not present:
        raise UnreadableFile(_nothing_to_open(place, absent))
    chosen = _chosen(present)
    if absent:
        _tell(f"{_names(absent)} of this crate could not be found; move the files back beside it.")
    layers: list[LayerData] = []
    for source, image in chosen:
        layers += _layers(dataset, folder, source, image)
    return layers or list(_NOTHING)


def _sorted_out(folder: Path, dataset: Dataset) -> tuple[list[Listed], list[str]]:
    present: list[Listed] = []
    absent: list[str] = []
    for source in dataset.sources:
        try:
            there = confine(folder, source.path).exists()
        except FairError:
            there = False
        if there:
            present += [(source, image) for image in source.images]
        else:
            absent.append(source.path)
    return present, absent


def _chosen(present: list[Listed]) -> list[Listed]:
    if len(present) == 1:
        return present
    from napari_fair.viewer.image_choice import ask_which, can_ask

    if not can_ask():
        return present[:MOST_UNASKED]
    names = [label(source, image) for source, image in present]
    return [present[place] for place in ask_which(names)]


def label(source: ImageSource, image: Image) -> str:
    """Return what to call an image in a list: its file, and its name where there are several."""
    name = Path(source.path).name
    if len(source.images) == 1:
        return name
    recorded = image.overrides.get("image.name") or image.facts.get("image.name")
    inner = recorded.value if recorded is not None and recorded.given else image.index + 1
    return f"{name} · {inner}"


def _layers(dataset: Dataset, folder: Path, source: ImageSource, image: Image) -> list[LayerData]:
    place = confine(folder, source.path)
    calibration = Calibration(dataset, source, image)
    name = label(source, image)
    if source.store or place.is_dir():
        from napari_fair.pixels import open_zarr

        return _split(open_zarr(place, image.index), calibration, name, image.id)
    pixels = _tiff_pixels(folder, source, image)
    if pixels is not None:
        _tell_of_missing(pixels, image, name)
        return _split(pixels, calibration, name, image.id)
    return _through_napari(place, calibration, name, image.id)


def _tiff_pixels(folder: Path, source: ImageSource, image: Image) -> LazyImage | None:
    """Open an image of a TIFF file or of a set of them; None for another format."""
    from napari_fair.headers import companion_beside, plane_places
    from napari_fair.pixels import open_planes, open_tiff

    place = confine(folder, source.path)
    files = [confine(folder, file.path) for file in source.files]
    companion = companion_beside(files) if len(files) > 1 else None
    if companion is not None:
        return open_tiff(companion.pixels, image.index, companion.document)
    names = _TIFF_NAMES if image.index else (*_TIFF_NAMES, *_SLIDE_NAMES)
    if "TIFF" not in source.format.upper() and place.suffix.lower() not in names:
        return None
    places = plane_places(place, source.format, image.index) if len(files) > 1 else None
    if not places:
        return open_tiff(place, image.index)
    wanted = prod(max(at[axis] for at in places) + 1 for axis in range(3))
    if len(places) < wanted:
        missing = wanted - len(places)
        _tell(
            f"{missing} of {wanted} planes of {shown(place)} are not there; they are shown black."
        )
    return open_planes(places)


def _tell_of_missing(pixels: LazyImage, image: Image, name: str) -> None:
    """Say so when fewer planes can be shown than the record tells of."""
    sizes = [image.facts.get(f"image.size_{axis}") for axis in "zct"]
    recorded = prod(size.value or 1 for size in sizes if size is not None)
    plane = "YXS" if pixels.rgb else "YX"
    shown_ = prod(n for n, a in zip(pixels.shape, pixels.axes, strict=True) if a not in plane)
    samples = pixels.shape[-1] if pixels.rgb else 1
    if shown_ * samples < recorded:
        _tell(
            f"Only {shown_ * samples} of {recorded} planes of {name} are shown; check whether all "
            "its files are beside it."
        )


def _split(pixels: LazyImage, calibration: Calibration, name: str, id: str) -> list[LayerData]:
    """Make one layer a channel."""
    axes = pixels.axes
    if "C" not in axes:
        return [(pixels.data, _meta(axes, pixels.rgb, calibration, name, id), "image")]
    place = axes.index("C")
    count = pixels.shape[place]
    rest = axes.replace("C", "", 1)
    layers: list[LayerData] = []
    for index in range(count):
        key = (slice(None),) * place + (index,)
        levels = [level[key] for level in pixels.levels]
        title = f"{name} · {calibration.channel_name(index)}" if count > 1 else name
        meta = _meta(rest, pixels.rgb, calibration, title, id)
        meta["colormap"] = calibration.colormap(index, count)
        if count > 1:
            meta["blending"] = "additive"
        layers.append((levels if len(levels) > 1 else levels[0], meta, "image"))
    return layers


def _meta(axes: str, rgb: bool, calibration: Calibration, name: str, id: str) -> dict[str, Any]:
    spatial = axes[:-1] if rgb else axes
    steps = [calibration.axis(letter) for letter in spatial]
    return {
        "name": name,
        "rgb": rgb,
        "scale": tuple(scale for scale, _ in steps),
        "units": tuple(unit for _, unit in steps),
        "axis_labels": _labels(spatial),
        "metadata": {METADATA_KEY: id},
    }


def _labels(axes: str) -> tuple[str, ...]:
    """Return lower-case axis names; a letter that comes twice is numbered."""
    seen: dict[str, int] = {}
    labels = []
    for letter in axes.lower():
        seen[letter] = seen.get(letter, 0) + 1
        labels.append(letter if seen[letter] == 1 else f"{letter}{seen[letter]}")
    return tuple(labels)


def _through_napari(place: Path, calibration: Calibration, name: str, id: str) -> list[LayerData]:
    """Read another format with whatever reader is installed; only X and Y are calibrated."""
    import npe2

    try:
        read = npe2.read([str(place)], stack=False)
    except (ValueError, OSError) as error:
        raise UnreadableFile(
            f"{shown(place)} has a format that no installed reader opens; install a plugin for it."
        ) from error
    return [_calibrated(layer, calibration, name, id) for layer in read if layer[0] is not None]


def _calibrated(layer: Any, calibration: Calibration, name: str, id: str) -> LayerData:
    data = layer[0]
    meta = dict(layer[1]) if len(layer) > 1 else {}
    kind = str(layer[2]) if len(layer) > 2 else "image"
    meta = {**meta, "name": name, "metadata": {METADATA_KEY: id}}
    shape = getattr(data, "shape", None)
    if kind == "image" and shape is not None and "scale" not in meta:
        rgb = bool(meta.get("rgb", len(shape) == 3 and shape[-1] in (3, 4)))
        ndim = len(shape) - rgb
        steps = [(1.0, "pixel")] * (ndim - 2) + [calibration.axis("Y"), calibration.axis("X")]
        meta["scale"] = tuple(scale for scale, _ in steps)
        meta["units"] = tuple(unit for _, unit in steps)
    return data, meta, kind


def _nothing_to_open(place: Path, absent: list[str]) -> str:
    if absent:
        return f"{shown(place)} names {_names(absent)}, not found beside it; move the files back."
    return f"{shown(place)} names no images; open the images themselves."


def _names(paths: list[str]) -> str:
    first = ", ".join(shown(path) for path in paths[:3])
    return first if len(paths) <= 3 else f"{first} and {len(paths) - 3} more"


def _tell(sentence: str) -> None:
    from napari.utils.notifications import show_warning

    show_warning(sentence)
