"""Readers that are not installed with the package itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


class MissingReader(Exception):
    """The package that reads a format is not installed.

    Attributes
    ----------
    package
        Its name.
    extra
        The extra of napari-fair that installs it.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(package)
        self.package = package
        self.extra = extra


def optional(package: str, extra: str) -> Any:
    """Import a package of an extra.

    Raises
    ------
    MissingReader
        If it is not installed, or cannot be imported because a part of it is not.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingReader(package, extra) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep a package's warnings about odd files from the terminal; what is wrong is reported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
