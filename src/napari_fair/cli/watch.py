"""``watch``: a record for every image that arrives in a folder, also as a service."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from napari_fair.live import Watcher

_EPILOG = """\b
Examples:
  napari-fair watch /data/microscope --preset "Spinning disk 2"
  napari-fair watch . --once
  napari-fair watch //server/share/today --log watch.log
\b
An image is taken up when it has not changed for a second; one that grows on is taken up again.
Sidecars are written at once, the folder's crate at most once a second, checksums when there is
time. Stop it with Ctrl-C or SIGTERM: what has arrived is written first. What comes while it does
not run is taken up when it starts again.
\b
Exit codes:
  0  stopped as it was told to, all that arrived is in the record
  1  stopped as it was told to, but something could not be taken up (the log says what)
  2  the folder or the preset cannot be read, or an option is wrong
"""
_LARGEST_LOG = 5_000_000
_LOGS = 3


def join(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command(short_help="Take up images as they arrive in a folder.", epilog=_EPILOG)(watch)


def watch(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Where images arrive.")],
    preset: Annotated[
        str, typer.Option(metavar="NAME", help="A preset by its name or file: who, what, where.")
    ] = "",
    recursive: Annotated[
        bool,
        typer.Option("--recursive", help="Subfolders too, but for those with their own crate."),
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Stop when all that is there has been taken up.")
    ] = False,
    settle: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="How long a complete file is quiet.")
    ] = 1.0,
    interval: Annotated[
        float, typer.Option(min=0.05, metavar="SECONDS", help="How often to look.")
    ] = 0.5,
    log: Annotated[
        str, typer.Option(metavar="FILE", help="Write what happens into this file as well.")
    ] = "",
) -> int:
    """Give every image that arrives in a folder its sidecar, and the folder its crate.

    The images are never changed, and no file is held open.
    """
    from napari_fair.live import watch as watched
    from napari_fair.session.preset_shelf import find_preset

    chosen = find_preset(preset)[1] if preset else None
    watcher = watched(folder, preset=chosen, interval=interval, settle=settle, recursive=recursive)
    logger, problems = _logger(log), 0

    def count(sentence: str) -> None:
        nonlocal problems
        problems += 1
        logger.warning(sentence)

    watcher.arrived.connect(lambda path: logger.info("took up %s", path))
    watcher.saved.connect(lambda number: logger.info("wrote the crate: %d images", number))
    watcher.problem.connect(count)
    logger.info("watching %s", watcher.folder)
    with _stopped_by_signals(watcher):
        watcher.run(until_idle=once)
    logger.info("stopped; %d images were taken up", watcher.counts.taken)
    return int(problems > 0)


def _logger(file: str) -> logging.Logger:
    from logging.handlers import RotatingFileHandler

    logger = logging.getLogger("napari_fair.watch")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if file:
        handlers.append(
            RotatingFileHandler(
                Path(file), maxBytes=_LARGEST_LOG, backupCount=_LOGS, encoding="utf-8"
            )
        )
    for handler in handlers:
        handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
        )
        logger.addHandler(handler)
    return logger


@contextmanager
def _stopped_by_signals(watcher: Watcher) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C end the watch in good order."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(number, lambda *_: watcher.stop()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
