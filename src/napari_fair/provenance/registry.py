"""Which functions may be run again: registered by what is installed, or approved by a person."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import metadata, util
from pathlib import Path
from typing import Any

from napari_fair.files import FairError
from napari_fair.provenance.names import is_of_python, split_function, why_refused
from napari_fair.provenance.software import unwrapped

STEPS_GROUP = "napari_fair.steps"
"""Entry points of this group name functions whose calls can be run again: ``title = module:name``.
"""
_MANIFEST_GROUP = "napari.manifest"
_LARGEST_MANIFEST = 1 << 20


class Allowed:
    """The functions that may be called.

    Parameters
    ----------
    registered
        Who registered each function, by ``module:name``; what is installed here without it.
    approved
        Functions that the person in front of the computer read and approved one by one.
    """

    def __init__(
        self, registered: Mapping[str, str] | None = None, approved: Iterable[str] = ()
    ) -> None:
        self._registered = dict(registered_functions() if registered is None else registered)
        self._approved = set(approved)

    def why_not(self, function: str) -> str:
        """Return why a function may not be called; empty when it may."""
        refused = why_refused(function)
        if refused:
            return refused
        if function in self._registered or function in self._approved:
            return ""
        return f"no installed plugin registers {function}, and it was not approved"

    def to_approve(self, functions: Iterable[str]) -> tuple[str, ...]:
        """Return those of some functions that only need approval, each once."""
        unique = dict.fromkeys(functions)
        return tuple(f for f in unique if f and not why_refused(f) and self.why_not(f))


def registered_functions() -> dict[str, str]:
    """Return the functions that installed packages register, and who does: nothing is imported.

    These are the entry points of the group ``napari_fair.steps``, and the commands in the manifests
    of napari plugins. Readers, writers and samples are left out: a stranger's record says where
    they read and write, and samples are fetched from elsewhere.
    """
    return dict(_registered())


@functools.cache
def _registered() -> tuple[tuple[str, str], ...]:
    found = {}
    for point in metadata.entry_points(group=STEPS_GROUP):
        found[point.value.replace(" ", "")] = point.dist.name if point.dist else point.name
    for point in metadata.entry_points(group=_MANIFEST_GROUP):
        with suppress(Exception):  # a plugin with a broken manifest registers nothing
            for function in _commands(point):
                found.setdefault(function, point.name)
    return tuple(found.items())


def _commands(point: metadata.EntryPoint) -> Iterator[str]:
    """Yield the functions of a manifest's commands, but those that read, write or fetch files."""
    manifest = _manifest(point)
    if manifest is None or manifest.stat().st_size > _LARGEST_MANIFEST:
        return
    contributions = _read_manifest(manifest)["contributions"]
    kinds = ("readers", "writers", "sample_data")
    withheld = {entry.get("command") for kind in kinds for entry in contributions.get(kind) or ()}
    for command in contributions.get("commands") or ():
        named = command.get("python_name")
        fine = isinstance(named, str) and not why_refused(named)
        if fine and command.get("id") not in withheld:
            yield named


def _manifest(point: metadata.EntryPoint) -> Path | None:
    package, _, name = point.value.partition(":")
    top, *rest = package.split(".")
    spec = util.find_spec(top)  # finds the top package without running it
    places = spec.submodule_search_locations if spec is not None else None
    for place in places or ():
        path = Path(place, *rest, name)
        if path.is_file():
            return path
    return None


def _read_manifest(path: Path) -> Any:
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        import json

        return json.loads(text)
    if path.suffix == ".toml":
        import tomllib

        return tomllib.loads(text)
    import yaml

    return yaml.safe_load(text)


def resolve(function: str, allowed: Allowed) -> Callable[..., Any]:
    """Import a function that may be called.

    Raises
    ------
    FairError
        If it may not be called, is not installed, or cannot be called.
    """
    refused = allowed.why_not(function)
    parts = split_function(function)
    if refused or parts is None:
        raise FairError(f"{function} is not run: {refused}.")
    module, name = parts
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as problem:
        raise FairError(f"{function} is not installed here ({problem}).") from problem
    found = unwrapped(found)
    if not callable(found):
        raise FairError(f"{function} cannot be called.")
    if is_of_python(str(getattr(found, "__module__", ""))):
        raise FairError(
            f"{function} is not run: it stands for {found.__module__}:{found.__name__}."
        )
    called: Callable[..., Any] = found
    return called
