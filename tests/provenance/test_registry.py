from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from napari_fair.files import FairError
from napari_fair.provenance import registry
from napari_fair.provenance.registry import Allowed, registered_functions, resolve

MANIFEST = """\
name: my-plugin
contributions:
  commands:
  - {id: my-plugin.blur, title: Blur, python_name: "my_plugin.filters:blur"}
  - {id: my-plugin.save, title: Save, python_name: "my_plugin.io:save"}
  - {id: my-plugin.odd, title: Odd, python_name: "not a name"}
  widgets:
  - {command: my-plugin.blur, display_name: Blur}
  writers:
  - {command: my-plugin.save, layer_types: [image]}
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed plugin that would leave a mark if it were imported."""
    package = tmp_path / "my_plugin"
    package.mkdir()
    mark = f"import pathlib; pathlib.Path({str(tmp_path / 'mark')!r}).touch()"
    (package / "__init__.py").write_text(mark)
    (package / "filters.py").write_text("def blur(image):\n    return image\n")
    (package / "napari.yaml").write_text(MANIFEST)
    info = tmp_path / "my_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[napari.manifest]\nmy-plugin = my_plugin:napari.yaml\n"
        "[napari_fair.steps]\nSharpen = my_plugin.filters:sharpen\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    registry._registered.cache_clear()
    yield tmp_path
    registry._registered.cache_clear()
    for name in [name for name in sys.modules if name.startswith("my_plugin")]:
        del sys.modules[name]


def test_manifests_and_entry_points_register_functions_without_importing(plugin: Path) -> None:
    found = registered_functions()
    assert found["my_plugin.filters:blur"] == "my-plugin"
    assert found["my_plugin.filters:sharpen"] == "my-plugin"
    assert "my_plugin.io:save" not in found
    assert not (plugin / "mark").exists()
    assert metadata.version("my-plugin") == "1.0"


def test_what_is_registered_or_approved_is_found(plugin: Path) -> None:
    assert resolve("my_plugin.filters:blur", Allowed())(3) == 3
    with pytest.raises(FairError, match="not installed"):
        resolve("my_plugin.filters:sharpen", Allowed())
    with pytest.raises(FairError, match="not approved"):
        resolve("numpy:zeros", Allowed())
    assert resolve("numpy:zeros", Allowed(approved=["numpy:zeros"])) is not None


def test_the_list_to_approve_holds_each_function_once() -> None:
    allowed = Allowed({"a:b": "x"})
    named = ["a:b", "numpy:zeros", "os:system", "numpy:zeros", ""]
    assert allowed.to_approve(named) == ("numpy:zeros",)


def test_a_broken_manifest_registers_nothing(plugin: Path) -> None:
    (plugin / "my_plugin" / "napari.yaml").write_text("contributions: [")
    registry._registered.cache_clear()
    assert "my_plugin.filters:blur" not in registered_functions()
