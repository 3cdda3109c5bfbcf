"""Files that results are compared with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_fair.files import FairError
from napari_fair.pixels.arrays import arrays_in
from napari_fair.provenance import script_runtime as runtime

Image = pytest.importorskip("PIL.Image")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16", "1"])
@pytest.mark.parametrize("name", ["a b#.png", "Ä.PNG"])
def test_a_picture_is_read_by_replay_as_by_a_script(tmp_path: Path, mode: str, name: str) -> None:
    values = np.arange(48, dtype="u1").reshape(4, 4, 3)
    image = Image.fromarray(values)
    if mode == "I;16":
        image = Image.fromarray(np.arange(16, dtype="u2").reshape(4, 4) * 1000)
    else:
        image = image.convert(mode)
    path = tmp_path / name
    image.save(path)
    found, same = next(iter(arrays_in(path))), next(iter(runtime.arrays_in(path)))
    assert found.shape[:2] == (4, 4)
    assert (found.dtype, found.tolist()) == (same.dtype, same.tolist())
    if mode == "I;16":
        assert found.max() == 15000


def test_a_picture_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    with pytest.raises(FairError, match=r"a\.png"):
        next(iter(arrays_in(tmp_path / "a.png")))


def test_a_picture_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("1", (400, 400)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(FairError, match=r"a\.png"):
        next(iter(arrays_in(tmp_path / "a.png")))
