"""Records without people in them: home folders and login names shortened."""

from __future__ import annotations

import getpass
import platform
import re
from functools import cache
from pathlib import Path

from napari_fair.model import Confidence, DataRef, Parameter, Step, Tool

_SEPARATOR = r"[/\\]{1,4}"
_BEFORE = r"(?<![\w.~-])"
_PART = rf"{_SEPARATOR}[^\s/\\:*?\"'<>|]{{1,64}}"
_PLACES = rf"(?:home\$?|Users|Documents and Settings|run{_SEPARATOR}media|media)"
_HOMES = rf"(?:[A-Za-z]:)?(?:{_PART}){{0,8}}?{_SEPARATOR}{_PLACES}{_SEPARATOR}"
"""Folders of home folders, below a drive, a share or a mounted disk too."""
_NAME = r"[^/\\:*?\"'<>|\r\n]"
_LOGIN = r"(?:[^\s/\\:*?\"'<>|]|(?<=\w)'(?=\w)){1,64}"
_SHARED = frozenset({"admin", "administrator", "guest", "public", "root", "runner", "user"})
"""Login names that name nobody; replacing them would garble ordinary words."""
_OPTIONS = frozenset(
    {
        *("auto", "constant", "cubic", "data", "default", "edge", "gauss", "image", "images"),
        *("labels", "linear", "max", "mean", "median", "min", "mirror", "napari", "nearest"),
        *("otsu", "python", "reflect", "same", "sum", "test", "triangle", "valid", "wrap", "yen"),
    }
)
"""Values of parameters, which some people have as login name; alone they stay as they are."""
_SHORTEST = 3
_ADDRESS = re.compile(r"(\bhttps?://[^\s'\"<>]+)")
"""Addresses on the web stay as they are: ``/home/`` is no home folder there."""
HOME, USER, COMPUTER = "~", "user", "computer"
_HOSTS = frozenset({"computer", "desktop", "laptop", "localhost", "microscope", "server"})
_SHORTEST_HOST = 4


def impersonal(text: str) -> str:
    r"""Return a text in which home folders are ``~`` and the login name is ``user``.

    Folders below ``/home``, ``/Users``, ``/media`` and ``C:\Users`` are taken for home folders,
    whoever's they are, on mounted disks and shares too. Names of computers are ``computer``.
    """
    parts = _ADDRESS.split(text)
    parts[::2] = [_without_people(part) for part in parts[::2]]
    return "".join(parts)


def _without_people(text: str) -> str:
    for pattern, short in _replacements():
        text = pattern.sub(short, text)
    return text


def impersonal_step(step: Step) -> Step:
    """Return a step whose recorded texts name nobody; comments are people's own words.

    A step whose parameters had to be shortened cannot be run again as it was: it is declared.
    """
    parameters = tuple(_parameter(parameter) for parameter in step.parameters)
    lost = [p.name for p, was in zip(parameters, step.parameters, strict=True) if p != was]
    said: dict[str, object] = {
        "name": impersonal(step.name),
        "error": impersonal(step.error),
        "gap": impersonal(step.gap),
        "parameters": parameters,
        "tool": _tool(step.tool),
    }
    if lost and step.confidence is Confidence.REPLAYABLE:
        said["confidence"] = Confidence.DECLARED
        said["gap"] = f"the value of {', '.join(lost)} named a person or a home folder"
    return step.model_copy(update=said)


def impersonal_data(data: DataRef) -> DataRef:
    """Return a description of data whose name and path name nobody."""
    return data.model_copy(update={"name": impersonal(data.name), "path": impersonal(data.path)})


def _tool(tool: Tool) -> Tool:
    """Return a tool without people: programs are at times named by their path."""
    home = "" if tool.homepage.startswith("file:") else impersonal(tool.homepage)
    said = {"name": impersonal(tool.name), "version": impersonal(tool.version), "homepage": home}
    return tool.model_copy(update=said)


def _parameter(parameter: Parameter) -> Parameter:
    value = parameter.value
    if isinstance(value, str):
        value = _value(value)
    elif isinstance(value, tuple):
        value = tuple(_value(item) if isinstance(item, str) else item for item in value)
    return parameter.model_copy(update={"value": value})


def _value(text: str) -> str:
    return text if text.strip().lower() in _OPTIONS else impersonal(text)


@cache
def _replacements() -> tuple[tuple[re.Pattern[str], str], ...]:
    found = [(re.compile(_own_home()), HOME)] if _own_home() else []
    # on Windows a name with spaces in it ends at the next separator, or with the text or quote
    windows = rf"(?=[A-Za-z]:){_HOMES}"
    found.append((re.compile(rf"\A{windows}{_NAME}{{1,64}}\Z"), HOME))
    found.append((re.compile(rf"(?<=['\"]){windows}{_NAME}{{1,64}}(?=['\"])"), HOME))
    found.append((re.compile(rf"{_BEFORE}{windows}{_NAME}{{1,64}}(?=[/\\])"), HOME))
    found.append((re.compile(rf"{_BEFORE}{_HOMES}{_LOGIN}"), HOME))
    # a share of another computer: \\name\share, and so in texts that Python quoted
    share = r"(?<![\w:\\])(\\{2}|\\{4})[^\\/\s?.*:\"']+(?=\\)"
    found.append((re.compile(share), rf"\1{COMPUTER}"))
    found.append((re.compile(r"\b(smb|cifs|afp|nfs|sftp|ssh)://[^/\s]+"), rf"\1://{COMPUTER}"))
    login, host = _login(), platform.node().split(".")[0]
    if len(login) >= _SHORTEST and login.lower() not in _SHARED:
        found.append((_word(login), USER))
    if len(host) >= _SHORTEST_HOST and host.lower() not in _HOSTS:
        found.append((_word(host), COMPUTER))
    return tuple(found)


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)


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
