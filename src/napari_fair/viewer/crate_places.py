"""Where the images of a crate are, when the crate had to be written elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.sidecar import CrateContents


def image_folder(contents: CrateContents) -> Path:
    """Return the folder that the crate's images are in.

    A crate of ours names it when it is not its own. A network address is never followed: merely
    looking at one can hand a stranger the user's credentials.
    """
    stated = contents.source_folder
    if not (contents.ours and stated) or stated.startswith(("\\\\", "//")):
        return contents.folder
    folder = Path(stated)
    return folder if folder.is_absolute() and folder.is_dir() else contents.folder


def crate_places(crate_folder: Path) -> tuple[Path, Path | None]:
    """Return the folder of the images, and that of the crate when it is another one."""
    from napari_fair.sidecar import read_crate

    contents = read_crate(crate_folder)
    if contents is None:
        return crate_folder, None
    folder = image_folder(contents)
    return (folder, None) if folder == contents.folder else (folder, crate_folder)
