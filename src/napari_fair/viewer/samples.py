"""The sample image: immunohistochemistry of the colon, from scikit-image's wheel."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from napari_fair.files import UnreadableFile

SAMPLE_NAME = "ihc.png"


def sample_path() -> Path:
    """Return the image file inside the installed scikit-image; nothing is fetched.

    Raises
    ------
    UnreadableFile
        scikit-image is not installed, or its wheel does not hold the file.
    """
    found = find_spec("skimage")
    if found is None or found.origin is None:
        raise UnreadableFile(
            "The sample 'ihc.png' comes with scikit-image, which is not installed; "
            "run `pip install scikit-image`."
        )
    path = Path(found.origin).parent / "data" / SAMPLE_NAME
    if not path.is_file():
        raise UnreadableFile(
            f"This scikit-image does not hold '{SAMPLE_NAME}'; run `pip install -U scikit-image`."
        )
    return path


def immunohistochemistry() -> list[tuple[Any, dict[str, Any], str]]:
    """Return the sample as one layer.

    Colonic glands, FHL2 protein revealed with DAB, hematoxylin counterstain: shape
    ``(512, 512, 3)``, uint8. A sample has no file of its own, so the dock treats it as a draft.
    """
    from imageio.v3 import imread

    meta = {"name": "immunohistochemistry", "rgb": True}
    return [(imread(sample_path()), meta, "image")]
