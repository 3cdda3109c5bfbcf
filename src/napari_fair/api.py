"""The Python door: the same record as in napari and in a terminal.

>>> from napari_fair.api import describe, open_folder
>>> header = describe("cells.tif")  # doctest: +SKIP
>>> session = open_folder("images")  # doctest: +SKIP
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_fair.live import Listener, Watcher
    from napari_fair.live.recorder import Ask
    from napari_fair.model import Header, Tool
    from napari_fair.provenance import Recording
    from napari_fair.session import Preset, Session

__all__ = ["describe", "listen", "open_folder", "record_step", "recorded", "watch"]


def describe(path: str | os.PathLike[str]) -> Header:
    """Return what a file, a multi-file set or a store says about itself.

    Parameters
    ----------
    path
        An image file, an OME-XML document or an OME-Zarr folder. Pixels are not read.

    Returns
    -------
    Header
        Facts of each image by dotted name (`image.size_x`, `channel.0.name`), each with value,
        unit, place in the file and trust; `warnings` and `damaged` say what does not hold.

    Raises
    ------
    FairError
        If there is nothing at `path` or it cannot be opened.
    """
    from napari_fair.headers import read_header

    return read_header(path if isinstance(path, str) else os.fspath(path))


def open_folder(
    folder: str | os.PathLike[str], *, crate: str | os.PathLike[str] | None = None
) -> Session:
    """Open the record of a folder to read, edit and save it; opening writes nothing.

    Parameters
    ----------
    folder
        Where the images are.
    crate
        Where the crate is (to be) written when `folder` itself cannot be.

    Returns
    -------
    Session
        Add images with `add(describe(path))`, set fields with `set`, write with `save`, and end
        with `close`.

    Raises
    ------
    FairError
        If the folder or its crate cannot be read.
    """
    from napari_fair.session import open_folder as open_session

    return open_session(Path(folder), crate=Path(crate) if crate is not None else None)


@contextmanager
def record_step(
    tool: Tool | str | Callable[..., Any],
    *,
    name: str = "",
    inputs: Any = None,
    parameters: Mapping[str, object] | None = None,
    outputs: Any = None,
    comment: str = "",
    agent: str = "",
    folder: str | os.PathLike[str] | None = None,
    session: Session | None = None,
) -> Iterator[Recording]:
    """Record what is done inside the block as one step of an analysis.

    >>> with record_step(gaussian, inputs={"image": image}, parameters={"sigma": 2},
    ...                  folder="images") as step:  # doctest: +SKIP
    ...     step.output(gaussian(image, sigma=2), name="smooth")

    An error inside the block is recorded and goes on its way. A step inside a step is part of it.

    Parameters
    ----------
    tool
        The function that is called, a `Tool`, or the name of a program. Only a step whose function
        can be imported, and whose arguments all have names, can be run again.
    name
        One line for people; the tool's name without it.
    inputs
        Data by argument name: arrays, layers, tables, paths, or `provenance.Data`. An array that
        was read from a file is best given as ``Data(array, path="cells.tif")``.
    parameters
        Other arguments by name. What is too large to be written inline becomes an input.
    outputs
        Files that the step will have written, by name. Other results are given inside the block,
        with ``step.output``.
    comment
        A note.
    agent
        Id of the person who does it, one of the record's people.
    folder
        Folder whose record takes the step; it is saved when the block ends.
    session
        An open folder instead; it is not saved.

    Yields
    ------
    Recording
        Takes outputs, and inputs and parameters that become known inside the block.

    Raises
    ------
    FairError
        If the folder's record cannot be read or written.

    Notes
    -----
    Without `folder` and `session` the step goes to the recorder in napari if one is on, and nowhere
    otherwise; ``step.kept`` says which.
    """
    from napari_fair.provenance import record_step as recording

    said = {"inputs": inputs, "parameters": parameters, "outputs": outputs}
    opened = session or (open_folder(folder) if folder is not None else None)
    place = opened.folder if opened is not None else None
    try:
        with recording(
            tool, name=name, comment=comment, agent=agent, to=opened, folder=place, **said
        ) as step:
            yield step
    finally:
        if opened is not None and session is None:
            _save_and_close(opened)


def _save_and_close(session: Session) -> None:
    try:
        if session.unsaved:
            session.save(())
    finally:
        session.close()


def recorded(
    tool: Tool | str | Callable[..., Any] | None = None, *, session: Session | None = None
) -> Any:
    """Decorate a function so that each of its calls is a step.

    >>> @recorded("Background subtraction")  # doctest: +SKIP
    ... def subtract(image, radius=50): ...

    Arrays, layers and tables among the arguments are inputs, all others parameters (a matrix of up
    to 25 numbers, such as a kernel, too); what the function returns is the output.

    Parameters
    ----------
    tool
        The name of the step, or a `Tool`; without it the decorator stands without brackets.
    session
        An open folder that takes the steps; without it they go to the recorder in napari if one is
        on, and nowhere otherwise.
    """
    from napari_fair.provenance import recorded as decorate

    return decorate(tool, to=session)


def listen(
    core: Any,
    folder: str | os.PathLike[str],
    *,
    preset: Preset | None = None,
    ask: Ask | None = None,
) -> Listener:
    """Let every acquisition of a Micro-Manager core become an image of a folder's record.

    >>> listener = listen(core, "images")  # doctest: +SKIP
    >>> core.mda.run(sequence, output="images/run 1.ome.zarr")  # doctest: +SKIP
    >>> listener.stop()  # doctest: +SKIP

    The acquisition is not slowed down, and does not notice if listening fails.

    Parameters
    ----------
    core
        The core that acquires, a `pymmcore_plus.CMMCorePlus`.
    folder
        Where the images are saved, and their record.
    preset
        Who, which project, sample and microscope: set where the record says nothing else.
    ask
        Called once for each microscope configuration with what Micro-Manager does not know;
        returns answers by the questions' keys. They are kept for the next time.

    Returns
    -------
    Listener
        Already listening. `note` keeps an event note, `wait` waits until all is written, `stop`
        ends it.
    """
    from napari_fair.live import listen as start

    return start(core, Path(folder), preset=preset, ask=ask)


def watch(
    folder: str | os.PathLike[str],
    *,
    preset: Preset | None = None,
    recursive: bool = False,
) -> Watcher:
    """Return a watcher that gives every image that arrives in a folder its record.

    >>> with watch("images") as watcher:  # doctest: +SKIP
    ...     acquire()

    Parameters
    ----------
    folder
        Where images arrive; a network drive is as good as any.
    preset
        Who, which project, sample and microscope: set where the record says nothing else.
    recursive
        Whether subfolders are watched too.

    Returns
    -------
    Watcher
        Used in a ``with`` block it watches in a thread of its own; `run` watches until `stop`.

    Raises
    ------
    FairError
        If there is no such folder.
    """
    from napari_fair.live import watch as watcher

    return watcher(Path(folder), preset=preset, recursive=recursive)
