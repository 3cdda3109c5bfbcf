"""Run the public RO-Crate validator offline, in whichever Python environment has it."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from napari_fair.files import Cancelled

VARIABLE = "NAPARI_FAIR_VALIDATOR"
"""Environment variable that names a Python interpreter which has the validator."""
TIMEOUT = 600.0
"""Seconds; 5,000 files take about half a minute a profile."""

_SCRIPT = Path(__file__).with_name("rocrate_validator_script.py")
_PACKAGES = "roc-validator rocraters"
_POLL = 0.2

Message = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What the validator said about one profile, or why it said nothing."""

    issues: tuple[dict[str, str], ...] = ()
    problem: str = ""


class Unavailable(Exception):
    """No interpreter has the validator; the message says how to get it."""


def run_profiles(
    folder: Path,
    profiles: list[str],
    *,
    progress: Callable[[str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout: float = TIMEOUT,
) -> dict[str, Outcome]:
    """Check a crate's folder against profiles in a process of its own.

    Parameters
    ----------
    folder
        The folder that holds ``ro-crate-metadata.json``.
    profiles
        roc-validator's ids; the first with what it inherits, the others by their own rules alone.
    progress
        Called with a phrase when a profile is begun.
    cancelled
        Asked several times a second; when it returns true the process is ended.
    timeout
        Seconds after which the process is ended and what is left counts as not checked.

    Raises
    ------
    Unavailable
        If no interpreter has the validator.
    Cancelled
        If `cancelled` said so.
    """
    for interpreter in interpreters():
        outcomes = {}
        for message in _messages(interpreter, folder, profiles, cancelled, timeout):
            if message["event"] == "unavailable":
                break
            if message["event"] == "started" and progress:
                progress(f"Checking {message['profile']}")
            elif message["event"] in ("finished", "broken"):
                outcomes[message["profile"]] = _outcome(message)
            elif message["event"] == "ended":
                left = Outcome(problem=message["reason"])
                return {profile: outcomes.get(profile, left) for profile in profiles}
    raise Unavailable(_how_to_install())


def interpreters() -> Iterator[Path]:
    """Yield the Python interpreters that may have the validator, this one first."""
    seen = set()
    for path in _candidates():
        if path not in seen and path.is_file():
            seen.add(path)
            yield path


def _candidates() -> Iterator[Path]:
    if sys.executable:
        yield Path(sys.executable)
    if named := os.environ.get(VARIABLE):
        yield Path(named).expanduser()
    yield from _pythons(Path(sys.prefix, "validators", "bin"))
    yield from _pythons(Path(sys.prefix, "validators", "Scripts"))
    if command := shutil.which("rocrate-validator"):
        yield from _pythons(Path(command).parent)
        yield from _pythons(Path(command).resolve().parent)  # pipx links its commands


def _pythons(folder: Path) -> list[Path]:
    return [folder / name for name in ("python", "python3", "python.exe")]


def _how_to_install() -> str:
    home = Path(sys.prefix, "validators")
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    named = os.environ.get(VARIABLE)
    hint = f" ({VARIABLE} names {named}, which does not have it)" if named else ""
    return (
        f"The RO-Crate validator is not installed{hint}; it needs an environment of its own: "
        f"python -m venv {home} && {python} -m pip install {_PACKAGES}"
    )


def _outcome(message: Message) -> Outcome:
    if refused := message["refused"]:
        return Outcome(
            problem=f"it needs {', '.join(refused[:3])} from the network, which is never asked; "
            "put the terms of that context into the crate itself"
        )
    if message["event"] == "broken":
        return Outcome(problem=f"the validator stopped ({message['error']})")
    if not message["checks"]:
        return Outcome(problem="the validator made no check")
    return Outcome(tuple(message["issues"]))


# ---- the process -----------------------------------------------------------------------------


def _messages(
    interpreter: Path,
    folder: Path,
    profiles: list[str],
    cancelled: Callable[[], bool] | None,
    timeout: float,
) -> Iterator[Message]:
    """Yield what the script says; the last one is ``ended`` with the reason."""
    command = [str(interpreter), str(_SCRIPT), str(folder.absolute()), *profiles]
    deadline = time.monotonic() + timeout
    # what a process that had to be ended leaves behind goes with this folder
    with tempfile.TemporaryFile() as noise, tempfile.TemporaryDirectory() as scratch:
        try:
            process = subprocess.Popen(  # noqa: S603 (no shell; the interpreter is the user's own)
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=noise,
                env=_environment(interpreter, scratch),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            yield {"event": "unavailable", "missing": [str(interpreter)]}
            return
        with process:
            try:
                yield from _lines(process, cancelled, deadline)
                late = time.monotonic() >= deadline
            finally:
                process.kill()
        reason = "it took too long" if late else _last_line(noise) or "the validator stopped"
        yield {"event": "ended", "reason": reason}


def _lines(
    process: subprocess.Popen[bytes], cancelled: Callable[[], bool] | None, deadline: float
) -> Iterator[Message]:
    said: queue.Queue[bytes | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, said), daemon=True)
    reader.start()
    while time.monotonic() < deadline:
        if cancelled is not None and cancelled():
            raise Cancelled("The validation was cancelled.")
        try:
            line = said.get(timeout=_POLL)
        except queue.Empty:
            continue
        if line is None:
            return
        if message := _message(line):
            yield message


def _message(line: bytes) -> Message:
    """Return what a line says, nothing when it is noise of something else in that process."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) and "event" in message else {}


def _read(stream: IO[bytes], said: queue.Queue[bytes | None]) -> None:
    for line in stream:
        said.put(line)
    said.put(None)


def _environment(interpreter: Path, scratch: str) -> dict[str, str]:
    """Return the environment; settings of this interpreter would mislead another one."""
    ours = interpreter == Path(sys.executable or "")
    dropped = set() if ours else {"PYTHONPATH", "PYTHONHOME", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), scratch)
    return {**kept, **places, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _last_line(noise: IO[bytes]) -> str:
    noise.seek(0)
    lines = noise.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else ""
