"""Functions that a person approves, one by one, after seeing them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from napari_fair.cli.terminal import say

if TYPE_CHECKING:
    from napari_fair.provenance import History
    from napari_fair.provenance.registry import Allowed

Approve = Annotated[
    list[str] | None,
    typer.Option(
        "--approve",
        metavar="MODULE:FUNCTION",
        help="A function that may be called; once for each.",
    ),
]


def allowed_functions(history: History, approved: list[str] | None, *, ask: bool) -> Allowed:
    """Return the functions that may be called: registered ones, and those that are approved.

    On a terminal each other function that the history names is shown and asked about; elsewhere
    the options that would approve them are told.
    """
    from napari_fair.provenance.names import why_refused
    from napari_fair.provenance.registry import Allowed
    from napari_fair.provenance.script import functions_of

    for function in approved or ():
        if refused := why_refused(function):
            raise typer.BadParameter(f"{refused}.")
    named = functions_of(history)
    chosen = [*(approved or [])]
    open_ones = Allowed(approved=chosen).to_approve(named)
    if not open_ones:
        return Allowed(approved=chosen)
    if ask and sys.stdin.isatty() and sys.stderr.isatty():
        chosen += [function for function in open_ones if _ask(function, history)]
    else:
        say("No installed plugin registers these functions, so they are not called:")
        say(*(f"  {_described(function, history)}" for function in open_ones))
        options = " ".join(f"--approve {function}" for function in open_ones)
        say(f"Read what they do, then add those you trust: {options}")
    return Allowed(approved=chosen)


def _ask(function: str, history: History) -> bool:
    say(_described(function, history))
    return typer.confirm("May it be called?", default=False, err=True)


def _described(function: str, history: History) -> str:
    """Return where a function is from, and with which values the steps call it."""
    steps = [step for step in history.steps if step.tool.function == function]
    tool = steps[0].tool
    package = " ".join(part for part in (tool.package, tool.version) if part) or "unknown package"
    values = ", ".join(f"{p.name}={p.value!r}" for p in steps[0].parameters)
    times = "once" if len(steps) == 1 else f"{len(steps)} times"
    return f"{function} ({package}), called {times}, e.g. with {values or 'no parameters'}"
