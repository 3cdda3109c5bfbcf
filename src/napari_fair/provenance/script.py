"""A history as a Python script or notebook that runs without napari.

Every statement about a step is built as a syntax tree: names are checked to be names, and values
can only be literals. What a record says in words stands in comments of one line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from napari_fair.model import Confidence
from napari_fair.provenance.history import History
from napari_fair.provenance.registry import Allowed
from napari_fair.provenance.script_steps import Part, line, runtime, written_steps
from napari_fair.provenance.software import package_tool

_ENCODING = "# -*- coding: utf-8 -*-"
"""The first line: without it, words of a record in the first two could name another encoding, in
which the words that follow could be code (PEP 263)."""
_COMMAND = "python THIS-FILE [FOLDER OF THE DATA [FOLDER FOR RESULTS]]"
_READERS = {
    **dict.fromkeys((".tif", ".tiff", ".lsm", ".stk"), "tifffile"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".bmp", ".gif"), "pillow"),
    **dict.fromkeys((".zarr", ".n5"), "zarr"),
}


def script(history: History, *, allowed: Allowed, title: str = "") -> str:
    """Return a history as a Python script, one function call a step in the order it happened.

    Inputs are read by path and checked by checksum. A step that cannot be run, or whose function
    `allowed` does not name, is a comment; it stops the script if a later step needs its result,
    unless that lies in a file.

    Run it with the folder of the data, and a folder for results if they are to be kept:
    ``python analysis.py FOLDER RESULTS``.
    """
    about = [*_about(history, allowed, title), f"Run it as: {_COMMAND}"]
    head = [_ENCODING, *(f"# {line(words)}" for words in about)]
    parts = [_text(part) for part in written_steps(history, allowed)]
    whole = "\n\n".join(["\n".join(head), runtime(), *parts, "finish()"]) + "\n"
    ast.parse(whole)
    return whole


def notebook(history: History, *, allowed: Allowed, title: str = "") -> dict[str, Any]:
    """Return a history as a Jupyter notebook (nbformat 4.4), one cell a step; see `script`."""
    about = [*_about(history, allowed, title), "Run it in the folder of the data"]
    cells = [_markdown("\n\n".join(_escaped(words) for words in about))]
    cells.append(_code(runtime()))
    for part in written_steps(history, allowed):
        cells.append(_markdown("\n\n".join(_escaped(c) for c in (part.title, *part.comments))))
        cells.append(_code(part.code))
    cells.append(_code("finish()"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def functions_of(history: History) -> tuple[str, ...]:
    """Return the functions that replayable steps call, each once, in order."""
    steps = (s for s in history.steps if s.confidence is Confidence.REPLAYABLE and not s.failed)
    return tuple(dict.fromkeys(step.tool.function for step in steps))


def _about(history: History, allowed: Allowed, title: str) -> Iterator[str]:
    yield title or "An analysis, as it was recorded"
    yield f"{len(history.steps)} steps: {history.completeness().sentence}"
    yield f"It needs: python -m pip install {' '.join(_needed(history, allowed))}"


def _needed(history: History, allowed: Allowed) -> Iterator[str]:
    """Yield what a script needs, in the words of pip: packages, and readers for the files.

    Only packages that have the functions here are named: a record may name any.
    """
    tools = [s.tool for s in history.steps if s.tool.function in functions_of(history)]
    called = [tool for tool in tools if not allowed.why_not(tool.function)]
    here = {
        tool.function: package_tool(tool.function.split(".")[0].split(":")[0]) for tool in called
    }
    packages = dict.fromkeys(
        (here[tool.function].package, tool.version)
        for tool in called
        if here[tool.function].package
    )
    endings = [PurePosixPath(piece.path).suffix.lower() for piece in history.data]
    readers = dict.fromkeys(_READERS[ending] for ending in endings if ending in _READERS)
    named = {package.lower() for package, _ in packages}
    yield from (name for name in ("numpy", *readers) if name not in named)
    for package, version in packages:
        plain = re.fullmatch(r"[\w.!]+", version)
        yield f"{package}=={version}" if plain else package


def _text(part: Part) -> str:
    comments = [f"# {line(words)}" for words in (part.title, *part.comments)]
    return "\n".join([*comments, part.code]) if part.code else "\n".join(comments)


def _escaped(words: str) -> str:
    """Return words that Markdown and HTML take as words."""
    return re.sub(r"([\\`*_{}\[\]()#+.!<>|~$&-])", r"\\\1", line(words))


def _markdown(words: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": words.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    cell = {"cell_type": "code", "metadata": {}, "source": lines}
    return {**cell, "execution_count": None, "outputs": []}
