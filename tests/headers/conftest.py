from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from napari_fair.model import Header

_COMPARED: dict[str, dict[str, list[bool]]] = {}


class Comparison:
    """Counts, by format and kind of fact, how often we agree with the independent reader."""

    def add(self, format_: str, kind: str, agree: bool) -> None:
        _COMPARED.setdefault(format_, {}).setdefault(kind, []).append(agree)


@pytest.fixture
def comparison() -> Comparison:
    return Comparison()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the comparison with the independent reader: agreeing of compared."""
    if not _COMPARED:
        return
    terminalreporter.section("headers compared with Bio-Formats 7.3.1: agreeing of compared")
    for format_, kinds in sorted(_COMPARED.items()):
        counts = ", ".join(f"{kind} {sum(got)}/{len(got)}" for kind, got in kinds.items())
        terminalreporter.write_line(f"{format_}: {counts}")


OME = "http://www.openmicroscopy.org/Schemas/OME/2016-06"


def value_of(header: Header, path: str, image: int = 0) -> Any:
    recorded = header.images[image].facts.get(path)
    value = None if recorded is None else recorded.value
    return getattr(value, "value", value)


def sizes_of(header: Header) -> list[tuple[int | None, ...]]:
    """Sizes along X, Y, Z, C, T of every image."""
    return [
        tuple(value_of(header, f"image.size_{axis}", image.index) for axis in "xyzct")
        for image in header.images
    ]


@pytest.fixture
def value() -> Callable[..., Any]:
    return value_of


@pytest.fixture
def sizes() -> Callable[[Header], list[tuple[int | None, ...]]]:
    return sizes_of


@pytest.fixture
def pixels() -> Callable[..., str]:
    def make(inside: str = "", **attributes: str) -> str:
        held = {
            "ID": "Pixels:0",
            "DimensionOrder": "XYZCT",
            "Type": "uint16",
            "SizeX": "8",
            "SizeY": "6",
            "SizeZ": "1",
            "SizeC": "1",
            "SizeT": "1",
            **attributes,
        }
        text = " ".join(f'{name}="{value}"' for name, value in held.items() if value != "")
        return f"<Pixels {text}>{inside}</Pixels>"

    return make


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., Path]:
    """Write an OME-XML document: what is inside OME, or images around given Pixels."""

    def write(inside: str, name: str = "image.ome.xml", namespace: str = OME) -> Path:
        path = tmp_path / name
        if inside.startswith("<Pixels"):
            inside = f'<Image ID="Image:0">{inside}</Image>'
        text = f'<?xml version="1.0" encoding="UTF-8"?><OME xmlns="{namespace}">{inside}</OME>'
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., Path]:
    """Write a Zarr store's JSON files from a mapping of relative path to content."""

    def write(files: dict[str, Any], name: str = "store.zarr") -> Path:
        for relative, content in files.items():
            path = tmp_path / name / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text, encoding="utf-8")
        return tmp_path / name

    return write
