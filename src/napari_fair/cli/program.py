"""The program: its verbs, and how every error becomes one sentence and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from napari_fair import __version__
from napari_fair.cli import (
    annotate,
    check,
    describe,
    preset,
    show,
    steps,
    validate,
    verify,
    vocabulary,
    watch,
    windows,
)
from napari_fair.cli.terminal import forgive_terminal, say
from napari_fair.files.errors import Cancelled, FairError

_NAME = "napari-fair"
WRONG_USE = 2
STOPPED = 130
"""128 + SIGINT, as shells have it."""
PIPE_CLOSED = 141
"""128 + SIGPIPE, as shells have it."""


class _PipeClosed(Exception):
    """Nobody reads standard output any more; typer would make an exit code 1 of it."""


class Program(TyperGroup):
    """The verbs; no exception leaves it but `SystemExit`."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> None:
        """Run a verb and exit with its code."""
        given = list(sys.argv[1:] if args is None else args)
        options, debug = _without_debug(given)
        extra["standalone_mode"] = False
        forgive_terminal()
        run = super().main
        code = _exit_code(lambda: run(options, _NAME, **extra), given, debug)
        sys.exit(code)

    def invoke(self, ctx: Any) -> Any:
        """Run a verb; a closed pipe is told apart from failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as closed:
            raise _PipeClosed from closed


def _without_debug(args: list[str]) -> tuple[list[str], bool]:
    """Take ``--debug`` out, wherever it stands before ``--``."""
    end = args.index("--") if "--" in args else len(args)
    kept = [word for word in args[:end] if word != "--debug"]
    return [*kept, *args[end:]], len(kept) < end


def _exit_code(run: Callable[[], Any], args: list[str], debug: bool) -> int:
    try:
        code = int(run() or 0)
        sys.stdout.flush()
    except (BrokenPipeError, _PipeClosed):
        _let_go_of_output()
        return PIPE_CLOSED
    except (KeyboardInterrupt, Cancelled, typer.Abort):
        return _stopped()
    except Exception as problem:
        if debug:
            _show_traceback(problem)
        say(_sentence(problem, args))
        return WRONG_USE
    return _stopped() if code == STOPPED else code


def _stopped() -> int:
    say("Stopped before the end; what was written until then is complete, run it again to go on.")
    return STOPPED


def _sentence(problem: Exception, args: list[str]) -> str:
    if hasattr(problem, "format_message"):
        return _usage(problem, args)
    if isinstance(problem, FairError):
        return str(problem)
    name = getattr(problem, "filename", None)
    if isinstance(problem, OSError) and name is not None:
        return f"{name} could not be used ({problem.strerror}); check its disk and permissions."
    return (
        f"This should not have happened ({type(problem).__name__}: {problem}); run it again "
        "with --debug and report what it shows."
    )


def _usage(problem: Any, args: list[str]) -> str:
    """Return what is wrong with a command line, and where the right way is told."""
    message = str(problem.format_message()).strip()
    if message.startswith("Usage:"):  # no verb was given: the message is the help
        return message
    context = getattr(problem, "ctx", None)
    command = context.command_path if context is not None else _NAME
    dashed = [word for word in args if word.startswith("-") and Path(word).exists()]
    if dashed:
        message += f" The file {dashed[0]!r} is named as ./{dashed[0]}, or after --."
    stop = "" if message.endswith((".", "?", "!")) else "."
    return f"{message}{stop} See `{command} --help`."


def _show_traceback(problem: Exception) -> None:
    import traceback

    sys.stderr.write("".join(traceback.format_exception(problem)))


def _let_go_of_output() -> None:
    """Keep Python from complaining at exit that nobody reads any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115


app = typer.Typer(
    cls=Program,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"napari-fair {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error (with any verb).")
    ] = False,
) -> None:
    """Describe microscopy images: OME-XML and RO-Crate beside the image, which is never changed.

    Exit codes: 0 all good, 1 something is missing, different or invalid, 2 wrong use or
    unreadable input. `napari-fair VERB --help` has an example of every verb.
    """


for _verbs in (describe, annotate, show, check, validate, verify, steps, watch, windows):
    _verbs.join(app)
app.add_typer(preset.app, name="preset")
app.add_typer(vocabulary.app, name="vocabulary")


def main() -> None:
    """Run the program with the words of the command line."""
    app()
