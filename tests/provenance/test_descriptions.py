from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_fair.provenance import description_of, descriptions, is_described

WIDGET = """
class Base:
    sigma = 2.5
    image = None

class Segment(Base):
    pass

class Plain:
    pass
"""
DESCRIBE = """
from described_plugin.filters import segment

def of_segment(widget):
    if widget.image is None:
        return None
    return {
        "function": segment,
        "tool": "Segment cells",
        "name": f"Cells at sigma {widget.sigma}",
        "parameters": {"sigma": widget.sigma},
        "inputs": {"image": widget.image},
    }
"""
FILTERS = "def segment(image, sigma=1.0):\n    return image > sigma\n"


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A plugin with a widget, which says what the widget does."""
    package = tmp_path / "described_plugin"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "widget.py").write_text(WIDGET)
    (package / "describe.py").write_text(DESCRIBE)
    (package / "filters.py").write_text(FILTERS)
    info = tmp_path / "described_plugin-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: described-plugin\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(
        "[napari_fair.widgets]\n"
        "described_plugin.widget.Base = described_plugin.describe:of_segment\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    descriptions._points.cache_clear()
    yield importlib.import_module("described_plugin.widget")
    descriptions._points.cache_clear()
    for name in [name for name in sys.modules if name.startswith("described_plugin")]:
        del sys.modules[name]


def rewrite(plugin: Any, source: str) -> None:
    Path(plugin.__file__).with_name("describe.py").write_text(source)


def test_a_plugin_says_what_its_widget_does(plugin: Any) -> None:
    widget = plugin.Segment()
    widget.image = np.zeros((64, 64))
    said = description_of(widget)
    assert said is not None
    assert said.tool.function == "described_plugin.filters:segment"
    assert (said.tool.name, said.tool.package) == ("Segment cells", "described-plugin")
    assert said.tool.version == "1.2"
    assert [(p.name, p.value) for p in said.parameters] == [("sigma", 2.5)]
    assert said.inputs == (("image", widget.image),)
    assert (said.name, said.gap) == ("Cells at sigma 2.5", "")


def test_a_widget_that_nobody_describes_is_left_alone(plugin: Any) -> None:
    assert description_of(plugin.Plain()) is None
    assert not is_described(plugin.Plain())
    assert is_described(plugin.Segment())
    assert "described_plugin.describe" not in sys.modules


def test_a_plugin_may_have_nothing_to_say(plugin: Any) -> None:
    assert description_of(plugin.Segment()) is None


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def of_segment(widget): raise RuntimeError('no model')", "RuntimeError: no model"),
        ("def of_segment(widget): return 3", "a description is a mapping"),
        ("def of_segment(widget): return {'run': 1}", "a description is a mapping"),
        ("def of_segment(widget): return {'function': 'os; rm'}", "does not name a function"),
        ("def of_segment(widget): return {'parameters': [1]}", "by name of the argument"),
        ("import nothing_like_this", "nothing_like_this"),
        ("", "of_segment"),
    ],
)
def test_a_plugin_that_fails_to_describe_does_not_stop_the_recorder(
    plugin: Any, source: str, reason: str
) -> None:
    rewrite(plugin, source)
    said = description_of(plugin.Segment())
    assert said is not None
    assert reason in said.gap
    assert said.tool.name == "Segment"
    assert not said.tool.function


def test_a_program_without_a_function_is_described_with_a_gap(plugin: Any) -> None:
    rewrite(
        plugin,
        "def of_segment(widget):\n"
        "    return {'tool': 'Fiji', 'version': '2.16', 'homepage': 'https://fiji.sc'}\n",
    )
    said = description_of(plugin.Segment())
    assert said is not None
    assert (said.tool.name, said.tool.version) == ("Fiji", "2.16")
    assert "no function" in said.gap


def test_a_value_that_cannot_be_written_down_is_a_gap(plugin: Any) -> None:
    rewrite(
        plugin,
        "def of_segment(widget):\n"
        "    return {'function': 'described_plugin.filters:segment',\n"
        "            'parameters': {'sigma': object(), 'kernel': list(range(5000))}}\n",
    )
    said = description_of(plugin.Segment())
    assert said is not None
    assert "sigma" in said.gap
    assert [name for name, _ in said.inputs] == ["kernel"]
