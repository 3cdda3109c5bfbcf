"""Which software a function belongs to, and the environment that it runs in."""

from __future__ import annotations

import functools
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from napari_fair.model import SoftwareEnvironment, Tool, derived_id

_HOMEPAGE_LABELS = ("homepage", "home", "source", "sourcecode", "repository", "documentation")


def tool_of(function: Any, *, name: str = "", plugin: str = "") -> Tool:
    """Return the tool that a function is: its public name, package, version and home page.

    The first call for a package may read the installed packages (up to a second where there are
    hundreds); `know_packages` does that beforehand.

    Parameters
    ----------
    function
        Any callable; magicgui factories and widgets, partials and decorated functions stand for
        the function inside.
    name
        What people call it; the function's own name, in words, without it.
    plugin
        npe2 name of the napari plugin that offers it.
    """
    inner = unwrapped(function)
    module, qualified = getattr(inner, "__module__", "") or "", getattr(inner, "__qualname__", "")
    tool = package_tool(module.split(".")[0]) if module else Tool()
    named = qualified.rsplit(".", 1)[-1].replace("_", " ").strip()
    return tool.model_copy(
        update={
            "name": name or named or type(inner).__name__,
            "function": _public(inner, module, qualified),
            "plugin": plugin,
        }
    )


def unwrapped(function: Any) -> Any:
    """Return the function inside a magicgui widget or factory, or a partial without arguments."""
    for _ in range(8):
        keywords = getattr(function, "keywords", None)
        inner = keywords.get("function") if isinstance(keywords, dict) else None
        if inner is None and type(function).__module__.split(".")[0] == "magicgui":
            inner = getattr(function, "__wrapped__", None)
        if inner is None:
            return function
        function = inner
    return function


def _public(function: Any, module: str, qualified: str) -> str:
    """Return ``module:name``, by a module without underscore where that has the same function."""
    if not module or not qualified or "<" in qualified or module == "__main__":
        return ""
    top = module.split(".")[0]
    if "._" not in module or top in plugin_packages():
        return f"{module}:{qualified}"
    return f"{_public_module(function, top, qualified) or module}:{qualified}"


def _public_module(function: Any, top: str, qualified: str) -> str:
    """Return the shortest name of a package that offers a function of a private module."""
    names = [name for name in tuple(sys.modules) if name == top or name.startswith(f"{top}.")]
    for name in sorted(names, key=lambda name: (name.count("."), name)):
        package = sys.modules.get(name)
        if "._" not in name and hasattr(package, "__path__"):
            with suppress(Exception):  # a lazy package may fail to import what it offers
                if getattr(package, qualified, None) is function:
                    return name
    return ""


@functools.cache
def plugin_packages() -> frozenset[str]:
    """Return the top-level packages of installed napari plugins."""
    found = metadata.entry_points(group="napari.manifest")
    return frozenset(point.value.split(":")[0].split(".")[0] for point in found)


@functools.cache
def package_tool(top: str) -> Tool:
    """Return package, version and home page of the distribution that has a top-level package."""
    named = _distribution_name(top)
    if not named:
        return Tool()
    try:
        distribution = metadata.distribution(named)
    except metadata.PackageNotFoundError:
        return Tool()
    return Tool(package=named, version=distribution.version, homepage=_homepage(distribution))


def _distribution_name(top: str) -> str:
    for candidate in (top, top.replace("_", "-")):
        with suppress(metadata.PackageNotFoundError, ValueError):
            found = metadata.distribution(candidate)
            if _provides(found, top):
                return str(found.metadata["Name"])
    names = _packages().get(top, [])
    return names[0] if names else ""


def _provides(distribution: metadata.Distribution, top: str) -> bool:
    listed = distribution.read_text("top_level.txt")
    if listed is not None:
        return top in listed.split()
    module = getattr(sys.modules.get(top), "__file__", None)
    if module is None:
        return True
    place = Path(str(distribution.locate_file("")))
    return Path(module).is_relative_to(place) or bool(distribution.read_text("direct_url.json"))


@functools.cache
def _packages() -> dict[str, list[str]]:
    return {name: list(found) for name, found in metadata.packages_distributions().items()}


def _homepage(distribution: metadata.Distribution) -> str:
    """Return the project's own page, else its page on the Python index."""
    about = distribution.metadata
    urls = dict(_urls(about.get_all("Project-URL") or []))
    stated = [urls.get(label, "") for label in _HOMEPAGE_LABELS]
    for url in (*stated[:1], (about.get_all("Home-page") or [""])[0], *stated[1:]):
        if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", url):
            return str(url)
    return f"https://pypi.org/project/{about['Name']}/"


def _urls(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        label, _, url = line.partition(",")
        yield re.sub(r"[^a-z]", "", label.lower()), url.strip()


def know_packages() -> None:
    """Read what is installed, so that `tool_of` is quick afterwards; call it in the background."""
    plugin_packages()
    _packages()


# ---- the environment -------------------------------------------------------------------------


@functools.cache
def environment() -> SoftwareEnvironment:
    """Return where this process runs: system, Python, all packages, CPU and GPUs.

    It is found out once a process, in up to a second: call it in the background. Names of people,
    hosts and folders are not in it; the same environment has the same id everywhere.
    """
    installed = sorted(_installed(), key=str.lower)
    facts: dict[str, Any] = {
        "system": f"{platform.system()} {platform.release()}".strip(),
        "machine": platform.machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "processor": _processor(),
        "graphics": tuple(dict.fromkeys(_graphics())),
        "plugins": tuple(sorted(set(_plugins()), key=str.lower)),
        "packages": tuple(dict.fromkeys(installed)),
    }
    return SoftwareEnvironment(id=derived_id("environment", *facts.values()), **facts)


def _installed() -> Iterator[str]:
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name and re.fullmatch(r"[\w.+-]+", name):
            yield f"{name}=={distribution.version}"


def _plugins() -> Iterator[str]:
    for point in metadata.entry_points(group="napari.manifest"):
        if point.dist is not None:
            yield f"{point.dist.name}=={point.dist.version}"


def _processor() -> str:
    system = platform.system()
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        if system == "Linux":
            text = Path("/proc/cpuinfo").read_text(errors="replace")
            match = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", text, re.MULTILINE)
            return match[1].strip() if match else platform.machine()
        if system == "Darwin":
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603
            return done.stdout.strip()
        if system == "Windows":
            place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
            return _registry(place, "ProcessorNameString")
    return platform.processor()


def _graphics() -> Iterator[str]:
    """Yield names of GPUs where the system has them at hand."""
    system = platform.system()
    with suppress(OSError):
        for card in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
            match = re.search(r"^Model:\s*(.+)$", card.read_text(errors="replace"), re.MULTILINE)
            if match:
                yield match[1].strip()
    if system == "Darwin" and platform.machine() == "arm64":
        yield _processor()
    if system == "Windows":
        displays = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
        for number in range(8):
            with suppress(OSError):
                yield _registry(rf"{displays}\{number:04}", "DriverDesc")


def _registry(place: str, name: str) -> str:
    winreg: Any = __import__("winreg")
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
        return str(winreg.QueryValueEx(key, name)[0]).strip()
