"""Values of a record as syntax trees: only literals, and calls of a few constructors of numpy."""

from __future__ import annotations

import ast
import math
from typing import Any

from napari_fair.model import Parameter
from napari_fair.provenance.values import dtype_name, read_literal

_LONGEST_INTEGER = 8192
"""Bits of a number that Python writes out whatever its limit is set to."""


def name(identifier: str) -> ast.expr:
    """Return a variable."""
    return ast.Name(identifier, ast.Load())


def text(words: str) -> ast.expr:
    """Return a text."""
    return ast.Constant(words)


def call(function: str | ast.expr, /, *arguments: ast.expr, **named: ast.expr) -> ast.expr:
    """Return a call."""
    called = name(function) if isinstance(function, str) else function
    return ast.Call(called, list(arguments), [ast.keyword(k, v) for k, v in named.items()])


def expression(value: Any) -> ast.expr:
    """Return what a parameter, or a plain value, is in Python.

    Raises
    ------
    ValueError
        If it cannot be written as a literal.
    """
    return _parameter(value) if isinstance(value, Parameter) else _literal(value)


def _parameter(parameter: Parameter) -> ast.expr:
    value, kind = parameter.value, parameter.type_name
    if kind == "viewer" or value is None:
        return ast.Constant(None)
    if isinstance(value, tuple):
        return _items(value, kind)
    if kind == "":
        return _literal(value)
    if kind.startswith("numpy:") and not isinstance(value, str):
        kind_of = call(_numpy("dtype"), text(dtype_name(kind.removeprefix("numpy:"))))
        return call(ast.Attribute(kind_of, "type", ast.Load()), _literal(value))
    if isinstance(value, str):
        if kind == "float" and value in ("nan", "inf", "-inf"):
            return call("float", text(value))
        if kind == "dtype":
            return call(_numpy("dtype"), text(dtype_name(value)))
        if kind == "path":
            return call("inside", text(value))
        if kind == "literal":
            return _literal(read_literal(value))
    raise ValueError(f"the value of {parameter.name!r} ({kind}) was not kept")


def _items(value: tuple[Any, ...], kind: str) -> ast.expr:
    if kind == "list":
        return _literal(list(value))
    if kind in ("tuple", ""):
        return _literal(value)
    word, _, rest = kind.partition(":")
    if word != "array":
        raise ValueError(f"a list cannot be given back as {kind!r}")
    dtype, _, sizes = rest.partition(":")
    shape = tuple(int(size) for size in sizes.split("x") if size)
    made = call(_numpy("array"), _literal(list(value)), dtype=text(dtype_name(dtype)))
    return call(ast.Attribute(made, "reshape", ast.Load()), _literal(shape))


def _numpy(attribute: str) -> ast.expr:
    return ast.Attribute(name("np"), attribute, ast.Load())


def _literal(value: Any) -> ast.expr:
    """Return a literal, built piece by piece: its text form is never trusted."""
    if type(value) is int and value.bit_length() > _LONGEST_INTEGER:
        raise ValueError("the number is too long")
    if isinstance(value, bool) or value is None or type(value) in (int, str, bytes):
        return ast.Constant(value)
    if isinstance(value, (float, complex)):
        if not math.isfinite(abs(value)):
            raise ValueError("the number is not finite")
        return ast.Constant(value)
    if isinstance(value, list):
        return ast.List([_literal(item) for item in value], ast.Load())
    if isinstance(value, tuple):
        return ast.Tuple([_literal(item) for item in value], ast.Load())
    if isinstance(value, (set, frozenset)) and value:
        return ast.Set([_literal(item) for item in sorted(value, key=repr)])
    if isinstance(value, dict):
        keys: list[ast.expr | None] = [_literal(key) for key in value]
        return ast.Dict(keys, [_literal(item) for item in value.values()])
    raise ValueError(f"a {type(value).__name__} is no literal")
