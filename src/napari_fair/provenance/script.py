"""A history as a Python script or notebook that runs without napari.

Every statement about a step is built as a syntax tree: names are checked to be names, and values
can only be literals. What a record says in words stands in comments of one line.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from napari_fair.files import FairError, crate_id
from napari_fair.model import Confidence, DataKind, DataRef, Parameter, Slot, Step, StepKind
from napari_fair.provenance.expressions import call, expression, name, text
from napari_fair.provenance.history import History
from napari_fair.provenance.names import is_name, split_function
from napari_fair.provenance.registry import Allowed

_RUNTIME = "script_runtime.py"
_LONGEST_COMMENT = 160


@dataclass(frozen=True)
class _Part:
    """The statements of one step, and the comments before them."""

    title: str
    comments: tuple[str, ...]
    code: str


def script(history: History, *, allowed: Allowed, title: str = "") -> str:
    """Return a history as a Python script, one function call a step in the order it happened.

    Inputs are read by path and checked by checksum. A step that cannot be run, or whose function
    `allowed` does not name, is a comment that stops the script unless its result lies in a file.

    Run it with the folder of the data, and a folder for results if they are to be kept:
    ``python analysis.py FOLDER RESULTS``.
    """
    head = [f"# {_line(line)}" for line in _about(history, title)]
    parts = [_text(part) for part in _Writer(history, allowed).parts()]
    whole = "\n\n".join(["\n".join(head), _runtime(), *parts, "finish()"]) + "\n"
    ast.parse(whole)
    return whole


def notebook(history: History, *, allowed: Allowed, title: str = "") -> dict[str, Any]:
    """Return a history as a Jupyter notebook (nbformat 4.4), one cell a step; see `script`."""
    cells = [_markdown("\n\n".join(_escaped(line) for line in _about(history, title)))]
    cells.append(_code(_runtime()))
    for part in _Writer(history, allowed).parts():
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


def _about(history: History, title: str) -> Iterator[str]:
    yield title or "An analysis, as it was recorded"
    yield f"{len(history.steps)} steps: {history.completeness().sentence}"
    tools = dict.fromkeys(
        f"{step.tool.package}=={step.tool.version}"
        for step in history.steps
        if step.tool.package and step.tool.version and step.confidence is Confidence.REPLAYABLE
    )
    if tools:
        yield f"It was made with {', '.join(tools)}"
    yield "Run it as: python THIS-FILE [FOLDER OF THE DATA [FOLDER FOR RESULTS]]"


def _runtime() -> str:
    source = resources.files("napari_fair.provenance").joinpath(_RUNTIME).read_text("utf-8")
    return source[source.index("import hashlib") :].rstrip()


def _text(part: _Part) -> str:
    comments = [f"# {_line(line)}" for line in (part.title, *part.comments)]
    return "\n".join([*comments, part.code]) if part.code else "\n".join(comments)


def _line(words: str) -> str:
    """Return words as one harmless line."""
    shown = "".join(c if c.isprintable() else " " for c in words)
    return " ".join(shown.split())[:_LONGEST_COMMENT]


def _escaped(words: str) -> str:
    """Return words that Markdown and HTML take as words."""
    return re.sub(r"([\\`*_{}\[\]()#+.!<>|~$&-])", r"\\\1", _line(words))


def _markdown(words: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": words.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    cell = {"cell_type": "code", "metadata": {}, "source": lines}
    return {**cell, "execution_count": None, "outputs": []}


def _as_labels(piece: DataRef, value: ast.expr) -> ast.expr:
    """Return labels as napari keeps them; anything else as it is."""
    if piece.kind is not DataKind.LABELS or not piece.dtype:
        return value
    return call("labels", value, text(piece.dtype))


# ---- steps -----------------------------------------------------------------------------------


class _Gap(Exception):
    """Why a step becomes a gap."""


@dataclass
class _Writer:
    history: History
    allowed: Allowed
    variables: dict[str, str] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.refs = {piece.id: piece for piece in self.history.data}
        self.used = {*_names_in(_runtime()), *dir(builtins), *keyword.kwlist, "np"}

    def parts(self) -> Iterator[_Part]:
        for number, step in enumerate(self.history.steps, start=1):
            title = f"{number}. {step.name or step.tool.name or step.kind.value}"
            before = dict(self.variables), dict(self.imported)
            try:
                yield self._part(step, title)
            except _Gap as gap:
                self.variables, self.imported = before  # what was written so far is left out
                yield self._gap(step, title, str(gap))

    def _part(self, step: Step, title: str) -> _Part:
        if step.failed:
            why = f"It failed ({step.error or 'unknown error'}) and is not run again."
            return _Part(title, (why,), "")
        if step.kind is StepKind.OPEN:
            return _Part(title, ("Read from a file.",), _source(self._opened(step)))
        refused = self._why_not(step)
        if refused:
            raise _Gap(refused)
        tool = step.tool
        by = f"{tool.function} of {tool.package} {tool.version}".removesuffix(" of  ")
        return _Part(title, (by,), _source(self._called(step)))

    def _why_not(self, step: Step) -> str:
        if step.confidence is not Confidence.REPLAYABLE:
            return step.gap or f"it is {step.confidence.value}"
        return self.allowed.why_not(step.tool.function)

    def _gap(self, step: Step, title: str, why: str) -> _Part:
        """Return a step that is not run: what is known of it, and its results from disk."""
        said = f"{step.tool.name or step.tool.function} {step.tool.version}".strip()
        values = ", ".join(f"{p.name}={p.value!r}" for p in step.parameters)
        comments = [f"Not run: {why}."]
        comments += [f"Tool: {said}"] if said else []
        comments += [f"Parameters: {values}"] if values else []
        comments += [f"Note: {step.comment}"] if step.comment else []
        pieces = self._pieces(step.outputs)
        body: list[ast.stmt] = [self._supplied(piece, _line(title)) for piece in pieces]
        if not body:
            body = [
                ast.Expr(call("stop", text(f"{_line(title)} cannot be run again: {_line(why)}.")))
            ]
        return _Part(title, tuple(comments), _source(body))

    def _supplied(self, piece: DataRef, title: str) -> ast.stmt:
        if not _is_safe(piece.path):
            piece = piece.model_copy(update={"path": ""})
        if piece.kind is DataKind.FILE and piece.path:
            return self._loaded(piece)
        facts = self._facts(piece)
        if piece.path:
            facts = {"relative": text(piece.path), **facts}
        found = call("supplied", text(title), text(self._label(piece)), **facts)
        return self._assign(piece.id, piece.name, found)

    def _opened(self, step: Step) -> list[ast.stmt]:
        files = [p.path for p in self._pieces(step.inputs) if p.path]
        body: list[ast.stmt] = []
        for piece in self._pieces(step.outputs):
            path = piece.path or next(iter(files), "")
            body.append(self._loaded(piece.model_copy(update={"path": path})))
        return body

    def _called(self, step: Step) -> list[ast.stmt]:
        body: list[ast.stmt] = []
        arguments: dict[str, ast.expr] = {}
        for slot in step.inputs:
            if not is_name(slot.name) or "." in slot.name or slot.name in arguments:
                raise _Gap("it was not said which argument each input is")
            body += self._made_available(slot)
            arguments[slot.name] = self._input(slot)
        for parameter in step.parameters:
            if not is_name(parameter.name) or "." in parameter.name or parameter.name in arguments:
                raise _Gap(f"{parameter.name!r} is no name of an argument")
            arguments[parameter.name] = self._value(step, parameter, body)
        function = self._imported(step.tool.function, body)
        return body + self._results(step, function, arguments)

    def _results(
        self, step: Step, function: ast.expr, arguments: dict[str, ast.expr]
    ) -> list[ast.stmt]:
        pieces = [(slot, self.refs[slot.data]) for slot in step.outputs if slot.data in self.refs]
        arrays = [(s, p) for s, p in pieces if p.kind is not DataKind.FILE]
        if len(arrays) == 1 and not arrays[0][0].name:
            piece = arrays[0][1]
            value = _as_labels(piece, call("run", function, **arguments))
            return [self._assign(piece.id, piece.name, value), self._checked(piece)]
        whole = self._variable("", "results")
        target = ast.Name(whole, ast.Store())
        body: list[ast.stmt] = [ast.Assign([target], call("run_all", function, **arguments))]
        for slot, piece in arrays:
            one = ast.Subscript(name(whole), text(slot.name), ast.Load())
            value = _as_labels(piece, one)
            body += [self._assign(piece.id, piece.name, value), self._checked(piece)]
        return body

    # ---- data ----

    def _pieces(self, slots: Iterable[Slot]) -> list[DataRef]:
        return [self.refs[slot.data] for slot in slots if slot.data in self.refs]

    def _made_available(self, slot: Slot) -> list[ast.stmt]:
        if slot.data in self.variables:
            return []
        piece = self.refs.get(slot.data)
        if piece is None or not piece.path:
            label = piece.name if piece is not None else slot.name
            raise _Gap(f"its input {label!r} is in no file and is no result of an earlier step")
        return [self._loaded(piece)]

    def _loaded(self, piece: DataRef) -> ast.stmt:
        path = text(_checked_path(piece))
        if piece.kind is DataKind.FILE:
            facts = {"sha256": text(piece.sha256)} if piece.sha256 else {}
            return self._assign(piece.id, piece.name, call("file", path, **facts))
        found = call("load", path, text(self._label(piece)), **self._facts(piece))
        return self._assign(piece.id, piece.name, found)

    def _facts(self, piece: DataRef) -> dict[str, ast.expr]:
        facts: dict[str, ast.expr] = {}
        if piece.content_sha256:
            facts["content"] = text(piece.content_sha256)
        if piece.shape:
            facts["shape"] = expression(piece.shape)
            facts["dtype"] = text(piece.dtype)
        return facts

    def _input(self, slot: Slot) -> ast.expr:
        variable = name(self.variables[slot.data])
        if slot.passed_as != "layer":
            return variable
        piece = self.refs[slot.data]
        facts: dict[str, ast.expr] = {}
        if piece.scale:
            facts = {"scale": expression(piece.scale), "units": expression(piece.units)}
        return call("layer", variable, text(self._label(piece)), **facts)

    def _checked(self, piece: DataRef) -> ast.stmt:
        facts = {"content": text(piece.content_sha256)} if piece.content_sha256 else {}
        value = name(self.variables[piece.id])
        return ast.Expr(call("check", value, text(self._label(piece)), **facts))

    def _assign(self, id: str, wanted: str, value: ast.expr) -> ast.stmt:
        self.variables[id] = self._variable(id, wanted)
        return ast.Assign([ast.Name(self.variables[id], ast.Store())], value)

    def _label(self, piece: DataRef) -> str:
        """Return a name that can be part of a file's name."""
        return re.sub(r"[^\w.-]+", "_", piece.name).strip("._")[:60] or piece.kind.value

    def _variable(self, id: str, wanted: str) -> str:
        plain = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")[:40] or "data"
        plain = plain if plain[0].isalpha() else f"data_{plain}"
        return self._unused(plain)

    def _unused(self, plain: str) -> str:
        found, number = plain, 1
        while found in self.used:
            number += 1
            found = f"{plain}_{number}"
        self.used.add(found)
        return found

    # ---- functions and values ----

    def _imported(self, function: str, body: list[ast.stmt]) -> ast.expr:
        parts = split_function(function)
        if parts is None:
            raise _Gap(f"{function!r} names no function")
        module, qualified = parts
        first, *rest = qualified.split(".")
        key = f"{module}:{first}"
        if key not in self.imported:
            alias = self._unused(first)
            self.imported[key] = alias
            named = ast.alias(first, alias if alias != first else None)
            body.append(ast.ImportFrom(module, [named], 0))
        found: ast.expr = name(self.imported[key])
        for part in rest:
            found = ast.Attribute(found, part, ast.Load())
        return found

    def _value(self, step: Step, parameter: Parameter, body: list[ast.stmt]) -> ast.expr:
        from napari_fair.provenance.values import enum_parts

        member = enum_parts(parameter)
        if member is not None:
            module, qualified, chosen = member
            own = split_function(step.tool.function)
            if own is None or module.split(".")[0] != own[0].split(".")[0]:
                raise _Gap(f"the value of {parameter.name!r} is of another package")
            kind = self._imported(f"{module}:{qualified}", body)
            return ast.Subscript(kind, text(chosen), ast.Load())
        try:
            return expression(parameter)
        except ValueError as problem:
            raise _Gap(str(problem)) from problem


def _checked_path(piece: DataRef) -> str:
    if not _is_safe(piece.path):
        raise _Gap(f"its file {piece.path!r} is not in the folder")
    return piece.path


def _is_safe(path: str) -> bool:
    try:
        crate_id(path)
    except FairError:
        return False
    return True


def _names_in(source: str) -> Iterator[str]:
    """Yield the names that a source defines or uses."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.alias)):
            yield node.name


def _source(body: list[ast.stmt]) -> str:
    module = ast.fix_missing_locations(ast.Module(body, []))
    return ast.unparse(module)
