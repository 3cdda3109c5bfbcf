"""The steps of a history as Python statements, built as syntax trees."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from napari_fair.files import FairError, crate_id
from napari_fair.model import Confidence, DataKind, DataRef, Parameter, Slot, Step, StepKind
from napari_fair.provenance.calls import leads_out, texts_in
from napari_fair.provenance.expressions import call, expression, name, text
from napari_fair.provenance.history import History
from napari_fair.provenance.names import is_name, split_function, why_refused
from napari_fair.provenance.registry import Allowed
from napari_fair.provenance.values import enum_parts, read_literal

_RUNTIME = "script_runtime.py"
_LONGEST_COMMENT = 160


@dataclass(frozen=True)
class Part:
    """The statements of one step, the comments before them, and whether they do the step."""

    title: str
    comments: tuple[str, ...]
    code: str
    runs: bool = False


def written_steps(history: History, allowed: Allowed) -> Iterator[Part]:
    """Yield the statements of each step; those that cannot be run stop only what needs them."""
    needed: set[str] = set()
    first = list(_Writer(history, allowed).parts())
    for step, part in zip(history.steps, first, strict=True):
        if part.runs:
            needed |= {slot.data for slot in step.inputs}
    yield from _Writer(history, allowed, frozenset(needed)).parts()


def runtime() -> str:
    """Return what every script brings along."""
    source = resources.files("napari_fair.provenance").joinpath(_RUNTIME).read_text("utf-8")
    return source[source.index("import os") :].rstrip()


def line(words: str) -> str:
    """Return words as one harmless line."""
    shown = "".join(c if c.isprintable() else " " for c in words)
    return " ".join(shown.split())[:_LONGEST_COMMENT]


def _as_labels(piece: DataRef, value: ast.expr) -> ast.expr:
    """Return labels as napari keeps them; anything else as it is."""
    if piece.kind is not DataKind.LABELS or not piece.dtype:
        return value
    return call("labels", value, text(piece.dtype))


class _Gap(Exception):
    """Why a step becomes a gap."""


@dataclass
class _Writer:
    """Writes steps; gaps whose results are not `needed` (None: all are) are passed over."""

    history: History
    allowed: Allowed
    needed: frozenset[str] | None = None
    variables: dict[str, str] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.refs = {piece.id: piece for piece in self.history.data}
        self.numbers: dict[str, int] = {}
        self.used = {*_names_of_runtime(), *dir(builtins), *keyword.kwlist, "np"}

    def parts(self) -> Iterator[Part]:
        for number, step in enumerate(self.history.steps, start=1):
            title = f"{number}. {step.name or step.tool.name or step.kind.value}"
            before = dict(self.variables), dict(self.imported)
            try:
                yield self._part(step, title)
            except _Gap as gap:
                self.variables, self.imported = before  # what was written so far is left out
                yield self._gap(step, title, str(gap))

    def _part(self, step: Step, title: str) -> Part:
        if step.failed:
            why = f"It failed ({step.error or 'unknown error'}) and is not run again."
            return Part(title, (why,), "")
        if step.kind is StepKind.OPEN:
            if not self._is_needed(step):
                return Part(title, ("Read from a file; nothing later uses it.",), "")
            return Part(title, ("Read from a file.",), _source(self._opened(step)))
        refused = self._why_not(step)
        if refused:
            raise _Gap(refused)
        tool = step.tool
        by = f"{tool.function} of {tool.package} {tool.version}".removesuffix(" of  ")
        return Part(title, (by,), _source(self._called(step)), runs=True)

    def _is_needed(self, step: Step) -> bool:
        return self.needed is None or any(slot.data in self.needed for slot in step.outputs)

    def _why_not(self, step: Step) -> str:
        if step.confidence is not Confidence.REPLAYABLE:
            return step.gap or f"it is {step.confidence.value}"
        return self.allowed.why_not(step.tool.function)

    def _gap(self, step: Step, title: str, why: str) -> Part:
        """Return a step that is not run: what is known of it, and its results from disk."""
        said = f"{step.tool.name or step.tool.function} {step.tool.version}".strip()
        values = ", ".join(f"{p.name}={p.value!r}" for p in step.parameters)
        comments = [f"Not run: {why}."]
        comments += [f"Tool: {said}"] if said else []
        comments += [f"Parameters: {values}"] if values else []
        comments += [f"Note: {step.comment}"] if step.comment else []
        if not self._is_needed(step) or not step.outputs:
            told = call("skip", text(line(title)), text(line(why)))
            return Part(title, tuple(comments), _source([ast.Expr(told)]))
        pieces = self._pieces(step.outputs)
        body: list[ast.stmt] = [self._supplied(piece, line(title)) for piece in pieces]
        if not body:
            sentence = f"{line(title)} cannot be run again: {line(why)}."
            body = [ast.Expr(call("stop", text(sentence)))]
        return Part(title, tuple(comments), _source(body))

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
        files = [p for _, p in pieces if p.kind is DataKind.FILE]
        in_place = step.kind is StepKind.UPDATE and len(step.inputs) == 1
        changed = [text(step.inputs[0].name)] if in_place else []
        if len(arrays) == 1 and not arrays[0][0].name and not files:
            piece = arrays[0][1]
            how = "update" if in_place else "run"
            value = _as_labels(piece, call(how, function, *changed, **arguments))
            return [self._assign(piece.id, piece.name, value), self._checked(piece)]
        whole = self._variable("results")
        target = ast.Name(whole, ast.Store())
        body: list[ast.stmt] = [ast.Assign([target], call("run_all", function, **arguments))]
        for slot, piece in arrays:
            one = ast.Subscript(name(whole), text(slot.name), ast.Load())
            value = _as_labels(piece, one)
            body += [self._assign(piece.id, piece.name, value), self._checked(piece)]
        for piece in files:
            facts = {"sha256": text(piece.sha256)} if piece.sha256 else {}
            found = call("check_file", text(_checked_path(piece)), **facts)
            body.append(self._assign(piece.id, piece.name, found))
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
        self.variables[id] = self._variable(wanted)
        return ast.Assign([ast.Name(self.variables[id], ast.Store())], value)

    def _label(self, piece: DataRef) -> str:
        """Return a name that can be part of a file's name."""
        return re.sub(r"[^\w.-]+", "_", piece.name).strip("._")[:60] or piece.kind.value

    def _variable(self, wanted: str) -> str:
        plain = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")[:40] or "data"
        plain = plain if plain[0].isalpha() else f"data_{plain}"
        return self._unused(plain)

    def _unused(self, plain: str) -> str:
        found, number = plain, self.numbers.get(plain, 1)
        while found in self.used:
            number += 1
            found = f"{plain}_{number}"
        self.numbers[plain] = number
        self.used.add(found)
        return found

    # ---- functions and values ----

    def _imported(self, function: str, body: list[ast.stmt]) -> ast.expr:
        parts, refused = split_function(function), why_refused(function)
        if parts is None or refused:
            raise _Gap(refused or f"{function!r} names no function")
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
        member = enum_parts(parameter)
        if member is not None:
            return self._member(step, parameter, member, body)
        try:
            stated = parameter.value
            if parameter.type_name == "literal" and isinstance(stated, str):
                stated = read_literal(stated)
            if any(leads_out(words) for words in texts_in(stated)):
                raise _Gap(f"its argument {parameter.name!r} names another place")
            if parameter.type_name in ("", "path") and self._is_written(step, stated):
                place = call("written", text(str(stated)))
                return place if parameter.type_name else call("str", place)
            return expression(parameter)
        except ValueError as problem:
            raise _Gap(str(problem)) from problem

    def _is_written(self, step: Step, path: object) -> bool:
        """Whether a path is that of a file which a step writes, and does not read."""
        given, gave = self._pieces(step.inputs), self._pieces(step.outputs)
        return path in [p.path for p in gave if p.path] and path not in [p.path for p in given]

    def _member(
        self,
        step: Step,
        parameter: Parameter,
        member: tuple[str, str, str],
        body: list[ast.stmt],
    ) -> ast.expr:
        module, qualified, chosen = member
        own = split_function(step.tool.function)
        if own is None or module.split(".")[0] != own[0].split(".")[0]:
            raise _Gap(f"the value of {parameter.name!r} is of another package")
        kind = self._imported(f"{module}:{qualified}", body)
        return call("choice", kind, text(chosen))


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


@cache
def _names_of_runtime() -> frozenset[str]:
    """Return the names that every script defines or uses."""
    nodes = list(ast.walk(ast.parse(runtime())))
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    return frozenset(named | {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.alias))})


def _source(body: list[ast.stmt]) -> str:
    module = ast.fix_missing_locations(ast.Module(body, []))
    return ast.unparse(module)
