"""Where the crate of a folder went that could not be written, remembered for the next time."""

from __future__ import annotations

from pathlib import Path

import orjson
from platformdirs import user_state_path

from napari_fair.files import FairError, replace


def remember(folder: Path, crate: Path) -> None:
    """Remember the crate folder of a folder; silently not when the user's state cannot be kept."""
    places = _places()
    if places.get(str(folder)) == str(crate):
        return
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        replace(_file(), orjson.dumps({**places, str(folder): str(crate)}))
    except (FairError, OSError):
        return


def remembered(folder: Path) -> Path | None:
    """Return where the crate of a folder was written last, if it is still there."""
    place = _places().get(str(folder))
    crate = Path(place) if isinstance(place, str) else None
    return crate if crate is not None and crate.is_dir() else None


def _file() -> Path:
    return user_state_path("napari-fair", appauthor=False) / "elsewhere.json"


def _places() -> dict[str, object]:
    try:
        read = orjson.loads(_file().read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return read if isinstance(read, dict) else {}
