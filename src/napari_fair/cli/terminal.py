"""What goes to the terminal: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from napari_fair.session import Session

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for programs.")]

_WIDE = 160
"""Columns of tables that go to a file or a pipe."""


def forgive_terminal() -> None:
    """Let signs that the terminal cannot show become question marks instead of errors."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def printable(text: object) -> str:
    """Return a text as one harmless line: files can hold line breaks and escape sequences."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in str(text))


def plain(path: str | Path) -> str:
    """Return a path as JSON can hold it; bytes that are no UTF-8 become U+FFFD."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def say(*sentences: str) -> None:
    """Tell people something, on standard error."""
    for sentence in sentences:
        lines = sentence.splitlines() or [""]
        sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))


def tell(line: str = "") -> None:
    """Print a line of the result."""
    sys.stdout.write(f"{printable(line)}\n")


def heading(line: str) -> None:
    """Print a line of the result that stands out on a terminal."""
    from rich.text import Text

    _console().print(Text(printable(line), style="bold"), soft_wrap=True)


def table(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> None:
    """Print rows under the names of their columns."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        shown.add_column(name, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    _console().print(shown)


def write_json(document: Any) -> None:
    """Print one JSON document, in UTF-8 whatever the terminal's encoding."""
    import orjson

    data = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error while it lasts, if that is a terminal; takes done and total."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, total: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(printable(title), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def say_notes(session: Session) -> None:
    """Tell what was found when a folder was opened, unsaved edits included."""
    say(*session.notes)
    if session.draft is not None:
        say(
            f"{session.folder.name}: {session.draft.edits} unsaved edits of {session.draft.when} "
            "wait in napari; open an image of the folder there to recover or discard them."
        )


def _console() -> Console:
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would end the program with exit code 1

    width = None if sys.stdout.isatty() else _WIDE
    return Output(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)
