"""Where steps go that name no place of their own: the recorder in napari, while it is on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Protocol

from napari_fair.model import DataRef, SoftwareEnvironment, Step
from napari_fair.provenance.identity import Checksums, Identity


class Target(Protocol):
    """Where steps go: a session, a ledger, a recorder."""

    def record(
        self, step: Step, *data: DataRef, environment: SoftwareEnvironment | None = None
    ) -> None:
        """Take a step with its data."""


LookUp = Callable[[object], DataRef | None]

_attached: list[tuple[Target, LookUp | None]] = []


def attach(target: Target, look_up: LookUp | None = None) -> None:
    """Let a target take the steps of code that names none, as the recorder in napari does.

    Large values are not read at once: their checksums follow through ``target.complete``, from
    another thread, if the target has that.

    Parameters
    ----------
    look_up
        Says what stands for a value that is known already, such as the data of a layer.
    """
    if not any(known is target for known, _ in _attached):
        _attached.append((target, look_up))


def detach(target: Target) -> None:
    """End `attach`."""
    _attached[:] = [pair for pair in _attached if pair[0] is not target]


def attached() -> list[Target]:
    """Return the targets that take steps of code that names none."""
    return [target for target, _ in _attached]


def known_by_attached(value: object) -> DataRef | None:
    """Return what stands for a value by the word of an attached target."""
    found = (look_up(value) for _, look_up in _attached if look_up is not None)
    return next((piece for piece in found if piece is not None), None)


@functools.cache
def _checksums() -> Checksums:
    return Checksums()


def complete_later(target: Target, later: dict[str, object]) -> None:
    """Make checksums in the background, and tell them to a target that takes them."""
    complete = getattr(target, "complete", None)
    if complete is None:
        return
    for id, value in later.items():
        _checksums().submit(value, functools.partial(_completed, complete, id))


def _completed(complete: Callable[..., None], id: str, found: Identity | None) -> None:
    known = {"content_sha256": found.content_sha256} if found is not None else {}
    complete(id, pending=False, **known)


def known_to(targets: list[Target]) -> Iterator[DataRef]:
    """Yield the data that targets know."""
    for target in targets:
        held = getattr(target, "dataset", target)
        yield from getattr(held, "data", ())
