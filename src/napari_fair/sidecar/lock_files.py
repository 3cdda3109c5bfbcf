"""The lock file of a software environment, beside the crate."""

from __future__ import annotations

import hashlib

from napari_fair.model import SoftwareEnvironment


def lock_text(place: SoftwareEnvironment) -> str:
    """Return an environment's packages as ``pip install -r`` takes them."""
    head = [
        f"# {place.python} on {place.system} ({place.machine})",
        "# python -m pip install --no-deps -r <this file>",
    ]
    lines = [" ".join(line.split()) for line in [*head, *place.packages]]
    return "\n".join(lines) + "\n"


def lock_name(place: SoftwareEnvironment) -> str:
    """Return the name of an environment's lock file, the same for the same packages."""
    digest = hashlib.sha256(lock_text(place).encode()).hexdigest()
    return f"environment-{digest[:8]}.lock.txt"
