"""Arguments of functions as parameters of a step, and back; large ones are data, not parameters."""

from __future__ import annotations

import ast
import math
import os
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

from napari_fair.files import FairError, confine, is_within, relative_posix
from napari_fair.model import Parameter
from napari_fair.provenance.names import is_name

LONGEST_TEXT = 4096
MOST_ITEMS = 256
_PLAIN = (bool, int, float, str, type(None))
_LONGEST_INTEGER = 8192
_DESCRIBED = 200
"""Characters kept of the text form of a value that cannot be given back."""


def parameter_of(
    name: str, value: object, *, unit: str = "", folder: Path | None = None
) -> Parameter | None:
    """Return an argument as a parameter, or None when it is too large to be written inline.

    Parameters
    ----------
    name
        The argument's name.
    value
        Numbers, texts, enumerations, dtypes, paths, small containers and arrays keep their value;
        what cannot be given back (functions, widgets) is described by its type.
    unit
        Symbol of the unit, when it is known.
    folder
        Folder of the record: paths inside it become relative.
    """
    found = _simple(value) or _of_numpy(value) or _other(value, folder)
    if found is None:
        return None
    stated, type_name = found
    return Parameter(name=_clean(name), value=stated, unit=unit, type_name=type_name)


def can_be_restored(parameter: Parameter) -> bool:
    """Whether `restored` gives back what the function was called with."""
    try:
        restored(parameter, Path())
    except (ValueError, TypeError):
        return parameter.type_name.startswith("enum ") and _enum_parts(parameter) is not None
    return True


def restored(parameter: Parameter, folder: Path, *, enum: Any = None) -> Any:
    """Return the argument that a parameter stands for.

    Parameters
    ----------
    folder
        Paths are below it.
    enum
        Resolves ``module:name`` of an enumeration, when that may be imported.

    Raises
    ------
    ValueError
        If its value cannot be given back.
    """
    value, kind = parameter.value, parameter.type_name
    if kind == "" and not isinstance(value, tuple):
        return value
    if kind == "viewer":
        return None
    if isinstance(value, tuple):
        return _restored_items(value, kind)
    if isinstance(value, str):
        return _restored_text(value, kind, folder, parameter, enum)
    if kind.startswith("numpy:"):
        return _dtype(kind.removeprefix("numpy:")).type(value)
    raise _lost(parameter)


def enum_parts(parameter: Parameter) -> tuple[str, str, str] | None:
    """Return module, qualified name and member of an enumeration; None if it is none."""
    return _enum_parts(parameter)


# ---- writing ---------------------------------------------------------------------------------

_Stated = tuple[Any, str]


def _simple(value: object) -> _Stated | None:
    if isinstance(value, Enum):
        kind = type(value)
        return value.name, f"enum {kind.__module__}:{kind.__qualname__}"
    if type(value) is float and not math.isfinite(value):
        return str(value), "float"
    if type(value) is int and not -(2**63) <= value < 2**63:
        bits = value.bit_length()
        if bits > _LONGEST_INTEGER:
            return f"an integer of {bits} bits", "builtins.int"
        return repr(value), "literal"
    if isinstance(value, str) and type(value) is str:
        return (value, "") if _is_clean(value) and len(value) <= LONGEST_TEXT else None
    return (value, "") if type(value) in _PLAIN else None


def _of_numpy(value: object) -> _Stated | None:
    import numpy as np

    if isinstance(value, np.generic):
        plain = _simple(value.item())
        if plain is not None and plain[1] == "":
            return plain[0], f"numpy:{value.dtype.name}"
        return None
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value).name, "dtype"
    if isinstance(value, np.ndarray) and value.size <= MOST_ITEMS and value.dtype.kind in "biuf":
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            return None
        shape = "x".join(map(str, value.shape))
        return tuple(value.ravel().tolist()), f"array:{value.dtype.name}:{shape}"
    return None


def _other(value: object, folder: Path | None) -> _Stated | None:
    if isinstance(value, PurePath):
        return _path_text(value, folder), "path"
    if type(value) in (list, tuple) and isinstance(value, (list, tuple)) and _is_flat(value):
        return tuple(value), type(value).__name__
    if isinstance(value, (list, tuple, dict, set, frozenset, bytes, complex)):
        return _literal(value)
    if isinstance(value, str) or hasattr(value, "__array__") or hasattr(value, "shape"):
        return None
    kind = type(value)
    if kind.__name__ in ("Viewer", "ViewerModel") and kind.__module__.startswith("napari"):
        return None, "viewer"
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", _clean(repr(value)))
    return text[:_DESCRIBED], f"{kind.__module__}.{kind.__qualname__}"


def _is_flat(items: Sequence[object]) -> bool:
    found = [_simple(item) for item in items[: MOST_ITEMS + 1]]
    return len(found) <= MOST_ITEMS and all(item is not None and not item[1] for item in found)


def _literal(value: object) -> _Stated | None:
    text = repr(value) if _nested(value) < MOST_ITEMS else ""
    if not text or len(text) > LONGEST_TEXT or not _is_clean(text):
        return None
    try:
        same = ast.literal_eval(text) == value
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        same = False
    if same:
        return text, "literal"
    return text[:_DESCRIBED], f"builtins.{type(value).__name__}"


def _nested(value: object, depth: int = 0) -> int:
    """Count the items inside a value, up to `MOST_ITEMS`."""
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if depth > 8 or len(value) > MOST_ITEMS if isinstance(value, Sequence) else False:
        return MOST_ITEMS
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(1 + _nested(item, depth + 1) for item in list(value)[:MOST_ITEMS])
    return MOST_ITEMS if hasattr(value, "__array__") else 0


def _path_text(path: PurePath, folder: Path | None) -> str:
    if folder is not None and path.is_absolute() and is_within(folder, path):
        return relative_posix(folder, path)
    return _clean(os.fspath(path))


def _is_clean(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


# ---- reading ---------------------------------------------------------------------------------


def _restored_items(value: tuple[Any, ...], kind: str) -> Any:
    if kind in ("tuple", "list", ""):
        return list(value) if kind == "list" else value
    word, _, rest = kind.partition(":")
    if word != "array":
        raise ValueError(f"a list cannot be given back as {kind!r}")
    import numpy as np

    name, _, shape = rest.partition(":")
    sizes = tuple(int(size) for size in shape.split("x") if size)
    return np.array(value, dtype=_dtype(name)).reshape(sizes)


def _restored_text(value: str, kind: str, folder: Path, parameter: Parameter, enum: Any) -> Any:
    if kind == "float" and value in ("nan", "inf", "-inf"):
        return float(value)
    if kind == "dtype":
        return _dtype(value)
    if kind == "path":
        return _confined(folder, value)
    if kind == "literal":
        return read_literal(value)
    parts = _enum_parts(parameter)
    if parts is not None and enum is not None:
        module, name, member = parts
        return enum(f"{module}:{name}")[member]
    raise _lost(parameter)


def read_literal(text: str) -> Any:
    """Return the value of a Python literal.

    Raises
    ------
    ValueError
        If it is none, or too long or too deep to be one of ours.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError("the literal is too long")
    try:
        return ast.literal_eval(text)
    except (SyntaxError, MemoryError, RecursionError, TypeError) as error:
        raise ValueError("the text is no Python literal") from error


def _confined(folder: Path, text: str) -> Path:
    try:
        return confine(folder, text)
    except FairError as problem:
        raise ValueError(str(problem)) from problem


_DTYPES = frozenset(
    {
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "longdouble", "complex64", "complex128", "str", "str_"),
    }
)


def dtype_name(name: str) -> str:
    """Return the name of a type of numbers; raises `ValueError` for any other word."""
    if name not in _DTYPES:
        raise ValueError(f"{name[:40]!r} is no type of numbers")
    return name


def _dtype(name: str) -> Any:
    import numpy as np

    return np.dtype(dtype_name(name))


def _enum_parts(parameter: Parameter) -> tuple[str, str, str] | None:
    word, _, place = parameter.type_name.partition(" ")
    module, _, name = place.partition(":")
    member = parameter.value
    if word != "enum" or not isinstance(member, str):
        return None
    fine = is_name(module) and is_name(name) and is_name(member) and "." not in member
    return (module, name, member) if fine else None


def _lost(parameter: Parameter) -> ValueError:
    return ValueError(f"the value of {parameter.name!r} ({parameter.type_name}) was not kept")
