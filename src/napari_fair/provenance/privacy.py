"""Records without people in them: home folders and login names shortened."""

from __future__ import annotations

import getpass
import re
from functools import cache
from pathlib import Path

from napari_fair.model import DataRef, Parameter, Step

_SEPARATOR = r"(?:/|\\)+"
_HOMES = rf"(?:[A-Za-z]:)?{_SEPARATOR}(?:home|Users|Documents and Settings){_SEPARATOR}"
_NAME = r"[^/\\:*?\"'<>|\r\n]"
_SHARED = frozenset({"admin", "administrator", "guest", "public", "root", "runner", "user"})
"""Login names that name nobody; replacing them would garble ordinary words."""
_SHORTEST = 3
HOME, USER = "~", "user"


def impersonal(text: str) -> str:
    r"""Return a text in which home folders are ``~`` and the login name is ``user``.

    Folders below ``/home``, ``/Users`` and ``C:\Users`` are taken for home folders, whoever's
    they are.
    """
    for pattern, short in _replacements():
        text = pattern.sub(short, text)
    return text


def impersonal_step(step: Step) -> Step:
    """Return a step whose recorded texts name nobody; comments are people's own words."""
    return step.model_copy(
        update={
            "name": impersonal(step.name),
            "error": impersonal(step.error),
            "gap": impersonal(step.gap),
            "parameters": tuple(_parameter(parameter) for parameter in step.parameters),
        }
    )


def impersonal_data(data: DataRef) -> DataRef:
    """Return a description of data whose name and path name nobody."""
    return data.model_copy(update={"name": impersonal(data.name), "path": impersonal(data.path)})


def _parameter(parameter: Parameter) -> Parameter:
    value = parameter.value
    if isinstance(value, str):
        value = impersonal(value)
    elif isinstance(value, tuple):
        value = tuple(impersonal(item) if isinstance(item, str) else item for item in value)
    return parameter.model_copy(update={"value": value})


@cache
def _replacements() -> tuple[tuple[re.Pattern[str], str], ...]:
    found = [(re.compile(_own_home()), HOME)] if _own_home() else []
    # on Windows a name with spaces in it ends at the next separator
    spaced = rf"(?<![\w.~-])(?=[A-Za-z]:){_HOMES}{_NAME}{{1,64}}(?=[/\\])"
    found.append((re.compile(spaced), HOME))
    found.append((re.compile(rf"(?<![\w.~-]){_HOMES}[^\s/\\:*?\"'<>|]{{1,64}}"), HOME))
    login = _login()
    if len(login) >= _SHORTEST and login.lower() not in _SHARED:
        found.append((re.compile(rf"(?<![\w-]){re.escape(login)}(?![\w-])", re.IGNORECASE), USER))
    return tuple(found)


def _own_home() -> str:
    try:
        parts = Path.home().parts
    except RuntimeError:
        return ""
    if len(parts) < 2:
        return ""
    drive = re.escape(parts[0].rstrip("/\\"))
    rest = _SEPARATOR.join(re.escape(part) for part in parts[1:])
    return rf"(?<![\w.~-]){drive}{_SEPARATOR}{rest}(?![\w.-])"


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
