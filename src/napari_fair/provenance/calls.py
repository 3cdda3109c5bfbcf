"""Calling a recorded function: its arguments, what stands for layers, and where it works."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from napari_fair.files import is_within
from napari_fair.model import DataKind, DataRef


def call(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Call a function by the names of its arguments, by place where it takes no names."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return function(**arguments)
    placed = [
        arguments[p.name]
        for p in parameters
        if p.kind is inspect.Parameter.POSITIONAL_ONLY and p.name in arguments
    ]
    names = {p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_ONLY}
    return function(*placed, **{k: v for k, v in arguments.items() if k not in names})


def stand_in(value: Any, piece: DataRef) -> SimpleNamespace:
    """Return what functions that take a napari layer use of it."""
    import numpy as np

    ndim = len(getattr(value, "shape", ()))
    places = {"translate": np.zeros(ndim), "rotate": np.eye(ndim), "affine": np.eye(ndim + 1)}
    scale = piece.scale or (1.0,) * ndim
    facts = {"name": piece.name, "metadata": {}, "scale": scale, "units": piece.units}
    return SimpleNamespace(data=value, ndim=ndim, **facts, **places)


def as_labels(piece: DataRef | None, value: Any) -> Any:
    """Return labels as napari keeps them: a mask as 0 and 1, a pyramid of one level as its array.

    See ``napari.layers.Labels``: it views truth values as ``uint8``.
    """
    if piece is None or piece.kind is not DataKind.LABELS:
        return value
    if isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    mask = str(getattr(value, "dtype", "")) == "bool" and piece.dtype == "uint8"
    return value.view("uint8") if mask else value


_PLACE = re.compile(
    r"[/\\~]|[A-Za-z]:|\$[\w{(]|%\w+%|file:|.*:[/\\]|.*(^|[/\\])\.\.[ .]*([/\\]|$)",
    re.DOTALL | re.IGNORECASE,
)


def leads_out(text: str) -> bool:
    """Whether a text, taken for a path or an address, leads out of the working folder.

    Readers pass over blanks before an address, and some expand variables and ``~``.
    """
    return _PLACE.match(text.lstrip(_BLANKS)) is not None


_BLANKS = "".join(map(chr, range(33)))


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts in a value, those in containers too."""
    if isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts_in([*value.keys(), *value.values()])
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from texts_in(item)


@contextmanager
def working_in(folder: Path, strange: Path) -> Iterator[None]:
    """Let a folder be the working folder of this process while it lasts.

    Nothing is imported from it, nor from a `strange` folder that Python was started in: what lies
    there came with a record.
    """
    before, path = Path.cwd(), sys.path[:]
    named = [entry or str(before) for entry in path]
    if is_within(strange, before):
        named = [entry for entry in named if Path(entry).resolve() != before.resolve()]
    sys.path[:] = named
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path
