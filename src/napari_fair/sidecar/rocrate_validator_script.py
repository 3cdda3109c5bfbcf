"""Run the public RO-Crate validator without network; a script for an interpreter that has it.

It imports nothing of this package, because its dependencies may be missing where it runs::

    python rocrate_validator_script.py FOLDER PROFILE [PROFILE ...]

The first profile is checked with all it inherits, the others by their own rules alone. Standard
output gets one JSON object a line: ``unavailable`` (what is not installed), or ``started`` and
``finished`` for each profile, with the issues at REQUIRED and RECOMMENDED level, the number of
checks that were made, and the addresses that the validator would have needed from the network.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    del sys.path[0]  # this folder: its modules must not be taken for others' of the same name

import io
import json
import os
import socket
import tempfile
import urllib.request
from collections.abc import Callable
from contextlib import redirect_stdout
from email.message import Message
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import URLError
from urllib.response import addinfourl

_NEEDED = {"rocrate_validator": "roc-validator", "rocraters": "rocraters"}
_CONTEXT = "https://w3id.org/ro/crate/{version}/context"
_VERSIONS = ("1.1", "1.2", "1.3")
_LONGEST = 500

_Say = Callable[[dict[str, Any]], None]


class Offline:
    """Answers requests for the RO-Crate contexts; refuses and notes every other one."""

    def __init__(self, documents: dict[str, bytes]) -> None:
        self._documents = documents
        self.refused: list[str] = []

    def document(self, address: str) -> bytes | None:
        """Return the document at an address, or note that it was asked for."""
        found = self._documents.get(_plain(address))
        if found is None:
            self._note(address)
        return found

    def install(self) -> None:
        """Put this in the place of requests' sessions, urllib's openers and sockets."""
        self._replace_requests()
        self._replace_urllib()
        self._replace_sockets()

    def _note(self, address: str) -> None:
        if address not in self.refused:
            self.refused.append(address)

    def _replace_requests(self) -> None:
        requests = import_module("requests")

        def send(session: Any, request: Any, **options: Any) -> Any:
            found = self.document(request.url)
            if found is None:
                raise requests.ConnectionError(f"offline: {request.url}")
            response = requests.Response()
            response.request, response.url, response.status_code = request, request.url, 200
            response.headers["Content-Type"] = "application/ld+json"
            response._content = found  # noqa: SLF001 (the only way to make a response)
            response.raw = io.BytesIO(found)
            return response

        _replace(requests.Session, "send", send)
        if find_spec("requests_cache"):
            _replace(import_module("requests_cache").CachedSession, "send", send)

    def _replace_urllib(self) -> None:
        def opened(opener: Any, asked: Any, data: Any = None, timeout: Any = None) -> Any:
            address = asked if isinstance(asked, str) else asked.full_url
            found = self.document(address)
            if found is None:
                raise URLError(f"offline: {address}")
            headers = Message()
            headers["Content-Type"] = "application/ld+json"
            return addinfourl(io.BytesIO(found), headers, address, 200)

        _replace(urllib.request.OpenerDirector, "open", opened)

    def _replace_sockets(self) -> None:
        def refuse(*asked: Any, **options: Any) -> NoReturn:
            # of a method's arguments the address is the second, of a function's the first
            address = asked[1] if isinstance(asked[0], socket.socket) else asked[0]
            self._note(str(address))
            raise OSError(f"offline: {address}")

        for name in ("connect", "connect_ex"):
            _replace(socket.socket, name, refuse)
        for name in ("create_connection", "getaddrinfo"):
            _replace(socket, name, refuse)


def _replace(owner: Any, name: str, value: Any) -> None:
    setattr(owner, name, value)


def _plain(address: str) -> str:
    """Return an address without what makes no difference."""
    return address.split("#")[0].removesuffix("/").replace("http://", "https://", 1)


def contexts() -> dict[str, bytes]:
    """Return the RO-Crate contexts that rocraters holds, by address."""
    import rocraters

    documents = {}
    for version in _VERSIONS:
        try:
            context = rocraters.load_schema(version)
        except (ValueError, KeyError, OSError):
            continue
        documents[_CONTEXT.format(version=version)] = json.dumps(context).encode()
    return documents


def validate(profile: str, offline: Offline, *, inherit: bool) -> dict[str, Any]:
    """Check the current folder against a profile and return the ``finished`` message.

    The folder has to be the current one: roc-validator 0.13 makes addresses of absolute paths
    without quoting, so that it fails crates in folders with a space in their name.
    """
    from rocrate_validator import models, services

    offline.refused.clear()
    with tempfile.TemporaryDirectory() as cache:
        settings = services.ValidationSettings(
            rocrate_uri=Path("."),
            profile_identifier=profile,
            requirement_severity=models.Severity.RECOMMENDED,
            enable_profile_inheritance=inherit,
            skip_availability_check=True,
            offline=True,
            cache_path=Path(cache) / "http",
        )
        result = services.validate(settings)
    issues = [_issue(issue) for issue in result.get_issues()]
    return {
        "event": "finished",
        "profile": profile,
        "issues": sorted(issues, key=lambda issue: sorted(issue.items())),
        "checks": len(list(result.executed_checks)),
        "refused": list(offline.refused),
    }


def _keep_full_stops() -> None:
    """Leave messages alone: roc-validator 0.13 takes each full stop for the folder's name."""
    module = import_module("rocrate_validator.requirements.shacl.validator")
    if hasattr(module, "make_uris_relative"):
        _replace(module, "make_uris_relative", lambda text, folder: text)


def _issue(issue: Any) -> dict[str, str]:
    about = [str(part) for part in (issue.violatingEntity, issue.violatingProperty) if part]
    message = " ".join((issue.message or issue.check.name).split())
    return {
        "severity": issue.severity.name.lower(),
        "check": str(issue.check.identifier),
        "message": message[:_LONGEST],
        "about": " ".join(about),
    }


def run(profiles: list[str], say: _Say) -> None:
    """Check the current folder against profiles and say how it goes."""
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        say({"event": "unavailable", "missing": missing})
        return
    offline = Offline(contexts())
    import_module("rocrate_validator.services")  # what it imports is replaced next
    _keep_full_stops()
    offline.install()
    for number, profile in enumerate(profiles):
        say({"event": "started", "profile": profile})
        try:
            say(validate(profile, offline, inherit=number == 0))
        except Exception as error:  # whatever it is, it is not "passed"
            broken = {"event": "broken", "profile": profile, "refused": list(offline.refused)}
            say({**broken, "error": f"{type(error).__name__}: {error}"[:_LONGEST]})


def main(arguments: list[str]) -> None:
    """Run as a script; the validator's own prints go to standard error."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")

    def say(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    with redirect_stdout(sys.stderr):
        os.chdir(arguments[0])
        run(arguments[1:], say)


if __name__ == "__main__":
    main(sys.argv[1:])
