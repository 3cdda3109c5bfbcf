from __future__ import annotations

import sys
from datetime import timedelta
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import pytest

from napari_fair.headers import read_header
from napari_fair.model import Trust

OLE = bytes.fromhex("d0cf11e0a1b11ae1").ljust(600, b"\0")


class Reader:
    pass


class BioImage:
    """Answers like bioio 3: two scenes, no Z calibration."""

    scenes = ("first", "second")
    channel_names = ["DAPI", "GFP"]
    dtype = "uint16"
    physical_pixel_sizes = SimpleNamespace(Z=None, Y=0.5, X=1.0)
    time_interval = timedelta(seconds=3)
    reader = Reader()

    def __init__(self, path):
        if "refused" in str(path):
            raise ValueError("no reader")
        self.dims = SimpleNamespace(X=8, Y=6, Z=1, C=2, T=4)

    def set_scene(self, number):
        self.dims = SimpleNamespace(X=8 + number, Y=6, Z=1, C=2, T=4)


@pytest.fixture
def bioio(monkeypatch):
    module = ModuleType("bioio")
    module.__spec__ = ModuleSpec("bioio", None)
    module.BioImage = BioImage
    monkeypatch.setitem(sys.modules, "bioio", module)


@pytest.mark.usefixtures("bioio")
def test_readers_that_the_user_installed_serve_as_fallback(tmp_path, sizes, value):
    (tmp_path / "a.zvi").write_bytes(OLE)
    header = read_header(tmp_path / "a.zvi")
    assert (header.format, sizes(header)) == ("Zeiss ZVI", [(8, 6, 1, 2, 4), (9, 6, 1, 2, 4)])
    assert header.images[0].facts["image.size_x"].trust is Trust.DERIVED
    assert value(header, "image.name", 1) == "second"
    assert value(header, "channel.1.name") == "GFP"
    assert value(header, "image.physical_size_y") == 0.5
    assert value(header, "image.physical_size_x") is None
    assert value(header, "image.time_increment") == 3
    assert "which you installed" in header.warnings[0]


@pytest.mark.usefixtures("bioio")
def test_a_file_that_they_refuse_is_unknown_as_before(tmp_path):
    (tmp_path / "refused.zvi").write_bytes(OLE)
    header = read_header(tmp_path / "refused.zvi")
    assert [image.facts for image in header.images] == [{}]
    assert "not read yet" in header.warnings[0]


@pytest.mark.usefixtures("bioio")
def test_a_text_file_is_not_given_to_them(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    assert read_header(tmp_path / "notes.txt").images == ()


def test_without_bioio_nothing_changes(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "bioio", None)
    (tmp_path / "a.zvi").write_bytes(OLE)
    assert "not read yet" in read_header(tmp_path / "a.zvi").warnings[0]
