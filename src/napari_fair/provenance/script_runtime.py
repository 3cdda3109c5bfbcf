"""What a generated script brings along: it reads data, checks it and says what came of it.

The text of this module is the first part of every generated script, so it needs nothing of the
package: numpy, tifffile for TIFF files, and zarr for stores. It has no annotations, because
analysts read it as part of their own script.
"""

# mypy: ignore-errors
# ruff: noqa: E402

import os
import sys

_as_script = "__file__" in globals() and __name__ == "__main__"
_arguments = sys.argv[1:] if _as_script else []
_here = os.path.dirname(os.path.abspath(__file__)) if _as_script else os.getcwd()
_folder = _arguments[0] if _arguments else _here


def _comes_with_data(entry):
    """Whether Python would import from the folder of the data only because it was started there."""
    place, data = os.path.realpath(entry or "."), os.path.realpath(_folder)
    started = place in (os.path.realpath(_here), os.path.realpath("."))
    return started and (place + os.sep).startswith(data + os.sep)


if __name__ == "__main__":
    sys.path[:] = [entry for entry in sys.path if not _comes_with_data(entry)]

import enum
import hashlib
import inspect
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

FOLDER = Path(_folder)
RESULTS = Path(_arguments[1]) if len(_arguments) > 1 else None
_verdicts, _skipped, _scratch = [], [], []


def stop(sentence):
    """End the script with a sentence."""
    raise SystemExit(sentence)


def inside(relative):
    """Return a path below the folder, links resolved."""
    place = (FOLDER / relative).resolve()
    if not place.is_relative_to(FOLDER.resolve()):
        stop(f"{relative!r} leads out of {FOLDER}: it is not used.")
    return place


def content_of(values):
    """Return the checksum of an array: type, shape and elements, wherever they are kept."""
    if isinstance(values, (list, tuple)):
        digest = hashlib.sha256(b"napari-fair list 1\0")
        for item in values:
            digest.update(content_of(item).encode())
        return digest.hexdigest()
    values = np.ascontiguousarray(values).reshape(np.shape(values))
    kind = values.dtype.newbyteorder("<")
    shape = ",".join(str(size) for size in values.shape)
    digest = hashlib.sha256(b"napari-fair array 1\0" + f"{kind.str};{shape};".encode())
    digest.update(values.astype(kind, copy=False).tobytes())
    return digest.hexdigest()


def arrays_in(path):
    """Yield the arrays of a file: each image as it is, then its channels."""
    name = path.name.lower()
    if name.endswith(".npy"):
        images = [np.load(path, allow_pickle=False)]
    elif path.is_dir():
        images = stored(path)
    elif name.endswith((".tif", ".tiff", ".lsm", ".stk")):
        images = tiff(path)
    elif name.endswith(".csv"):
        table = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
        images = [table, table[:, 1:]]
    elif name.endswith((".png", ".jpg", ".jpeg", ".bmp", ".gif")):
        images = [picture(path)]
    else:
        stop(f"{path.name} is of a format that this script does not read: save it as TIFF.")
    for image in images:
        yield image
        yield image.squeeze()
        for axis in range(image.ndim):
            if 1 < image.shape[axis] <= 64:
                for part in np.moveaxis(image, axis, 0):
                    yield part
                    yield part.squeeze()


def stored(path):
    """Yield the arrays of a Zarr store, but none that would run code when it is read."""
    import zarr

    for place in path.rglob("*"):
        if place.is_symlink():
            stop(f"{path.name} holds a link ({place.name}): it is not followed.")
        if place.name in (".zarray", ".zmetadata", "zarr.json") and "pickle" in place.read_text():
            stop(f"{path.name} holds pickled objects, which can be code: it is not read.")
    found = zarr.open(str(path), mode="r")
    images = [found] if hasattr(found, "shape") else [item for _, item in found.arrays()]
    for image in images:
        if image.dtype.hasobject:
            stop(f"{path.name} holds Python objects: it is not read.")
        yield np.asarray(image[...])


def tiff(path):
    """Yield the images of a TIFF file, and of files beside it that belong to them."""
    import re

    import tifffile

    with tifffile.TiffFile(path) as file:
        for name in re.findall(r"FileName\s*=\s*[\"']([^\"']*)", file.ome_metadata or ""):
            place = (path.parent / name).resolve()
            if "&" in name or not place.is_relative_to(FOLDER.resolve()):
                stop(f"{path.name} names a file elsewhere ({name!r}): it is not read.")
        for series in file.series:
            yield series.asarray()


def picture(path):
    """Return a PNG, JPEG, BMP or GIF as napari shows it: in grey or in colours, first frame."""
    from PIL import Image

    with Image.open(path) as image:
        if image.mode in ("P", "PA", "CMYK", "YCbCr"):
            clear = image.mode == "PA" or "transparency" in image.info
            image = image.convert("RGBA" if clear else "RGB")
        return np.asarray(image)


def load(relative, name, content="", shape=(), dtype=""):
    """Return the recorded array that a file holds."""
    path = inside(relative)
    if not path.exists():
        stop(f"{relative} is not in {FOLDER}: put it there, or name its folder as first argument.")
    for array in arrays_in(path):
        if shape and (array.shape != tuple(shape) or str(array.dtype) != dtype):
            continue
        if not content:
            print(f"{name}: {relative} was not checksummed, it is used as it is")
            return array
        if content_of(array) == content:
            return array
    stop(f"{relative} does not hold the recorded data of {name!r}: it was changed or replaced.")


def file(relative, sha256=""):
    """Return the path of a recorded file."""
    path = inside(relative)
    if not path.exists():
        stop(f"{relative} is not in {FOLDER}: put it there, or name its folder as first argument.")
    if sha256 and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        stop(f"{relative} is not the recorded file: it was changed or replaced.")
    return path


def supplied(step, name, relative="", content="", shape=(), dtype=""):
    """Return the result of a step that cannot be run, from disk."""
    for candidate in [relative, f"supplied/{name}.tif", f"supplied/{name}.npy"]:
        if candidate and inside(candidate).exists():
            return load(candidate, name, content, shape, dtype)
    where = FOLDER / "supplied" / f"{name}.tif"
    stop(f"{step} cannot be run again. To go on, put its result {name!r} at {where} (or .npy).")


def written(relative):
    """Return where a step writes a file: among the results, never over the data."""
    if RESULTS is None and not _scratch:
        _scratch.append(tempfile.TemporaryDirectory())
    root = (RESULTS or Path(_scratch[0].name)).resolve()
    place = (root / relative).resolve()
    if not place.is_relative_to(root):
        stop(f"{relative!r} leads out of {root}: it is not used.")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def check_file(relative, sha256=""):
    """Say whether a file that a step wrote is the recorded one, and return it."""
    path = written(relative)
    if not path.is_file():
        stop(f"{relative} was not written.")
    same = hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    tell(relative, "exact" if same else "different" if sha256 else "not verified: no checksum")
    return path


def choice(kind, member):
    """Return a member of an enumeration."""
    if not (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        stop(f"{kind!r} is no enumeration: it is not used.")
    return kind[member]


def skip(step, why):
    """Pass over a step that cannot be run and that no step which is run needs."""
    _skipped.append(step)
    print(f"{step} is not run again: {why}. No step that is run needs its result.")


def layer(array, name, scale=(), units=()):
    """Return what functions that take a napari layer use of it."""
    ndim = np.ndim(array)
    scale = tuple(scale) or (1.0,) * ndim
    facts = {"name": name, "metadata": {}, "scale": scale, "units": tuple(units)}
    places = {"translate": np.zeros(ndim), "rotate": np.eye(ndim), "affine": np.eye(ndim + 1)}
    return SimpleNamespace(data=array, ndim=ndim, **facts, **places)


def run_all(function, /, **arguments):
    """Call a function and return its results by their numbers; a single one by no name."""
    for _ in range(8):  # a widget or its factory stands for the function inside
        keywords = getattr(function, "keywords", None)
        if isinstance(keywords, dict) and "function" in keywords:
            function = keywords["function"]
        elif type(function).__module__.split(".")[0] == "magicgui":
            function = getattr(function, "__wrapped__", function)
    home = str(getattr(function, "__module__", ""))
    if home.split(".")[0] in sys.stdlib_module_names:
        stop(f"{function!r} belongs to Python, not to image analysis: it is not called.")
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY and p.name in arguments]
    placed = [arguments.pop(name) for name in names]
    returned = function(*placed, **arguments)
    one = _plain(returned)
    if one is None and isinstance(returned, (list, tuple)):
        several = [_plain(item) for item in returned]
        if any(item is not None for item in several):
            pairs = enumerate(zip(several, returned, strict=True))
            return {str(n): item if one is None else one for n, (one, item) in pairs}
    return {"": returned if one is None else one}


def _plain(value):
    if hasattr(value, "shape"):
        return value
    if hasattr(value, "data") and hasattr(value, "scale"):
        return value.data
    if isinstance(value, tuple) and len(value) in (2, 3) and isinstance(value[1], dict):
        return value[0]
    return None


def run(function, /, **arguments):
    """Call a function that has one result."""
    return next(iter(run_all(function, **arguments).values()))


def update(function, name, /, **arguments):
    """Call a function that changes a copy of one of its arguments in place."""
    given = arguments[name]
    if isinstance(given, SimpleNamespace):
        given = SimpleNamespace(**{**vars(given), "data": given.data.copy()})
    elif hasattr(given, "copy"):
        given = given.copy()
    result = run(function, **{**arguments, name: given})
    return getattr(given, "data", given) if result is None else result


def labels(value, dtype):
    """Return labels as napari keeps them: a mask as 0 and 1, one level as its array."""
    if isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    mask = str(getattr(value, "dtype", "")) == "bool" and dtype == "uint8"
    return value.view(np.uint8) if mask else value


def check(value, name, content=""):
    """Say whether a result is the recorded one, and keep it if there is a folder for results."""
    same = bool(content) and content_of(value) == content
    tell(name, "exact" if same else "different" if content else "not verified: no checksum")
    if RESULTS is not None and hasattr(value, "shape"):
        RESULTS.mkdir(parents=True, exist_ok=True)
        np.save(RESULTS / f"{len(_verdicts):03}-{name}.npy", np.asarray(value), allow_pickle=False)


def tell(name, verdict):
    """Print and keep a verdict."""
    _verdicts.append(verdict)
    print(f"{name}: {verdict}")


def finish():
    """End with code 1 if a result differs."""
    different, exact = _verdicts.count("different"), _verdicts.count("exact")
    rest = len(_verdicts) - different - exact
    print(f"{len(_verdicts)} results: {exact} exact, {different} different, {rest} not verified")
    if _skipped:
        print(f"Steps that cannot be run, and that no other needed: {len(_skipped)}")
    if _as_script and different:
        sys.exit(1)
